"""What is due is erased, nothing else; an interrupted purge is run again; the trail says how many and names nobody."""

import datetime as dt
import json

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.db.models import CASCADE
from django.utils import timezone

from prevenance.core import audit, retention
from prevenance.core.models import AuditRow
from prevenance.domains.accounts.models import Invitation, Mandate, Organisation, Person
from prevenance.domains.governance.models import Attendance, Decision, DecisionReminder, Minutes, SignatureReminder
from prevenance.domains.pages import jobs
from tests.domains.governance.council_that_meets import CouncilThatMeets
from tests.factories import (
    CouncilFactory,
    MandateFactory,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    actor,
)

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 23)
LATER = dt.datetime(2028, 6, 15, 6, tzinfo=dt.UTC)  # nineteen months on: acts are kept twelve
MUCH_LATER = dt.datetime(2032, 6, 15, 6, tzinfo=dt.UTC)  # meetings of 2026 are more than five years old


def purged():
    """Counts of one purge."""
    found = {}
    for what, count in jobs.erase_due():
        found[what] = found.get(what, 0) + count
    return found


@pytest.fixture
def scope():
    return CouncilFactory().scope


def former(scope, left_on=TODAY, **kwargs):
    """Somebody who held a mandate until a day, and whose account was closed then."""
    closed = dt.datetime.combine(left_on, dt.time(9), tzinfo=dt.UTC)
    person = PersonFactory(is_active=False, deactivated_at=closed, created_at=closed, **kwargs)
    mandate = MandateFactory(person=person, scope=scope, valid_to=left_on, created_at=closed)
    return person, mandate


def invitation_of(mandate, by):
    return Invitation.objects.create(
        email="x@exemple.invalid", given_name="X", family_name="Y", mandate=mandate, digest=f"{mandate.pk:064d}",
        invited_by=by, expires_at=timezone.now(),
    )  # fmt: skip


# --------------------------------------------------------------------------------------------------- people


def test_who_left_goes_with_mandates_and_invitations_when_no_act_is_kept(scope):
    person, mandate = former(scope)
    invitation_of(mandate, by=former(scope)[0])
    with time_machine.travel(LATER):
        assert purged() == {"mandates": 2, "people": 2}
    assert not Person.objects.filter(pk=person.pk).exists()
    assert not Mandate.objects.filter(pk=mandate.pk).exists()
    assert not Invitation.objects.exists()


def test_the_last_day_is_the_one_of_the_trail(scope):
    person, _mandate = former(scope, left_on=dt.date(2027, 6, 15))
    with time_machine.travel(LATER):
        assert purged() == {}, "twelve months to the day: still kept"
    with time_machine.travel(LATER + dt.timedelta(days=1)):
        assert purged() == {"mandates": 1, "people": 1}
    assert not Person.objects.filter(pk=person.pk).exists()


@pytest.mark.parametrize(
    "tie",
    [
        {"valid_to": None},
        {"valid_to": dt.date(2028, 1, 1)},
        {"valid_from": dt.date(2029, 1, 1), "valid_to": dt.date(2030, 1, 1)},
    ],
)
def test_who_holds_or_held_a_mandate_lately_stays(scope, tie):
    person, _mandate = former(scope)
    MandateFactory(**{"person": person, "scope": scope, "role": "deputy", "valid_from": TODAY} | tie)
    with time_machine.travel(LATER):
        assert purged() == {}


@pytest.mark.parametrize("used", [{"is_active": True, "password": "pbkdf2$inventé"}, {"last_login": LATER}])
def test_an_open_account_or_a_late_entry_keeps_its_person(scope, used):
    person, _mandate = former(scope)
    Person.objects.filter(pk=person.pk).update(**used)
    with time_machine.travel(LATER):
        assert purged() == {}


