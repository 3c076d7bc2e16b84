"""The fewest candidates so that every point is served by one: quickly with a certificate, or to the end.

Prices `u` ≥ 0 of the points prove that no cover opens fewer than Σ uᵢ + Σⱼ min(0, 1 - Σᵢ uᵢ over what j serves),
rounded up to a whole number (Fisher and Kedia, Management Science 36(6), 1990). They are put on a grid where this is
exact.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from prevenance.engines.placement.certify import totals
from prevenance.engines.placement.choosing import Effort
from prevenance.engines.placement.climbing import greedy, needed
from prevenance.engines.placement.merging import Core, least_rows, undominated
from prevenance.engines.placement.problem import Bools, Floats, Ints, bools, ints
from prevenance.engines.placement.searching import choice_programme, choice_rows, spending
from prevenance.engines.placement.solver import Rows, solved

SHIFT = 40  # prices are whole numbers of 2 ** -SHIFT; their sum stays below 2 ** 62 with four million points
STEPS = 800
SHAKES = 30


@dataclass(frozen=True)
class Cover:
    """Columns, the number that the prices prove, and the number that the solver proves, where it looked."""

    columns: Ints
    certified: int
    solver: int | None = None


def fewest(core: Core, effort: Effort) -> Cover:
    """A cover of all rows with as few columns as found."""
    if not core.rows:
        return Cover(ints([]), 0)
    core = replace(core, gain=np.ones(len(core.gain)), flat=True)
    smaller = core
    for _pass in range(2):  # fewer rows leave columns that no longer differ
        smaller = kept_pairs(smaller, undominated(smaller, np.ones(core.columns))[smaller.column])
        smaller = kept_pairs(smaller, least_rows(smaller)[smaller.row])
    price, mean = _priced(smaller)
    number = proved(smaller, price)  # of all rows too: those left aside have no price
    best = _near(smaller, mean, number, effort)
    if number == len(best) or not effort.exact or effort.over:
        return Cover(best, number)
    found, bound = cover_by_solver(smaller, best, effort)
    if found is not None and len(found) < len(best):
        best = needed(smaller, found)
    return Cover(best, number, bound)


def proved(core: Core, price: Floats) -> int:
    """The number of columns that every cover opens at least, whatever the prices are."""
    whole = ints(np.floor(np.ldexp(np.clip(np.nan_to_num(price), 0, 1), SHIFT)))
    one = 1 << SHIFT
    load = totals(core.column, whole[core.row], core.columns)
    total = int(whole.sum()) + int(np.minimum(one - load, 0).sum())
    return max(-(-total // one), 0)


def kept_pairs(core: Core, pairs: Bools) -> Core:
    """The core with these pairs alone, and the rows that keep one."""
    row = core.row[pairs]
    heads = np.flatnonzero(np.concatenate([[True], row[1:] != row[:-1]])) if len(row) else ints([])
    start = ints(np.concatenate([heads, [len(row)]]))
    return Core(start, core.column[pairs], core.gain[pairs], core.columns, core.flat, ints([]), np.zeros(0))


def cover_by_solver(
    core: Core, known: Ints, effort: Effort, cost: Floats | None = None, number: int | None = None,
    budget: float | None = None,
) -> tuple[Ints | None, int]:  # fmt: skip
    """(columns of a cover within number and budget or None, how many any such cover opens at least)."""
    if not core.rows:
        return ints([]), 0
    rows = Rows()
    rows.add(core.row, core.column, np.ones(len(core.column)), np.ones(core.rows), np.full(core.rows, np.inf))
    if cost is not None:
        spending(rows, cost, core.columns if number is None else number, budget)
    useful = np.bincount(core.column, minlength=core.columns) > 0
    every = np.ones(core.columns)
    programme = rows.programme(-every, np.zeros(core.columns), useful.astype(np.float64), bools(every))
    first = np.isin(np.arange(core.columns), known).astype(np.float64) if len(known) else None
    answer = solved(programme, seed=effort.seed, seconds=effort.left, first=first)
    bound = core.columns if answer.finished and not len(answer.values) else max(int(np.ceil(-answer.bound - 1e-6)), 0)
    return (ints(np.flatnonzero(answer.values > 0.5)) if len(answer.values) else None), bound


def fewest_bringing(
    core: Core, known: Ints, least: float, effort: Effort, cost: Floats, number: int, budget: float | None
) -> tuple[Ints, int]:
    """(columns within number and budget that serve rows worth at least that, how many any such choice opens)."""
    columns = ints(np.flatnonzero(np.bincount(core.column, minlength=core.columns) > 0))
    rows, worth = choice_rows(core, cost, number, budget, columns)
    places = len(columns) + np.arange(len(worth), dtype=np.int64)
    scale = float(worth.max(initial=1.0))
    rows.add(np.zeros(len(worth), dtype=np.int64), places, worth / scale,
             np.array([least * (1 - 1e-9) / scale]), np.array([np.inf]))  # fmt: skip
    nothing = np.zeros(core.columns, dtype=np.bool_)
    programme = choice_programme(rows, columns, nothing, -np.ones(len(columns)), np.zeros(len(worth)))
    first = np.isin(columns, known).astype(np.float64)
    answer = solved(programme, seed=effort.seed, seconds=effort.left, first=first)
    if not len(answer.values):
        return known, 0
    found = ints(columns[answer.values[: len(columns)] > 0.5])
    return found, max(int(np.ceil(-answer.bound - 1e-6)), 0)


def _near(core: Core, mean: Floats, proved_number: int, effort: Effort) -> Ints:
    """A small cover: greedy, from what the mean choice opens the most, then parts of the best one drawn again."""
    free = np.zeros(core.columns)
    every = core.columns
    best = needed(core, greedy(core, free, every, None))
    for share in (0.9, 0.7, 0.5, 0.3):
        found = needed(core, greedy(core, free, every, None, opened=np.flatnonzero(mean > share).tolist()))
        best = min(best, found, key=len)
    draw = np.random.default_rng(effort.seed)
    for _shake in range(SHAKES):
        if len(best) <= proved_number or effort.over:
            break
        kept = best[draw.random(len(best)) > 0.25]
        barred = np.setdiff1d(best, kept)
        barred = barred[draw.random(len(barred)) > 0.5]
        found = greedy(core, free, every, None, opened=kept.tolist(), barred=barred.tolist())
        found = needed(core, greedy(core, free, every, None, opened=found.tolist()))
        best = min(best, found, key=len)
    return best


def _priced(core: Core) -> tuple[Floats, Floats]:
    """(prices of rows, mean choice), by averaged subgradients as `pricing` does."""
    reach, across = core.reach, core.reach.T.tocsr()
    size = np.bincount(core.column, minlength=core.columns)
    price = 1 / np.maximum.reduceat(size[core.column].astype(np.float64), core.start[:-1])
    target = float(len(needed(core, greedy(core, np.zeros(core.columns), core.columns, None))))
    best, best_bound, length, idle = price, -np.inf, 1.0, 0
    mean, served = np.zeros(core.columns), np.zeros(core.rows)
    for step in range(STEPS):
        left = 1 - across @ price
        opened = (left < 0).astype(np.float64)
        bound = float(price.sum() + left @ opened)
        idle = 0 if bound > best_bound + 1e-5 * abs(best_bound) else idle + 1
        if bound > best_bound:
            best, best_bound = price, bound
        if idle >= 10:
            length, idle = length * 0.7, 0
        kept = 0.9 if step else 0.0
        mean = kept * mean + (1 - kept) * opened
        served = kept * served + (1 - kept) * (reach @ opened)
        slope = 1 - served
        slope[(price <= 0) & (slope < 0)] = 0
        size_of = float((slope * slope).sum())
        if size_of == 0 or length < 1e-4 or np.ceil(best_bound - 1e-9) >= target:
            break
        price = np.maximum(price + length * (target - bound) / size_of * slope, 0)
    return best, mean
