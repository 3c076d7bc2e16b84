"""What a person has to do today, by what their mandate allows: one or two queries a block, whatever the size."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.analysis import rulebooks
from prevenance.domains.governance.analysis.coordination import coordinators_of
from prevenance.domains.governance.analysis.rulebooks import Awaited
from prevenance.domains.governance.models import ActSignature, Attendance, Council, Decision, Meeting, Minutes, Rulebook
from prevenance.domains.governance.models.councils import held_by
from prevenance.domains.governance.rules.decisions import lateness

SHOWN = 8  # lines of a block; the list behind it has the rest
SOON = timedelta(days=21)
# What the page shows: rows are wide, texts are long, and most of it would be read for nothing.
MEETING = ["title", "starts_at", "state", "council__name", "body__name"]
DECISION = [
    "year", "rank", "text", "state", "due_on", "owner_label",
    "council__name", "owner__given_name", "owner__family_name",
]  # fmt: skip
LINE = ["membership_id", "meeting__title", "meeting__starts_at", "meeting__council__name"]

State = Meeting.State


@dataclass
class Watched:
    """A council seen from the préfet's office: its last plenary, and whether anybody coordinates it."""

    council: Council
    coordinated: bool


@dataclass
class Day:
    """The blocks of a day; those that a role does not have stay empty."""

    acts: list[ActSignature] = field(default_factory=list)
    to_approve: list[Minutes] = field(default_factory=list)
    to_answer: list[Attendance] = field(default_factory=list)
    to_prepare: list[Meeting] = field(default_factory=list)
    to_finish: list[Meeting] = field(default_factory=list)
    decisions: list[tuple[Decision, str]] = field(default_factory=list)
    watched: list[Watched] = field(default_factory=list)
    to_sign: list[Rulebook] = field(default_factory=list)
    to_adopt: list[Rulebook] = field(default_factory=list)
    signatures: list[Awaited] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        return not any(vars(self).values())


def day_of(actor: Actor) -> Day:
    """Everything that awaits the actor: at most eleven queries."""
    day = Day(to_answer=convocations_to_answer(actor), decisions=decisions_due(actor), to_sign=texts_to_sign(actor))
    if actor.can("hold_council"):
        day.to_prepare, day.to_finish = meetings_of(actor)
        day.to_adopt, day.signatures = rulebooks.on_their_way(actor)
    if actor.can("approve"):
        day.to_approve = minutes_to_approve(actor)
        day.acts = acts_to_sign(actor)
    if actor.can("oversee"):
        day.watched = councils_by_last_plenary(actor)
    return day


def meetings_of(actor: Actor) -> tuple[list[Meeting], list[Meeting]]:
    """Meetings of one's councils: those that have not taken place yet, the nearest first, and those held whose minutes
    are not approved, the oldest first; `draft` is their minutes' id, if any. One query for both."""
    meetings = Meeting.objects.visible_to(actor).filter(held_by(actor)).select_related("council", "body")
    meetings = meetings.only(*MEETING)
    # Minutes of a meeting held are its one draft, or none yet, so that the join adds no row.
    meetings = meetings.annotate(draft=F("minutes")).order_by("starts_at", "pk")
    coming, held = meetings.filter(state__in=[State.DRAFT, State.CONVENED]), meetings.filter(state=State.HELD)
    found = sorted(coming[:SHOWN].union(held[:SHOWN]), key=lambda meeting: (meeting.starts_at, meeting.pk))
    return (
        [meeting for meeting in found if meeting.state != State.HELD],
        [meeting for meeting in found if meeting.state == State.HELD],
    )


def minutes_to_approve(actor: Actor) -> list[Minutes]:
    """Drafts of meetings held, which await whoever chairs."""
    drafts = Minutes.objects.visible_to(actor).filter(
        held_by(actor, path="meeting__council"), approved_at=None, meeting__state__in=[State.HELD, State.APPROVED]
    )
    return list(drafts.select_related("meeting__council").order_by("meeting__starts_at", "pk")[:SHOWN])


def acts_to_sign(actor: Actor) -> list[ActSignature]:
    """Signatures awaited from the actor's own scope, the act transmitted first; a delegate signs no delegation."""
    awaited = ActSignature.objects.filter(
        scope_id=actor.scope_id, signed_on=None, act__signed_on=None, act__submitted_at__isnull=False
    )
    if actor.is_delegate:
        awaited = awaited.filter(personal=False)
    return list(awaited.select_related("act__council", "act__scope").order_by("act__submitted_at", "pk")[:SHOWN])


def decisions_due(actor: Actor) -> list[tuple[Decision, str]]:
    """Decisions late or due soon: of one's councils for those who hold them, one's own for everyone."""
    today = timezone.localdate()
    decisions = Decision.objects.visible_to(actor).open().followed().filter(due_on__lte=today + SOON)
    if actor.can("hold_council"):
        decisions = decisions.filter(held_by(actor))
    else:
        decisions = decisions.filter(owner_id=actor.person_id)
    rows = decisions.select_related("council", "owner").only(*DECISION).order_by("due_on", "pk")[:SHOWN]
    return [(decision, lateness(decision, today)) for decision in rows]


def convocations_to_answer(actor: Actor) -> list[Attendance]:
    """Convocations of the person that have no answer yet."""
    lines = Attendance.objects.visible_to(actor).filter(
        membership__person_id=actor.person_id,
        answer="",
        meeting__state=State.CONVENED,
        meeting__ends_at__gt=timezone.now(),
    )
    return list(lines.select_related("meeting__council").only(*LINE).order_by("meeting__starts_at", "pk")[:SHOWN])


def texts_to_sign(actor: Actor) -> list[Rulebook]:
    """Texts in force of the groups that the person sits in, which they have neither signed nor refused."""
    return rulebooks.to_sign(actor.person_id, Rulebook.objects.proposed_to(actor))[:SHOWN] if actor.person_id else []


def councils_by_last_plenary(actor: Actor) -> list[Watched]:
    """Living councils in reach, those that have not met for longest first, and whether each has a coordinator."""
    councils = list(
        Council.objects.visible_to(actor)
        .filter(ended_on=None)
        .only("name", "last_plenary_on", "scope_id")
        .order_by(F("last_plenary_on").asc(nulls_first=True), "sort_name", "pk")[: 2 * SHOWN]
    )
    coordinated = {scope for scope, _name in coordinators_of(council.scope_id for council in councils)}
    return [Watched(council, council.scope_id in coordinated) for council in councils]
