"""From the directory and the territories to the engines of coverage and placement, and back: one département.

A service counts from where it may be told to be: at its commune's point when its address is hidden. It is within reach
of those whom it serves, in its zones, and of nobody else; one that only answers by phone is at no distance. Inhabitants
of elsewhere are not counted among those who share its hours. Its clinics and the stops of its rounds are places more,
each with its own hours. Communes weigh their inhabitants or, when asked, victims recorded there: one whose figure is
not published is shown and weighs nothing, which is said.
"""

import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject
from scipy.sparse import csr_array

from prevenance.core.composed import composed
from prevenance.core.travel import decay_on, places, ways
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.directory.models import Door, Round, Service
from prevenance.domains.directory.models.doors import DoorQuerySet
from prevenance.domains.directory.models.services import ServiceQuerySet
from prevenance.domains.directory.rules.coverage import Post, Terms, terms_on
from prevenance.domains.territories.models import (
    Containment,
    CrimeSeries,
    Population,
    PopulationSeries,
    RecordedCrime,
    Territory,
)
from prevenance.engines.coverage import Coverage, Given, Pairs, Points, added, cover
from prevenance.engines.coverage.points import Floats, Ints
from prevenance.engines.placement import EXISTING, FREE, Aim, Placement, Problem, place

SIGNS = "lsf"  # a language that has a column of its own
FROM_AFAR = ["a-distance"]


@dataclass(frozen=True)
class Place:
    """Where a service receives: its own place or, with a `door`, one of its clinics or stops. `hours`: a week, None
    when nobody said; `zone_list`: territories that it serves."""

    pk: int  # of the service
    kind: str
    name: str
    point: tuple[float, float]
    hours: float | None
    zone_list: list[int]
    needs: list[str]
    audiences: list[str]
    door: int | None = None


@dataclass(frozen=True)
class Seen:
    """What somebody may read of the directory."""

    services: ServiceQuerySet
    doors: DoorQuerySet


def seen_by(actor: Actor) -> Seen:
    return Seen(Service.objects.visible_to(actor), Door.objects.visible_to(actor))


@dataclass(frozen=True, eq=False)
class Ground:
    """A département as it is today: communes that have a place, and where open services receive, as the engine has
    them. `services` has one line a place.

    `series`: what communes weigh, inhabitants when there is none; `weights`: of each, None where it is not published.
    `unsaid`: services whose hours nobody said. `nowhere`: communes without a place or a population, which are left out.
    """

    communes: list[Territory]
    services: list[Place]
    demand: Points
    today: Coverage
    terms: Terms
    day: date
    series: CrimeSeries | None
    weights: list[int | None]
    unsaid: int
    nowhere: int

    @property
    def withheld(self) -> int:
        """Communes whose weight is not published."""
        return self.weights.count(None)


@dataclass(frozen=True)
class Line:
    """A commune; `weight` is None when it is not published, `minutes` when nothing is within reach. `hours`: a week,
    for a thousand of what communes weigh."""

    code: str
    name: str
    weight: int | None
    minutes: float | None
    nearest: str
    service: int | None
    choices: tuple[int, ...]
    hours: float


@dataclass(frozen=True)
class Figures:
    """Of a whole département: weight `beyond` each band, mean minutes of those who reach a service (None: nobody
    does), hours a week for a thousand."""

    weight: int
    beyond: tuple[int, ...]
    mean: float | None
    hours: float


def services_of(
    seen: Seen,
    departement: Territory,
    asked: dict[str, str],
    day: date,
    without: Round | None = None,
) -> list[Place]:
    """Where services open that day to inhabitants of the département receive them; `without`: but for a round."""
    found = seen.services.open(day).near(departement)
    if asked["kind"]:
        found = found.filter(kind=asked["kind"])
    if asked["need"]:
        found = found.filter(needs__contains=[asked["need"]])
    if asked["audience"]:
        found = found.filter(audiences__overlap=[asked["audience"], "tous-publics"])
    if asked["language"] == SIGNS:
        found = found.filter(sign_language=True)
    elif asked["language"]:
        found = found.filter(languages__contains=[asked["language"]])
    zones = Service.zones.through.objects.filter(service=OuterRef("pk")).order_by().values("territory_id")
    doors = ArraySubquery(doors_of(seen, day, without))
    rows = found.placed().annotate(zone_list=ArraySubquery(zones), doors_open=doors).order_by("pk").values_list(
        "pk", "kind", "name", "zone_list", "needs", "audiences", "modes", "capacity_hours", "x", "y",
        "commune__longitude", "commune__latitude", "doors_open",
    )  # fmt: skip
    return [place for row in rows for place in places_of(*row)]


def doors_of(seen: Seen, day: date, without: Round | None) -> Any:
    """Other places of the service of an outer query."""
    found = seen.doors.open(day).filter(service=OuterRef("pk")).order_by("pk")
    if without is not None:
        found = found.exclude(round=without)
    point = {"x": "longitude", "y": "latitude", "town_x": "commune__longitude", "town_y": "commune__latitude"}
    return found.values(json=JSONObject(pk="pk", place="place", hours="weekly_hours", **point))


