"""A mandate acts between its dates and no longer; with the last one the account closes."""

import datetime as dt

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice
from hypothesis import given
from hypothesis import strategies as st

from prevenance.core.audit import MACHINE
from prevenance.core.models import AuditRow
from prevenance.core.refusals import Refused
from prevenance.domains.accounts import actions, jobs
from prevenance.domains.accounts.acting import actor_of
from prevenance.domains.accounts.models import Mandate, Person, RecoveryCode, Session
from tests.domains.accounts.conftest import PASSWORD
from tests.factories import CouncilFactory, MandateFactory, PersonFactory, actor, scope_of, territory

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 20)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC), tick=False) as travelled:
        yield travelled


@pytest.fixture
def deputy(council, with_password):
    mandate = MandateFactory(scope=council.scope, role="deputy")
    with_password(mandate.person)
    return mandate


class TestDates:
    @pytest.mark.parametrize(
        ("begins", "ends", "acts"),
        [(0, 0, True), (-1, 0, True), (0, 1, True), (1, None, False), (0, None, True), (-2, -1, False)],
    )
    def test_both_end_days_are_included(self, council, begins, ends, acts):
        last = None if ends is None else TODAY + ends * DAY
        person = MandateFactory(scope=council.scope, valid_from=TODAY + begins * DAY, valid_to=last).person
        assert actor_of(person).signed_in is acts

    @pytest.mark.parametrize(
        ("moment", "acts"),
        [
            ("2026-11-30T22:59:59Z", False),  # 30 November, 23:59:59 in Paris
            ("2026-11-30T23:00:00Z", True),  # 1 December, midnight in Paris
            ("2026-12-31T22:59:59Z", True),  # 31 December, 23:59:59
            ("2026-12-31T23:00:00Z", False),
        ],
    )
    def test_days_begin_and_end_at_midnight_in_paris(self, council, clock, moment, acts):
        person = MandateFactory(
            scope=council.scope, valid_from=dt.date(2026, 12, 1), valid_to=dt.date(2026, 12, 31)
        ).person
        clock.move_to(dt.datetime.fromisoformat(moment))
        assert actor_of(person).signed_in is acts

    def test_a_signed_in_person_whose_mandate_ends_meets_a_closed_door(self, council, sign_in, clock):
        mandate = MandateFactory(scope=council.scope, valid_to=TODAY)
        client = sign_in(actor_of(mandate.person))
        assert client.get("/compte/").status_code == 200
        clock.shift(DAY)
        client = sign_in(actor_of(mandate.person))
        response = client.get("/compte/")
        assert response.status_code == 403
        assert client.post("/compte/sortir/").status_code == 302

    @given(
        begins=st.integers(-5, 5),
        length=st.none() | st.integers(0, 5),
        on=st.integers(-12, 12),
        withdrawn=st.booleans(),
    )
    def test_a_mandate_is_in_exactly_one_state_the_same_in_python_and_in_sql(self, begins, length, on, withdrawn):
        day = TODAY + on * DAY
        first = TODAY + begins * DAY
        with (
            transaction.atomic(),
            time_machine.travel(dt.datetime.combine(day, dt.time(12), tzinfo=dt.UTC), tick=False),
        ):
            mandate = MandateFactory(
                scope=scope_of(territory("commune", "42218")), valid_from=first,
                valid_to=None if length is None else first + length * DAY,
                withdrawn_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC) if withdrawn else None,
            )  # fmt: skip
            found = [s for s in Mandate.State if Mandate.objects.in_state(s).filter(pk=mandate.pk).exists()]
            assert found == [mandate.state]
            assert Mandate.objects.current().filter(pk=mandate.pk).exists() is (mandate.state == "current")
            transaction.set_rollback(True)


