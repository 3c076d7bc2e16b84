"""From the directory and the territories to the engines of coverage and placement, and back: one département.

A service counts from where it may be told to be: at its commune's point when its address is hidden. It is within reach
of those whom it serves, in its zones, and of nobody else; one that only answers by phone is at no distance. Inhabitants
of elsewhere are not counted among those who share its hours. Its clinics and the stops of its rounds are places more,
each with its own hours.
"""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject
from scipy.sparse import csr_array

from prevenance.core.travel import decay_on, places
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.directory.models import Door, Round, Service
from prevenance.domains.directory.rules.coverage import Post, Terms, terms_on
from prevenance.domains.territories.models import Containment, Population, PopulationSeries, Territory
from prevenance.engines.coverage import Coverage, Given, Points, Straight, added, cover
from prevenance.engines.coverage.points import Bools, Floats
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
    door: int | None = None


@dataclass(frozen=True, eq=False)
class Ground:
    """A département as it is today: communes that have a place, and where open services receive, as the engine has
    them. `services` has one line a place.

    `unsaid`: services whose hours nobody said. `nowhere`: communes without a place or a figure, which are not counted.
    """

    communes: list[Territory]
    services: list[Place]
    demand: Points
    today: Coverage
    terms: Terms
    unsaid: int
    nowhere: int


@dataclass(frozen=True)
class Line:
    """A commune; `minutes` is None when nothing is within reach. `hours`: a week, for a thousand inhabitants."""

    code: str
    name: str
    inhabitants: int
    minutes: float | None
    nearest: str
    service: int | None
    choices: tuple[int, ...]
    hours: float


@dataclass(frozen=True)
class Figures:
    """Of a whole département: `beyond` inhabitants of each band, mean minutes of those who reach a service (None:
    nobody does), hours a week for a thousand inhabitants."""

    inhabitants: int
    beyond: tuple[int, ...]
    mean: float | None
    hours: float


def services_of(
    actor: Actor, departement: Territory, asked: dict[str, str], day: date, without: Round | None = None
) -> list[Place]:
    """Where services open that day to inhabitants of the département receive them; `without`: but for a round."""
    found = Service.objects.visible_to(actor).open(day).near(departement)
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
    place = ("address_hidden", "longitude", "latitude")
    zones = Service.zones.through.objects.filter(service=OuterRef("pk")).order_by().values("territory_id")
    found = found.select_related("commune", "structure__commune").only(
        "name", "kind", "address", "modes", *place, "capacity_hours", "commune__longitude", "commune__latitude",
        *(f"structure__{name}" for name in place), "structure__commune__longitude", "structure__commune__latitude",
    )  # fmt: skip
    rows = found.annotate(zone_list=ArraySubquery(zones), doors_open=ArraySubquery(doors_of(actor, day, without)))
    return [place for service in rows.order_by("pk") for place in places_of(service)]


def doors_of(actor: Actor, day: date, without: Round | None) -> Any:
    """Other places of the service of an outer query."""
    found = Door.objects.visible_to(actor).open(day).filter(service=OuterRef("pk")).order_by("pk")
    if without is not None:
        found = found.exclude(round=without)
    point = {"x": "longitude", "y": "latitude", "town_x": "commune__longitude", "town_y": "commune__latitude"}
    return found.values(json=JSONObject(pk="pk", place="place", hours="weekly_hours", **point))


def places_of(service: Any) -> list[Place]:
    """Its own place, unless it only answers by phone or says no hours at all, then the others."""
    found = []
    if service.modes != FROM_AFAR and service.point is not None and service.capacity_hours != 0:
        hours = None if service.capacity_hours is None else float(service.capacity_hours)
        found.append(Place(service.pk, service.kind, service.name, service.point, hours, service.zone_list))
    for door in service.doors_open:
        point = (door["town_x"], door["town_y"]) if door["x"] is None else (door["x"], door["y"])
        if point[0] is not None:
            name = f"{service.name} ({door['place']})"
            found.append(Place(service.pk, service.kind, name, point, door["hours"], service.zone_list, door["pk"]))
    return found


