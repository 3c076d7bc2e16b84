"""Floating catchments: how many hours of help each inhabitant can count on, once shared with all who can come.

    R_j = S_j / Σ_k P_k w(d_kj)          hours of post j for each of those who can reach it
    A_i = Σ_j R_j w(d_ij)                hours within reach of an inhabitant of i

with S a capacity, P a weight, d minutes and w a Decay.

With `Decay.none`, the two steps of Radke and Mu, “Spatial decompositions, modeling and mapping service regions…”,
Geographic Information Sciences 6 (2000), in the form of Luo and Wang, “Measures of spatial accessibility to health care
in a GIS environment”, Environment and Planning B 30 (2003). With weights in both, enhanced as by Luo and Qi, “An
enhanced two-step floating catchment area method”, Health & Place 15 (2009).

A post within whose reach nobody weighs anything is not reached: R is 0, where the formula would divide by 0. Then
Σ_i P_i A_i is exactly the capacity of the posts that are reached.
"""

from __future__ import annotations

import numpy as np

from prevenance.engines.coverage.decay import Decay
from prevenance.engines.coverage.points import Floats, Ints
from prevenance.engines.coverage.travel import Pairs


def accessibility(weight: Floats, capacity: Floats, pairs: Pairs, decay: Decay) -> Floats:
    """(demands,) A of the module. `pairs` hold at least every pair within the catchment.

    Raises ValueError for a weight or capacity that is negative or not a number, or columns of other lengths than pairs.
    """
    check(weight, pairs.demands)
    check(capacity, pairs.supplies)
    worth = decay.weights(pairs.minutes)
    share = ratios(capacity, sums(pairs.supply, weight[pairs.demand] * worth, pairs.supplies))
    return sums(pairs.demand, share[pairs.supply] * worth, pairs.demands)


def sums(group: Ints, figures: Floats, groups: int) -> Floats:
    """(groups,) the sum of each group's figures."""
    return np.bincount(group, weights=figures, minlength=groups).astype(np.float64, copy=False)


def ratios(capacity: Floats, reached: Floats) -> Floats:
    """R of the module: capacity for each of those reached, 0 where nobody is."""
    return np.divide(capacity, reached, out=np.zeros(len(capacity)), where=reached > 0)


def check(column: Floats, length: int) -> None:
    if len(column) != length:
        raise ValueError("one figure a point")
    if not (np.isfinite(column) & (column >= 0)).all():
        raise ValueError("weights and capacities are numbers, at least zero")
