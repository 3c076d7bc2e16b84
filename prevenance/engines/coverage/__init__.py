"""Who can reach help, in how long, and how much of it: travel times, choices, floating catchments, gaps.

Demand is points with a weight (inhabitants, or whatever is to be reached), supply is posts with a capacity (hours), and
`Ways` say how long it takes from one to the other.
"""

from prevenance.engines.coverage.points import Points
from prevenance.engines.coverage.travel import NONE, Given, Pairs, Straight, Ways

__all__ = ["NONE", "Given", "Pairs", "Points", "Straight", "Ways"]
