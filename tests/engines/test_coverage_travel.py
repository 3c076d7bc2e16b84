"""Travel times equal a plain computation, pair by pair; no path crosses the sea."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prevenance.engines.coverage import NONE, Given, Pairs, Points, Road, Straight
from prevenance.engines.coverage.points import EARTH_RADIUS
from prevenance.engines.coverage.travel import NO_ROAD

PACES = (1.3, 2.0, 3.2)
place = st.tuples(
    st.floats(-180, 180).map(lambda degrees: round(degrees, 3)),
    st.floats(-90, 90).map(lambda degrees: round(degrees, 3)),
    st.integers(0, 2),
    st.sampled_from(PACES),
)
near = st.tuples(st.integers(0, 300).map(lambda k: k / 100), st.integers(4600, 4800).map(lambda k: k / 100),
                 st.integers(0, 1), st.sampled_from(PACES))  # fmt: skip
places = st.lists(place, max_size=12) | st.lists(near, max_size=12)
# None at all, one faster than every end, one slower, one that begins at once.
roads = st.sampled_from([NO_ROAD, Road(4.0, 0.9), Road(30.0, 2.5), Road(0.0, 1.1)])


def points(rows):
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    return Points(
        *(np.array(column, dtype=kind) for column, kind in zip(columns, (float, float, int, float), strict=True))
    )


def minutes_between(one, other, road=NO_ROAD):
    """By the haversine formula, which is not the engine's, then kilometre by kilometre."""
    (east, north, land, pace), (east_2, north_2, land_2, pace_2) = one, other
    if land != land_2:
        return math.inf
    a, b = math.radians(north), math.radians(north_2)
    half = math.sin((a - b) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(east - east_2) / 2) ** 2
    kilometres = 2 * EARTH_RADIUS * math.asin(min(1.0, math.sqrt(half)))
    end = min(kilometres / 2, road.near)
    return end * pace + end * pace_2 + (kilometres - 2 * end) * road.pace


@given(places, places, roads, st.sampled_from([0.0, 17.5, 60.0, 900.0, 90_000.0]))
def test_pairs_are_those_within_the_bound(demand, supply, road, most):
    found = Straight(points(demand), points(supply), road).pairs(most)
    there = dict(
        zip(zip(found.demand.tolist(), found.supply.tolist(), strict=True), found.minutes.tolist(), strict=True)
    )
    assert len(there) == len(found)
    for i, one in enumerate(demand):
        for j, other in enumerate(supply):
            wanted = minutes_between(one, other, road)
            if (i, j) in there:
                assert there[i, j] == pytest.approx(wanted, abs=1e-4, rel=1e-7)
                assert there[i, j] <= most
            else:
                assert wanted >= most - 1e-4


@given(places, places, roads, st.randoms())
def test_the_nearest_is_the_first_of_the_nearest_open_posts(demand, supply, road, random):
    opened = [random.random() < 0.7 for _post in supply]
    ways = Straight(points(demand), points(supply), road)
    rows = np.arange(len(demand))
    post, minutes = ways.nearest(rows, np.array(opened, dtype=bool))
    for one, found, took in zip(demand, post.tolist(), minutes.tolist(), strict=True):
        every = {j: minutes_between(one, other, road) for j, other in enumerate(supply) if opened[j]}
        least = min(every.values(), default=math.inf)
        if least == math.inf:
            assert (found, took) == (NONE, math.inf)
        else:
            assert took == pytest.approx(every[found], abs=1e-4, rel=1e-7)
            assert every[found] == pytest.approx(least, abs=1e-4, rel=1e-7)
            twins = [j for j in every if supply[j] == supply[found]]
            assert found == min(twins)


@given(places.filter(bool), place, roads)
def test_a_column_is_the_same_ways(demand, post, road):
    ways = Straight(points(demand), points([]), road).with_post(points([post]))
    column = ways.column(0)
    rows = np.arange(len(demand))
    assert np.array_equal(column, ways.minutes(rows, np.zeros_like(rows)))
    assert np.array_equal(np.isinf(column), [one[2] != post[2] for one in demand])


