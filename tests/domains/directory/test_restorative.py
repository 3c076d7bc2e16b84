"""Restorative justice: consent to each stage, a wall around each programme, nothing left after a withdrawal."""

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from prevenance.core.models import AuditRow
from prevenance.core.refusals import Refused
from prevenance.domains.directory.actions import restorative as actions
from prevenance.domains.directory.models import Consent, Participant, Programme, StageHeld, Withdrawal
from prevenance.domains.governance.rules.councils import Stale
from tests.factories import CouncilFactory, actor, coordinator_of, territory
from tests.factories.restorative import Runner
from tests.house.test_forbidden_fields import matches

pytestmark = pytest.mark.django_db

WALLED = (Programme, Participant, Consent, StageHeld, Withdrawal)


@pytest.fixture
def runner():
    return Runner()


def refused(statement, values, match):
    with pytest.raises(DatabaseError, match=match), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


# ------------------------------------------------------------------------------------------- consent to each stage


def test_each_stage_asks_its_own_consent_and_information_comes_first(runner):
    programme = runner.programme()
    person = runner.person(programme)
    with pytest.raises(Refused, match="n’avait pas consenti"):
        runner.held(person)
    with pytest.raises(Refused, match="doit avoir suivi"):
        runner.consent(person, "meeting")
    runner.consent(person, ago=10)
    with pytest.raises(Refused, match="n’avait pas consenti"):
        runner.held(person, ago=11)  # the day before
    runner.held(person, ago=10)
    with pytest.raises(Refused, match="n’avait pas consenti"):
        runner.held(person, "preparation")
    runner.consent(person, "preparation", ago=9)
    runner.held(person, "preparation", ago=8)
    assert StageHeld.objects.filter(participant=person).count() == 2


@pytest.mark.parametrize("ago", [-1, 41])
def test_a_day_is_within_the_programme_and_not_to_come(runner, ago):
    person = runner.person(runner.programme())
    with pytest.raises(Refused, match="hors du programme"):
        runner.consent(person, ago=ago)


def test_twice_the_same_is_said(runner):
    person = runner.person(runner.programme())
    runner.consent(person)
    with pytest.raises(Stale, match="déjà noté"):
        runner.consent(person)
    runner.held(person)
    with pytest.raises(Stale, match="déjà notée"):
        runner.held(person)


def test_the_database_itself_asks_for_consent(runner):
    person = runner.person(runner.programme())
    stage = "INSERT INTO directory_stageheld (participant_id, stage, held_on) VALUES (%s, %s, %s)"
    consent = "INSERT INTO directory_consent (participant_id, stage, given_on, form) VALUES (%s, %s, %s, 'signed')"
    today = timezone.localdate()
    refused(stage, [person.pk, "information", today], "without consent")
    refused(consent, [person.pk, "meeting", today], "once informed")
    refused(consent, [person.pk, "information", today + dt.timedelta(days=1)], "in the future")
    runner.consent(person, ago=5)
    refused(stage, [person.pk, "information", today - dt.timedelta(days=6)], "without consent")
    refused(stage, [person.pk, "preparation", today], "without consent")
    for table in ("participant", "consent", "stageheld", "withdrawal"):
        refused(f"UPDATE directory_{table} SET id = id", [], "permission denied")
    refused("DELETE FROM directory_withdrawal", [], "permission denied")


# ------------------------------------------------------------------------------------------- withdrawal


def test_after_a_withdrawal_nothing_is_left_but_the_month(runner):
    programme = runner.programme()
    other = runner.far_along(programme, "author")
    person = runner.far_along(programme)
    before = AuditRow.objects.count()
    actions.withdraw(participant=person, by=runner.worker)
    assert list(Participant.objects.all()) == [other]
    assert set(Consent.objects.values_list("participant", flat=True)) == {other.pk}
    assert set(StageHeld.objects.values_list("participant", flat=True)) == {other.pk}
    assert list(Withdrawal.objects.values_list("programme", "month")) == [
        (programme.pk, timezone.localdate().replace(day=1))
    ]
    assert {field.name for field in Withdrawal._meta.concrete_fields} == {"id", "programme", "month"}
    rows = list(AuditRow.objects.order_by("seq")[before:])
    assert [row.action for row in rows] == ["directory.withdraw"]


