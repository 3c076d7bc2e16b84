"""From the directory to what somebody in need is shown: the shortest way first, and who answers without going anywhere.

Nothing here knows who asks. A place that protects people has no point of its own (ADR 0010): no distance is said of it.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import numpy as np
from django.db.models import Q
from numpy.typing import NDArray

from prevenance.core.composed import composed, prepared
from prevenance.domains.directory.models import Closure, Door, Number, Service, help_words, numbers_on
from prevenance.domains.directory.models.services import ServiceQuerySet
from prevenance.domains.directory.rules.hours import UNKNOWN, Opening, Period, opening, zone_of
from prevenance.domains.directory.rules.rhythms import in_words
from prevenance.domains.territories.models import Containment, Territory

Floats = NDArray[np.float64]

EARTH = 6371.0  # km, mean radius
WEIGHED = 300  # of each list: how many of the nearest have their hours read, when one asks what is open
FROM_AFAR = ["telephone", "visio", "domicile"]  # ways, of extension.yaml, that need no journey
IN_PERSON = ["sur-place", "itinerant"]
PARIS = "75056"  # hours of national numbers are those of Paris


@dataclass(frozen=True)
class Asked:
    """What one looks for: words of closed lists, "" for all. `when`: "" nearest first, now, or next."""

    need: str = ""
    audience: str = ""
    language: str = ""
    when: str = ""


@dataclass(frozen=True)
class Near:
    """A service by what orders it. `x`, `y`: where it is, its commune's point when nothing better is known, or None.

    own: the point is the service's. told: its distance may be said. kilometres and minutes (by car, estimated) are from
    the commune's town hall, infinite when not known; minutes are infinite too where no road leads. `door`: it is one of
    its clinics or stops.
    """

    pk: int
    name: str
    in_person: bool
    x: float | None
    y: float | None
    own: bool
    told: bool
    kilometres: float = math.inf
    minutes: float = math.inf
    door: int | None = None


@dataclass(frozen=True)
class Found:
    """A service, whether it is open, and how it is reached: at its own place or, with a `door`, at another."""

    service: Service
    opening: Opening
    near: Near
    door: Door | None = None

    @property
    def anchor(self) -> str:
        """The name of its line in a page."""
        return f"service-{self.service.pk}" + (f"-{self.door.pk}" if self.door else "")

    @property
    def commune(self) -> Territory:
        return (self.door or self.service).commune

    @property
    def address_lines(self) -> list[str]:
        found: list[str] = (self.door or self.service).address_lines
        return found

    @property
    def when(self) -> str:
        """Hours of another place, in words."""
        return in_words(self.door.hours) if self.door else ""

    @property
    def point(self) -> tuple[float, float] | None:
        found: tuple[float, float] | None = (self.door or self.service).point
        return found

    @property
    def kilometres(self) -> int | None:
        """In a straight line, at least one; None when it is not said."""
        near = self.near
        return max(1, round(near.kilometres)) if near.told and near.kilometres < math.inf else None

    @property
    def minutes(self) -> int | None:
        """By car, to five minutes: the model knows no better."""
        near = self.near
        return max(5, 5 * round(near.minutes / 5)) if near.told and near.minutes < math.inf else None

    @property
    def over_sea(self) -> bool:
        return self.kilometres is not None and self.near.minutes == math.inf


def served_through(commune: Territory) -> dict[int, str]:
    """{id: kind} of the territories whose services are for people of a commune: itself and all that contain it."""
    return dict(containers_of(commune.pk))


@composed
def containers_of(commune: int) -> Any:
    return Containment.objects.filter(contained=commune).order_by().values_list("container_id", "container__kind")


def candidates(commune: Territory, around: Collection[int], asked: Asked, on: date) -> tuple[list[Near], list[Near]]:
    """(where one goes, the shortest way first; who answers without a journey, by name), in two queries."""
    around, said = list(around), {"need": asked.need, "audience": asked.audience, "language": asked.language}
    rows = offered_through(around, on, **said)
    here, away = [], []
    for pk, ways, modes, hidden, x, y, town_x, town_y, town, name in rows:
        placed = x is not None
        if hidden or not _in_person(ways, modes):
            away.append(Near(pk, name, False, None, None, False, False))
        else:
            # In the same commune, a place known by its commune only is as near as one can say.
            told = placed or town != commune.pk
            here.append(Near(pk, name, True, x if placed else town_x, y if placed else town_y, placed, told))
    away.sort(key=lambda near: (near.name, near.pk))
    here += _doors(commune, doors_through(around, on, **said))
    return _nearest(sorted(_reached(commune, here, on), key=_order)), away


@prepared
@composed
def offered_through(around: list[int], on: date, *, need: str, audience: str, language: str) -> Any:
    """Services for people of territories, by what orders them; with the point of each, when it may be told."""
    services = _through(around, on, need, audience, language)
    return services.placed().values_list(
        "pk", "ways", "modes", "address_hidden", "x", "y", "commune__longitude", "commune__latitude", "commune_id",
        "sort_name",
    )  # fmt: skip


@prepared
@composed
def doors_through(around: list[int], on: date, *, need: str, audience: str, language: str) -> Any:
    """Clinics and stops of these services."""
    services = _through(around, on, need, audience, language).order_by().values("pk")
    return Door.objects.open(on).filter(service__in=services).values_list(
        "pk", "service_id", "service__sort_name", "longitude", "latitude", "commune__longitude", "commune__latitude",
        "commune_id",
    )  # fmt: skip


def _through(around: list[int], on: date, need: str, audience: str, language: str) -> ServiceQuerySet:
    return Service.objects.offered(on).filter(_served(around), _asked(need, audience, language))


def _doors(commune: Territory, rows: list[Any]) -> list[Near]:
    return [
        Near(
            service, name, True, x if x is not None else town_x, y if x is not None else town_y, x is not None,
            x is not None or town != commune.pk, door=pk,
        )
        for pk, service, name, x, y, town_x, town_y, town in rows
    ]  # fmt: skip


def _nearest(found: list[Near]) -> list[Near]:
    """Of the other doors of a service, the nearest one alone, and only when it is nearer than the service's own place:
    a round would fill the page with its stops."""
    told: set[int] = set()
    kept = []
    for near in found:
        if near.door is None or near.pk not in told:
            kept.append(near)
        told.add(near.pk)
    return kept


def _order(near: Near) -> tuple[float, float, str, int, int]:
    return near.minutes, near.kilometres, near.name, near.pk, near.door or 0


def _reached(commune: Territory, found: list[Near], on: date) -> list[Near]:
    """With kilometres and minutes from the commune's point, where both are known."""
    known = [near for near in found if near.x is not None]
    if commune.longitude is None or commune.latitude is None or not known:
        return found
    # What computes takes a second to load: commands that look for nothing go without.
    from prevenance.core import travel

    x = np.array([near.x for near in known], dtype=np.float64)
    y = np.array([near.y for near in known], dtype=np.float64)
    town_x, town_y = np.array([commune.longitude]), np.array([commune.latitude])
    ways = travel.ways(travel.places(town_x, town_y, on=on), travel.places(x, y, on=on), on=on)
    ranks = np.arange(len(known))
    minutes = ways.minutes(np.zeros(len(known), dtype=np.int64), ranks)
    kilometres = _kilometres(town_x, town_y, x, y)
    far = [
        replace(near, kilometres=float(km), minutes=float(time))
        for near, km, time in zip(known, kilometres, minutes, strict=True)
    ]
    return far + [near for near in found if near.x is None]


