"""Values are entered by those who hold a plan, counted once, accepted from above, corrected by new ones."""

import datetime as dt
from decimal import Decimal

import psycopg
import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from prevenance.core.refusals import Refused, reason
from prevenance.domains.governance.rules.confidential import NamesSomebody
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.strategy.actions import values as actions
from prevenance.domains.strategy.models import Indicator, IndicatorValue, Plan, PlanIndicator
from prevenance.domains.strategy.rules import values as rules
from prevenance.domains.strategy.rules.values import Line
from prevenance.domains.territories.models import Containment
from tests.factories import CouncilFactory, PersonFactory, actor, coordinator_of, scope_of, territory
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

Q1, Q2 = dt.date(2025, 1, 1), dt.date(2025, 4, 1)
State = IndicatorValue.State


def plan_of(council):
    return in_force(PlanFactory(territory=council.territory, scope=council.scope.holder, council=council))


@pytest.fixture
def council():
    return CouncilFactory()


@pytest.fixture
def plan(council):
    return plan_of(council)


@pytest.fixture
def holder(council):
    return coordinator_of(council)


@pytest.fixture
def national():
    """An indicator of the nation, collected by communes."""
    return IndicatorFactory(plan=national_plan(), label="Jeunes suivis ; l’année")


@pytest.fixture
def prefect():
    return actor("prefect_office", scope_of(territory("departement", "42")))


@pytest.fixture
def secretariat():
    return actor("national_secretariat", scope_of(territory("nation", "FR")))


def line(plan, indicator, figure="12", **more):
    told = {"territory": plan.territory_id, "starts": Q1} | more
    return Line(indicator=indicator, numerator=None if figure is None else Decimal(figure), **told)


def enter(plan, by, *lines, seen=None):
    for one in lines:
        PlanIndicator.objects.get_or_create(plan=plan, indicator=one.indicator, sheet_id=one.sheet)
    return actions.enter_values(plan=plan, lines=lines, seen=seen or [""] * len(lines), by=by)


def submitted(plan, by, *lines):
    enter(plan, by, *lines)
    actions.submit_values(plan=plan, period="quarter", starts=Q1, by=by)
    return [value.pk for value in IndicatorValue.objects.filter(plan=plan, state=State.SUBMITTED)]


def test_zero_is_kept_and_nothing_is_no_row(plan, holder, national):
    assert enter(plan, holder, line(plan, national, "0"), line(plan, national, None, starts=Q2)) == 1
    value = IndicatorValue.objects.get()
    assert (value.numerator, value.state, value.entered_by) == (0, State.DRAFT, holder.person)
    assert enter(plan, holder, line(plan, national, None), seen=[rules.token(value)]) == 1  # emptied
    assert not IndicatorValue.objects.exists()


def test_a_second_click_changes_nothing_and_an_older_form_overwrites_nothing(plan, holder, national):
    assert enter(plan, holder, line(plan, national)) == 1
    assert enter(plan, holder, line(plan, national)) == 0
    with pytest.raises(Stale):
        enter(plan, holder, line(plan, national, "13"))
    value = IndicatorValue.objects.get()
    assert enter(plan, holder, line(plan, national, "13"), seen=[rules.token(value)]) == 1
    with pytest.raises(Stale):
        enter(plan, holder, line(plan, national, None), seen=[rules.token(value)])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"denominator": Decimal(4)}, "n’est pas un rapport"),
        ({"category": "girls"}, "ventilation"),
        ({"starts": dt.date(2025, 2, 1)}, "ne commence aucune période"),
        ({"starts": dt.date(2090, 1, 1)}, "n’a pas commencé"),
        ({"figure": "1e13"}, "trop grand"),
        ({"note": "Kévin B. compté deux fois"}, "Kévin B."),
    ],
)
def test_figures_that_mean_nothing_are_refused(plan, holder, national, change, sentence):
    with pytest.raises(Refused, match=sentence):
        enter(plan, holder, line(plan, national, **change))
    assert not IndicatorValue.objects.exists()


def test_a_ratio_has_two_numbers(plan, holder):
    ratio = IndicatorFactory(plan=plan, nature="ratio", denominator_label="habitants", numerator_label="faits")
    for below, sentence in ((None, "deux nombres"), (Decimal(0), "plus grand que zéro")):
        with pytest.raises(Refused, match=sentence):
            enter(plan, holder, line(plan, ratio, denominator=below))
    enter(plan, holder, line(plan, ratio, denominator=Decimal(40)))
    assert IndicatorValue.objects.get().denominator == 40


