"""Where to open the next posts or stops, and what is proved of the answer.

Three models over the same columns: `mclp`, the greatest weight served within a time (Church and ReVelle, 1974);
`lscp`, the fewest new sites that serve everyone within a time (Toregas and others, 1971); `pmedian`, the least mean
time (Hakimi, 1964). Sites that are open already stay open and cost nothing; candidates may be forced or forbidden;
number, budget and capacities limit what is opened.

Nothing is infeasible: who cannot be served is said. `lscp` first serves all the weight that can be, then opens the
fewest sites for it. `pmedian` counts the longest time for whoever no open site reaches within it.

Pure computation: travel times are given (`engines.coverage` makes them), the clock and the seed too.
"""

from prevenance.engines.placement.placing import Method, place
from prevenance.engines.placement.problem import (
    EXISTING,
    FORBIDDEN,
    FORCED,
    FREE,
    MODELS,
    Aim,
    Model,
    Placement,
    Problem,
)

__all__ = [
    "EXISTING",
    "FORBIDDEN",
    "FORCED",
    "FREE",
    "MODELS",
    "Aim",
    "Method",
    "Model",
    "Placement",
    "Problem",
    "place",
]