lengths = st.floats(0, 20_000)
ends = st.floats(0.5, 5)


@given(lengths, lengths, ends, roads)
def test_farther_between_the_same_ends_is_never_shorter(one, other, pace, road):
    nearer, farther = road.minutes(np.array(sorted([one, other])), pace)
    assert nearer <= farther * (1 + 1e-12)


@given(lengths, ends, roads)
def test_the_reach_of_so_many_minutes_is_what_takes_them(kilometres, pace, road):
    minutes = float(road.minutes(np.array([kilometres]), pace)[0])
    assert road.reach(minutes, pace) == pytest.approx(kilometres, rel=1e-9, abs=1e-9)


@given(place, place, roads)
def test_there_takes_as_long_as_back(one, other, road):
    there, back = (
        Straight(points([a]), points([b]), road).minutes(np.array([0]), np.array([0]))
        for a, b in ((one, other), (other, one))
    )
    assert there == back or there == pytest.approx(back, rel=1e-12)


def test_beyond_what_is_near_both_ends_the_road_is_open():
    """Thirty kilometres between a town and a village: four at each one's pace, the rest at the road's."""
    found = Road(4.0, 1.0).minutes(np.array([30.0, 8.0, 3.0, np.inf]), (3.2 + 1.4) / 2)
    assert found.tolist() == pytest.approx([4 * 3.2 + 4 * 1.4 + 22, 8 * 2.3, 3 * 2.3, np.inf])


@pytest.mark.parametrize(("near", "pace"), [(-1.0, 1.0), (math.nan, 1.0), (4.0, 0.0), (4.0, math.inf), (4.0, math.nan)])
def test_a_road_that_means_nothing_is_refused(near, pace):
    with pytest.raises(ValueError, match=r"near|pace"):
        Road(near, pace)


def test_a_pair_of_no_minutes_is_kept_apart_from_one_that_is_not_there():
    here = Points.of([2.0, 2.0], [48.0, 49.0])
    matrix = Straight(here, here).pairs(10).matrix()
    assert matrix.nnz == 2
    assert matrix.data.tolist() == [0.0, 0.0]
    assert matrix.shape == (2, 2)


def test_a_table_is_all_there_is():
    table = Pairs(np.array([0, 0, 2]), np.array([1, 0, 1]), np.array([30.0, 30.0, 5.0]), 3, 2)
    ways = Given(table)
    assert len(ways.pairs(29)) == 1
    post, minutes = ways.nearest(np.array([2, 0, 1]), np.array([True, True]))
    assert post.tolist() == [1, 0, NONE]
    assert minutes.tolist() == [5.0, 30.0, math.inf]
    ways = ways.with_post(np.array([math.inf, 4.0, 5.0]))
    post, minutes = ways.nearest(np.arange(3), np.array([True, False, True]))
    assert post.tolist() == [0, 2, 2]
    assert ways.column(2).tolist() == [math.inf, 4.0, 5.0]
    assert ways.column(1).tolist() == [30.0, math.inf, 5.0]


@pytest.mark.parametrize(("post", "minutes"), [(2, 1.0), (-1, 1.0), (0, -1.0), (0, math.nan), (0, math.inf)])
def test_a_table_that_means_nothing_is_refused(post, minutes):
    with pytest.raises(ValueError, match=r"minutes|joins"):
        Given(Pairs(np.array([0]), np.array([post]), np.array([minutes]), 1, 2))


@pytest.mark.parametrize(
    "row", [(181.0, 0.0, 0, 1.0), (0.0, math.nan, 0, 1.0), (0.0, 0.0, 0, 0.0), (0.0, 0.0, 0, math.inf)]
)
def test_places_out_of_the_world_are_refused(row):
    with pytest.raises(ValueError, match=r"longitude|pace"):
        points([row])
