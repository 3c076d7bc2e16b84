"""Write where else services receive, as rows of a file say (rules.inclusion.doors): a fixed number of statements."""

from collections.abc import Collection, Sequence
from typing import Any

from prevenance.core import bulk
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.directory.models import Door, Round, Service
from prevenance.domains.directory.rules.inclusion.doors import Doors, DoorSaid, RoundSaid

Told = Sequence[tuple[Service, Doors]]
COLUMNS = (
    "place", "commune_id", "address", "longitude", "latitude", "hours", "weekly_hours", "starts_on", "ends_on", "rank",
)  # fmt: skip


class Opening:
    """The places of each service are those that its row says. One that was so already stays the row that it was: who
    inscribed it is still known, and a page that shows it still leads to it. `old`: services that were there before."""

    def __init__(self, told: Told, old: Collection[int], by: Actor) -> None:
        self.told, self.by = told, by
        self.changed = [service.pk for service, _doors in told if service.pk in old]

    def write(self) -> None:
        if not self.told:
            return
        rounds = self._rounds()
        there: dict[tuple[int, DoorSaid], list[int]] = {}
        for door in Door.objects.filter(service__in=self.changed).select_related("round").order_by("pk"):
            there.setdefault((door.service_id, DoorSaid.of(door)), []).append(door.pk)
        new = []
        for service, doors in self.told:
            for said in doors.doors.values():
                same = there.get((service.pk, said))
                if same:
                    same.pop(0)
                    continue
                round = rounds[service.pk, said.round] if said.round else None
                columns = {name: getattr(said, name) for name in COLUMNS} | self._signed(service)
                new.append(Door(service=service, round=round, **columns))
        _erase(Door, [pk for pks in there.values() for pk in pks])
        bulk.insert(new)

    def _rounds(self) -> dict[tuple[int, RoundSaid], Round]:
        """{(service, what is said of it): the row}. One that no row says goes, with its stops."""
        wanted = {(service.pk, said): service for service, doors in self.told for said in doors.rounds}
        found: dict[tuple[int, RoundSaid], Round] = {}
        gone = []
        for round in Round.objects.filter(service__in=self.changed).order_by("pk"):
            key = (round.service_id, RoundSaid.of(round))
            if key in wanted and key not in found:
                found[key] = round
            else:
                gone.append(round.pk)
        _erase(Round, gone)
        new = {
            key: Round(service=service, **vars(key[1]), **self._signed(service))
            for key, service in wanted.items()
            if key not in found
        }
        bulk.insert(list(new.values()))
        return found | new

    def _signed(self, service: Service) -> dict[str, Any]:
        return {"updated_on": service.updated_on, "created_by": self.by.person}


def _erase(model: type[Door] | type[Round], pks: Collection[int]) -> None:
    if pks:
        model.objects.filter(pk__in=pks).delete()
