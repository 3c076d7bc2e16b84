"""What each candidate would bring to each demand point beyond the sites that are open anyway.

Maximal covering and least mean time are one problem: the sum over points of the greatest benefit among open sites. The
benefit of a pair is the weight of the point when it is within the time (covering), or that weight times the minutes
spared against the longest time (mean time). Three roundings of it go along: never above the real number, nearest, never
below, so that bounds proved with them hold for real numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from prevenance.engines.placement.problem import EXISTING, FORBIDDEN, FORCED, FREE, Aim, Floats, Ints, Problem, ints

CENTS = 1e-9  # part of a budget that sums of decimal amounts may miss it by: 0.1 + 0.2 is not more than 0.3


@dataclass(frozen=True)
class Benefits:
    """Pairs of n demand points and c free candidates with a benefit beyond `base`, what a point gets anyway.

    `row` and `column` are ranks, sorted by row then column; `candidates` (c) gives the sites that columns stand for and
    `cost` (c) their costs. `number` and `budget` are what is left of them once forced sites are paid.
    """

    row: Ints
    column: Ints
    low: Floats
    value: Floats
    high: Floats
    base_low: Floats
    base: Floats
    base_high: Floats
    candidates: Ints
    cost: Floats
    number: int
    budget: float | None

    @property
    def rows(self) -> int:
        return len(self.base)

    @property
    def columns(self) -> int:
        return len(self.candidates)

    @cached_property
    def gain(self) -> Floats:
        """Benefit of each pair beyond the base."""
        return np.maximum(self.value - self.base[self.row], 0)


def horizon(problem: Problem, aim: Aim) -> float:
    """The time beyond which a site serves nobody."""
    if aim.within is not None:
        return aim.within
    usable = (problem.state != FORBIDDEN)[problem.site]
    return float(problem.minutes[usable].max(initial=0.0))


def pair_benefits(problem: Problem, aim: Aim, pairs: Ints) -> tuple[Floats, Floats, Floats]:
    """(never above, nearest, never below) the benefit of these pairs, all of them within the time."""
    weight = problem.weight[problem.demand[pairs]]
    if aim.model != "pmedian":
        return weight, weight, weight
    spared = horizon(problem, aim) - problem.minutes[pairs]
    least = np.nextafter(weight * np.maximum(np.nextafter(spared, -np.inf), 0), -np.inf)
    most = np.nextafter(weight * np.nextafter(spared, np.inf), np.inf)
    return np.maximum(least, 0), weight * spared, most


def left_over(problem: Problem, aim: Aim) -> tuple[int, float | None]:
    """(sites, money) left once forced sites are opened. Raises ValueError when they are too many or too dear."""
    forced = problem.state == FORCED
    free = int((problem.state == FREE).sum())
    number = free if aim.number is None else min(free, aim.number - int(forced.sum()))
    if number < 0:
        raise ValueError("more sites are forced than may be opened")
    if aim.budget is None:
        return number, None
    budget = aim.budget * (1 + CENTS) - float(problem.cost[forced].sum())
    if budget < 0:
        raise ValueError("the forced sites cost more than the budget")
    return number, budget


def within_time(problem: Problem, aim: Aim) -> Ints:
    """Pairs within the time, of a usable site and a point that asks for something."""
    usable = (problem.state != FORBIDDEN)[problem.site] & (problem.weight > 0)[problem.demand]
    return ints(np.flatnonzero(usable & (problem.minutes <= horizon(problem, aim))))


def benefits_of(problem: Problem, aim: Aim) -> Benefits:
    """The benefits of a problem where nothing limits what a site serves."""
    number, budget = left_over(problem, aim)
    pairs = within_time(problem, aim)
    bounds = pair_benefits(problem, aim, pairs)
    rows, sites = problem.demand[pairs], problem.site[pairs]
    anyway = np.isin(problem.state[sites], (EXISTING, FORCED))
    low, value, high = bounds

    def base(benefit: Floats) -> Floats:
        found = np.zeros(len(problem.weight))
        np.maximum.at(found, rows[anyway], benefit[anyway])
        return found

    least = base(low)
    kept = ~anyway & (high > least[rows])
    candidates = ints(np.flatnonzero(problem.state == FREE))
    column = np.full(len(problem.state), -1, dtype=np.int64)
    column[candidates] = np.arange(len(candidates))
    return Benefits(
        ints(rows[kept]), column[sites[kept]], low[kept], value[kept], high[kept], least, base(value), base(high),
        candidates, problem.cost[candidates], number, budget,
    )  # fmt: skip
