"""What goes in: who asks, which sites there are, how long from one to the other, and what is aimed at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

Model = Literal["mclp", "lscp", "pmedian"]
MODELS: tuple[Model, ...] = ("mclp", "lscp", "pmedian")

# What may be done of a site.
FREE = 0  # a candidate: opened or not
FORCED = 1  # a candidate that must be opened; it counts in number and budget
FORBIDDEN = 2  # a candidate that must not be
EXISTING = 3  # open already: free of charge, outside number and budget


def ints(values: ArrayLike) -> Ints:
    return np.asarray(values, dtype=np.int64).reshape(-1)


def floats(values: ArrayLike) -> Floats:
    return np.asarray(values, dtype=np.float64).reshape(-1)


@dataclass(frozen=True)
class Problem:
    """n demand points, m sites and the pairs of them between which one can travel.

    `weight` (n): people, or whatever is counted, at each point; a point of weight zero asks for nothing. Pairs, sorted
    by demand then site: `demand` and `site` are ranks, `minutes` the travel time; no pair is no path. `state` (m) is
    FREE, FORCED, FORBIDDEN or EXISTING, `cost` (m) what opening costs, `capacity` (m) the weight that a site can serve,
    infinite where nothing limits it. Build it by `of`.
    """

    weight: Floats
    demand: Ints
    site: Ints
    minutes: Floats
    state: Ints
    cost: Floats
    capacity: Floats

    @classmethod
    def of(
        cls,
        weight: ArrayLike,
        demand: ArrayLike,
        site: ArrayLike,
        minutes: ArrayLike,
        *,
        sites: int,
        state: ArrayLike | None = None,
        cost: ArrayLike | None = None,
        capacity: ArrayLike | None = None,
    ) -> Problem:
        """From columns in any order of pairs. Raises ValueError for what cannot be a problem."""
        weights, rows, columns, times = floats(weight), ints(demand), ints(site), floats(minutes)
        states = np.zeros(sites, dtype=np.int64) if state is None else ints(state)
        costs = np.ones(sites) if cost is None else floats(cost)
        capacities = np.full(sites, np.inf) if capacity is None else floats(capacity)
        if not len(rows) == len(columns) == len(times) or not len(states) == len(costs) == len(capacities) == sites:
            raise ValueError("columns of different lengths")
        _check_range("demand", rows, len(weights))
        _check_range("site", columns, sites)
        _check_range("state", states, EXISTING + 1)
        for name, column in (("weight", weights), ("minutes", times), ("cost", costs)):
            if not (np.isfinite(column) & (column >= 0)).all():
                raise ValueError(f"{name}: finite numbers from zero up are expected")
        if not (capacities >= 0).all():
            raise ValueError("capacity: numbers from zero up are expected")
        order = np.lexsort((columns, rows))
        rows, columns, times = rows[order], columns[order], times[order]
        if ((np.diff(rows) == 0) & (np.diff(columns) == 0)).any():
            raise ValueError("a pair is given twice")
        return cls(weights, rows, columns, times, states, costs, capacities)

    @property
    def limited(self) -> bool:
        """Whether the capacity of a usable site may matter."""
        return bool(np.isfinite(self.capacity[self.state != FORBIDDEN]).any())


@dataclass(frozen=True)
class Aim:
    """What is wanted, and what may be spent for it.

    `mclp`: the greatest weight served within `within` minutes. `lscp`: the fewest new sites that serve within `within`
    minutes everyone whom the usable sites can serve. `pmedian`: the least mean time, where whoever has no open site
    within `within` minutes (the longest time of the table when not given) counts for that time. `number` and `budget`
    limit the sites opened and their costs.
    """

    model: Model
    within: float | None = None
    number: int | None = None
    budget: float | None = None

    def __post_init__(self) -> None:
        if self.model not in MODELS:
            raise ValueError(f"unknown model: {self.model!r}")
        if self.within is None and self.model != "pmedian":
            raise ValueError("a time to be served within is expected")
        if self.within is not None and not 0 <= self.within < np.inf:
            raise ValueError("a time to be served within is a finite number from zero up")
        if self.number is None and self.budget is None and self.model != "lscp":
            raise ValueError("a number of sites or a budget is expected")
        if (self.number is not None and self.number < 0) or (self.budget is not None and not self.budget >= 0):
            raise ValueError("number and budget go from zero up")


@dataclass(frozen=True)
class Placement:
    """Where to open, and what is proved of it.

    `chosen`: ranks of the sites opened, forced ones included, existing ones not, ascending. `objective`: weight served
    (mclp), number of sites opened (lscp), mean minutes (pmedian). No solution does better than `bound`; `gap` is their
    distance over the greater of the two, so between 0 and 1. `proof` says whence the bound comes: `certificate`, prices
    checked here in whole numbers, or `solver`, the search tree of HiGHS. `served` is the weight with an open site
    within the time; `unreached` ranks the demand points that no usable site can reach, `unserved` the weight that asks
    and is not served, those included. `serving` (n) is the nearest open site within the time, -1 for none; with
    capacities, the one that serves the largest part. `part` (n) is what is served of each point's weight, 0 to 1.
    """

    chosen: Ints
    objective: float
    bound: float
    gap: float
    proof: Literal["certificate", "solver"]
    served: float
    unserved: float
    unreached: Ints
    serving: Ints
    part: Floats


def _check_range(name: str, values: NDArray[Any], size: int) -> None:
    if len(values) and not (values.min() >= 0 and values.max() < size):
        raise ValueError(f"{name}: ranks from 0 to {size - 1} are expected")


def bools(values: ArrayLike) -> Bools:
    return np.asarray(values, dtype=np.bool_).reshape(-1)