def places_of(
    pk: int, kind: str, name: str, zone_list: list[int], needs: list[str], audiences: list[str], modes: list[str],
    capacity: Decimal | None, x: float | None, y: float | None, town_x: float | None, town_y: float | None,
    doors: list[dict[str, Any]],
) -> Iterator[Place]:  # fmt: skip
    """Its own place, unless it only answers by phone or says no hours at all, then the others."""
    point = told_at(x, y, town_x, town_y)
    if modes != FROM_AFAR and point is not None and capacity != 0:
        hours = None if capacity is None else float(capacity)
        yield Place(pk, kind, name, point, hours, zone_list, needs, audiences)
    for door in doors:
        point = told_at(door["x"], door["y"], door["town_x"], door["town_y"])
        if point is not None:
            named = f"{name} ({door['place']})"
            yield Place(pk, kind, named, point, door["hours"], zone_list, needs, audiences, door["pk"])


def told_at(x: float | None, y: float | None, town_x: float | None, town_y: float | None) -> tuple[float, float] | None:
    """Its own point; its commune's when that is all one may say."""
    if x is not None and y is not None:
        return x, y
    return None if town_x is None or town_y is None else (town_x, town_y)


def communes_of(departement: Territory, series: CrimeSeries | None) -> list[Territory]:
    """Those of the département, which anybody may read, with `inhabitants` (None where not known), `recorded` when
    there is a series (None where not published) and `container_list`, what each lies in.

    The series is the one that counts every commune: figures of two are never added, and others lack lonely islands.
    """
    return communes_read(departement.pk, None if series is None else series.pk)


@composed
def communes_read(departement: int, series: int | None) -> Any:
    counted = Population.objects.filter(
        territory=OuterRef("pk"), series__definition=PopulationSeries.Definition.UNSPECIFIED
    ).order_by("-series__year")
    around = Containment.objects.filter(contained=OuterRef("pk")).order_by().values("container_id")
    found = Territory.objects.existing().filter(kind=Territory.Kind.COMMUNE, containers__container=departement)
    found = found.only("code", "name", "sort_name", "longitude", "latitude")
    told = {"inhabitants": Subquery(counted.values("value")[:1]), "container_list": ArraySubquery(around)}
    if series is not None:
        known = RecordedCrime.objects.filter(series=series, commune=OuterRef("pk"))
        told["recorded"] = Subquery(known.values("value")[:1])
    return found.annotate(**told).order_by("sort_name", "code")


def ground(
    actor: Actor,
    departement: Territory,
    asked: dict[str, str],
    day: date,
    series: CrimeSeries | None = None,
    without: Round | None = None,
) -> Ground:
    """As it is or, `without` a round, as it would be."""
    every = communes_of(departement, series)
    return ground_of(every, services_of(seen_by(actor), departement, asked, day, without), day, series)


def ground_of(
    every: Sequence[Territory], services: list[Place], day: date, series: CrimeSeries | None = None
) -> Ground:
    """Of the communes and the places that were read."""
    terms = terms_on(day)
    communes = counted_of(every)
    demand, pairs = reach(communes, services, terms, day)
    weights = [commune.inhabitants if series is None else commune.recorded for commune in communes]
    weight = np.array([known or 0 for known in weights], dtype=np.float64)
    decay = decay_on(day, terms.decay, terms.catchment)
    today = cover(weight, hours_of(services, terms), Given(pairs), decay, terms.bands)
    return Ground(
        communes, services, demand, today, terms, day, series, weights,
        sum(one.hours is None for one in services), len(every) - len(communes),
    )  # fmt: skip


def counted_of(communes: Sequence[Territory]) -> list[Territory]:
    return [one for one in communes if one.longitude is not None and one.inhabitants is not None]


def hours_of(services: Sequence[Place], terms: Terms) -> Floats:
    hours = [terms.hours_unsaid if one.hours is None else one.hours for one in services]
    return np.array(hours, dtype=np.float64)


def reach(
    communes: Sequence[Territory], services: Sequence[Place], terms: Terms, day: date, *, choosing: bool = False
) -> tuple[Points, Pairs]:
    """Where the communes are, and the ways that count from there to places that serve them: those as long as what is
    shared or counted, and longer ones where a commune has no other. `choosing`: some will be left out, and every way is
    kept."""
    demand = points([(commune.longitude, commune.latitude) for commune in communes], day)
    supply = points([service.point for service in services], day)
    one, other = serves(communes, services)
    minutes = ways(demand, supply, on=day).minutes(one, other)
    near = minutes <= max(terms.catchment, *terms.bands)
    alone = np.bincount(one[near], minlength=len(communes)) == 0
    kept = near | ((alone[one] | choosing) & (minutes <= terms.longest))
    return demand, Pairs(one[kept], other[kept], minutes[kept], len(communes), len(services))


