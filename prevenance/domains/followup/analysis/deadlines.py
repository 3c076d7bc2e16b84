"""What somebody has to do about rights, hand-overs and ends, for their day: file numbers and dates, and no name."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
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
    """Sooner first. For who coordinates: of their groups; for who follows: of their files."""
    if not actor.can("see_files"):
        return []
    mine = FollowUp.objects.visible_to(actor)
    if not actor.can("hold_files"):
        kinds = (Involvement.Kind.REFERENT, Involvement.Kind.COVER)
        parts = Involvement.objects.filter(person=actor.person_id, kind__in=kinds).current()
        mine = mine.filter(pk__in=parts.order_by().values("followup"))
    found = [*requests(mine), *left_behind(mine), *later(mine), *asked(actor)]
    return sorted(found, key=lambda line: (line.due_on, line.url))


def requests(mine: QuerySet[FollowUp]) -> Iterator[Due]:
    rows = RightsRequest.objects.filter(answered_on=None, followup__in=mine.values("pk")).select_related("followup")
    for row in rows.order_by("due_on", "pk")[:SHOWN]:
        label = _("Répondre à une demande de droits, %(file)s") % {"file": row.followup}
        yield Due(label, reverse("followup:request_answer", args=[row.followup_id, row.pk]), row.due_on)


def left_behind(mine: QuerySet[FollowUp]) -> Iterator[Due]:
    """Files that another group has taken and that nobody has ended here."""
    rows = Handover.objects.filter(accepted_at__isnull=False, followup__in=mine.filter(closed_on=None).values("pk"))
    for row in rows.select_related("followup").order_by("accepted_at", "pk")[:SHOWN]:
        label = _("Terminer ici un suivi repris ailleurs, %(file)s") % {"file": row.followup}
        yield Due(label, reverse("followup:shares", args=[row.followup_id]), timezone.localdate(row.accepted_at))


def later(mine: QuerySet[FollowUp]) -> Iterator[Due]:
    """Ended files whose situation some months after is not told, in the month before they are erased or archived."""
    today = timezone.localdate()
    ended = mine.filter(closed_on__isnull=False, closed_on__lte=clocks.months_after(today, -2))
    rows = Line.objects.filter(followup__in=ended.values("pk"), outcome_later="").select_related("followup")
    for row in rows.order_by("followup__closed_on", "pk")[:SHOWN]:
        due = clocks.after(row.followup.closed_on, "later_outcome", today)
        label = _("Dire la situation trois mois après, %(file)s") % {"file": row.followup}
        yield Due(label, reverse("followup:file_later", args=[row.followup_id]), due)


def asked(actor: Actor) -> Iterator[Due]:
    """Hand-overs proposed to the groups that the actor coordinates."""
    if not actor.can("hold_files"):
        return
    rows = Handover.objects.filter(
        opened(actor, "to_body_id"), accepted_at=None, declined_at=None, withdrawn_at=None, until__gt=timezone.now()
    )
    for row in rows.select_related("body__council").order_by("until", "pk")[:SHOWN]:
        label = _("Répondre à un passage de relais, de %(group)s") % {"group": row.body.council.name}
        yield Due(label, reverse("followup:handover", args=[row.pk]), timezone.localdate(row.until))