def test_a_plan_reports_only_what_it_follows(plan, holder, national):
    with pytest.raises(Refused, match="ne suit pas l’indicateur"):
        actions.enter_values(plan=plan, lines=[line(plan, national)], seen=[""], by=holder)
    sheet = SheetFactory(plan=plan)
    PlanIndicatorFactory(plan=plan, indicator=national)
    with pytest.raises(Refused, match="Cette fiche ne suit pas"):
        actions.enter_values(plan=plan, lines=[line(plan, national, sheet=sheet.pk)], seen=[""], by=holder)


def test_only_those_who_hold_a_plan_in_force_enter(plan, national, prefect, secretariat):
    elsewhere = coordinator_of(CouncilFactory(territory=territory("commune", "42187")))
    for other in (elsewhere, prefect, secretariat, actor("group_member", scope_of(plan.territory))):
        with pytest.raises(Refused, match="tiennent ce plan"):
            enter(plan, other, line(plan, national))
    draft = PlanFactory()
    assert "pas en vigueur" in reason(rules.check_can_enter, draft, actor("mayor", draft.scope))


def test_a_value_is_for_a_place_of_the_plan_at_the_collecting_level(plan, holder, national, prefect):
    with pytest.raises(Refused, match="Roanne n’est pas dans le territoire"):
        enter(plan, holder, line(plan, national, territory=territory("commune", "42187").pk))
    county = in_force(PlanFactory(kind="departement", territory=territory("departement", "42")))
    with pytest.raises(Refused, match="Loire n’en est pas"):
        enter(county, prefect, line(county, national))
    assert enter(county, prefect, line(county, national, territory=territory("commune", "42187").pk)) == 1


@pytest.fixture
def crossing():
    """A body across the Loire and another département."""
    link = Containment.objects.filter(
        container=territory("departement", "42"), contained__kind="epci", partial=True, contained__until=None
    ).first()
    return link.contained


def test_a_body_across_departements_says_which_one(crossing, national):
    plan = in_force(PlanFactory(territory=crossing))
    holder = actor("epci_president", plan.scope)
    loire = territory("departement", "42")
    with pytest.raises(Refused, match="plusieurs départements"):
        enter(plan, holder, line(plan, national))
    with pytest.raises(Refused, match="ne se répartit pas"):
        enter(plan, holder, line(plan, national, part=territory("departement", "75").pk))
    assert enter(plan, holder, line(plan, national, part=loire.pk)) == 1
    ground = rules.Ground.of(plan, [crossing.pk])
    parts = [part for _place, part in rules.rows_of(ground, national)]
    assert len(parts) > 1
    assert loire.pk in parts
    county = in_force(PlanFactory(kind="departement", territory=loire))
    prefect = actor("prefect_office", county.scope)
    with pytest.raises(Refused, match="dépasse le territoire"):
        enter(
            county, prefect, line(county, national, territory=crossing.pk, part=next(p for p in parts if p != loire.pk))
        )


def test_a_commune_does_not_report_where_its_body_does_nor_the_other_way(plan, holder, national):
    body = in_force(PlanFactory(territory=territory("epci", "244200770")))
    president = actor("epci_president", body.scope)
    enter(body, president, line(body, national))
    with pytest.raises(Refused, match=r"Métropole.* rapporte déjà .* Saint-Étienne compterait deux fois"):
        enter(plan, holder, line(plan, national))
    enter(plan, holder, line(plan, national, starts=Q2))
    with pytest.raises(Refused, match="Saint-Étienne rapporte déjà"):
        enter(body, president, line(body, national, starts=Q2))


def test_a_whole_and_its_sheets_do_not_both_report_and_two_sheets_do(plan, holder, national):
    first, second = SheetFactory(plan=plan), SheetFactory(plan=plan)
    enter(plan, holder, line(plan, national, sheet=first.pk), line(plan, national, sheet=second.pk))
    with pytest.raises(Refused, match="valeur d’ensemble, ou par partie"):
        enter(plan, holder, line(plan, national))


def test_two_plans_of_a_town_do_not_report_the_same_thing(plan, holder, national, council):
    enter(plan, holder, line(plan, national))
    other = in_force(PlanFactory(title="L’autre plan", council=council))
    with pytest.raises(Refused, match="déjà saisie dans un autre plan"):
        enter(other, holder, line(other, national, "14"))


