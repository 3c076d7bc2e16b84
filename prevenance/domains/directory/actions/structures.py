"""Inscribe a structure, correct it, close it."""

from dataclasses import dataclass, field, fields, replace
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.directory.actions.hiding import Hiding, Spot
from prevenance.domains.directory.models import WHERE_A_STRUCTURE_IS, Closure, Service, Structure, search_key
from prevenance.domains.directory.rules import structures as rules
from prevenance.domains.directory.rules.contacts import phone_number, siret_number
from prevenance.domains.directory.rules.hours import check_hours
from prevenance.domains.directory.rules.services import check_closures, check_place_not_told
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.territories.models import Territory


@dataclass(frozen=True)
class Told:
    """What is said of a structure."""

    name: str
    kind: str
    commune: Territory
    siret: str = ""
    description: str = ""
    address: str = ""
    address_more: str = ""
    postcode: str = ""
    address_hidden: bool = False
    phone: str = ""
    email: str = ""
    website: str = ""
    longitude: float | None = None
    latitude: float | None = None
    hours: str = ""
    access_link: str = ""
    closures: list[tuple[date, date, str]] = field(default_factory=list)  # first day, last day, why

    def checked(self) -> "Told":
        """Numbers as they are kept; no number of a hidden place. Raises Refused for a number that is none."""
        check_hours(self.hours)
        check_closures(self.closures)
        check_place_not_told(self.address_hidden, self.address, (self.name, self.description))
        siret = "" if self.address_hidden else siret_number(self.siret)
        return replace(self, siret=siret, phone=phone_number(self.phone))

    def values(self) -> dict[str, object]:
        """Every field of the row, of a hidden place nothing that says where."""
        told = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "closures"}
        return told | WHERE_A_STRUCTURE_IS if self.address_hidden else told


@action(_("Structure inscrite à l’annuaire"))
def add_structure(*, told: Told, by: Actor) -> Structure:
    rules.check_can_add_structure(told.commune, by)
    told = told.checked()
    rules.check_not_twice(told.name, told.commune, told.siret)
    structure = Structure.objects.create(**told.values(), created_by=by.person)
    _close_on(structure, told.closures)
    audit.record(by=by, subject=structure, kind=structure.kind, commune=told.commune.code)
    return structure


@action(_("Structure de l’annuaire modifiée"))
def edit_structure(*, structure: Structure, told: Told, seen: int, by: Actor) -> Structure:
    """Correct a structure. Raises Stale when it changed since the form showed it."""
    structure = _locked(structure)
    rules.check_can_edit_structure(structure, by)
    if structure.edit != seen:
        raise Stale(_now("Cette structure a été modifiée ailleurs : vérifiez, puis enregistrez à nouveau."))
    if told.commune != structure.commune:
        rules.check_can_add_structure(told.commune, by)
    told = told.checked()
    check_place_not_told(told.address_hidden, structure.address, (told.name, told.description))
    rules.check_not_twice(told.name, told.commune, told.siret, besides=structure.pk)
    renamed = told.name != structure.name
    turns = told.address_hidden and not structure.address_hidden
    spots = [Spot.of(structure), Spot.of(told)]
    for name, value in told.values().items():
        setattr(structure, name, value)
    structure.updated_on = timezone.localdate()
    structure.edit += 1
    if turns:
        structure.received = ""  # the print of the row received was taken with its address
    structure.save()
    _close_on(structure, told.closures)
    if turns:
        Hiding(structure.pk, spots).write()
    if renamed:
        _find_services_by(structure)
    audit.record(by=by, subject=structure, kind=structure.kind, commune=told.commune.code)
    return structure


@action(_("Structure de l’annuaire fermée"))
def close_structure(*, structure: Structure, on: date, by: Actor) -> Structure:
    """Close a structure, and with it every service that it still renders."""
    structure = _locked(structure)
    rules.check_can_close_structure(structure, by)
    rules.check_day_of_closing(on, None)
    structure.closed_on, structure.updated_on = on, timezone.localdate()
    structure.edit += 1
    structure.save()
    closed = 0
    for service in structure.services.select_for_update(of=("self",)).filter(closed_on=None).order_by("pk"):
        # One that was to open later never did: it closes on the day that it would have opened.
        service.closed_on = max(on, service.opened_on or on)
        service.updated_on = structure.updated_on
        service.edit += 1
        service.save(update_fields=["closed_on", "updated_on", "edit", "sort_name", "search_key"])
        closed += 1
    audit.record(by=by, subject=structure, on=on, services=closed)
    return structure


def _locked(structure: Structure) -> Structure:
    return Structure.objects.select_for_update(of=("self",)).select_related("commune").get(pk=structure.pk)


def _close_on(structure: Structure, closures: list[tuple[date, date, str]]) -> None:
    """Its closures are these and no others."""
    structure.closures.all().delete()
    Closure.objects.bulk_create(
        Closure(structure=structure, starts_on=starts, ends_on=ends, note=note) for starts, ends, note in closures
    )


def _find_services_by(structure: Structure) -> None:
    """Services are found by the name of their structure too."""
    services = list(structure.services.select_for_update(of=("self",)).select_related("commune").order_by("pk"))
    for service in services:
        service.search_key = search_key(service.name, structure.name, service.kind, service.commune.name)
    Service.objects.bulk_update(services, ["search_key"])
