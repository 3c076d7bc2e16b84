"""What somebody has to do about rights, hand-overs and ends, for their day: numbers, dates, counts, and no name."""

from dataclasses import dataclass
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
from prevenance.domains.accounts.acting import Actor
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


def lines(actor: Actor) -> list[Due]:
    """Sooner first, in one query. For who coordinates: of their groups; for who follows: of their files."""
    return lines_and_groups(actor)[0]


def lines_and_groups(actor: Actor) -> tuple[list[Due], list[Group]]:
    """The same, and counts of the groups that the actor coordinates: points due, files that nobody
    follows, reports to examine."""
    if not actor.can("see_files"):
        return [], []
    ended_by = clocks.months_after(timezone.localdate(), -2)
    due, held = [], []
    for what, row, file, words, day, *counts in rows_of(actor, ended_by, timezone.now()):
        if what == "group":
            held.append(Group(Body(pk=row, name=words), *(count or 0 for count in counts)))
        else:
            due.append(told(what, row, file, words, day, counts[0]))
    return (
        sorted(due, key=lambda line: (line.due_on, line.url)),
        sorted(held, key=lambda group: (group.body.name, group.body.pk)),
    )


@prepared
@composed
def rows_of(actor: Actor, ended_by: date, now: datetime) -> Any:
    """What both are made from: numbers, dates and counts."""
    mine = FollowUp.objects.visible_to(actor, at=now)
    if not actor.can("hold_files"):
        kinds = (Involvement.Kind.REFERENT, Involvement.Kind.COVER)
        parts = Involvement.objects.filter(person=actor.person_id, kind__in=kinds).current()
        mine = mine.filter(pk__in=parts.order_by().values("followup"))
    asked_of = [requests(mine), left_behind(mine), later(mine, ended_by)]
    if actor.can("hold_files"):
        asked_of += [asked(actor, now), groups(actor)]
    return asked_of[0].union(*asked_of[1:], all=True)


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
