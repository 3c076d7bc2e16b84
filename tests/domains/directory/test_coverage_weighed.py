"""Coverage weighed by recorded victims, where a figure that is not published is no zero."""

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from prevenance.domains.directory.analysis import coverage as analysis
from prevenance.domains.territories.models import CrimeSeries
from tests.domains.directory.test_coverage import EVERYTHING, PAGE, PLACE, TODAY, TRY, line, service, text
from tests.factories import CouncilFactory, coordinator_of, territory

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator():
    return coordinator_of(CouncilFactory())


@pytest.fixture
def ours(coordinator, sign_in):
    client = sign_in(coordinator)
    client.get(PAGE)  # the first page of a session writes when it was seen
    return client


@pytest.fixture
def record(as_owner):
    """Writes figures of a series, as the owner: by commune, None where not published."""

    def record(series, figures):
        for code, value in figures.items():
            as_owner.execute(
                "INSERT INTO territories_recordedcrime (series_id, commune_id, value)"
                " SELECT %s, id, %s FROM territories_territory WHERE kind = 'commune' AND code = %s",
                [series, value, code],
            )
        as_owner.commit()

    return record


@pytest.fixture
def victims(as_owner, record):
    """Invented: 100 in Saint-Étienne, none in Firminy, Roanne and the rest not published; and a year of vehicles."""
    made = [
        as_owner.execute(
            "INSERT INTO territories_crimeseries (indicator, unit, year, vintage, published, withheld)"
            " VALUES (%s, %s, 2025, 2026, 2, 318) RETURNING id",
            told,
        ).fetchone()[0]
        for told in (("Violences physiques intrafamiliales", "Victime"), ("Vols de véhicule", "Véhicule"))
    ]
    record(made[0], {"42218": 100, "42095": 0, "42187": None})
    yield CrimeSeries(
        pk=made[0], indicator="Violences physiques intrafamiliales", unit="Victime", year=2025, vintage=2026
    )
    as_owner.execute("DELETE FROM territories_recordedcrime")
    as_owner.execute("DELETE FROM territories_crimeseries")
    as_owner.commit()


def test_what_is_not_published_weighs_nothing_and_is_no_zero(coordinator, victims):
    service("42187", hours=10)
    here = analysis.ground(coordinator, territory("departement", "42"), EVERYTHING, TODAY, victims)
    assert (line(here, "42218").weight, line(here, "42095").weight, line(here, "42187").weight) == (100, 0, None)
    assert here.withheld == len(here.communes) - 2
    found = analysis.figures(here.today)
    assert (found.weight, found.beyond) == (100, (100, 100, 100, 100))
    assert found.mean == pytest.approx(line(here, "42218").minutes)
    # Nobody counted is within an hour of Roanne: its hours are nobody's.
    assert line(here, "42187").minutes == 0.0
    assert found.hours == 0.0


def test_the_page_says_what_communes_weigh_and_which_do_not_say_it(ours, victims):
    service("42218")
    page = ours.get(PAGE, {"departement": "42", "weight": victims.pk})
    shown = " ".join(text(page).split())
    assert f'<option value="{victims.pk}" selected' in shown
    assert "Vols de véhicule" not in shown
    assert "victimes enregistrées à plus de 30 minutes" in shown
    assert "Heures par semaine pour 1 000 victimes enregistrées" in shown
    assert "ne sont pas publiés : ils n’entrent dans aucune somme, et ce n’est pas zéro." in shown
    assert "non publié" in shown
    rows = list(csv.DictReader(io.StringIO(
        ours.get(PAGE, {"departement": "42", "weight": victims.pk, "format": "csv"}).content.decode("utf-8-sig")
    ), delimiter=";"))  # fmt: skip
    figures = {row["Code Insee"]: row["Victimes enregistrées"] for row in rows}
    assert (figures["42218"], figures["42095"], figures["42187"]) == ("100", "0", "")


def test_a_trial_and_a_placement_are_weighed_alike(ours, victims):
    service("42187")
    told = {"departement": "42", "weight": victims.pk}
    tried = " ".join(text(ours.get(TRY, told | {"a": "42218:14"})).split())
    assert "Victimes enregistrées à plus de 30 minutes" in tried
    assert "0 (− 100)" in tried
    assert f'name="weight" value="{victims.pk}"' in tried
    placed = " ".join(text(ours.get(PLACE, told | {"number": 1})).split())
    assert "<strong>+ 100</strong> victimes enregistrées à 30 minutes ou moins" in placed


def test_a_weight_that_is_not_there_is_left_out(ours, victims):
    page = ours.get(PAGE, {"departement": "42", "weight": 10**6})
    assert page.context["here"].series is None


def test_weighing_costs_no_query_a_commune(ours, victims, record):
    address = f"{TRY}?departement=42&weight={victims.pk}&a=42187:14"

    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert ours.get(address).status_code == 200
        return sum("SAVEPOINT" not in query["sql"] for query in seen.captured_queries)

    service("42218")
    one = queries()
    record(victims.pk, dict.fromkeys(("42001", "42002", "42003", "42005", "42006", "42007", "42008"), 3))
    assert queries() == one <= 12
