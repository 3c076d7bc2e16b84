"""Who reaches a restorative-justice programme by the database alone, and when it ends."""

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from prevenance.core.models import AuditRow
from prevenance.core.row_security import CLOCK, STATISTICS, act_as, as_role
from prevenance.domains.accounts.models import Mandate
from prevenance.domains.directory import jobs
from prevenance.domains.directory.actions import restorative as actions
from prevenance.domains.directory.models import Consent, Participant, Programme, StageHeld, Withdrawal
from prevenance.domains.directory.models import restorative as models
from tests.factories import CouncilFactory, actor, coordinator_of, scope_of, territory
from tests.factories.restorative import Runner

pytestmark = pytest.mark.django_db

WALLED = (Programme, Participant, Consent, StageHeld, Withdrawal)


@pytest.fixture
def runner():
    return Runner()


def counts():
    """What the database gives of each table, with no condition of ours."""
    return [model._base_manager.count() for model in WALLED]


def refused(statement, values, match):
    with pytest.raises(DatabaseError, match=match), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_every_table_is_forced_behind_the_wall():
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        forced = {row[0] for row in cursor.fetchall()}
    assert {model._meta.db_table for model in WALLED} <= forced


def test_who_runs_it_reaches_it_and_nobody_else(runner, monkeypatch):
    programme = runner.programme()
    runner.far_along(programme)
    actions.withdraw(participant=runner.person(programme), by=runner.worker)
    own = [1, 1, 3, 2, 1]
    for who in (runner.worker, runner.colleague()):
        runner.acting(who)
        assert counts() == own
        assert list(Programme.objects.visible_to(who)) == [programme]
    rhone = Runner("69", "69123", organisation=runner.organisation)  # the same association, elsewhere
    loire = scope_of(territory("departement", "42"))
    council = CouncilFactory()
    strangers = [
        Runner().worker,  # another association, in the same département
        rhone.worker, actor("victim_support", loire), coordinator_of(council), actor("prefect_office", loire),
        actor("prosecutor_office", loire), actor("data_protection_officer", loire), actor("evaluator", loire),
        actor("national_secretariat", scope_of(territory("nation", "FR"))),
        actor("mayor", scope_of(territory("commune", "42218")), organisation=runner.organisation),
        actor("victim_support", loire, organisation=runner.organisation, valid_to=dt.date(2025, 1, 1),
              valid_from=dt.date(2024, 1, 1)),
    ]  # fmt: skip
    monkeypatch.setattr(models.ProgrammeQuerySet, "visible_to", lambda self, actor: self)  # the wall alone
    for who in strangers:
        act_as(who.mandate_id)
        assert counts() == [0] * 5, who.role
    act_as(None)
    assert counts() == [0] * 5


def test_a_mandate_that_ended_or_was_withdrawn_reaches_nothing(runner):
    runner.far_along(runner.programme())
    mandate = Mandate.objects.filter(pk=runner.worker.mandate_id)
    mandate.update(withdrawn_at=timezone.now())
    assert counts() == [0] * 5
    mandate.update(withdrawn_at=None, organisation=None)
    assert counts() == [0] * 5


def test_nothing_is_written_into_another_programme(runner):
    programme = runner.programme()
    person = runner.person(programme)
    other = Runner()
    other.acting()
    refused(
        "INSERT INTO directory_participant (programme_id, code, role) VALUES (%s, 'AAA-AAA', 'victim')",
        [programme.pk], "row-level security",
    )  # fmt: skip
    refused(
        "INSERT INTO directory_consent (participant_id, stage, given_on, form)"
        " VALUES (%s, 'information', %s, 'signed')",
        [person.pk, timezone.localdate()], "row-level security",
    )  # fmt: skip
    refused(
        "INSERT INTO directory_withdrawal (programme_id, month) VALUES (%s, '2026-11-01')",
        [programme.pk], "row-level security",
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("UPDATE directory_programme SET edit = 9")
        assert cursor.rowcount == 0
        cursor.execute("DELETE FROM directory_participant")
        assert cursor.rowcount == 0


def test_task_roles_see_what_their_task_needs_whatever_mandate_is_acted_under(runner):
    runner.far_along(runner.programme())
    with as_role(CLOCK), connection.cursor() as cursor:
        cursor.execute("SELECT count(id) FROM directory_programme")
        assert cursor.fetchone() == (0,)  # none is due
    for role, statement in (
        (CLOCK, "SELECT code FROM directory_participant"), (CLOCK, "SELECT kind FROM directory_programme"),
        (STATISTICS, "SELECT code FROM directory_participant"), (STATISTICS, "SELECT role FROM directory_participant"),
        (STATISTICS, "SELECT 1 FROM directory_consent"), (STATISTICS, "SELECT 1 FROM directory_withdrawal"),
    ):  # fmt: skip
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), as_role(role):
            connection.cursor().execute(statement)


def test_data_ends(runner, monkeypatch):
    # A day of a month in which no year waits to be counted.
    programme = runner.programme(ends_on=(timezone.localdate() + dt.timedelta(days=40)).replace(day=20))
    runner.far_along(programme)
    assert programme.purge_on == programme.ends_on.replace(year=programme.ends_on.year + 1)
    kept = runner.programme(kind="conference")
    Programme.objects.filter(pk=programme.pk).update(
        starts_on=dt.date(2024, 1, 1), ends_on=dt.date(2024, 6, 1), purge_on=dt.date(2025, 6, 1)
    )
    act_as(None)
    jobs.purge_programmes(0)
    runner.acting()
    assert list(Programme.objects.all()) == [kept]
    assert counts() == [1, 0, 0, 0, 0]
    assert AuditRow.objects.get(action="directory.purge_programmes").detail == '{"programmes": 1}'
