"""Screens of indicators: lists, the grid of a period, what the level above accepts, totals."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from prevenance.domains.strategy import jobs
from prevenance.domains.strategy.models import Indicator, IndicatorValue, PlanIndicator
from prevenance.domains.strategy.rules import values as rules
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

Q1 = dt.date(2025, 1, 1)


@pytest.fixture
def council():
    return CouncilFactory()


@pytest.fixture
def plan(council):
    return in_force(PlanFactory(council=council, title="Stratégie de l’Ondaine"))


@pytest.fixture
def holder(council):
    return coordinator_of(council)


@pytest.fixture
def prefect():
    return actor("prefect_office", scope_of(territory("departement", "42")))


@pytest.fixture
def national():
    return IndicatorFactory(plan=national_plan(), label="Jeunes suivis à l’année")


@pytest.fixture
def followed(plan, national):
    return PlanIndicatorFactory(
        plan=plan, indicator=national, baseline=10, baseline_on=dt.date(2024, 12, 31), target=40,
        target_on=dt.date(2026, 12, 31),
    )  # fmt: skip


def url(name, *arguments):
    return reverse(f"strategy:{name}", args=arguments)


def grid_of(plan):
    return url("values_enter", plan.pk, "quarter", "2025-01-01")


def text(response):
    return " ".join(response.content.decode().replace("\u00a0", " ").replace("\u202f", " ").split())


def test_the_list_says_what_is_late_and_leads_to_the_grid(plan, holder, followed, sign_in):
    ValueFactory(indicator=followed.indicator, plan=plan)
    page = text(sign_in(holder).get(url("plan_indicators", plan.pk)))
    assert "Jeunes suivis à l’année" in page
    assert "2e trimestre 2025" in page
    assert "En retard" in page
    assert url("values_enter", plan.pk, "quarter", "2025-04-01") in page or grid_of(plan) in page
    assert "40 personnes" in page


def test_filters_keep_and_exports_say_the_same(plan, holder, followed, sign_in):
    client = sign_in(holder)
    address = url("plan_indicators", plan.pk)
    assert "Aucun indicateur ne répond" in text(client.get(address + "?state=returned"))
    assert "Jeunes suivis" in text(client.get(address + "?state=late&origin=inherited&q=jeunes"))
    assert "Aucun indicateur ne répond" in text(client.get(address + "?origin=own"))
    for format in ("csv", "xlsx", "ods"):
        assert client.get(f"{address}?format={format}").status_code == 200
    said = client.get(address + "?format=csv").content.decode("utf-8-sig")
    assert "Jeunes suivis à l’année" in said


def test_an_empty_list_says_what_to_do(plan, holder, prefect, sign_in):
    assert "Suivez un indicateur national" in text(sign_in(holder).get(url("plan_indicators", plan.pk)))
    assert "n’en suivent pas encore" in text(sign_in(prefect).get(url("plan_indicators", plan.pk)))


def test_a_period_is_typed_kept_and_submitted(plan, holder, followed, sign_in):
    client = sign_in(holder)
    row = f"{followed.pk}-0-x"
    wrong = client.post(grid_of(plan), {f"{row}-value": "douze", f"{row}-note": "L’essai"})
    assert wrong.status_code == 422
    assert "douze" in text(wrong)
    assert "L’essai" in text(wrong)
    assert "n’est pas un nombre" in text(wrong)
    typed = {f"{row}-value": "1 234,5", f"{row}-estimated": "on", f"{row}-note": "D’après l’an passé", "do": "save"}
    assert client.post(grid_of(plan), typed).status_code == 302
    value = IndicatorValue.objects.get()
    assert (value.numerator, value.estimated, value.note, value.state) == (1234.5, True, "D’après l’an passé", "draft")
    shown = text(client.get(grid_of(plan)))
    assert 'value="1234,5"' in shown
    again = client.post(grid_of(plan), typed | {f"{row}-value": "7"})  # a form older than the value
    assert again.status_code == 409
    assert 'value="7"' in text(again)
    typed |= {f"{row}-value": "0", f"{row}-seen": rules.token(value), "do": "submit"}
    assert client.post(grid_of(plan), typed).status_code == 302
    value.refresh_from_db()
    assert (value.numerator, value.state) == (0, "submitted")
    assert "Transmise" in text(client.get(grid_of(plan)))
    assert client.post(grid_of(plan), {"do": "submit"}).status_code == 409  # a second click


def test_what_would_count_twice_is_said_and_kept(plan, holder, followed, sign_in):
    body = in_force(PlanFactory(territory=territory("epci", "244200770")))
    ValueFactory(indicator=followed.indicator, plan=body)
    row = f"{followed.pk}-0-x"
    answer = sign_in(holder).post(grid_of(plan), {f"{row}-value": "12"})
    assert answer.status_code == 422
    assert "compterait deux fois" in text(answer)
    assert 'value="12"' in text(answer)


def test_a_ratio_split_and_sheets_have_their_rows(plan, holder, sign_in):
    ratio = IndicatorFactory(
        plan=plan, nature="ratio", numerator_label="faits", denominator_label="habitants", unit="%", split="sex"
    )
    sheet = SheetFactory(plan=plan, title="Fiche d’essai")
    followed = PlanIndicatorFactory(plan=plan, indicator=ratio, sheet=sheet)
    client = sign_in(holder)
    page = text(client.get(grid_of(plan)))
    assert "Filles et femmes, Fiche d’essai" in page
    assert "habitants" in page
    row = f"{followed.pk}-0-girls"
    missing = client.post(grid_of(plan), {f"{row}-value": "3"})
    assert missing.status_code == 422
    assert "deux nombres" in text(missing)
    assert client.post(grid_of(plan), {f"{row}-value": "3", f"{row}-denominator": "40"}).status_code == 302
    assert IndicatorValue.objects.get().category == "girls"


@pytest.mark.parametrize(
    ("kind", "starts"),
    [("week", "2025-01-01"), ("quarter", "2025-02-01"), ("quarter", "demain"), ("year", "2025-13-01")],
)
def test_a_period_that_does_not_exist_is_not_found(plan, holder, kind, starts, sign_in):
    assert sign_in(holder).get(url("values_enter", plan.pk, kind, starts)).status_code == 404


def test_a_period_to_come_or_with_nothing_says_so(plan, holder, followed, sign_in):
    client = sign_in(holder)
    assert "n’a pas commencé" in text(client.get(url("values_enter", plan.pk, "quarter", "2090-01-01")))
    assert "Rien à saisir" in text(client.get(url("values_enter", plan.pk, "month", "2025-01-01")))
    Indicator.objects.filter(pk=followed.indicator_id).update(retired_on=dt.date(2025, 3, 1))
    assert "Rien à saisir" in text(client.get(url("values_enter", plan.pk, "quarter", "2025-04-01")))
    assert "Jeunes suivis" in text(client.get(grid_of(plan)))


def test_the_prefect_s_office_accepts_or_returns(plan, holder, followed, prefect, sign_in):
    value = ValueFactory(indicator=followed.indicator, plan=plan)
    IndicatorValue.objects.update(state="submitted")
    client = sign_in(prefect)
    assert "Stratégie de l’Ondaine" in text(client.get(url("values_waiting")))
    settle = url("values_settle", plan.pk)
    assert "12 personnes" in text(client.get(settle))
    assert client.post(settle, {"do": "accept"}).status_code == 422  # nothing ticked
    assert client.post(settle, {"do": "return", "value": value.pk}).status_code == 422  # no reason
    assert client.post(settle, {"do": "return", "value": value.pk, "reason": "L’unité ?"}).status_code == 302
    assert "L’unité ?" in text(sign_in(holder).get(grid_of(plan)))
    IndicatorValue.objects.update(state="submitted", reason="", settled_at=None)
    client = sign_in(prefect)
    assert client.post(settle, {"do": "accept", "value": value.pk}).status_code == 302
    assert client.post(settle, {"do": "accept", "value": value.pk}).status_code == 409
    assert "Rien à accepter" in text(client.get(url("values_waiting")))
    far = actor("prefect_office", scope_of(territory("departement", "69")))
    assert sign_in(far).get(settle).status_code == 404
    assert sign_in(holder).get(settle).status_code == 403


def test_an_accepted_value_is_corrected_from_the_grid(plan, holder, followed, sign_in):
    value = accepted(ValueFactory(indicator=followed.indicator, plan=plan))
    client = sign_in(holder)
    correct = url("value_correct", plan.pk, value.pk)
    assert correct in text(client.get(grid_of(plan)))
    assert client.get(correct).status_code == 200
    same = client.post(correct, {"value": "12"})
    assert same.status_code == 422
    assert client.post(correct, {"value": "15", "note": "Un oubli"}).status_code == 302
    assert client.post(correct, {"value": "16"}).status_code == 409
    page = text(client.get(grid_of(plan)))
    assert "corrige 12" in page
    assert 'value="15"' in page


def test_definitions_are_written_changed_and_abandoned(plan, holder, sign_in):
    client = sign_in(holder)
    add = url("indicator_define", plan.pk)
    told = {
        "label": "Élèves accompagnés", "nature": "stock", "unit": "élèves", "period": "school_year", "level": "local",
        "time_rule": "sum", "territory_rule": "sum", "split": "none", "direction": "up", "source": "L’académie",
        "due_days": "30",
    }  # fmt: skip
    refused = client.post(add, told)
    assert refused.status_code == 422
    assert "ne s’additionne pas dans le temps" in text(refused)
    assert "L’académie" in text(refused)
    assert client.post(add, told | {"time_rule": "last"}).status_code == 302
    indicator = Indicator.objects.get(label="Élèves accompagnés")
    edit = url("indicator_edit", indicator.pk)
    assert client.get(edit).status_code == 200
    told |= {"time_rule": "last", "label": "Élèves", "seen": "1"}
    assert client.post(edit, told).status_code == 302
    assert client.post(edit, told | {"label": "Autre"}).status_code == 409
    accepted(ValueFactory(indicator=indicator, starts_on=dt.date(2025, 9, 1)))
    assert "ne change plus" in text(client.get(edit))
    retire = url("indicator_retire", indicator.pk)
    assert client.get(retire).status_code == 200
    assert client.post(retire).status_code == 302
    assert client.post(retire).status_code == 403
    assert "Abandonné le" in text(client.get(url("indicator", indicator.pk)))


def test_an_inherited_indicator_is_followed_with_a_target(plan, holder, national, sign_in):
    client = sign_in(holder)
    follow = url("indicator_follow", plan.pk)
    assert "Jeunes suivis à l’année" in text(client.get(follow))
    undated = client.post(follow, {"indicator": national.pk, "target": "40"})
    assert undated.status_code == 422
    told = {"indicator": national.pk, "target": "40", "target_on": "2026-12-31"}
    assert client.post(follow, told).status_code == 302
    assert client.post(follow, told).status_code == 409
    followed = PlanIndicator.objects.get()
    edit = url("followed_edit", plan.pk, followed.pk)
    assert client.post(edit, {"target": "50", "target_on": "2026-12-31"}).status_code == 302
    followed.refresh_from_db()
    assert followed.target == 50
    stop = url("followed_stop", plan.pk, followed.pk)
    assert "seront perdues" in text(client.get(stop))
    assert client.post(stop).status_code == 302
    assert client.get(stop).status_code == 404


def test_an_indicator_s_page_draws_its_chart_between_baseline_and_target(plan, holder, followed, sign_in):
    client = sign_in(holder)
    address = url("indicator", followed.indicator_id)
    assert "Aucune valeur acceptée ici" in text(client.get(address))
    accepted(ValueFactory(indicator=followed.indicator, plan=plan, estimated=True))
    jobs.roll_up(followed.indicator_id)
    page = text(client.get(address))
    for words in ("Départ (31/12/2024)", "1er trimestre 2025", "Cible (31/12/2026)", "par une estimation", "Corriger"):
        assert words in page
    printed = client.get(address + "?format=pdf")
    assert printed["Content-Type"] in ("application/pdf", "text/html; charset=utf-8")


def test_strangers_do_not_find_what_is_not_around_them(plan, followed, sign_in):
    own = IndicatorFactory(plan=plan)
    client = sign_in(coordinator_of(CouncilFactory(territory=territory("commune", "69266"))))
    assert client.get(url("indicator", own.pk)).status_code == 404
    assert client.get(url("plan_indicators", plan.pk)).status_code == 404
    assert client.get(grid_of(plan)).status_code == 404
    assert client.get(url("indicator", followed.indicator_id)).status_code == 200  # the nation's is everybody's


def test_totals_are_shown_by_level_length_and_place(plan, holder, prefect, followed, sign_in):
    for start, figure in ((Q1, 12), (dt.date(2025, 4, 1), 8)):
        accepted(ValueFactory(indicator=followed.indicator, plan=plan, starts_on=start, numerator=figure))
    jobs.roll_up(followed.indicator_id)
    client = sign_in(prefect)
    address = url("indicator_totals", followed.indicator_id)
    page = text(client.get(address))
    assert "Loire" in page
    assert "1 sur 1" in page
    assert "carte-nombres" in page
    assert '<td class="fr-cell--right">20</td>' in text(client.get(address + "?duree=year&niveau=departement"))
    # Of the region, where one town reported, the préfet neither holds nor accepts the figure.
    assert "non montré" in text(client.get(address + "?duree=year&niveau=region"))
    assert "Saint-Étienne" in text(client.get(address + "?niveau=commune&ou=ici&periode=2025-04-01"))
    nothing = IndicatorFactory(plan=followed.indicator.plan)
    assert "Aucun total" in text(client.get(url("indicator_totals", nothing.pk)))
    said = client.get(address + "?format=csv").content.decode("utf-8-sig")
    assert "Loire" in said
    assert client.get(address + "?niveau=nimporte&duree=siecle").status_code == 200


def test_the_list_of_indicators_filters_and_exports(plan, holder, followed, sign_in):
    accepted(ValueFactory(indicator=followed.indicator, plan=plan))
    jobs.roll_up(followed.indicator_id)
    client = sign_in(holder)
    assert "12 personnes" in text(client.get(url("indicators")))
    assert "Aucun indicateur ne répond" in text(client.get(url("indicators") + "?level=nation"))
    assert client.get(url("indicators") + "?format=xlsx").status_code == 200


ADDRESSES = {
    "plan_indicators": lambda plan, _indicator: url("plan_indicators", plan.pk),
    "indicators": lambda _plan, _indicator: url("indicators"),
    "indicator": lambda _plan, indicator: url("indicator", indicator.pk),
    "totals": lambda _plan, indicator: url("indicator_totals", indicator.pk) + "?niveau=commune",
    "grid": lambda plan, _indicator: grid_of(plan),
    "settle": lambda plan, _indicator: url("values_settle", plan.pk),
    "waiting": lambda _plan, _indicator: url("values_waiting"),
}


def filled(plan, national, count):
    for _turn in range(count):
        PlanIndicatorFactory(plan=plan, indicator=IndicatorFactory(plan=plan))
        sheet = SheetFactory(plan=plan)
        PlanIndicatorFactory(plan=plan, indicator=national, sheet=sheet)
        ValueFactory(indicator=national, plan=plan, sheet=sheet)
        IndicatorValue.objects.filter(sheet=sheet).update(state="submitted")
    # Not those of the first turn, which an unordered list may give again.
    reported = IndicatorValue.objects.filter(indicator=national, starts_on=Q1, sheet=None).values("territory")
    towns = territory("departement", "42").contents.filter(contained__kind="commune").exclude(contained__in=reported)
    for town in towns.order_by("contained__code")[:count]:
        accepted(ValueFactory(indicator=national, plan=plan, territory=town.contained, starts_on=Q1))
    jobs.roll_up(national.pk)


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_page_asks_a_constant_number_of_queries(name, plan, holder, prefect, national, sign_in):
    client = sign_in(prefect if name in ("settle", "waiting") else holder)
    counts = []
    for count in (1, 19):
        filled(plan, national, count)
        address = ADDRESSES[name](plan, national)
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        # The marks of the test's own transaction are not counted.
        counts.append(sum("SAVEPOINT" not in query["sql"] for query in queries.captured_queries))
    assert counts[0] == counts[1] <= 12
