"""What somebody has to do about rights, hand-overs and ends, for their day: file numbers and dates, and no name."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import CharField, DateField, F, QuerySet, Value
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from prevenance.domains.accounts.acting import Actor
from prevenance.domains.followup.models import FollowUp, Handover, Involvement, Line, RightsRequest, opened
from prevenance.domains.followup.rules import clocks

SHOWN = 20  # lines of each kind


@dataclass(frozen=True)
class Due:
    """A line of one's day: what, where it is done, by when."""

    label: str
    url: str
    due_on: date


def lines(actor: Actor) -> list[Due]:
    """Sooner first, in one query. For who coordinates: of their groups; for who follows: of their files."""
    if not actor.can("see_files"):
        return []
    mine = FollowUp.objects.visible_to(actor)
    if not actor.can("hold_files"):
        kinds = (Involvement.Kind.REFERENT, Involvement.Kind.COVER)
        parts = Involvement.objects.filter(person=actor.person_id, kind__in=kinds).current()
        mine = mine.filter(pk__in=parts.order_by().values("followup"))
    kinds_of_lines = [requests(mine), left_behind(mine), later(mine)]
    if actor.can("hold_files"):
        kinds_of_lines.append(asked(actor))
    rows = kinds_of_lines[0].union(*kinds_of_lines[1:], all=True)
    return sorted((told(*row) for row in rows), key=lambda line: (line.due_on, line.url))


def told(what: str, row: int, file: int, words: str, day: date) -> Due:
    """`words` is a file number, or the council that proposes."""
    if what == "request":
        label = _("Répondre à une demande de droits, dossier %(number)s") % {"number": words}
        return Due(label, reverse("followup:request_answer", args=[file, row]), day)
    if what == "left":
        label = _("Terminer ici un suivi repris ailleurs, dossier %(number)s") % {"number": words}
        return Due(label, reverse("followup:shares", args=[file]), day)
    if what == "later":
        label = _("Dire la situation trois mois après, dossier %(number)s") % {"number": words}
        return Due(label, reverse("followup:file_later", args=[file]), clocks.after(day, "later_outcome", day))
    label = _("Répondre à un passage de relais, de %(group)s") % {"group": words}
    return Due(label, reverse("followup:handover", args=[row]), day)


def columns(rows: QuerySet[Any], what: str, words: str, day: Any) -> QuerySet[Any, Any]:
    """The same columns for each kind of line."""
    found = rows.annotate(what=Value(what, CharField()), words=F(words), day=day)
    return found.values_list("what", "pk", "followup_id", "words", "day")[:SHOWN]


def requests(mine: QuerySet[FollowUp]) -> QuerySet[Any, Any]:
    rows = RightsRequest.objects.filter(answered_on=None, followup__in=mine.order_by().values("pk"))
    return columns(rows.order_by("due_on", "pk"), "request", "followup__number", F("due_on"))


def left_behind(mine: QuerySet[FollowUp]) -> QuerySet[Any, Any]:
    """Files that another group has taken and that nobody has ended here."""
    still = mine.filter(closed_on=None).order_by().values("pk")
    rows = Handover.objects.filter(accepted_at__isnull=False, followup__in=still)
    day = TruncDate("accepted_at", output_field=DateField())
    return columns(rows.order_by("accepted_at", "pk"), "left", "followup__number", day)


def later(mine: QuerySet[FollowUp]) -> QuerySet[Any, Any]:
    """Ended files whose situation some months after is not told, in the month before they are erased or archived."""
    ended = mine.filter(closed_on__lte=clocks.months_after(timezone.localdate(), -2)).order_by().values("pk")
    rows = Line.objects.filter(followup__in=ended, outcome_later="")
    return columns(rows.order_by("followup__closed_on", "pk"), "later", "followup__number", F("followup__closed_on"))


def asked(actor: Actor) -> QuerySet[Any, Any]:
    """Hand-overs proposed to the groups that the actor coordinates."""
    rows = Handover.objects.filter(
        opened(actor, "to_body_id"), accepted_at=None, declined_at=None, withdrawn_at=None, until__gt=timezone.now()
    )
    return columns(rows.order_by("until", "pk"), "asked", "body__council__name", TruncDate("until"))
