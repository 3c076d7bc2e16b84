"""Turning somebody to a service by a code and a link that expires: sent, answered, followed, ended."""

import datetime as dt
import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.models import digest_of
from prevenance.domains.directory import jobs
from prevenance.domains.directory.actions import orientations as actions
from prevenance.domains.directory.models import (
    OrientationAnswer,
    OrientationKey,
    OrientationLink,
)
from prevenance.domains.directory.rules import orientations as rules
from prevenance.domains.governance.rules.councils import Stale
from tests.domains.directory.turning import aged, link, page, sent, text, trail
from tests.domains.followup.counting import questions
from tests.factories import CouncilFactory, actor, coordinator_of, scope_of, territory
from tests.factories.directory import ServiceFactory, StructureFactory

pytestmark = pytest.mark.django_db

LIST, SEARCH = reverse("directory:orientations"), reverse("directory:orient_search")


@pytest.fixture
def worker():
    return actor("victim_support", scope_of(territory("departement", "42")))


@pytest.fixture
def ours(worker, sign_in):
    return sign_in(worker)


def test_a_worker_sends_by_mail_and_the_service_answers_without_an_account(ours, worker):
    service = ServiceFactory(name="Consultation inventée", kind="psychotrauma", needs=["femmes"])
    found = text(ours.get(SEARCH, {"need": "femmes", "where": "42218"}))
    assert "Consultation inventée" in found
    address = reverse("directory:orient", args=[service.pk])
    assert f"{address}?need=femmes" in found
    form = text(ours.get(address, {"need": "femmes"}))
    assert re.search(r'<option value="femmes" selected', form)
    answer = ours.post(address, {"need": "femmes", "audience": "femmes", "wish": "jour", "how": "mail"})
    orientation = OrientationLink.objects.get()
    assert answer.url == reverse("directory:orientation", args=[orientation.pk])
    assert re.fullmatch(r"[B-Z]{3}-[2-9]{3}", orientation.code)
    assert orientation.code in text(ours.get(answer.url))
    assert not OrientationKey.objects.exists(), "no link before the mail"
    jobs.send_orientation.func(orientation=orientation.pk)
    jobs.send_orientation.func(orientation=orientation.pk)
    assert len(mail.outbox) == 1, "a second run sends nothing"
    written = mail.outbox[0]
    assert written.to == ["accueil@exemple.invalid"]
    assert orientation.code in written.subject + written.body
    token = re.search(r"/reponse/([\w-]+)/", written.body)[1]
    assert OrientationKey.objects.get().digest == digest_of(token) != token
    visitor = Client()
    opened = visitor.get(page(token))
    assert orientation.code in text(opened)
    assert "Violences contre les femmes" in text(opened)
    day = timezone.localdate() + dt.timedelta(days=2)
    done = visitor.post(page(token), {"answer": "accepted", "day": day.isoformat()}, follow=True)
    assert "Elle est transmise" in text(done)
    orientation.refresh_from_db()
    assert (orientation.state, orientation.days_to_answer) == ("accepted", 0)
    assert trail()[:3] == (None, f"scope:{worker.scope_id}", "directory.answer")
    assert "La personne est attendue à partir du" in text(ours.get(answer.url))


def test_a_link_to_tell_is_shown_once_and_several_are_good(ours, worker):
    service = ServiceFactory(structure=StructureFactory(email=""))
    address = reverse("directory:orient", args=[service.pk])
    assert "n’a pas d’adresse électronique" in text(ours.get(address))
    refused = ours.post(address, {"wish": "semaine", "need": "haine", "how": "mail"})
    assert refused.status_code == 422
    assert '<option value="haine" selected' in text(refused), "what was chosen is kept"
    shown = ours.post(address, {"wish": "semaine", "how": "link"})
    first = re.search(r"/reponse/([\w-]+)/", text(shown))[1]
    assert shown["Cache-Control"].count("no-store") == 1
    orientation = OrientationLink.objects.get()
    assert first not in text(ours.get(reverse("directory:orientation", args=[orientation.pk])))
    again = ours.post(reverse("directory:orientation_link", args=[orientation.pk]), {"how": "link"})
    second = re.search(r"/reponse/([\w-]+)/", text(again))[1]
    assert first != second
    assert {Client().get(page(one)).status_code for one in (first, second)} == {200}


