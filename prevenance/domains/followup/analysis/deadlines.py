"""What somebody has to do about rights, hand-overs and ends, and which services leave them without an answer, for their
day: numbers, codes, dates, counts, and no name. One query, since a day asks a dozen at most."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import (
    BigIntegerField,
    CharField,
    Count,
    DateField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Cast, TruncDate
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from prevenance.core.composed import composed, prepared
from prevenance.domains.accounts.acting import ANYBODY, Actor
from prevenance.domains.directory.models import OrientationLink
from prevenance.domains.directory.rules.orientations import silent_since
from prevenance.domains.followup.models import (
    Duration,
    FollowUp,
    Handover,
    Involvement,
    Line,
    RightsRequest,
    SentReport,
    opened,
)
from prevenance.domains.followup.rules import clocks
from prevenance.domains.governance.models import Body

SHOWN = 20  # lines of each kind


@dataclass(frozen=True)
class Due:
    """A line of one's day: what, where it is done, by when."""

    label: str
    url: str
    due_on: date


@dataclass(frozen=True)
class Group:
    """Counts of a group that one coordinates."""

    body: Body
    to_review: int
    alone: int
    reports: int

    @property
    def nothing(self) -> bool:
        return not (self.to_review or self.alone or self.reports)


@dataclass(frozen=True)
class Silent:
    """Somebody turned to a service outside a follow-up, which has not answered: the link is good until a day."""

    code: str
    url: str
    until: date


@dataclass(frozen=True)
class Waiting:
    """Sooner first: of their groups for who coordinates, of their files for who follows. `groups`: with the counts of
    those that the actor coordinates (points due, files that nobody follows, reports to examine)."""

    due: list[Due] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    silent: list[Silent] = field(default_factory=list)


def waiting(actor: Actor) -> Waiting:
    found = Waiting()
    for what, row, file, words, day, *counts in rows_of(actor, timezone.localdate(), timezone.now()):
        if what == "group":
            found.groups.append(Group(Body(pk=row, name=words), *(count or 0 for count in counts)))
        elif what == "silent":
            found.silent.append(Silent(words, reverse("directory:orientation", args=[row]), day))
        else:
            found.due.append(told(what, row, file, words, day, counts[0]))
    found.due.sort(key=lambda line: (line.due_on, line.url))
    found.groups.sort(key=lambda group: (group.body.name, group.body.pk))
    found.silent.sort(key=lambda line: (line.until, line.code))
    return found


def rows_of(actor: Actor, today: date, now: datetime) -> list[Any]:
    """What all of it is made from: numbers, dates and counts, in one query."""
    ended_by, silent_on = clocks.months_after(today, -2), silent_since(today)
    if not actor.can("see_files"):
        found: list[Any] = of_orientations(actor, now, silent_on) if actor.can("orient") else []
    elif actor.can("orient"):
        found = of_both(actor, now, ended_by, silent_on)
    else:
        found = of_files(actor, now, ended_by)
    return found


@prepared
@composed
def of_orientations(actor: Actor, now: datetime, silent_on: date) -> Any:
    return silent(actor, now, silent_on)


@prepared
@composed
def of_files(actor: Actor, now: datetime, ended_by: date) -> Any:
    first, *others = files_of(actor, now, ended_by)
    return first.union(*others, all=True)


@prepared
@composed
def of_both(actor: Actor, now: datetime, ended_by: date, silent_on: date) -> Any:
    """For who may both read files and turn people to services, and nothing for others."""
    if not (actor.can("see_files") and actor.can("orient")):
        return silent(ANYBODY, now, silent_on)
    return silent(actor, now, silent_on).union(*files_of(actor, now, ended_by), all=True)


def files_of(actor: Actor, now: datetime, ended_by: date) -> list[Any]:
    mine = FollowUp.objects.visible_to(actor, at=now)
    if not actor.can("hold_files"):
        kinds = (Involvement.Kind.REFERENT, Involvement.Kind.COVER)
        parts = Involvement.objects.filter(person=actor.person_id, kind__in=kinds).current()
        mine = mine.filter(pk__in=parts.order_by().values("followup"))
    found = [requests(mine), left_behind(mine), later(mine, ended_by)]
    return [*found, asked(actor, now), groups(actor)] if actor.can("hold_files") else found