def test_the_trail_says_neither_who_nor_which_programme(runner):
    programme = runner.programme()
    runner.far_along(programme)
    actions.withdraw(participant=Participant.objects.get(), by=runner.worker)
    of_people = AuditRow.objects.filter(action__in=[
        f"directory.{name}" for name in ("add_participant", "record_consent", "record_stage", "withdraw")
    ])  # fmt: skip
    assert of_people.count() == 7
    assert {(row.subject, row.detail) for row in of_people} == {("", "{}")}


def test_nothing_can_be_added_after_a_withdrawal(runner):
    programme = runner.programme()
    person = runner.far_along(programme)
    gone = person.pk
    actions.withdraw(participant=person, by=runner.worker)
    person.pk = gone
    for act in (
        lambda: runner.consent(person, "follow_up", ago=1),
        lambda: runner.held(person, "meeting", ago=1),
        lambda: actions.withdraw(participant=person, by=runner.worker),
    ):
        with pytest.raises(Stale, match="n’est plus dans le programme"):
            act()
    refused(
        "INSERT INTO directory_consent (participant_id, stage, given_on, form)"
        " VALUES (%s, 'information', %s, 'signed')",
        [gone, timezone.localdate()], "row-level security|foreign key",
    )  # fmt: skip
    refused(
        "INSERT INTO directory_stageheld (participant_id, stage, held_on) VALUES (%s, 'information', %s)",
        [gone, timezone.localdate()], "without consent",
    )  # fmt: skip


def test_one_withdraws_even_once_the_programme_is_over(runner, monkeypatch):
    programme = runner.programme()
    person = runner.person(programme)
    later = timezone.localdate() + dt.timedelta(days=60)
    monkeypatch.setattr(actions.timezone, "localdate", lambda: later)
    with pytest.raises(Refused, match="programme est fini"):
        runner.person(programme)
    actions.withdraw(participant=person, by=runner.worker)
    assert not Participant.objects.exists()


# ------------------------------------------------------------------------------------------- nothing that identifies


def test_no_column_holds_what_would_say_who_it_is():
    for model in WALLED:
        for field in model._meta.concrete_fields:
            assert not matches(f"{field.name} {field.verbose_name} {field.help_text}"), field
            if field.get_internal_type() in ("CharField", "TextField"):
                assert field.max_length <= 20, field  # a code or a word of a list
    assert {field.name for field in Participant._meta.concrete_fields} == {"id", "programme", "code", "role"}


def test_codes_are_drawn_and_the_database_takes_no_other(runner):
    programme = runner.programme()
    codes = {runner.person(programme).code for _turn in range(20)}
    assert len(codes) == 20
    refused(
        "INSERT INTO directory_participant (programme_id, code, role) VALUES (%s, 'Jean D', 'victim')",
        [programme.pk], "participant_code_drawn",
    )  # fmt: skip


# ------------------------------------------------------------------------------------------- who opens one


def test_only_victim_support_with_an_organisation_opens_one_and_in_its_departement(runner):
    nobody = actor("victim_support", runner.scope)
    told = {
        "service": runner.service(), "kind": "mediation", "court": runner.town,
        "starts_on": timezone.localdate(), "ends_on": timezone.localdate(),
    }  # fmt: skip
    with pytest.raises(Refused, match="pour quel organisme"):
        actions.open_programme(**told, by=nobody)
    with pytest.raises(Refused, match="aide aux victimes"):
        actions.open_programme(**told, by=coordinator_of(CouncilFactory()))
    with pytest.raises(Refused, match="pas dans votre département"):
        actions.open_programme(**told | {"court": territory("commune", "69123")}, by=runner.worker)
    actions.open_programme(**told, by=runner.worker)
    with pytest.raises(Stale, match="déjà ouvert"):
        actions.open_programme(**told, by=runner.worker)


def test_no_end_is_so_far_that_nothing_would_ever_be_erased(runner):
    programme, far = runner.programme(), timezone.localdate() + dt.timedelta(days=40 * 365)
    with pytest.raises(Refused, match="trop lointaine"):
        actions.extend_programme(programme=programme, ends_on=far, seen=programme.edit, by=runner.worker)
    with pytest.raises(Refused, match="trop lointaine"):
        runner.programme(ends_on=far)
