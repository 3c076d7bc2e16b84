"""The proof of a bound, apart from how it was found: whole numbers, rounded against us, and any prices will do.

For prices `p` ≥ 0 of the points and `v` ≥ 0 of money (`Benefits` says what benefits are), no choice brings more than

    Σᵢ (baseᵢ + pᵢ) + v · budget + the `number` greatest ρⱼ > 0, where ρⱼ = Σᵢ max(0, bᵢⱼ - baseᵢ - pᵢ) - v · costⱼ

since a point gets at most what it gets anyway, plus its price, plus what its best open site brings beyond (Lagrangian
duality: Cornuéjols, Fisher, Nemhauser, Management Science 23(8), 1977). Prices come from floating-point work and are
repaired here: clipped, then put on a grid of powers of two, where benefits are rounded upwards and everything else is
exact. What the chosen sites bring is summed on the same grid, rounded downwards.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from prevenance.engines.placement.benefits import Benefits
from prevenance.engines.placement.problem import Floats, Ints, ints

BITS = 61  # sums of whole numbers stay below 2 ** BITS


@dataclass(frozen=True)
class Certificate:
    """Exact rationals: what the choice brings is at least `low`, and no choice brings more than `high`."""

    low: Fraction
    high: Fraction


def certify(benefits: Benefits, chosen: Ints, price: Floats, money: float = 0.0) -> Certificate:
    """Bounds of what is brought, with `chosen` columns and with any. Prices are of points (n) and of one unit of cost.

    Raises ValueError when the choice is not one: a column twice, too many, too dear.
    """
    _check_choice(benefits, chosen)
    shift = grid(benefits)
    scale = Fraction(2) ** -shift
    return Certificate(_brought(benefits, chosen, shift) * scale, _at_most(benefits, price, money, shift) * scale)


def grid(benefits: Benefits) -> int:
    """Exponent of the finest grid on which every sum fits."""
    total = 4 * float(benefits.high.sum() + benefits.base_high.sum()) + len(benefits.high) + benefits.rows + 1.0
    return min(BITS - math.ceil(math.log2(total)), 40)


def upwards(values: Floats, shift: int) -> Ints:
    return ints(np.ceil(np.ldexp(values, shift)))


def downwards(values: Floats, shift: int) -> Ints:
    return ints(np.floor(np.ldexp(values, shift)))


def totals(places: Ints, values: Ints, size: int) -> Ints:
    """Sums of whole numbers by place; `np.bincount` would go through floating point."""
    found = np.zeros(size, dtype=np.int64)
    np.add.at(found, places, values)
    return found


def _check_choice(benefits: Benefits, chosen: Ints) -> None:
    if len(np.unique(chosen)) != len(chosen) or len(chosen) > benefits.number:
        raise ValueError("this choice opens a site twice, or too many")
    if benefits.budget is not None and math.fsum(benefits.cost[chosen]) > benefits.budget:
        raise ValueError("this choice costs more than the budget")


def _brought(benefits: Benefits, chosen: Ints, shift: int) -> int:
    got = downwards(benefits.base_low, shift)
    mine = np.isin(benefits.column, chosen)
    np.maximum.at(got, benefits.row[mine], downwards(benefits.low[mine], shift))
    return int(got.sum())


def _at_most(benefits: Benefits, price: Floats, money: float, shift: int) -> int:
    base = upwards(benefits.base_high, shift)
    beyond = np.maximum(upwards(benefits.high, shift) - base[benefits.row], 0)
    most = np.zeros(benefits.rows, dtype=np.int64)
    np.maximum.at(most, benefits.row, beyond)
    prices = np.clip(downwards(np.nan_to_num(price), shift), 0, most)
    brought = totals(benefits.column, np.maximum(beyond - prices[benefits.row], 0), benefits.columns)
    paid = 0
    if benefits.budget is not None and money > 0:
        rate = Fraction(money) * Fraction(2) ** shift
        brought = brought - ints([math.floor(rate * Fraction(cost)) for cost in benefits.cost.tolist()])
        paid = math.ceil(rate * Fraction(benefits.budget))
    best = np.sort(np.maximum(brought, 0))[::-1][: benefits.number]
    return int(base.sum()) + int(prices.sum()) + int(best.sum()) + paid
