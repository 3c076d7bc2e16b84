"""What a country's posts come to for each of its places, all at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from prevenance.engines.coverage.catchments import check, ratios, sums
from prevenance.engines.coverage.decay import Decay
from prevenance.engines.coverage.points import Bools, Floats, Ints
from prevenance.engines.coverage.travel import NONE, Ways, first_nearest


@dataclass(frozen=True, eq=False)
class Rows:
    """Pairs of open posts within the bound, by demand point: those of i go from `start[i]` to `start[i + 1]`."""

    start: Ints
    post: Ints
    minutes: Floats

    def of(self, rows: Ints) -> tuple[Ints, Ints]:
        """(rank in `rows`, place among pairs) of every pair of these rows."""
        sizes = self.start[rows + 1] - self.start[rows]
        rank = np.repeat(np.arange(len(rows)), sizes)
        before = np.cumsum(sizes) - sizes
        return rank, np.arange(len(rank)) - np.repeat(before - self.start[rows], sizes)


@dataclass(frozen=True, eq=False)
class Coverage:
    """What was asked, and for each of n demand points what came of it. Never a NaN: what is not reached is a gap.

    `nearest` (n,): the open post nearest in minutes, whatever the catchment; NONE where no path leads to any.
    `minutes` (n,): to it; infinite where there is none. `choices` (n, bands): open posts within each band of minutes.
    `accessibility` (n,): capacity for each unit of weight (see catchments); 0 where no open post is within the
    catchment. `served` (n,): the point's weight where at least one is, else 0.
    A post of no capacity is closed: nobody's nearest, nobody's choice.
    `rows`, `share` (R of catchments) and `bound` (the longest of catchment and bands) are what changes.py goes on from.
    """

    weight: Floats
    capacity: Floats
    ways: Ways
    decay: Decay
    bands: tuple[float, ...]
    bound: float
    rows: Rows
    share: Floats
    nearest: Ints
    minutes: Floats
    choices: Ints
    accessibility: Floats
    served: Floats

    def beyond(self) -> Floats:
        """(bands,) the weight of those who have no open post within each band."""
        return np.array([self.weight[self.minutes > band].sum() for band in self.bands])


def cover(weight: Floats, capacity: Floats, ways: Ways, decay: Decay, bands: Sequence[float] = ()) -> Coverage:
    """Raises ValueError for a weight, a capacity or a band that is negative or not a number, or a wrong length."""
    if not all(0 <= band < np.inf for band in bands):
        raise ValueError("a band is a number of minutes")
    bound = max(decay.catchment, *bands) if bands else decay.catchment
    pairs = ways.pairs(bound)
    check(weight, pairs.demands)
    check(capacity, pairs.supplies)
    opened = capacity > 0
    if not opened.all():
        pairs = pairs.where(opened[pairs.supply])
    matrix = pairs.matrix()
    rows = Rows(matrix.indptr.astype(np.int64), matrix.indices, matrix.data)
    every = np.repeat(np.arange(pairs.demands), np.diff(rows.start))
    worth = decay.weights(rows.minutes)
    reached = sums(rows.post, weight[every] * worth, pairs.supplies)
    share = ratios(capacity, reached)
    nearest, minutes = _nearest(rows, every, ways, opened)
    return Coverage(
        weight=weight,
        capacity=capacity,
        ways=ways,
        decay=decay,
        bands=tuple(bands),
        bound=bound,
        rows=rows,
        share=share,
        nearest=nearest,
        minutes=minutes,
        choices=_choices(rows, bands),
        accessibility=sums(every, share[rows.post] * worth, pairs.demands),
        served=np.where(minutes <= decay.catchment, weight, 0.0),
    )


def _choices(rows: Rows, bands: Sequence[float]) -> Ints:
    """How many pairs of each row lie within each band."""
    found = np.empty((len(rows.start) - 1, len(bands)), dtype=np.int64)
    for column, band in enumerate(bands):
        before = np.concatenate([[0], np.cumsum(rows.minutes <= band)])
        found[:, column] = before[rows.start[1:]] - before[rows.start[:-1]]
    return found


def _nearest(rows: Rows, every: Ints, ways: Ways, opened: Bools) -> tuple[Ints, Floats]:
    """Nearest posts among the pairs; beyond them where a row has none."""
    sizes = np.diff(rows.start)
    found = np.full(len(sizes), NONE, dtype=np.int64)
    least = np.full(len(sizes), np.inf)
    held = np.flatnonzero(sizes)
    if len(held):
        least[held] = np.minimum.reduceat(rows.minutes, rows.start[held])
        best = np.flatnonzero(rows.minutes == least[every])
        found, least = first_nearest(every[best], rows.post[best], rows.minutes[best], len(sizes))
    alone = np.flatnonzero(sizes == 0)
    if len(alone):
        found[alone], least[alone] = ways.nearest(alone, opened)
    return found, least