def test_who_has_a_row_in_the_trail_stays_until_it_is_gone(scope):
    person, mandate = former(scope)

    class Them:
        person_id, mandate_id, scope_id = person.pk, mandate.pk, scope.pk

    audit.record_refusal(by=Them(), path="essai")
    with time_machine.travel(LATER):
        assert purged() == {}
    assert Mandate.objects.filter(pk=mandate.pk).exists()


def test_a_member_of_a_council_stays_with_all_that_names_them(scope):
    person, mandate = former(scope)
    MembershipFactory(person=person, body=CouncilThatMeets(territory=scope.territory, kind="CISPD").plenary)
    with time_machine.travel(LATER):
        assert purged() == {}
    person.refresh_from_db()
    assert person.email
    assert Mandate.objects.filter(pk=mandate.pk).exists()


def test_who_approved_minutes_is_never_erased_nor_renamed():
    ours = CouncilThatMeets()
    ours.approved()
    before = list(Minutes.objects.values("approved_by", "attendance", "opening"))
    names = dict(Person.objects.values_list("pk", "family_name"))
    Mandate.objects.update(valid_to=TODAY)
    Person.objects.update(is_active=False)
    with time_machine.travel(MUCH_LATER):
        purged()
    assert Person.objects.get(pk=ours.mayor.person_id).family_name == names[ours.mayor.person_id]
    assert list(Minutes.objects.values("approved_by", "attendance", "opening")) == before
    assert Decision.objects.get().owner == ours.person(0)


def test_two_who_gave_each_other_their_mandates_go_together(scope, monkeypatch):
    monkeypatch.setattr(jobs, "BATCH", 1)
    (first, mandate), (second, other) = former(scope), former(scope)
    Mandate.objects.filter(pk=mandate.pk).update(granted_by=second)
    Mandate.objects.filter(pk=other.pk).update(granted_by=first)
    with time_machine.travel(LATER):
        assert purged() == {"mandates": 2, "people": 2}


def test_who_gave_a_mandate_that_is_kept_stays(scope):
    person, _mandate = former(scope)
    holder = actor("deputy", scope)
    Mandate.objects.filter(pk=holder.mandate_id).update(granted_by=person)
    with time_machine.travel(LATER):
        assert purged() == {}


def test_a_mandate_given_while_the_purge_runs_keeps_its_person(scope):
    person, _mandate = former(scope)
    with time_machine.travel(LATER):
        steps = jobs.erase_due()
        assert next(steps) == ("mandates", 1)
        MandateFactory(person=person, scope=scope, valid_from=LATER.date())
        assert list(steps) == [("people", 0)]
    assert Person.objects.filter(pk=person.pk).exists()


def test_an_organisation_goes_when_nobody_is_tied_to_it(scope):
    alone, kept = OrganisationFactory(), OrganisationFactory()
    MandateFactory(scope=scope, organisation=kept)
    assert purged() == {"organisations": 1}
    assert list(Organisation.objects.filter(pk__in=[alone.pk, kept.pk])) == [kept]


# ----------------------------------------------------------------------------------------------- governance


def test_attendances_go_five_years_after_the_meeting_and_the_minutes_still_say_who_was_there():
    ours = CouncilThatMeets()
    minutes = ours.approved()
    ends_on = timezone.localdate(minutes.meeting.ends_at)
    five_years = dt.datetime.combine(ends_on.replace(year=ends_on.year + 5), dt.time(12), tzinfo=dt.UTC)
    with time_machine.travel(five_years):
        assert "attendances" not in purged()
    with time_machine.travel(five_years + dt.timedelta(days=1)):
        assert purged()["attendances"] == 3
    minutes.refresh_from_db()
    assert ours.person(0).name in minutes.attendance
    assert not Attendance.objects.exists()


@pytest.mark.parametrize("model", [DecisionReminder, SignatureReminder])
def test_reminders_go_after_a_year(model):
    person = PersonFactory()
    sent = dt.datetime(2026, 11, 23, 7, tzinfo=dt.UTC)
    model.objects.create(person=person, week=sent.date(), sent_at=sent)
    with time_machine.travel(sent + dt.timedelta(days=365)):
        assert "reminders" not in purged()
    with time_machine.travel(sent + dt.timedelta(days=366)):
        assert purged()["reminders"] == 1
    assert not model.objects.exists()


