"""Who opens a plan, of which kind, on which plan; who changes it and ends it."""

import datetime as dt

import psycopg
import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from prevenance.core.refusals import Refused, reason
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.strategy.actions import plans as actions
from prevenance.domains.strategy.actions.plans import Told
from prevenance.domains.strategy.models import Amendment, Plan, Strategy
from prevenance.domains.strategy.rules import plan_kinds
from prevenance.domains.strategy.rules import plans as rules
from tests.factories import CouncilFactory, actor, coordinator_of, scope_of, territory
from tests.factories.strategy import PlanFactory, in_force, national_plan

pytestmark = pytest.mark.django_db

TODAY = dt.date.today()
TOLD = Told(title="Stratégie de l’agglomération d’Hérouville", begins=TODAY, ends=TODAY + dt.timedelta(1800))


def strategy():
    return Strategy.objects.get(key="2020-2024")


def opened(kind, by, **told):
    return actions.open_plan(kind=kind, told=Told(**{**vars(TOLD), **told}), strategy=strategy(), by=by)


def departement_plan():
    loire = territory("departement", "42")
    return in_force(PlanFactory(kind="departement", title="Plan de la Loire", territory=loire, scope=scope_of(loire)))


# ------------------------------------------------------------------------------------------------ opening


def test_kinds_are_dated_data_whole():
    kinds = plan_kinds.latest()
    assert set(kinds) == set(Plan.Kind.values)
    for kind in kinds.values():
        assert kind.source
        assert kind.outline
        assert set(kind.parents) <= set(kinds)
        assert set(kind.act) <= set(kind.holders)
        for holder, form in kind.act.items():
            assert plan_kinds.act_form(kind, holder, TODAY).key == form
    assert "security_contract" not in plan_kinds.kinds_on(dt.date(2020, 1, 1))
    assert plan_kinds.part_label(kinds["local_strategy"], "sheet:4:objective") == "Fiche 4, objectif"


def test_a_coordinator_opens_for_whoever_holds_the_council():
    council = CouncilFactory()
    plan = opened("local_strategy", coordinator_of(council))
    assert (plan.scope, plan.territory, plan.council) == (council.scope.holder, council.territory, council)
    assert plan.in_force_from is None
    first = plan.amendments.get()
    assert (first.number, first.state) == (0, Amendment.State.DRAFT)
    for role, scope in (("mayor", council.scope.holder), ("deputy", council.scope)):
        holder = actor(role, scope)
        assert rules.holds_plan(plan, holder)
        assert Plan.objects.visible_to(holder).get() == plan
    away = coordinator_of(CouncilFactory(territory=territory("commune", "42187")))
    assert not rules.holds_plan(plan, away)
    assert not Plan.objects.visible_to(away).exists()
    prefect = actor("prefect_office", scope_of(territory("departement", "42")))
    assert not Plan.objects.visible_to(prefect).exists()  # a draft is its holders' alone


def test_a_mayor_names_the_council_that_carries_the_plan():
    council = CouncilFactory()
    mayor = actor("mayor", council.scope.holder)
    place = rules.place_of(mayor)
    assert rules.councils_for(place, plan_kinds.latest()["local_strategy"], TODAY) == [council]
    assert opened("local_strategy", mayor, council=council).council == council
    cddf = CouncilFactory(kind="CDDF")
    with pytest.raises(Refused, match="ne porte pas"):
        opened("tranquillity", mayor, council=cddf)
    with pytest.raises(Refused, match="ne porte pas"):
        opened("local_strategy", coordinator_of(cddf))
    assert opened("tranquillity", mayor).council is None


@pytest.mark.parametrize(
    "role, where, kind, said",
    [
        ("mayor", ("commune", "42218"), "departement", "est tenu par\u00a0: le département"),
        ("prefect_office", ("departement", "42"), "local_strategy", "la commune, l’intercommunalité"),
        ("prefect_office", ("departement", "42"), "national", "la nation"),
        ("epci_president", ("epci", "244200770"), "victims", "le département"),
        ("prosecutor_office", ("departement", "42"), "departement", "sous un mandat de coordination"),
        ("group_member", ("commune", "42218"), "local_strategy", "sous un mandat de coordination"),
        ("mayor", ("commune", "42218"), "unknown", "pas connue"),
    ],
)
def test_a_kind_is_refused_where_it_does_not_belong(role, where, kind, said):
    place = territory(*where)
    scope = CouncilFactory().scope if role == "group_member" else scope_of(place)
    with pytest.raises(Refused, match=said):
        opened(kind, actor(role, scope))


