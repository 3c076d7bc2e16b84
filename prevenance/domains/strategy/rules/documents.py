"""Files of a plan: where each is kept, and for how long."""

from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from prevenance.core.dates import date_format
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.rules.controllers import export_days
from prevenance.domains.strategy.models import Amendment, Plan, PlanDocument
from prevenance.domains.strategy.rules.plans import holds_plan

State = PlanDocument.State
AT_ONCE = 3  # files of one plan being made: a limit of the machine, not of the law


def check_can_ask_document(plan: Plan, amendment: Amendment | None, on: date, actor: Actor) -> None:
    """A plan on a day when it was in force, for whoever reads it; what a draft would make, for those who hold it."""
    if amendment is not None:
        if not holds_plan(plan, actor):
            raise Refused(_("Seuls ceux qui tiennent ce plan impriment ce qui est en préparation."))
        return
    if plan.in_force_from is None:
        raise Refused(_("Ce plan n’est pas encore en vigueur : imprimez son texte en préparation."))
    if on < plan.in_force_from:
        raise Refused(
            _("Ce plan n’est en vigueur que depuis le %(day)s : choisissez une date qui suit.")
            % {"day": date_format(plan.in_force_from, "j F Y")}
        )
    if on > timezone.localdate():
        raise Refused(_("Cette date est à venir : le texte de ce jour-là n’est pas connu."))


def check_not_too_many(plan: Plan) -> None:
    """Anybody who reads the plan may ask: a few at a time, so that nobody keeps the others waiting."""
    if PlanDocument.objects.filter(plan=plan, state=State.WAITING).count() >= AT_ONCE:
        raise Refused(_("Plusieurs documents de ce plan se préparent déjà : attendez que l’un soit prêt."))


def place_of(document: PlanDocument) -> str:
    return f"plans/{document.key}.pdf"


def documents_due(on: date) -> list[PlanDocument]:
    """Files whose days have passed."""
    before = on - timedelta(days=export_days(on))
    found = PlanDocument.objects.filter(state=State.READY, finished_at__date__lt=before)
    return list(found.select_related("plan__council").order_by("pk"))


def documents_stopped(now: datetime) -> list[PlanDocument]:
    """Files still waiting a day later: whatever made them stopped in the middle, and others wait behind them."""
    found = PlanDocument.objects.filter(state=State.WAITING, requested_at__lt=now - timedelta(days=1))
    return list(found.select_related("plan__council").order_by("pk"))
