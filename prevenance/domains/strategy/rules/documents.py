"""Files of a plan: where each is kept, and for how long."""

from datetime import date, timedelta

from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.rules.controllers import export_days
from prevenance.domains.strategy.models import Amendment, Plan, PlanDocument
from prevenance.domains.strategy.rules.plans import holds_plan

State = PlanDocument.State


def check_can_ask_document(plan: Plan, amendment: Amendment | None, actor: Actor) -> None:
    """A plan in force, for whoever reads it; what a draft would make of it, for those who hold it."""
    if amendment is not None and not holds_plan(plan, actor):
        raise Refused(_("Seuls ceux qui tiennent ce plan impriment ce qui est en préparation."))
    if amendment is None and plan.in_force_from is None:
        raise Refused(_("Ce plan n’est pas encore en vigueur : imprimez son texte en préparation."))


def place_of(document: PlanDocument) -> str:
    return f"plans/{document.key}.pdf"


def documents_due(on: date) -> list[PlanDocument]:
    """Files whose days have passed."""
    before = on - timedelta(days=export_days(on))
    found = PlanDocument.objects.filter(state=State.READY, finished_at__date__lt=before)
    return list(found.select_related("plan__council").order_by("pk"))
