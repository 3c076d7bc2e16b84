"""What is where a hidden place is hides with it, whether people or a file hid the place (ADR 0010)."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext as _now

from prevenance.core.text import plain
from prevenance.domains.directory.models import WHERE_A_STRUCTURE_IS, WHERE_IT_IS, Door, Round, Service, Structure
from prevenance.domains.directory.rules.inclusion.fields import DOORS
from prevenance.domains.directory.rules.inclusion.reading import choices

EARTH = 6_371_000  # metres


@dataclass(frozen=True)
class Spot:
    """Where a place that hides is, or was."""

    address: str
    longitude: float | None
    latitude: float | None

    @classmethod
    def of(cls, place: Any) -> "Spot":
        """Of a row, or of what is told of it."""
        return cls(place.address, place.longitude, place.latitude)

    def holds(self, place: Structure | Service | Door) -> bool:
        """Whether it is at this address, or so near that it is the same place."""
        address = plain(self.address)
        return bool(address and plain(place.address) == address) or self._near(place)

    def _near(self, place: Structure | Service | Door) -> bool:
        if None in (self.longitude, self.latitude, place.longitude, place.latitude):
            return False
        assert self.longitude is not None
        assert self.latitude is not None
        east = math.radians(place.longitude - self.longitude) * math.cos(math.radians(self.latitude))
        north = math.radians(place.latitude - self.latitude)
        return EARTH * math.hypot(east, north) <= float(choices()["same_place"])


class Hiding:
    """Hide what a structure is and renders at those spots; of a hidden structure, also what has no other address than
    its own, and the rows united with it."""

    def __init__(self, structure: int, spots: Iterable[Spot]) -> None:
        self.spots = list(spots)
        self.structure: Structure = Structure.objects.select_for_update(of=("self",)).get(pk=structure)

    def write(self) -> None:
        structure = self.structure
        if not structure.address_hidden and self._at(structure):
            self.spots.append(Spot.of(structure))
            structure.address_hidden = True
            _empty(Structure, Q(pk=structure.pk), WHERE_A_STRUCTURE_IS)
        if structure.address_hidden:
            _empty(Structure, Q(merged_into=structure), WHERE_A_STRUCTURE_IS)
        rendered = Service.objects.filter(structure=structure, address_hidden=False)
        same = [service.pk for service in rendered if self._hides(service)]
        _empty(Service, Q(pk__in=same), WHERE_IT_IS)
        _empty(Service, Q(merged_into__structure=structure, merged_into__address_hidden=True), WHERE_IT_IS)
        self._close_doors()

    def _close_doors(self) -> None:
        """Of a hidden structure, of a service that hides, or at the same spot, the other places say no address; nor do
        names of rounds."""
        for door in Door.objects.filter(service__structure=self.structure).select_related("service"):
            told = self._tells(door.place)
            if self.structure.address_hidden or door.service.address_hidden or self._at(door) or told:
                place = str(_now("Lieu d’accueil")) if told else door.place
                Door.objects.filter(pk=door.pk).update(
                    address="", longitude=None, latitude=None, place=place, edit=F("edit") + 1
                )
        for round in Round.objects.filter(service__structure=self.structure):
            if self._tells(round.name) or self._tells(round.vehicle):
                name = str(_now("Tournée")) if self._tells(round.name) else round.name
                vehicle = "" if self._tells(round.vehicle) else round.vehicle
                Round.objects.filter(pk=round.pk).update(name=name, vehicle=vehicle, edit=F("edit") + 1)

        # Places that a file said badly are kept as they came: nobody knows what is in them.
        for service in Service.objects.filter(structure=self.structure, kept__has_key=DOORS):
            kept = {name: value for name, value in service.kept.items() if name != DOORS}
            Service.objects.filter(pk=service.pk).update(kept=kept, edit=F("edit") + 1)

    def _tells(self, text: str) -> bool:
        """Whether one of the addresses is written in a text."""
        return any(spot.address and plain(spot.address) in plain(text) for spot in self.spots)

    def _at(self, place: Structure | Service | Door) -> bool:
        return any(spot.holds(place) for spot in self.spots)

    def _hides(self, service: Service) -> bool:
        structure = self.structure
        there = structure.address_hidden and not service.address and service.commune_id == structure.commune_id
        return bool(there) or self._at(service)


def _empty(model: Any, rows: Q, where: Mapping[str, Any]) -> None:
    # The print of the row received was taken with its address.
    found = model.objects.filter(rows, address_hidden=False)
    found.update(**where, address_hidden=True, received="", edit=F("edit") + 1)
