"""The meetings of a year, prepared in one go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.models import Body, Council, Meeting
from prevenance.domains.governance.rules import bodies
from prevenance.domains.governance.rules import meetings as rules
from prevenance.domains.governance.rules.confidential import check_body_names_nobody
from prevenance.domains.governance.rules.councils import check_can_hold


@dataclass(frozen=True)
class Planned:
    body: Body
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str


@action(_("Calendrier de l’année préparé"))
def plan_year(*, council: Council, planned: Sequence[Planned], by: Actor) -> int:
    """Open a draft for each meeting planned. How many were: a body that already meets that day is left as it is.

    Sent twice, by two clicks or by two people, it opens each meeting once: the council's row is held meanwhile.
    """
    council = Council.objects.select_for_update(of=("self",)).select_related("scope").get(pk=council.pk)
    check_can_hold(council, by)
    there = {
        (body, timezone.localtime(at).date())
        for body, at in Meeting.objects.filter(council=council)
        .exclude(state=Meeting.State.CANCELLED)
        .values_list("body_id", "starts_at")
    }
    new = []
    for line in planned:
        bodies.check_is_of(line.body, council)
        bodies.check_can_change_body(line.body, by)
        rules.check_dates(line.starts_at, line.ends_at)
        check_body_names_nobody(line.body, line.title, line.place)
        key = (line.body.pk, timezone.localtime(line.starts_at).date())
        if key not in there:
            there.add(key)
            new.append(
                Meeting(
                    council=council, body=line.body, title=line.title, starts_at=line.starts_at,
                    ends_at=line.ends_at, place=line.place,
                )
            )  # fmt: skip
    Meeting.objects.bulk_create(new)
    audit.record(by=by, scope=council.scope_id, subject=council, meetings=len(new))
    return len(new)
