"""Passwords: changed by who knows them, chosen anew by link; neither tells who has an account."""

import datetime as dt
import re

import pytest
import time_machine
from django.core import mail
from procrastinate.contrib.django.models import ProcrastinateJob

from prevenance.core.models import AuditRow
from prevenance.domains.accounts.models import Session
from tests.domains.accounts.conftest import PASSWORD, code_now
from tests.factories import MandateFactory, PersonFactory

pytestmark = pytest.mark.django_db
FORGOTTEN = "/compte/mot-de-passe/oublie/"
FRESH = {"password": "encore une longue phrase", "again": "encore une longue phrase"}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC), tick=False) as travelled:
        yield travelled


@pytest.fixture
def person(council, with_password):
    return with_password(MandateFactory(scope=council.scope).person)


@pytest.fixture
def link(client, person, run_jobs):
    client.post(FORGOTTEN, {"email": person.email})
    run_jobs()
    return link_in(mail.outbox[-1])


def link_in(message):
    return re.search(r"http://127\.0\.0\.1:8000(/compte/mot-de-passe/nouveau/\S+)", message.body).group(1)


class TestForgotten:
    @pytest.mark.parametrize("who", ["known", "unknown", "closed", "never invited"])
    def test_the_answer_and_the_work_are_the_same_for_everybody(self, client, person, run_jobs, who):
        email = {"known": person.email, "unknown": "personne@exemple.invalid"}.get(who)
        email = email or PersonFactory(password="!aucun", is_active=who != "closed").email
        response = client.post(FORGOTTEN, {"email": email.upper()})
        assert "Si un compte existe pour cette adresse" in response.content.decode()
        assert ProcrastinateJob.objects.count() == 1
        assert AuditRow.objects.filter(action="accounts.request_password_reset").count() == 1
        run_jobs()
        assert len(mail.outbox) == (who == "known")

    def test_neither_the_queue_nor_the_audit_holds_an_address(self, client, person):
        client.post(FORGOTTEN, {"email": person.email})
        assert ProcrastinateJob.objects.get().args == {"person_id": person.pk}
        row = AuditRow.objects.get(action="accounts.request_password_reset")
        assert person.email not in row.detail + row.subject

    def test_a_mailbox_is_not_flooded(self, client, person, run_jobs, clock):
        for _request in range(3):
            client.post(FORGOTTEN, {"email": person.email})
        run_jobs()
        assert len(mail.outbox) == 1
        clock.shift(dt.timedelta(minutes=5))
        client.post(FORGOTTEN, {"email": person.email})
        run_jobs()
        assert len(mail.outbox) == 2

    def test_the_link_sets_a_password_and_ends_every_session(self, client, person, run_jobs):
        client.__class__().post("/compte/entrer/", {"username": person.email, "password": PASSWORD})
        client.post(FORGOTTEN, {"email": person.email})
        run_jobs()
        link = link_in(mail.outbox[-1])
        assert Session.objects.filter(person=person).exists()
        page = client.get(link)
        assert page["Referrer-Policy"] == "same-origin"  # stricter would make browsers send « Origin: null »
        assert client.post(link, FRESH).url == "/compte/entrer/"
        assert not Session.objects.filter(person=person).exists()
        assert client.post("/compte/entrer/", {"username": person.email, "password": PASSWORD}).status_code == 200
        entered = client.post("/compte/entrer/", {"username": person.email, "password": FRESH["password"]})
        assert entered.status_code == 302

    def test_the_second_factor_stays_required(self, client, person, link, with_device):
        with_device(person)
        client.post(link, FRESH)
        client.post("/compte/entrer/", {"username": person.email, "password": FRESH["password"]})
        assert client.get("/compte/").url == "/compte/second-facteur/"
        assert client.get("/compte/second-facteur/installer/").url == "/compte/second-facteur/"

    def test_it_serves_once(self, client, link):
        client.post(link, FRESH)
        response = client.post(link, {"password": "celui d’un voleur", "again": "celui d’un voleur"})
        assert response.status_code == 410
        assert "Demandez-en un autre" in response.content.decode()

    @pytest.mark.parametrize(("seconds", "status"), [(3600, 200), (3601, 410)])
    def test_it_lasts_an_hour(self, client, link, clock, seconds, status):
        clock.shift(dt.timedelta(seconds=seconds))
        assert client.get(link).status_code == status

    def test_it_dies_when_the_person_signs_in_meanwhile(self, client, person, link, clock):
        clock.shift(dt.timedelta(seconds=5))
        client.post("/compte/entrer/", {"username": person.email, "password": PASSWORD})
        assert client.get(link).status_code == 410

    @pytest.mark.parametrize("uid", ["", "x", "MQ", "_w", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "é"])
    def test_a_made_up_link_opens_nothing(self, client, db, uid):
        assert client.get(f"/compte/mot-de-passe/nouveau/{uid or '-'}/abc-def/").status_code == 410

    def test_the_person_is_told_that_it_changed(self, client, link, run_jobs, person):
        client.post(link, FRESH)
        run_jobs()
        assert mail.outbox[-1].subject == "Prévenance\u00a0: votre mot de passe a changé"


class TestChange:
    ADDRESS = "/compte/mot-de-passe/"

    @pytest.fixture
    def entered(self, sign_in_by_hand, person):
        return sign_in_by_hand(person)

    def test_it_takes_the_present_one(self, entered):
        response = entered.post(self.ADDRESS, {"current": "faux", **FRESH})
        assert "Ce n’est pas votre mot de passe actuel." in response.content.decode()

    def test_it_keeps_this_session_and_ends_the_others(self, entered, person, clock):
        clock.shift(dt.timedelta(minutes=1))
        other = entered.__class__()
        other.post("/compte/entrer/", {"username": person.email, "password": PASSWORD})
        other.post("/compte/second-facteur/", {"code": code_now()})
        assert other.get("/compte/").status_code == 200
        assert entered.post(self.ADDRESS, {"current": PASSWORD, **FRESH}).url == "/compte/"
        assert entered.get("/compte/").status_code == 200
        assert other.get("/compte/").url.startswith("/compte/entrer/")
        assert Session.objects.filter(person=person).count() == 1

    def test_a_weak_one_is_refused(self, entered):
        response = entered.post(self.ADDRESS, {"current": PASSWORD, "password": "court", "again": "court"})
        assert "trop court" in response.content.decode()
        assert entered.post(self.ADDRESS, {"current": PASSWORD, **FRESH}).status_code == 302


def test_passwords_are_kept_under_a_slow_digest():
    from prevenance.config import settings

    assert not hasattr(settings, "PASSWORD_HASHERS")  # Django's own: PBKDF2 with its current number of rounds