def test_nothing_can_be_written_of_the_person(ours):
    service = ServiceFactory()
    address = reverse("directory:orient", args=[service.pk])
    page = text(ours.get(address))
    assert "<textarea" not in page
    assert 'type="text"' not in page.split("<main", 1)[1].split("</main", 1)[0]
    told = {"wish": "semaine", "need": "Camille Exemple", "note": "Camille Exemple", "how": "link"}
    assert ours.post(address, told).status_code == 422
    assert not OrientationLink.objects.exists()
    with pytest.raises(Refused, match="liste"):
        sent(coordinator_of(CouncilFactory()), asked=rules.Asked(audience="Camille"))


def test_only_an_open_service_that_professionals_may_turn_to(ours, worker):
    closed, alone = ServiceFactory(closed_on=dt.date(2026, 1, 5)), ServiceFactory(reached_by=["usagers"])
    for service, words in ((closed, "n’est pas ouvert"), (alone, "sans intermédiaire")):
        answer = ours.get(reverse("directory:orient", args=[service.pk]))
        assert answer.status_code == 403
        assert words in text(answer)
        assert service.name not in text(ours.get(SEARCH, {"where": ""}))
        assert (
            "Orienter une personne"
            not in text(ours.get(reverse("directory:service", args=[service.pk]))).split("<h1", 1)[1]
        )
        with pytest.raises(Refused, match=words):
            sent(worker, service)
    other = actor("trainer", scope_of(territory("departement", "42")))
    with pytest.raises(Refused, match="professionnels"):
        sent(other)


def test_what_is_sent_in_a_day_is_bounded(worker, monkeypatch):
    service = ServiceFactory()
    terms = rules.orientation_terms(timezone.localdate()) | {
        "to_one_service_a_day": 2,
        "sent_a_day": 3,
        "links_a_day": 2,
    }
    monkeypatch.setattr(rules, "orientation_terms", lambda _on: terms)
    first = sent(worker, service)
    sent(worker, service)
    with pytest.raises(Refused, match="à ce service"):
        sent(worker, service)
    sent(worker)
    with pytest.raises(Refused, match="demain"):
        sent(worker)
    link(first, worker)
    link(first, worker)
    with pytest.raises(Refused, match="Assez de liens"):
        link(first, worker)


def test_a_code_that_is_taken_is_drawn_again(worker, monkeypatch):
    codes = iter(["BCD-234", "BCD-234", "BCD-235"])
    monkeypatch.setattr(rules, "new_code", lambda: next(codes))
    assert [sent(worker).code, sent(worker).code] == ["BCD-234", "BCD-235"]


# ---------------------------------------------------------------------------------------------------------- answering


def test_an_answer_may_be_changed_and_its_history_is_kept(worker):
    orientation = sent(worker)
    token = link(orientation, worker)
    visitor = Client()
    visitor.post(page(token), {"answer": "waiting", "wait": "mois"})
    visitor.post(page(token), {"answer": "refused", "reason": "complet"})
    told = text(visitor.get(page(token)))
    assert "Le service ne peut pas recevoir la personne : le service est complet" in told
    assert "Il faut attendre : deux semaines à un mois" in told
    orientation.refresh_from_db()
    assert orientation.state == "refused"
    assert [one.answer for one in orientation.answers.all()] == ["refused", "waiting"]


@pytest.mark.parametrize(
    "given, words",
    [
        ({}, "Choisissez une réponse"),
        ({"answer": "Camille"}, "Choisissez une réponse"),
        ({"answer": "accepted", "day": "2020-01-01"}, "aujourd’hui ou plus tard"),
        ({"answer": "accepted", "day": "2099-01-01"}, "plus d’un an"),
        ({"answer": "accepted", "day": ""}, "obligatoire"),
        ({"answer": "waiting", "wait": "Camille"}, "Camille"),
        ({"answer": "refused", "reason": ""}, "obligatoire"),
        ({"answer": "assessed", "day": "2026-01-01"}, "Choisissez une réponse"),
    ],
)
def test_a_wrong_answer_is_said_and_changes_nothing(worker, given, words):
    token = link(sent(worker), worker)
    answer = Client().post(page(token), given)
    assert answer.status_code == 422
    assert words in text(answer)
    assert not OrientationAnswer.objects.exists()


