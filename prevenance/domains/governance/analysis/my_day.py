"""What a person has to do today, by what their mandate allows: one or two queries a block, whatever the size."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Count, F, FilteredRelation, Q
from django.utils import timezone

from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.analysis import rulebooks
from prevenance.domains.governance.analysis.rulebooks import Awaited
from prevenance.domains.governance.models import ActSignature, Attendance, Council, Decision, Meeting, Minutes, Rulebook
from prevenance.domains.governance.models.councils import held_by
from prevenance.domains.governance.rules.decisions import lateness
from prevenance.domains.governance.rules.kinds import with_plenary

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
    """Everything that awaits the actor: at most eight queries."""
    day = Day(to_answer=convocations_to_answer(actor), decisions=decisions_due(actor), to_sign=texts_to_sign(actor))
    if actor.can("hold_council"):
        day.to_prepare, day.to_finish, day.to_approve = meetings_of(actor)
        day.to_adopt, day.signatures = rulebooks.on_their_way(actor)
    if actor.can("approve"):
        day.acts = acts_to_sign(actor)
    if actor.can("oversee"):
        day.watched = councils_by_last_plenary(actor)
    return day


def meetings_of(actor: Actor) -> tuple[list[Meeting], list[Meeting], list[Minutes]]:
    """Of one's councils: meetings that have not taken place yet, the nearest first; those held whose minutes are not
    approved, the oldest first; and, for whoever chairs, the minutes in draft, corrections included. One query.

    `draft` is the id of a meeting's minutes not approved yet, if any: it has one at most.
    """
    drafted = FilteredRelation("minutes", condition=Q(minutes__approved_at=None))
    meetings = Meeting.objects.visible_to(actor).filter(held_by(actor)).select_related("council", "body")
    meetings = meetings.only(*MEETING).alias(drafted=drafted).annotate(draft=F("drafted")).order_by("starts_at", "pk")
    coming, held = meetings.filter(state__in=[State.DRAFT, State.CONVENED]), meetings.filter(state=State.HELD)
    arms = [held[:SHOWN]]
    if actor.can("approve"):
        arms.append(meetings.filter(state=State.APPROVED, draft__isnull=False)[:SHOWN])
    found = sorted(coming[:SHOWN].union(*arms), key=lambda meeting: (meeting.starts_at, meeting.pk))
    to_approve = [Minutes(pk=meeting.draft, meeting=meeting) for meeting in found if meeting.draft]
    return (
        [meeting for meeting in found if meeting.state in (State.DRAFT, State.CONVENED)],
        [meeting for meeting in found if meeting.state == State.HELD],
        to_approve if actor.can("approve") else [],
    )


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
    today, mandate = timezone.localdate(), "scope__mandates__"
    in_force = Q(**{mandate + "valid_to": None}) | Q(**{mandate + "valid_to__gte": today})
    coordination = FilteredRelation(
        "scope__mandates",
        condition=Q(
            in_force,
            **{mandate + "role": "coordinator", mandate + "withdrawn_at": None, mandate + "valid_from__lte": today},
        ),
    )
    councils = (
        Council.objects.visible_to(actor)
        .filter(ended_on=None, kind__in=with_plenary())
        .only("name", "last_plenary_on")
        .alias(coordination=coordination)
        .annotate(coordinators=Count("coordination"))
        .order_by(F("last_plenary_on").asc(nulls_first=True), "sort_name", "pk")[: 2 * SHOWN]
    )
    return [Watched(council, council.coordinators > 0) for council in councils]
