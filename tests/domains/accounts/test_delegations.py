"""A part of a mandate delegated to another elected member: narrower, never longer, never delegated again."""

import datetime as dt

import pytest
import time_machine
from django.db import ProgrammingError, connection, transaction
from django.urls import reverse

from prevenance.core.audit import MACHINE
from prevenance.core.models import AuditRow
from prevenance.core.refusals import Refused
from prevenance.domains.accounts import actions
from prevenance.domains.accounts.acting import actor_of
from prevenance.domains.accounts.models import Invitation, Mandate, Person
from tests.factories import MandateFactory, PersonFactory, actor, scope_of

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 20)
DAY = dt.timedelta(days=1)
EMAIL = "alix.deleguee@exemple.invalid"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC), tick=False) as travelled:
        yield travelled


def delegated(by, **changed):
    values = {"email": EMAIL, "given_name": "Alix", "family_name": "Déléguée", "valid_from": TODAY,
              "allows": ["hold_council", "see_council", "see_drafts"]}  # fmt: skip
    return actions.delegate(by=by, **(values | changed))


def sql(statement, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


class TestGiving:
    def test_the_delegate_acts_in_the_same_place_for_what_was_delegated_only(self, mayor):
        delegate = actor_of(delegated(mayor).person)
        assert (delegate.role, delegate.scope_id) == ("mayor", mayor.scope_id)
        assert delegate.is_delegate
        assert delegate.can("hold_council")
        assert not delegate.can("approve")
        assert not delegate.can("manage_people")

    def test_nothing_beyond_the_role_is_delegated(self, mayor):
        assert not actor_of(delegated(mayor, allows=["see_audit", "see_council"]).person).can("see_audit")

    def test_without_a_list_the_whole_role_is(self, mayor):
        assert actor_of(delegated(mayor, allows=None).person).can("approve")

    def test_it_lasts_as_long_as_the_mandate_it_comes_from(self, council):
        mayor = actor("mayor", scope_of(council.territory), valid_to=TODAY + 30 * DAY)
        assert delegated(mayor).valid_to == TODAY + 30 * DAY
        assert delegated(mayor, email="b@exemple.invalid", valid_to=TODAY + 90 * DAY).valid_to == TODAY + 30 * DAY
        assert delegated(mayor, email="c@exemple.invalid", valid_to=TODAY + DAY).valid_to == TODAY + DAY

    def test_somebody_new_gets_a_link_that_opens_the_account(self, mayor, run_jobs, mailoutbox):
        delegated(mayor)
        run_jobs()
        assert mailoutbox[0].to == [EMAIL]
        assert Invitation.objects.get().is_open

    def test_a_delegate_cannot_delegate(self, mayor):
        delegate = actor_of(delegated(mayor, allows=None).person)
        with pytest.raises(Refused, match="ne se délègue pas"):
            delegated(delegate, email="b@exemple.invalid")

    def test_nobody_delegates_to_themselves(self, mayor):
        with pytest.raises(Refused, match="ses propres fonctions"):
            delegated(mayor, email=mayor.person.email.upper())

    @pytest.mark.parametrize("role", ["coordinator", "deputy"])
    def test_only_an_elected_head_delegates(self, council, role):
        with pytest.raises(Refused, match="Seul un maire"):
            delegated(actor(role, council.scope))

    def test_a_mandate_withdrawn_in_another_tab_delegates_nothing(self, mayor):
        Mandate.objects.filter(pk=mayor.mandate_id).update(withdrawn_at=dt.datetime.now(dt.UTC))
        with pytest.raises(Refused, match="pris fin"):
            delegated(mayor)

    def test_it_does_not_begin_before_the_mandate_nor_after_its_end(self, council):
        mayor = actor("mayor", scope_of(council.territory), valid_from=TODAY, valid_to=TODAY + DAY)
        with pytest.raises(Refused, match="ne commence pas avant"):
            delegated(mayor, valid_from=TODAY - DAY)
        with pytest.raises(Refused, match="finit avant"):
            delegated(mayor, valid_from=TODAY + 2 * DAY)

    def test_a_second_click_gives_nothing_twice(self, mayor):
        delegated(mayor)
        with pytest.raises(Refused, match="déjà ce rôle"):
            delegated(mayor)


class TestEnding:
    def test_a_withdrawn_mandate_takes_its_delegations_with_it(self, administrator, mayor, with_password):
        given = delegated(mayor)
        with_password(given.person)
        actions.withdraw_mandate(by=administrator, mandate=mayor.mandate)
        assert not actor_of(given.person).signed_in
        assert not Person.objects.get(pk=given.person_id).is_active
        assert AuditRow.objects.filter(
            subject=f"accounts.mandate:{given.pk}", action="accounts.withdraw_mandate"
        ).exists()

    def test_a_last_day_is_theirs_too_and_one_that_had_not_begun_never_does(self, administrator, mayor, clock):
        given = delegated(mayor)
        later = delegated(mayor, email="b@exemple.invalid", valid_from=TODAY + 60 * DAY)
        actions.end_mandate(by=administrator, mandate=mayor.mandate, last_day=TODAY + 30 * DAY)
        given.refresh_from_db()
        later.refresh_from_db()
        assert given.valid_to == TODAY + 30 * DAY
        assert later.withdrawn_at is not None
        clock.shift(31 * DAY)
        assert not actor_of(given.person).signed_in

    def test_closing_the_account_of_whoever_gave_it_ends_it(self, administrator, mayor):
        given = delegated(mayor)
        actions.close_account(by=administrator, person=mayor.person)
        assert not actor_of(given.person).signed_in

    def test_whoever_gave_it_takes_it_back_and_no_other_mayor_does(self, mayor, other_council, sign_in):
        given = delegated(mayor)
        with pytest.raises(Refused, match="ne permet pas de retirer"):
            actions.withdraw_mandate(by=actor("mayor", mayor.mandate.scope), mandate=given)
        client = sign_in(mayor)
        assert "par délégation de" in client.get(reverse("accounts:person", args=[given.person_id])).content.decode()
        client.post(reverse("accounts:end_mandate", args=[given.pk]), {"how": "now"})
        assert not actor_of(given.person).signed_in

    def test_the_delegate_neither_ends_nor_prolongs_it(self, mayor, administrator):
        given = delegated(mayor, allows=None, valid_to=TODAY + DAY)
        with pytest.raises(Refused):
            actions.end_mandate(by=actor_of(given.person), mandate=given, last_day=TODAY + 90 * DAY)

    def test_it_is_not_prolonged_past_the_mandate_it_comes_from(self, administrator, council):
        mayor = actor("mayor", scope_of(council.territory), valid_to=TODAY + 30 * DAY)
        with pytest.raises(Refused, match="ne dure pas plus"):
            actions.end_mandate(by=administrator, mandate=delegated(mayor), last_day=TODAY + 31 * DAY)

    def test_the_screen_that_ends_a_mandate_says_which_delegations_end(self, administrator, mayor, sign_in):
        delegated(mayor)
        page = sign_in(administrator).get(reverse("accounts:end_mandate", args=[mayor.mandate_id]))
        assert "Alix Déléguée" in page.content.decode()


class TestInTheDatabase:
    """What no action does, the application role cannot do in SQL either."""

    @pytest.mark.parametrize(
        ("change", "left"),
        [("withdrawn_at = now()", None), ("valid_to = '2026-11-25'", dt.date(2026, 11, 25))],
    )
    def test_a_mandate_ended_in_sql_ends_its_delegations(self, mayor, change, left):
        given = delegated(mayor)
        sql(f"UPDATE accounts_mandate SET {change} WHERE id = %s", mayor.mandate_id)
        given.refresh_from_db()
        assert given.valid_to == left
        assert (given.withdrawn_at is not None) is (left is None)

    @pytest.mark.parametrize(
        "change",
        ["valid_to = '2027-01-01'", "allows = NULL", "role = 'coordinator'", "delegated_from_id = NULL, allows = NULL",
         "person_id = person_id + 1", "valid_from = '2020-01-01'"],
    )  # fmt: skip
    def test_a_delegation_is_neither_widened_nor_prolonged(self, council, change):
        mayor = actor("mayor", scope_of(council.territory), valid_to=TODAY + 30 * DAY)
        given = delegated(mayor)
        with pytest.raises(ProgrammingError, match="delegation"):
            sql(f"UPDATE accounts_mandate SET {change} WHERE id = %s", given.pk)

    def test_nor_brought_back_once_the_mandate_was_withdrawn(self, mayor):
        given = delegated(mayor)
        sql("UPDATE accounts_mandate SET withdrawn_at = now() WHERE id = %s", mayor.mandate_id)
        with pytest.raises(ProgrammingError, match="lives within"):
            sql("UPDATE accounts_mandate SET withdrawn_at = NULL WHERE id = %s", given.pk)

    @pytest.mark.parametrize(
        ("changed", "why"),
        [({"role": "coordinator"}, "role and scope"), ({"valid_from": dt.date(2020, 1, 1)}, "lives within")],
    )
    def test_no_other_is_inserted(self, mayor, changed, why):
        values = {"role": "mayor", "scope": mayor.mandate.scope, "valid_from": TODAY, "delegated_from": mayor.mandate}
        with pytest.raises(ProgrammingError, match=why), transaction.atomic():
            MandateFactory(**(values | changed))

    def test_nor_one_that_comes_from_a_delegation(self, mayor):
        given = delegated(mayor)
        with pytest.raises(ProgrammingError, match="cannot delegate"), transaction.atomic():
            MandateFactory(role="mayor", scope=given.scope, valid_from=TODAY, delegated_from=given)

    def test_nor_to_the_same_person(self, mayor):
        with pytest.raises(ProgrammingError, match="somebody else"), transaction.atomic():
            MandateFactory(
                person=mayor.person, role="mayor", scope=mayor.mandate.scope, valid_from=dt.date(2023, 1, 1),
                valid_to=dt.date(2023, 6, 1), delegated_from=mayor.mandate,
            )  # fmt: skip

    def test_a_mandate_that_was_delegated_keeps_its_holder(self, mayor):
        delegated(mayor)
        with pytest.raises(ProgrammingError, match="stays what it was"):
            sql("UPDATE accounts_mandate SET person_id = %s WHERE id = %s", PersonFactory().pk, mayor.mandate_id)


class TestErasing:
    def test_what_was_delegated_goes_before_the_mandate_it_came_from_which_waits_for_it(self, council):
        scope, left = scope_of(council.territory), dt.date(2026, 11, 20)
        closed = dt.datetime.combine(left, dt.time(9), tzinfo=dt.UTC)
        gone = {"is_active": False, "deactivated_at": closed, "created_at": closed}
        head = MandateFactory(person=PersonFactory(**gone), role="mayor", scope=scope, valid_to=left)
        given = MandateFactory(
            person=PersonFactory(**gone), role="mayor", scope=scope, valid_to=left, delegated_from=head
        )
        here = MandateFactory(role="mayor", scope=scope, valid_to=left, delegated_from=head)
        before = dt.date(2028, 1, 1)
        people = [head.person_id, given.person_id]
        with time_machine.travel(dt.datetime(2028, 6, 15, 6, tzinfo=dt.UTC)):
            assert actions.erase_mandates(people=people, before=before, by=MACHINE) == 1
            assert Mandate.objects.filter(pk=head.pk).exists()
            here.delete()
            assert actions.erase_mandates(people=people, before=before, by=MACHINE) == 1
