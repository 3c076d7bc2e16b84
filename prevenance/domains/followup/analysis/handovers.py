"""Hand-overs as the group asked sees them: from which group, for which category and age; never whom."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from prevenance.domains.accounts.acting import Actor
from prevenance.domains.followup.models import FollowUp, Handover, opened
from prevenance.domains.followup.rules import handovers as rules


def asked(actor: Actor) -> QuerySet[Handover]:
    """Proposed to the groups that the actor coordinates, the latest first. No column of the file is joined: the wall
    shows it to those alone to whom a share was given."""
    if not actor.can("hold_files"):
        return Handover.objects.none()
    found: QuerySet[Handover] = Handover.objects.filter(opened(actor, "to_body_id"))
    return found.select_related("body__council__territory", "to_body__council").order_by("-proposed_at", "-pk")


def about(handover: Handover) -> FollowUp | None:
    """Category and age band of the file, while the answer is awaited; nothing else of it is read."""
    return (
        FollowUp.objects.filter(pk=handover.followup_id)
        .only("category", "age_band", "opened_on", "closed_on", "purge_on")
        .first()
    )


def state(handover: Handover) -> str:
    """One word for the screen."""
    if handover.accepted_at:
        return _("Accepté")
    if handover.declined_at:
        return _("Décliné")
    if handover.withdrawn_at:
        return _("Retiré")
    return _("Délai passé") if rules.is_over(handover) else _("À répondre")