def _kilometres(from_x: Floats, from_y: Floats, x: Floats, y: Floats) -> Floats:
    """Along great circles, from one point to each of the others."""
    north, other = np.radians(from_y), np.radians(y)
    half = np.sin((other - north) / 2) ** 2
    half += np.cos(north) * np.cos(other) * np.sin(np.radians(x - from_x) / 2) ** 2
    found: Floats = 2 * EARTH * np.arcsin(np.sqrt(half))
    return found


def _served(around: list[int]) -> Q:
    return Q(pk__in=Service.zones.through.objects.filter(territory_id__in=around).values("service_id"))


def asked_for(asked: Asked) -> Q:
    """Of services, those that answer what is looked for; `when` is not looked at."""
    return _asked(asked.need, asked.audience, asked.language)


def _asked(need: str, audience: str, language: str) -> Q:
    found = Q()
    if need:
        # One that says nothing of needs receives every victim when its kind does.
        found &= Q(needs__contains=[need]) | Q(needs=[], kind__in=help_words()["for_every_need"])
    if audience:
        found &= Q(audiences__overlap=[audience, "tous-publics"]) | Q(audiences=[])
    if language == "lsf":
        found &= Q(sign_language=True)
    elif language:
        found &= Q(languages__contains=[language])
    return found