def told(what: str, row: int, file: int, words: str, day: date, months: int | None) -> Due:
    """`words` is a file number, or the council that proposes."""
    if what == "request":
        label = _("Répondre à une demande de droits, dossier %(number)s") % {"number": words}
        return Due(label, reverse("followup:request_answer", args=[file, row]), day)
    if what == "left":
        label = _("Terminer ici un suivi repris ailleurs, dossier %(number)s") % {"number": words}
        return Due(label, reverse("followup:shares", args=[file]), day)
    if what == "later":
        label = _("Dire la situation trois mois après, dossier %(number)s") % {"number": words}
        return Due(label, reverse("followup:file_later", args=[file]), clocks.months_after(day, months or 0))
    label = _("Répondre à un passage de relais, de %(group)s") % {"group": words}
    return Due(label, reverse("followup:handover", args=[row]), day)


COUNTS = ("first", "second", "third")
NO_COUNT = Cast(Value(None), IntegerField())


def columns(rows: QuerySet[Any], what: str, words: str, day: Any, file: Any = None, **counts: Any) -> Any:
    """The same columns for each kind of line."""
    counted = [counts.get(name, NO_COUNT) for name in COUNTS]
    found = rows.annotate(
        what=Value(what, CharField()), words=F(words), day=day, file=F("followup_id") if file is None else file,
        **dict(zip(COUNTS, counted, strict=True)),
    )  # fmt: skip
    return found.values_list("what", "pk", "file", "words", "day", *COUNTS)


def requests(mine: QuerySet[FollowUp]) -> QuerySet[Any, Any]:
    rows = RightsRequest.objects.filter(answered_on=None, followup__in=mine.order_by().values("pk"))
    return columns(rows.order_by("due_on", "pk"), "request", "followup__number", F("due_on"))[:SHOWN]


def left_behind(mine: QuerySet[FollowUp]) -> QuerySet[Any, Any]:
    """Files that another group has taken and that nobody has ended here."""
    still = mine.filter(closed_on=None).order_by().values("pk")
    rows = Handover.objects.filter(accepted_at__isnull=False, followup__in=still)
    day = TruncDate("accepted_at", output_field=DateField())
    return columns(rows.order_by("accepted_at", "pk"), "left", "followup__number", day)[:SHOWN]


def later(mine: QuerySet[FollowUp], ended_by: date) -> QuerySet[Any, Any]:
    """Ended files whose situation some months after is not told, in the month before they are erased or archived."""
    ended = mine.filter(closed_on__lte=ended_by).order_by().values("pk")
    rows = Line.objects.filter(followup__in=ended, outcome_later="")
    months = Subquery(Duration.applying("later_outcome").filter(unit=Duration.Unit.MONTHS).values("amount")[:1])
    ordered = rows.order_by("followup__closed_on", "pk")
    return columns(ordered, "later", "followup__number", F("followup__closed_on"), first=months)[:SHOWN]


def asked(actor: Actor, now: datetime) -> QuerySet[Any, Any]:
    """Hand-overs proposed to the groups that the actor coordinates."""
    rows = Handover.objects.filter(
        opened(actor, "to_body_id"), accepted_at=None, declined_at=None, withdrawn_at=None, until__gt=now
    )
    return columns(rows.order_by("until", "pk"), "asked", "body__council__name", TruncDate("until"))[:SHOWN]


def silent(actor: Actor, now: datetime, on: date) -> Any:
    """Orientations that the actor sent under this mandate, and that nobody has answered since a day."""
    rows = OrientationLink.objects.sent_by(actor).unanswered_since(on, now)
    nothing = Cast(Value(None), BigIntegerField())
    return columns(rows.order_by("expires_at", "pk"), "silent", "code", TruncDate("expires_at"), nothing)[:SHOWN]


def groups(actor: Actor) -> Any:
    """Each group whose files the actor opens, with its counts."""
    files = FollowUp.objects.filter(body=OuterRef("pk"), closed_on=None).order_by().values("body_id")
    due = files.filter(next_review_on__lte=timezone.localdate()).annotate(number=Count("pk")).values("number")
    referent = Involvement.objects.filter(followup=OuterRef("pk"), kind=Involvement.Kind.REFERENT, valid_to=None)
    alone = files.filter(~Exists(referent.current())).annotate(number=Count("pk")).values("number")
    sent = SentReport.objects.filter(body=OuterRef("pk")).waiting().order_by().values("body_id")
    sent = sent.annotate(number=Count("pk")).values("number")
    bodies = Body.objects.filter(opened(actor, "pk")).order_by()
    nothing = {"day": Cast(Value(None), DateField()), "file": Cast(Value(None), BigIntegerField())}
    counts = {"first": Subquery(due), "second": Subquery(alone), "third": Subquery(sent)}
    return columns(bodies, "group", "name", **nothing, **counts)
