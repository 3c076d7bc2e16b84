"""Reported values rolled up over time and territories, exactly, from whoever collected them.

Figures are whole numbers of ten-thousandths, so that sums are exact in whatever order. A mean is rounded to the nearest
ten-thousandth, halves upwards, once where it is taken. Zero is a value; what was not reported has no row.

What is added to what, in this order:

1. **Within a reporting unit**, a territory or the part of it that lies in a département: the figures of its sheets and
   of its communes of before, for one period and category, combine by the territory rule.
2. **Time**: the periods reported within a target period combine by the time rule. `sum` adds them; `mean` averages
   those reported; `last` keeps the latest one reported, which need not be the last of the calendar.
3. **Territory**: each unit counts once in every territory that wholly contains it, itself included. A unit that lies
   partly in a territory counts there only through its `part`: an intercommunal body across départements reports one
   figure for each; they combine in the body itself, and each counts in its département and in what contains that. The
   parts of a unit that lie in one container combine first, so that a unit weighs once in a mean. `none` totals nothing:
   the unit's own figure is shown for itself, and not at all when it gave several.
4. **Ratios**: numerator and denominator each go the whole way apart, with sums over territories; they are divided at
   the end, never averaged.

An intercommunal body that reports instead of its communes gives the same totals. `overlaps` finds reports that would
count something twice. A figure built from an estimate is an estimate.
"""

from prevenance.engines.rollup.columns import NONE, Cells, Containment, Rules, Totals, renamed
from prevenance.engines.rollup.overlaps import Reports, overlaps
from prevenance.engines.rollup.periods import (
    label,
    next_start,
    period_end,
    period_start,
    periods_between,
    read,
    starts_of,
)
from prevenance.engines.rollup.totals import roll_up

__all__ = [
    "NONE",
    "Cells",
    "Containment",
    "Reports",
    "Rules",
    "Totals",
    "label",
    "next_start",
    "overlaps",
    "period_end",
    "period_start",
    "periods_between",
    "read",
    "renamed",
    "roll_up",
    "starts_of",
]