def points(where: Sequence[tuple[float, float]], day: date) -> Points:
    columns = np.array(where, dtype=np.float64).reshape(-1, 2)
    return places(columns[:, 0].copy(), columns[:, 1].copy(), on=day)


def serves(communes: Sequence[Territory], services: Sequence[Place]) -> tuple[Ints, Ints]:
    """(commune, place) of each that lies in a zone of the service, or holds one."""
    zones = {zone: rank for rank, zone in enumerate(sorted({zone for one in services for zone in one.zone_list}))}
    inside = [(rank, zones[zone]) for rank, one in enumerate(communes) for zone in one.container_list if zone in zones]
    served = [(rank, zones[zone]) for rank, one in enumerate(services) for zone in one.zone_list]
    found = (links(inside, len(communes), len(zones)) @ links(served, len(services), len(zones)).T).tocoo()
    return found.row.astype(np.int64), found.col.astype(np.int64)


def links(pairs: Collection[tuple[int, int]], rows: int, columns: int) -> csr_array:
    ranks = np.array(list(pairs), dtype=np.int64).reshape(-1, 2)
    return csr_array((np.ones(len(ranks)), (ranks[:, 0], ranks[:, 1])), shape=(rows, max(columns, 1)))


def with_posts(here: Ground, posts: Sequence[Post]) -> Coverage:
    """What it would be with these posts more, open to everyone of the département. Only what they touch is computed."""
    found = here.today
    if not posts:
        return found
    there = ways(here.demand, points([where(here, post) for post in posts], here.day), on=here.day)
    for rank, post in enumerate(posts):
        minutes = there.column(rank)
        minutes[minutes > here.terms.longest] = np.inf
        assert isinstance(found.ways, Given)
        found = added(found, found.ways.with_post(minutes), post.hours)
    return found


def where(here: Ground, post: Post) -> tuple[float, float]:
    """Raises KeyError for a commune that is not of the département."""
    if not post.commune:
        return post.longitude, post.latitude
    communes = {commune.code: commune for commune in here.communes}
    return communes[post.commune].longitude, communes[post.commune].latitude


def name_of(here: Ground, post: Post) -> str:
    """Of the commune; of the nearest one for a point of the map."""
    if post.commune:
        return next(commune.name for commune in here.communes if commune.code == post.commune)
    # Nearer on a plane, whose width shrinks with latitude, is nearer on the ground at this scale.
    east = (here.demand.longitude - post.longitude) * np.cos(np.radians(post.latitude))
    return here.communes[int(np.argmin(east**2 + (here.demand.latitude - post.latitude) ** 2))].name


def lines(here: Ground, found: Coverage) -> list[Line]:
    """One a commune, in their order. A post that one tries is nearest without a page of its own."""
    known = len(here.services)
    return [
        Line(
            code=commune.code, name=commune.name, weight=here.weights[rank],
            minutes=float(found.minutes[rank]) if near >= 0 else None,
            nearest=here.services[near].name if 0 <= near < known else "",
            service=here.services[near].pk if 0 <= near < known else None,
            choices=tuple(found.choices[rank].tolist()), hours=float(found.accessibility[rank]) * 1000,
        )
        for rank, (commune, near) in enumerate(zip(here.communes, found.nearest.tolist(), strict=True))
    ]  # fmt: skip


def figures(found: Coverage) -> Figures:
    whole, reached = float(found.weight.sum()), np.isfinite(found.minutes)
    able = float(found.weight[reached].sum())
    return Figures(
        weight=int(whole),
        beyond=tuple(int(number) for number in found.beyond()),
        mean=float(found.weight[reached] @ found.minutes[reached]) / able if able else None,
        hours=float(found.weight @ found.accessibility) * 1000 / whole if whole else 0.0,
    )


def best_places(here: Ground, number: int, within: int) -> Placement:
    """Communes where so many posts more would bring a service within that time to the most inhabitants.

    Sites are today's services, then the communes. Ways to new ones are open to everybody.
    """
    assert isinstance(here.today.ways, Given)
    old = here.today.ways.pairs(float(within))
    new = ways(here.demand, here.demand, on=here.day).pairs(float(within))
    known, sites = len(here.services), len(here.services) + len(here.communes)
    state = np.full(sites, FREE, dtype=np.int64)
    state[:known] = EXISTING
    problem = Problem.of(
        here.today.weight, np.concatenate([old.demand, new.demand]), np.concatenate([old.supply, new.supply + known]),
        np.concatenate([old.minutes, new.minutes]), sites=sites, state=state,
    )  # fmt: skip
    return place(problem, Aim("mclp", float(within), number), clock=time.monotonic, seconds=here.terms.seconds)


def weights_within(here: Ground, minutes: Floats, within: int) -> int:
    return int(here.today.weight[minutes <= within].sum())
