"""Write what a file of data.inclusion says, a batch at a time: rows, position and what was wrong in one transaction."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit, bulk
from prevenance.core.audit import action
from prevenance.core.text import sort_key
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.directory.actions.exchanges import MODELS
from prevenance.domains.directory.actions.hiding import Hiding, Spot
from prevenance.domains.directory.actions.taking_doors import Opening
from prevenance.domains.directory.models import (
    WHERE_A_STRUCTURE_IS,
    WHERE_IT_IS,
    Closure,
    Exchange,
    ExchangeProblem,
    Service,
    Structure,
    search_key,
)
from prevenance.domains.directory.rules.inclusion.fields import DOORS, FIELDS, SERVICES, STRUCTURES
from prevenance.domains.directory.rules.inclusion.places import Places
from prevenance.domains.directory.rules.inclusion.reading import (
    Owner,
    Reading,
    ages_refused,
    hide,
    is_hidden,
    read,
    settle_doors,
)
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.territories.models import Containment

Records = Sequence[tuple[int, Any]]
WRITTEN = {
    kind: sorted(
        {spec.column for spec in FIELDS[kind] if spec.column}
        | {"commune", "kept", "received", "sort_name", "edit", "kind"}
        | ({"structure", "search_key"} if kind == SERVICES else set())
    )
    for kind in FIELDS
}


@action(_("Lignes d’un import écrites dans l’annuaire"))
def take_batch(
    *, exchange: Exchange, kind: str, start: int, records: Records, places: Places, seen: set[str], by: Actor
) -> Exchange:
    """Write `records`, which follow the first `start` of the file; `seen` holds the identifiers read before them.

    Raises Stale when another job already wrote them: nothing is done twice.
    """
    held: Exchange | None = Exchange.objects.held(exchange.pk)
    if held is None or getattr(held, f"done_{kind}") != start:
        raise Stale(_now("Un autre traitement a déjà écrit ces lignes."))
    exchange = held
    batch = Batch(exchange, kind, places, by)
    batch.read(records, seen)
    batch.write()
    setattr(exchange, f"done_{kind}", start + len(records))
    exchange.beat_at = timezone.now()
    exchange.save()
    audit.record(by=by, subject=exchange, rows=len(records), left=batch.left)
    return exchange


class Batch:
    """One batch: what it says, what is there already, what is written."""

    def __init__(self, exchange: Exchange, kind: str, places: Places, by: Actor) -> None:
        self.exchange, self.kind, self.places, self.by = exchange, kind, places, by
        self.model: Any = MODELS[kind]
        self.left = 0
        self.owners: dict[str, Structure] = {}
        self.readings: list[tuple[Reading, Any]] = []
        self.spots: dict[int, list[Spot]] = defaultdict(list)  # where hidden places are, by their structure

    def read(self, records: Records, seen: set[str]) -> None:
        if self.kind == SERVICES:
            asked = {str(row.get("structure_id")) for _number, row in records if isinstance(row, dict)}
            found = Structure.objects.filter(source=self.exchange.source, source_id__in=asked)
            rows = found.select_for_update(of=("self",)).select_related("commune", "merged_into__commune")
            # What was united goes on under the one that was kept.
            self.owners = {one.source_id: one.merged_into or one for one in rows.order_by("pk")}
        owners = {
            ref: Owner(one.pk, one.name, self.places.by_pk[one.commune_id], one.address_hidden)
            for ref, one in self.owners.items()
            if one.commune_id in self.places.by_pk
        }
        for number, row in records:
            reading = read(number, row, self.kind, self.places, owners, self.exchange.source)
            if reading.id and reading.id in seen:
                reading.leave("id", _now("Cet identifiant est déjà dans le fichier, plus haut."))
            elif reading.id:
                seen.add(reading.id)
            if reading.commune is not None and not self.places.allows(reading.commune):
                reading.leave(
                    "code_insee",
                    _now("%(commune)s n’est pas dans votre territoire.") % {"commune": reading.commune.name},
                )
            if ages_refused(reading.columns):
                reading.leave("prevenance_age_max", _now("L’âge le plus haut est plus petit que l’âge le plus bas."))
            self.readings.append((reading, row))
        self._settle_doors()

    def _settle_doors(self) -> None:
        """Of the whole batch in one query, and in none when no row says any."""
        told = [(reading, row) for reading, row in self.readings if reading.doors is not None]
        communes = {door.commune_id for reading, _row in told if reading.doors for door in reading.doors.doors.values()}
        around: dict[int, list[int]] = defaultdict(list)
        if communes:
            found = Containment.objects.filter(contained__in=communes).order_by()
            for commune, container in found.values_list("contained_id", "container_id"):
                around[commune].append(container)
        for reading, row in told:
            settle_doors(reading, row, around)

    def write(self) -> None:
        ids = [reading.id for reading, _row in self.readings if reading.taken]
        rows = self.model.objects.select_for_update(of=("self",)).filter(source=self.exchange.source, source_id__in=ids)
        before = {row.source_id: row for row in rows.order_by("pk")}
        new, changed = [], []
        for reading, raw in self.readings:
            there = before.get(reading.id)
            if there is not None and reading.taken:
                self._check_there(reading, there)
            if reading.taken:
                hidden = is_hidden(reading, bool(there and there.address_hidden), self._kind_of(reading, there))
                if hidden:
                    self._hide(reading, raw, there)
            if not reading.taken:
                continue
            if there is None:
                new.append((self._fresh(reading), reading))
            elif there.received != reading.received or (hidden and not there.address_hidden):
                changed.append((there, reading))
            else:
                self.exchange.same += 1
        renamed = [row for row, reading in changed if self.kind == STRUCTURES and row.name != reading.columns["name"]]
        for row, reading in (*new, *changed):
            self._set(row, reading)
        bulk.insert([row for row, _reading in new])
        bulk.update([row for row, _reading in changed], WRITTEN[self.kind])
        self._around([*new, *changed], {row.pk for row, _reading in changed})
        self.exchange.created += len(new)
        self.exchange.updated += len(changed)
        _rename(renamed)
        for structure, spots in sorted(self.spots.items()):
            Hiding(structure, spots).write()
        self._tell()

    def _check_there(self, reading: Reading, there: Any) -> None:
        commune = self.places.by_pk.get(there.commune_id)
        if commune is not None and not self.places.allows(commune):
            reading.leave("id", _now("Cette fiche est d’un autre territoire : elle y est tenue par d’autres."))
        if self.kind == SERVICES and there.merged_into_id is not None and reading.doors is not None:
            reading.doors = None
            reading.kept.pop(DOORS, None)
            reading.aside(
                DOORS, _now("Ce service a été réuni à un autre : c’est là que ses lieux se tiennent, ôtez-les d’ici.")
            )

    def _kind_of(self, reading: Reading, there: Any) -> str:
        """What the service is: as the row says; else as it was, since people may have said better; else as guessed."""
        if self.kind == STRUCTURES:
            return ""
        if there is not None and "prevenance_nature" not in reading.said and reading.columns["kind"] != "shelter":
            reading.columns["kind"] = there.kind
        return str(reading.columns["kind"])

    def _hide(self, reading: Reading, raw: Mapping[str, Any], there: Any) -> None:
        told = Spot(str(raw.get("adresse") or ""), reading.columns.get("longitude"), reading.columns.get("latitude"))
        turns = there is not None and not there.address_hidden
        spots = [told, Spot.of(there)] if turns else [told]
        if self.kind == SERVICES and reading.owner is not None:
            self.spots[reading.owner.pk] += spots
        elif turns:
            # What was united renders its services under the one that was kept.
            self.spots[there.pk] += spots
            if there.merged_into_id is not None:
                self.spots[there.merged_into_id] += spots
        empty = WHERE_A_STRUCTURE_IS if self.kind == STRUCTURES else WHERE_IT_IS
        hide(reading, raw, empty, structure=self.kind == STRUCTURES)

    def _fresh(self, reading: Reading) -> Any:
        row = self.model(source=self.exchange.source, source_id=reading.id, created_by=self.by.person, edit=0)
        if self.kind == SERVICES:
            row.modes = []
        return row

    def _set(self, row: Any, reading: Reading) -> None:
        assert reading.commune is not None
        for column, value in reading.columns.items():
            setattr(row, column, value)
        row.commune_id, row.kept, row.received = reading.commune.pk, reading.kept, reading.received
        row.edit += 1
        row.sort_name = sort_key(row.name)
        if reading.owner is not None:
            row.structure_id = reading.owner.pk
            row.search_key = search_key(row.name, reading.owner.name, row.kind, reading.commune.name)

    def _around(self, written: Sequence[tuple[Any, Reading]], old: set[int]) -> None:
        """Whom they are for, when they are closed and, when the row says so, where else they receive."""
        holder = "structure" if self.kind == STRUCTURES else "service"
        told = [(row, reading.closures) for row, reading in written if reading.closures is not None]
        Closure.objects.filter(**{f"{holder}__in": [row.pk for row, _closures in told if row.pk in old]}).delete()
        Closure.objects.bulk_create(
            Closure(**{holder: row}, starts_on=starts, ends_on=ends, note=note)
            for row, closures in told
            for starts, ends, note in closures or ()
        )
        if self.kind == SERVICES:
            Opening([(row, one.doors) for row, one in written if one.doors is not None], old, self.by).write()
            through = Service.zones.through
            through.objects.filter(service__in=old).delete()
            bulk.insert(
                [through(service_id=row.pk, territory_id=zone) for row, reading in written for zone in reading.zones]
            )

    def _tell(self) -> None:
        self.left = sum(not reading.taken for reading, _row in self.readings)
        self.exchange.left += self.left
        ExchangeProblem.objects.bulk_create(
            ExchangeProblem(
                exchange=self.exchange, file=self.kind, number=reading.number, ref=reading.id,
                field=problem.field[:100], sentence=problem.sentence[:300], is_left=problem.left,
            )
            for reading, _row in self.readings
            for problem in reading.problems
        )  # fmt: skip


def _rename(structures: Iterable[Structure]) -> None:
    """Services are found by the name of their structure too."""
    names = {structure.pk: structure.name for structure in structures}
    services = list(Service.objects.filter(structure__in=names).select_related("commune").order_by("pk"))
    for service in services:
        service.search_key = search_key(service.name, names[service.structure_id], service.kind, service.commune.name)
    Service.objects.bulk_update(services, ["search_key"], batch_size=500)
