"""Coverage equals its formulas taken pair by pair, and keeps its promises whatever the country."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prevenance.engines.coverage import NONE, Decay, Given, Pairs, accessibility, added, cover, removed
from tests.engines.coverage import (
    BANDS,
    capacities,
    columns,
    decays,
    demands,
    plainly,
    points,
    spot,
    straight,
    supplies,
)


def whole(demand, supply, decay, bands=BANDS):
    return cover(columns(demand)[1], columns(supply)[1], straight(demand, supply), decay, bands)


def close(found, wanted):
    return np.allclose(found, wanted, rtol=1e-12, atol=1e-12)


def same(one, other):
    """Everything that a user sees, equal within 1e-12."""
    assert close(one.minutes, other.minutes)
    # Two posts may be as near but for the last digit, which two computations do not share.
    for row in np.flatnonzero(one.nearest != other.nearest):
        assert close(one.ways.column(one.nearest[row])[row], one.ways.column(other.nearest[row])[row])
    assert one.choices.tolist() == other.choices.tolist()
    assert close(one.accessibility, other.accessibility)
    assert one.served.tolist() == other.served.tolist()
    assert close(one.beyond(), other.beyond())


@given(demands, supplies, decays)
def test_it_equals_the_formulas_taken_pair_by_pair(demand, supply, decay):
    ways = straight(demand, supply)
    every = {(i, j): ways.column(j)[i] for i in range(len(demand)) for j in range(len(supply))}
    weight, capacity = columns(demand)[1], columns(supply)[1]
    found = cover(weight, capacity, ways, decay, BANDS)
    for i, wanted in enumerate(plainly(weight, capacity, every, decay, BANDS)):
        nearest, minutes, choices, access, served = wanted
        assert found.minutes[i] == pytest.approx(minutes, rel=1e-12)
        assert found.nearest[i] == nearest or every[i, found.nearest[i]] == pytest.approx(minutes, rel=1e-12)
        assert found.choices[i].tolist() == choices
        assert found.accessibility[i] == pytest.approx(access, rel=1e-12, abs=1e-15)
        assert found.served[i] == served
    beyond = [math.fsum(weight[found.minutes > band]) for band in BANDS]
    assert found.beyond() == pytest.approx(beyond)
    alone = accessibility(weight, capacity, ways.pairs(decay.catchment), decay)
    assert close(alone, found.accessibility)


@given(demands, supplies, decays)
def test_what_is_not_reached_is_a_gap_and_never_a_missing_value(demand, supply, decay):
    found = whole(demand, supply, decay)
    for column in (found.minutes, found.accessibility, found.served, found.choices.astype(float)):
        assert not np.isnan(column).any()
    lands = {place[2] for place, capacity in supply if capacity}
    alone = np.array([place[2] not in lands for place, _weight in demand])
    assert ((found.nearest == NONE) == alone).all()
    assert (np.isinf(found.minutes) == alone).all()
    far = found.minutes > decay.catchment
    assert (found.accessibility[far] == 0).all()
    assert (found.served[far] == 0).all()
    assert (found.choices[found.minutes > max(BANDS)] == 0).all()


@given(demands, supplies, decays, spot, capacities)
def test_a_post_more_lowers_nobody_s_accessibility(demand, supply, decay, place, capacity):
    before, after = whole(demand, supply, decay), whole(demand, [*supply, (place, capacity)], decay)
    assert (after.accessibility >= before.accessibility * (1 - 1e-12)).all()
    assert (after.minutes <= before.minutes).all()
    assert (after.choices >= before.choices).all()
    assert (after.served >= before.served).all()


@given(demands, supplies, decays)
def test_accessibility_of_all_comes_to_the_capacity_that_is_reached(demand, supply, decay):
    found = whole(demand, supply, decay)
    weight, capacity = columns(demand)[1], columns(supply)[1]
    ways = straight(demand, supply)
    reached = [bool(weight[ways.column(j) <= decay.catchment].any()) for j in range(len(supply))]
    assert weight @ found.accessibility == pytest.approx(capacity[reached].sum(), rel=1e-9)


@given(demands, supplies, decays, st.data())
def test_the_order_of_rows_changes_nothing(demand, supply, decay, data):
    rows = data.draw(st.permutations(range(len(demand))))
    posts = data.draw(st.permutations(range(len(supply))))
    one = whole(demand, supply, decay)
    other = whole([demand[row] for row in rows], [supply[post] for post in posts], decay)
    assert close(other.accessibility, one.accessibility[rows])
    assert close(other.minutes, one.minutes[rows])
    assert other.choices.tolist() == one.choices[rows].tolist()
    assert other.served.tolist() == one.served[rows].tolist()
    # Among posts as near, the first is named: which one depends on their order, where they are does not.
    ways = straight(demand, supply)
    for row, post in zip(rows, other.nearest.tolist(), strict=True):
        if post != NONE:
            assert ways.column(posts[post])[row] == pytest.approx(one.minutes[row], rel=1e-12)


@given(demands, supplies, decays, st.lists(st.tuples(spot, capacities), min_size=1, max_size=4))
def test_posts_added_one_by_one_come_to_the_whole(demand, supply, decay, more):
    found = whole(demand, supply, decay)
    for place, capacity in more:
        found = added(found, found.ways.with_post(points([place])), capacity)
    same(found, whole(demand, [*supply, *more], decay))


@given(demands, supplies.filter(bool), decays, st.data())
def test_posts_closed_one_by_one_come_to_the_whole_without_them(demand, supply, decay, data):
    found, left = whole(demand, supply, decay), list(supply)
    for post in data.draw(st.lists(st.integers(0, len(supply) - 1), min_size=1, max_size=4)):
        found = removed(found, post)
        left[post] = (left[post][0], 0.0)
    wanted = whole(demand, left, decay)
    same(found, wanted)
    # A place that nothing reaches any more has exactly nothing.
    assert (found.accessibility[wanted.accessibility == 0] == 0).all()


@given(demands, supplies.filter(bool), decays, st.data())
def test_moving_a_post_back_and_forth_changes_nothing(demand, supply, decay, data):
    before = whole(demand, supply, decay)
    place = data.draw(spot)
    after = added(before, before.ways.with_post(points([place])), 20.0)
    same(removed(after, len(supply)), before)


@given(demands, supplies, decays)
def test_a_table_of_the_same_times_gives_the_same(demand, supply, decay):
    ways = straight(demand, supply)
    pairs = ways.pairs(100_000.0)
    weight, capacity = columns(demand)[1], columns(supply)[1]
    same(cover(weight, capacity, Given(pairs), decay, BANDS), cover(weight, capacity, ways, decay, BANDS))


@given(demands, supplies, decays, st.lists(st.none() | st.floats(0, 200), min_size=15, max_size=15))
def test_a_post_added_to_a_table_comes_to_the_whole_table(demand, supply, decay, times):
    weight, capacity = columns(demand)[1], columns(supply)[1]
    before = cover(weight, capacity, Given(straight(demand, supply).pairs(300.0)), decay, BANDS)
    column = np.array([math.inf if one is None else one for one in times[: len(demand)]])
    ways = before.ways.with_post(column)
    same(added(before, ways, 12.0), cover(weight, np.append(capacity, 12.0), ways, decay, BANDS))


@given(demands.map(lambda rows: rows[:3]), supplies.filter(bool), decays)
def test_of_posts_at_one_address_the_first_is_named(demand, supply, decay):
    twins = [*supply, *supply]
    found = whole(demand, twins, decay)
    opened = [capacity > 0 for _place, capacity in supply]
    for post in found.nearest.tolist():
        assert post < len(supply)
        assert post == NONE or opened[post]
        assert post == NONE or post == min(j for j, row in enumerate(supply) if opened[j] and row[0] == supply[post][0])


@given(demands, supplies.filter(bool), decays)
def test_a_post_added_at_the_address_of_another_is_nobody_s_nearest(demand, supply, decay):
    before = whole(demand, supply, decay)
    for (place, capacity), twin in zip(supply, range(len(supply)), strict=True):
        if capacity:
            after = added(before, before.ways.with_post(points([place])), 5.0)
            named = before.nearest[before.nearest == twin]
            assert (after.nearest[before.nearest == twin] == named).all()


def test_zones_hold_their_outer_bound():
    """Twenty minutes of a catchment of sixty is in the first zone, sixty in the last."""
    decay = Decay.step(60, (1.0, 0.68, 0.22))
    minutes = np.array([0.0, 20.0, 20.1, 40.0, 40.1, 60.0, 60.1])
    assert decay.weights(minutes).tolist() == [1, 1, 0.68, 0.68, 0.22, 0.22, 0]
    assert Decay.none(60).weights(minutes).tolist() == [1, 1, 1, 1, 1, 1, 0]
    assert Decay.gaussian(60, 20).weights(minutes)[[0, 1, 6]] == pytest.approx([1, math.exp(-0.5), 0])


def test_two_towns_share_a_post_as_the_paper_shares_it():
    """Ten hours for 100 + 300 people at full weight and 500 at 0.68: 10 / 740 each, times what the way is worth."""
    pairs = Pairs(np.array([0, 1, 2]), np.array([0, 0, 0]), np.array([5.0, 20.0, 30.0]), 4, 1)
    found = cover(
        np.array([100.0, 300, 500, 40]), np.array([10.0]), Given(pairs), Decay.step(60, (1, 0.68, 0.22)), [15]
    )
    assert found.accessibility == pytest.approx([10 / 740, 10 / 740, 6.8 / 740, 0], rel=1e-15)
    assert found.beyond().tolist() == [840]
    assert found.served.sum() == 900


def test_a_post_that_only_reaches_places_without_inhabitants_is_not_reached():
    pairs = Pairs(np.array([0]), np.array([0]), np.array([5.0]), 1, 1)
    found = cover(np.array([0.0]), np.array([10.0]), Given(pairs), Decay.none(60), BANDS)
    assert found.accessibility.tolist() == [0]
    assert found.choices.tolist() == [[1, 1, 1, 1]]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"weight": np.array([-1.0])}, "at least zero"),
        ({"weight": np.array([np.nan])}, "at least zero"),
        ({"weight": np.array([1.0, 2.0])}, "one figure a point"),
        ({"capacity": np.array([-1.0])}, "at least zero"),
        ({"bands": (-1.0,)}, "number of minutes"),
    ],
)
def test_figures_that_are_none_are_refused(change, said):
    pairs = Pairs(np.array([0]), np.array([0]), np.array([5.0]), 1, 1)
    asked = {"weight": np.array([1.0]), "capacity": np.array([1.0]), "bands": (), "decay": Decay.none(60)} | change
    with pytest.raises(ValueError, match=said):
        cover(ways=Given(pairs), **asked)


@pytest.mark.parametrize("decay", [{"catchment": 0}, {"catchment": math.inf}, {"catchment": 60, "sigma": 0.0},
                                   {"catchment": 60, "zones": (1.0, -0.5)}])  # fmt: skip
def test_a_decay_that_means_nothing_is_refused(decay):
    with pytest.raises(ValueError, match=r"minutes|zone"):
        Decay(**decay)


def test_what_is_found_cannot_be_changed():
    found = whole([(((2.0, 46.0, 0, 1.3)), 5.0)], [], Decay.none(60))
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.bands = ()
