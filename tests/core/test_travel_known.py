"""Minutes of the model beside published ones, between town halls: an order of magnitude, not an itinerary.

Times of the routing engine OSRM on OpenStreetMap, without traffic: N. Lambert, matrix of the communes of Isère, July
2021 (github.com/neocarto/rspatial, osrm/data/TimeDistCarIsere2.csv, made as osrm/osrm.Rmd says). Itineraries: distance
and time of fr.distancevilles.net. Saint-Étienne–Roanne: « environ une heure » (Wikipedia, Roanne), an order of
magnitude: some 84 km, of which 45 on the A 72 (130 km/h) and 15 on the N 82 (110 km/h).
"""

from datetime import date

import numpy as np
import polars as pl
import pytest

from prevenance.core import travel

DAY = date(2026, 11, 28)
KNOWN = {
    "Saint-Étienne – Roanne": ("42218", "42187", 60),
    "Royat – Charlieu": ("63308", "42052", 110),  # 143 km by the road, A 89 and N 82
    "Houdan – Touques": ("78310", "14699", 119),  # 162 km, D 115 and A 13
    "Davézieux – Imphy": ("07078", "58134", 239),  # 284 km, A 72 and N 7
    "Grenoble – Vienne": ("38185", "38544", 85),
    "Grenoble – Bourgoin-Jallieu": ("38185", "38053", 51),
    "Grenoble – La Tour-du-Pin": ("38185", "38509", 50),
    "Grenoble – Crémieu": ("38185", "38138", 71),
    "Grenoble – Voiron": ("38185", "38563", 30),
    "Grenoble – Saint-Marcellin": ("38185", "38416", 44),
    "Grenoble – La Mure": ("38185", "38269", 44),
    "Grenoble – Mens": ("38185", "38226", 50),
    "Grenoble – Le Bourg-d’Oisans": ("38185", "38052", 55),
    "Vertrieu – Vienne": ("38539", "38544", 70),
    "Vertrieu – Bourgoin-Jallieu": ("38539", "38053", 44),
    "Vertrieu – La Tour-du-Pin": ("38539", "38509", 48),
}


@pytest.fixture(scope="module")
def minutes():
    """(one, other) codes to minutes of the model."""
    table = pl.read_parquet(travel.TERRITORIES / "communes.parquet").drop_nulls(["longitude"])
    ranks = {code: rank for rank, code in enumerate(table["code"])}
    points = travel.places(table["longitude"].to_numpy(), table["latitude"].to_numpy(), on=DAY)
    ways = travel.ways(points, points, on=DAY)

    def between(one, other):
        return float(ways.minutes(np.array([ranks[one]]), np.array([ranks[other]]))[0])

    return between


@pytest.mark.parametrize("pair", KNOWN)
def test_a_known_way_takes_what_is_published_by_a_third_or_so(minutes, pair):
    one, other, published = KNOWN[pair]
    assert minutes(one, other) == pytest.approx(published, rel=0.35)
    assert minutes(one, other) == pytest.approx(minutes(other, one), rel=1e-12)


def test_mountains_are_the_known_fault(minutes):
    """No relief: up a valley the model is too fast. Villard-de-Lans, at 1,050 m, is 44 minutes from Grenoble."""
    assert minutes("38185", "38548") < 0.7 * 44
