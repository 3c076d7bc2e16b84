"""What hangs on a plan is read the same way whether the plan was found for the actor or each row is asked again; and
queries put together once find what they say, for every role."""

import pytest
from django.utils import timezone

from prevenance.domains.accounts.roles import ROLES
from prevenance.domains.strategy.analysis import catalogue, followed, my_day, plans, series, sheets
from prevenance.domains.strategy.models import (
    Amendment,
    Indicator,
    IndicatorValue,
    Plan,
    PlanDocument,
    PlanIndicator,
    Sheet,
)
from tests.factories import actor, coordinator_of, scope_of, territory
from tests.factories.strategy import IndicatorFactory, PlanIndicatorFactory, SheetFactory, ValueFactory, in_force

pytestmark = pytest.mark.django_db
KINDS = (Amendment, Indicator, IndicatorValue, PlanDocument, PlanIndicator, Sheet)


@pytest.fixture
def living(plan):
    """In force, with a sheet and an indicator of its own, a draft amendment, and a sheet that the draft brings."""
    in_force(plan)
    draft = Amendment.objects.create(plan=plan, number=1, title="Avenant inventé", prepared_by=plan.created_by)
    told, drafted = SheetFactory(plan=plan), SheetFactory(plan=plan, brought_by=draft)
    indicator = IndicatorFactory(plan=plan)
    for sheet in (None, told, drafted):
        PlanIndicatorFactory(indicator=indicator, plan=plan, sheet=sheet)
    ValueFactory(indicator=indicator)
    return plan


def somebody(role, council):
    if "council" in ROLES[role].scopes:
        return actor(role, scope=council.scope)
    return actor(role, scope=scope_of(territory("departement", "42")))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("model", KINDS, ids=lambda model: model.__name__)
def test_within_a_plan_one_sees_what_one_sees_of_it_among_all(role, model, living, council):
    who = somebody(role, council)
    among_all = set(model.objects.visible_to(who).filter(plan=living))
    assert set(model.objects.visible_to(who, living)) == among_all
    for found in Plan.objects.visible_to(who).filter(pk=living.pk):
        assert set(model.objects.visible_to(who, found.found_for(who))) == among_all


@pytest.mark.parametrize("model", KINDS, ids=lambda model: model.__name__)
def test_a_plan_found_for_somebody_says_nothing_for_another(model, living, council):
    lead, stranger = coordinator_of(council), actor("coordinator", scope_of(territory("commune", "62041")))
    living.found_for(lead)
    assert not living.was_found_for(stranger)
    seen = set(model.objects.visible_to(stranger, living))
    assert seen == set(model.objects.visible_to(stranger).filter(plan=living))


@pytest.mark.parametrize("role", ROLES)
def test_queries_of_plans_are_put_together_for_every_role(role, living, council):
    who, today, sheet = somebody(role, council), timezone.localdate(), living.sheets.first()
    indicator, held = living.followed.first().indicator_id, living.is_held_by(who)
    starts = timezone.localdate().replace(month=1, day=1)
    asked = [
        (plans.found, (living.pk, who), {"related": ("territory", "council")}),
        (plans.around, (living.pk, living.parent_id, who), {}),
        (plans.around, (living.pk, living.pk, who), {}),
        (plans.amendments_of, (living.pk,), {"held": held}),
        (plans.first_going_on, (who,), {"rows": 3}),
        (plans.going_on, (who,), {}),
        (plans.lines, ([living.pk], who), {}),
        (plans.sheets_of, ([living.pk],), {}),
        (sheets.first_lines, (living.pk, today), {"held": held, "rows": 3}),
        (sheets.measures_served, (living.pk,), {"held": held}),
        (sheets.leads_of, (living.pk,), {"held": held}),
        (sheets.read, (living.pk, who), {"number": sheet.number, "held": held}),
        (sheets.steps_of, (sheet.pk,), {}),
        (followed.first_lines, (living.pk,), {"held": held, "rows": 3}),
        (followed.counted, (living.pk,), {"held": held}),
        (followed.asked_for, (living.pk,), {"held": held, "kind": "quarter"}),
        (followed.values_followed, (living.pk, [indicator], indicator, [sheet.pk], who), {"held": held}),
        (followed.values_followed, (living.pk, [], indicator, [sheet.pk], who), {"held": held}),
        (followed.values_followed, (living.pk, [], indicator, [], who), {"held": held}),
        (series.found, (indicator, who), {"served": True}),
        (series.followed_where_one_acts, (indicator, who), {}),
        (series.first_on, (indicator, starts, who), {"waits": False, "rows": 3}),
        (series.first_on, (indicator, None, who), {"waits": True, "rows": 3}),
        (series.counted_on, (indicator, starts, who), {"waits": False}),
        (catalogue._served_here, (who,), {}),
        (catalogue._progress_here, (who,), {}),
        (my_day._to_follow, (who, today), {"most": 3, "only_late": True}),
    ]
    for query, values, options in asked:
        assert query(*values, **options) == list(query.uncomposed(*values, **options)), query.__name__


@pytest.mark.parametrize("role", ROLES)
def test_what_is_counted_where_one_acts_is_what_one_sees_there(role, living, council):
    for who in (somebody(role, council), actor("coordinator", scope=council.scope)):
        seen = Sheet.objects.visible_to(who).standing().filter(plan__territory=who.territory_id)
        if who.can("see_plans"):  # who asks no more than that otherwise (catalogue.sheets_by_action)
            assert len(catalogue._served_here(who)) == seen.values("pk", "serves").count()
        else:
            assert catalogue.sheets_by_action(who) == {}


@pytest.mark.parametrize("role", ROLES)
def test_what_ones_plan_follows_is_what_one_sees_of_it(role, living, council):
    indicator = living.followed.first().indicator_id
    for who in (somebody(role, council), actor("coordinator", scope=council.scope)):
        seen = PlanIndicator.objects.visible_to(who).filter(indicator=indicator, sheet=None)
        here = list(seen.filter(plan__territory=who.territory_id).order_by("pk")[:1])
        assert list(series.followed_where_one_acts(indicator, who)) == here
