"""One post more or less: only the places that it touches are computed again.

A post's hours are shared among those who can reach it, whatever other posts there are: R of one does not move when
another opens or closes. So accessibility changes within its catchment, choices within the longest band, and the nearest
where the post is it. Results equal `cover` of the whole but for the last digits of sums.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from prevenance.engines.coverage.catchments import check, ratios, sums
from prevenance.engines.coverage.points import Bools, Floats, Ints
from prevenance.engines.coverage.travel import NONE, Ways, first_nearest
from prevenance.engines.coverage.whole import Coverage, Rows


def added(before: Coverage, ways: Ways, capacity: float) -> Coverage:
    """With the post that `ways` have more than `before.ways`, the last: `added(c, c.ways.with_post(…), 20.0)`.

    Raises ValueError for a capacity that is negative or not a number.
    """
    check(np.array([capacity]), 1)
    post = len(before.capacity)
    column = ways.column(post)
    known = replace(before, ways=ways, capacity=np.append(before.capacity, capacity))
    if capacity == 0:
        return replace(known, share=np.append(before.share, 0.0))
    worth = before.decay.weights(column)
    share = ratios(np.array([capacity]), np.array([float(before.weight @ worth)]))[0]
    # As near as before, to the digits that two computations share, leaves the one before: the first is named.
    nearer = column < before.minutes * (1 - 1e-12)
    minutes = np.where(nearer, column, before.minutes)
    return replace(
        known,
        rows=_with(before.rows, np.flatnonzero(column <= before.bound), post, column),
        share=np.append(before.share, share),
        nearest=np.where(nearer, post, before.nearest),
        minutes=minutes,
        choices=before.choices + (column[:, None] <= np.array(before.bands)),
        accessibility=before.accessibility + worth * share,
        served=np.where(minutes <= before.decay.catchment, before.weight, 0.0),
    )


def removed(before: Coverage, post: int) -> Coverage:
    """With that post closed: its capacity is 0, and other posts keep their numbers."""
    if before.capacity[post] == 0:
        return before
    capacity, share = before.capacity.copy(), before.share.copy()
    capacity[post] = share[post] = 0.0
    gone = before.rows.post == post
    where = np.flatnonzero(gone)
    touched = np.searchsorted(before.rows.start, where, side="right") - 1
    rows = _without(before.rows, gone, touched)
    choices, accessibility = before.choices.copy(), before.accessibility.copy()
    choices[touched] -= before.rows.minutes[where, None] <= np.array(before.bands)
    # Added up again rather than taken away: a place that nothing reaches any more has exactly nothing.
    rank, place = rows.of(touched)
    worth = before.decay.weights(rows.minutes[place]) * share[rows.post[place]]
    accessibility[touched] = sums(rank, worth, len(touched))
    nearest, minutes = before.nearest.copy(), before.minutes.copy()
    orphans = np.flatnonzero(nearest == post)
    nearest[orphans], minutes[orphans] = _nearest_left(rows, orphans, before.ways, capacity > 0)
    return replace(
        before,
        capacity=capacity,
        rows=rows,
        share=share,
        nearest=nearest,
        minutes=minutes,
        choices=choices,
        accessibility=accessibility,
        served=np.where(minutes <= before.decay.catchment, before.weight, 0.0),
    )


def _with(rows: Rows, touched: Ints, post: int, column: Floats) -> Rows:
    end = rows.start[touched + 1]
    more = np.zeros(len(rows.start), dtype=np.int64)
    more[touched + 1] = 1
    return Rows(
        start=rows.start + np.cumsum(more),
        post=np.insert(rows.post, end, post),
        minutes=np.insert(rows.minutes, end, column[touched]),
    )


def _without(rows: Rows, gone: Bools, touched: Ints) -> Rows:
    less = np.zeros(len(rows.start), dtype=np.int64)
    less[touched + 1] = 1
    return Rows(rows.start - np.cumsum(less), rows.post[~gone], rows.minutes[~gone])


def _nearest_left(rows: Rows, orphans: Ints, ways: Ways, opened: Bools) -> tuple[Ints, Floats]:
    rank, place = rows.of(orphans)
    found, least = first_nearest(rank, rows.post[place], rows.minutes[place], len(orphans))
    alone = np.flatnonzero(found == NONE)
    if len(alone):
        found[alone], least[alone] = ways.nearest(orphans[alone], opened)
    return found, least
