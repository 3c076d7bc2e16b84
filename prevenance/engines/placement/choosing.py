"""Which candidates to open for the greatest benefit, within number and budget: quickly, or to the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from prevenance.engines.placement.benefits import Benefits
from prevenance.engines.placement.certify import Certificate, certify
from prevenance.engines.placement.climbing import best_two, brought, exchanged, greedy, needed, shaken
from prevenance.engines.placement.merging import Core, merged, undominated
from prevenance.engines.placement.pricing import Prices, priced
from prevenance.engines.placement.problem import Bools, Floats, Ints, ints
from prevenance.engines.placement.searching import best_choice

SHAKES = (6, 60)  # tries after the first ones: the fewest, for many pairs, and the most
TRIED = 1_000_000  # pairs weighed by tries together, about

Clock = Callable[[], float]  # seconds, from any origin


@dataclass(frozen=True)
class Effort:
    """How to look: to the end (`exact`) or not, from which seed, until when by the clock."""

    exact: bool
    seed: int
    clock: Clock
    until: float | None = None

    @property
    def left(self) -> float | None:
        return None if self.until is None else max(self.until - self.clock(), 0.0)

    @property
    def over(self) -> bool:
        return self.left == 0


@dataclass(frozen=True)
class Choice:
    """Columns, what is certified of them, and the solver's own bound of what any choice brings, where it looked."""

    columns: Ints
    certificate: Certificate
    solver: float | None = None


def chosen(benefits: Benefits, flat: bool, effort: Effort) -> Choice:
    """The columns that bring the most; `flat` when a point's benefit is the same from every site (covering)."""
    core = merged(benefits, flat)
    if effort.exact and flat:
        benefits = _without(benefits, undominated(core, benefits.cost))
        core = merged(benefits, flat)
    if not core.rows or not benefits.number:
        return Choice(ints([]), certify(benefits, ints([]), np.zeros(benefits.rows)))
    columns, prices = near(core, benefits, effort)
    whole = flat and all(bool((some == np.floor(some)).all()) for some in (benefits.high, benefits.base_high))
    certificate = _certified(benefits, columns, core.lifted(prices.row), prices.money, whole)
    if not effort.exact or effort.over or certificate.low == certificate.high:
        return Choice(columns, certificate)
    found, bound = best_choice(
        core, benefits.cost, benefits.number, benefits.budget, columns, brought(core, columns), prices,
        seed=effort.seed, seconds=effort.left,
    )  # fmt: skip
    if brought(core, found) > brought(core, columns):
        columns = needed(core, found)
        certificate = _certified(benefits, columns, core.lifted(prices.row), prices.money, whole)
    return Choice(columns, certificate, bound + float(benefits.base.sum()))


def near(core: Core, benefits: Benefits, effort: Effort) -> tuple[Ints, Prices]:
    """A good choice and prices that say how good."""
    cost, number, budget = benefits.cost, benefits.number, benefits.budget
    best, worth = exchanged(core, greedy(core, cost, number, budget), cost, budget)
    if budget is not None:
        by_cost = exchanged(core, greedy(core, cost, number, budget, by_cost=True), cost, budget)
        best, worth = max((best, worth), by_cost, key=lambda pair: pair[1])
    slot = np.full(core.columns, -1, dtype=np.int64)
    slot[best] = np.arange(len(best))
    first, second, _giver = best_two(core, slot)
    prices = priced(core, cost, number, budget, (first + second) / 2, worth)
    draw = np.random.default_rng(effort.seed)
    tries, most = 0, min(max(TRIED // len(core.gain), SHAKES[0]), SHAKES[1])
    while tries <= most and len(best) and not effort.over and prices.bound - worth > 1e-12 * worth:
        if tries == 0:
            found, brings = exchanged(core, greedy(core, cost, number, budget, opened=_rounded(prices.mean, benefits)),
                                      cost, budget)  # fmt: skip
        else:
            found, brings = shaken(core, best, cost, number, budget, draw)
        if brings > worth:
            best, worth = found, brings
        tries += 1
    return needed(core, best), prices


def _rounded(mean: Floats, benefits: Benefits) -> list[int]:
    """The columns that the mean choice opens the most, as many as may be."""
    taken: list[int] = []
    left = np.inf if benefits.budget is None else benefits.budget
    for column in np.argsort(-mean, kind="stable").tolist():
        if len(taken) == benefits.number or mean[column] <= 0:
            break
        if benefits.cost[column] <= left:
            taken.append(column)
            left -= benefits.cost[column]
    return taken


def _without(benefits: Benefits, kept: Bools) -> Benefits:
    """The benefits without the pairs of columns that are not kept."""
    pairs = kept[benefits.column]
    names = ("row", "column", "low", "value", "high")
    return replace(benefits, **{name: getattr(benefits, name)[pairs] for name in names})


def _certified(benefits: Benefits, columns: Ints, price: Floats, money: float, whole: bool) -> Certificate:
    """The certificate; weights that are whole numbers add up to whole numbers."""
    found = certify(benefits, columns, price, money)
    return Certificate(found.low, Fraction(found.high.__floor__())) if whole else found