def test_submitted_values_no_longer_change_until_they_come_back(plan, holder, national, prefect):
    values = submitted(plan, holder, line(plan, national))
    with pytest.raises(Stale, match="rien à transmettre"):
        actions.submit_values(plan=plan, period="quarter", starts=Q1, by=holder)
    token = rules.token(IndicatorValue.objects.get())
    with pytest.raises(Stale, match="transmise"):
        enter(plan, holder, line(plan, national, "13"), seen=[token])
    with pytest.raises(Refused, match="Dites ce qui est à revoir"):
        actions.return_values(plan=plan, values=values, reason=" ", by=prefect)
    with pytest.raises(NamesSomebody):
        actions.return_values(plan=plan, values=values, reason="Où est K. Z. ?", by=prefect)
    actions.return_values(plan=plan, values=values, reason="L’année d’avant ?", by=prefect)
    value = IndicatorValue.objects.get()
    assert (value.state, value.reason) == (State.RETURNED, "L’année d’avant ?")
    enter(plan, holder, line(plan, national, "13"), seen=[rules.token(value)])
    value.refresh_from_db()
    assert (value.state, value.reason, value.settled_by) == (State.DRAFT, "", None)


def test_the_level_above_accepts_and_nobody_else(plan, holder, national, prefect, secretariat):
    values = submitted(plan, holder, line(plan, national))
    far = actor("prefect_office", scope_of(territory("departement", "69")))
    with pytest.raises(Refused, match="niveau au-dessus"):
        actions.accept_values(plan=plan, values=values, by=holder)
    with pytest.raises(Refused, match="ne sont pas de celles qui vous reviennent"):
        actions.accept_values(plan=plan, values=values, by=far)
    assert actions.accept_values(plan=plan, values=values, by=prefect) == 1
    with pytest.raises(Stale):
        actions.accept_values(plan=plan, values=values, by=prefect)  # a second click
    with pytest.raises(Stale):
        actions.return_values(plan=plan, values=values, reason="Trop tard", by=secretariat)


def test_what_a_departement_reports_goes_to_the_national_secretariat(national, prefect, secretariat):
    county = in_force(PlanFactory(kind="departement", territory=territory("departement", "42")))
    own = IndicatorFactory(plan=county, level="departement")
    town = territory("commune", "42187").pk
    values = submitted(county, prefect, line(county, own), line(county, national, territory=town))
    with pytest.raises(Refused, match="vous reviennent"):
        actions.accept_values(plan=county, values=values, by=prefect)
    assert actions.accept_values(plan=county, values=values, by=secretariat) == 2


def test_the_part_of_a_body_is_its_departement_s_to_accept(crossing, national, prefect):
    plan = in_force(PlanFactory(territory=crossing))
    holder = actor("epci_president", plan.scope)
    loire = territory("departement", "42").pk
    other = next(part for part in rules.Ground.of(plan, [crossing.pk]).parts(crossing.pk) if part != loire)
    values = submitted(plan, holder, line(plan, national, part=loire), line(plan, national, part=other))
    mine = list(IndicatorValue.objects.filter(part=loire).values_list("pk", flat=True))
    with pytest.raises(Refused, match="vous reviennent"):
        actions.accept_values(plan=plan, values=values, by=prefect)
    assert actions.accept_values(plan=plan, values=mine, by=prefect) == 1


def test_what_an_indicator_no_longer_asks_is_not_accepted(plan, holder, national, prefect):
    values = submitted(plan, holder, line(plan, national))
    Indicator.objects.filter(pk=national.pk).update(nature="ratio", numerator_label="a", denominator_label="b")
    with pytest.raises(Stale, match=r"deux nombres.*Rendez cette valeur"):
        actions.accept_values(plan=plan, values=values, by=prefect)
    assert actions.return_values(plan=plan, values=values, reason="L’indicateur est devenu un rapport", by=prefect) == 1


def test_a_plan_that_ended_reports_until_its_last_day(plan, holder, national):
    Plan.objects.filter(pk=plan.pk).update(ended_on=dt.date(2025, 2, 15))
    plan.refresh_from_db()
    enter(plan, holder, line(plan, national))
    with pytest.raises(Refused, match="pris fin avant cette période"):
        enter(plan, holder, line(plan, national, starts=Q2))


