"""Minutes between demand and supply: by a straight line with a pace, or by a table that one is given.

**Straight.** A line of great circle: its first kilometres are travelled at the pace around one end, its last ones at
that around the other, what is between on the open road (see Road). A pace is detour ÷ speed: what a kilometre on the
map costs on the road. As long one way as back, and never shorter for being farther between two such ends. Pairs come
from k-d trees of unit vectors, where a bound in minutes is a chord; points of one pace share a tree, so that each
bound is exact: the farthest that these two ends let one go in that time. No path leads to another land: the land is a
fourth axis on which lands lie farther apart than the sphere is wide.

**Given.** The table is all there is: a pair that it does not hold cannot be travelled.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.spatial import cKDTree

from prevenance.engines.coverage.points import FULL_CHORD, Bools, Floats, Ints, Points, chord_of, kilometres

NONE = -1  # the nearest of a place from which no path leads to any post


@dataclass(frozen=True, eq=False)
class Pairs:
    """Who can reach whom: (demand, supply, minutes) in no order, each pair once, between `demands` × `supplies`."""

    demand: Ints
    supply: Ints
    minutes: Floats
    demands: int
    supplies: int

    def __len__(self) -> int:
        return len(self.minutes)

    def where(self, kept: Bools) -> Pairs:
        return Pairs(self.demand[kept], self.supply[kept], self.minutes[kept], self.demands, self.supplies)

    def within(self, most: float) -> Pairs:
        """Those of at most `most` minutes."""
        kept = self.minutes <= most
        return self if kept.all() else self.where(kept)

    def matrix(self) -> csr_array:
        """(demands, supplies) minutes, one row a demand point, columns in no order.

        A pair of no minutes is stored: absent is unreachable, zero is there. Keep away from what drops stored zeros.
        """
        found = coo_array((self.minutes, (self.demand, self.supply)), shape=(self.demands, self.supplies))
        found.has_canonical_format = True  # each pair is there once: nothing to sort and add up
        return found.tocsr()


class Ways(Protocol):
    """How one goes from demand to supply."""

    def pairs(self, most: float) -> Pairs:
        """Every pair of at most `most` minutes."""

    def nearest(self, rows: Ints, opened: Bools) -> tuple[Ints, Floats]:
        """(supply, minutes) nearest each demand point of `rows` among those `opened`; (NONE, inf) where no path leads.

        Of several as near, the first.
        """

    def column(self, supply: int) -> Floats:
        """(demands,) minutes from every demand point to one post; infinite where no path leads."""


@dataclass(frozen=True)
class Road:
    """How a line is travelled: `near` kilometres around each end at that end's pace, what is between at `pace`, minutes
    a kilometre. Half as around each end when the line is no longer than both.

    Raises ValueError for kilometres that are negative, or a pace that is no positive number.
    """

    near: float
    pace: float

    def __post_init__(self) -> None:
        if not self.near >= 0:
            raise ValueError("what is near an end is a number of kilometres, at least zero")
        if not 0 < self.pace < np.inf:
            raise ValueError("a pace is a positive number of minutes")

    def minutes(self, distance: Floats, ends: Floats | float) -> Floats:
        """Minutes that lines of `distance` kilometres take, `ends` the mean of the paces at both; infinite if it is."""
        if self.near == np.inf:
            return distance * ends
        around = np.minimum(distance, 2 * self.near)
        found = distance - around
        found *= self.pace
        around *= ends
        found += around
        return found

    def reach(self, minutes: float, ends: float) -> float:
        """The farthest, in kilometres, that `minutes` lead between two ends of that mean pace: the inverse."""
        around = 2 * self.near * ends
        return minutes / ends if minutes <= around else 2 * self.near + (minutes - around) / self.pace


NO_ROAD = Road(np.inf, 1.0)  # half of every line as around the one end, half as around the other


@dataclass(frozen=True, eq=False)
class Straight:
    """Straight lines between places, each travelled at its ends' paces and on the road between."""

    demand: Points
    supply: Points
    road: Road = NO_ROAD

    @cached_property
    def demand_trees(self) -> list[_Tree]:
        return _trees(self.demand)

    @cached_property
    def demand_vectors(self) -> Floats:
        return self.demand.vectors()

    @cached_property
    def supply_vectors(self) -> Floats:
        return self.supply.vectors()

    def pairs(self, most: float) -> Pairs:
        """Every pair of at most `most` minutes. Raises ValueError unless `most` is a number, at least zero."""
        if not 0 <= most < np.inf:
            raise ValueError("a bound is a number of minutes")
        found = [_between(one, other, self.road, most) for one in self.demand_trees for other in _trees(self.supply)]
        size = (len(self.demand), len(self.supply))
        if len(found) == 1:
            return Pairs(*found[0], *size)
        nothing = np.empty(0, dtype=np.int64)
        return Pairs(
            np.concatenate([nothing, *(part[0] for part in found)]),
            np.concatenate([nothing, *(part[1] for part in found)]),
            np.concatenate([np.empty(0), *(part[2] for part in found)]),
            *size,
        )

    def nearest(self, rows: Ints, opened: Bools) -> tuple[Ints, Floats]:
        """See Ways."""
        where = self.demand_vectors[rows]
        row, post = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
        for tree in _trees(self.supply, opened):
            chord, _one = tree.tree.query(where)
            inside = np.flatnonzero(chord <= FULL_CHORD)
            # All that are as near: posts at one address are common, and the first of them is named.
            groups = tree.tree.query_ball_point(where[inside], chord[inside] * (1 + 1e-12))
            row.append(np.repeat(inside, [len(group) for group in groups]))
            post.extend(tree.index[group] for group in groups)
        asked, there = np.concatenate(row), np.concatenate(post)
        return first_nearest(asked, there, self.minutes(rows[asked], there), len(rows))

    def minutes(self, demand: Ints, supply: Ints) -> Floats:
        """Minutes from each demand point to the supply point beside it; infinite where no path leads."""
        ends = (self.demand.pace[demand] + self.supply.pace[supply]) / 2
        return self.road.minutes(_distances(self.demand_vectors[demand], self.supply_vectors[supply]), ends)

    def column(self, supply: int) -> Floats:
        """See Ways."""
        post = self.supply.where([supply])
        ends = (self.demand.pace + post.pace) / 2
        return self.road.minutes(_distances(self.demand_vectors, post.vectors()), ends)

    def with_post(self, post: Points) -> Straight:
        """The same, with one more post at the end; what is known of demand is kept."""
        found = Straight(self.demand, self.supply.and_then(post), self.road)
        vars(found)["demand_trees"], vars(found)["demand_vectors"] = self.demand_trees, self.demand_vectors
        return found


