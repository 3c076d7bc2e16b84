"""Invented countries for the coverage engine: places, posts, and everything computed pair by pair in plain Python."""

import math

import numpy as np
from hypothesis import strategies as st

from prevenance.engines.coverage import Decay, Points, Straight

PACES = (1.3, 2.0, 3.2)
BANDS = (15.0, 30.0, 45.0, 60.0)

# An area of some 150 km with two lands; posts often share an address.
spot = st.tuples(
    st.integers(0, 200).map(lambda k: 2 + k / 100 + 0.00013),
    st.integers(0, 150).map(lambda k: 46 + k / 100 + 0.00017),
    st.integers(0, 1),
    st.sampled_from(PACES),
)
weights = st.one_of(st.just(0.0), st.integers(1, 100_000).map(float))
capacities = st.one_of(st.just(0.0), st.integers(1, 350).map(lambda k: k / 5))
decays = st.one_of(
    st.builds(Decay.none, st.sampled_from([20.0, 60.0])),
    st.builds(Decay.step, st.sampled_from([20.0, 60.0]), st.just((1.0, 0.68, 0.22))),
    st.builds(Decay.gaussian, st.sampled_from([20.0, 60.0]), st.sampled_from([7.0, 20.0])),
)
demands = st.lists(st.tuples(spot, weights), min_size=1, max_size=15)
supplies = st.lists(st.tuples(spot, capacities), max_size=10)


def points(spots):
    east, north, land, pace = list(zip(*spots, strict=True)) or [(), (), (), ()]
    return Points(np.array(east, float), np.array(north, float), np.array(land, int), np.array(pace, float))


def columns(rows):
    """(points, figures) of rows (spot, figure)."""
    return points([spot for spot, _figure in rows]), np.array([figure for _spot, figure in rows], dtype=float)


def straight(demand, supply):
    return Straight(columns(demand)[0], columns(supply)[0])


def worth(decay, minutes):
    """The documented weights, one at a time."""
    if minutes > decay.catchment:
        return 0.0
    if decay.sigma is not None:
        return math.exp(-(minutes**2) / (2 * decay.sigma**2))
    if not decay.zones:
        return 1.0
    return next(weight for bound, weight in zip(decay.bounds(), decay.zones, strict=True) if minutes <= bound)


def plainly(weight, capacity, minutes, decay, bands):
    """(nearest, minutes, choices, accessibility, served) of each demand point, from a dictionary of minutes."""
    opened = [j for j in range(len(capacity)) if capacity[j] > 0]
    share = {}
    for j in opened:
        reached = math.fsum(
            weight[k] * worth(decay, minutes[k, j]) for k in range(len(weight)) if minutes[k, j] < math.inf
        )
        share[j] = capacity[j] / reached if reached else 0.0
    found = []
    for i in range(len(weight)):
        ways = {j: minutes[i, j] for j in opened if minutes[i, j] < math.inf}
        least = min(ways.values(), default=math.inf)
        nearest = min((j for j in ways if ways[j] == least), default=-1)
        choices = [sum(way <= band for way in ways.values()) for band in bands]
        access = math.fsum(share[j] * worth(decay, way) for j, way in ways.items())
        found.append((nearest, least, choices, access, weight[i] if least <= decay.catchment else 0.0))
    return found
