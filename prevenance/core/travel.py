"""Places for the coverage engines: which land a point is on and how fast one moves there, from the reference data.

Needs no Django and no database. What computes is `engines.coverage`.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import shapely
import yaml
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from prevenance.engines.coverage import Decay, Points, Road, Straight
from prevenance.engines.coverage.points import chord_of

DATA = Path(__file__).resolve().parent.parent / "data"
FOLDER, TERRITORIES = DATA / "coverage", DATA / "territories"
MAINLAND = 0

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Pace:
    """What a day's parameters say: `least` inhabitants a square kilometre, and minutes that a straight kilometre takes
    around such a place; `road`, farther from both ends."""

    radius: float
    least: tuple[float, ...]
    minutes: tuple[float, ...]
    road: Road


def places(longitude: Floats, latitude: Floats, *, on: date) -> Points:
    """Points with their land and their pace, under the parameters in force on that day.

    Raises ValueError for a coordinate out of the world, or a day before any parameter.
    """
    points = Points.of(longitude, latitude)
    return Points(points.longitude, points.latitude, land_of(points), _pace_of(points, pace_on(on)))


def ways(demand: Points, supply: Points, *, on: date) -> Straight:
    """Straight lines between points that `places` found, travelled as the parameters in force on that day say.

    Raises ValueError for a day before any parameter.
    """
    return Straight(demand, supply, pace_on(on).road)


def pace_on(day: date) -> Pace:
    """Raises ValueError for a day before any parameter."""
    entry = _in_force("travel.yaml", day)
    classes = sorted(entry["classes"], key=lambda one: one["least"])
    return Pace(
        radius=float(entry["radius"]),
        least=tuple(float(one["least"]) for one in classes),
        minutes=tuple(60 * entry["detour"] / one["speed"] for one in classes),
        road=Road(float(entry["near"]), 60 * entry["detour"] / entry["open_road"]),
    )


def decay_on(day: date, kind: str, catchment: float) -> Decay:
    """The decay of that kind, `none`, `step` or `gaussian`, under the parameters in force on that day.

    Raises ValueError for another kind, a catchment that is no positive number, a day before any parameter.
    """
    entry = _in_force("decay.yaml", day)
    if kind == "none":
        return Decay.none(catchment)
    if kind == "step":
        return Decay.step(catchment, [float(weight) for weight in entry["zones"]])
    if kind == "gaussian":
        return Decay.gaussian(catchment, catchment * float(entry["sigma"]))
    raise ValueError(f"unknown decay: {kind!r}")


@cache
def land_names() -> tuple[str, ...]:
    """Names by number: 0 is the mainland, then islands, then boxes."""
    known = _read("lands.yaml")
    return ("Continent", *(one["name"] for one in known["islands"]), *(one["name"] for one in known["boxes"]))


def land_of(points: Points) -> Ints:
    """(n,) the number of each point's land, whose name `land_names` gives."""
    known = _read("lands.yaml")
    found = np.full(len(points), MAINLAND, dtype=np.int64)
    # From the last to the first, so that the first that holds a point names it, and islands go before boxes.
    for rank, one in reversed(list(enumerate(known["boxes"], 1 + len(known["islands"])))):
        west, south, east, north = one["box"]
        inside = (points.longitude >= west) & (points.longitude <= east)
        found[inside & (points.latitude >= south) & (points.latitude <= north)] = rank
    tree, land = _islands()
    where = shapely.points(points.longitude, points.latitude)
    point, contour = tree.query(where, predicate="dwithin", distance=known["margin"])
    order = np.argsort(-land[contour], kind="stable")
    found[point[order]] = land[contour[order]]
    return found


def _pace_of(points: Points, pace: Pace) -> Floats:
    """Minutes a straight kilometre takes around each point, by the people who live within the radius."""
    tree, people = _people()
    around = cKDTree(points.vectors()[:, :3]).sparse_distance_matrix(tree, chord_of(pace.radius), output_type="ndarray")
    living = np.bincount(around["i"], weights=people[around["j"]], minlength=len(points))
    density = living / (np.pi * pace.radius**2)
    rank = np.searchsorted(np.array(pace.least), density, side="right") - 1
    return np.array(pace.minutes)[np.maximum(rank, 0)]


def _in_force(name: str, day: date) -> Any:
    begun = [entry for entry in _read(name) if entry["from"] <= day]
    if not begun:
        raise ValueError(f"nothing in {name} on {day}")
    return max(begun, key=lambda one: one["from"])


@cache
def _read(name: str) -> Any:
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


@cache
def _islands() -> tuple[shapely.STRtree, Ints]:
    """Contours of the islands' communes, and the land of each."""
    land = {code: rank for rank, one in enumerate(_read("lands.yaml")["islands"], 1) for code in one["communes"]}
    contours = pl.scan_parquet(TERRITORIES / "contours.parquet").filter(pl.col("code").is_in(list(land))).collect()
    return (
        shapely.STRtree(shapely.from_wkb(contours["contour_wkb"].to_list())),
        np.array([land[code] for code in contours["code"]], dtype=np.int64),
    )


@cache
def _people() -> tuple[cKDTree, Floats]:
    """The communes of France that have a point, and their inhabitants."""
    table = pl.read_parquet(TERRITORIES / "communes.parquet", columns=["longitude", "latitude", "population"])
    table = table.drop_nulls(["longitude", "latitude"])
    points = Points.of(table["longitude"].to_numpy(), table["latitude"].to_numpy())
    return cKDTree(points.vectors()[:, :3]), table["population"].fill_null(0).cast(pl.Float64).to_numpy()
