"""Write where else services receive, as rows of a file say (rules.inclusion.doors): a fixed number of statements."""

from collections.abc import Collection, Sequence

from prevenance.core import bulk
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.directory.models import Door, Round, Service
from prevenance.domains.directory.rules.inclusion.doors import Doors, DoorSaid, RoundSaid

Told = Sequence[tuple[Service, Doors]]
COLUMNS = (
    "place", "commune_id", "address", "longitude", "latitude", "hours", "weekly_hours", "starts_on", "ends_on", "rank",
)  # fmt: skip


def take_doors(told: Told, old: Collection[int], by: Actor) -> None:
    """The places of each service are those that its row says. One that was so already stays the row that it was: who
    inscribed it is still known, and a page that shows it still leads to it. `old`: services that were there before."""
    if not told:
        return
    changed = [service.pk for service, _doors in told if service.pk in old]
    rounds = _take_rounds(told, changed, by)
    there: dict[tuple[int, DoorSaid], list[int]] = {}
    for door in Door.objects.filter(service__in=changed).select_related("round").order_by("pk"):
        there.setdefault((door.service_id, DoorSaid.of(door)), []).append(door.pk)
    new = []
    for service, doors in told:
        for said in doors.doors.values():
            same = there.get((service.pk, said))
            if same:
                same.pop(0)
                continue
            round = rounds[service.pk, said.round] if said.round else None
            columns = {name: getattr(said, name) for name in COLUMNS}
            new.append(
                Door(service=service, round=round, updated_on=service.updated_on, created_by=by.person, **columns)
            )
    _erase(Door, [pk for pks in there.values() for pk in pks])
    bulk.insert(new)


def _take_rounds(told: Told, changed: Collection[int], by: Actor) -> dict[tuple[int, RoundSaid], Round]:
    """{(service, what is said of it): the row}. One that no row says goes, with its stops."""
    wanted = {(service.pk, said): service for service, doors in told for said in doors.rounds}
    found: dict[tuple[int, RoundSaid], Round] = {}
    gone = []
    for round in Round.objects.filter(service__in=changed).order_by("pk"):
        key = (round.service_id, RoundSaid.of(round))
        if key in wanted and key not in found:
            found[key] = round
        else:
            gone.append(round.pk)
    _erase(Round, gone)
    new = {
        key: Round(service=service, **vars(key[1]), updated_on=service.updated_on, created_by=by.person)
        for key, service in wanted.items()
        if key not in found
    }
    bulk.insert(list(new.values()))
    return found | new


def _erase(model: type[Door] | type[Round], pks: Collection[int]) -> None:
    if pks:
        model.objects.filter(pk__in=pks).delete()
