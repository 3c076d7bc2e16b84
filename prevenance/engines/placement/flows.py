"""Where what a site serves is limited: who goes where is decided with what opens.

The weight of a point may be shared between sites. Everything is left to HiGHS: one variable a candidate, one a pair
(the part of the point's weight that goes there), and the bound is that of its search tree. Once sites are chosen the
parts are computed again with them alone, so that what is said to be served is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from prevenance.engines.placement.benefits import left_over, pair_benefits, within_time
from prevenance.engines.placement.choosing import Effort
from prevenance.engines.placement.problem import EXISTING, FORCED, FREE, Aim, Bools, Floats, Ints, Problem, bools, ints
from prevenance.engines.placement.searching import spending
from prevenance.engines.placement.solver import Programme, Rows, solved

CLOSE = 1e-7  # part of the weight that the solver may miss and still serve everyone
NEAR = 0.01  # gap at which a quick search stops


@dataclass(frozen=True)
class Flow:
    """`opened` sites, what all pairs bring together, its bound, and the part of its point that each pair serves."""

    opened: Ints
    worth: float
    bound: float
    part: Floats


@dataclass(frozen=True)
class Network:
    """Pairs within the time and their worth when they serve the whole point; sites that may open."""

    problem: Problem
    pairs: Ints
    worth: Floats
    sites: Ints
    number: int
    budget: float | None

    @classmethod
    def of(cls, problem: Problem, aim: Aim) -> Network:
        number, budget = left_over(problem, aim)
        pairs = within_time(problem, aim)
        _low, worth, _high = pair_benefits(problem, aim, pairs)
        sites = ints(np.flatnonzero(np.isin(problem.state, (FREE, FORCED))))
        return cls(problem, pairs, worth, sites, number, budget)

    def with_only(self, opened: Ints) -> Network:
        """The same network where those sites alone are open, and nothing else may be."""
        state = self.problem.state.copy()
        state[self.sites] = np.where(np.isin(self.sites, opened), EXISTING, state[self.sites])
        kept = (state == EXISTING)[self.problem.site[self.pairs]]
        return Network(
            replace(self.problem, state=state), self.pairs[kept], self.worth[kept], ints([]), 0, None,
        )  # fmt: skip

    def rows(self) -> Rows:
        """What limits the sites (first variables) and the parts (the others)."""
        problem, pairs, sites = self.problem, self.pairs, self.sites
        rows = Rows()
        rank = np.full(len(problem.state), -1, dtype=np.int64)
        rank[sites] = np.arange(len(sites))
        place = len(sites) + np.arange(len(pairs), dtype=np.int64)
        points, row = np.unique(problem.demand[pairs], return_inverse=True)
        rows.add(ints(row), place, np.ones(len(pairs)), np.full(len(points), -np.inf), np.ones(len(points)))
        site = problem.site[pairs]
        opens = np.flatnonzero(rank[site] >= 0)
        count = np.arange(len(opens), dtype=np.int64)
        rows.add(
            ints(np.concatenate([count, count])), ints(np.concatenate([place[opens], rank[site[opens]]])),
            np.repeat([1.0, -1.0], len(opens)), np.full(len(opens), -np.inf), np.zeros(len(opens)),
        )  # fmt: skip
        self._capacities(rows, rank, place)
        free = bools(problem.state[sites] == FREE)
        if len(sites):
            spending(rows, problem.cost[sites], self.number, self.budget, free)
        return rows

    def _capacities(self, rows: Rows, rank: Ints, place: Ints) -> None:
        problem, pairs = self.problem, self.pairs
        site = problem.site[pairs]
        limited = np.flatnonzero(np.isfinite(problem.capacity[site]))
        those, row = np.unique(site[limited], return_inverse=True)
        weight, capacity = problem.weight[problem.demand[pairs[limited]]], problem.capacity[those]
        scale = np.zeros(len(those))
        np.maximum.at(scale, row, weight)
        opens = np.flatnonzero(rank[those] >= 0)
        rows.add(
            ints(np.concatenate([row, opens])), ints(np.concatenate([place[limited], rank[those[opens]]])),
            np.concatenate([weight / scale[row], -capacity[opens] / scale[opens]]), np.full(len(those), -np.inf),
            np.where(rank[those] >= 0, 0.0, capacity / scale),
        )  # fmt: skip

    def programme(self, rows: Rows, worth_of_site: float, worth: Floats) -> Programme:
        sites, total = len(self.sites), len(self.sites) + len(self.pairs)
        least = np.zeros(total)
        least[:sites] = self.problem.state[self.sites] == FORCED
        values = np.concatenate([np.full(sites, worth_of_site), worth])
        whole: Bools = bools(np.arange(total) < sites)
        return rows.programme(values, least, np.ones(total), whole)


def most_served(network: Network, effort: Effort) -> Flow:
    """The sites and parts that are worth the most together."""
    if not len(network.pairs):
        forced = network.sites[network.problem.state[network.sites] == FORCED]
        return Flow(ints(forced), 0.0, 0.0, np.zeros(0))
    answer = solved(network.programme(network.rows(), 0.0, network.worth), seed=effort.seed, seconds=effort.left,
                    gap=0.0 if effort.exact else NEAR)  # fmt: skip
    return _flow(network, answer.values, answer.bound)


def fewest_serving(network: Network, effort: Effort, least: float) -> tuple[Flow, int]:
    """(the fewest sites that serve at least this weight, and how many any such choice opens)."""
    rows = network.rows()
    places = len(network.sites) + np.arange(len(network.pairs), dtype=np.int64)
    scale = max(float(network.worth.max(initial=0.0)), 1e-300)
    total = float(network.worth.sum())
    rows.add(np.zeros(len(places), dtype=np.int64), places, network.worth / scale,
             np.array([(least - CLOSE * total) / scale]), np.array([np.inf]))  # fmt: skip
    answer = solved(network.programme(rows, -1.0, np.zeros(len(places))), seed=effort.seed, seconds=effort.left)
    forced = int((network.problem.state[network.sites] == FORCED).sum())
    bound = max(int(np.ceil(-answer.bound - 1e-6)), forced) if np.isfinite(answer.bound) else forced
    return _flow(network, answer.values, least), bound


def _flow(network: Network, values: Floats, bound: float) -> Flow:
    """Parts computed again with the opened sites alone."""
    sites = len(network.sites)
    taken = values[:sites] > 0.5 if len(values) else network.problem.state[network.sites] == FORCED
    opened = ints(network.sites[taken])
    alone = network.with_only(opened)
    part = np.zeros(len(network.pairs))
    if not len(alone.pairs):
        return Flow(opened, 0.0, bound, part)
    answer = solved(alone.programme(alone.rows(), 0.0, alone.worth), seed=0)
    part[np.isin(network.pairs, alone.pairs)] = np.clip(answer.values, 0, 1)
    return Flow(opened, float(network.worth @ part), bound, part)
