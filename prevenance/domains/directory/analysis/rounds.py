"""What a round's stops add: the next days of each, and who has its service nearer because of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from prevenance.domains.accounts.acting import Actor
from prevenance.domains.directory.analysis import coverage
from prevenance.domains.directory.models import Closure, Door, Round
from prevenance.domains.directory.rules.rhythms import coming, in_words
from prevenance.domains.territories.models import Territory

WEEKS = 12  # of a printed timetable
DAYS_SHOWN = 4


@dataclass(frozen=True)
class Stop:
    """A place, its hours in words, its next days with their openings."""

    door: Door
    when: str
    days: list[tuple[date, list[str]]]


def stops_of(doors: Sequence[Door], today: date, count: int) -> list[Stop]:
    """In their order, in one query: closures of their services close them."""
    services = {door.service_id: door.service for door in doors}
    closures = Closure.objects.of(list(services.values()))
    return [stop_of(door, closures[door.service_id], today, count) for door in doors]


def stop_of(door: Door, closures: Sequence[tuple[date, date]], today: date, count: int) -> Stop:
    return Stop(door, in_words(door.hours), _days(door, closures, today, count))


def _days(door: Door, closures: Sequence[tuple[date, date]], today: date, count: int) -> list[tuple[date, list[str]]]:
    ends = [day for day in (door.ends_on, door.round and door.round.ends_on) if day is not None]
    first = max(today, door.starts_on, door.round.starts_on if door.round else today)
    return coming(door.hours, door.commune.code, closures, first, min(ends, default=None), count)


def timetable(stops: Sequence[Stop], today: date) -> list[tuple[date, list[tuple[Door, list[str]]]]]:
    """Day by day for so many weeks, the stops of each day in the order of the round."""
    last = today + timedelta(weeks=WEEKS)
    days: dict[date, list[tuple[Door, list[str]]]] = {}
    for stop in stops:
        for day, openings in stop.days:
            if day <= last:
                days.setdefault(day, []).append((stop.door, openings))
    return sorted(days.items())


@dataclass(frozen=True)
class Added:
    """What a département has with the round and would have without it."""

    place: Territory
    here: coverage.Ground
    with_it: coverage.Figures
    without: coverage.Figures
    nearer: list[tuple[str, int, float | None, float | None]]  # commune, inhabitants, minutes without, with


def added(actor: Actor, round: Round, departement: Territory, day: date) -> Added:
    """Services of the same nature count, this one's other doors among them. Minutes are None out of reach."""
    asked = {"kind": round.service.kind, "need": "", "audience": "", "language": ""}
    here = coverage.ground(actor, departement, asked, day)
    before = coverage.ground(actor, departement, asked, day, without=round)
    nearer = [
        (line.name, line.weight or 0, old.minutes, line.minutes)
        for line, old in zip(coverage.lines(here, here.today), coverage.lines(before, before.today), strict=True)
        if line.minutes != old.minutes
    ]
    nearer.sort(key=lambda one: (-one[1], one[0]))
    return Added(departement, here, coverage.figures(here.today), coverage.figures(before.today), nearer)
