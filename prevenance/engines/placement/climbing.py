"""Good choices quickly: greedy, then the best exchange of an open site for a closed one until none helps.

Greedy is the lazy one of Minoux (1978): gains only shrink, so most need not be computed again. Exchanges are Whitaker's
(1983), all weighed at once: what one brings, less what closing another loses, plus what both would have shared.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable

import numpy as np

from prevenance.engines.placement.merging import Core
from prevenance.engines.placement.problem import Bools, Floats, Ints, ints

LEAST = 1e-12  # part of the whole below which an exchange is rounding


def greedy(core: Core, cost: Floats, number: int, budget: float | None, *, by_cost: bool = False,
           opened: Iterable[int] = (), barred: Iterable[int] = ()) -> Ints:  # fmt: skip
    """Columns opened one after the other after `opened`, each bringing the most (for its cost, `by_cost`)."""
    matrix = core.by_column
    start, rows, gains = matrix.indptr, matrix.indices, matrix.data
    got = np.zeros(core.rows)
    chosen: list[int] = []
    left = np.inf if budget is None else budget

    def take(column: int) -> None:
        nonlocal left
        place = slice(start[column], start[column + 1])
        got[rows[place]] = np.maximum(got[rows[place]], gains[place])
        chosen.append(column)
        left -= cost[column]

    for column in opened:
        take(column)
    rate = 1 / np.maximum(cost, 1e-300) if by_cost else np.ones(core.columns)
    shut = {*chosen, *barred}
    whole = np.bincount(core.column, weights=core.gain, minlength=core.columns)
    queue = [(-whole[column] * rate[column], column) for column in range(core.columns) if column not in shut]
    heapq.heapify(queue)
    while queue and len(chosen) < number:
        _, column = heapq.heappop(queue)
        if cost[column] > left:
            continue
        place = slice(start[column], start[column + 1])
        brings = np.maximum(gains[place] - got[rows[place]], 0).sum() * rate[column]
        if queue and (-brings, column) > queue[0]:
            heapq.heappush(queue, (-brings, column))
        elif brings > 0:
            take(column)
        else:
            break
    return ints(chosen)


def best_two(core: Core, slot: Ints) -> tuple[Floats, Floats, Ints]:
    """(greatest gain, second greatest, slot that gives the greatest or -1) of each row among columns with a slot."""
    places = np.flatnonzero(slot[core.column] >= 0)
    row, gain = core.row[places], core.gain[places]
    first, second, giver = np.zeros(core.rows), np.zeros(core.rows), np.full(core.rows, -1, dtype=np.int64)
    if not len(places):
        return first, second, giver
    heads = np.flatnonzero(np.concatenate([[True], row[1:] != row[:-1]]))
    here = row[heads]
    first[here] = np.maximum.reduceat(gain, heads)
    top = np.flatnonzero(gain == first[row])[::-1]
    winner = np.empty(core.rows, dtype=np.int64)
    winner[row[top]] = top  # the last written is the first column
    giver[here] = slot[core.column[places[winner[here]]]]
    others = gain.copy()
    others[winner[here]] = 0
    second[here] = np.maximum.reduceat(others, heads)
    return first, second, giver


def brought(core: Core, chosen: Ints) -> float:
    slot = np.full(core.columns, -1, dtype=np.int64)
    slot[chosen] = np.arange(len(chosen))
    return float(best_two(core, slot)[0].sum())


def exchanged(core: Core, chosen: Ints, cost: Floats, budget: float | None, most: int = 1000) -> tuple[Ints, float]:
    """(columns, what they bring) after at most `most` exchanges, each the best one there is."""
    chosen = chosen.copy()
    taken = len(chosen)
    slot = np.full(core.columns, -1, dtype=np.int64)
    slot[chosen] = np.arange(taken)
    for _exchange in range(most if taken else 0):
        first, second, giver = best_two(core, slot)
        better = exchanges(core, taken, first, second, giver)
        better[:, chosen] = -np.inf
        if budget is not None:
            spent = float(cost[chosen].sum())
            better[spent - cost[chosen][:, None] + cost[None, :] > budget] = -np.inf
        out, column = divmod(int(np.argmax(better)), core.columns)
        if better[out, column] <= LEAST * first.sum():
            break
        slot[chosen[out]], slot[column] = -1, out
        chosen[out] = column
    return chosen, brought(core, chosen)


def exchanges(core: Core, taken: int, first: Floats, second: Floats, giver: Ints) -> Floats:
    """(taken × columns) what closing one slot and opening one column changes."""
    mine = first[core.row]
    gain = np.bincount(core.column, weights=np.maximum(core.gain - mine, 0), minlength=core.columns)
    given = giver >= 0
    loss = np.bincount(giver[given], weights=(first - second)[given], minlength=taken)
    shared = _shared(core, taken, (first > second) & given, first, second, giver)
    return gain[None, :] - loss[:, None] + shared


def _shared(core: Core, taken: int, rows: Bools, first: Floats, second: Floats, giver: Ints) -> Floats:
    """What a column makes up for when the slot that served a row closes."""
    places = np.flatnonzero(rows[core.row])
    row = core.row[places]
    makes_up = np.maximum(np.minimum(core.gain[places], first[row]) - second[row], 0)
    cell = giver[row] * core.columns + core.column[places]
    shared = np.bincount(cell, weights=makes_up, minlength=taken * core.columns).astype(np.float64)
    return shared.reshape(taken, core.columns)


def shaken(core: Core, chosen: Ints, cost: Floats, number: int, budget: float | None,
           draw: np.random.Generator) -> tuple[Ints, float]:  # fmt: skip
    """One more try: up to a third of the sites closed at random and barred, filled greedily, exchanged."""
    most = min(len(chosen), max(2, len(chosen) // 3))
    closed = draw.choice(chosen, size=int(draw.integers(1, most + 1)), replace=False)
    kept = ints([column for column in chosen if column not in set(closed.tolist())])
    again = greedy(core, cost, number, budget, opened=kept.tolist(), barred=closed.tolist())
    return exchanged(core, again, cost, budget)


def needed(core: Core, chosen: Ints) -> Ints:
    """The columns without those that bring nothing beside the others, ascending."""
    kept = np.sort(chosen)
    while len(kept):
        slot = np.full(core.columns, -1, dtype=np.int64)
        slot[kept] = np.arange(len(kept))
        first, second, giver = best_two(core, slot)
        given = giver >= 0
        loss = np.bincount(giver[given], weights=(first - second)[given], minlength=len(kept))
        idle = np.flatnonzero(loss <= 0)
        if not len(idle):
            break
        kept = np.delete(kept, idle[-1])
    return kept
