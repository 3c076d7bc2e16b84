"""One way of computing the accessibility of a country, in a process of its own, a round each time a line comes in.

Each answers by a line of JSON: seconds from coordinates to figures, and the most memory that the process ever held.
Only what a way needs is imported, so that memory is its own.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

Case = Any  # the arrays of the country, by name
Answer = dict[str, Any]

ZONES = ((20.0, 1.0), (40.0, 0.68), (60.0, 0.22))
CATCHMENT, BANDS = 60.0, (15.0, 30.0, 45.0, 60.0)
KILOMETRES = 6371.0088


def unit(longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
    east, north = np.radians(longitude), np.radians(latitude)
    return np.column_stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)])


def bare(case: Case) -> Callable[[], np.ndarray]:
    """A k-d tree's pairs and two sparse products, one pace everywhere, one land."""
    from scipy.spatial import cKDTree

    pace = float(case["flat_pace"])

    def compute() -> np.ndarray:
        demand = cKDTree(unit(case["longitude"], case["latitude"]))
        supply = cKDTree(unit(case["post_longitude"], case["post_latitude"]))
        chord = 2 * np.sin(CATCHMENT / pace / KILOMETRES / 2)
        worth = demand.sparse_distance_matrix(supply, chord, output_type="coo_matrix")
        minutes = 2 * KILOMETRES * pace * np.arcsin(worth.data / 2)
        worth.data = np.select([minutes <= bound for bound, _weight in ZONES], [weight for _bound, weight in ZONES])
        return worth @ (case["capacity"] / (worth.T @ case["weight"]))

    return compute


def bare_by_density(case: Case) -> Callable[[], np.ndarray]:
    """The same, written by hand for paces at both ends, the road between and lands: the widest radius, then what is too
    far let go."""
    from scipy.spatial import cKDTree

    def compute() -> np.ndarray:
        demand = cKDTree(unit(case["longitude"], case["latitude"]))
        supply = cKDTree(unit(case["post_longitude"], case["post_latitude"]))
        around, road = 2 * float(case["near"]), float(case["open_road"])
        fastest = (case["pace"].min() + case["post_pace"].min()) / 2
        farthest = around + (CATCHMENT - around * fastest) / road
        chord = 2 * np.sin(farthest / KILOMETRES / 2)
        worth = demand.sparse_distance_matrix(supply, chord, output_type="coo_matrix")
        distance = 2 * KILOMETRES * np.arcsin(worth.data / 2)
        minutes = np.minimum(distance, around) * (case["pace"][worth.row] + case["post_pace"][worth.col]) / 2
        minutes += np.maximum(distance - around, 0) * road
        minutes[case["land"][worth.row] != case["post_land"][worth.col]] = np.inf
        worth.data = np.select([minutes <= bound for bound, _weight in ZONES], [weight for _bound, weight in ZONES])
        return worth @ (case["capacity"] / (worth.T @ case["weight"]))

    return compute


def by_access(case: Case) -> Callable[[], np.ndarray]:
    """PySAL `access`, given the pairs of the bare computation as the table that it asks for."""
    import pandas
    from access import fca, weights
    from scipy.spatial import cKDTree

    pace, function = float(case["flat_pace"]), weights.step_fn(dict(ZONES))

    def compute() -> np.ndarray:
        demand = cKDTree(unit(case["longitude"], case["latitude"]))
        supply = cKDTree(unit(case["post_longitude"], case["post_latitude"]))
        chord = 2 * np.sin(CATCHMENT / pace / KILOMETRES / 2)
        pairs = demand.sparse_distance_matrix(supply, chord, output_type="ndarray")
        minutes = 2 * KILOMETRES * pace * np.arcsin(pairs["v"] / 2)
        found = fca.two_stage_fca(
            pandas.DataFrame({"geoid": np.arange(len(case["weight"])), "demand": case["weight"]}),
            pandas.DataFrame({"supply": case["capacity"]}),
            pandas.DataFrame({"origin": pairs["i"], "dest": pairs["j"], "cost": minutes}),
            max_cost=CATCHMENT, demand_name="demand", supply_name="supply", weight_fn=function,
        )  # fmt: skip
        return found.reindex(range(len(case["weight"])), fill_value=0.0).to_numpy()

    return compute


def ours(case: Case, flat: bool) -> Any:
    """Straight lines between the points of the case."""
    from prevenance.engines.coverage import Points, Road, Straight
    from prevenance.engines.coverage.travel import NO_ROAD

    columns = ("longitude", "latitude", "land", "pace")
    demand, supply = ([case[before + name] for name in columns] for before in ("", "post_"))
    if flat:
        for one in (demand, supply):
            one[2], one[3] = np.zeros_like(one[2]), np.full_like(one[3], case["flat_pace"])
    road = NO_ROAD if flat else Road(float(case["near"]), float(case["open_road"]))
    return lambda: Straight(Points(*demand), Points(*supply), road)


