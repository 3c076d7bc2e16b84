"""Which counts of persons are too small to be shown, and which go with them so that none is found by difference."""

from collections.abc import Collection, Mapping

from prevenance.domains.strategy.rules.small_counts import Threshold, threshold

SUM = ""  # the row of the sums of columns, and the column of the totals of rows


def alone_small(count: int, groups: int, asked: Threshold | None = None) -> bool:
    """Whether a count, by itself, is of too few persons or of too few groups; nothing at all is not small."""
    least = asked or threshold()
    return 0 < count < least.least or (count > 0 and groups < least.units)


def hidden(
    cells: Mapping[tuple[str, str], int], groups: Mapping[str, int], besides: Collection[tuple[str, str]] = ()
) -> set[tuple[str, str]]:
    """What must not be shown of a table (row, column) with the sums of its rows, columns and all: (row, SUM)…

    A row with a hidden cell has no total shown, so that columns alone tell about cells. In a column whose sum is shown,
    hidden cells are two at least and add up to no small count: the smallest others go with them, else the sum does; and
    with any of these sums, the sum of all. `besides`: cells that are hidden for a reason of their own.
    """
    asked = threshold()
    least = asked.least
    out = {cell for cell, count in cells.items() if alone_small(count, groups.get(cell[0], 0), asked)} | set(besides)
    for column in sorted({column for _row, column in cells}):
        line = [cell for cell in cells if cell[1] == column]
        left = sorted((c for c in line if c not in out and cells[c]), key=lambda cell: (cells[cell], cell))
        gone = [cell for cell in line if cell in out]
        while gone and (len(gone) == 1 or sum(cells[cell] for cell in gone) < least):
            if not left:
                out.add((SUM, column))
                break
            gone.append(left.pop(0))
        out.update(gone)
    out.update({(row, SUM) for row, column in out if row != SUM})
    if any(row == SUM for row, _column in out):
        out.add((SUM, SUM))
    return out
