"""What may be done to a clinic, to a round and to its stops."""

from datetime import date

from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.directory.models import Door, Round, Service
from prevenance.domains.directory.rules.keeping import check_can_keep
from prevenance.domains.directory.rules.rhythms import weekly_mean
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.territories.models import Containment, Territory

MOST_STOPS = 60


def check_can_open(service: Service, actor: Actor) -> None:
    """Who keeps the service says where else it receives. A place that protects people is met nowhere else."""
    check_can_keep(service.commune, actor)
    if service.closed_on is not None:
        raise Refused(_("Ce service est fermé : il ne reçoit plus nulle part."))
    if service.address_hidden:
        raise Refused(_("L’adresse de ce service est tenue secrète : ses autres lieux d’accueil ne s’inscrivent pas."))


def hides(service: Service) -> str:
    """The sentence that says why a service has no other place, "" when it may."""
    if not service.address_hidden:
        return ""
    return _("L’adresse de ce service est tenue secrète : ses autres lieux d’accueil ne s’inscrivent pas.")


def check_can_edit_door(door: Door, actor: Actor) -> None:
    check_can_open(door.service, actor)
    if door.is_over:
        raise Refused(_("Ce lieu n’accueille plus personne : il se lit, mais ne change plus."))


def check_can_end_door(door: Door, actor: Actor) -> None:
    check_can_keep(door.service.commune, actor)
    if door.is_over:
        raise Stale(_("Ce lieu n’accueille déjà plus personne."))


def check_can_edit_round(round: Round, actor: Actor) -> None:
    check_can_open(round.service, actor)
    if round.is_over:
        raise Refused(_("Cette tournée est finie : elle se lit, mais ne change plus."))


def check_can_end_round(round: Round, actor: Actor) -> None:
    check_can_keep(round.service.commune, actor)
    if round.is_over:
        raise Stale(_("Cette tournée est déjà finie."))


def check_can_add_stop(round: Round, actor: Actor) -> None:
    check_can_edit_round(round, actor)
    if round.stops.count() >= MOST_STOPS:
        raise Refused(_("Une tournée a au plus %(most)d arrêts : ouvrez-en une autre.") % {"most": MOST_STOPS})


def check_served(service: Service, commune: Territory) -> None:
    """A door is for those whom its service is for: its commune is among them."""
    around = Containment.objects.filter(contained=commune).order_by().values("container_id")
    if not service.zones.filter(pk__in=around).exists():
        raise Refused(
            _("Ce service n’est pas pour les habitants de %(commune)s : ajoutez d’abord ce territoire à sa fiche.")
            % {"commune": commune.name}
        )


def check_season(starts_on: date, ends_on: date | None) -> None:
    if ends_on is not None and ends_on < starts_on:
        raise Refused(_("Le dernier jour précède le premier : échangez-les."))


def check_opens(hours: str, commune: Territory, starts_on: date) -> float:
    """Hours a week. Raises Refused when, within a year, it never opens."""
    mean = weekly_mean(hours, commune.code, starts_on)
    if mean <= 0:
        raise Refused(_("À ces horaires, ce lieu n’ouvre jamais dans l’année : vérifiez-les."))
    return mean


def check_not_where_it_hides(service: Service, address: str, longitude: float | None) -> None:
    """What a structure that hides says of its other places is their commune and their name."""
    if service.structure.address_hidden and (address or longitude is not None):
        raise Refused(
            _("L’adresse de la structure est tenue secrète : dites le lieu et la commune, sans rue ni position.")
        )


def check_end(on: date, starts_on: date, today: date) -> None:
    if on < starts_on:
        raise Refused(_("Le dernier jour ne peut précéder le premier."))
    if on > date(today.year + 5, 12, 31):
        raise Refused(_("Cette date est trop lointaine."))