class TestDatabase:
    def test_the_same_role_twice_at_once_is_impossible(self, deputy):
        with pytest.raises(IntegrityError), transaction.atomic():
            MandateFactory(person=deputy.person, role="deputy", scope=deputy.scope, valid_from=TODAY)

    def test_it_is_possible_after_the_first_ended_or_was_withdrawn(self, deputy):
        Mandate.objects.filter(pk=deputy.pk).update(valid_to=TODAY)
        second = MandateFactory(person=deputy.person, role="deputy", scope=deputy.scope, valid_from=TODAY + DAY)
        Mandate.objects.filter(pk=second.pk).update(withdrawn_at=dt.datetime(2026, 11, 20, tzinfo=dt.UTC))
        MandateFactory(person=deputy.person, role="deputy", scope=deputy.scope, valid_from=TODAY + DAY)

    def test_an_end_before_the_beginning_is_impossible(self, council):
        with pytest.raises(IntegrityError), transaction.atomic():
            MandateFactory(scope=council.scope, valid_from=TODAY, valid_to=TODAY - DAY)


class TestEnding:
    def test_a_last_day_is_set_and_the_person_acts_until_its_evening(self, coordinator, deputy, clock):
        actions.end_mandate(by=coordinator, mandate=deputy, last_day=TODAY)
        assert actor_of(deputy.person).signed_in
        clock.shift(DAY)
        assert not actor_of(deputy.person).signed_in

    @pytest.mark.parametrize("last_day", [TODAY - DAY, dt.date(2020, 1, 1)])
    def test_the_last_day_is_not_past(self, coordinator, deputy, last_day):
        with pytest.raises(Refused, match="ne peut être passé"):
            actions.end_mandate(by=coordinator, mandate=deputy, last_day=last_day)

    def test_a_withdrawal_cuts_at_once_even_on_the_first_day(self, coordinator, council, with_password):
        mandate = MandateFactory(scope=council.scope, role="deputy", valid_from=TODAY)
        actions.withdraw_mandate(by=coordinator, mandate=mandate)
        assert not actor_of(mandate.person).signed_in

    def test_with_the_last_mandate_the_account_and_its_sessions_end(self, coordinator, deputy, client):
        TOTPDevice.objects.create(user=deputy.person, confirmed=True)
        RecoveryCode.objects.create(person=deputy.person, digest="0" * 64)
        client.post("/compte/entrer/", {"username": deputy.person.email, "password": PASSWORD})
        assert Session.objects.filter(person=deputy.person).count() == 1
        actions.withdraw_mandate(by=coordinator, mandate=deputy)
        person = Person.objects.get(pk=deputy.person_id)
        assert not person.is_active
        assert person.deactivated_at == dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
        assert not person.has_usable_password()
        assert not Session.objects.filter(person=person).exists()
        assert not TOTPDevice.objects.filter(user=person).exists()
        assert not RecoveryCode.objects.filter(person=person).exists()
        assert client.get("/compte/").url.startswith("/compte/entrer/")
        assert client.post("/compte/entrer/", {"username": person.email, "password": PASSWORD}).status_code == 200

    @pytest.mark.parametrize("begins", [dt.date(2025, 1, 1), TODAY + 30 * DAY])
    def test_with_another_mandate_now_or_later_it_stays(self, coordinator, deputy, council, begins):
        MandateFactory(person=deputy.person, role="group_member", scope=council.scope, valid_from=begins)
        actions.withdraw_mandate(by=coordinator, mandate=deputy)
        assert Person.objects.get(pk=deputy.person_id).is_active

    @pytest.mark.parametrize(
        ("role", "may"), [("deputy", True), ("group_member", True), ("coordinator", False), ("referent", False)]
    )
    def test_who_may_grant_a_role_may_end_it(self, coordinator, council, role, may):
        mandate = MandateFactory(scope=council.scope, role=role)
        if may:
            actions.withdraw_mandate(by=coordinator, mandate=mandate)
        else:
            with pytest.raises(Refused, match="ne permet pas de retirer"):
                actions.withdraw_mandate(by=coordinator, mandate=mandate)

    def test_not_elsewhere(self, coordinator, other_council):
        with pytest.raises(Refused, match="ressort"):
            actions.withdraw_mandate(by=coordinator, mandate=MandateFactory(scope=other_council.scope, role="deputy"))

    def test_nobody_ends_their_own(self, administrator):
        with pytest.raises(Refused, match="son propre mandat"):
            actions.withdraw_mandate(by=administrator, mandate=administrator.mandate)

    def test_what_is_over_is_over(self, coordinator, deputy):
        actions.withdraw_mandate(by=coordinator, mandate=deputy)
        with pytest.raises(Refused, match="déjà terminé"):
            actions.withdraw_mandate(by=coordinator, mandate=deputy)

    def test_the_screen_sets_a_day_or_cuts(self, coordinator, deputy, sign_in):
        client = sign_in(coordinator)
        address = reverse("accounts:end_mandate", args=[deputy.pk])
        assert "Si c’est son dernier mandat" in client.get(address).content.decode()
        assert "Donnez le dernier jour" in client.post(address, {"how": "on"}).content.decode()
        client.post(address, {"how": "on", "last_day": "2026-12-31"})
        deputy.refresh_from_db()
        assert deputy.valid_to == dt.date(2026, 12, 31)
        client.post(address, {"how": "now"})
        deputy.refresh_from_db()
        assert deputy.withdrawn_at

    def test_a_mandate_elsewhere_does_not_exist(self, sign_in, deputy, other_council):
        stranger = actor("coordinator", other_council.scope)
        assert sign_in(stranger).get(reverse("accounts:end_mandate", args=[deputy.pk])).status_code == 404


