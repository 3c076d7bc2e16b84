"""Points proposed to a body, and what a text asks of its agenda once a year."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

import yaml
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from prevenance.core.composed import composed
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.models import AgendaItem, AgendaProposal, Body, Meeting
from prevenance.domains.governance.rules.councils import Stale, check_can_hold
from prevenance.domains.governance.rules.meetings import day_of


def check_can_propose(body: Body, actor: Actor) -> None:
    """Under any mandate: what may be proposed, and to whom, is the rule of the action that proposes."""
    if not actor.signed_in:
        raise Refused(_("Connectez-vous pour proposer un point."))
    if body.council.ended_on is not None:
        raise Refused(_("Ce conseil est dissous : rien ne peut lui être proposé."))
    if body.closed_on is not None:
        raise Refused(_("Ce groupe est fermé : rien ne peut lui être proposé."))


def check_can_dismiss(proposal: AgendaProposal, actor: Actor) -> None:
    check_can_hold(proposal.body.council, actor)
    if proposal.state == AgendaProposal.State.TAKEN:
        raise Stale(_("Cette proposition est déjà à l’ordre du jour d’une réunion."))
    if proposal.state == AgendaProposal.State.DISMISSED:
        raise Stale(_("Cette proposition est déjà écartée."))


@dataclass(frozen=True)
class YearlyItem:
    """A point that a text asks for once a year. Fields are described at the head of the data file."""

    key: str
    councils: tuple[str, ...]
    bodies: tuple[str, ...]
    kind: str
    title: str
    minutes: int
    article: str
    valid_from: date
    valid_to: date | None
    source: str

    def holds_on(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@cache
def every_yearly_item() -> tuple[YearlyItem, ...]:
    """All records of data/governance/yearly_items.yaml."""
    text = (settings.DATA / "governance" / "yearly_items.yaml").read_text(encoding="utf-8")
    lines: list[dict[str, Any]] = yaml.safe_load(text)
    return tuple(
        YearlyItem(**line | {"councils": tuple(line["councils"]), "bodies": tuple(line["bodies"])}) for line in lines
    )


def yearly_items(meeting: Meeting) -> list[YearlyItem]:
    """What a text asks of this body that no meeting of the council of the same civil year has on its agenda."""
    day = day_of(meeting)
    asked = [
        item
        for item in every_yearly_item()
        if meeting.council.kind in item.councils and meeting.body.kind in item.bodies and item.holds_on(day)
    ]
    if not asked:
        return []
    year = [timezone.make_aware(datetime(day.year + more, 1, 1)) for more in (0, 1)]
    done = law_on_agendas(meeting.council_id, *year, keys=tuple(item.key for item in asked))
    return [item for item in asked if item.key not in done]


@composed
def law_on_agendas(council: int, since: datetime, before: datetime, *, keys: tuple[str, ...]) -> Any:
    """Which of `keys` agendas of the council have, of meetings from a moment to another."""
    there = AgendaItem.objects.filter(
        meeting__council=council, meeting__starts_at__gte=since, meeting__starts_at__lt=before, law_key__in=keys
    )
    return there.exclude(meeting__state=Meeting.State.CANCELLED).values_list("law_key", flat=True)
