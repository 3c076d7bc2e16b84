"""A finished action proposed as a success, and what the national secretariat answers."""

from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.strategy.models import Amendment, Sheet, Success
from prevenance.domains.strategy.rules.plans import holds_plan
from prevenance.domains.strategy.rules.toolbox import check_can_keep_toolbox

State = Success.State


def check_can_propose(sheet: Sheet, actor: Actor) -> None:
    """Whoever holds the plan, of an action that is over. What was returned may be proposed again."""
    if not holds_plan(sheet.plan, actor):
        raise Refused(_("Seul qui tient ce plan propose ses actions comme réussites."))
    if sheet.state != Sheet.State.DONE or sheet.brought_by.state != Amendment.State.IN_FORCE:
        raise Refused(_("Seule une action terminée d’un plan en vigueur se propose comme réussite."))
    found = Success.objects.filter(sheet=sheet).first()
    if found is not None and found.state != State.RETURNED:
        raise Stale(already(found))


def already(success: Success) -> str:
    if success.state == State.PUBLISHED:
        return _("Cette action est déjà publiée dans la boîte à outils.")
    return _("Cette action est déjà proposée : le secrétariat général doit répondre.")


def check_can_answer(success: Success, actor: Actor) -> None:
    check_can_keep_toolbox(actor)
    if success.state != State.PROPOSED:
        raise Stale(_("Il a déjà été répondu à cette réussite : voyez où elle en est."))