class TestByTheClock:
    def test_accounts_close_the_day_after_their_last_mandate(self, deputy, clock):
        Mandate.objects.filter(pk=deputy.pk).update(valid_to=TODAY)
        jobs.close_accounts_without_mandate.func(0)
        assert Person.objects.get(pk=deputy.person_id).is_active
        clock.shift(DAY)
        jobs.close_accounts_without_mandate.func(0)
        assert not Person.objects.get(pk=deputy.person_id).is_active
        assert AuditRow.objects.filter(subject=f"accounts.person:{deputy.person_id}").count() == 1

    def test_a_mandate_to_come_keeps_the_account(self, deputy, council):
        Mandate.objects.filter(pk=deputy.pk).update(valid_to=TODAY - DAY)
        MandateFactory(person=deputy.person, role="group_member", scope=council.scope, valid_from=TODAY + 30 * DAY)
        assert actions.close_accounts_without_mandate(by=MACHINE) == 0

    def test_people_without_an_account_are_left_alone(self, db):
        person = PersonFactory(password="!aucun")
        actions.close_accounts_without_mandate(by=MACHINE)
        assert Person.objects.get(pk=person.pk).is_active


class TestAdministration:
    def test_an_account_closed_by_the_administrator_opens_nothing(self, administrator, deputy, sign_in):
        client = sign_in(administrator)
        address = reverse("accounts:close_account", args=[deputy.person_id])
        assert "prennent fin maintenant" in client.get(address).content.decode()
        client.post(address)
        assert not Person.objects.get(pk=deputy.person_id).is_active
        assert not actor_of(deputy.person).signed_in

    def test_a_lost_telephone_is_taken_away_and_the_person_is_told(
        self, administrator, deputy, sign_in, run_jobs, mailoutbox
    ):
        TOTPDevice.objects.create(user=deputy.person, confirmed=True)
        client = sign_in(administrator)
        address = reverse("accounts:take_second_factor_away", args=[deputy.person_id])
        assert "de vive voix" in client.get(address).content.decode()
        client.post(address)
        assert not TOTPDevice.objects.filter(user=deputy.person).exists()
        run_jobs()
        assert mailoutbox[0].to == [deputy.person.email]

    @pytest.mark.parametrize("name", ["close_account", "take_second_factor_away"])
    def test_nobody_else_may(self, coordinator, deputy, sign_in, name):
        response = sign_in(coordinator).post(reverse(f"accounts:{name}", args=[deputy.person_id]))
        assert response.status_code == 403
        assert "Seule l’administration technique" in response.content.decode()

    @pytest.mark.parametrize("name", ["close_account", "take_second_factor_away"])
    def test_not_even_the_administrator_for_themselves(self, administrator, sign_in, name):
        response = sign_in(administrator).post(reverse(f"accounts:{name}", args=[administrator.person_id]))
        assert response.status_code == 403

    def test_the_administrator_sees_no_council(self, administrator):
        assert not administrator.can("see_council")


