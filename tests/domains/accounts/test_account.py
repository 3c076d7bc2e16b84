"""One's own account: details, sessions, what is held; and the table of roles."""

import datetime as dt
import json

import pytest
import time_machine

from prevenance.core.audit import MACHINE
from prevenance.domains.accounts import actions
from prevenance.domains.accounts.models import Person, Session
from prevenance.domains.accounts.roles import ABILITIES, ROLES
from prevenance.domains.accounts.sessions import browser_name
from tests.domains.accounts.conftest import PASSWORD, code_now
from tests.factories import MandateFactory, actor

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
NOW = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as travelled:
        yield travelled


class TestDetails:
    def test_one_corrects_one_s_own_names_and_telephone(self, coordinator, sign_in):
        client = sign_in(coordinator)
        client.post("/compte/", {"given_name": "Alix", "family_name": "Élémentaire", "phone": "04 00 00 00 00"})
        person = Person.objects.get(pk=coordinator.person_id)
        assert (person.name, person.sort_name, person.phone) == (
            "Alix Élémentaire",
            "elementaire alix",
            "04 00 00 00 00",
        )

    def test_a_telephone_is_digits(self, coordinator, sign_in):
        response = sign_in(coordinator).post(
            "/compte/", {"given_name": "A", "family_name": "B", "phone": "demander à l’accueil"}
        )
        assert "Donnez un numéro de téléphone" in response.content.decode()

    def test_another_s_account_is_theirs_to_correct(self, coordinator, council, with_password):
        from prevenance.core.refusals import Refused

        other = with_password(MandateFactory(scope=council.scope, role="deputy").person)
        with pytest.raises(Refused, match="elle seule"):
            actions.correct_person(by=coordinator, person=other, given_name="X", family_name="Y", phone="")

    def test_who_has_no_account_is_corrected_by_who_holds_the_council(self, coordinator, council):
        person = actions.add_person(
            by=coordinator, email="Membre@exemple.invalid", given_name="Alix", family_name="Fictif"
        )
        assert not person.has_usable_password()
        actions.correct_person(by=coordinator, person=person, given_name="Alix", family_name="Inventé", phone="")
        assert Person.objects.get(email="membre@exemple.invalid").family_name == "Inventé"

    def test_a_known_address_gives_the_known_person_unchanged(self, coordinator):
        given = {"given_name": "Alix", "family_name": "Fictif"}
        first = actions.add_person(by=coordinator, email="membre@exemple.invalid", **given)
        again = actions.add_person(by=coordinator, email="MEMBRE@exemple.invalid", given_name="B", family_name="C")
        assert (again.pk, again.name) == (first.pk, "Alix Fictif")

    def test_a_member_may_not_inscribe_people(self, council):
        from prevenance.core.refusals import Refused

        with pytest.raises(Refused):
            actions.add_person(
                by=actor("group_member", council.scope), email="x@exemple.invalid", given_name="A", family_name="B"
            )

    def test_an_organisation_is_made_once(self, coordinator):
        first = actions.add_organisation(by=coordinator, name="Mission  locale inventée", kind="integration")
        again = actions.add_organisation(by=coordinator, name="mission locale INVENTÉE", kind="integration")
        assert first == again
        assert first.name == "Mission locale inventée"


