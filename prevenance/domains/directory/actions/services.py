"""Inscribe a service, correct it, confirm it, close it, open it again."""

from collections.abc import Collection
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.refusals import Refused
from prevenance.core.text import sort_key
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Organisation
from prevenance.domains.directory.actions.hiding import Hiding, Spot
from prevenance.domains.directory.models import EXTENSION, WHERE_IT_IS, Closure, Service, Structure
from prevenance.domains.directory.rules import services as rules
from prevenance.domains.directory.rules.contacts import phone_number
from prevenance.domains.directory.rules.hours import check_hours
from prevenance.domains.directory.rules.structures import check_day_of_closing
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.territories.models import Territory

APART = ("zones", "closures", "owner_name")  # of what is told, what is not a column


@dataclass(frozen=True)
class Told:
    """What is said of a service; lists hold values of data.inclusion."""

    name: str
    kind: str
    description: str
    commune: Territory
    zones: Collection[Territory]
    audiences: list[str] = field(default_factory=list)
    audience_note: str = ""
    conditions: str = ""
    cost: str = ""
    cost_note: str = ""
    modes: list[str] = field(default_factory=list)
    address: str = ""
    address_more: str = ""
    postcode: str = ""
    address_hidden: bool = False
    phone: str = ""
    email: str = ""
    reached_by: list[str] = field(default_factory=list)
    reach_modes: list[str] = field(default_factory=list)
    reach_link: str = ""
    reach_note: str = ""
    contact: str = ""
    type: str = ""
    longitude: float | None = None
    latitude: float | None = None
    hours: str = ""
    needs: list[str] = field(default_factory=list)
    schemes: list[str] = field(default_factory=list)
    stages: list[str] = field(default_factory=list)
    ways: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    sign_language: bool = False
    accessibility: list[str] = field(default_factory=list)
    age_from: int | None = None
    age_to: int | None = None
    capacity_hours: Decimal | None = None
    takes_complaints: bool = False
    digital_mediation: bool = False
    owner_name: str = ""
    review_months: int | None = None
    closures: list[tuple[date, date, str]] = field(default_factory=list)  # first day, last day, why
    opened_on: date | None = None

    def checked(self) -> "Told":
        """Words of the lists, numbers as they are kept, no address where it is hidden. Raises Refused."""
        rules.check_serves_somewhere(self.zones)
        rules.check_of_the_lists(
            {
                "publics": self.audiences, "frais": [self.cost] if self.cost else [], "modes_accueil": self.modes,
                "mobilisable_par": self.reached_by, "modes_mobilisation": self.reach_modes,
                "types": [self.type] if self.type else [],
            } | {name: getattr(self, name) for name in EXTENSION},
            self.kind,
        )  # fmt: skip
        check_hours(self.hours)
        rules.check_review(self.review_months, timezone.localdate())
        rules.check_ages(self.age_from, self.age_to)
        rules.check_closures(self.closures)
        hidden = rules.hides_address(self.kind, self.address_hidden)
        rules.check_place_not_told(hidden, self.address, self.texts())
        return replace(
            self, phone=phone_number(self.phone), address_hidden=hidden, modes=rules.modes_with(self.modes, self.ways)
        )

    def texts(self) -> tuple[str, ...]:
        return self.name, self.description, self.audience_note, self.conditions, self.cost_note, self.reach_note

    def values(self) -> dict[str, object]:
        """Every field of the row, of a hidden place nothing that says where; what is told in other tables is apart."""
        told = {one.name: getattr(self, one.name) for one in fields(self) if one.name not in APART}
        return told | WHERE_IT_IS if self.address_hidden else told


@action(_("Service inscrit à l’annuaire"))
def add_service(*, structure: Structure, told: Told, by: Actor) -> Service:
    """Whoever inscribes a service says that it is true on that day."""
    structure = Structure.objects.select_for_update(of=("self",)).select_related("commune").get(pk=structure.pk)
    rules.check_can_add_service(structure, told.commune, by)
    told = told.checked()
    rules.check_not_twice(structure, told.name, told.commune)
    service = Service.objects.create(
        **told.values(), owner=_owner(told.owner_name), structure=structure, created_by=by.person,
        verified_on=timezone.localdate(), verified_by=by.person,
    )  # fmt: skip
    service.zones.set(told.zones)
    _close_on(service, told.closures)
    if service.address_hidden:
        Hiding(structure.pk, [Spot.of(told)]).write()
    audit.record(by=by, subject=service, kind=service.kind, commune=told.commune.code, structure=structure.pk)
    return service


