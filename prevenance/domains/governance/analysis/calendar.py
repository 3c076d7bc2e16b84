"""What the calendar of a year is proposed from: last year's meetings, rhythms, the law, days off."""

from collections import defaultdict
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone

from prevenance.core.composed import composed
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.models import Body, Council, Meeting
from prevenance.domains.governance.rules.calendar import Slot, propose, public_holidays
from prevenance.domains.governance.rules.kinds import with_plenary
from prevenance.domains.governance.rules.law import plenary_months

SLOT = ["body_id", "title", "starts_at", "ends_at", "place"]
LONGEST = 24  # proposals of one body: a group that met more often plans by itself


def year_to_plan(today: date) -> int:
    """The present year until September, then the next one."""
    return today.year + 1 if today.month >= 9 else today.year


def slot_of(meeting: Meeting) -> Slot:
    start, end = timezone.localtime(meeting.starts_at), timezone.localtime(meeting.ends_at)
    return Slot(meeting.body_id, meeting.title, start.date(), start.time(), end.time(), meeting.place)


def usual(council: Council, body: int | None) -> dict[str, object]:
    """Where and at what hours a body last met, the plenary unless told: what the form of the next meeting proposes."""
    meetings = Meeting.objects.filter(council=council).exclude(state=Meeting.State.CANCELLED).order_by("-starts_at")
    chosen = meetings.filter(body=body) if body else meetings.filter(body__kind__in=Body.MAIN)
    last = chosen.first()
    if last is None:
        return {"body": body} if body else {}
    slot = slot_of(last)
    return {"body": slot.body, "start": slot.start, "end": slot.end, "place": slot.place}


def proposed_year(council: Council, year: int) -> list[tuple[Body, list[Slot]]]:
    """(body, proposals) of each body still open, in three queries whatever their number."""
    bodies = _bodies(council.pk, date(year, 1, 1))
    met: dict[int, list[Slot]] = defaultdict(list)
    known: dict[int, list[date]] = defaultdict(list)
    first, last = (timezone.make_aware(datetime(day, 1, 1)) for day in (year - 1, year + 1))
    for meeting in _held(council.pk, first, last):
        slot = slot_of(meeting)
        if slot.day.year == year:
            known[slot.body].append(slot.day)
        else:
            met[slot.body].append(slot)
    codes = _codes(council)
    off = public_holidays(codes, year)
    proposals, lawful = [], council.kind in with_plenary()
    for body in bodies:
        asked = 12 // plenary_months(date(year, 1, 1)) if body.kind in Body.MAIN and lawful else 0
        count = min(LONGEST, max(asked, body.meetings_per_year or len(met[body.pk])))
        last = [Slot(s.body, _renamed(s.title, year), s.day, s.start, s.end, s.place) for s in met[body.pk]][:count]
        proposals.append((body, propose(body.pk, body.name, year, count, last=last, known=known[body.pk], off=off)))
    return proposals


@composed
def open_bodies(actor: Actor, council: int) -> QuerySet[Body]:
    bodies: QuerySet[Body] = Body.objects.visible_to(actor).filter(council=council).open()
    return bodies


@composed
def _bodies(council: int, on: date) -> QuerySet[Body]:
    return Body.objects.filter(council=council).open(on).order_by("pk")


@composed
def _held(council: int, since: datetime, before: datetime) -> QuerySet[Meeting]:
    meetings = Meeting.objects.filter(council=council, starts_at__gte=since, starts_at__lt=before)
    return meetings.exclude(state=Meeting.State.CANCELLED).only(*SLOT)


def _codes(council: Council) -> list[str]:
    """Codes that say where the council is: its own, or those of the départements of an intercommunal one."""
    territory = council.territory
    if territory.kind in ("commune", "departement"):
        return [territory.code]
    containers = territory.containers.filter(container__kind="departement")
    return list(containers.values_list("container__code", flat=True))


def _renamed(title: str, year: int) -> str:
    """« Plénière de 2026 » becomes « Plénière de 2027 »."""
    return title.replace(str(year - 1), str(year))
