"""Which land a point is on and how fast one moves there, for the real communes."""

from collections import defaultdict
from datetime import date

import numpy as np
import polars as pl
import pytest

from prevenance.core import travel
from prevenance.engines.coverage import NONE

DAY = date(2026, 11, 28)


@pytest.fixture(scope="module")
def communes():
    table = pl.read_parquet(travel.TERRITORIES / "communes.parquet").drop_nulls(["longitude"])
    points = travel.places(table["longitude"].to_numpy(), table["latitude"].to_numpy(), on=DAY)
    return table, points


def test_each_commune_is_on_its_land(communes):
    table, points = communes
    names, found = travel.land_names(), defaultdict(set)
    for code, departement, land in zip(table["code"], table["departement"], points.land, strict=True):
        found[names[land]].add(code if land <= 21 and land else departement)
    assert found.pop("Corse") == {"2A", "2B"}
    overseas = {"Guadeloupe": "971", "Martinique": "972", "Guyane": "973", "La Réunion": "974", "Mayotte": "976"}
    assert {name: found.pop(name) for name in overseas} == {name: {code} for name, code in overseas.items()}
    mainland = found.pop("Continent")
    assert len(mainland) == 94
    assert not [code for code in mainland if code.startswith("97")]
    islands = travel._read("lands.yaml")["islands"]
    assert dict(found) == {one["name"]: set(one["communes"]) for one in islands}


def test_a_place_on_the_shore_is_not_on_the_island_opposite():
    """The tip of Baden is nearer to the island's town hall than to its own; a quay stands out of the contour."""
    shore, quay = (-2.8589, 47.6023), (-2.8522, 47.5967)
    points = travel.places(np.array([shore[0], quay[0]]), np.array([shore[1], quay[1]]), on=DAY)
    assert [travel.land_names()[land] for land in points.land] == ["Continent", "Île-aux-Moines"]


def test_a_crowded_place_is_slower(communes):
    table, points = communes
    pace = dict(zip(table["code"], points.pace, strict=True))
    assert pace["75056"] > pace["42207"] > pace["48095"] > 0
    found = travel.pace_on(DAY)
    assert set(pace.values()) == set(found.minutes)
    assert found.road.pace < min(found.minutes)


def test_corsica_has_no_way_to_the_mainland(communes):
    table, points = communes
    rows = np.flatnonzero((table["departement"] == "2A").to_numpy())
    everyone = travel.ways(points, points.where(np.flatnonzero((table["code"] == "13055").to_numpy())), on=DAY)
    post, minutes = everyone.nearest(rows, np.array([True]))
    assert len(rows) == 124
    assert set(post) == {NONE}
    assert np.isinf(minutes).all()


def test_a_day_before_any_parameter_is_refused():
    with pytest.raises(ValueError, match="nothing in travel"):
        travel.pace_on(date(2020, 1, 1))
