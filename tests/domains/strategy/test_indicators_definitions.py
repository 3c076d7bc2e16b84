"""Indicators are defined by those who hold a plan, inherited by the plans under it, and mean the same for ever."""

import dataclasses
import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from prevenance.core.refusals import Refused
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.strategy.actions import indicators as actions
from prevenance.domains.strategy.actions.indicators import Aim, Definition
from prevenance.domains.strategy.models import Amendment, Indicator, PlanIndicator
from prevenance.domains.strategy.rules import indicators as rules
from tests.factories import CouncilFactory, actor, coordinator_of, scope_of, territory
from tests.factories.strategy import (
    IndicatorFactory,
    PlanFactory,
    PlanIndicatorFactory,
    SheetFactory,
    ValueFactory,
    accepted,
    in_force,
    national_plan,
)

pytestmark = pytest.mark.django_db

TOLD = Definition(
    label="Jeunes accompagnés vers l’emploi", unit="personnes", nature="flow", time_rule="sum", territory_rule="sum",
    period="quarter", level="local", source="Mission locale inventée",
)  # fmt: skip


@pytest.fixture
def council():
    return CouncilFactory()


@pytest.fixture
def plan(council):
    return in_force(PlanFactory(council=council))


@pytest.fixture
def holder(council):
    return coordinator_of(council)


def told(**changes):
    return dataclasses.replace(TOLD, **changes)


def test_a_plan_follows_the_indicator_that_it_defines(plan, holder):
    indicator = actions.define_indicator(plan=plan, told=TOLD, by=holder)
    assert PlanIndicator.objects.get().indicator == indicator
    with pytest.raises(Refused, match="déjà un indicateur"):
        actions.define_indicator(plan=plan, told=TOLD, by=holder)


def test_only_those_who_hold_the_plan_define(plan):
    stranger = coordinator_of(CouncilFactory(territory=territory("commune", "42187")))
    for other in (stranger, actor("prefect_office", scope_of(territory("departement", "42")))):
        with pytest.raises(Refused, match="tiennent ce plan"):
            actions.define_indicator(plan=plan, told=TOLD, by=other)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"nature": "ratio"}, "remplissez les deux"),
        ({"denominator_label": "habitants"}, "Seul un rapport"),
        ({"nature": "stock"}, "ne s’additionne pas dans le temps"),
        ({"level": "departement"}, "plus petit"),
    ],
)
def test_a_definition_that_means_nothing_is_refused(plan, holder, changes, sentence):
    with pytest.raises(Refused, match=sentence):
        actions.define_indicator(plan=plan, told=told(**changes), by=holder)


def test_what_a_sheet_of_a_draft_follows_is_for_those_who_hold_the_plan(plan, council, holder):
    draft = Amendment.objects.create(plan=plan, number=1, title="Un projet", prepared_by=holder.person)
    shown, kept = SheetFactory(plan=plan), SheetFactory(plan=plan, brought_by=draft)
    for sheet in (None, shown, kept):
        PlanIndicatorFactory(plan=plan, indicator=IndicatorFactory(plan=plan), sheet=sheet)
    reader = actor("group_member", council.scope)
    assert {row.sheet for row in PlanIndicator.objects.visible_to(reader)} == {None, shown}
    assert PlanIndicator.objects.visible_to(holder).count() == 3


def test_once_a_value_is_accepted_only_words_change(plan, holder):
    indicator = actions.define_indicator(plan=plan, told=TOLD, by=holder)
    indicator = actions.edit_indicator(indicator=indicator, told=told(unit="jeunes"), seen=1, by=holder)
    with pytest.raises(Stale):
        actions.edit_indicator(indicator=indicator, told=TOLD, seen=1, by=holder)
    accepted(ValueFactory(indicator=indicator))
    with pytest.raises(Refused, match="ne changent plus"):
        actions.edit_indicator(indicator=indicator, told=TOLD, seen=2, by=holder)
    words = told(unit="jeunes", label="Jeunes vers l’emploi", source="Autre source", due_days=45)
    assert actions.edit_indicator(indicator=indicator, told=words, seen=2, by=holder).due_days == 45


