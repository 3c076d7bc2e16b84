"""Members of a group as those who may follow somebody: who opens its files, who is naturally proposed."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml
from django.conf import settings

from prevenance.domains.followup.models import FollowUp
from prevenance.domains.followup.rules import clocks
from prevenance.domains.followup.rules.files import opening
from prevenance.domains.governance.models import Body, Membership

MINOR_BANDS = ("0-12", "13-15", "16-17")


@dataclass(frozen=True)
class Member:
    """A seat of the group; `natural` when the strategy proposes such a member first, `opens` once all is signed."""

    seat: Membership
    natural: bool = False
    opens: bool = False

    @property
    def said(self) -> str:
        """« Camille Exemple, éducatrice (Association inventée) »."""
        title = f", {self.seat.title}" if self.seat.title else ""
        organisation = f" ({self.seat.organisation.name})" if self.seat.organisation else ""
        return f"{self.seat.person.name}{title}{organisation}"


@cache
def proposals() -> list[dict[str, Any]]:
    text = (settings.DATA / "followup" / "referents.yaml").read_text(encoding="utf-8")
    lines: list[dict[str, Any]] = yaml.safe_load(text)["natural"]
    return lines


def natural(followup: FollowUp) -> dict[str, Any]:
    """What the strategy proposes for the category and age of a file; {} where it says nothing."""
    minor = clocks.band_today(followup) in MINOR_BANDS
    fitting = (line for line in proposals() if followup.category in line["categories"])
    return next((line for line in fitting if line.get("minor", minor) == minor), {})


def members(body: Body, followup: FollowUp | None = None) -> list[Member]:
    """Present members of the group, those naturally proposed first, then in the order of names. Two queries."""
    seats = Membership.objects.filter(body=body).current().select_related("person", "organisation")
    seats = list(seats.order_by("person__sort_name", "pk"))
    kinds = natural(followup).get("kinds", ()) if followup else ()
    may = opening(body.pk, [seat.person_id for seat in seats])
    found = [
        Member(seat, bool(seat.organisation and seat.organisation.kind in kinds), seat.person_id in may)
        for seat in seats
    ]
    return sorted(found, key=lambda member: not member.natural)
