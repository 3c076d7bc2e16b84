"""Signatures of a rulebook, and what tries to go round them: strangers, leavers, stale tabs, second clicks, SQL."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from prevenance.core.refusals import Refused
from prevenance.core.row_security import act_as
from prevenance.domains.governance.actions import rulebooks as actions
from prevenance.domains.governance.analysis.rulebooks import Standing, signatories, standings, to_sign, unsigned_people
from prevenance.domains.governance.models import Signature
from prevenance.domains.governance.rules.councils import Stale
from tests.domains.governance.rulebook_of_a_group import TEXT, GroupWithRulebook
from tests.factories import MembershipFactory, actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def group():
    return GroupWithRulebook()


def replaced_by_another(group, book):
    """The next version, adopted the same day in the same meeting."""
    second = actions.draft(body=group.group, kind="rules", by=group.coordinator)
    second = actions.write(
        rulebook=second, edit=1, text=TEXT + "\nUn article de plus.", change_note="", quorum=None, by=group.coordinator
    )
    actions.propose(rulebook=second, edit=2, on=timezone.localdate(), by=group.coordinator)
    actions.adopt(rulebook=second, meeting=book.adopted_in, by=group.mayor)
    second.refresh_from_db()
    return second


def test_each_member_signs_the_text_in_force_for_oneself(group):
    book = group.adopted()
    row = group.sign(book, 0)
    assert (row.person, row.digest, row.withdrawn) == (group.seats[0].person, book.digest, False)
    assert standings([book])[book.pk] == Standing(members=3, signed=1)
    assert list(to_sign(group.seats[0].person_id)) == []
    assert list(to_sign(group.seats[1].person_id)) == [book]
    assert unsigned_people([book]) == sorted(seat.person_id for seat in group.seats[1:])


def test_a_second_click_signs_once(group):
    book = group.adopted()
    group.sign(book, 0)
    with pytest.raises(Stale, match="déjà signé"):
        actions.sign(rulebook=book, seen=book.digest, by=group.member(0))
    assert Signature.objects.count() == 1


def test_a_draft_or_a_proposal_is_not_signed(group):
    book = group.proposed()
    with pytest.raises(Refused, match="pas encore adopté"):
        group.sign(book, 0)


def test_nobody_else_signs(group):
    book = group.adopted()
    member_of_the_plenary = actor("group_member", group.council.scope, person=group.members[0].person)
    for other in (group.coordinator, group.mayor, member_of_the_plenary):
        with pytest.raises(Refused, match="membres actuels de cette formation"):
            actions.sign(rulebook=book, seen=book.digest, by=other)


def test_a_member_who_left_neither_signs_nor_counts(group):
    book = group.adopted()
    group.sign(book, 0)
    group.leave(0)
    group.leave(1)
    with pytest.raises(Refused, match="membres actuels"):
        group.sign(book, 1)
    assert standings([book])[book.pk] == Standing(members=1, signed=0)
    assert list(to_sign(group.seats[1].person_id)) == []


def test_who_comes_back_signs_again_from_the_new_seat(group):
    book = group.adopted()
    group.sign(book, 0)
    group.leave(0)
    seat = MembershipFactory(body=group.group, person=group.seats[0].person, valid_from=timezone.localdate())
    assert list(to_sign(seat.person_id)) == [book]
    group.sign(book, 0)
    assert standings([book])[book.pk] == Standing(members=3, signed=1)


def test_an_older_version_is_not_signed_and_a_new_one_is_signed_anew(group):
    first = group.adopted()
    group.sign(first, 0)
    second = replaced_by_another(group, first)
    first.refresh_from_db()
    with pytest.raises(Stale, match="plus récente"):
        group.sign(first, 1)
    assert standings([second])[second.pk] == Standing(members=3, signed=0)
    with pytest.raises(Stale, match="relisez-le"):  # the form of the first version, sent to the second
        actions.sign(rulebook=second, seen=first.digest, by=group.member(0))
    group.sign(second, 0)
    assert Signature.objects.filter(person=group.seats[0].person).count() == 2


def test_a_signature_is_taken_back_and_given_again_as_rows(group):
    book = group.adopted()
    group.sign(book, 0)
    actions.take_back(rulebook=book, by=group.member(0))
    with pytest.raises(Stale, match="déjà retiré"):
        actions.take_back(rulebook=book, by=group.member(0))
    who = signatories(book)[0]
    assert who.signed_at is None
    assert who.withdrawn_at is not None
    assert unsigned_people([book]) == sorted(seat.person_id for seat in group.seats[1:])  # left in peace
    group.sign(book, 0)
    assert list(Signature.objects.values_list("rank", "withdrawn")) == [(1, False), (2, True), (3, False)]
    with pytest.raises(Refused, match="pas signé"):
        actions.take_back(rulebook=book, by=group.member(1))


SIGN = """INSERT INTO governance_signature (rulebook_id, membership_id, person_id, rank, withdrawn, digest, at)
          VALUES (%s, %s, %s, %s, %s, %s, now())"""


def refused(statement, values=(), error=DatabaseError, match=None):
    with pytest.raises(error, match=match), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_by_sql_as_the_application_role_nobody_signs_for_another(group):
    book = group.adopted()
    mine, other = group.seats[0], group.seats[1]
    group.member(0)  # the database is asked under this member's mandate
    refused(SIGN, [book.pk, other.pk, other.person_id, 1, False, book.digest], match="nobody signs for another")
    refused(SIGN, [book.pk, other.pk, mine.person_id, 1, False, book.digest], match="present member")
    refused(SIGN, [book.pk, mine.pk, mine.person_id, 1, False, "0" * 64], match="text in force")
    refused(SIGN, [book.pk, mine.pk, mine.person_id, 1, True, book.digest], match="follow one another")
    refused(SIGN, [book.pk, mine.pk, mine.person_id, 2, True, book.digest], match="follow one another")
    act_as(None)
    refused(SIGN, [book.pk, mine.pk, mine.person_id, 1, False, book.digest], match="nobody signs for another")
    group.member(2)
    group.leave(2)
    gone = group.seats[2]
    refused(SIGN, [book.pk, gone.pk, gone.person_id, 1, False, book.digest], match="present member")


def test_by_sql_as_the_application_role_a_signature_cannot_change_or_be_moved_to_another_person(group):
    book = group.adopted()
    group.sign(book, 0)
    refused("UPDATE governance_signature SET withdrawn = true")
    refused("DELETE FROM governance_signature")
    refused(
        "UPDATE governance_membership SET person_id = %s WHERE id = %s",
        [group.seats[1].person_id, group.seats[0].pk], match="who sits where",
    )  # fmt: skip
    refused("UPDATE governance_membership SET body_id = %s WHERE id = %s", [group.plenary.pk, group.seats[0].pk])


def test_by_sql_as_the_application_role_a_proposed_or_adopted_text_cannot_change(group):
    proposed = group.proposed(kind="charter")
    book = group.adopted()
    for statement in (
        "UPDATE governance_rulebook SET text = 'autre' WHERE id = %s",
        "UPDATE governance_rulebook SET change_note = 'autre' WHERE id = %s",
        "UPDATE governance_rulebook SET quorum_numerator = 1, quorum_denominator = 4 WHERE id = %s",
        "UPDATE governance_rulebook SET digest = 'f' WHERE id = %s",
        "UPDATE governance_rulebook SET proposed_on = '2020-01-01' WHERE id = %s",
        "UPDATE governance_rulebook SET version = 9 WHERE id = %s",
        "UPDATE governance_rulebook SET state = 'draft', proposed_on = NULL, digest = '' WHERE id = %s",
        "DELETE FROM governance_rulebook WHERE id = %s",
    ):
        refused(statement, [proposed.pk])
        refused(statement, [book.pk])
    refused("UPDATE governance_rulebook SET adopted_on = current_date + 1 WHERE id = %s", [book.pk])
    refused("UPDATE governance_rulebook SET state = 'replaced', ended_on = current_date WHERE id = %s", [proposed.pk])
    refused(
        "UPDATE governance_rulebook SET state = 'adopted', adopted_on = current_date, adopted_in_id = %s WHERE id = %s",
        [group.prepared().pk, proposed.pk], match="took place",
    )  # fmt: skip
    book.refresh_from_db()
    assert (book.text, book.digest) == (TEXT, book.computed_digest())


def test_by_sql_as_the_application_role_no_version_is_born_adopted_nor_proposed_with_another_digest(group):
    draft = group.draft()
    refused(
        "UPDATE governance_rulebook SET state = 'proposed', proposed_on = current_date, digest = %s WHERE id = %s",
        ["0" * 64, draft.pk], match="proposed as it is",
    )  # fmt: skip
    refused(
        """INSERT INTO governance_rulebook (body_id, kind, version, text, change_note, quorum_strict, state, edit,
           digest, proposed_on, created_by_id, created_at)
           VALUES (%s, 'charter', 1, 'x', '', false, 'proposed', 1, 'x', current_date, %s, now())""",
        [group.group.pk, group.coordinator.person_id], match="begins as a draft",
    )  # fmt: skip
    withdrawn = actions.propose(rulebook=draft, edit=draft.edit, on=timezone.localdate(), by=group.coordinator)
    actions.withdraw(rulebook=withdrawn, on=timezone.localdate(), by=group.coordinator)
    refused("UPDATE governance_rulebook SET state = 'proposed', ended_on = NULL WHERE id = %s", [draft.pk])


def test_the_database_and_the_program_write_the_same_digest(group):
    book = group.adopted(quorum=None, text="# Été\nÀ l’accueil :\t« œuvre »\n- 100 %")
    with connection.cursor() as cursor:
        cursor.execute("SELECT governance_rulebook_digest(r) FROM governance_rulebook r WHERE id = %s", [book.pk])
        assert cursor.fetchone()[0] == book.computed_digest() == book.digest


def test_an_alternate_stands_in_for_a_full_member_of_the_same_body(group):
    titular = group.seats[0]
    alternate = MembershipFactory(body=group.group, alternate_of=titular)
    for wrong in (group.members[0], alternate):
        with pytest.raises(DatabaseError, match="full member of the same body"), transaction.atomic():
            MembershipFactory(body=group.group, alternate_of=wrong)
    refused("UPDATE governance_membership SET alternate_of_id = %s WHERE id = %s", [group.seats[1].pk, titular.pk])
    refused("UPDATE governance_membership SET alternate_of_id = id WHERE id = %s", [titular.pk])
    book = group.adopted()
    assert standings([book])[book.pk].members == 4  # an alternate hears what the member hears, and signs too


def test_a_seat_follows_one_that_was_left(group):
    with pytest.raises(DatabaseError, match="has left"), transaction.atomic():
        MembershipFactory(body=group.group, follows=group.seats[0], valid_from=timezone.localdate())
    group.leave(0)
    assert MembershipFactory(body=group.group, follows=group.seats[0], valid_from=timezone.localdate()).pk
