"""The best choice where nothing limits what a site serves, proved by HiGHS.

Before the search, prices show which candidates every better choice opens or leaves closed; most are settled so.
Covering has one variable a group of points and one a candidate. Mean time is written by levels (Elloumi, 2010): one
variable a pair, which says that the point is served that well, and may be so by this site or by being served better.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prevenance.engines.placement.merging import Core
from prevenance.engines.placement.pricing import Prices, spend
from prevenance.engines.placement.problem import Bools, Floats, Ints, bools, floats, ints
from prevenance.engines.placement.solver import Programme, Rows, solved

MARGIN = 1e-7  # part of the bound that floating-point work may be wrong by


@dataclass(frozen=True)
class Settled:
    """Columns that every choice better than the known one opens, or leaves closed."""

    opened: Bools
    closed: Bools


def settled(core: Core, cost: Floats, number: int, budget: float | None, prices: Prices, known: float) -> Settled:
    """What the prices settle, given a choice that brings `known`."""
    beyond = np.maximum(core.gain - prices.row[core.row], 0)
    worth = floats(np.bincount(core.column, weights=beyond, minlength=core.columns))
    value, money, _part = spend(worth, cost, number, budget)
    bound = float(prices.row.sum()) + value
    left = worth - money * cost
    ordered = np.sort(left)[::-1]
    threshold = max(0.0, float(ordered[number - 1])) if 0 < number <= len(ordered) else 0.0
    beyond_threshold = left - threshold
    slack = bound - known + MARGIN * abs(bound)
    return Settled(bools(beyond_threshold > slack), bools(-beyond_threshold > slack))


def best_choice(
    core: Core, cost: Floats, number: int, budget: float | None, known: Ints, worth: float, prices: Prices, *,
    seed: int, seconds: float | None,
) -> tuple[Ints, float]:  # fmt: skip
    """(columns, bound of what any choice brings, in floating point), given a known choice and what it is worth."""
    found = settled(core, cost, number, budget, prices, worth)
    reaching = np.bincount(core.column, minlength=core.columns) > 0
    usable = (reaching & ~found.closed) | found.opened
    usable[known] = True
    columns = ints(np.flatnonzero(usable))
    rows, worth_of = choice_rows(core, cost, number, budget, columns)
    programme = choice_programme(rows, columns, found.opened, np.zeros(len(columns)), worth_of)
    first = np.isin(columns, known).astype(np.float64)
    answer = solved(programme, seed=seed, seconds=seconds, first=first)
    bound = max(answer.bound, worth)
    return (ints(columns[answer.values[: len(columns)] > 0.5]) if len(answer.values) else known), bound


def choice_programme(rows: Rows, columns: Ints, opened: Bools, worth_of_column: Floats, worth: Floats) -> Programme:
    """The programme of `choice_rows`, where `opened` columns must be."""
    total = len(columns) + len(worth)
    least = np.zeros(total)
    least[: len(columns)] = opened[columns]
    return rows.programme(
        np.concatenate([worth_of_column, worth]), least, np.ones(total), np.arange(total) < len(columns)
    )


def choice_rows(core: Core, cost: Floats, number: int, budget: float | None, columns: Ints) -> tuple[Rows, Floats]:
    """Variables: usable columns, then rows (covering) or pairs by level (mean time); the worth of the latter."""
    rank = np.full(core.columns, -1, dtype=np.int64)
    rank[columns] = np.arange(len(columns))
    places = np.flatnonzero(rank[core.column] >= 0)
    row, column, gain = core.row[places], rank[core.column[places]], core.gain[places]
    rows = Rows()
    if core.flat:
        served, row = np.unique(row, return_inverse=True)
        worth = core.most[served]
        count = len(served)
        rows.add(
            ints(np.concatenate([np.arange(count), row])),
            ints(np.concatenate([len(columns) + np.arange(count), column])),
            np.concatenate([np.ones(count), -np.ones(len(row))]), np.full(count, -np.inf), np.zeros(count),
        )  # fmt: skip
    else:
        order = np.lexsort((column, -gain, row))
        row, column, gain = row[order], column[order], gain[order]
        count = len(row)
        goes_on = np.concatenate([row[1:] == row[:-1], [False]]) if count else bools([])
        worth = gain - np.where(goes_on, np.roll(gain, -1), 0)
        level = np.arange(count)
        before = np.flatnonzero(goes_on)
        rows.add(
            ints(np.concatenate([level, level, before + 1])),
            ints(np.concatenate([len(columns) + level, column, len(columns) + before])),
            np.concatenate([np.ones(count), -np.ones(count), -np.ones(len(before))]),
            np.full(count, -np.inf), np.zeros(count),
        )  # fmt: skip
    spending(rows, cost[columns], number, budget)
    return rows, worth


def spending(rows: Rows, cost: Floats, number: int, budget: float | None, counted: Bools | None = None) -> None:
    """The rows that limit number and cost of the first variables, or of those that are `counted` alone."""
    every = np.arange(len(cost), dtype=np.int64) if counted is None else ints(np.flatnonzero(counted))
    zeros, cost = np.zeros(len(every), dtype=np.int64), cost[every]
    if number < len(every):
        rows.add(zeros, every, np.ones(len(every)), np.array([-np.inf]), np.array([float(number)]))
    if budget is not None and float(cost.sum()) > budget:
        scale = max(budget, float(cost.max()))
        rows.add(zeros, every, cost / scale, np.array([-np.inf]), np.array([budget / scale]))
