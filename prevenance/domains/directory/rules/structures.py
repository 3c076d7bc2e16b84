"""What may be done to a structure."""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.core.text import sort_key
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.directory.models import Structure
from prevenance.domains.directory.rules.keeping import check_can_keep
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.territories.models import Territory


def check_can_add_structure(commune: Territory, actor: Actor) -> None:
    check_can_keep(commune, actor)


def check_can_edit_structure(structure: Structure, actor: Actor) -> None:
    check_can_keep(structure.commune, actor)
    if not structure.is_open:
        raise Refused(_("Cette structure est fermée : elle se lit, mais ne change plus."))


def check_not_twice(name: str, commune: Territory, siret: str, *, besides: int | None = None) -> None:
    """One row a structure: the same name in the same commune is the same one, unless their SIRET differ."""
    alike = Structure.objects.filter(commune=commune, sort_name=sort_key(name), closed_on=None)
    others = [other for other in alike if other.pk != besides]
    if any(not siret or not other.siret or other.siret == siret for other in others):
        raise Refused(_("Une structure de ce nom est déjà inscrite dans cette commune."))


def check_can_close_structure(structure: Structure, actor: Actor) -> None:
    check_can_keep(structure.commune, actor)
    if structure.closed_on is not None:
        raise Stale(_("Cette structure est déjà fermée."))


def check_day_of_closing(day: date, opened_on: date | None) -> None:
    """Neither before it opened nor in the future: what is still open is still found."""
    if day > timezone.localdate():
        raise Refused(_("Cette date est à venir : inscrivez la fermeture une fois qu’elle a eu lieu."))
    if opened_on and day < opened_on:
        raise Refused(_("La fermeture ne peut pas précéder l’ouverture."))