def _in_person(ways: list[str], modes: list[str]) -> bool:
    """Whether one is received somewhere; where nothing is said, one is."""
    if ways:
        return any(way in IN_PERSON for way in ways)
    return not modes or "en-presentiel" in modes


def shown(
    lists: Sequence[Sequence[Near]], when: str, at: datetime, first: int, size: int
) -> tuple[list[list[Found]], bool]:
    """(`size` services of each list from rank `first`, whether one of the lists goes on), in three queries.

    when: "now" keeps those open at the moment, "next" puts first those that open first.
    """
    read = [list(near)[:WEIGHED] if when else list(near)[first : first + size] for near in lists]
    by_pk = _read([one.pk for near in read for one in near])
    closures = Closure.objects.of(list(by_pk.values()))
    doors = _read_doors([one.door for near in read for one in near if one.door is not None])
    found = [
        [
            found_of(one, by_pk[one.pk], closures[one.pk], at, doors.get(one.door))
            for one in near
            if one.pk in by_pk and (one.door is None or one.door in doors)  # closed meanwhile
        ]
        for near in read
    ]
    if not when:
        return found, any(len(near) > first + size for near in lists)
    kept = [
        [one for one in near if one.opening.state == "open"] if when == "now" else sorted(near, key=_soon)
        for near in found
    ]
    return [near[first : first + size] for near in kept], any(len(near) > first + size for near in kept)


def found_of(
    near: Near, service: Service, closures: Collection[Period], at: datetime, door: Door | None = None
) -> Found:
    hours, code = (door.hours, door.commune.code) if door else (service.hours_kept, service.commune.code)
    return Found(service, opening(hours, code, closures, at), near, door)


def _read_doors(pks: list[int]) -> dict[int | None, Door]:
    return {door.pk: door for door in doors_among(pks)} if pks else {}


@composed
def doors_among(pks: list[int]) -> Any:
    return Door.objects.shown().filter(pk__in=pks).select_related("commune").order_by("pk")


def _soon(found: Found) -> tuple[int, float]:
    state = found.opening
    if state.state == "open":
        return 0, 0.0
    return (1, state.opens.timestamp()) if state.opens else (2, 0.0)


def _read(pks: list[int]) -> dict[int, Service]:
    return {service.pk: service for service in offered_among(pks)}


@prepared
@composed
def offered_among(services: list[int]) -> Any:
    return Service.objects.offered().filter(pk__in=services).select_related("structure__commune", "commune")


@dataclass(frozen=True)
class Line:
    """A number as it is shown to somebody of a commune: whether it is known to answer there, and whether it is open."""

    number: Number
    answers: bool
    opening: Opening


def lines(commune: Territory | None, need: str, at: datetime) -> tuple[list[Line], list[Line]]:
    """(in danger, to talk): those known to answer in the commune first, then those of the need, then for everybody."""
    zone = commune.zone if commune else "metro"
    code = commune.code if commune else PARIS
    found = [
        Line(number, zone in number.zones, _told_there(number.hours, code, at)) for number in numbers_on(at.date())
    ]

    def rank(line: Line) -> tuple[bool, int]:
        number = line.number
        return not line.answers, 0 if need and need in number.needs else 1 if not number.needs else 2

    urgent = sorted((line for line in found if line.number.urgent), key=lambda line: not line.answers)
    return urgent, sorted((line for line in found if not line.number.urgent), key=rank)


def _told_there(hours: str, code: str, at: datetime) -> Opening:
    """Hours of Paris, said on the clocks of a commune."""
    state = opening(hours, PARIS, (), at) if hours else UNKNOWN
    zone = zone_of(code)
    return Opening(
        state.state, state.until and state.until.astimezone(zone), state.opens and state.opens.astimezone(zone)
    )
