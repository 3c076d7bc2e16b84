"""What may be done to a service, when it is to be confirmed, whether its address may be kept."""

from collections.abc import Collection
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.core.text import plain, sort_key
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.directory.models import Service, Structure, closed_list, freshness, in_force, kinds
from prevenance.domains.directory.rules.keeping import check_can_keep
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.territories.models import Territory

EVERYBODY = "tous-publics"


def hides_address(kind: str, asked: bool) -> bool:
    """Whether the address is not kept: it was asked, or the place is of a kind that protects people."""
    known = kinds().get(kind)
    return asked or (known is not None and known.secret)


def check_place_not_told(hidden: bool, address: str, texts: Collection[str]) -> None:
    """An address that is to be kept secret is not written in a text that everybody reads either."""
    secret = plain(address)
    if hidden and len(secret) > 4 and any(secret in plain(text) for text in texts):
        raise Refused(_("L’adresse à tenir secrète est aussi écrite dans un texte : retirez-la de là d’abord."))


def check_ages(age_from: int | None, age_to: int | None) -> None:
    if age_from is not None and age_to is not None and age_to < age_from:
        raise Refused(_("L’âge le plus haut est plus petit que l’âge le plus bas : échangez-les."))


def check_closures(closures: Collection[tuple[date, date, str]]) -> None:
    if any(ends < starts for starts, ends, _note in closures):
        raise Refused(_("Une fermeture finit avant de commencer : échangez ses deux dates."))


# What a way of receiving people is for data.inclusion.
MODES_OF_WAYS = {
    "sur-place": "en-presentiel", "domicile": "en-presentiel", "itinerant": "en-presentiel", "telephone": "a-distance",
    "visio": "a-distance",
}  # fmt: skip


def modes_with(modes: Collection[str], ways: Collection[str]) -> list[str]:
    """Modes of data.inclusion, with those that our ways imply."""
    return list(dict.fromkeys([*modes, *(MODES_OF_WAYS[way] for way in ways if way in MODES_OF_WAYS)]))


def confirmed_since(today: date, months: int | None = None) -> date:
    """A service that nobody confirmed since that day is to be confirmed: after its own review period, or that of
    data/directory/freshness.yaml."""
    if months is None:
        months = next(record["months"] for record in reversed(freshness()) if record["from"] <= today)
    year, month = divmod(today.year * 12 + today.month - 1 - int(months), 12)
    return date(year, month + 1, min(today.day, 28))


def to_confirm(service: Service, today: date) -> bool:
    confirmed = service.confirmed_on
    return service.is_open and (confirmed is None or confirmed < confirmed_since(today, service.review_months))


def all_to_confirm(services: "QuerySet[Service]", today: date) -> "QuerySet[Service]":
    """Those of `services` that are open and to be confirmed, as `to_confirm` says of one."""
    services = services.open(today)  # type: ignore[attr-defined]
    periods = [None, *in_force("review_months", today)["months"]]
    found = services.none()
    for months in periods:
        late = Service.objects.confirmed_before(confirmed_since(today, months), months)
        found = found | services.filter(pk__in=late.order_by().values("pk"))
    return found


def check_review(months: int | None, today: date) -> None:
    if months is not None and months not in in_force("review_months", today)["months"]:
        raise Refused(_("Choisissez la période de vérification dans la liste."))


def check_can_add_service(structure: Structure, commune: Territory, actor: Actor) -> None:
    """Where the service is rendered decides: an association of elsewhere may come there one day a week."""
    check_can_keep(commune, actor)
    if not structure.is_open:
        raise Refused(_("Cette structure est fermée : elle ne rend plus de service."))


def check_can_edit_service(service: Service, actor: Actor) -> None:
    check_can_keep(service.commune, actor)
    if service.closed_on is not None:
        raise Refused(_("Ce service est fermé : rouvrez-le pour le modifier."))


def check_can_move_service(commune: Territory, actor: Actor) -> None:
    """A service that moves stays with who keeps it: its new commune is theirs too."""
    check_can_keep(commune, actor)


def check_can_verify(service: Service, actor: Actor) -> None:
    check_can_keep(service.commune, actor)
    if service.closed_on is not None:
        raise Refused(_("Ce service est fermé : il n’y a rien à confirmer."))


def check_can_close_service(service: Service, actor: Actor) -> None:
    check_can_keep(service.commune, actor)
    if service.closed_on is not None:
        raise Stale(_("Ce service est déjà fermé."))


def check_can_reopen_service(service: Service, actor: Actor) -> None:
    check_can_keep(service.commune, actor)
    if service.closed_on is None:
        raise Stale(_("Ce service est déjà ouvert."))
    if service.merged_into_id is not None:
        raise Refused(_("Ce service a été réuni à un autre : c’est l’autre qui se tient à jour."))
    if not service.structure.is_open:
        raise Refused(_("La structure qui le rendait est fermée : il ne peut pas rouvrir."))


def check_not_twice(structure: Structure, name: str, commune: Territory, *, besides: int | None = None) -> None:
    alike = Service.objects.filter(structure=structure, commune=commune, sort_name=sort_key(name), closed_on=None)
    if any(other.pk != besides for other in alike):
        raise Refused(_("Cette structure a déjà un service de ce nom dans cette commune."))


def check_of_the_lists(lists: dict[str, Collection[str]], kind: str) -> None:
    """Words of closed lists and no others. « Tous publics » stands alone, as data.inclusion wants it."""
    if kind not in kinds():
        raise Refused(_("Choisissez la nature du service dans la liste."))
    for name, values in lists.items():
        if set(values) - set(closed_list(name)):
            raise Refused(_("Une valeur n’est pas de la liste : rechargez la page et choisissez à nouveau."))
    if EVERYBODY in lists.get("publics", ()) and len(lists["publics"]) > 1:
        raise Refused(_("« Tous publics » se choisit seul : décochez les autres publics, ou celui-ci."))


def check_serves_somewhere(zones: Collection[Territory]) -> None:
    if not zones:
        raise Refused(_("Dites quel territoire le service dessert : sa commune au moins."))