class TestSessions:
    @pytest.fixture
    def person(self, council):
        return MandateFactory(scope=council.scope).person

    @pytest.fixture
    def client_here(self, client, person, with_device):
        with_device(person)
        client.defaults["HTTP_USER_AGENT"] = FIREFOX
        client.post("/compte/entrer/", {"username": person.email, "password": PASSWORD})
        client.post("/compte/second-facteur/", {"code": code_now()})
        return client

    @pytest.fixture
    def client_elsewhere(self, client_here, person, clock):
        clock.shift(dt.timedelta(minutes=1))
        other = client_here.__class__()
        other.post("/compte/entrer/", {"username": person.email, "password": PASSWORD})
        other.post("/compte/second-facteur/", {"code": code_now()})
        return other

    def test_the_list_says_where_and_since_when_and_which_is_this_one(self, client_here, client_elsewhere):
        page = " ".join(client_here.get("/compte/sessions/").content.decode().split())
        assert "Firefox, Linux" in page
        assert "Ouverte le 20 novembre 2026, 10:00" in page
        assert page.count("cette session</span>") == 1

    def test_no_key_of_a_session_is_in_the_page(self, client_here, client_elsewhere):
        page = client_here.get("/compte/sessions/").content.decode()
        assert not any(session.session_key in page for session in Session.objects.all())

    def test_what_it_shows_survives_every_save(self, client_here, clock):
        opened = Session.objects.get().created_at
        clock.shift(dt.timedelta(minutes=9, seconds=59))
        client_here.get("/compte/")
        session = Session.objects.get()
        assert (session.created_at, session.last_seen_at) == (opened, NOW)
        clock.shift(dt.timedelta(seconds=1))
        client_here.get("/compte/")
        session = Session.objects.get()
        assert (session.created_at, session.last_seen_at) == (opened, NOW + dt.timedelta(minutes=10))
        assert session.browser == "Firefox, Linux"

    def test_one_closes_another(self, client_here, client_elsewhere):
        there = Session.objects.get(session_key=client_elsewhere.cookies["sessionid"].value)
        assert client_here.post("/compte/sessions/fermer/", {"session": there.handle}).status_code == 302
        assert client_elsewhere.get("/compte/").url.startswith("/compte/entrer/")
        assert client_here.get("/compte/").status_code == 200

    def test_one_closes_all_the_others(self, client_here, client_elsewhere):
        client_here.post("/compte/sessions/fermer/", {"others": "1"})
        assert Session.objects.count() == 1
        assert client_here.get("/compte/").status_code == 200

    def test_closing_this_one_is_signing_out(self, client_here):
        client_here.post("/compte/sessions/fermer/", {"session": Session.objects.get().handle})
        assert client_here.get("/compte/").url.startswith("/compte/entrer/")

    def test_nobody_closes_those_of_others(self, client_here, coordinator, sign_in):
        theirs = Session.objects.get()
        client_here.cookies.clear()
        mine = sign_in(coordinator)
        assert mine.post("/compte/sessions/fermer/", {"session": theirs.handle}).status_code == 404
        assert Session.objects.filter(pk=theirs.pk).exists()

    def test_ended_ones_are_cleared_by_the_clock(self, client_here, clock):
        clock.shift(dt.timedelta(hours=10, seconds=-1))
        assert actions.clear_old_traces(by=MACHINE) == (0, 0)
        clock.shift(dt.timedelta(seconds=2))
        assert actions.clear_old_traces(by=MACHINE) == (1, 0)

    def test_old_failed_attempts_are_cleared_by_the_clock(self, client, clock):
        client.post("/compte/entrer/", {"username": "x@exemple.invalid", "password": "faux"})
        clock.shift(dt.timedelta(days=30))
        assert actions.clear_old_traces(by=MACHINE)[1] == 0
        clock.shift(dt.timedelta(seconds=1))
        assert actions.clear_old_traces(by=MACHINE)[1] == 1


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (FIREFOX, "Firefox, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari, iPhone"),
        ("curl/8", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_browsers_are_recognised(said, name):
    assert browser_name(said) == name


class TestMyData:
    def test_everything_held_is_there_and_no_secret(self, coordinator, sign_in, with_password):
        with_password(coordinator.person)
        client = sign_in(coordinator)
        page = client.get("/compte/donnees/").content.decode()
        response = client.get("/compte/donnees/", {"format": "json"})
        held = json.loads(response.content)
        assert response["Content-Disposition"] == 'attachment; filename="mes-donnees.json"'
        assert held["Identité"]["Adresse électronique"] == coordinator.person.email
        assert [mandate["Périmètre"] for mandate in held["Mandats"]] == ["CLSPD de Saint-Étienne"]
        assert len(held["Sessions ouvertes"]) == 1
        for text in (page, response.content.decode()):
            assert coordinator.person.email in text
            assert coordinator.person.password not in text
            assert client.session.session_key not in text

    def test_it_is_about_oneself_only(self, coordinator, council, sign_in):
        other = MandateFactory(scope=council.scope, role="deputy").person
        assert other.email not in sign_in(coordinator).get("/compte/donnees/").content.decode()


def test_the_table_of_roles_is_the_one_that_decides(coordinator, sign_in):
    page = sign_in(coordinator).get("/compte/roles/").content.decode()
    from django.utils.html import escape

    for role in ROLES.values():
        assert escape(role.label) in page
    for sentence in ABILITIES.values():
        assert escape(sentence) in page


def test_a_role_with_an_unknown_ability_stops_everything(settings, tmp_path):
    from prevenance.domains.accounts import roles

    text = (settings.DATA / "accounts" / "roles.yaml").read_text()
    (tmp_path / "accounts").mkdir()
    settings.DATA = tmp_path
    for right, wrong in (("[see_plans]", "[rule_the_world]"), ("where: own", "where: everywhere")):
        assert right in text
        wrong = text.replace(right, wrong)
        (tmp_path / "accounts" / "roles.yaml").write_text(wrong)
        with pytest.raises(ValueError, match="unknown"):
            roles.table.__wrapped__()
