"""SQL slipped in that *writes*: a mandate, a seat, a signature, a session made by hand to get through the wall.

What the database refuses, and what it does not: docs/security.md says both, and these tests keep it true. All that is
sent here is sent as the application's own role, under any mandate that it claims.
"""

import datetime as dt

import pytest
from django.conf import settings as live
from django.contrib.auth.hashers import make_password
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from prevenance.core.models import AuditRow
from prevenance.core.row_security import act_as
from prevenance.domains.accounts.acting import actor_of
from prevenance.domains.accounts.models import Mandate, Person, Session
from prevenance.domains.followup.analysis.reading import sealed_fields
from prevenance.domains.followup.models import FollowUp, Identity
from prevenance.domains.governance.models import Membership, Rulebook, Signature
from tests.attack.canaries import body_of
from tests.attack.targets import give_reasons
from tests.attack.world import Attacker, AttackWorld

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return AttackWorld().plant()


@pytest.fixture
def thief(world):
    """Somebody with an account of their own and a way to slip SQL in: a member of the plenary, whom no group knows."""
    return next(one for one in world.attackers if one.name == "member of the plenary").actor


def refused(statement, values=(), match=None):
    with pytest.raises(DatabaseError, match=match), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def claim(mandate):
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('prevenance.mandate', %s, true)", [str(mandate)])


def test_it_is_indeed_the_application_that_is_spoken_to():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (live.APPLICATION_ROLE,)


def test_no_signature_is_given_for_another_nor_taken_over(world, thief):
    one, book = world.one, world.one.rulebook
    unsigned = next(seat for person, seat in one.seats.items()
                    if not Signature.objects.filter(membership=seat).exists())  # fmt: skip
    sign = (
        "INSERT INTO governance_signature (rulebook_id, membership_id, person_id, rank, withdrawn, digest, at)"
        " VALUES (%s, %s, %s, 1, false, %s, now())"
    )
    claim(thief.mandate_id)  # for a member who did not sign
    refused(sign, [book.pk, unsigned.pk, unsigned.person_id, book.digest], "nobody signs for another")
    refused(sign, [book.pk, unsigned.pk, thief.person_id, book.digest], "only a present member")
    refused("UPDATE governance_signature SET person_id = %s", [thief.person_id], "permission denied")
    refused("DELETE FROM governance_signature", match="permission denied")
    seat = one.seats[one.members[0].person_id]
    refused("UPDATE governance_membership SET person_id = %s WHERE id = %s", [thief.person_id, seat.pk],
            "who sits where does not change")  # fmt: skip
    refused("UPDATE governance_membership SET body_id = %s WHERE id = %s", [one.body.pk, seat_of(thief).pk],
            "who sits where does not change")  # fmt: skip
    # A text that nobody adopted opens nothing, and one in force does not change.
    refused("UPDATE governance_rulebook SET digest = 'x' WHERE id = %s", [book.pk])
    refused("UPDATE governance_rulebook SET state = 'draft' WHERE id = %s", [book.pk])


def seat_of(actor):
    return Membership.objects.get(person=actor.person)


def test_a_mandate_is_not_passed_on_nor_is_a_delegation_widened(world, thief):
    delegated = Mandate.objects.filter(delegated_from__isnull=False, role="mayor").first()
    refused("UPDATE accounts_mandate SET allows = NULL WHERE id = %s", [delegated.pk], "delegat")
    refused("UPDATE accounts_mandate SET person_id = %s WHERE id = %s", [thief.person_id, delegated.pk], "delegat")


def test_a_session_made_by_hand_opens_nothing(world):
    """Its content is signed with a key that the database does not hold."""
    one = world.attackers[0].actor
    Session.objects.create(
        session_key="forgee" * 5, person=one.person, expire_date=timezone.now() + dt.timedelta(hours=1),
        session_data="eyJfYXV0aF91c2VyX2lkIjoiMSJ9:1forge:signature",
    )  # fmt: skip
    client = Client()
    client.cookies[live.SESSION_COOKIE_NAME] = "forgee" * 5
    assert client.get(reverse("followup:files")).status_code == 302
    assert "followup" not in client.session


def forged(world, thief):
    """A mandate, a seat and a signature, written as any SQL would: each check of the database is met."""
    one = world.one
    mandate = Mandate.objects.create(
        person=thief.person, role="group_member", scope=one.body.scope, valid_from=timezone.localdate()
    )
    seat = Membership.objects.create(body=one.body, person=thief.person, valid_from=timezone.localdate())
    claim(mandate.pk)
    for book in Rulebook.objects.filter(body=one.body, state=Rulebook.State.ADOPTED):
        Signature.objects.create(
            rulebook=book, membership=seat, person=thief.person, rank=1, withdrawn=False, digest=book.digest
        )
    return mandate


def test_a_mandate_a_seat_and_a_signature_made_by_hand_pass_the_wall_and_decipher_nothing(world, thief):
    """The wall is that of a mistake, not of SQL that writes. To the thief's SQL, encryption alone still says no."""
    act_as(thief.mandate_id)
    assert not FollowUp._base_manager.exists()
    forged(world, thief)
    assert FollowUp._base_manager.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, ' ') FROM followup_identity t")
        assert world.reader.sealed(cursor.fetchone()[0]) == set()
        for column in sealed_fields(Identity):
            cursor.execute(f"SELECT encode({column}, 'escape') FROM followup_identity")
            assert world.reader.sealed(str(cursor.fetchall())) == set()


def test_the_application_then_opens_for_the_forged_member_and_the_trail_keeps_it(world, thief, sign_in):
    """The stated limit: such a member, with an account and its second factor, is a member. What is left is to be seen:
    they sit on the group's page, nobody's act made them, and what they read stays in a chain that SQL cannot rewrite.
    """
    mandate = forged(world, thief)
    world.one.declare(reads="all")  # forged too, or as the rulebook says
    intruder = Attacker("forged", actor_of(thief.person, mandate.pk)).client()
    file = world.file("exposed")
    give_reasons(intruder, [file])
    page = intruder.get(reverse("followup:file", args=[file.row.pk]))
    assert ("exposed", "Identity.family_name") in world.reader.sealed(body_of(page))
    read = AuditRow.objects.filter(action="followup.record_reading", person=thief.person_id)
    assert read.filter(subject=f"followup.followup:{file.row.pk}").exists()
    assert not AuditRow.objects.filter(subject=f"accounts.mandate:{mandate.pk}").exists()  # no act of anybody
    for statement in ("DELETE FROM core_auditrow", "UPDATE core_auditrow SET person = NULL", "TRUNCATE core_auditrow"):
        refused(statement, match="permission denied")
    desk = next(one for one in world.attackers if one.name == "coordinator").client()
    members = desk.get(reverse("governance:body", args=[world.one.council.pk, world.one.body.pk])).content.decode()
    assert thief.person.family_name in members


def test_an_account_is_taken_over_by_who_may_write_its_password(world):
    """The stated limit again: changing a password is what the application does. Its hash alone is not enough: the
    second factor is asked, and its device is in the database as well."""
    victim = world.attackers[0].actor.person
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_person SET password = %s WHERE id = %s", [make_password("forgé"), victim.pk])
        assert cursor.rowcount == 1
        cursor.execute("SELECT has_table_privilege('otp_totp_totpdevice', 'INSERT')")
        assert cursor.fetchone() == (True,)
    assert Person.objects.get(pk=victim.pk).check_password("forgé")
    stolen = Attacker("stolen", world.attackers[0].actor, factor=False).client()
    assert stolen.get(reverse("followup:files")).status_code == 302  # a password alone opens no file
