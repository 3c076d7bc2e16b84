"""What is accepted comes to the right totals in every territory, again and again; measures are counted the same way."""

import datetime as dt

import psycopg
import pytest
from django.db import connections
from procrastinate.contrib.django.models import ProcrastinateJob

from prevenance.domains.strategy import jobs
from prevenance.domains.strategy.actions import totals as total_actions
from prevenance.domains.strategy.actions import values as actions
from prevenance.domains.strategy.analysis.totals import totals_of
from prevenance.domains.strategy.models import (
    Amendment,
    Indicator,
    IndicatorTotal,
    IndicatorValue,
    MeasureProgress,
    SheetStep,
    StrategyAction,
)
from prevenance.domains.territories.models import FormerCode, Territory
from tests import database
from tests.factories import actor, scope_of, territory
from tests.factories.strategy import (
    IndicatorFactory,
    PlanFactory,
    SheetFactory,
    ValueFactory,
    accepted,
    in_force,
    national_plan,
)

pytestmark = pytest.mark.django_db

Q1 = dt.date(2025, 1, 1)


@pytest.fixture
def national():
    return IndicatorFactory(plan=national_plan())


def town(code):
    return territory("commune", code)


def report(indicator, place, figure, **more):
    return accepted(ValueFactory(indicator=indicator, plan=indicator.plan, territory=place, numerator=figure, **more))


def figures(indicator, start=Q1):
    rows = IndicatorTotal.objects.filter(indicator=indicator, starts_on=start, category="")
    return {(row.territory.kind, row.territory.code): row for row in rows.select_related("territory")}


def test_communes_add_up_to_all_that_contains_them(national):
    report(national, town("42218"), 10)
    report(national, town("42187"), "2.5", estimated=True)
    report(national, town("69266"), 0)
    jobs.roll_up(national.pk, "2025-01-01")
    found = figures(national)
    assert {key: row.numerator for key, row in found.items() if key[0] != "commune" and key[0] != "epci"} == {
        ("departement", "42"): 12.5, ("departement", "69"): 0, ("region", "84"): 12.5, ("nation", "FR"): 12.5,
    }  # fmt: skip
    assert found["epci", "244200770"].numerator == 10
    assert (found["departement", "42"].reported, found["departement", "42"].estimated) == (2, 1)
    assert ("departement", "75") not in found  # missing is not zero


def test_a_second_run_writes_nothing_and_a_correction_changes_what_contains_it(national):
    first = report(national, town("42218"), 10)
    report(national, town("69266"), 5)
    jobs.roll_up(national.pk)
    before = {row.pk: row.computed_at for row in IndicatorTotal.objects.all()}
    jobs.roll_up(national.pk)
    assert {row.pk: row.computed_at for row in IndicatorTotal.objects.all()} == before
    IndicatorValue.objects.filter(pk=first.pk).update(superseded_at=first.settled_at)
    report(national, town("42218"), 11, corrects=first)
    jobs.roll_up(national.pk, "2025-01-01")
    assert figures(national)["nation", "FR"].numerator == 16
    IndicatorValue.objects.filter(superseded_at=None).update(superseded_at=first.settled_at)
    jobs.roll_up(national.pk, "2025-01-01")
    assert figures(national) == {}


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({}, (30, 45)),  # ten and twenty in a town, fifteen in the other
        ({"nature": "stock", "time_rule": "last", "territory_rule": "mean"}, (15, 15)),
        ({"nature": "stock", "time_rule": "last", "territory_rule": "none"}, (None, None)),
    ],
)
def test_the_sheets_of_a_town_count_as_one_unit(national, rules, expected):
    Indicator.objects.filter(pk=national.pk).update(**rules)
    national.refresh_from_db()
    for figure, estimated in ((10, True), (20, False)):
        report(national, town("42218"), figure, sheet=SheetFactory(plan=national.plan), estimated=estimated)
    report(national, town("42187"), 15)
    jobs.roll_up(national.pk, "2025-01-01")
    found = figures(national)
    place, around = found.get(("commune", "42218")), found.get(("departement", "42"))
    assert (place and place.numerator, around and around.numerator) == expected
    if around:
        assert (place.reported, place.estimated, around.reported, around.estimated) == (1, 1, 2, 1)


def test_a_ratio_is_derived_again(national):
    national.nature, national.numerator_label, national.denominator_label = "ratio", "faits", "habitants"
    national.territory_rule = "mean"
    national.save()
    report(national, town("42218"), 1, denominator=2)
    report(national, town("42187"), 1, denominator=98)
    jobs.roll_up(national.pk)
    found = figures(national)["departement", "42"]
    assert (found.numerator, found.denominator) == (2, 100)


def test_categories_are_kept_apart(national):
    national.split = "sex"
    national.save()
    report(national, town("42218"), 3, category="girls")
    report(national, town("42218"), 4, category="boys")
    jobs.roll_up(national.pk)
    rows = IndicatorTotal.objects.filter(indicator=national, territory__kind="nation")
    assert {row.category: row.numerator for row in rows} == {"girls": 3, "boys": 4}


