"""Who keeps the directory, and where: in the territory of one's mandate, structures and services that are there."""

from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.territories.models import Territory


def keeps(commune: Territory, actor: Actor) -> bool:
    """Whether the actor keeps the directory of a commune."""
    if not actor.can("keep_directory"):
        return False
    return commune.containers.filter(container_id=actor.territory_id).exists()


def check_can_keep_somewhere(actor: Actor) -> None:
    if not actor.can("keep_directory"):
        raise Refused(
            _("L’annuaire est tenu par la coordination, le maire, la préfecture et l’aide aux victimes du territoire.")
        )


def check_can_keep(commune: Territory, actor: Actor) -> None:
    check_can_keep_somewhere(actor)
    if not keeps(commune, actor):
        raise Refused(
            _("%(commune)s n’est pas dans votre territoire : son annuaire est tenu par d’autres.")
            % {"commune": commune.name}
        )
