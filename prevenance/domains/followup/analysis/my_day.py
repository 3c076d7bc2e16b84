"""What follow-ups ask of a person today, by file numbers and counts alone: one query, whoever they are.

Nothing here says who weighs more than another: a day is told, and lines are in the order of days to come.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from prevenance.domains.accounts.acting import Actor
from prevenance.domains.followup.models import (
    Contact,
    Duration,
    FollowUp,
    Involvement,
    RightsRequest,
    Step,
    opened,
)
from prevenance.domains.followup.rules.work import FOLLOWS
from prevenance.domains.governance.models import AgendaItem, Body, Meeting

SHOWN = 8  # lines of a block; the list behind it has the rest
SOON = timedelta(days=14)
MOST = 200  # parts that one person takes: more than anybody follows


@dataclass(frozen=True)
class Mine:
    """A file in which one takes part: its last contact, the next step expected of oneself, the meeting to hear of it."""

    file: FollowUp
    last_contact: date | None
    step_on: date | None
    meeting: int | None
    meeting_on: date | None
    ends_on: date | None

    @property
    def following(self) -> date:
        return min(filter(None, (self.step_on, self.meeting_on)), default=date.max)


@dataclass(frozen=True)
class Group:
    """Counts of a group that one coordinates."""

    body: Body
    to_review: int
    alone: int
    requests: int

    @property
    def nothing(self) -> bool:
        return not (self.to_review or self.alone or self.requests)


@dataclass
class FilesDay:
    mine: list[Mine] = field(default_factory=list)
    more: int = 0
    proposed: list[Involvement] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        return not (self.mine or self.proposed or self.groups)


def files_of_the_day(actor: Actor) -> FilesDay:
    """Of whoever takes part in files, or of whoever coordinates groups. A mayor follows nobody: theirs are registers."""
    if not actor.person_id or not actor.can("see_files") or actor.can("hold_register"):
        return FilesDay()
    if actor.can("hold_files"):
        return FilesDay(groups=[group for group in groups_of(actor) if not group.nothing])
    parts = list(parts_of(actor)[:MOST])
    day = FilesDay(proposed=[part for part in parts if part.accepted_at is None])
    mine = {part.followup_id: told(part) for part in parts if part.accepted_at is not None}
    lines = sorted(mine.values(), key=lambda one: (one.following, one.file.number, one.file.pk))
    day.mine, day.more = lines[:SHOWN], max(0, len(lines) - SHOWN)
    return day


def parts_of(actor: Actor) -> QuerySet[Involvement]:
    """Parts taken today in running files, the widest last, and those proposed; with what the day says of each file."""
    today = timezone.localdate()
    contacts = Contact.objects.filter(followup=OuterRef("followup_id")).order_by("-day")
    carried = Q(carried_by_id=actor.person_id) | Q(carried_by=None, followup__in=following(actor))
    steps = Step.objects.filter(carried, followup=OuterRef("followup_id"), done_on=None, goal__ended_on=None)
    steps = steps.order_by().values("followup_id").annotate(first=Min("due_on"))
    heard = AgendaItem.objects.filter(
        file_number=OuterRef("followup__number"), meeting__body=OuterRef("body_id"),
        meeting__state=Meeting.State.CONVENED, meeting__ends_at__gte=timezone.now(),
    ).order_by("meeting__starts_at")  # fmt: skip
    notice = Duration.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=today), what="purge_notice", unit=Duration.Unit.DAYS, valid_from__lte=today
    )
    waiting = Q(accepted_at=None, declined_at=None)
    now = Q(accepted_at__isnull=False, valid_from__lte=today) & (Q(valid_to=None) | Q(valid_to__gte=today))
    rows = Involvement.objects.filter(opened(actor), waiting | now, person_id=actor.person_id, followup__closed_on=None)
    return (
        rows.annotate(
            last_contact=Subquery(contacts.values("day")[:1]),
            step_on=Subquery(steps.values("first")[:1]),
            heard=Subquery(heard.values(said=JSONObject(pk="meeting_id", at="meeting__starts_at"))[:1]),
            notice=Subquery(notice.order_by("-valid_from").values("amount")[:1]),
        )
        .select_related("followup", "body")
        .only("kind", "accepted_at", "followup__number", "followup__purge_on", "followup__body_id", "body__name")
        .order_by("pk")
    )


def following(actor: Actor) -> QuerySet[Involvement, int]:
    """Files that the actor follows or covers: a step that nobody carries is theirs to look after."""
    rows = Involvement.objects.filter(person_id=actor.person_id, kind__in=FOLLOWS).current()
    return rows.order_by().values_list("followup_id", flat=True)


def told(part: Involvement) -> Mine:
    at = parse_datetime(part.heard["at"]) if part.heard else None
    ends = part.notice is not None and part.followup.purge_on <= timezone.localdate() + timedelta(days=part.notice)
    return Mine(
        file=part.followup,
        last_contact=part.last_contact,
        step_on=part.step_on,
        meeting=part.heard["pk"] if part.heard else None,
        meeting_on=timezone.localtime(at).date() if at else None,
        ends_on=part.followup.purge_on if ends else None,
    )


def groups_of(actor: Actor) -> list[Group]:
    """Counts of each group whose files the actor opens: points due, files that nobody follows, requests to answer."""
    today = timezone.localdate()
    files = FollowUp.objects.filter(body=OuterRef("pk"), closed_on=None).order_by().values("body_id")
    due = files.filter(next_review_on__lte=today).annotate(number=Count("pk")).values("number")
    referent = Involvement.objects.filter(followup=OuterRef("pk"), kind=Involvement.Kind.REFERENT, valid_to=None)
    alone = files.filter(~Exists(referent.current())).annotate(number=Count("pk")).values("number")
    asked = RightsRequest.objects.filter(body=OuterRef("pk"), answered_on=None, due_on__lte=today + SOON)
    asked = asked.order_by().values("body_id").annotate(number=Count("pk")).values("number")
    bodies = Body.objects.filter(opened(actor, "pk")).annotate(
        to_review=Subquery(due), alone=Subquery(alone), requests=Subquery(asked)
    )
    rows = bodies.only("name").order_by(F("name"), "pk")
    return [Group(body, body.to_review or 0, body.alone or 0, body.requests or 0) for body in rows]
