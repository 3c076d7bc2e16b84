"""The demonstration shows plans on one another, a strategy amended, sheets in every state, figures, one missing."""

import datetime as dt

import pytest

from prevenance.domains.accounts.acting import actor_of
from prevenance.domains.accounts.models import Person
from prevenance.domains.governance.models import Act
from prevenance.domains.strategy.models import (
    Amendment,
    Experiment,
    IndicatorValue,
    Plan,
    Provision,
    Sheet,
    SheetStep,
    Success,
    ToolSheet,
)
from tests import database
from tests.seeded import using


@pytest.fixture(scope="module")
def seeded():
    with database.copy_of(database.demonstration()) as name:
        yield name


@pytest.fixture
def demonstration(seeded, django_db_setup, django_db_blocker):
    """The ORM on the demonstration, as the application."""
    with using(seeded, django_db_blocker):
        yield


@pytest.fixture
def coordinator(demonstration):
    return actor_of(Person.objects.get(email="coordinator@demonstration.invalid"))


@pytest.fixture
def local(demonstration):
    return Plan.objects.get(kind="local_strategy")


def test_three_plans_in_force_stand_on_one_another(coordinator, local):
    assert set(Plan.objects.visible_to(coordinator).in_force().values_list("kind", flat=True)) == {
        "national", "departement", "local_strategy",
    }  # fmt: skip
    assert [local.parent.kind, local.parent.parent.kind] == ["departement", "national"]
    assert local.compatibility
    for plan in (local, local.parent):
        act = plan.amendments.get(number=0).act
        assert (act.kind, act.in_force_from) == (Act.Kind.PLAN, plan.in_force_from)


def test_the_strategy_is_amended_once_and_a_draft_waits(local):
    assert list(local.amendments.values_list("number", "state")) == [(0, "in_force"), (1, "in_force"), (2, "draft")]
    first, second = local.amendments.filter(state="in_force")
    means = Provision.objects.filter(plan=local, part="means")
    assert "60 000" in means.on(first.in_force_from).get().text
    assert "85 000" in means.on(second.in_force_from).get().text
    assert means.get(until=None).anchor == means.get(brought_by=first).anchor
    draft = local.amendments.get(number=2)
    assert set(draft.changes.values_list("kind", flat=True)) == {"insert", "replace"}
    assert all(change.base.until is None for change in draft.changes.filter(kind="replace"))


def test_sheets_are_in_every_state_some_from_the_toolbox_some_late(local):
    sheets = Sheet.objects.filter(plan=local)
    assert set(sheets.values_list("state", flat=True)) == set(Sheet.State.values)
    assert sheets.filter(brought_by__state="in_force").count() == 8
    assert sheets.filter(origin__state="published").count() == 3
    assert ToolSheet.objects.filter(state="published").count() == 20
    late = SheetStep.objects.filter(sheet__in=sheets, done_on=None, due_on__lt=dt.date.today())
    assert late.exists()
    for sheet in sheets:
        assert sheet.serves.exists(), sheet
        part = f"sheet:{sheet.number}:problem"
        written = sheet.brought_by.changes.filter(part=part)
        assert written.count() == 1, sheet
        in_force = sheet.brought_by.state == Amendment.State.IN_FORCE
        assert Provision.objects.filter(plan=local, part=part, until=None).exists() is in_force


def test_seven_indicators_have_six_quarters_and_one_value_is_missing(local):
    followed = local.followed.count()
    assert followed == 7
    values = IndicatorValue.objects.filter(plan=local)
    assert set(values.values_list("state", flat=True)) == {"accepted"}
    assert values.count() == 7 * 6 - 1
    starts = sorted(set(values.values_list("starts_on", flat=True)))
    assert len(starts) == 6
    assert {(day.month, day.day) for day in starts} <= {(1, 1), (4, 1), (7, 1), (10, 1)}
    assert starts[-1] + dt.timedelta(days=92) >= dt.date.today() - dt.timedelta(days=92)


def test_a_success_waits_for_its_answer_and_an_experiment_goes_on(coordinator):
    assert Success.objects.visible_to(coordinator).get().state == "proposed"
    experiment = Experiment.objects.visible_to(coordinator).get()
    assert experiment.ends_on > dt.date.today()
    assert experiment.indicator.plan == experiment.sheet.plan
