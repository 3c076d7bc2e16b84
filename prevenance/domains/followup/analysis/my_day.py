"""What follow-ups ask of a person today, by file numbers and counts alone: one query for whoever coordinates, two for
whoever follows.

Nothing here says who weighs more than another: a day is told, and lines are in the order of days to come.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from prevenance.core.composed import composed, prepared
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.followup.analysis.deadlines import Due, Group, Silent, waiting
from prevenance.domains.followup.models import (
    Contact,
    Duration,
    FollowUp,
    Involvement,
    Step,
    opened,
)
from prevenance.domains.followup.rules.work import FOLLOWS
from prevenance.domains.governance.models import AgendaItem, Meeting

SHOWN = 8  # lines of a block; the list behind it has the rest
MOST = 200  # parts that one person takes: more than anybody follows
PART = ["pk", "kind", "accepted_at", "followup_id", "followup__number", "followup__purge_on", "body__name"]

# Rows and not models: what the page does not show would be made for nothing.
Row = dict[str, Any]


@dataclass(frozen=True)
class Mine:
    """A file in which one takes part: its last contact, the next step expected of oneself, its next meeting."""

    file: FollowUp
    last_contact: date | None
    step_on: date | None
    meeting: int | None
    meeting_on: date | None
    ends_on: date | None


@dataclass(frozen=True)
class Proposed:
    """A part that waits for one's answer."""

    pk: int
    file: FollowUp
    kind: str
    body: str


@dataclass
class FilesDay:
    mine: list[Mine] = field(default_factory=list)
    more: int = 0
    proposed: list[Proposed] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    due: list[Due] = field(default_factory=list)
    silent: list[Silent] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        return not (self.mine or self.proposed or self.groups or self.due or self.silent)


def files_of_the_day(actor: Actor) -> FilesDay:
    """Of whoever takes part in files, coordinates groups, or turns people to services. A mayor follows nobody: theirs
    are registers."""
    if not actor.person_id or actor.can("hold_register"):
        return FilesDay()
    asked = waiting(actor)
    if not actor.can("see_files"):
        return FilesDay(silent=asked.silent)
    if actor.can("hold_files"):
        held = [group for group in asked.groups if not group.nothing]
        return FilesDay(groups=held, due=asked.due, silent=asked.silent)
    today = timezone.localdate()
    rows = parts_of(actor, today, timezone.now())
    taken = {row["followup_id"]: row for row in rows if row["accepted_at"] is not None}
    lines = sorted(taken.values(), key=lambda row: (following_day(row), row["followup__number"], row["followup_id"]))
    return FilesDay(
        mine=[told(row, today) for row in lines[:SHOWN]],
        more=max(0, len(lines) - SHOWN),
        proposed=[
            Proposed(row["pk"], file_in(row), str(Involvement.Kind(row["kind"]).label), row["body__name"])
            for row in rows
            if row["accepted_at"] is None
        ],
        due=asked.due,
        silent=asked.silent,
    )


@prepared
@composed
def parts_of(actor: Actor, today: date, now: datetime) -> Any:
    """Parts taken today in running files, and those proposed; with what the day says of each file."""
    contacts = Contact.objects.filter(followup=OuterRef("followup_id")).order_by("-day")
    carried = Q(carried_by_id=actor.person_id) | Q(carried_by=None, followup__in=following(actor))
    steps = Step.objects.filter(carried, followup=OuterRef("followup_id"), done_on=None, goal__ended_on=None)
    steps = steps.order_by().values("followup_id").annotate(first=Min("due_on"))
    heard = AgendaItem.objects.filter(
        file_number=OuterRef("followup__number"), meeting__body=OuterRef("body_id"),
        meeting__state=Meeting.State.CONVENED, meeting__ends_at__gte=now,
    ).order_by("meeting__starts_at")  # fmt: skip
    notice = Duration.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=today), what="purge_notice", unit=Duration.Unit.DAYS, valid_from__lte=today
    )
    waiting = Q(accepted_at=None, declined_at=None)
    taken = Q(accepted_at__isnull=False, valid_from__lte=today) & (Q(valid_to=None) | Q(valid_to__gte=today))
    rows = Involvement.objects.filter(
        opened(actor), waiting | taken, person_id=actor.person_id, followup__closed_on=None
    )
    return (
        rows.annotate(
            last_contact=Subquery(contacts.values("day")[:1]),
            step_on=Subquery(steps.values("first")[:1]),
            heard=Subquery(heard.values(said=JSONObject(pk="meeting_id", at="meeting__starts_at"))[:1]),
            notice=Subquery(notice.order_by("-valid_from").values("amount")[:1]),
        )
        .order_by("pk")
        .values(*PART, "last_contact", "step_on", "heard", "notice")[:MOST]
    )


def following(actor: Actor) -> QuerySet[Involvement, int]:
    """Files that the actor follows or covers: a step that nobody carries is theirs to look after."""
    rows = Involvement.objects.filter(person_id=actor.person_id, kind__in=FOLLOWS).current()
    return rows.order_by().values_list("followup_id", flat=True)


def file_in(row: Row) -> FollowUp:
    """The file of a row, with what a line says of it."""
    return FollowUp(pk=row["followup_id"], number=row["followup__number"])


def meeting_day(row: Row) -> date | None:
    at = parse_datetime(row["heard"]["at"]) if row["heard"] else None
    return timezone.localtime(at).date() if at else None


def following_day(row: Row) -> date:
    """The first day to come of a file; those without one come last."""
    return min(filter(None, (row["step_on"], meeting_day(row))), default=date.max)


def told(row: Row, today: date) -> Mine:
    ends = row["notice"] is not None and row["followup__purge_on"] <= today + timedelta(days=row["notice"])
    return Mine(
        file=file_in(row),
        last_contact=row["last_contact"],
        step_on=row["step_on"],
        meeting=row["heard"]["pk"] if row["heard"] else None,
        meeting_on=meeting_day(row),
        ends_on=row["followup__purge_on"] if ends else None,
    )
