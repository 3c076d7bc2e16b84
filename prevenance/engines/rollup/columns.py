"""What goes in: reported values, which territory lies in which, how values add up. What comes out: totals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prevenance.engines.rollup import periods

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NONE = -1  # no part, no denominator, no sheet, no commune of before
LIMIT = float(2**61)  # ten-thousandths: beyond, a sum could leave 64 bits

Nature = Literal["stock", "flow", "ratio"]
TimeRule = Literal["sum", "last", "mean"]
TerritoryRule = Literal["sum", "mean", "none"]


def ints(values: ArrayLike) -> Ints:
    return np.asarray(values, dtype=np.int64).reshape(-1)


def bools(values: ArrayLike) -> Bools:
    return np.asarray(values, dtype=np.bool_).reshape(-1)


def same_length(*columns: NDArray[Any]) -> None:
    if len({len(column) for column in columns}) > 1:
        raise ValueError("columns of different lengths")


@dataclass(frozen=True)
class Rules:
    """How the values of an indicator add up, over time and over territories, and the lengths of its periods.

    Raises ValueError for a word that is not of its list, for a stock summed over time, and when the target period is
    not made of whole base periods (a school year is made of months, never of civil quarters).
    """

    nature: Nature
    time: TimeRule
    territory: TerritoryRule
    base: str
    target: str

    def __post_init__(self) -> None:
        if self.nature not in ("stock", "flow", "ratio"):
            raise ValueError(f"unknown nature: {self.nature!r}")
        if self.time not in ("sum", "last", "mean") or self.territory not in ("sum", "mean", "none"):
            raise ValueError(f"unknown rule: {self.time!r}, {self.territory!r}")
        if self.nature == "stock" and self.time == "sum":
            raise ValueError("stocks do not add up over time")
        periods.check_divides(self.base, self.target)

    @property
    def across(self) -> TerritoryRule:
        """The rule over territories that applies: a ratio is always derived again from its two sums."""
        return "sum" if self.nature == "ratio" and self.territory != "none" else self.territory


@dataclass(frozen=True)
class Cells:
    """Reported values, one a row; columns of n values.

    `unit` is the territory that reports, `part` the département that the figure is about or -1, `starts` the first day
    of the period (days since 1970-01-01), `category` a code, `numerator` and `denominator` ten-thousandths (-1 where
    there is no denominator), `estimated` whether the figure is an estimate. A commune of before bears the unit that it
    merged into (`renamed`). Several rows may tell of one unit and period: its sheets, its communes of before.
    """

    unit: Ints
    part: Ints
    starts: Ints
    category: Ints
    numerator: Ints
    denominator: Ints
    estimated: Bools

    def __post_init__(self) -> None:
        same_length(*vars(self).values())

    def __len__(self) -> int:
        return len(self.unit)

    @classmethod
    def of(cls, rows: list[tuple[int, int, int, int, int, int, bool]]) -> Cells:
        """From rows in the order of the columns."""
        unit, part, starts, category, numerator, denominator = (
            ints([row[place] for row in rows]) for place in range(6)
        )
        return cls(unit, part, starts, category, numerator, denominator, bools([row[6] for row in rows]))

    def where(self, chosen: NDArray[Any]) -> Cells:
        return Cells(*(column[chosen] for column in vars(self).values()))


@dataclass(frozen=True)
class Containment:
    """Which territory lies in which, at any depth, each in itself; `partial` when the contained one goes beyond."""

    container: Ints
    contained: Ints
    partial: Bools

    def __post_init__(self) -> None:
        same_length(self.container, self.contained, self.partial)

    @classmethod
    def of(cls, rows: list[tuple[int, int, bool]]) -> Containment:
        return cls(ints([row[0] for row in rows]), ints([row[1] for row in rows]), bools([row[2] for row in rows]))

    def by_contained(self) -> Containment:
        """The same links, sorted by what is contained."""
        order = np.argsort(self.contained, kind="stable")
        return Containment(self.container[order], self.contained[order], self.partial[order])

    def whole(self) -> Containment:
        """The links of territories that lie wholly in another."""
        kept = ~self.partial
        return Containment(self.container[kept], self.contained[kept], self.partial[kept])


@dataclass(frozen=True)
class Totals:
    """One row a container, target period and category that at least one unit reported for, in that order.

    `reported` counts the units that reported, `estimated` those of them whose figure is estimated, `missing` the
    expected ones that did not (-1 where nothing was expected). A ratio is `numerator` over `denominator`; -1 is no
    denominator.
    """

    container: Ints
    starts: Ints
    category: Ints
    numerator: Ints
    denominator: Ints
    reported: Ints
    estimated: Ints
    missing: Ints

    def __len__(self) -> int:
        return len(self.container)


def renamed(units: Ints, before: ArrayLike, after: ArrayLike) -> Ints:
    """`units` with each identifier of `before` replaced by the one of `after` beside it: communes that merged."""
    old, new = ints(before), ints(after)
    same_length(old, new)
    if not len(old):
        return units
    order = np.argsort(old, kind="stable")
    old, new = old[order], new[order]
    place = np.minimum(np.searchsorted(old, units), len(old) - 1)
    return np.where(old[place] == units, new[place], units)


def links_of(keys: Ints, containment: Containment) -> tuple[Ints, Ints]:
    """(place in `keys`, place in the containment) of every link whose contained territory is that key.

    `containment` is sorted by what is contained (`by_contained`).
    """
    left = np.searchsorted(containment.contained, keys, side="left")
    right = np.searchsorted(containment.contained, keys, side="right")
    counts = right - left
    origin = np.repeat(np.arange(len(keys), dtype=np.int64), counts)
    before = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(counts)])[:-1]
    link = np.arange(len(origin), dtype=np.int64) - np.repeat(before, counts) + np.repeat(left, counts)
    return origin, ints(link)
