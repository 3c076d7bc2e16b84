"""Cases and other ways for placement: real communes and inhabitants, spopt as its documentation says, HiGHS alone."""

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars

from prevenance.config.paths import DATA
from prevenance.core.travel import places, ways
from prevenance.engines.coverage import Pairs
from prevenance.engines.placement import Problem
from prevenance.engines.placement.solver import Rows, solved

DAY = date(2026, 11, 28)
FAR = 1e5  # minutes written in a full table where there is no path


@dataclass(frozen=True)
class Case:
    """Inhabitants of each point, and the ways from there to each candidate."""

    weight: np.ndarray
    pairs: Pairs

    def within(self, minutes: float) -> "Case":
        return Case(self.weight, self.pairs.within(minutes))

    def problem(self, state: np.ndarray | None = None) -> Problem:
        pairs = self.pairs
        return Problem.of(self.weight, pairs.demand, pairs.supply, pairs.minutes, sites=pairs.supplies, state=state)


class Country:
    """The communes that have a point, once."""

    def __init__(self) -> None:
        table = polars.read_parquet(DATA / "territories" / "communes.parquet").drop_nulls(["longitude"])
        self.weight = table["population"].fill_null(0).cast(polars.Float64).to_numpy()
        self.departement = table["departement"].to_numpy()
        self.points = places(table["longitude"].to_numpy(), table["latitude"].to_numpy(), on=DAY)

    def drawn(self, points: int, candidates: int, minutes: float) -> Case:
        """Points drawn with a seed, and candidates among them, those with more inhabitants more often."""
        draw = np.random.default_rng(6)
        there = np.sort(draw.choice(len(self.weight), points, replace=False))
        weight = self.weight[there]
        sites = there[np.sort(draw.choice(points, candidates, replace=False, p=weight / weight.sum()))]
        return Case(weight, ways(self.points.where(there), self.points.where(sites), on=DAY).pairs(minutes))

    def departements(self) -> dict[str, np.ndarray]:
        """Ranks of the communes of each."""
        return {name: np.flatnonzero(self.departement == name) for name in np.unique(self.departement)}


def full_table(pairs: Pairs) -> np.ndarray:
    """Points × candidates, as spopt wants it."""
    table = np.full((pairs.demands, pairs.supplies), FAR)
    table[pairs.demand, pairs.supply] = pairs.minutes
    return table


def by_spopt(table: np.ndarray, weight: np.ndarray, within: float, number: int) -> tuple[float, float]:
    """(weight served, seconds) with the solver of its documentation."""
    import pulp
    from spopt.locate import MCLP

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        begin = time.perf_counter()
        model = MCLP.from_cost_matrix(table, weight, within, number)
        model.solve(pulp.PULP_CBC_CMD(msg=False))
        return float(model.problem.objective.value()), time.perf_counter() - begin


def by_highs(case: Case, number: int, seconds: float) -> tuple[float, float, float]:
    """(weight served, gap, seconds) of plain branch and bound, fed with arrays: a variable a point and a candidate."""
    pairs, points = case.pairs, len(case.weight)
    begin = time.perf_counter()
    rows = Rows()
    every = np.arange(points, dtype=np.int64)
    rows.add(
        np.concatenate([every, pairs.demand]), np.concatenate([every, points + pairs.supply]),
        np.concatenate([np.ones(points), -np.ones(len(pairs))]), np.full(points, -np.inf), np.zeros(points),
    )  # fmt: skip
    sites = points + np.arange(pairs.supplies, dtype=np.int64)
    nothing, ones = np.zeros(pairs.supplies, dtype=np.int64), np.ones(pairs.supplies)
    rows.add(nothing, sites, ones, np.array([-np.inf]), np.array([float(number)]))
    total = points + pairs.supplies
    programme = rows.programme(
        np.concatenate([case.weight, nothing]), np.zeros(total), np.ones(total), np.arange(total) >= points
    )
    answer = solved(programme, seed=0, seconds=seconds)
    return max(answer.worth, 0.0), 1 - max(answer.worth, 0.0) / answer.bound, time.perf_counter() - begin


def timed(work: Callable[[], object]) -> Callable[[], list[float]]:
    def once() -> list[float]:
        begin = time.perf_counter()
        work()
        return [time.perf_counter() - begin]

    return once
