"""How far the measures are: counted for a territory and for each one inside it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from prevenance.domains.strategy.actions.totals import recount_progress
from prevenance.domains.strategy.models import MeasureProgress, StrategyAction
from tests.factories import CouncilFactory, actor, coordinator_of, scope_of, territory
from tests.factories.strategy import PlanFactory, SheetFactory, in_force

pytestmark = pytest.mark.django_db
PAGE = "strategy:progress"


@pytest.fixture
def served():
    """Two towns of the Loire serve measures 23 and 25; a draft serves nothing yet."""
    night, plan_of = StrategyAction.objects.get(number="23.1"), StrategyAction.objects.get(number="25.1")
    for code, states in (("42218", ("under_way", "done")), ("42187", ("planned",))):
        plan = in_force(PlanFactory(territory=territory("commune", code)))
        for state in states:
            SheetFactory(plan=plan, state=state).serves.add(night, plan_of)
    SheetFactory(plan=PlanFactory(territory=territory("commune", "42207"))).serves.add(night)
    recount_progress(on=timezone.localdate())


def rows_of(client, query=""):
    return client.get(reverse(PAGE) + query).context["rows"]


def test_the_territory_acted_in_reads_its_own_measures(served, sign_in):
    client = sign_in(coordinator_of(CouncilFactory()))
    found = {row["measure__number"]: (row["sheets"], row["done"]) for row in rows_of(client)}
    assert found == {23: (2, 1), 25: (2, 1)}


def test_the_departement_and_the_nation_compare_what_they_contain(served, sign_in):
    prefect = sign_in(actor("prefect_office", scope_of(territory("departement", "42"))))
    assert {row["measure__number"]: (row["plans"], row["sheets"]) for row in rows_of(prefect)}[23] == (2, 3)
    towns = rows_of(prefect, "?mesure=23&niveau=commune")
    assert [(row["label"], row["sheets"]) for row in towns] == [("Roanne", 1), ("Saint-Étienne", 2)]
    nation = sign_in(actor("national_secretariat", scope_of(territory("nation", "FR"))))
    assert [(row["label"], row["sheets"]) for row in rows_of(nation, "?mesure=23")] == [("Loire", 3)]
    file = nation.get(reverse(PAGE) + "?mesure=23&format=csv")
    assert "Loire" in file.content.decode("utf-8-sig")


def test_a_stranger_sees_nothing_of_another_departement(served, sign_in):
    prefect = sign_in(actor("prefect_office", scope_of(territory("departement", "69"))))
    assert rows_of(prefect) == []
    assert rows_of(prefect, "?mesure=23&niveau=commune") == []
    assert "Aucune fiche comptée ici" in prefect.get(reverse(PAGE)).content.decode()


def test_a_role_that_reads_no_plan_is_told_so(sign_in):
    client = sign_in(actor("data_protection_officer", scope_of(territory("commune", "42218"))))
    answer = client.get(reverse(PAGE))
    assert answer.status_code == 403
    assert "ne donne pas accès à l’avancement" in answer.content.decode()


def test_the_page_costs_the_same_for_many_lines(served, sign_in):
    client = sign_in(actor("national_secretariat", scope_of(territory("nation", "FR"))))
    client.get(reverse(PAGE))
    with CaptureQueriesContext(connection) as few:
        client.get(reverse(PAGE) + "?mesure=23")
    row = MeasureProgress.objects.filter(measure__number=23).first()
    for code in ("01", "07", "26", "38", "69", "73", "74"):
        MeasureProgress.objects.create(measure=row.measure, territory=territory("departement", code), sheets=1)
    with CaptureQueriesContext(connection) as many:
        assert len(rows_of(client, "?mesure=23")) == 8
    assert len(many) == len(few) <= 14  # two of them open and close the request's transaction
