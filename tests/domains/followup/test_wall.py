"""The outer wall, by SQL as the application role: no row of another group, none without every signature."""

import datetime as dt

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from prevenance.core.row_security import CLOCK, STATISTICS, act_as, as_role
from prevenance.domains.accounts.acting import actor_of
from prevenance.domains.followup.models import FollowUp, Identity, Involvement, Line, Share
from prevenance.domains.governance.models import Membership, Rulebook
from tests.factories import MandateFactory, actor, scope_of, territory
from tests.factories.followup import Compartment

pytestmark = pytest.mark.django_db

WALLED = [
    model for model in apps.get_app_config("followup").get_models()
    if {"followup_id", "body_id"} <= {f.attname for f in model._meta.concrete_fields} or model is FollowUp
]  # fmt: skip


@pytest.fixture
def here():
    return Compartment()


def numbers():
    """What the database itself gives, with no condition of ours."""
    return set(FollowUp.objects.values_list("pk", flat=True))


def refused(statement, values=(), match=None):
    with pytest.raises(DatabaseError, match=match), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_every_table_of_a_file_is_forced_behind_the_wall():
    assert len(WALLED) >= 19
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        forced = {row[0] for row in cursor.fetchall()}
    assert {model._meta.db_table for model in WALLED} <= forced


def test_a_file_is_reached_by_who_sits_and_signed_and_by_nobody_else(here):
    file = here.file()
    for who in (here.members[0], here.members[1], here.coordinator):
        here.acting(who)
        assert numbers() == {file.pk}
    elsewhere = Compartment("42187")
    strangers = [
        elsewhere.coordinator, elsewhere.members[0],
        actor("mayor", scope_of(territory("commune", "42218"))),
        actor("prefect_office", scope_of(territory("departement", "42"))),
        actor("prosecutor_office", scope_of(territory("departement", "42"))),
        actor("national_secretariat", scope_of(territory("nation", "FR"))),
        actor("group_member", here.council.scope),
    ]  # fmt: skip
    for who in strangers:
        here.acting(who)
        assert numbers() == set(), who.role
        for model in WALLED:
            assert not model._base_manager.exists()
    act_as(None)
    assert numbers() == set()


def test_who_did_not_sign_or_took_it_back_reaches_nothing(here):
    file = here.file()
    unsigned = here.member(signs=False)
    here.acting(unsigned)
    assert numbers() == set()
    here.sign(unsigned)
    assert numbers() == {file.pk}
    here.sign(unsigned, withdrawn=True)
    assert numbers() == set()


def test_a_charter_in_force_is_signed_too(here):
    file = here.file()
    here.adopt(dt.date(2025, 4, 4), kind=Rulebook.Kind.CHARTER)
    assert numbers() == set()
    who = here.members[0]
    charter = Rulebook.objects.get(kind=Rulebook.Kind.CHARTER)
    from prevenance.domains.governance.models import Signature

    Signature.objects.create(
        rulebook=charter, membership=here.seats[who.person_id], person=who.person, digest=charter.digest
    )
    assert numbers() == {file.pk}


def test_a_new_version_leaves_a_delay_to_sign_then_access_waits(here):
    file = here.file()
    today = timezone.localdate()
    here.adopt(today - dt.timedelta(days=14))
    assert numbers() == {file.pk}
    newcomer = here.member(signs=False)
    here.acting(newcomer)
    assert numbers() == set()  # who signed neither waits
    late = Compartment("42187")
    other = late.file()
    late.adopt(today - dt.timedelta(days=15))
    assert numbers() == set()
    late.sign(late.members[0])
    assert numbers() == {other.pk}


def test_who_left_or_acts_under_an_ended_or_unrelated_mandate_reaches_nothing(here):
    file = here.file()
    who = here.members[0]
    trainer = MandateFactory(role="trainer", scope=scope_of(territory("departement", "42")), person=who.person)
    act_as(trainer.pk)
    assert numbers() == set()
    other = MandateFactory(role="group_member", scope=Compartment("42187").council.scope, person=who.person)
    act_as(other.pk)
    assert numbers() == set()
    here.acting(who)
    assert numbers() == {file.pk}
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    Membership.objects.filter(pk=here.seats[who.person_id].pk).update(valid_to=yesterday)
    assert numbers() == set()
    second = here.members[1]
    here.acting(second)
    assert numbers() == {file.pk}
    second.mandate.withdrawn_at = timezone.now()
    second.mandate.save()
    assert numbers() == set()


def test_a_share_opens_until_its_second(here):
    file = here.file()
    elsewhere = Compartment("42187")
    here.acting(here.members[0])
    share = Share.objects.create(
        followup=file, body=here.body, to_person=elsewhere.coordinator.person, as_body=elsewhere.body, parts=["plan"],
        shared_by=here.members[0].person, until=timezone.now() + dt.timedelta(hours=1),
    )  # fmt: skip
    here.acting(elsewhere.coordinator)
    assert numbers() == {file.pk}
    assert Identity.objects.count() == 1  # the wall alone; which parts is `visible_to`'s to say
    refused("UPDATE followup_identity SET family_name = ''", match="row-level security")
    here.acting(elsewhere.members[0])
    assert numbers() == set()
    here.acting(here.members[0])
    Share.objects.filter(pk=share.pk).update(withdrawn_at=timezone.now())
    here.acting(elsewhere.coordinator)
    assert numbers() == set()
    here.acting(here.members[0])
    refused("UPDATE followup_share SET until = now() + interval '1 day'", match="permission denied")