@pytest.mark.parametrize(
    "role, where, kind",
    [
        ("prefect_office", ("departement", "42"), "departement"),
        ("prefect_office", ("departement", "42"), "victims"),
        ("epci_president", ("epci", "244200770"), "local_strategy"),
        ("mayor", ("commune", "42218"), "security_contract"),
        ("national_secretariat", ("nation", "FR"), "national"),
    ],
)
def test_each_level_opens_its_own_kinds(role, where, kind):
    by = actor(role, scope_of(territory(*where)))
    assert reason(rules.check_can_open_plan, rules.place_of(by), kind, by) == ""
    assert opened(kind, by).kind == kind


def test_one_in_preparation_of_a_kind_unless_several():
    mayor = actor("mayor", scope_of(territory("commune", "42218")))
    opened("local_strategy", mayor)
    with pytest.raises(Refused, match="déjà en préparation"):  # a second click
        opened("local_strategy", mayor)
    opened("local_plan", mayor)
    opened("local_plan", mayor)


def test_a_plan_stands_under_one_in_force_around_it():
    above, nation = departement_plan(), national_plan()
    by = actor("mayor", scope_of(territory("commune", "42218")))
    kind = plan_kinds.latest()["local_strategy"]
    assert rules.parents_for(kind, territory("commune", "42218"), TODAY) == [above]
    assert rules.parents_for(kind, territory("commune", "69123"), TODAY) == []
    assert opened("local_strategy", by, parent=above).parent == above
    assert rules.parents_for(plan_kinds.latest()["departement"], territory("departement", "42"), TODAY) == [nation]
    with pytest.raises(Refused, match="ne peut relever que"):
        opened("local_plan", by, parent=nation)
    local = in_force(PlanFactory())
    nearest = rules.parents_for(plan_kinds.latest()["local_plan"], territory("commune", "42218"), TODAY)
    assert nearest == [local, above]


def test_days_the_wrong_way_round_are_refused_by_rule_and_by_the_database():
    by = actor("mayor", scope_of(territory("commune", "42218")))
    with pytest.raises(Refused, match="précède le premier"):
        opened("local_strategy", by, ends=TODAY - dt.timedelta(1))
    with pytest.raises(IntegrityError), transaction.atomic():
        PlanFactory(begins=TODAY, ends=TODAY - dt.timedelta(1))


# ------------------------------------------------------------------------------------------------ changing, ending


def test_an_older_form_does_not_overwrite():
    plan = PlanFactory()
    by = actor("mayor", plan.scope)
    told = Told(title="L’autre titre", begins=plan.begins, ends=plan.ends, compatibility="En tout point.")
    assert actions.edit_plan(plan=plan, told=told, seen=1, by=by).edit == 2
    with pytest.raises(Stale):
        actions.edit_plan(plan=plan, told=told, seen=1, by=by)
    with pytest.raises(Refused, match="Seuls ceux"):
        actions.edit_plan(plan=plan, told=told, seen=2, by=actor("mayor", scope_of(territory("commune", "42187"))))


def test_in_force_its_title_and_dates_stay_and_its_compatibility_may_be_said():
    plan = in_force(PlanFactory())
    by = actor("mayor", plan.scope)
    same = {"title": plan.title, "begins": plan.begins, "ends": plan.ends}
    kept = actions.edit_plan(plan=plan, told=Told(**same, compatibility="Les mêmes priorités."), seen=1, by=by)
    assert kept.compatibility == "Les mêmes priorités."
    with pytest.raises(Refused, match="ceux de son acte"):
        actions.edit_plan(plan=plan, told=Told(**same | {"title": "Autre"}), seen=2, by=by)
    plan.refresh_from_db()
    plan.kind = Plan.Kind.LOCAL_PLAN
    with pytest.raises(ProgrammingError) as refused, transaction.atomic():
        plan.save()
    assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)


def test_its_holder_ends_it_on_a_past_day_and_then_it_only_reads():
    council = CouncilFactory()
    plan = in_force(PlanFactory(council=council), TODAY - dt.timedelta(100))
    mayor = actor("mayor", plan.scope)
    with pytest.raises(Refused, match="Seule l’autorité"):
        actions.end_plan(plan=plan, on=TODAY, by=coordinator_of(council))
    with pytest.raises(Refused, match="à venir"):
        actions.end_plan(plan=plan, on=TODAY + dt.timedelta(1), by=mayor)
    with pytest.raises(Refused, match="avant d’être entré"):
        actions.end_plan(plan=plan, on=TODAY - dt.timedelta(101), by=mayor)
    ended = actions.end_plan(plan=plan, on=TODAY - dt.timedelta(1), by=mayor)
    assert "a pris fin le" in reason(rules.check_can_change_plan, ended, mayor)
    with pytest.raises(Stale):
        actions.end_plan(plan=plan, on=TODAY, by=mayor)
    with pytest.raises(Refused, match="n’est pas en vigueur"):
        actions.end_plan(plan=PlanFactory(), on=TODAY, by=mayor)
    states = {state: Plan.objects.in_state(state).count() for state in Plan.State.values}
    assert states == {"draft": 1, "in_force": 0, "ended": 1, "dropped": 0}