def alone(case: Case, flat: bool = True) -> Callable[[], np.ndarray]:
    """Accessibility and nothing else."""
    from prevenance.engines.coverage import Decay, accessibility

    ways, decay = ours(case, flat), Decay.step(CATCHMENT, [weight for _bound, weight in ZONES])
    return lambda: accessibility(case["weight"], case["capacity"], ways().pairs(CATCHMENT), decay)


def alone_by_density(case: Case) -> Callable[[], np.ndarray]:
    return alone(case, flat=False)


def every(case: Case, flat: bool = True) -> Callable[[], np.ndarray]:
    """All that the command gives: nearest, minutes, choices, accessibility, served, weight beyond each band."""
    from prevenance.engines.coverage import Decay, cover

    ways, decay = ours(case, flat), Decay.step(CATCHMENT, [weight for _bound, weight in ZONES])

    def compute() -> np.ndarray:
        found = cover(case["weight"], case["capacity"], ways(), decay, BANDS)
        found.beyond()
        return found.accessibility

    return compute


def every_by_density(case: Case) -> Callable[[], np.ndarray]:
    return every(case, flat=False)


def placed(case: Case) -> Callable[[], np.ndarray]:
    """Which land each point is on and how dense its surroundings are: what comes before, for points that have only
    coordinates."""
    from datetime import date

    from prevenance.core.travel import places

    def compute() -> np.ndarray:
        places(case["post_longitude"], case["post_latitude"], on=date(2026, 11, 28))
        return places(case["longitude"], case["latitude"], on=date(2026, 11, 28)).pace

    return compute


def changed(case: Case) -> Iterator[Answer]:
    """A post more, then closed, at places drawn: seconds of each, and how far both are from the whole."""
    from prevenance.engines.coverage import Decay, Points, added, cover, removed

    ways, decay = ours(case, flat=False), Decay.step(CATCHMENT, [weight for _bound, weight in ZONES])
    drawn = np.random.default_rng(3)
    before = cover(case["weight"], case["capacity"], ways(), decay, BANDS)
    while True:
        place = drawn.choice(len(case["weight"]), p=case["weight"] / case["weight"].sum())
        post = Points(*(case[name][[place]] for name in ("longitude", "latitude", "land", "pace")))
        closed = int(drawn.integers(len(case["capacity"])))
        begin = time.perf_counter()
        more = added(before, before.ways.with_post(post), 20.0)
        middle = time.perf_counter()
        less = removed(before, closed)
        end = time.perf_counter()
        left = case["capacity"].copy()
        left[closed] = 0
        whole = [cover(more.weight, more.capacity, more.ways, decay, BANDS),
                 cover(case["weight"], left, ways(), decay, BANDS)]  # fmt: skip
        yield {
            "seconds": end - middle,
            "added": middle - begin,
            "difference": max(difference(one, other) for one, other in zip((more, less), whole, strict=True)),
        }


def difference(one: Any, other: Any) -> float:
    """The largest difference between two coverages, as a part of the figure; infinite where counts or names differ."""
    if (one.choices != other.choices).any() or (one.nearest != other.nearest).any():
        return float("inf")
    figures = ((one.accessibility, other.accessibility), (one.minutes, other.minutes), (one.served, other.served))
    return max(
        float(np.max(np.abs(mine[kept] - theirs[kept]) / np.maximum(theirs[kept], 1e-300), initial=0.0))
        for mine, theirs in figures
        for kept in [np.isfinite(theirs) & (mine != theirs)]
    )


def computed(compute: Callable[[], np.ndarray]) -> Iterator[Answer]:
    while True:
        begin = time.perf_counter()
        found = compute()
        yield {"seconds": time.perf_counter() - begin, "found": found}


WAYS: dict[str, Callable[[Case], Any]] = {
    way.__name__: way
    for way in (bare, bare_by_density, by_access, alone, alone_by_density, every, every_by_density, placed)
}


def main(name: str, folder: Path) -> None:
    with np.load(folder / "case.npz") as stored:
        case = {column: stored[column] for column in stored.files}
    rounds = changed(case) if name == "changed" else computed(WAYS[name](case))
    for _line in sys.stdin:
        answer = next(rounds)
        if "found" in answer:
            np.save(folder / f"{name}.npy", answer.pop("found"))
        print(json.dumps(answer | {"megabytes": most_memory()}), flush=True)


def most_memory() -> float:
    """Megabytes. Linux keeps `ru_maxrss` of the process that started this one; its own peak is elsewhere."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
