"""Reports that count the same people or places twice: a commune and its intercommunal body, a whole and its parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prevenance.engines.rollup.columns import NONE, Bools, Containment, Ints, bools, ints, links_of, same_length


@dataclass(frozen=True)
class Reports:
    """Who reports for one indicator; columns of n values, -1 where there is none.

    `unit` and `part` as in Cells, `starts` the period, `sheet` the action sheet that the figure is about (none: the
    whole territory), `former` the commune of before (none: the whole commune of today).
    """

    unit: Ints
    part: Ints
    starts: Ints
    sheet: Ints
    former: Ints

    def __post_init__(self) -> None:
        same_length(*vars(self).values())

    def __len__(self) -> int:
        return len(self.unit)

    @classmethod
    def of(cls, rows: list[tuple[int, int, int, int, int]]) -> Reports:
        return cls(*(ints([row[place] for row in rows]) for place in range(5)))


def overlaps(reports: Reports, containment: Containment) -> Ints:
    """Pairs of reports of one period that tell of the same thing twice, as an array of shape (pairs, 2), sorted.

    - Two units of which one contains the other, but for a body's report that is about a département that the other
      one lies outside.
    - One unit told of whole and by parts: with and without a département, a sheet or a commune of before. Two sheets,
      two départements or two communes of before are parts of a whole: they add up.
    """
    links = containment.by_contained()
    inner, outer, partial = _containing(reports, links)
    apart = _outside_part(reports, inner, outer, links) | (partial & _outside_unit(reports, inner, outer, links))
    found = np.stack([inner[~apart], outer[~apart]])
    same_a, same_b = _same_unit(reports)
    whole_and_part = np.zeros(len(same_a), dtype=np.bool_)
    disjoint = np.zeros(len(same_a), dtype=np.bool_)
    for column in (reports.part, reports.sheet, reports.former):
        a, b = column[same_a], column[same_b]
        whole_and_part |= (a == NONE) != (b == NONE)
        disjoint |= (a != NONE) & (b != NONE) & (a != b)
    kept = whole_and_part & ~disjoint
    every = np.concatenate([found, np.stack([same_a[kept], same_b[kept]])], axis=1)
    every = np.sort(every, axis=0)
    return ints(np.unique(every, axis=1)).reshape(2, -1).T


def _containing(reports: Reports, links: Containment) -> tuple[Ints, Ints, Bools]:
    """(inner, outer, partial): reports of one period whose unit lies, at least in part, in the other one's."""
    origin, link = links_of(reports.unit, links)
    other = links.container[link] != reports.unit[origin]
    origin, link = origin[other], link[other]
    names, keys = _keys(
        np.concatenate([reports.unit, links.container[link]]),
        np.concatenate([reports.starts, reports.starts[origin]]),
    )
    del names
    mine, asked = keys[: len(reports)], keys[len(reports) :]
    order = np.argsort(mine, kind="stable")
    place, found = _matches(asked, mine[order])
    return origin[place], order[found], links.partial[link][place]


def _same_unit(reports: Reports) -> tuple[Ints, Ints]:
    _names, keys = _keys(reports.unit, reports.starts)
    order = np.argsort(keys, kind="stable")
    place, found = _matches(keys, keys[order])
    other = order[found]
    kept = place < other
    return place[kept], other[kept]


def _keys(units: Ints, starts: Ints) -> tuple[Ints, Ints]:
    names, back = np.unique(np.stack([units, starts]), axis=1, return_inverse=True)
    return names, ints(back)


def _matches(asked: Ints, ordered: Ints) -> tuple[Ints, Ints]:
    """(place in `asked`, place in `ordered`) of equal keys."""
    flat = Containment(ordered, ordered, np.zeros(len(ordered), dtype=np.bool_))
    return links_of(asked, flat)


def _inside(units: Ints, places: Ints, links: Containment) -> Bools:
    """Whether each unit shares something with the place beside it."""
    inside = np.zeros(len(units), dtype=np.bool_)
    origin, link = links_of(units, links)
    inside[origin[links.container[link] == places[origin]]] = True
    return bools(inside)


def _outside_part(reports: Reports, inner: Ints, outer: Ints, links: Containment) -> Bools:
    """The outer report is about a département where the inner one has nothing to say."""
    part = reports.part[outer]
    theirs = reports.part[inner]
    meets = _inside(reports.unit[inner], part, links) & ((theirs == NONE) | (theirs == part))
    return bools((part != NONE) & ~meets)


def _outside_unit(reports: Reports, inner: Ints, outer: Ints, links: Containment) -> Bools:
    """The inner report is about a département that lies outside of the outer unit."""
    part = reports.part[inner]
    return bools((part != NONE) & ~_inside(part, reports.unit[outer], links))
