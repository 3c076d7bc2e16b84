"""Restorative justice: consent to each stage, a wall around each programme, nothing left after a withdrawal."""

import datetime as dt
import json

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from prevenance.core.models import AuditRow
from prevenance.core.refusals import Refused
from prevenance.domains.directory.actions import restorative as actions
from prevenance.domains.directory.models import Consent, Participant, Programme, StageHeld, Withdrawal
from prevenance.domains.directory.rules import restorative as rules
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


# ------------------------------------------------------------------------------------------- a date put right


def ago(days):
    return timezone.localdate() - dt.timedelta(days=days)


def correct(runner, person, on, *, held=False, stage="meeting", was=10, by=None):
    noted = rules.Noted(person.code, stage, ago(was), is_held=held)
    actions.correct_day(participant=person, noted=noted, on=ago(on), by=by or runner.worker)


def dates(person, stage="meeting"):
    given = Consent.objects.filter(participant=person, stage=stage).values_list("given_on", "form")
    held = StageHeld.objects.filter(participant=person, stage=stage).order_by("held_on")
    return list(given), list(held.values_list("held_on", flat=True))


def test_the_last_date_of_somebody_is_put_right_and_the_trail_has_both_days(runner):
    person = runner.far_along(runner.programme())
    correct(runner, person, 12)
    assert dates(person) == ([(ago(12), "signed")], [])
    runner.held(person, "meeting", ago=8)
    runner.held(person, "meeting", ago=5)
    correct(runner, person, 9, was=12)  # the days held by it stay
    correct(runner, person, 6, was=5, held=True)
    assert dates(person) == ([(ago(9), "signed")], [ago(8), ago(6)])
    rows = AuditRow.objects.filter(action="directory.correct_day").order_by("seq")
    assert {row.subject for row in rows} == {""}
    assert [json.loads(row.detail) for row in rows] == [{}, {}, {}], "a date would outlive a withdrawal"


@pytest.mark.parametrize(
    "on, values, refusal, sentence",
    [
        (-1, {}, Refused, "à venir"), (41, {}, Refused, "hors du programme"), (20, {}, Refused, "doit avoir suivi"),
        (10, {}, Refused, "déjà celle"), (7, {}, Refused, "tenue avant ce jour"),
        (11, {"held": True, "was": 8}, Refused, "n’avait pas consenti"),
        (-1, {"held": True, "was": 8}, Refused, "à venir"),
        (12, {"was": 11}, Stale, "relisez le programme"), (12, {"held": True, "was": 3}, Stale, "relisez le programme"),
        (21, {"stage": "preparation", "was": 20}, Stale, "n’est plus la dernière"),
        (20, {"stage": "preparation", "was": 19, "held": True}, Stale, "n’est plus la dernière"),
    ],
)  # fmt: skip
def test_a_date_put_right_is_asked_what_a_date_is(runner, on, values, refusal, sentence):
    person = runner.far_along(runner.programme())
    runner.held(person, "meeting", ago=8)
    before = dates(person), dates(person, "preparation")
    with pytest.raises(refusal, match=sentence), transaction.atomic():
        correct(runner, person, on, **values)
    assert (dates(person), dates(person, "preparation")) == before


def test_nothing_is_put_right_of_who_withdrew_nor_once_it_is_over_nor_by_others(runner, monkeypatch):
    programme = runner.programme()
    person, other = runner.far_along(programme), runner.far_along(programme, "author")
    correct(runner, person, 12, by=runner.colleague())  # of the same organisation
    stranger = Runner()
    stranger.acting()
    with pytest.raises(Programme.DoesNotExist):
        correct(stranger, other, 12)
    runner.acting()
    gone = person.pk
    actions.withdraw(participant=person, by=runner.worker)
    person.pk = gone
    with pytest.raises(Stale, match="n’est plus dans le programme"):
        correct(runner, person, 11, was=12)
    later = timezone.localdate() + dt.timedelta(days=60)
    noted = rules.Noted(other.code, "meeting", ago(10), is_held=False)
    day = ago(12)
    monkeypatch.setattr(actions.timezone, "localdate", lambda: later)
    with pytest.raises(Refused, match="programme est fini"):
        actions.correct_day(participant=other, noted=noted, on=day, by=runner.worker)
