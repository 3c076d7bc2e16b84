"""Address and password: who enters, who does not, and what an attacker learns (nothing)."""

import datetime as dt
import ipaddress

import pytest
import time_machine
from axes.models import AccessAttempt
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from prevenance.core.models import AuditRow
from prevenance.domains.accounts.models import Session
from tests.domains.accounts.conftest import PASSWORD, CountingHasher, code_now
from tests.factories import MandateFactory, PersonFactory

pytestmark = pytest.mark.django_db
ENTER = "/compte/entrer/"


@pytest.fixture
def person(council, with_password):
    return with_password(MandateFactory(scope=council.scope).person)


def enter(client, person, password=PASSWORD, **more):
    return client.post(ENTER, {"username": person.email, "password": password, **more})


def test_the_right_password_leads_to_the_second_factor(client, person):
    assert enter(client, person).url == reverse("accounts:second_factor")
    assert client.get("/compte/second-facteur/").url == reverse("accounts:set_up_second_factor")


def test_the_password_alone_opens_no_page(client, person):
    enter(client, person)
    assert client.get("/ma-journee/").url == reverse("accounts:second_factor")
    assert client.get("/compte/").url == reverse("accounts:second_factor")
    assert client.post("/compte/changer/").url == reverse("accounts:second_factor")


def test_capitals_and_spaces_in_the_address_do_not_matter(client, person):
    assert client.post(ENTER, {"username": f" {person.email.upper()} ", "password": PASSWORD}).status_code == 302


@pytest.mark.parametrize("who", ["unknown", "known", "closed", "never invited"])
def test_every_wrong_answer_says_and_costs_the_same(client, person, who):
    email = {"unknown": "personne@exemple.invalid"}.get(who, person.email)
    if who == "closed":
        person.is_active = False
        person.save()
    if who == "never invited":
        email = PersonFactory(password="!aucun").email
    CountingHasher.hashed = 0
    response = client.post(ENTER, {"username": email, "password": "ce n’est pas le bon"})
    assert response.status_code == 200
    assert "L’adresse ou le mot de passe n’est pas le bon." in response.content.decode()
    assert CountingHasher.hashed == 1


def test_a_failure_is_in_the_audit_without_the_address(client, person):
    enter(client, person, "faux mot de passe")
    row = AuditRow.objects.filter(action="accounts.sign_in_refused").get()
    assert (row.person, row.subject, row.detail) == (None, "", '{"cause": "password"}')


def test_the_failure_is_recorded_even_when_the_request_breaks(client, person, monkeypatch):
    from prevenance.domains.accounts.views import entering

    def broken(*args, **kwargs):
        raise RuntimeError("the page cannot be drawn")

    before = AuditRow.objects.filter(action="accounts.sign_in_refused").count()
    monkeypatch.setattr(entering, "render", broken)
    client.raise_request_exception = False
    assert enter(client, person, "faux mot de passe").status_code == 500
    assert AuditRow.objects.filter(action="accounts.sign_in_refused").count() == before + 1


def test_an_entry_is_in_the_audit(client, person):
    enter(client, person)
    row = AuditRow.objects.filter(action="accounts.enter").get()
    assert row.person == person.pk
    assert row.detail == '{"how": "password"}'


class TestLockOut:
    def fail(self, client, person, times):
        return [enter(client, person, f"faux mot de passe {n}") for n in range(times)]

    def test_five_failures_close_the_door_and_say_until_when(self, client, person):
        with time_machine.travel(dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC), tick=False):
            responses = self.fail(client, person, 5)
            assert [response.status_code for response in responses] == [200, 200, 200, 200, 429]
            assert "jusqu’à 10:15" in responses[-1].content.decode()
            assert responses[-1]["Retry-After"] == "900"
            assert enter(client, person).status_code == 429  # even with the right password

    def test_the_door_opens_again_after_the_wait(self, client, person):
        with time_machine.travel(dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC), tick=False) as clock:
            self.fail(client, person, 5)
            clock.shift(dt.timedelta(minutes=15, seconds=1))
            assert enter(client, person).status_code == 302

    def test_it_closes_for_one_address_and_not_for_the_others(self, client, person, council, with_password):
        colleague = with_password(MandateFactory(scope=council.scope, role="deputy").person)
        self.fail(client, person, 5)
        assert enter(client, colleague).status_code == 302

    def test_behind_a_named_proxy_it_closes_for_one_visitor_and_not_for_the_others(self, client, person, settings):
        settings.TRUSTED_PROXIES = [ipaddress.ip_network("10.0.0.5")]
        client.defaults |= {"REMOTE_ADDR": "10.0.0.5", "HTTP_X_FORWARDED_FOR": "198.51.100.9"}
        assert self.fail(client, person, 5)[-1].status_code == 429
        client.defaults["HTTP_X_FORWARDED_FOR"] = "198.51.100.1, 198.51.100.9"
        assert enter(client, person).status_code == 429, "writing another address before one's own opens nothing"
        client.defaults["HTTP_X_FORWARDED_FOR"] = "203.0.113.7"
        assert enter(client, person).status_code == 302

    def test_past_the_proxy_another_address_at_each_attempt_changes_nothing(self, client, person, settings):
        settings.TRUSTED_PROXIES = [ipaddress.ip_network("10.0.0.5")]
        client.defaults["REMOTE_ADDR"] = "198.51.100.9"
        for last in range(5):
            client.defaults["HTTP_X_FORWARDED_FOR"] = f"203.0.113.{last}"
            response = self.fail(client, person, 1)[0]
        assert response.status_code == 429
        assert set(AccessAttempt.objects.values_list("ip_address", flat=True)) == {"198.51.100.9"}

    def test_an_unknown_address_is_closed_as_well(self, client, council):
        nobody = PersonFactory.build(email="personne@exemple.invalid")
        assert self.fail(client, nobody, 5)[-1].status_code == 429

    def test_the_refusal_of_a_closed_door_is_recorded(self, client, person):
        self.fail(client, person, 6)
        causes = list(AuditRow.objects.filter(action="accounts.sign_in_refused").values_list("detail", flat=True))
        assert causes[-1] == '{"cause": "locked"}'

    def test_no_password_is_kept_of_the_attempts(self, client, person):
        from axes.models import AccessAttempt

        self.fail(client, person, 1)
        assert "faux mot de passe" not in AccessAttempt.objects.get().post_data


