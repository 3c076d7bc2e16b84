"""What a person has to do today, by what their mandate allows: one or two queries a block, whatever the size."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from operator import itemgetter
from typing import Any

from django.db.models import Count, F, FilteredRelation, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from prevenance.core.composed import composed
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Scope
from prevenance.domains.governance.analysis import rulebooks
from prevenance.domains.governance.analysis.rulebooks import Awaited
from prevenance.domains.governance.models import Act, ActSignature, Attendance, Council, Decision, Meeting, Rulebook
from prevenance.domains.governance.rules.decisions import lateness
from prevenance.domains.governance.rules.kinds import with_plenary

SHOWN = 8  # lines of a block; the list behind it has the rest
SOON = timedelta(days=21)
# What the page shows: rows are wide, texts are long, and most of it would be read for nothing.
COUNCIL = ["pk", "name", "sort_name", "kind", "scope_id", "scope__holder_id", "ended_on", "last_plenary_on"]
MEETING = ["council_id", "title", "starts_at", "state", "body__name"]
DECISION = [
    "year", "rank", "text", "state", "due_on", "owner_label", "council_id", "owner__given_name", "owner__family_name",
]  # fmt: skip
LINE = ["membership_id", "meeting__title", "meeting__starts_at", "meeting__council_id"]

State = Meeting.State
# A council as the page knows it: its name, dates and holder, and not the forty columns of what surrounds it.
Row = dict[str, Any]


@dataclass
class Watched:
    """A council seen from the préfet's office: its last plenary, and whether anybody coordinates it."""

    council: Council
    coordinated: bool


@dataclass
class Day:
    """The blocks of a day; those that a role does not have stay empty."""

    acts: list[ActSignature] = field(default_factory=list)
    to_approve: list[Meeting] = field(default_factory=list)
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
    """Everything that awaits the actor: at most five queries.

    The councils in reach are fetched once, and the rest is asked of them by their identifiers: joins through what each
    council reaches, written in every query, took the planner longer than all the reading.
    """
    if not actor.person_id:
        return Day()
    councils = councils_reached(actor)
    held = [pk for pk, council in councils.items() if _holds(actor, council)]
    texts = rulebooks.awaiting(actor.person_id, list(councils), held)
    acts, to_answer = acts_and_convocations(actor, list(councils), timezone.now())
    day = Day(
        acts=acts,
        to_answer=to_answer,
        decisions=decisions_due(actor.person_id, list(councils), held),
        to_sign=texts.to_sign,
        to_adopt=texts.to_adopt,
        signatures=texts.signatures,
    )
    if held:
        day.to_prepare, day.to_finish, day.to_approve = meetings_of(held, approving=actor.can("approve"))
    if actor.can("oversee"):
        day.watched = by_last_plenary(councils)
    for shown in (*day.to_prepare, *day.to_finish, *day.to_approve, *(line.meeting for line in day.to_answer)):
        shown.council = named(councils, shown.council_id)
    for book in (*day.to_sign, *day.to_adopt, *(line.rulebook for line in day.signatures)):
        book.body.council = named(councils, book.body.council_id)
    return day


def councils_reached(actor: Actor) -> dict[int, Row]:
    """{id: council} of all that the actor sees; for whoever oversees, with how many coordinate each. One query."""
    if actor.can("oversee"):
        rows = councils_watched(actor, timezone.localdate())
    else:
        rows = councils_of(actor)
    return {council["pk"]: council for council in rows}


@composed
def councils_of(actor: Actor) -> QuerySet[Council, Row]:
    return Council.objects.visible_to(actor).order_by().values(*COUNCIL)


@composed
def councils_watched(actor: Actor, today: date) -> QuerySet[Council, Row]:
    mandate = "scope__mandates__"
    in_force = Q(**{mandate + "valid_to": None}) | Q(**{mandate + "valid_to__gte": today})
    coordination = FilteredRelation(
        "scope__mandates",
        condition=Q(
            in_force,
            **{mandate + "role": "coordinator", mandate + "withdrawn_at": None, mandate + "valid_from__lte": today},
        ),
    )
    councils = Council.objects.visible_to(actor).order_by().alias(coordination=coordination)
    return councils.values(*COUNCIL).annotate(coordinators=Count("coordination"))


def named(councils: dict[int, Row], pk: int) -> Council:
    """The council `pk`, with what a line says of it."""
    return Council(pk=pk, name=councils[pk]["name"])


def _holds(actor: Actor, council: Row) -> bool:
    """`held_by`, for a council of the page, for who may prepare what it decides."""
    if not (actor.can("hold_council") and actor.can("see_drafts")):
        return False
    return actor.scope_id == council["scope_id" if actor.scope_kind == "council" else "scope__holder_id"]


def meetings_of(held: list[int], *, approving: bool) -> tuple[list[Meeting], list[Meeting], list[Meeting]]:
    """Of one's councils: meetings that have not taken place yet, the nearest first; those held whose minutes are not
    approved, the oldest first; and, for whoever chairs, those whose minutes are in draft, corrections included.

    One query.
    """
    found = meetings_unfinished(held, approving=approving)
    coming = [meeting for meeting in found if meeting.state in (State.DRAFT, State.CONVENED)]
    finished = [meeting for meeting in found if meeting.state == State.HELD]
    to_approve = [meeting for meeting in found if meeting.draft] if approving else []
    return coming[:SHOWN], finished[:SHOWN], to_approve[:SHOWN]


