"""Values grow with the country and the years: an index serves every read of them."""

import datetime as dt

import pytest
from django.db import connection
from django.urls import reverse

from prevenance.domains.strategy import jobs
from prevenance.domains.strategy.analysis import totals
from prevenance.domains.strategy.models import IndicatorValue
from tests import plans
from tests.factories import CouncilFactory, PersonFactory, actor, coordinator_of, scope_of, territory
from tests.factories.strategy import (
    IndicatorFactory,
    PlanFactory,
    PlanIndicatorFactory,
    ValueFactory,
    in_force,
    national_plan,
)

pytestmark = pytest.mark.django_db

FILL = """
INSERT INTO strategy_indicatorvalue (indicator_id, plan_id, territory_id, former_code, category, starts_on, numerator,
                                     estimated, note, state, entered_by_id, entered_at, reason)
SELECT i, %(plan)s, t.id, '', '', '2025-01-01', 3, false, '', 'draft', %(by)s, now(), ''
FROM territories_territory t, unnest(%(indicators)s::bigint[]) i WHERE t.kind = 'commune' AND t.code < '13'
"""


@pytest.fixture
def country():
    """Communes report several indicators of the nation; the town has a plan of its own."""
    nation = national_plan()
    indicators = [IndicatorFactory(plan=nation) for _turn in range(6)]
    council = CouncilFactory()
    plan = in_force(PlanFactory(council=council))
    for indicator in indicators:
        PlanIndicatorFactory(plan=plan, indicator=indicator)
    with connection.cursor() as cursor:
        asked = {"plan": nation.pk, "by": PersonFactory().pk, "indicators": [one.pk for one in indicators]}
        cursor.execute(FILL, asked)
        cursor.execute("UPDATE strategy_indicatorvalue SET state = 'accepted', settled_at = now()")
        cursor.execute("ANALYZE strategy_indicatorvalue")
    ValueFactory(indicator=indicators[0], plan=plan)
    IndicatorValue.objects.filter(plan=plan).update(state="submitted")
    jobs.roll_up(indicators[0].pk)
    return council, plan, indicators[0]


def addresses(plan, indicator):
    town = (
        reverse("strategy:indicators"),
        reverse("strategy:indicator", args=[indicator.pk]),
        reverse("strategy:indicator", args=[indicator.pk]) + "?etat=attente",
        reverse("strategy:indicator_totals", args=[indicator.pk]),
        reverse("strategy:plan_indicators", args=[plan.pk]),
        reverse("strategy:values_enter", args=[plan.pk, "quarter", "2025-01-01"]),
        reverse("strategy:indicator_edit", args=[indicator.pk]),
    )
    above = (reverse("strategy:values_waiting"), reverse("strategy:values_settle", args=[plan.pk]))
    return {"town": town, "prefect": above, "nation": (*town[:4], *above, town[6])}


@pytest.mark.parametrize("who", ["town", "prefect", "nation"])
def test_an_index_serves_every_page(country, who, sign_in, monkeypatch):
    council, plan, indicator = country
    monkeypatch.setattr(plans, "LARGE", {"strategy_indicatorvalue", "strategy_indicatortotal"})
    client = sign_in(
        {
            "town": lambda: coordinator_of(council),
            "prefect": lambda: actor("prefect_office", scope_of(territory("departement", "42"))),
            "nation": lambda: actor("national_secretariat", scope_of(territory("nation", "FR"))),
        }[who]()
    )
    queries = []

    def note(execute, sql, parameters, many, context):
        queries.append((sql, parameters))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(note):
        for address in addresses(plan, indicator)[who]:
            assert client.get(address).status_code in (200, 403), address
    asked = [query for query in queries if "strategy_indicatorvalue" in query[0]]
    assert asked
    with connection.cursor() as cursor:
        whole = [line for sql, values in queries for line in plans.whole_reads(cursor, sql, values, unless_index=True)]
    assert whole == []


def test_a_roll_up_reads_one_period_by_an_index(country, monkeypatch):
    """Whichever index: statistics of rows that are not committed are not the nation's."""
    _council, _plan, indicator = country
    monkeypatch.setattr(plans, "LARGE", {"strategy_indicatorvalue"})
    asked = {"indicator": indicator.pk, "starts": [dt.date(2025, 1, 1)]}
    with connection.cursor() as cursor:
        for query in (totals.SUMMED, totals.EACH, totals.REPORTED):
            assert plans.whole_reads(cursor, query.strip(), asked, unless_index=True) == []