class TestSwitching:
    @pytest.fixture
    def twice(self, council, other_council):
        """A person with two mandates: coordinator here, member there."""
        here = MandateFactory(scope=council.scope)
        there = MandateFactory(person=here.person, role="group_member", scope=other_council.scope)
        return here, there

    def test_the_top_of_the_page_lists_them(self, twice, sign_in):
        here, there = twice
        client = sign_in(actor_of(here.person, here.pk))
        assert client.get("/compte/").context["actor"].choices == [(here.pk, str(here)), (there.pk, str(there))]

    def test_one_acts_under_the_one_chosen(self, twice, sign_in):
        here, there = twice
        client = sign_in(actor_of(here.person, here.pk))
        assert client.post("/compte/changer/", {"mandate": there.pk}).url == "/ma-journee/"
        assert client.get("/compte/").context["actor"].mandate_id == there.pk
        row = AuditRow.objects.get(action="accounts.switch_mandate")
        assert (row.scope, row.mandate) == (f"scope:{there.scope_id}", there.pk)

    @pytest.mark.parametrize("which", ["somebody else’s", "ended", "to come", "withdrawn", "none", "nonsense"])
    def test_no_other_can_be_chosen(self, twice, council, sign_in, which):
        here, _there = twice
        made = {
            "somebody else’s": lambda: MandateFactory(scope=council.scope, role="deputy"),
            "ended": lambda: MandateFactory(
                person=here.person, role="deputy", scope=council.scope, valid_to=TODAY - DAY
            ),
            "to come": lambda: MandateFactory(
                person=here.person, role="deputy", scope=council.scope, valid_from=TODAY + DAY
            ),
            "withdrawn": lambda: MandateFactory(
                person=here.person, role="deputy", scope=council.scope, withdrawn_at=dt.datetime.now(dt.UTC)
            ),
        }
        sent = made[which]().pk if which in made else {"none": "", "nonsense": "1 OR 1=1"}[which]
        client = sign_in(actor_of(here.person, here.pk))
        assert client.post("/compte/changer/", {"mandate": sent}).status_code == 404
        assert client.get("/compte/").context["actor"].mandate_id == here.pk

    def test_a_mandate_that_ends_while_chosen_gives_way_to_another(self, twice, sign_in):
        here, there = twice
        client = sign_in(actor_of(here.person, there.pk))
        Mandate.objects.filter(pk=there.pk).update(valid_to=TODAY - DAY)
        assert client.get("/compte/").context["actor"].mandate_id == here.pk


class TestReach:
    def test_a_mayor_looks_after_the_councils_of_the_commune(self, mayor, council, other_council):
        assert mayor.reach == [mayor.scope_id, council.scope_id]

    def test_a_coordinator_looks_after_the_council_only(self, coordinator, council):
        CouncilFactory(kind="CISPD", territory=council.territory)
        assert coordinator.reach == [council.scope_id]

    def test_a_prefect_s_office_looks_after_its_own_scope_only(self, council):
        office = actor("prefect_office", scope_of(territory("departement", "42")))
        assert office.reach == [office.scope_id]