def test_nothing_is_written_into_another_group(here):
    file = here.file()
    elsewhere = Compartment("42187")
    there = elsewhere.file()
    refused("UPDATE followup_followup SET body_id = %s WHERE id = %s", [here.body.pk, there.pk], "permission denied")
    refused(
        "INSERT INTO followup_contact (followup_id, body_id, day, by_id, kind, whom, outcome, words, recorded_at)"
        " VALUES (%s, %s, now(), %s, '', '', '', '', now())",
        [file.pk, here.body.pk, elsewhere.members[0].person_id], "row-level security",
    )  # fmt: skip
    refused(  # a row that says another group than its file's
        "INSERT INTO followup_contact (followup_id, body_id, day, by_id, kind, whom, outcome, words, recorded_at)"
        " VALUES (%s, %s, now(), %s, '', '', '', '', now())",
        [file.pk, elsewhere.body.pk, elsewhere.members[0].person_id], "contact_of_its_file",
    )  # fmt: skip


def test_a_follow_up_that_ended_stays_as_it_was(here):
    file = here.file()
    today = timezone.localdate()
    FollowUp.objects.filter(pk=file.pk).update(closed_on=today, purge_on=today + dt.timedelta(days=90))
    refused("UPDATE followup_followup SET closed_on = NULL", match="ended does not change")
    refused("UPDATE followup_followup SET purge_on = purge_on + 1", match="clock is not put back")
    refused(
        "INSERT INTO followup_fact (followup_id, body_id, situation, observed_on, observed_by_id)"
        " VALUES (%s, %s, '', now(), %s)",
        [file.pk, here.body.pk, here.members[0].person_id], "file that ended",
    )  # fmt: skip
    refused("DELETE FROM followup_followup", match="permission denied")


def test_the_clock_sees_what_is_soon_due_deletes_what_is_due_and_reads_no_name(here):
    due, later = here.file(), here.file()
    today = timezone.localdate()
    FollowUp.objects.filter(pk=due.pk).update(closed_on=today, purge_on=today)
    with transaction.atomic(), as_role(CLOCK), connection.cursor() as cursor:
        cursor.execute("SELECT id FROM followup_followup")
        assert cursor.fetchall() == [(due.pk,)]
        cursor.execute("DELETE FROM followup_followup RETURNING id")
        assert cursor.fetchall() == [(due.pk,)]
    here.acting(here.members[0])
    assert numbers() == {later.pk}
    assert set(Identity.objects.values_list("followup_id", flat=True)) == {later.pk}
    assert set(Involvement.objects.values_list("followup_id", flat=True)) == {later.pk}
    assert sorted(Line.objects.values_list("followup_id", flat=True), key=str) == [later.pk, None]
    for column in ("family_name", "address"):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), as_role(CLOCK):
            Identity.objects.values_list(column, flat=True).first()


def test_a_held_file_is_not_due(here):
    file = here.file()
    today = timezone.localdate()
    FollowUp.objects.filter(pk=file.pk).update(closed_on=today, purge_on=today)
    file.hold_rows.create(
        body=here.body, set_on=today, set_by=here.coordinator.person, until=today + dt.timedelta(days=30)
    )
    with transaction.atomic(), as_role(CLOCK), connection.cursor() as cursor:
        cursor.execute("DELETE FROM followup_followup RETURNING id")
        assert cursor.fetchall() == []


def test_statistics_see_lines_of_every_group_and_no_file(here):
    here.file()
    Compartment("42187").file()
    act_as(None)
    with transaction.atomic(), as_role(STATISTICS), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM followup_line")
        assert cursor.fetchone() == (2,)
    for statement in ("SELECT followup_id FROM followup_line", "SELECT 1 FROM followup_followup"):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), as_role(STATISTICS):
            FollowUp.objects.raw(statement)[0]


def test_the_application_alone_has_no_right_of_the_task_roles(here):
    here.file()
    act_as(None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM followup_line")
        assert cursor.fetchone() == (0,)


def test_visible_to_narrows_to_where_one_takes_part(here):
    file = here.file(by=here.members[0])
    reporter, other = here.members
    assert list(FollowUp.objects.visible_to(reporter)) == [file]
    here.acting(other)
    assert list(FollowUp.objects.visible_to(other)) == []
    here.declare(reads="all")
    assert list(FollowUp.objects.visible_to(other)) == [file]
    protected = here.file(by=reporter, category="victim")
    here.acting(other)
    assert list(FollowUp.objects.visible_to(other)) == [file]
    here.acting(here.coordinator)
    assert set(FollowUp.objects.visible_to(here.coordinator)) == {file, protected}
    person = here.members[0].person
    outside = MandateFactory(role="evaluator", scope=scope_of(territory("departement", "42")), person=person)
    elsewhere = actor_of(person, outside.pk)
    here.acting(elsewhere)
    assert list(FollowUp.objects.visible_to(elsewhere)) == []