# ---------------------------------------------------------------------------------------- batches and trail


def test_each_batch_leaves_one_row_that_names_nobody(scope, monkeypatch):
    monkeypatch.setattr(jobs, "BATCH", 2)
    for _ in range(5):
        former(scope, family_name="Nom-Qui-Part")
    with time_machine.travel(LATER):
        assert purged() == {"mandates": 5, "people": 5}
    rows = AuditRow.objects.filter(action__in=["accounts.erase_mandates", "accounts.erase_people"]).order_by("seq")
    assert [json.loads(row.detail).get("people") for row in rows][3:] == [2, 2, 1]
    assert [json.loads(row.detail).get("mandates") for row in rows][:3] == [2, 2, 1]
    assert all("Nom" not in row.detail and row.subject == "" and row.scope == "platform" for row in rows)


def test_attendances_are_told_to_the_chain_of_their_council(monkeypatch):
    monkeypatch.setattr(jobs, "BATCH", 2)
    ours = CouncilThatMeets()
    ours.held()
    with time_machine.travel(MUCH_LATER):
        assert purged()["attendances"] == 3
    rows = AuditRow.objects.filter(action="governance.erase_attendances").order_by("seq")
    assert {row.scope for row in rows} == {f"scope:{ours.council.scope_id}"}
    assert [json.loads(row.detail)["attendances"] for row in rows] == [2, 1]


def test_an_interrupted_purge_is_taken_up_and_a_second_one_writes_nothing(scope, monkeypatch):
    monkeypatch.setattr(jobs, "BATCH", 2)
    for _ in range(5):
        former(scope)
    with time_machine.travel(LATER):
        steps = jobs.erase_due()
        for _batch in range(4):  # the mandates, and the first people
            next(steps)
        steps.close()
        assert purged() == {"people": 3}
        rows = AuditRow.objects.count()
        assert purged() == {}
        assert AuditRow.objects.count() == rows


def test_the_job_does_the_same_and_the_command_says_it(scope, capsys):
    former(scope)
    call_command("purge")
    assert "Rien n’est échu" in capsys.readouterr().out
    with time_machine.travel(LATER):
        call_command("purge", json=True)
        written = capsys.readouterr()
        assert json.loads(written.out)["people"] == 1
        assert "Effacés" in written.err
        former(scope, left_on=TODAY)
        jobs.purge.func(timestamp=0)
    assert not Mandate.objects.filter(scope=scope).exists()


def test_the_application_may_erase_all_that_goes_with_a_person():
    """A table that follows a person (CASCADE) and refuses DELETE would stop every purge."""
    following = {
        relation.related_model._meta.db_table
        for model in (Person, Mandate)
        for relation in model._meta.get_fields(include_hidden=True)
        if getattr(relation, "on_delete", None) is CASCADE and relation.auto_created
    }
    assert "governance_decisionreminder" in following
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM unnest(%s::text[]) name WHERE NOT has_table_privilege(current_user, name, 'DELETE')",
            [sorted(following)],
        )
        assert cursor.fetchall() == []


# ------------------------------------------------------------------------------------------------ durations


@pytest.mark.parametrize(
    ("today", "day"),
    [
        (dt.date(2028, 6, 15), dt.date(2027, 6, 15)),
        (dt.date(2028, 2, 29), dt.date(2027, 2, 28)),
        (dt.date(2027, 1, 31), dt.date(2026, 1, 31)),
    ],
)
def test_months_are_counted_back_to_the_same_day_or_the_last_one(today, day):
    assert retention.oldest_day_kept("audit", today) == day


def test_a_duration_that_is_not_dated_yet_refuses_to_erase():
    with pytest.raises(LookupError):
        retention.oldest_day_kept("attendances", dt.date(2026, 10, 31))