@composed
def meetings_unfinished(held: list[int], *, approving: bool) -> QuerySet[Meeting]:
    """`draft` and `draft_version` are those of a meeting's minutes not approved yet, of which there is one at most."""
    drafted = FilteredRelation("minutes", condition=Q(minutes__approved_at=None))
    asked = Q(state__in=[State.DRAFT, State.CONVENED, State.HELD])
    if approving:
        asked |= Q(state=State.APPROVED, draft__isnull=False)
    return (
        Meeting.objects.filter(council__in=held)
        .alias(drafted=drafted)
        .annotate(draft=F("drafted__pk"), draft_version=F("drafted__version"))
        .filter(asked)
        .select_related("body")
        .only(*MEETING)
        .order_by("starts_at", "pk")
    )


def acts_and_convocations(
    actor: Actor, reached: list[int], now: datetime
) -> tuple[list[ActSignature], list[Attendance]]:
    """Acts to sign, the act transmitted first, and convocations without an answer, the nearest first.

    One query, whether the actor signs acts or not: whoever does has the longest day of all.
    """
    if not actor.can("approve"):
        return [], convocations_to_answer(actor.person_id or 0, reached, now)
    acts, lines = [], []
    for is_act, pk, of, title, at, council, kind, named_as in sorted(
        signed_or_answered(actor, reached, now), key=itemgetter(4, 1)
    ):
        if is_act:
            signed = Act(pk=of, title=title, kind=kind, submitted_at=at)
            if council is None:
                signed.scope = Scope(label=named_as)
            else:
                signed.council = Council(pk=council, name=named_as)
            acts.append(ActSignature(pk=pk, act=signed))
        else:
            meeting = Meeting(pk=of, title=title, starts_at=at, council_id=council)
            lines.append(Attendance(pk=pk, meeting=meeting))
    return acts, lines


@composed
def signed_or_answered(actor: Actor, reached: list[int], now: datetime) -> QuerySet[ActSignature, tuple[Any, ...]]:
    """The columns of `acts_and_convocations`, of one and of the other. A delegate signs no delegation."""
    awaited = ActSignature.objects.filter(
        scope_id=actor.scope_id, signed_on=None, act__signed_on=None, act__submitted_at__isnull=False
    )
    if actor.is_delegate:
        awaited = awaited.filter(personal=False)
    acts = awaited.annotate(
        is_act=Value(True), council=F("act__council_id"), kind=F("act__kind"),
        named_as=Coalesce("act__council__name", "act__scope__label"),
    ).order_by("act__submitted_at", "pk")  # fmt: skip
    lines = unanswered(actor.person_id, reached, now).annotate(
        is_act=Value(False), council=F("meeting__council_id"), kind=Value(""), named_as=Value("")
    )
    said = ("council", "kind", "named_as")
    return acts.values_list("is_act", "pk", "act_id", "act__title", "act__submitted_at", *said)[:SHOWN].union(
        lines.values_list("is_act", "pk", "meeting_id", "meeting__title", "meeting__starts_at", *said)[:SHOWN],
        all=True,
    )


def decisions_due(person: int, reached: list[int], held: list[int]) -> list[tuple[Decision, str]]:
    """Decisions late or due soon: all those of the councils held, and those that one carries in the others."""
    today = timezone.localdate()
    if len(reached) > len(held):
        rows = decisions_carried(person, reached, held, today + SOON)
    else:
        rows = decisions_of(held, today + SOON) if held else []
    return [(decision, lateness(decision, today)) for decision in rows]


@composed
def decisions_of(held: list[int], until: date) -> QuerySet[Decision]:
    return _due(Q(council__in=held), until)


@composed
def decisions_carried(person: int, reached: list[int], held: list[int], until: date) -> QuerySet[Decision]:
    return _due((Q(council__in=held) if held else Q()) | Q(owner=person, council__in=reached), until)


def _due(ours: Q, until: date) -> QuerySet[Decision]:
    due = Decision.objects.followed().open().filter(ours, due_on__lte=until).select_related("owner")
    return due.only(*DECISION).order_by("due_on", "pk")[:SHOWN]


@composed
def convocations_to_answer(person: int, reached: list[int], now: datetime) -> QuerySet[Attendance]:
    return unanswered(person, reached, now).select_related("meeting").only(*LINE)[:SHOWN]


def unanswered(person: int | None, reached: list[int], now: datetime) -> QuerySet[Attendance]:
    """Convocations of the person that have no answer yet."""
    lines = Attendance.objects.filter(
        membership__person=person,
        answer="",
        meeting__state=State.CONVENED,
        meeting__ends_at__gt=now,
        meeting__council__in=reached,
    )
    return lines.order_by("meeting__starts_at", "pk")


def by_last_plenary(councils: dict[int, Row]) -> list[Watched]:
    """Living councils, those that have not met for longest first, and whether each has a coordinator."""
    watched = [
        council for council in councils.values() if not council["ended_on"] and council["kind"] in with_plenary()
    ]
    watched.sort(key=lambda council: (council["last_plenary_on"] or date.min, council["sort_name"], council["pk"]))
    return [
        Watched(
            Council(pk=council["pk"], name=council["name"], last_plenary_on=council["last_plenary_on"]),
            council["coordinators"] > 0,
        )
        for council in watched[: 2 * SHOWN]
    ]