def test_an_abandoned_indicator_no_longer_changes_nor_is_followed(plan, holder):
    indicator = actions.define_indicator(plan=plan, told=TOLD, by=holder)
    actions.retire_indicator(indicator=indicator, by=holder)
    with pytest.raises(Refused, match="abandonné"):
        actions.retire_indicator(indicator=indicator, by=holder)
    assert not rules.offered(plan).exists()


def test_a_plan_inherits_from_those_it_stands_under_and_from_the_nation(plan, holder):
    nation = IndicatorFactory(plan=national_plan(), label="De la nation")
    county = in_force(PlanFactory(kind="departement", territory=territory("departement", "42")))
    above = IndicatorFactory(plan=county, label="Du département")
    stranger = IndicatorFactory(plan=in_force(PlanFactory(territory=territory("commune", "42187"))))
    assert list(rules.offered(plan)) == [nation]
    plan.parent = county
    plan.save()
    assert list(rules.offered(plan)) == [nation, above]
    aim = Aim(
        baseline=Decimal(10), baseline_on=dt.date(2024, 12, 31), target=Decimal(40), target_on=dt.date(2026, 12, 31)
    )
    followed = actions.follow_indicator(plan=plan, indicator=above, aim=aim, by=holder)
    assert followed.target == 40
    with pytest.raises(Stale, match="suit déjà"):
        actions.follow_indicator(plan=plan, indicator=above, by=holder)
    sheet = SheetFactory(plan=plan)
    assert actions.follow_indicator(plan=plan, indicator=above, sheet=sheet, by=holder).sheet == sheet
    with pytest.raises(Refused, match="ses propres indicateurs"):
        actions.follow_indicator(plan=plan, indicator=stranger, by=holder)
    with pytest.raises(Refused, match="autre plan"):
        actions.follow_indicator(plan=plan, indicator=nation, sheet=SheetFactory(), by=holder)


def test_a_target_has_its_day(plan, holder):
    followed = PlanIndicatorFactory(indicator=IndicatorFactory(plan=plan))
    actions.set_aim(followed=followed, aim=Aim(target=Decimal(5), target_on=dt.date(2026, 1, 1)), by=holder)
    with pytest.raises(IntegrityError), transaction.atomic():
        PlanIndicator.objects.filter(pk=followed.pk).update(target_on=None)


def test_what_has_values_stays_followed_and_a_second_click_says_it_is_done(plan, holder):
    first, second = (PlanIndicatorFactory(indicator=IndicatorFactory(plan=plan)) for _turn in range(2))
    ValueFactory(indicator=first.indicator)
    with pytest.raises(Refused, match="reste suivi"):
        actions.stop_following(followed=first, by=holder)
    actions.stop_following(followed=second, by=holder)
    with pytest.raises(Stale):
        actions.stop_following(followed=second, by=holder)
    assert Indicator.objects.count() == 2


def test_an_ended_plan_defines_nothing_more(plan, holder):
    plan.ended_on = dt.date(2025, 12, 31)
    plan.save()
    with pytest.raises(Refused, match="terminé"):
        actions.define_indicator(plan=plan, told=TOLD, by=holder)


def test_periods_are_asked_from_the_plan_s_beginning_and_late_after_their_delay(plan):
    indicator = IndicatorFactory(plan=plan, period="quarter", due_days=30)
    today = dt.date(2025, 8, 20)
    asked = rules.periods_asked(plan, indicator, today)
    assert asked == [dt.date(2025, 1, 1), dt.date(2025, 4, 1), dt.date(2025, 7, 1)]
    states = [rules.state_of_period(indicator, start, start.month == 1, today) for start in asked]
    assert states == ["entered", "late", "running"]
    assert rules.state_of_period(indicator, dt.date(2025, 4, 1), False, dt.date(2025, 7, 10)) == "missing"
    indicator.retired_on = dt.date(2025, 5, 1)
    assert rules.periods_asked(plan, indicator, today)[-1] == dt.date(2025, 4, 1)
