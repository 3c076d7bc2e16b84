"""What is too small to be shown: every figure of others that a role is given is read, and none is small."""

import datetime as dt
import io
from decimal import Decimal

import polars as pl
import pytest
from django.urls import reverse

from prevenance.domains.strategy.analysis import series
from prevenance.domains.strategy.models import IndicatorTotal, IndicatorValue
from prevenance.domains.strategy.rules.small_counts import is_small, threshold
from tests.factories import CouncilFactory, actor, coordinator_of, scope_of, territory
from tests.factories.strategy import IndicatorFactory, PlanIndicatorFactory, ValueFactory, accepted, national_plan

pytestmark = pytest.mark.django_db
START = dt.date(2025, 1, 1)
TOWNS = {"42218": 3, "42187": 40, "69266": 25}  # Saint-Étienne, Roanne, Villeurbanne
DEPARTEMENTS = {"42": 43, "69": 25, "01": 2, "38": 60, "73": 35}


def row(place, number, reported=5, below=None, category="", indicator=None):
    return IndicatorTotal(
        indicator=indicator, territory=place, starts_on=START, numerator=Decimal(number), reported=reported,
        denominator=None if below is None else Decimal(below), category=category,
    )  # fmt: skip


@pytest.fixture
def indicator():
    """A national indicator with totals of towns and départements."""
    found = IndicatorFactory(plan=national_plan(), split="sex")
    PlanIndicatorFactory(indicator=found)
    accepted(ValueFactory(indicator=found, starts_on=START, category="boys"))  # says that the period was reported
    for kind, numbers in (("commune", TOWNS), ("departement", DEPARTEMENTS)):
        for code, number in numbers.items():
            row(territory(kind, code), number, 1 if kind == "commune" else 5, category="girls", indicator=found).save()
            row(territory(kind, code), 50, 1 if kind == "commune" else 5, category="boys", indicator=found).save()
    row(territory("nation", "FR"), 165, 12, category="girls", indicator=found).save()
    return found


def figures_of(client, indicator, level):
    """{code: (value, girls)} of the file that anybody may take away."""
    address = reverse("strategy:indicator_totals", args=[indicator.pk])
    answer = client.get(address, {"niveau": level, "ou": "partout", "periode": "2025-01-01", "format": "csv"})
    assert answer.status_code == 200
    table = pl.read_csv(io.BytesIO(answer.content), separator=";", infer_schema=False, encoding="utf8-lossy")
    code = table.columns[0]
    return {line[code]: line["Valeur"] for line in table.iter_rows(named=True)}


READERS = {
    "group_member": ("commune", "42218"), "mediator": ("commune", "69266"), "victim_support": ("departement", "42"),
    "prosecutor_office": ("departement", "42"), "evaluator": ("nation", "FR"), "trainer": ("region", "84"),
}  # fmt: skip


@pytest.mark.parametrize("role", [role for role in READERS if role != "group_member"])
def test_a_reader_is_given_no_town_and_no_small_departement(indicator, sign_in, role):
    client = sign_in(actor(role, scope_of(territory(*READERS[role]))))
    assert figures_of(client, indicator, "commune") == {}
    shown = figures_of(client, indicator, "departement")
    # 01 is too small; alone, it would be found from the region's total: the next smallest, 69, is hidden with it.
    assert {code for code, value in shown.items() if value} == {"38", "42", "73"}
    page = client.get(
        reverse("strategy:indicator_totals", args=[indicator.pk]),
        {"niveau": "departement", "ou": "partout", "periode": "2025-01-01"},
    ).content.decode()
    assert page.count("non montré") >= 2


def test_whoever_holds_a_plan_reads_their_own_town_and_no_other(indicator, sign_in):
    client = sign_in(coordinator_of(CouncilFactory()))
    assert set(figures_of(client, indicator, "commune")) == {"42218"}
    assert {code for code, value in figures_of(client, indicator, "departement").items() if value} == {"38", "42", "73"}


def test_the_level_that_accepts_reads_exactly_what_it_accepts(indicator, sign_in):
    client = sign_in(actor("prefect_office", scope_of(territory("departement", "42"))))
    assert set(figures_of(client, indicator, "commune")) == {"42218", "42187"}
    nation = sign_in(actor("national_secretariat", scope_of(territory("nation", "FR"))))
    assert set(figures_of(nation, indicator, "commune")) == set(TOWNS)
    assert all(figures_of(nation, indicator, "departement").values())


def test_totals_kept_and_totals_computed_on_the_way_reach_as_far(indicator):
    kept = IndicatorTotal.objects.filter(indicator=indicator)
    places = {place.pk: place for place in (total.territory for total in kept.select_related("territory"))}
    wide = {pk for pk, place in places.items() if place.kind in ("departement", "nation")}
    holders = {
        "mayor": ("commune", "42187"), "prefect_office": ("departement", "42"), "national_secretariat": ("nation", "FR")
    }  # fmt: skip
    beyond = {"mayor": {"42187"}, "prefect_office": {"42218", "42187"}, "national_secretariat": set(TOWNS)}
    for role, where in {**READERS, **holders}.items():
        if role == "group_member":
            continue
        reader = actor(role, scope_of(territory(*where)))
        read = set(series.read_by(reader, places))
        assert read == set(kept.visible_to(reader).values_list("territory", flat=True)), role
        assert read == wide | {pk for pk, place in places.items() if place.code in beyond.get(role, set())}, role


def test_the_chart_of_a_small_departement_says_that_it_is_not_shown(indicator, sign_in):
    reader = actor("prosecutor_office", scope_of(territory("departement", "01")))
    (point,) = series.series(indicator, territory("departement", "01"), reader)
    assert (point.hidden, point.value, point.parts) == (True, None, ())
    page = sign_in(reader).get(reverse("strategy:indicator", args=[indicator.pk]))
    assert page.context["chart"] is None
    assert "ne sont pas montrées" in page.content.decode()


def test_values_are_read_by_who_holds_the_plan_and_who_accepts(indicator):
    value = accepted(ValueFactory())  # of a plan of Saint-Étienne
    readers = [actor(role, scope_of(territory(*where))) for role, where in READERS.items() if role != "group_member"]
    readers.append(actor("mayor", scope_of(territory("commune", "42187"))))
    readers.append(actor("prefect_office", scope_of(territory("departement", "69"))))
    for reader in readers:
        assert IndicatorValue.objects.visible_to(reader).count() == 0, reader.role
        assert IndicatorValue.objects.all().accepted_for(reader).count() == 0, reader.role
    for role, where in (("mayor", ("commune", "42218")), ("prefect_office", ("departement", "42"))):
        reader = actor(role, scope_of(territory(*where)))
        assert list(IndicatorValue.objects.visible_to(reader)) == [value]
        assert list(IndicatorValue.objects.all().accepted_for(reader)) == [value]


def test_what_is_small_follows_dated_data():
    least = threshold(dt.date(2026, 6, 1))
    place = territory("departement", "42")
    assert (least.least, least.units) == (11, 3)
    assert is_small([row(place, 10)])
    assert not is_small([row(place, 0)])  # zero is a figure, and designates nobody
    assert not is_small([row(place, 11)])
    assert is_small([row(place, 500, reported=2)])
    assert is_small([row(place, 495, below=500)])  # the five others would be known
    assert is_small([row(place, 500, category="boys"), row(place, 4, category="girls")])
    with pytest.raises(LookupError):
        threshold(dt.date(2025, 12, 31))