def test_the_assessment_is_said_done_and_never_what_it_says(worker, ours):
    orientation = sent(worker, asked=rules.Asked(assessment=True))
    token = link(orientation, worker)
    today = timezone.localdate()
    future = Client().post(page(token), {"answer": "assessed", "day": (today + dt.timedelta(days=1)).isoformat()})
    assert "entre celui de l’orientation et aujourd’hui" in text(future)
    Client().post(page(token), {"answer": "assessed", "day": today.isoformat()})
    orientation.refresh_from_db()
    assert (orientation.assessed_on, orientation.state) == (today, "accepted")
    assert "Évaluation faite" in text(ours.get(LIST, {"state": "assessed"}))
    with pytest.raises(Refused, match="ne demande pas"):
        actions.answer(token=link(sent(worker), worker), given=rules.Given("assessed", day=today))


def test_expired_withdrawn_and_unknown_links_are_told_apart_by_nothing(worker, ours):
    old, gone = sent(worker), sent(worker)
    tokens = [link(old, worker), link(gone, worker), "inconnu"]
    aged(old, 46)
    withdraw = reverse("directory:orientation_withdraw", args=[gone.pk])
    assert "ne pourra plus répondre" in text(ours.get(withdraw))
    ours.post(withdraw)
    assert ours.post(withdraw).status_code == 302
    assert not gone.keys.exists()
    answers = [Client().get(page(token)) for token in tokens]
    assert {answer.status_code for answer in answers} == {410}
    pages = {
        re.sub(r'(csrfmiddlewaretoken" value=|X-CSRFToken": )"\w+"', "", text(answer).replace(token, ""))
        for answer, token in zip(answers, tokens, strict=True)
    }
    assert len(pages) == 1
    assert "Ce lien n’est plus valable" in text(answers[0])
    assert Client().post(page(tokens[0]), {"answer": "refused", "reason": "complet"}).status_code == 410
    for token in tokens:
        with pytest.raises(Stale):
            actions.answer(token=token, given=rules.Given("refused", reason="complet"))
    with pytest.raises(Refused, match="expiré"):
        link(old, worker)


def test_the_page_of_a_link_is_kept_and_found_by_nobody(worker, caplog):
    for token, status in ((link(sent(worker), worker), 200), ("inconnu", 410)):
        assert Client().post(page(token), {}).status_code in (422, 410)
        assert token not in caplog.text, "a link that opens is in no log"
        answer = Client().get(page(token))
        assert answer.status_code == status
        assert answer["Cache-Control"] == "no-store"
        assert answer["Referrer-Policy"] == "same-origin"
        assert "noindex" in answer["X-Robots-Tag"]
    assert not OrientationAnswer.objects.exists(), "opening a link answers nothing"


def test_whatever_method_asks_for_it_a_link_is_in_no_log(worker, caplog):
    token = link(sent(worker), worker)
    wrong = Client().delete(page(token))
    assert wrong.status_code == 405
    assert wrong["Cache-Control"] == "no-store"
    assert Client(enforce_csrf_checks=True).post(page(token), {"answer": "refused"}).status_code == 403
    assert Client().get(page(token) + ".").status_code == 404, "copied with the full stop after it"
    assert "Method Not Allowed" in caplog.text
    assert token not in caplog.text


def test_answers_of_a_day_are_bounded_by_orientation(worker, monkeypatch):
    token = link(sent(worker), worker)
    terms = rules.orientation_terms(timezone.localdate()) | {"answers_a_day": 2}
    monkeypatch.setattr(rules, "orientation_terms", lambda _on: terms)
    given = {"answer": "refused", "reason": "complet"}
    assert [Client().post(page(token), given).status_code for _turn in range(3)] == [302, 302, 422]
    assert OrientationAnswer.objects.count() == 2


@pytest.mark.parametrize("role", ["mediator", "victim_support", "referent"])
def test_a_day_says_which_orientations_stay_without_an_answer(sign_in, role):
    kind, code = ("departement", "42") if role == "victim_support" else ("commune", "42218")
    scope = scope_of(territory(kind, code))
    who, other = actor(role, scope), actor(role, scope)
    late, fresh, theirs, answered = (aged(sent(by), days) for by, days in ((who, 20), (who, 1), (other, 20), (who, 20)))
    actions.answer(token=link(answered, who), given=rules.Given("refused", reason="complet"))
    client = sign_in(who)
    assert questions(client, "/ma-journee/") <= 12
    shown = text(client.get("/ma-journee/"))
    assert "Orientations sans réponse" in shown
    assert reverse("directory:orientation", args=[late.pk]) in shown
    for one in (fresh, theirs, answered):
        assert one.code not in shown
    OrientationLink.objects.filter(pk=late.pk).update(expires_at=timezone.now())
    assert "Orientations sans réponse" not in text(sign_in(who).get("/ma-journee/"))
