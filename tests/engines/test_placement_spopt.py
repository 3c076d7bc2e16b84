"""Placement equals PySAL's spopt, whose models are built by other people and solved by CBC, where they say the same.

In spopt, facilities defined beforehand count among the p: FORCED here, or EXISTING with as many fewer to open. Its
p-median with capacities serves each point by one site; here a point may be shared, so that only its capacitated set
covering compares.
"""

import time

import numpy as np
import pulp
import pytest
from spopt.locate import LSCP, MCLP, PMedian

from prevenance.engines.placement import EXISTING, FORCED, Aim, Problem, place

SOLVER = pulp.PULP_CBC_CMD(msg=False, gapRel=0)
DRAWN = [(300, 60, 1), (300, 60, 2), (500, 40, 3)]


def drawn(points, sites, seed):
    """(weights, minutes points × sites) of places drawn around a few towns."""
    draw = np.random.default_rng(seed)
    towns = draw.uniform(0, 100, (8, 2))
    at = towns[draw.integers(0, 8, points)] + draw.normal(0, 12, (points, 2))
    there = at[draw.choice(points, sites, replace=False)]
    minutes = np.round(np.linalg.norm(at[:, None] - there[None], axis=2), 2)
    return draw.integers(1, 2000, points).astype(float), minutes


def problem(weights, minutes, **columns):
    points, sites = minutes.shape
    return Problem.of(
        weights, np.repeat(np.arange(points), sites), np.tile(np.arange(sites), points), minutes.ravel(), sites=sites,
        **columns,
    )  # fmt: skip


def placed(given, aim, **options):
    return place(given, aim, clock=time.monotonic, **options)


def chosen_by(model):
    return np.array([variable.value() > 0.5 for variable in model.fac_vars])


@pytest.mark.parametrize("points, sites, seed", DRAWN)
def test_maximal_covering(points, sites, seed):
    weights, minutes = drawn(points, sites, seed)
    theirs = MCLP.from_cost_matrix(minutes, weights, 12, 8).solve(SOLVER)
    ours = placed(problem(weights, minutes), Aim("mclp", 12, 8))
    assert ours.objective == pytest.approx(theirs.problem.objective.value(), rel=1e-9)
    assert ours.gap < 1e-9
    reached = minutes[:, chosen_by(theirs)].min(axis=1) <= 12
    assert weights[reached].sum() == pytest.approx(ours.served, rel=1e-9)


@pytest.mark.parametrize("points, sites, seed", DRAWN)
def test_the_fewest(points, sites, seed):
    weights, minutes = drawn(points, sites, seed)
    within = float(np.ceil(minutes.min(axis=1).max()))
    theirs = LSCP.from_cost_matrix(minutes, within).solve(SOLVER)
    ours = placed(problem(weights, minutes), Aim("lscp", within))
    assert ours.objective == theirs.problem.objective.value()
    assert ours.bound == ours.objective


@pytest.mark.parametrize("points, sites, seed", [(150, 30, 4), (200, 25, 5)])
def test_the_least_mean_time(points, sites, seed):
    weights, minutes = drawn(points, sites, seed)
    theirs = PMedian.from_cost_matrix(minutes, weights, 6).solve(SOLVER)
    ours = placed(problem(weights, minutes), Aim("pmedian", None, 6))
    assert ours.objective == pytest.approx(theirs.problem.objective.value() / weights.sum(), rel=1e-9)
    assert ours.gap < 1e-7


def test_sites_defined_beforehand():
    weights, minutes = drawn(300, 60, 6)
    before = np.array([int(site in (3, 17)) for site in range(60)])
    theirs = MCLP.from_cost_matrix(minutes, weights, 12, 7, predefined_facilities_arr=before).solve(SOLVER)
    for state, number in ((FORCED, 7), (EXISTING, 5)):
        ours = placed(problem(weights, minutes, state=before * state), Aim("mclp", 12, number))
        assert ours.objective == pytest.approx(theirs.problem.objective.value(), rel=1e-9)


def test_the_fewest_when_sites_serve_so_many():
    weights, minutes = drawn(120, 25, 7)
    within, capacity = float(np.ceil(minutes.min(axis=1).max())) + 10, np.full(25, weights.sum() / 6)
    theirs = LSCP.from_cost_matrix(
        minutes, within, demand_quantity_arr=weights, facility_capacity_arr=capacity
    ).solve(SOLVER)  # fmt: skip
    ours = placed(problem(weights, minutes, capacity=capacity), Aim("lscp", within))
    assert ours.objective == theirs.problem.objective.value()
    assert ours.unserved == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize(
    "points, sites, seed, aim",
    [(2000, 200, 8, Aim("mclp", 8, 15)), (800, 100, 9, Aim("mclp", 10, 10)), (500, 60, 10, Aim("pmedian", 40, 8))],
)
def test_a_quick_answer_stays_within_a_hundredth_of_the_best(points, sites, seed, aim):
    given = problem(*drawn(points, sites, seed))
    quick, best = placed(given, aim, method="fast"), placed(given, aim)
    assert quick.proof == "certificate"
    assert quick.gap < 0.01
    assert best.gap < 1e-7
    sign = 1 if aim.model == "mclp" else -1
    assert sign * best.objective >= sign * quick.objective * (1 - sign * 1e-9)
    assert sign * quick.bound >= sign * best.objective * (1 - sign * 1e-9)
