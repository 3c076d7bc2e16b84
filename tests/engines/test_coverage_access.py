"""Accessibility equals that of PySAL `access`, an independent library, wherever both define the same thing.

Where they differ, and why:

- a place that no post reaches is missing from the answer of `access` (NaN once joined to places); here it has 0, a gap;
- a post within whose reach nobody lives has infinite hours for each (S / 0) in `access`, and makes infinite all that it
  reaches; here it is not reached and counts for nothing, so that accessibility comes to the capacity that is reached;
- `access` takes any function of minutes; a catchment's zones and a Gaussian cut at the catchment are written for it
  below. Its three-step and RAAM measures have no counterpart here.
"""

import math

import numpy as np
import pandas as pd
import pytest
from access import fca, weights
from hypothesis import given, settings

from prevenance.engines.coverage import Decay, Given, Pairs, cover
from tests.engines.coverage import columns, demands, straight, supplies

CATCHMENT = 60.0
FUNCTIONS = {
    "two-step": (Decay.none(CATCHMENT), None),
    "enhanced, in zones": (Decay.step(CATCHMENT, (1, 0.68, 0.22)), weights.step_fn({20: 1, 40: 0.68, 60: 0.22})),
    "enhanced, Gaussian": (Decay.gaussian(CATCHMENT, 20.0), weights.gaussian(20)),
}


def by_access(weight, capacity, pairs, function):
    """Accessibility of each demand point that `access` answers for."""
    demand = pd.DataFrame({"geoid": np.arange(len(weight)), "demand": weight}).set_index("geoid", drop=False)
    supply = pd.DataFrame({"geoid": np.arange(len(capacity)), "supply": capacity}).set_index("geoid")
    costs = pd.DataFrame({"origin": pairs.demand, "dest": pairs.supply, "cost": pairs.minutes})
    found = fca.two_stage_fca(
        demand.rename_axis(None), supply, costs, max_cost=CATCHMENT, demand_index="geoid", demand_name="demand",
        supply_name="supply", weight_fn=function,
    )  # fmt: skip
    return found.to_dict()


@pytest.mark.parametrize("name", FUNCTIONS)
@settings(max_examples=40)
@given(demand=demands, supply=supplies)
def test_it_equals_access(name, demand, supply):
    decay, function = FUNCTIONS[name]
    weight, capacity = columns(demand)[1], columns(supply)[1]
    pairs = straight(demand, supply).pairs(CATCHMENT)
    ours = cover(weight, capacity, Given(pairs), decay).accessibility
    # Posts that reach nobody, where `access` divides by zero: left out on its side, worth nothing on ours.
    peopled = np.bincount(pairs.supply, weights=weight[pairs.demand], minlength=len(capacity)) > 0
    theirs = by_access(weight, capacity, pairs.where(peopled[pairs.supply]), function)
    for row, mine in enumerate(ours):
        assert mine == pytest.approx(theirs.get(row, 0.0), rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_it_equals_access_on_a_country(name):
    """Three thousand places and two hundred posts, drawn; in both, some places that no post reaches."""
    drawn = np.random.default_rng(2026)
    decay, function = FUNCTIONS[name]
    weight = np.round(drawn.lognormal(6, 1.4, 3000))
    capacity = np.round(drawn.uniform(2, 70, 200), 1)
    row, post = (column.ravel() for column in np.indices((3000, 200)))
    pairs = Pairs(row, post, np.abs(drawn.normal(90, 30, 600_000)), 3000, 200).where(drawn.random(600_000) < 0.05)
    ours = cover(weight, capacity, Given(pairs), decay).accessibility
    theirs = by_access(weight, capacity, pairs, function)
    assert 2000 < len(theirs) < 3000
    assert np.flatnonzero(ours > 0).tolist() == sorted(row for row, value in theirs.items() if value > 0)
    assert ours == pytest.approx(np.array([theirs.get(row, 0.0) for row in range(3000)]), rel=1e-9, abs=0)


def test_where_they_differ():
    """A place that nothing reaches, and a post that reaches nobody."""
    pairs = Pairs(np.array([0, 1, 1]), np.array([0, 0, 1]), np.array([10.0, 10.0, 5.0]), 3, 2)
    weight, capacity = np.array([50.0, 0.0, 20.0]), np.array([10.0, 30.0])
    theirs = by_access(weight, capacity, pairs, None)
    ours = cover(weight, capacity, Given(pairs), Decay.none(CATCHMENT)).accessibility
    assert theirs == {0: 0.2, 1: math.inf}
    assert ours.tolist() == [0.2, 0.2, 0.0]
    assert weight @ ours == 10.0