class TestSession:
    def test_its_key_changes_at_the_password_and_at_the_second_factor(self, client, person, with_device):
        with_device(person)
        client.get(ENTER)
        client.session["planted"] = True
        session = client.session
        session.save()
        client.cookies["sessionid"] = before = session.session_key
        enter(client, person)
        after_password = client.cookies["sessionid"].value
        client.post("/compte/second-facteur/", {"code": code_now()})
        after_code = client.cookies["sessionid"].value
        assert len({before, after_password, after_code}) == 3
        assert set(Session.objects.values_list("session_key", flat=True)) == {after_code}

    def test_its_cookie_is_kept_from_scripts_and_other_sites(self, client, person, settings):
        settings.SESSION_COOKIE_SECURE = True
        enter(client, person)
        cookie = client.cookies["sessionid"]
        assert cookie["httponly"]
        assert cookie["secure"]
        assert cookie["samesite"] == "Lax"

    def test_signing_out_takes_a_post_and_forgets_it(self, client, person):
        enter(client, person)
        assert client.get("/compte/sortir/").status_code == 405
        assert client.post("/compte/sortir/").url == ENTER
        assert Session.objects.count() == 0
        assert client.get("/ma-journee/").url.startswith(ENTER)

    def test_signing_out_is_possible_before_the_second_factor_only_for_who_is_in(self, client):
        assert client.post("/compte/sortir/").status_code == 401


class TestNext:
    @pytest.mark.parametrize(
        "address",
        ["https://ailleurs.invalid/", "//ailleurs.invalid/", "javascript:alert(1)", "/\\ailleurs.invalid", "http:///x"],
    )
    def test_it_never_leads_elsewhere(self, client, person, with_device, address):
        with_device(person)
        assert "ailleurs" not in client.get(ENTER, {"next": address}).content.decode()
        enter(client, person, next=address)
        assert client.post("/compte/second-facteur/", {"code": code_now()}).url == "/ma-journee/"

    def test_it_leads_to_the_page_first_asked_for(self, client, person, with_device):
        with_device(person)
        asked = client.get("/compte/sessions/")
        assert asked.url == f"{ENTER}?next=/compte/sessions/"
        assert 'name="next" value="/compte/sessions/"' in client.get(asked.url).content.decode()
        enter(client, person, next="/compte/sessions/")
        assert client.post("/compte/second-facteur/", {"code": code_now()}).url == "/compte/sessions/"

    def test_somebody_already_in_goes_on(self, client, person, with_device):
        with_device(person)
        enter(client, person)
        client.post("/compte/second-facteur/", {"code": code_now()})
        assert client.get(ENTER, {"next": "//ailleurs.invalid"}).url == "/ma-journee/"


def test_pages_of_the_account_stay_in_no_cache(client, person, sign_in, coordinator):
    assert client.get(ENTER)["Cache-Control"] == "no-store"
    sign_in(coordinator)
    for name in ("accounts:account", "accounts:sessions", "pages:my_data", "accounts:people", "accounts:roles"):
        assert client.get(reverse(name))["Cache-Control"] == "no-store", name


def test_nothing_says_elsewhere_where_one_comes_from(client):
    assert client.get(ENTER)["Referrer-Policy"] == "same-origin"


def test_somebody_signed_out_is_nobody(rf):
    from prevenance.domains.accounts.acting import ANYBODY, ActingMandate

    request = rf.get("/")
    request.user = AnonymousUser()
    assert ActingMandate(lambda request: None).identify(request) is ANYBODY


@pytest.mark.parametrize(
    ("name", "refused"),
    [("sign_in", "put"), ("demonstrate", "get"), ("switch", "get"), ("sign_out", "get"), ("close_session", "get"),
     ("account", "delete"), ("people", "post"), ("roles", "post"), ("sessions", "post")],
)  # fmt: skip
def test_other_methods_are_refused(client, sign_in, coordinator, name, refused):
    sign_in(coordinator)
    assert getattr(client, refused)(reverse(f"accounts:{name}")).status_code == 405


def test_a_form_from_another_site_changes_nothing(person, coordinator, sign_in):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    assert strict.post(ENTER, {"username": person.email, "password": PASSWORD}).status_code == 403