@pytest.fixture(scope="module")
def gone(django_db_setup, django_db_blocker):
    """The code of a commune of the Loire that merged, and the closed territory that once reported under it."""
    with psycopg.connect(database.url("owner", connections["default"].settings_dict["NAME"])) as owner:
        code = owner.execute(
            """SELECT f.code FROM territories_formercode f
               JOIN territories_containment c ON c.contained_id = f.territory_id
               JOIN territories_territory d ON d.id = c.container_id AND d.kind = 'departement' AND d.code = '42'
               WHERE f.nature = 'former' ORDER BY f.code LIMIT 1"""
        ).fetchone()[0]
        place = owner.execute(
            """INSERT INTO territories_territory (kind, code, name, sort_name, search_name, weight, zone, siren,
               legal_kind, point_kind, until) VALUES ('commune', %s, 'Ancienne', 'ancienne', 'ancienne', 0, '', '', '',
               '', '2020-01-01') RETURNING id""",
            [code],
        ).fetchone()[0]
        owner.commit()
        yield code, place
        owner.execute("DELETE FROM territories_territory WHERE id = %s", [place])
        owner.commit()


def test_a_commune_that_merged_counts_with_the_one_of_today(gone, national):
    """By its code of before beside the commune of today, or as the closed territory that reported at the time."""
    code, place = gone
    today = FormerCode.objects.get(code=code).territory
    report(national, today, 3, former_code=code)
    report(national, Territory.objects.get(pk=place), 4)
    jobs.roll_up(national.pk)
    found = figures(national)
    assert found["commune", today.code].numerator == 7
    assert found["departement", "42"].numerator == 7
    assert found["departement", "42"].reported == 1


def test_accepting_asks_for_one_roll_up_of_the_period(national, django_capture_on_commit_callbacks):
    plan = in_force(PlanFactory())
    above = actor("prefect_office", scope_of(territory("departement", "42")))
    value = ValueFactory(indicator=national, plan=plan)
    IndicatorValue.objects.update(state="submitted")
    with django_capture_on_commit_callbacks(execute=True):
        actions.accept_values(plan=plan, values=[value.pk], by=above)
    other = ValueFactory(indicator=national, plan=plan, territory=town("42187"))
    IndicatorValue.objects.filter(pk=other.pk).update(state="submitted")
    with django_capture_on_commit_callbacks(execute=True):
        actions.accept_values(plan=plan, values=[other.pk], by=above)
    asked = ProcrastinateJob.objects.filter(task_name="strategy.roll_up", status="todo")
    assert [job.args for job in asked] == [{"indicator": national.pk, "starts": "2025-01-01"}]
    jobs.roll_up(**asked.get().args)
    assert figures(national)["departement", "42"].numerator == 24


def test_a_roll_up_reads_a_period_in_a_number_of_queries_that_does_not_grow(national, django_assert_max_num_queries):
    for place in Territory.objects.filter(kind="commune", containers__container=territory("departement", "42"))[:30]:
        report(national, place, 1)
    with django_assert_max_num_queries(12):
        total_actions.roll_up_indicator(indicator=national, starts=Q1)


def test_totals_of_a_year_say_who_is_missing(national):
    report(national, town("42218"), 10)
    report(national, town("42218"), 5, starts_on=dt.date(2025, 4, 1))
    expected = [town("42218").pk, town("42187").pk]
    found = totals_of(national, [Q1, dt.date(2025, 4, 1)], target="year", expected=expected)
    loire = found.container.tolist().index(territory("departement", "42").pk)
    assert (found.numerator[loire], found.reported[loire], found.missing[loire]) == (150_000, 1, 1)


def test_measures_are_counted_in_every_territory_that_holds_a_plan():
    served = StrategyAction.objects.filter(strategy__key="2020-2024", measure__number=3)[:2]
    plan = in_force(PlanFactory())
    late = SheetFactory(plan=plan, state="under_way", ends=dt.date(2025, 3, 1))
    late.serves.set(served)  # two actions of one measure: one sheet
    SheetFactory(plan=plan, state="done").serves.set(served[:1])
    SheetFactory(plan=plan, state="dropped").serves.set(served[:1])
    SheetFactory(plan=PlanFactory()).serves.set(served[:1])  # a draft plan
    amendment = Amendment.objects.create(plan=plan, number=1, title="Retrait", prepared_by=plan.created_by)
    staying = SheetFactory(plan=plan, withdrawn_by=amendment)  # not withdrawn yet
    staying.serves.set(served[:1])
    for day in (1, 2):  # two late steps: one late sheet
        SheetStep.objects.create(sheet=staying, position=day, label="Étape", due_on=dt.date(2025, 3, day))
    elsewhere = in_force(PlanFactory(territory=town("42187")))
    SheetFactory(plan=elsewhere).serves.set(served[:1])
    for _turn in range(2):
        jobs.recount_progress()
    progress = MeasureProgress.objects.filter(measure__number=3)
    counted = {row.territory.code: (row.plans, row.sheets, row.under_way, row.done, row.late) for row in progress}
    assert counted["42218"] == (1, 3, 1, 1, 2)
    assert counted["42"] == counted["FR"] == (2, 4, 1, 1, 2)
    total_actions.recount_progress(on=dt.date(2024, 1, 1))
    assert not MeasureProgress.objects.exists()