def communes_of(actor: Actor, departement: Territory) -> list[Territory]:
    """With `inhabitants` (None where not known) and `container_list`, what each lies in.

    The series is the one that counts every commune: figures of two are never added, and others lack lonely islands.
    """
    counted = Population.objects.filter(
        territory=OuterRef("pk"), series__definition=PopulationSeries.Definition.UNSPECIFIED
    ).order_by("-series__year")
    around = Containment.objects.filter(contained=OuterRef("pk")).order_by().values("container_id")
    found = Territory.objects.visible_to(actor).existing().inside(departement).filter(kind=Territory.Kind.COMMUNE)
    found = found.only("code", "name", "sort_name", "longitude", "latitude")
    told = {"inhabitants": Subquery(counted.values("value")[:1]), "container_list": ArraySubquery(around)}
    return list(found.annotate(**told).order_by("sort_name", "code"))


def ground(
    actor: Actor, departement: Territory, asked: dict[str, str], day: date, without: Round | None = None
) -> Ground:
    """As it is or, `without` a round, as it would be."""
    return ground_of(communes_of(actor, departement), services_of(actor, departement, asked, day, without), day)


def ground_of(every: Sequence[Territory], services: list[Place], day: date) -> Ground:
    """Of the communes and the places that were read."""
    terms = terms_on(day)
    communes = [one for one in every if one.longitude is not None and one.inhabitants is not None]
    demand = points([(commune.longitude, commune.latitude) for commune in communes], day)
    supply = points([service.point for service in services], day)
    pairs = Straight(demand, supply).pairs(float(terms.longest))
    pairs = pairs.where(serves(communes, services)[pairs.demand, pairs.supply])
    weight = np.array([commune.inhabitants for commune in communes], dtype=np.float64)
    hours = [terms.hours_unsaid if one.hours is None else one.hours for one in services]
    decay = decay_on(day, terms.decay, terms.catchment)
    today = cover(weight, np.array(hours, dtype=np.float64), Given(pairs), decay, terms.bands)
    return Ground(
        communes, services, demand, today, terms, sum(one.hours is None for one in services),
        len(every) - len(communes),
    )  # fmt: skip


def points(where: Sequence[tuple[float, float]], day: date) -> Points:
    columns = np.array(where, dtype=np.float64).reshape(-1, 2)
    return places(columns[:, 0].copy(), columns[:, 1].copy(), on=day)


def serves(communes: Sequence[Territory], services: Sequence[Place]) -> Bools:
    """(communes, services): whether the commune lies in a zone of the service, or holds one."""
    zones = {zone: rank for rank, zone in enumerate(sorted({zone for one in services for zone in one.zone_list}))}
    inside = [(rank, zones[zone]) for rank, one in enumerate(communes) for zone in one.container_list if zone in zones]
    served = [(rank, zones[zone]) for rank, one in enumerate(services) for zone in one.zone_list]
    found: Bools = (links(inside, len(communes), len(zones)) @ links(served, len(services), len(zones)).T).toarray() > 0
    return found


def links(pairs: Collection[tuple[int, int]], rows: int, columns: int) -> csr_array:
    ranks = np.array(list(pairs), dtype=np.int64).reshape(-1, 2)
    return csr_array((np.ones(len(ranks)), (ranks[:, 0], ranks[:, 1])), shape=(rows, max(columns, 1)))


def with_posts(here: Ground, posts: Sequence[Post], day: date) -> Coverage:
    """What it would be with these posts more, open to everyone of the département. Only what they touch is computed."""
    found = here.today
    if not posts:
        return found
    ways = Straight(here.demand, points([where(here, post) for post in posts], day))
    for rank, post in enumerate(posts):
        minutes = ways.column(rank)
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
            code=commune.code, name=commune.name, inhabitants=int(found.weight[rank]),
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
        inhabitants=int(whole),
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
    new = Straight(here.demand, here.demand).pairs(float(within))
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
