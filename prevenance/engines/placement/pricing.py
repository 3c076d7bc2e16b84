"""Prices of the points that prove how little better one could do: the dual of the relaxation, by averaged subgradients.

Each point's price is what is taken off all its sites and given for good. For given prices the best choice is plain: the
sites that bring the most beyond prices. Where that choice serves a point more than once its price rises, where it does
not its price falls (Held, Wolfe, Crowder 1974). Steps follow the point's weight and the mean of past choices (Barahona
and Anbil's volume algorithm, 2000), without which France takes a hundred times longer. Whatever prices come out,
`certify` makes a true bound of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prevenance.engines.placement.merging import Core
from prevenance.engines.placement.problem import Floats, floats

KEPT = 0.9  # part of the mean of past choices that the next step keeps
SHORTER = 0.7  # what steps are multiplied by when the bound stands still
PATIENCE = 10
AGAIN, NEAR = 20, 0.7  # steps between two looks at all pairs; part of the price below which a gain is left aside
POWER = 0.8  # of a row's gain, in the length of its step: between even steps (0) and steps by weight (1)


@dataclass(frozen=True)
class Prices:
    """Prices of rows and of money, the bound that they give (in floating point), and the mean choice (columns)."""

    row: Floats
    money: float
    bound: float
    mean: Floats


def spend(worth: Floats, cost: Floats, number: int, budget: float | None) -> tuple[float, float, Floats]:
    """(greatest worth that number and budget allow, sites divisible, at most; price of money; part taken of each)."""

    def taken(rate: float) -> Floats:
        left = worth - rate * cost
        part = np.zeros(len(worth))
        if 0 < number < len(worth):
            best = np.argpartition(-left, number)[:number]
            part[best] = left[best] > 0
        elif number:
            part[:] = left > 0
        return part

    part = taken(0.0)
    if budget is None or float(cost @ part) <= budget:
        return float(worth @ part), 0.0, part
    dear = cost > 0
    low, high = 0.0, float((worth[dear] / cost[dear]).max()) * (1 + 1e-9)
    above, below = part, taken(high)
    for _halving in range(30):
        rate = (low + high) / 2
        part = taken(rate)
        if float(cost @ part) > budget:
            low, above = rate, part
        else:
            high, below = rate, part
    spent_above, spent_below = float(cost @ above), float(cost @ below)
    mix = (budget - spent_below) / (spent_above - spent_below) if spent_above > spent_below else 0.0
    worth_of_rate = high * budget + float(np.maximum(worth - high * cost, 0) @ below)
    return worth_of_rate, high, mix * above + (1 - mix) * below


class _Worth:
    """What columns bring beyond prices, and how often a choice serves each row.

    Where gains differ along a row, pairs that bring well less than the price are left aside for some steps: most are.
    What comes out is then a guess, and `complete` says it anew.
    """

    def __init__(self, core: Core) -> None:
        self.core = core
        self.across = core.reach.T.tocsr() if core.flat else None
        self.row, self.column, self.gain = core.row, core.column, core.gain
        self.beyond = np.zeros(0)

    def look_again(self, price: Floats) -> None:
        if self.across is None:
            near = np.flatnonzero(self.core.gain > NEAR * price[self.core.row])
            self.row, self.column, self.gain = self.core.row[near], self.core.column[near], self.core.gain[near]

    def of_columns(self, price: Floats) -> Floats:
        if self.across is not None:
            return floats(self.across @ (self.core.most - price))
        self.beyond = np.maximum(self.gain - price[self.row], 0)
        return floats(np.bincount(self.column, weights=self.beyond, minlength=self.core.columns))

    def times(self, part: Floats) -> Floats:
        """How often each row is served, after `of_columns`."""
        if self.across is not None:
            return floats(self.core.reach @ part)
        weights = part[self.column] * (self.beyond > 0)
        return floats(np.bincount(self.row, weights=weights, minlength=self.core.rows))

    def complete(self, price: Floats) -> Floats:
        self.look_again(np.zeros(self.core.rows))
        return self.of_columns(price)


def priced(core: Core, cost: Floats, number: int, budget: float | None, start: Floats, target: float,
           steps: int = 800) -> Prices:  # fmt: skip
    """Prices after at most `steps` steps from `start`, towards a bound that comes near `target`."""
    price = np.clip(start, 0, core.most)
    weight = core.most**POWER
    best, least = price, np.inf
    choice, mean, served = np.zeros(core.columns), np.zeros(core.columns), np.zeros(core.rows)
    length, idle, worth = 1.0, 0, _Worth(core)
    for step in range(steps):
        if step % AGAIN == 0:
            worth.look_again(price)
        value, _money, part = spend(worth.of_columns(price), cost, number, budget)
        bound = float(price.sum()) + value
        idle = 0 if bound < least * (1 - 1e-5) else idle + 1
        kept = KEPT if step else 0.0
        mean = kept * mean + (1 - kept) * part
        if bound < least:
            best, least, choice = price, bound, mean
        if bound - target <= 1e-12 * abs(bound):
            break
        if idle >= PATIENCE:
            length, idle = length * SHORTER, 0
        served = kept * served + (1 - kept) * worth.times(part)
        slope = 1 - served
        slope[((price <= 0) & (slope > 0)) | ((price >= core.most) & (slope < 0))] = 0
        size = float((weight * slope * slope).sum())
        if size == 0 or length < 1e-4:
            break
        price = np.clip(price - length * (bound - target) / size * weight * slope, 0, core.most)
    value, money, _part = spend(worth.complete(best), cost, number, budget)
    return Prices(best, money, float(best.sum()) + value, choice)
