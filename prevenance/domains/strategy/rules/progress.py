"""Who sees how far the measures are."""

from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor


def check_can_see_progress(actor: Actor) -> None:
    if not actor.can("see_plans"):
        raise Refused(_("Votre rôle ne donne pas accès à l’avancement des plans."))
