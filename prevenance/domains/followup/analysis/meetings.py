"""Meetings of a group as its files see them: points about a file, which were noted, which files are to be put there."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from prevenance.domains.accounts.acting import Actor
from prevenance.domains.followup.models import FollowUp, Involvement, Review, opened
from prevenance.domains.governance.models import AgendaItem, Meeting
from prevenance.domains.governance.rules.meetings import day_of

SHOWN = 5  # meetings beside a file


def group_meetings(actor: Actor) -> QuerySet[Meeting]:
    """Meetings of the groups whose files the actor opens, that they see, and that are not called off."""
    found: QuerySet[Meeting] = Meeting.objects.visible_to(actor).filter(opened(actor), body__nominative=True)
    return found.exclude(state=Meeting.State.CANCELLED).select_related("body__council", "council__scope")


def with_counts(meetings: QuerySet[Meeting]) -> QuerySet[Meeting]:
    """`points`: how many points of each are about a file."""
    return meetings.annotate(points=Count("items", filter=~Q(items__file_number="")))


def speaking_of(followup: FollowUp, actor: Actor) -> list[Meeting]:
    """The last meetings that have the file on their agenda, the nearest to come first."""
    about = AgendaItem.objects.filter(meeting=OuterRef("pk"), file_number=followup.number)
    found = group_meetings(actor).filter(Exists(about), body=followup.body_id)
    return list(found.order_by("-starts_at", "-pk")[:SHOWN])


@dataclass
class Point:
    """A point about a file. `file` is None for whoever may not read it: its number was said, no more."""

    number: str
    file: FollowUp | None
    referent: str
    noted: bool


def points_of(meeting: Meeting, actor: Actor) -> list[Point]:
    """Points of a meeting about files, in the order of its agenda: four queries whatever their number."""
    numbers = list(meeting.items.exclude(file_number="").values_list("file_number", flat=True))
    files = FollowUp.objects.visible_to(actor).filter(body=meeting.body_id, number__in=numbers)
    found = {file.number: file for file in files}
    pks = [file.pk for file in found.values()]
    noted = set(
        Review.objects.visible_to(actor).filter(meeting=meeting, followup__in=pks).values_list("followup_id", flat=True)
    )
    kind = Involvement.Kind.REFERENT
    referents = Involvement.objects.visible_to(actor).filter(followup__in=pks, kind=kind).current()
    names = {part.followup_id: part.person.name for part in referents.select_related("person")}
    points = []
    for number in dict.fromkeys(numbers):
        file = found.get(number)
        points.append(Point(number, file, names.get(file.pk, "") if file else "", bool(file and file.pk in noted)))
    return points


def to_list(meeting: Meeting, actor: Actor) -> list[tuple[FollowUp, bool]]:
    """Running files of the group that the agenda does not have, and whether their point is due by then."""
    there = meeting.items.exclude(file_number="").values("file_number")
    files = FollowUp.objects.visible_to(actor).open().filter(body=meeting.body_id).exclude(number__in=there)
    day: date = day_of(meeting)
    return [(file, file.next_review_on is None or file.next_review_on <= day) for file in files.order_by("number")]


def next_meeting(meeting: Meeting, actor: Actor) -> date | None:
    """The day of the group's next meeting that is planned: what a next point is offered at first."""
    after = group_meetings(actor).filter(body=meeting.body_id, starts_at__gt=meeting.starts_at)
    following = after.order_by("starts_at").first()
    return day_of(following) if following else None