@action(_("Service de l’annuaire modifié"))
def edit_service(*, service: Service, told: Told, seen: int, by: Actor) -> Service:
    """Correct a service. Raises Stale when it changed since the form showed it."""
    service = _locked(service)
    rules.check_can_edit_service(service, by)
    if service.edit != seen:
        raise Stale(_now("Ce service a été modifié ailleurs : vérifiez, puis enregistrez à nouveau."))
    if told.commune != service.commune:
        rules.check_can_move_service(told.commune, by)
    told = told.checked()
    rules.check_place_not_told(told.address_hidden, service.address, told.texts())
    rules.check_not_twice(service.structure, told.name, told.commune, besides=service.pk)
    turns = told.address_hidden and not service.address_hidden
    spots = [Spot.of(service), Spot.of(told)]
    for name, value in told.values().items():
        setattr(service, name, value)
    service.owner = _owner(told.owner_name)
    if turns:
        service.received = ""  # the print of the row received was taken with its address
    _write(service)
    service.zones.set(told.zones)
    _close_on(service, told.closures)
    if turns:
        Hiding(service.structure_id, spots).write()
    _settle(service, by)
    audit.record(by=by, subject=service, kind=service.kind, commune=told.commune.code)
    return service


@action(_("Service de l’annuaire confirmé"))
def verify_service(*, service: Service, seen: int, by: Actor) -> Service:
    """Say that all that was read of a service is true today. Raises Stale when it changed since it was read."""
    service = _locked(service)
    rules.check_can_verify(service, by)
    if service.edit != seen:
        raise Stale(_now("Ce service a été modifié entre-temps : relisez-le avant de le confirmer."))
    service.verified_on, service.verified_by = timezone.localdate(), by.person
    service.save()
    _settle(service, by)
    audit.record(by=by, subject=service, on=service.verified_on)
    return service


@action(_("Service de l’annuaire fermé"))
def close_service(*, service: Service, on: date, by: Actor) -> Service:
    service = _locked(service)
    rules.check_can_close_service(service, by)
    check_day_of_closing(on, service.opened_on)
    service.closed_on = on
    _write(service)
    _settle(service, by)
    audit.record(by=by, subject=service, on=on)
    return service


@action(_("Service de l’annuaire rouvert"))
def reopen_service(*, service: Service, by: Actor) -> Service:
    """Open a service again, as of today; whoever does says that the rest is still true."""
    service = _locked(service)
    rules.check_can_reopen_service(service, by)
    rules.check_not_twice(service.structure, service.name, service.commune, besides=service.pk)
    service.closed_on = None
    service.verified_on, service.verified_by = timezone.localdate(), by.person
    _write(service)
    audit.record(by=by, subject=service)
    return service


def _locked(service: Service) -> Service:
    rows = Service.objects.select_for_update(of=("self",)).select_related("structure__commune", "commune")
    return rows.get(pk=service.pk)


def _owner(name: str) -> Organisation | None:
    """The organisation whose members keep a service true. Raises Refused for one that nobody knows."""
    if not name.strip():
        return None
    found = Organisation.objects.filter(sort_name=sort_key(name)).order_by("pk").first()
    if found is None:
        raise Refused(
            _now("Aucun organisme de ce nom n’est connu ici : écrivez-le comme dans la liste des partenaires.")
        )
    return found


def _close_on(service: Service, closures: Collection[tuple[date, date, str]]) -> None:
    """Its closures are these and no others."""
    service.closures.all().delete()
    Closure.objects.bulk_create(
        Closure(service=service, starts_on=starts, ends_on=ends, note=note) for starts, ends, note in closures
    )


def _settle(service: Service, by: Actor) -> None:
    """Whoever corrects, confirms or closes a service has read what was said to be wrong with it."""
    service.reports.unsettled().update(settled_on=timezone.localdate(), settled_by=by.person)


def _write(service: Service) -> None:
    service.updated_on = timezone.localdate()
    service.edit += 1
    service.save()
