"""Who is to report an indicator is kept counted: it equals counting again, plan by plan, whatever was done."""

import datetime as dt
from collections import defaultdict

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as some
from procrastinate.contrib.django.models import ProcrastinateJob

from prevenance.domains.strategy import jobs
from prevenance.domains.strategy.actions import indicators as actions
from prevenance.domains.strategy.actions import plans as plan_actions
from prevenance.domains.strategy.actions.totals import recount_reporters
from prevenance.domains.strategy.analysis import series
from prevenance.domains.strategy.models import Plan, PlanIndicator, Reporters
from prevenance.domains.strategy.rules.indicators import REPORTING
from prevenance.domains.territories.models import Containment
from tests.factories import coordinator_of, territory
from tests.factories.strategy import IndicatorFactory, PlanFactory, PlanIndicatorFactory, SheetFactory, in_force

pytestmark = pytest.mark.django_db

TODAY = dt.date(2025, 6, 15)
PLACES = [("commune", "42218"), ("commune", "42187"), ("commune", "69266"), ("epci", "244200770"),
          ("departement", "42"), ("region", "84")]  # fmt: skip
LEVELS = ("local", "departement", "region")


def kept():
    return {(row.indicator_id, row.territory_id): row.expected for row in Reporters.objects.all()}


def counted(on):
    """The same, counted from the rows one by one."""
    found = defaultdict(set)
    for followed in PlanIndicator.objects.select_related("plan__territory", "indicator"):
        plan, place = followed.plan, followed.plan.territory
        begun = plan.in_force_from is not None and plan.in_force_from <= on
        if begun and (plan.ended_on is None or plan.ended_on >= on):
            if place.kind not in REPORTING[followed.indicator.level]:
                continue
            for around in Containment.objects.filter(contained=place):
                found[followed.indicator_id, around.container_id].add(place.pk)
    return {key: len(places) for key, places in found.items()}


A_PLAN = some.tuples(
    some.sampled_from(PLACES),
    some.none() | some.integers(-3, 2),  # in force since, in days from today
    some.none() | some.integers(0, 4),  # how long it lasted
    some.sets(some.sampled_from(LEVELS)),  # followed by the plan
    some.sets(some.sampled_from(LEVELS)),  # followed by one of its sheets
)


@settings(max_examples=25, deadline=None)
@given(first=some.lists(A_PLAN, max_size=5), then=some.lists(A_PLAN, max_size=3), later=some.integers(0, 3))
def test_what_is_kept_is_what_one_counts(first, then, later):
    with transaction.atomic():
        indicators = {level: IndicatorFactory(plan=PlanFactory(), level=level) for level in LEVELS}
        for plans, on in ((first, TODAY), (then, TODAY + dt.timedelta(days=later))):
            for place, since, lasted, by_plan, by_sheet in plans:
                plan = PlanFactory(territory=territory(*place))
                if since is not None:
                    in_force(plan, TODAY + dt.timedelta(days=since))
                    if lasted is not None:
                        plan.ended_on = plan.in_force_from + dt.timedelta(days=lasted)
                        plan.save()
                for level in by_plan:
                    PlanIndicatorFactory(plan=plan, indicator=indicators[level])
                for level in by_sheet:
                    PlanIndicatorFactory(plan=plan, indicator=indicators[level], sheet=SheetFactory(plan=plan))
            recount_reporters(on=on)
            assert kept() == counted(on)
            assert recount_reporters(on=on) == 0  # what is right is not written again
        transaction.set_rollback(True)


def waits():
    return ProcrastinateJob.objects.filter(task_name="strategy.recount_progress", status="todo").exists()


def test_what_changes_who_reports_has_it_counted_again(plan, council, mayor, django_capture_on_commit_callbacks):
    lead = coordinator_of(council)
    in_force(plan)
    theirs = IndicatorFactory(plan=plan)
    told = actions.Definition(
        label="Sorties inventées", unit="sorties", nature="flow", time_rule="sum", territory_rule="sum",
        period="quarter", level="local", source="Saisie inventée",
    )  # fmt: skip

    def now_waits(act):
        ProcrastinateJob.objects.all().delete()
        with django_capture_on_commit_callbacks(execute=True):
            done = act()
        assert waits()
        jobs.recount_progress()
        return done

    followed = now_waits(lambda: actions.follow_indicator(plan=plan, indicator=theirs, by=lead))
    assert kept()[theirs.pk, plan.territory_id] == 1
    now_waits(lambda: actions.stop_following(followed=followed, by=lead))
    assert kept() == {}
    defined = now_waits(lambda: actions.define_indicator(plan=plan, told=told, by=lead))
    assert kept()[defined.pk, territory("nation", "FR").pk] == 1
    now_waits(lambda: plan_actions.end_plan(plan=plan, on=dt.date.today(), by=mayor))
    assert kept()[defined.pk, plan.territory_id] == 1  # its last day
    Plan.objects.filter(pk=plan.pk).update(ended_on=dt.date.today() - dt.timedelta(days=1))
    jobs.recount_progress()
    assert kept() == {}


def test_a_line_expects_what_is_kept_and_no_less_than_what_answered():
    indicator = IndicatorFactory()
    for code in ("42218", "42187"):
        PlanIndicatorFactory(indicator=indicator, plan=in_force(PlanFactory(territory=territory("commune", code))))
    recount_reporters(on=dt.date.today())
    loire, rhone = territory("departement", "42"), territory("departement", "69")
    lines = [series.Line(place, None, reported, 0) for place, reported in ((loire, 1), (rhone, 1))]
    series.fill_expected(indicator, lines)
    assert [line.expected for line in lines] == [2, 1]
