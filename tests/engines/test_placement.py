"""Placement finds what trying every choice finds, and never proves more than is true."""

import time
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from prevenance.engines.placement import EXISTING, FORBIDDEN, FORCED, Aim, Problem, place
from prevenance.engines.placement.benefits import benefits_of
from prevenance.engines.placement.certify import certify
from prevenance.engines.placement.covering import proved
from prevenance.engines.placement.merging import merged
from tests.engines.placements import Case, cases

EXACT = 1e-6  # what the solver's tolerances may change, in parts of the whole


def placed(case, **options):
    return place(case.problem(), case.aim, clock=time.monotonic, **options)


def close(one, other):
    return abs(one - other) <= EXACT * max(1.0, abs(one), abs(other))


def holds(case, found):
    """The answer is a choice that the rules allow, and is worth what it says."""
    opened = found.chosen.tolist()
    assert opened in list(case.choices())
    served, mean = case.outcome(opened)
    worth = {"mclp": served, "lscp": len(opened), "pmedian": mean}[case.aim.model]
    assert close(found.objective, worth)
    if case.aim.model != "pmedian" or not case.problem().limited:  # the least mean time may leave people out
        assert close(found.served, served)
    assert close(found.served + found.unserved, sum(case.weight))


def bounds(case, found, best):
    """No choice is better than the bound, and the gap is the distance between the two."""
    better = found.bound - best if case.aim.model == "mclp" else best - found.bound
    assert better >= -EXACT * max(1.0, abs(best))
    if found.proof == "certificate":
        assert better >= -1e-9 * max(1.0, abs(best))
    worst = max(found.bound, found.objective)
    assert close(found.gap, abs(found.bound - found.objective) / worst if worst else 0.0)
    assert 0 <= found.gap <= 1


NOTHING_TO_CHOOSE = Case(
    weight=[0], times=[[None, None]], state=[FORBIDDEN, EXISTING], cost=[0, 0], capacity=[np.inf, 0],
    aim=Aim(model="lscp", within=0),
)  # fmt: skip


@example(NOTHING_TO_CHOOSE)
@given(cases())
@settings(max_examples=300, deadline=None)
def test_the_exact_answer_is_the_best_of_all(case):
    found, best = placed(case), case.optimum()
    holds(case, found)
    assert close(found.objective, best)
    bounds(case, found, best)
    assert found.gap <= EXACT


@given(cases(limited=False))
@settings(max_examples=200, deadline=None)
def test_a_quick_answer_says_how_far_it_may_be(case):
    found, best = placed(case, method="fast"), case.optimum()
    holds(case, found)
    bounds(case, found, best)
    better = found.objective - best if case.aim.model == "mclp" else best - found.objective
    assert better <= EXACT * max(1.0, abs(best))
    assert abs(found.objective - best) <= (found.gap + EXACT) * max(1.0, found.objective, found.bound)


@given(cases(limited=True))
@settings(max_examples=60, deadline=None)
def test_a_quick_answer_with_capacities_too(case):
    found = placed(case, method="fast")
    holds(case, found)
    bounds(case, found, case.optimum())


@given(cases(), st.sampled_from(["exact", "fast"]))
@settings(max_examples=100, deadline=None)
def test_without_time_the_answer_is_honest(case, method):
    found = placed(case, method=method, seconds=0.0)
    opened = found.chosen.tolist()
    assert opened in list(case.choices())
    if case.aim.model == "lscp":  # serving fewer people with fewer sites is no proof
        assert found.bound <= case.optimum() + EXACT
    else:
        bounds(case, found, case.optimum())


@given(cases(), st.sampled_from(["exact", "fast"]), st.integers(0, 5))
@settings(max_examples=60, deadline=None)
def test_the_same_seed_gives_the_same_answer(case, method, seed):
    one, other = placed(case, method=method, seed=seed), placed(case, method=method, seed=seed)
    assert one.chosen.tolist() == other.chosen.tolist()
    assert (one.objective, one.bound, one.gap, one.proof) == (other.objective, other.bound, other.gap, other.proof)


