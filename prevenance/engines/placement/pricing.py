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
from prevenance.engines.placement.problem import Floats

KEPT = 0.9  # part of the mean of past choices that the next step keeps
SHORTER = 0.7  # what steps are multiplied by when the bound stands still
PATIENCE = 10
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


def priced(core: Core, cost: Floats, number: int, budget: float | None, start: Floats, target: float,
           steps: int = 800) -> Prices:  # fmt: skip
    """Prices after at most `steps` steps from `start`, towards a bound that comes near `target`."""
    price = np.clip(start, 0, core.most)
    weight = core.most**POWER
    best = Prices(price, 0.0, np.inf, np.zeros(core.columns))
    mean, served, length, idle = np.zeros(core.columns), np.zeros(core.rows), 1.0, 0
    across = core.reach.T.tocsr() if core.flat else None
    for step in range(steps):
        beyond: Floats | None = None
        if across is not None:
            worth = across @ (core.most - price)
        else:
            beyond = np.maximum(core.gain - price[core.row], 0)
            worth = np.bincount(core.column, weights=beyond, minlength=core.columns)
        value, money, part = spend(worth, cost, number, budget)
        bound = float(price.sum()) + value
        idle = 0 if bound < best.bound * (1 - 1e-5) else idle + 1
        kept = KEPT if step else 0.0
        mean = kept * mean + (1 - kept) * part
        if bound < best.bound:
            best = Prices(price, money, bound, mean)
        if bound - target <= 1e-12 * abs(bound):
            break
        if idle >= PATIENCE:
            length, idle = length * SHORTER, 0
        if beyond is None:
            times = core.reach @ part
        else:
            times = np.bincount(core.row, weights=part[core.column] * (beyond > 0), minlength=core.rows)
        served = kept * served + (1 - kept) * times
        slope = 1 - served
        slope[((price <= 0) & (slope > 0)) | ((price >= core.most) & (slope < 0))] = 0
        size = float((weight * slope * slope).sum())
        if size == 0 or length < 1e-4:
            break
        price = np.clip(price - length * (bound - target) / size * weight * slope, 0, core.most)
    return best
