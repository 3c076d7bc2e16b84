"""HiGHS, fed with arrays."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from prevenance.engines.placement.problem import Bools, Floats, Ints

TOLERANCE = 1e-9  # part by which a row, once scaled, or a whole number may be missed
NEVER = 0.0  # gap at which the search may stop: only when nothing is left to search


@dataclass(frozen=True)
class Programme:
    """Maximise `worth` · v, `low` ≤ A v ≤ `high`, `least` ≤ v ≤ `most`, whole where `whole`.

    A is by row: `start` (rows + 1), `place` (column of each coefficient), `value`.
    """

    worth: Floats
    least: Floats
    most: Floats
    whole: Bools
    start: NDArray[np.int32]
    place: NDArray[np.int32]
    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Answer:
    """`values` (empty when none was found), their worth, a bound that nothing exceeds, whether all was searched."""

    values: Floats
    worth: float
    bound: float
    finished: bool


@dataclass(frozen=True)
class Budget:
    """What the first variables cost, and all that may be spent: kept to exactly, where a row is kept to nearly."""

    cost: Floats
    most: float | None


def solved_within(
    programme: Programme, budget: Budget, *, seed: int, left: Callable[[], float | None], first: Floats | None = None,
    gap: float = NEVER,
) -> Answer:  # fmt: skip
    """The best values that keep to the budget.

    A choice that the solver's tolerance lets through is forbidden, with all that hold it, and the search begins again.
    """
    while True:
        answer = solved(programme, seed=seed, seconds=left(), first=first, gap=gap)
        taken = np.flatnonzero(answer.values[: len(budget.cost)] > 0.5)
        if budget.most is None or math.fsum(budget.cost[taken]) <= budget.most:
            return answer
        programme = _without(programme, taken)


def _without(programme: Programme, taken: NDArray[np.int64]) -> Programme:
    """The programme where these variables are never all 1."""
    return replace(
        programme,
        start=np.append(programme.start, programme.start[-1] + len(taken)).astype(np.int32),
        place=np.concatenate([programme.place, taken]).astype(np.int32),
        value=np.concatenate([programme.value, np.ones(len(taken))]),
        low=np.append(programme.low, -np.inf),
        high=np.append(programme.high, len(taken) - 1.0),
    )


def solved(
    programme: Programme, *, seed: int, seconds: float | None = None, first: Floats | None = None, gap: float = NEVER
) -> Answer:
    """The best values; `first` are known ones of the first variables. Raises RuntimeError when the solver gives up."""
    if not len(programme.worth):  # nothing to choose, which HiGHS calls empty and leaves without an answer
        able = bool(np.all((programme.low <= 0) & (programme.high >= 0)))
        return Answer(np.zeros(0), 0.0, 0.0, True) if able else Answer(np.zeros(0), -np.inf, -np.inf, True)
    # The class that Highs derives from: Highs itself prints a banner on standard output, where results go.
    solver = highspy._Highs()  # type: ignore[attr-defined]
    options: dict[str, Any] = {
        "output_flag": False, "threads": 1, "random_seed": seed % 2**31, "mip_rel_gap": gap, "mip_abs_gap": 0.0,
        "mip_feasibility_tolerance": TOLERANCE, "primal_feasibility_tolerance": TOLERANCE,
    }  # fmt: skip
    if seconds is not None:
        options["time_limit"] = max(seconds, 0.0)
    for name, value in options.items():
        solver.setOptionValue(name, value)
    _pass(solver, programme)
    if first is not None:
        solver.setSolution(len(first), np.arange(len(first), dtype=np.int32), first)
    solver.run()
    status, info = solver.getModelStatus(), solver.getInfo()
    statuses = highspy.HighsModelStatus
    if status == statuses.kInfeasible:
        return Answer(np.zeros(0), -np.inf, -np.inf, True)
    if status not in (statuses.kOptimal, statuses.kTimeLimit):
        raise RuntimeError(f"HiGHS: {solver.modelStatusToString(status)}")
    found = np.asarray(solver.getSolution().col_value, dtype=np.float64)
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return Answer(np.zeros(0), -np.inf, float(info.mip_dual_bound), False)
    bound = float(info.mip_dual_bound) if programme.whole.any() else float(info.objective_function_value)
    return Answer(found, float(info.objective_function_value), bound, status == statuses.kOptimal)


def _pass(solver: Any, programme: Programme) -> None:
    infinity = highspy.kHighsInf
    solver.passModel(
        len(programme.worth), len(programme.low), len(programme.value), int(highspy.MatrixFormat.kRowwise),
        int(highspy.ObjSense.kMaximize), 0.0, programme.worth, programme.least, programme.most,
        np.maximum(programme.low, -infinity), np.minimum(programme.high, infinity), programme.start, programme.place,
        programme.value, programme.whole.astype(np.int32),
    )  # fmt: skip


class Rows:
    """Rows of coefficients put together, many at a time."""

    def __init__(self) -> None:
        self.rows: list[Ints] = []
        self.places: list[Ints] = []
        self.values: list[Floats] = []
        self.low: list[Floats] = []
        self.high: list[Floats] = []
        self.count = 0

    def add(self, row: Ints, place: Ints, value: Floats, low: Floats, high: Floats) -> None:
        """Coefficients `value` at (`row`, `place`), rows counted from 0 within this call."""
        self.rows.append(row + self.count)
        self.places.append(place)
        self.values.append(value)
        self.low.append(low)
        self.high.append(high)
        self.count += len(low)

    def programme(self, worth: Floats, least: Floats, most: Floats, whole: Bools) -> Programme:
        row = np.concatenate(self.rows)
        order = np.argsort(row, kind="stable")
        start = np.searchsorted(row[order], np.arange(self.count + 1)).astype(np.int32)
        place = np.concatenate(self.places)[order].astype(np.int32)
        return Programme(
            worth, least, most, whole, start, place, np.concatenate(self.values)[order], np.concatenate(self.low),
            np.concatenate(self.high),
        )  # fmt: skip