@dataclass(frozen=True, eq=False)
class Given:
    """A table of travel times. Raises ValueError for minutes that are negative or not a number, or a pair out of it."""

    table: Pairs

    def __post_init__(self) -> None:
        if not (np.isfinite(self.table.minutes) & (self.table.minutes >= 0)).all():
            raise ValueError("minutes are numbers, at least zero")
        for ranks, most in ((self.table.demand, self.table.demands), (self.table.supply, self.table.supplies)):
            if len(ranks) and not 0 <= ranks.min() <= ranks.max() < most:
                raise ValueError("a pair joins points that are there")

    def pairs(self, most: float) -> Pairs:
        """See Ways."""
        return self.table.within(most)

    def nearest(self, rows: Ints, opened: Bools) -> tuple[Ints, Floats]:
        """See Ways."""
        place = np.full(self.table.demands, NONE, dtype=np.int64)
        place[rows] = np.arange(len(rows))
        kept = (place[self.table.demand] != NONE) & opened[self.table.supply]
        asked = self.table.where(kept)
        return first_nearest(place[asked.demand], asked.supply, asked.minutes, len(rows))

    def column(self, supply: int) -> Floats:
        """See Ways."""
        kept = self.table.supply == supply
        found = np.full(self.table.demands, np.inf)
        found[self.table.demand[kept]] = self.table.minutes[kept]
        return found

    def with_post(self, minutes: Floats) -> Given:
        """The same, with one more post at the end, `minutes` away from each demand point (infinite: no path)."""
        rows = np.flatnonzero(np.isfinite(minutes))
        table = self.table
        return Given(
            Pairs(
                np.concatenate([table.demand, rows]),
                np.concatenate([table.supply, np.full(len(rows), table.supplies, dtype=np.int64)]),
                np.concatenate([table.minutes, minutes[rows]]),
                table.demands,
                table.supplies + 1,
            )
        )


def first_nearest(row: Ints, post: Ints, minutes: Floats, rows: int) -> tuple[Ints, Floats]:
    """(post, minutes) of the fewest minutes of each of `rows` rows, the first post of several; (NONE, inf) of none."""
    order = np.lexsort((post, minutes, row))
    held, first = np.unique(row[order], return_index=True)
    best, least = np.full(rows, NONE, dtype=np.int64), np.full(rows, np.inf)
    best[held], least[held] = post[order[first]], minutes[order[first]]
    return best, least


@dataclass(frozen=True, eq=False)
class _Tree:
    """Points of one pace; `index` gives their places among all."""

    tree: cKDTree
    index: Ints
    pace: float
    whole: bool


def _trees(points: Points, kept: Bools | None = None) -> list[_Tree]:
    vectors = points.vectors()
    asked = np.ones(len(points), dtype=np.bool_) if kept is None else kept
    found = []
    for pace in np.unique(points.pace[asked]):
        index = np.flatnonzero(asked & (points.pace == pace))
        whole = len(index) == len(points)
        # Neither balanced nor compact: cheaper to build, as fast to ask for places spread like a country's.
        tree = cKDTree(vectors if whole else vectors[index], balanced_tree=False, compact_nodes=False)
        found.append(_Tree(tree, index, float(pace), whole))
    return found


def _between(one: _Tree, other: _Tree, road: Road, most: float) -> tuple[Ints, Ints, Floats]:
    ends = (one.pace + other.pace) / 2
    bound = chord_of(road.reach(most, ends))
    found = one.tree.sparse_distance_matrix(other.tree, bound, output_type="ndarray")
    minutes = road.minutes(kilometres(found["v"]), ends)
    demand = found["i"] if one.whole else one.index[found["i"]]
    supply = found["j"] if other.whole else other.index[found["j"]]
    late = minutes > most
    if late.any():
        return demand[~late], supply[~late], minutes[~late]
    return demand, supply, minutes


def _distances(there: Floats, here: Floats) -> Floats:
    """Kilometres between vectors, one by one; infinite to another land."""
    difference = there - here
    difference *= difference
    return kilometres(np.sqrt(difference[:, 0] + difference[:, 1] + difference[:, 2] + difference[:, 3]))
