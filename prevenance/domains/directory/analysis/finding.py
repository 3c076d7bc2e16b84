"""From the directory to what somebody in need is shown: nearest first, and who answers without going anywhere.

Nothing here knows who asks. A place that protects people has no point of its own (ADR 0010): no distance is said of it.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Case, F, Q, When

from prevenance.domains.directory.models import Closure, Number, Service, help_words, numbers_on
from prevenance.domains.directory.rules.hours import UNKNOWN, Opening, Period, opening, zone_of
from prevenance.domains.territories.models import Containment, Territory

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
class Found:
    """A service, whether it is open, and how far: kilometres in a straight line from the town hall, or None."""

    service: Service
    opening: Opening
    kilometres: int | None
    at_commune: bool  # known by its commune only


@dataclass(frozen=True)
class Near:
    """A service known by what orders it only."""

    pk: int
    in_person: bool
    kilometres: float
    told: bool
    own: bool


def served_through(commune: Territory) -> list[int]:
    """Ids of the territories whose services are for people of a commune: itself and all that contain it."""
    links = Containment.objects.filter(contained_id=commune.pk).order_by()
    return list(links.values_list("container_id", flat=True))


def candidates(commune: Territory, around: Sequence[int], asked: Asked, on: date) -> tuple[list[Near], list[Near]]:
    """(where one goes, nearest first; who answers without a journey, by name), in one query."""
    services = Service.objects.offered(on).filter(_served(around), _asked(asked))
    at_structure = Q(address="", address_hidden=False, commune=F("structure__commune")) & Q(
        structure__address_hidden=False, structure__longitude__isnull=False
    )
    own = Q(address_hidden=False, longitude__isnull=False)
    x, y = (
        Case(When(own, then=F(name)), When(at_structure, then=F(f"structure__{name}")), default=None)
        for name in ("longitude", "latitude")
    )
    rows = services.annotate(x=x, y=y).values_list(
        "pk", "ways", "modes", "address_hidden", "x", "y", "commune__longitude", "commune__latitude", "commune_id",
        "sort_name",
    )  # fmt: skip
    here, away = [], []
    for pk, ways, modes, hidden, x, y, town_x, town_y, town, name in rows:
        own_point = x is not None
        far = _distance(commune, x if own_point else town_x, y if own_point else town_y)
        # In the same commune, a place known by its commune only is as near as one can say.
        told = not hidden and far is not None and (own_point or town != commune.pk)
        near = Near(pk, _in_person(ways, modes) and not hidden, math.inf if far is None else far, told, own_point)
        (here if near.in_person else away).append((near.kilometres if near.in_person else 0.0, name, near))
    return [line[-1] for line in sorted(here, key=_order)], [line[-1] for line in sorted(away, key=_order)]


def _order(line: tuple[float, str, Near]) -> tuple[float, str, int]:
    return line[0], line[1], line[2].pk


def _served(around: Sequence[int]) -> Q:
    return Q(pk__in=Service.zones.through.objects.filter(territory_id__in=around).values("service_id"))


def _asked(asked: Asked) -> Q:
    found = Q()
    if asked.need:
        # One that says nothing of needs receives every victim when its kind does.
        found &= Q(needs__contains=[asked.need]) | Q(needs=[], kind__in=help_words()["for_every_need"])
    if asked.audience:
        found &= Q(audiences__overlap=[asked.audience, "tous-publics"]) | Q(audiences=[])
    if asked.language == "lsf":
        found &= Q(sign_language=True)
    elif asked.language:
        found &= Q(languages__contains=[asked.language])
    return found


def _in_person(ways: list[str], modes: list[str]) -> bool:
    """Whether one is received somewhere; where nothing is said, one is."""
    if ways:
        return any(way in IN_PERSON for way in ways)
    return not modes or "en-presentiel" in modes


def _distance(commune: Territory, x: float | None, y: float | None) -> float | None:
    """Kilometres on the sphere between the commune's point and another, None when either is not known."""
    if commune.longitude is None or commune.latitude is None or x is None or y is None:
        return None
    north, other = math.radians(commune.latitude), math.radians(y)
    half = math.sin((other - north) / 2) ** 2
    half += math.cos(north) * math.cos(other) * math.sin(math.radians(x - commune.longitude) / 2) ** 2
    return 2 * EARTH * math.asin(math.sqrt(half))


def kilometres_of(near: Near) -> int | None:
    """What is said: whole kilometres, at least one."""
    return max(1, round(near.kilometres)) if near.told and near.in_person else None


def shown(
    lists: Sequence[Sequence[Near]], when: str, at: datetime, first: int, size: int
) -> tuple[list[list[Found]], bool]:
    """(`size` services of each list from rank `first`, whether one of the lists goes on), in two queries.

    when: "now" keeps those open at the moment, "next" puts first those that open first.
    """
    read = [list(near)[:WEIGHED] if when else list(near)[first : first + size] for near in lists]
    by_pk = _read([one.pk for near in read for one in near])
    closures = Closure.objects.of(list(by_pk.values()))
    found = [
        [found_of(one, by_pk[one.pk], closures[one.pk], at) for one in near if one.pk in by_pk]  # closed meanwhile
        for near in read
    ]
    if not when:
        return found, any(len(near) > first + size for near in lists)
    kept = [
        [one for one in near if one.opening.state == "open"] if when == "now" else sorted(near, key=_soon)
        for near in found
    ]
    return [near[first : first + size] for near in kept], any(len(near) > first + size for near in kept)


def found_of(near: Near, service: Service, closures: Collection[Period], at: datetime) -> Found:
    state = opening(service.hours_kept, service.commune.code, closures, at)
    return Found(service, state, kilometres_of(near), not near.own)


def _soon(found: Found) -> tuple[int, float]:
    state = found.opening
    if state.state == "open":
        return 0, 0.0
    return (1, state.opens.timestamp()) if state.opens else (2, 0.0)


def _read(pks: Sequence[int]) -> dict[int, Service]:
    services = Service.objects.offered().filter(pk__in=pks).select_related("structure__commune", "commune")
    return {service.pk: service for service in services}


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
