"""Open a clinic or a stop of a service elsewhere, correct it, end it; keep a round and the order of its stops."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.directory.models import Door, Round, Service, Structure
from prevenance.domains.directory.rules import doors as rules
from prevenance.domains.directory.rules.hours import check_hours
from prevenance.domains.governance.rules.confidential import check_names_nobody
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.territories.models import Territory


@dataclass(frozen=True)
class Told:
    """What is said of a place where a service receives."""

    place: str
    commune: Territory
    hours: str
    starts_on: date
    ends_on: date | None = None
    address: str = ""
    longitude: float | None = None
    latitude: float | None = None

    def checked(self, service: Service) -> dict[str, object]:
        """Values of the row. Raises Refused."""
        check_hours(self.hours)
        rules.check_season(self.starts_on, self.ends_on)
        rules.check_served(service, self.commune)
        rules.check_not_where_it_hides(service, self.address, self.longitude)
        check_names_nobody(self.place, self.address)
        mean = rules.check_opens(self.hours, self.commune, self.starts_on)
        return {name: getattr(self, name) for name in self.__dataclass_fields__} | {"weekly_hours": mean}


@dataclass(frozen=True)
class RoundTold:
    name: str
    vehicle: str
    starts_on: date
    ends_on: date | None = None


@action(_("Permanence inscrite"))
def open_door(*, service: Service, told: Told, by: Actor) -> Door:
    service = _service(service)
    rules.check_can_open(service, by)
    door = Door.objects.create(service=service, created_by=by.person, **told.checked(service))
    audit.record(by=by, subject=door, service=service.pk, commune=told.commune.code)
    return door


@action(_("Arrêt de tournée inscrit"))
def add_stop(*, round: Round, told: Told, by: Actor) -> Door:
    """The last of the round."""
    round = _round(round)
    _with_its_structure(round.service)
    rules.check_can_add_stop(round, by)
    last = round.stops.aggregate(last=Max("rank"))["last"] or 0
    stop = Door.objects.create(
        service=round.service, round=round, rank=last + 1, created_by=by.person, **told.checked(round.service)
    )
    audit.record(by=by, subject=stop, round=round.pk, commune=told.commune.code)
    return stop


@action(_("Permanence ou arrêt modifié"))
def edit_door(*, door: Door, told: Told, seen: int, by: Actor) -> Door:
    """Correct a place. Raises Stale when it changed since the form showed it."""
    door = _door(door)
    rules.check_can_edit_door(door, by)
    if door.edit != seen:
        raise Stale(_now("Ce lieu a été modifié ailleurs : vérifiez, puis enregistrez à nouveau."))
    for name, value in told.checked(door.service).items():
        setattr(door, name, value)
    _write(door)
    audit.record(by=by, subject=door, service=door.service_id, commune=told.commune.code)
    return door


@action(_("Permanence ou arrêt terminé"))
def end_door(*, door: Door, on: date, by: Actor) -> Door:
    """Its last day; what was is kept."""
    door = _door(door)
    rules.check_can_end_door(door, by)
    rules.check_end(on, door.starts_on, timezone.localdate())
    door.ends_on = on
    _write(door)
    audit.record(by=by, subject=door, service=door.service_id, on=on)
    return door


@action(_("Tournée inscrite"))
def add_round(*, service: Service, told: RoundTold, by: Actor) -> Round:
    service = _service(service)
    rules.check_can_open(service, by)
    _check(told)
    round = Round.objects.create(service=service, created_by=by.person, **vars(told))
    audit.record(by=by, subject=round, service=service.pk)
    return round


@action(_("Tournée modifiée"))
def edit_round(*, round: Round, told: RoundTold, seen: int, by: Actor) -> Round:
    """Correct a round. Raises Stale when it changed since the form showed it."""
    round = _round(round)
    rules.check_can_edit_round(round, by)
    if round.edit != seen:
        raise Stale(_now("Cette tournée a été modifiée ailleurs : vérifiez, puis enregistrez à nouveau."))
    _check(told)
    for name, value in vars(told).items():
        setattr(round, name, value)
    _write(round)
    audit.record(by=by, subject=round, service=round.service_id)
    return round


@action(_("Tournée terminée"))
def end_round(*, round: Round, on: date, by: Actor) -> Round:
    """Its last day; no stop of it receives after."""
    round = _round(round)
    rules.check_can_end_round(round, by)
    rules.check_end(on, round.starts_on, timezone.localdate())
    round.ends_on = on
    _write(round)
    audit.record(by=by, subject=round, service=round.service_id, on=on)
    return round


@action(_("Arrêt de tournée avancé"))
def move_stop(*, stop: Door, by: Actor) -> Door:
    """One place earlier in its round; the first one stays first. Raises Stale for what is no stop."""
    if stop.round is None:
        raise Stale(_now("Ce lieu n’est plus l’arrêt d’une tournée."))
    round = _round(stop.round)
    rules.check_can_edit_round(round, by)
    stop = _door(stop)
    before = round.stops.filter(rank__lt=stop.rank).order_by("-rank").first()
    if before is not None:
        before.rank, stop.rank = stop.rank, before.rank
        Door.objects.bulk_update([before, stop], ["rank"])
    audit.record(by=by, subject=stop, round=round.pk, rank=stop.rank)
    return stop


def _check(told: RoundTold) -> None:
    rules.check_season(told.starts_on, told.ends_on)
    check_names_nobody(told.name, told.vehicle, titles=True)


def _service(service: Service) -> Service:
    rows = Service.objects.select_for_update(of=("self",)).select_related("commune")
    return _with_its_structure(rows.get(pk=service.pk))


def _with_its_structure(service: Service) -> Service:
    """A structure that begins to hide meanwhile waits, and then sees the place; or hides first, and none is said."""
    service.structure = Structure.objects.select_for_update(of=("self",)).get(pk=service.structure_id)
    return service


def _door(door: Door) -> Door:
    rows = Door.objects.select_for_update(of=("self",))
    found = rows.select_related("service__commune", "service__structure", "commune", "round").filter(pk=door.pk).first()
    if found is None:  # a file of its source says other places
        raise Stale(_now("Ce lieu n’est plus à l’annuaire : un fichier de sa source ne le donne plus."))
    return found


def _round(round: Round) -> Round:
    rows = Round.objects.select_for_update(of=("self",)).select_related("service__commune", "service__structure")
    found = rows.filter(pk=round.pk).first()
    if found is None:
        raise Stale(_now("Cette tournée n’est plus à l’annuaire : un fichier de sa source ne la donne plus."))
    return found


def _write(row: Door | Round) -> None:
    row.updated_on = timezone.localdate()
    row.edit += 1
    row.save()
