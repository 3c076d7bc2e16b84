"""Who can reach help, in how long, and how much of it: travel times, choices, floating catchments, gaps.

Demand is points with a weight (inhabitants, or whatever is to be reached), supply is posts with a capacity (hours), and
`Ways` say how long it takes from one to the other: straight lines or a table. `cover` computes a whole country; `added`
and `removed` go on from it, post by post. What cannot be reached is a gap, said as such: no nearest post, infinite
minutes, no choice, accessibility 0, never a missing value. No path crosses the sea.
"""

from prevenance.engines.coverage.catchments import accessibility
from prevenance.engines.coverage.changes import added, removed
from prevenance.engines.coverage.decay import Decay
from prevenance.engines.coverage.points import Points
from prevenance.engines.coverage.travel import NONE, Given, Pairs, Road, Straight, Ways
from prevenance.engines.coverage.whole import Coverage, cover

__all__ = [
    "NONE",
    "Coverage",
    "Decay",
    "Given",
    "Pairs",
    "Points",
    "Road",
    "Straight",
    "Ways",
    "accessibility",
    "added",
    "cover",
    "removed",
]