@given(cases(limited=False), st.data())
@settings(max_examples=150, deadline=None)
def test_any_price_gives_a_true_bound(case, data):
    """The certificate does not depend on where prices come from: it holds for prices drawn at random."""
    if case.aim.model == "lscp":
        case = replace(case, aim=Aim("mclp", case.aim.within, len(case.state), case.aim.budget))
    benefits = benefits_of(case.problem(), case.aim)
    prices = data.draw(
        st.lists(st.one_of(st.floats(-10, 3000), st.floats()), min_size=benefits.rows, max_size=benefits.rows)
    )
    found = certify(benefits, np.zeros(0, dtype=np.int64), np.array(prices), data.draw(st.floats(0, 40)))
    best = max(exactly(case, opened) for opened in case.choices())
    assert found.low <= exactly(case, [j for j, state in enumerate(case.state) if state == FORCED])
    assert found.high >= best


def exactly(case, opened):
    """What a choice brings, in rational numbers."""
    sites = [*opened, *(j for j, state in enumerate(case.state) if state == EXISTING)]
    horizon, total = Fraction(case.horizon), Fraction(0)
    for weight, row in zip(case.weight, case.times, strict=True):
        near = [Fraction(row[j]) for j in sites if row[j] is not None and row[j] <= horizon]
        if near:
            total += Fraction(weight) * (1 if case.aim.model == "mclp" else horizon - min(near))
    return total


@given(cases(model="lscp", limited=False), st.data())
@settings(max_examples=100, deadline=None)
def test_any_price_proves_a_true_number_of_sites(case, data):
    case = replace(case, aim=Aim("lscp", case.aim.within))
    core = merged(benefits_of(case.problem(), case.aim), flat=True)
    prices = data.draw(st.lists(st.floats(0, 2), min_size=core.rows, max_size=core.rows))
    forced = sum(state == FORCED for state in case.state)
    assert proved(core, np.array(prices)) <= case.optimum() - forced


@pytest.mark.parametrize("seed", range(12))
def test_a_budget_is_kept_to_the_cent(seed):
    """A budget of millions that one cent more would let buy something else."""
    draw = np.random.default_rng(seed)
    times = [[float(minutes) for minutes in row] for row in draw.integers(0, 60, (25, 9))]
    cost = [round(float(some), 2) for some in draw.uniform(1e5, 9e6, 9)]
    budget = round(sum(cost[:4]) - 0.01, 2)
    weight = draw.integers(1, 3000, 25).tolist()
    for model in ("mclp", "pmedian", "lscp"):
        case = Case(weight, times, [0] * 9, cost, [np.inf] * 9, Aim(model, 12, None, budget))
        found = placed(case)
        assert sum(Fraction(str(cost[j])) for j in found.chosen) <= Fraction(str(budget))
        holds(case, found)
        assert close(found.objective, case.optimum())
        assert found.gap <= EXACT


def test_who_cannot_be_served_is_said():
    problem = Problem.of([5, 7, 0, 2], [0, 1, 2], [0, 1, 1], [10, 50, 5], sites=2)
    for aim in (Aim("mclp", 30, 2), Aim("lscp", 30), Aim("pmedian", 30, 2)):
        found = place(problem, aim, clock=time.monotonic)
        assert found.chosen.tolist() == [0]
        assert found.unreached.tolist() == [1, 3]
        assert (found.served, found.unserved) == (5, 9)
        assert found.serving.tolist()[:2] == [0, -1]


@pytest.mark.parametrize(
    "aim, state",
    [(Aim("mclp", 30, 0), [FORCED, 0]), (Aim("pmedian", 30, None, 1.5), [FORCED, FORCED])],
)
def test_forced_sites_that_cannot_be_paid_are_refused(aim, state):
    problem = Problem.of([1], [0], [0], [5], sites=2, state=state)
    with pytest.raises(ValueError, match="forced"):
        place(problem, aim, clock=time.monotonic)


@pytest.mark.parametrize(
    "columns, said",
    [
        (([1, -1], [0], [0], [5]), "weight"), (([1], [0], [0], [-5]), "minutes"), (([1], [1], [0], [5]), "demand"),
        (([1], [0], [3], [5]), "site"), (([1], [0, 0], [0, 0], [5, 6]), "twice"), (([1], [0], [0, 1], [5]), "lengths"),
    ],
)  # fmt: skip
def test_what_is_not_a_problem_is_refused(columns, said):
    with pytest.raises(ValueError, match=said):
        Problem.of(*columns, sites=2)


@pytest.mark.parametrize("options", [("mclp", None, 2), ("mclp", 30), ("pmedian",), ("best", 30, 1), ("lscp", 30, -1)])
def test_what_is_not_an_aim_is_refused(options):
    with pytest.raises(ValueError, match=r"expected|unknown|from zero up"):
        Aim(*options)
