"""The same problem with fewer lines: points that the same candidates reach are one, candidates that another beats go.

Both are sound: what they change is how long one looks, not what is found. Bounds are certified on the problem as given,
so a mistake here could weaken a bound, never make it false.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sparse

from prevenance.engines.placement.benefits import Benefits
from prevenance.engines.placement.problem import Bools, Floats, Ints, bools, floats, ints

HASHED = 20261128  # seed of the hash of cover sets; equality is then checked, whatever it is
DENSE = 30_000_000  # products of a comparison of every two lines, beyond which it is not worth its time


@dataclass(frozen=True)
class Core:
    """Pairs by row then column, every row with at least one: `start` (rows + 1), `column`, `gain` > 0.

    `flat` says whether all gains of a row are equal (covering). `row_of` (n) is the row of each point, -1 where no
    candidate brings it anything, and `share` (n) its part in the row's gain.
    """

    start: Ints
    column: Ints
    gain: Floats
    columns: int
    flat: bool
    row_of: Ints
    share: Floats

    @property
    def rows(self) -> int:
        return len(self.start) - 1

    @cached_property
    def row(self) -> Ints:
        return np.repeat(np.arange(self.rows, dtype=np.int64), np.diff(self.start))

    @cached_property
    def most(self) -> Floats:
        """Greatest gain of each row."""
        return floats(np.maximum.reduceat(self.gain, self.start[:-1])) if self.rows else np.zeros(0)

    @cached_property
    def reach(self) -> sparse.csr_array:
        """Rows × columns, 1 where the column brings something to the row."""
        ones = np.ones(len(self.column))
        return sparse.csr_array((ones, self.column, self.start), shape=(self.rows, self.columns))

    @cached_property
    def by_column(self) -> sparse.csc_array:
        """Rows × columns, gains."""
        matrix = sparse.csr_array((self.gain, self.column, self.start), shape=(self.rows, self.columns))
        return matrix.tocsc()

    def lifted(self, price: Floats) -> Floats:
        """Prices of points from prices of rows."""
        found = np.zeros(len(self.row_of))
        reached = self.row_of >= 0
        found[reached] = price[self.row_of[reached]] * self.share[reached]
        return found


def merged(benefits: Benefits, flat: bool) -> Core:
    """The core of `benefits`; when `flat`, points with equal cover sets become one."""
    gain = benefits.gain
    kept = gain > 0
    row, column, gain = benefits.row[kept], benefits.column[kept], gain[kept]
    points, row = np.unique(row, return_inverse=True)
    start = np.searchsorted(row, np.arange(len(points) + 1))
    group, first = same_sets(start, column) if flat else (np.arange(len(points)), np.arange(len(points)))
    weight = gain[start[:-1]] if flat else np.ones(len(points))
    total = np.bincount(group, weights=weight, minlength=len(first)) if len(first) else np.zeros(0)
    places, lengths = _pairs_of(start, first)
    row_of = np.full(benefits.rows, -1, dtype=np.int64)
    row_of[points] = group
    share = np.zeros(benefits.rows)
    share[points] = weight / total[group] if flat else 1.0
    gains = np.repeat(total, lengths) if flat else gain[places]
    return Core(
        ints(np.concatenate([[0], np.cumsum(lengths)])), ints(column[places]), floats(gains), benefits.columns, flat,
        row_of, share,
    )  # fmt: skip


def same_sets(start: Ints, column: Ints) -> tuple[Ints, Ints]:
    """(group of each row, first row of each group): rows with the same columns, whole groups in order of first row."""
    rows = len(start) - 1
    if not rows:
        return ints([]), ints([])
    marks = np.random.default_rng(HASHED).integers(0, 2**63, size=int(column.max()) + 1, dtype=np.uint64)
    sums = np.add.reduceat(marks[column], start[:-1])  # wraps around, as a hash may
    lengths = np.diff(start)
    _keys, first, group = np.unique(np.stack([sums.astype(np.int64), lengths]), axis=1, return_index=True,
                                    return_inverse=True)  # fmt: skip
    group = group.reshape(-1)
    mine, _ = _pairs_of(start, np.arange(rows))
    theirs, _ = _pairs_of(start, first[group])
    if not np.array_equal(column[mine], column[theirs]):  # two sets with one hash: keep every row apart
        return np.arange(rows, dtype=np.int64), np.arange(rows, dtype=np.int64)
    order = np.argsort(first, kind="stable")
    rank = np.empty(len(first), dtype=np.int64)
    rank[order] = np.arange(len(first))
    return rank[group], ints(first[order])


def _pairs_of(start: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """(places of the pairs of these rows, in their order, how many each has)."""
    lengths = np.diff(start)[rows]
    before = np.concatenate([[0], np.cumsum(lengths)])[:-1]
    return ints(np.arange(lengths.sum()) - np.repeat(before - start[:-1][rows], lengths)), ints(lengths)


def undominated(core: Core, cost: Floats) -> Bools:
    """Columns to keep: a column goes when another brings every row as much for no more, or is equal and comes before.

    Sound where any number of points may share a site: taking the other one instead, or leaving this one out when both
    are taken, brings as much.
    """
    kept = np.ones(core.columns, dtype=np.bool_)
    if not core.flat or float((np.bincount(core.row).astype(float) ** 2).sum() if core.rows else 0) > DENSE:
        return kept
    common = (core.reach.T @ core.reach).tocoo()
    size = np.bincount(core.column, minlength=core.columns)
    mine, other = common.row, common.col
    inside = (common.data >= size[mine]) & (mine != other) & (cost[other] <= cost[mine])
    equal = (size[other] == size[mine]) & (cost[other] == cost[mine])
    kept[mine[inside & (~equal | (other < mine))]] = False
    kept[size == 0] = False
    return bools(kept)


def least_rows(core: Core) -> Bools:
    """Rows to keep where all must be served: one goes when another has no column that it lacks."""
    kept = np.ones(core.rows, dtype=np.bool_)
    products = np.bincount(core.column, minlength=core.columns)[core.column]
    if float(products.sum()) > 20 * DENSE:
        return kept
    size, across = np.diff(core.start), core.reach.T.tocsr()
    done = np.cumsum(np.add.reduceat(products, core.start[:-1])) // DENSE if core.rows else products
    for part in range(int(done[-1]) + 1 if core.rows else 0):  # some rows at a time, for memory
        rows = np.flatnonzero(done == part)
        common = (core.reach[rows] @ across).tocoo()
        mine, other = rows[common.row], common.col
        inside = (common.data >= size[other]) & (mine != other)
        equal = size[other] == size[mine]
        kept[mine[inside & (~equal | (other < mine))]] = False
    return kept
