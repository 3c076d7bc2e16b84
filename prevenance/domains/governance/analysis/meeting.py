"""What the page of a meeting shows, each list by one query.

Rows rather than models, of which a plenary of forty members made two hundred. The meeting is one that the actor was
found to see; `held`: the actor prepares for its council.
"""

from typing import Any

from django.db.models import Count, Q, QuerySet

from prevenance.core.composed import composed
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.models import AgendaItem, Attendance, Decision, Minutes

ITEM = ["pk", "kind", "title", "presenter", "minutes", "documents__key", "documents__name", "documents__shared"]
LINE = [
    "pk", "guest", "sent_at", "answer", "presence", "membership_id", "membership__title", "membership__person_id",
    "membership__person__given_name", "membership__person__family_name", "membership__organisation__name",
    "membership__alternate_of_id",
]  # fmt: skip
VERSION = ["version", "opening", "correction_reason", "approved_at", "approved_by__given_name",
           "approved_by__family_name"]  # fmt: skip
DECISION = ["year", "rank", "text", "state", "due_on", "owner_label", "owner__given_name",
            "owner__family_name"]  # fmt: skip


@composed
def points_of(meeting: int) -> Any:
    """Points of the agenda in order, a row for each of their documents, the last one first."""
    points = AgendaItem.objects.filter(meeting=meeting)
    return points.order_by("position", "pk", "-documents__added_at", "-documents__pk").values(*ITEM)


@composed
def lines_of(actor: Actor, meeting: int, *, held: bool) -> Any:
    """Those convened, with their answers; for a member, their own."""
    return Attendance.objects.of_meeting(meeting, actor, held=held).values(*LINE)


@composed
def versions_of(meeting: int, *, held: bool) -> QuerySet[Minutes]:
    """Versions of the minutes, each with `written`: how many points have a text."""
    versions: QuerySet[Minutes] = Minutes.objects.of_meeting(meeting, held=held).select_related("approved_by")
    return versions.only(*VERSION).annotate(written=Count("sections", filter=~Q(sections__text="")))


@composed
def decisions_of(meeting: int, *, held: bool) -> QuerySet[Decision]:
    decisions: QuerySet[Decision] = Decision.objects.of_meeting(meeting, held=held).select_related("owner")
    return decisions.only(*DECISION).order_by("rank", "pk")
