"""Roll reported values up: within a unit, then over time, then over territories."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from prevenance.engines.rollup.columns import (
    LIMIT,
    NONE,
    Bools,
    Cells,
    Containment,
    Ints,
    Rules,
    Totals,
    bools,
    ints,
    links_of,
)
from prevenance.engines.rollup.periods import starts_of


def roll_up(
    cells: Cells, containment: Containment, rules: Rules, *, expected: tuple[Ints, Ints] | None = None
) -> Totals:
    """What values come to for every territory that contains a unit that reported, at the target period.

    `expected` names the units that should report, as (unit, part or -1): each is missing in a total where neither it
    nor a unit that wholly contains it reported. See the package for what is added to what.

    Raises ValueError for a part that the unit does not lie in, a period that begins on another day than its kind's, a
    ratio without its denominator or a denominator that is not positive; OverflowError when a sum leaves 64 bits.
    """
    _check(cells, rules)
    links = containment.by_contained()
    cells = _within(cells, rules)
    cells = _over_time(cells, rules)
    return _over_territories(cells, links, rules, expected)


def _check(cells: Cells, rules: Rules) -> None:
    if not np.array_equal(starts_of(cells.starts, rules.base), cells.starts):
        raise ValueError(f"a day begins no period of kind {rules.base}")
    if rules.nature == "ratio" and (cells.denominator <= 0).any():
        raise ValueError("a ratio has a positive denominator")
    if rules.nature != "ratio" and (cells.denominator != NONE).any():
        raise ValueError("only a ratio has a denominator")
    for column in (cells.numerator, cells.denominator):
        if np.abs(column.astype(np.float64)).sum() > LIMIT:
            raise OverflowError("these values add up to more than 64 bits of ten-thousandths")


class Groups:
    """Rows gathered by equal keys: `order` sorts them, `first` is where each group begins, `size` how many it has."""

    def __init__(self, *keys: Ints) -> None:
        self.order = np.lexsort(keys[::-1])
        length = len(self.order)
        change = np.zeros(length, dtype=np.bool_)
        change[:1] = True
        for key in keys:
            ordered = key[self.order]
            change[1:] |= ordered[1:] != ordered[:-1]
        self.first = np.flatnonzero(change)
        self.size = np.diff(np.append(self.first, length))

    def sum(self, column: NDArray[np.int64]) -> Ints:
        return ints(np.add.reduceat(column[self.order], self.first)) if len(self.first) else ints([])

    def mean(self, column: Ints) -> Ints:
        """Rounded to the nearest ten-thousandth, halves upwards."""
        return ints((2 * self.sum(column) + self.size) // (2 * self.size))

    def any(self, column: Bools) -> Bools:
        return bools(np.logical_or.reduceat(column[self.order], self.first)) if len(self.first) else bools([])

    def head(self, column: Ints) -> Ints:
        return column[self.order][self.first]


def _combined(groups: Groups, cells: Cells, rule: str, starts: Ints) -> Cells:
    """One row a group, its figures added up or averaged."""
    figure = groups.mean if rule == "mean" else groups.sum
    denominator = figure(cells.denominator)
    if (cells.denominator == NONE).all():
        denominator = np.full(len(denominator), NONE, dtype=np.int64)
    return Cells(
        unit=groups.head(cells.unit),
        part=groups.head(cells.part),
        starts=groups.head(starts),
        category=groups.head(cells.category),
        numerator=figure(cells.numerator),
        denominator=denominator,
        estimated=groups.any(cells.estimated),
    )


def _within(cells: Cells, rules: Rules) -> Cells:
    """One row a unit, part, period and category. Under the rule « none », nothing says how several would combine."""
    groups = Groups(cells.unit, cells.part, cells.starts, cells.category)
    found = _combined(groups, cells, rules.across, cells.starts)
    return found.where(groups.size == 1) if rules.across == "none" else found


def _over_time(cells: Cells, rules: Rules) -> Cells:
    """One row a unit, part, target period and category."""
    targets = starts_of(cells.starts, rules.target)
    if rules.time == "last":
        # The latest sub-period that was reported, not the last one of the calendar.
        groups = Groups(cells.unit, cells.part, targets, cells.category, cells.starts)
        ordered = cells.where(groups.order)
        ended = targets[groups.order]
        last = np.ones(len(ordered), dtype=np.bool_)
        last[:-1] = (
            (ordered.unit[1:] != ordered.unit[:-1])
            | (ordered.part[1:] != ordered.part[:-1])
            | (ended[1:] != ended[:-1])
            | (ordered.category[1:] != ordered.category[:-1])
        )
        kept = ordered.where(last)
        return Cells(kept.unit, kept.part, ended[last], kept.category, kept.numerator, kept.denominator, kept.estimated)
    groups = Groups(cells.unit, cells.part, targets, cells.category)
    return _combined(groups, cells, rules.time, targets)


def _over_territories(cells: Cells, links: Containment, rules: Rules, expected: tuple[Ints, Ints] | None) -> Totals:
    row, container = placed(cells.unit, cells.part, links, alone=rules.across == "none")
    # A unit's parts first, so that a unit counts once in what holds several of them.
    spread = cells.where(row)
    units = Groups(container, spread.starts, spread.category, spread.unit)
    one = _combined(units, spread, rules.across, spread.starts)
    held = units.head(container)
    if rules.across == "none":
        kept = units.size == 1
        one, held = one.where(kept), held[kept]
    groups = Groups(held, one.starts, one.category)
    found = _combined(groups, one, rules.across, one.starts)
    totals = Totals(
        container=groups.head(held),
        starts=found.starts,
        category=found.category,
        numerator=found.numerator,
        denominator=found.denominator,
        reported=ints(groups.size),
        estimated=groups.sum(one.estimated.astype(np.int64)),
        missing=np.full(len(found), NONE, dtype=np.int64),
    )
    if expected is None:
        return totals
    return Totals(**{**vars(totals), "missing": _missing(totals, cells, links, expected)})


def placed(unit: Ints, part: Ints, links: Containment, *, alone: bool = False) -> tuple[Ints, Ints]:
    """(row, container): where each reporting unit counts, each container once.

    Where the unit lies wholly; and, by its part, where that département lies. `alone`: in itself only.
    `links` is sorted by what is contained. Raises ValueError for a part that the unit does not lie in.
    """
    pairs, back = np.unique(np.stack([unit, part]), axis=1, return_inverse=True)
    back = back.reshape(-1)
    units, parts = pairs
    _check_parts(units, parts, links)
    if alone:
        return np.arange(len(unit), dtype=np.int64), unit
    whole = links.whole()
    origin, link = links_of(units, whole)
    by_part = np.flatnonzero(parts != NONE)
    origin_2, link_2 = links_of(parts[by_part], whole)
    both = np.unique(
        np.stack(
            [
                np.concatenate([origin, by_part[origin_2]]),
                np.concatenate([whole.container[link], whole.container[link_2]]),
            ]
        ),
        axis=1,
    )
    # From pairs back to rows: a pair's containers are side by side, since `both` is sorted.
    left = np.searchsorted(both[0], back, side="left")
    counts = np.searchsorted(both[0], back, side="right") - left
    row = np.repeat(np.arange(len(unit), dtype=np.int64), counts)
    before = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(counts)])[:-1]
    place = np.arange(len(row), dtype=np.int64) - np.repeat(before, counts) + np.repeat(left, counts)
    return row, ints(both[1][place])


def _check_parts(units: Ints, parts: Ints, links: Containment) -> None:
    asked = np.flatnonzero(parts != NONE)
    origin, link = links_of(units[asked], links)
    inside = np.zeros(len(asked), dtype=np.bool_)
    inside[origin[links.container[link] == parts[asked][origin]]] = True
    if not inside.all():
        raise ValueError("a part is a territory that the unit does not lie in")


def _missing(totals: Totals, cells: Cells, links: Containment, expected: tuple[Ints, Ints]) -> Ints:
    """How many expected units each total lacks."""
    row, container = placed(*expected, links)
    wanted = np.unique(np.stack([container, expected[0][row]]), axis=1)
    # (expected unit, period, category) that a unit around it, or itself, reported for.
    names = np.unique(expected[0])
    origin, link = links_of(names, links.whole())
    around = Containment(names[origin], links.whole().container[link], np.zeros(len(origin), dtype=np.bool_))
    said, found = links_of(cells.unit, around.by_contained())
    covered = np.unique(
        np.stack([around.by_contained().container[found], cells.starts[said], cells.category[said]]), axis=1
    )
    by_container = Containment(wanted[1], wanted[0], np.zeros(wanted.shape[1], dtype=np.bool_)).by_contained()
    total, place = links_of(totals.container, by_container)
    asked = np.stack([by_container.container[place], totals.starts[total], totals.category[total]])
    answered = _among(asked, covered)
    return ints(np.bincount(total, weights=~answered, minlength=len(totals)))


def _among(asked: Ints, known: Ints) -> Bools:
    """Whether each column of `asked` is a column of `known`."""
    every = np.concatenate([known, asked], axis=1)
    _values, back = np.unique(every, axis=1, return_inverse=True)
    back = back.reshape(-1)
    return bools(np.isin(back[known.shape[1] :], back[: known.shape[1]]))