def test_a_correction_replaces_once_it_is_accepted(plan, holder, national, prefect):
    actions.accept_values(plan=plan, values=submitted(plan, holder, line(plan, national)), by=prefect)
    first = IndicatorValue.objects.get()
    with pytest.raises(Stale, match="corrigez-la"):
        enter(plan, holder, line(plan, national, "15"))
    with pytest.raises(Refused, match="rien à corriger"):
        actions.correct_value(value=first, line=line(plan, national), by=holder)
    actions.correct_value(value=first, line=line(plan, national, "15"), by=holder)
    with pytest.raises(Stale, match="déjà en cours"):
        actions.correct_value(value=first, line=line(plan, national, "16"), by=holder)
    first.refresh_from_db()
    assert first.superseded_at is None
    actions.submit_values(plan=plan, period="quarter", starts=Q1, by=holder)
    second = IndicatorValue.objects.get(state=State.SUBMITTED)
    actions.accept_values(plan=plan, values=[second.pk], by=prefect)
    first.refresh_from_db()
    assert first.superseded_at is not None
    with pytest.raises(Stale, match="déjà été corrigée"):
        actions.correct_value(value=first, line=line(plan, national, "17"), by=holder)


def test_two_reports_entered_at_the_same_moment_are_not_both_accepted(plan, holder, national, prefect):
    body = in_force(PlanFactory(territory=territory("epci", "244200770")))
    ValueFactory(indicator=national, plan=body)
    PlanIndicatorFactory(plan=plan, indicator=national)
    mine = ValueFactory(indicator=national, plan=plan)
    IndicatorValue.objects.update(state=State.SUBMITTED)
    with pytest.raises(Refused, match="compterait deux fois"):
        actions.accept_values(plan=plan, values=[mine.pk], by=prefect)


def test_the_database_itself_keeps_what_was_accepted(plan, national):
    value = accepted(ValueFactory(indicator=national, plan=plan))
    for change in ({"numerator": 5}, {"state": "draft"}):
        with pytest.raises(ProgrammingError) as refused, transaction.atomic():
            IndicatorValue.objects.filter(pk=value.pk).update(**change)
        assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)
    with pytest.raises(ProgrammingError), transaction.atomic():
        IndicatorValue.objects.filter(pk=value.pk).delete()
    with pytest.raises(ProgrammingError), transaction.atomic():
        ValueFactory(indicator=national, plan=plan, state="submitted")
    with pytest.raises(IntegrityError), transaction.atomic():
        accepted(ValueFactory(indicator=national, plan=plan, entered_by=PersonFactory()))


def test_values_are_seen_by_those_who_hold_the_plan_and_the_level_that_accepts_them(plan, holder, national, prefect):
    value = ValueFactory(indicator=national, plan=plan)
    PlanIndicatorFactory(plan=plan, indicator=national)
    reader = actor("group_member", scope_of(plan.territory))
    stranger = coordinator_of(CouncilFactory(territory=territory("commune", "69266")))
    seen = {}
    for state in ("draft", "submitted", "accepted"):
        if state == "accepted":
            accepted(value)
        else:
            IndicatorValue.objects.filter(pk=value.pk).update(state=state)
        seen[state] = [IndicatorValue.objects.visible_to(who).exists() for who in (holder, prefect, reader, stranger)]
    assert seen == {
        "draft": [True, False, False, False],
        "submitted": [True, True, False, False],
        "accepted": [True, True, False, False],
    }


def test_what_waits_above_is_not_read_from_below(national, prefect, secretariat):
    value = ValueFactory(
        indicator=IndicatorFactory(plan=national.plan, level="nation"), plan=national.plan,
        territory=national.plan.territory,
    )  # fmt: skip
    IndicatorValue.objects.update(state="submitted")
    assert [IndicatorValue.objects.visible_to(who).count() for who in (prefect, secretariat)] == [0, 1]
    accepted(value)  # read from below as a total
    assert not IndicatorValue.objects.visible_to(prefect).exists()


def test_a_period_costs_the_same_number_of_queries_whatever_its_values(
    plan, holder, national, django_assert_max_num_queries
):
    sheets = [SheetFactory(plan=plan) for _turn in range(20)]
    for sheet in sheets:
        PlanIndicatorFactory(plan=plan, indicator=national, sheet=sheet)
    lines = [line(plan, national, sheet=sheet.pk) for sheet in sheets]
    with django_assert_max_num_queries(30):
        actions.enter_values(plan=plan, lines=lines, seen=[""] * 20, by=holder)
