"""Orientations by a link once sent: who follows them, what the clock does of them, what hides."""

import datetime as dt
import re

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from prevenance.core.dates import quarters
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.models import Organisation
from prevenance.domains.directory import jobs
from prevenance.domains.directory.actions import doubles
from prevenance.domains.directory.actions import orientations as actions
from prevenance.domains.directory.analysis.orientations import Usual, usual_delays
from prevenance.domains.directory.models import (
    OrientationAnswer,
    OrientationKey,
    OrientationLink,
    Service,
    orientation_terms,
)
from prevenance.domains.directory.rules import orientations as rules
from tests.domains.directory.turning import aged, link, page, queries, sent, text
from tests.factories import MandateFactory, actor, scope_of, territory
from tests.factories.directory import ClosureFactory, ServiceFactory, ShelterFactory, StructureFactory

pytestmark = pytest.mark.django_db

LIST, SEARCH = reverse("directory:orientations"), reverse("directory:orient_search")


@pytest.fixture
def worker():
    return actor("victim_support", scope_of(territory("departement", "42")))


@pytest.fixture
def ours(worker, sign_in):
    return sign_in(worker)


def test_whoever_sent_sees_it_and_their_organisation_and_nobody_else(sign_in):
    scope = scope_of(territory("departement", "42"))
    house, other = (Organisation.objects.create(name=name) for name in ("Association inventée", "Autre inventée"))

    def one(organisation, where=scope, role="victim_support"):
        from prevenance.domains.accounts.acting import actor_of

        mandate = MandateFactory(role=role, scope=where, organisation=organisation)
        return actor_of(mandate.person, mandate.pk)

    sender, colleague = one(house), one(house)
    strangers = [
        one(other), one(None), one(house, scope_of(territory("commune", "42218"))), one(house, role="prefect_office"),
        one(None, scope_of(territory("nation", "FR")), "national_secretariat"),
    ]  # fmt: skip
    orientation = sent(sender)
    address = reverse("directory:orientation", args=[orientation.pk])
    for reader in (sender, colleague):
        client = sign_in(reader)
        assert orientation.code in text(client.get(address))
        assert orientation.code in text(client.get(LIST))
    assert orientation.code not in text(sign_in(colleague).get(LIST, {"of": "mine"}))
    for reader in strangers:
        client = sign_in(reader)
        assert client.get(address).status_code == 404
        assert client.post(reverse("directory:orientation_link", args=[orientation.pk])).status_code == 404
        assert orientation.code not in text(client.get(LIST))
        with pytest.raises(Refused):
            link(orientation, reader)


def test_the_list_is_filtered_counted_and_exported_with_as_many_queries(ours, worker, monkeypatch):
    service = ServiceFactory(name="Écoute filtrée")
    first = sent(worker, service)
    aged(first, 6)
    few = queries(ours, LIST)
    monkeypatch.setattr(rules, "orientation_terms", lambda on: orientation_terms(on) | {"to_one_service_a_day": 99})
    for turn in range(24):
        token = link(sent(worker, service, asked=rules.Asked(need="haine")), worker)
        actions.answer(token=token, given=rules.Given("refused", reason="complet") if turn % 2 else
                       rules.Given("waiting", wait="mois"))  # fmt: skip
    page = ours.get(LIST)
    assert queries(ours, LIST) == few <= 12
    assert len(page.context["rows"]) == 20
    assert len(ours.get(LIST, {"page": 2}).context["rows"]) == 5
    shown = {
        state: ours.get(LIST, {"state": state}).context["page"].paginator.count
        for state in ("late", "refused", "sent", "ended")
    }
    assert shown == {"late": 1, "refused": 12, "sent": 1, "ended": 0}
    assert ours.get(LIST, {"q": first.code.lower()}).context["rows"][0][0] == first
    assert ours.get(LIST, {"q": "ecoute"}).context["page"].paginator.count == 25
    assert ours.get(LIST, {"need": "femmes", "of": "mine"}).context["rows"][0][0] == first
    for format in ("csv", "xlsx", "ods"):
        file = ours.get(LIST, {"format": format, "state": "refused"})
        assert len(file.content) > 200
    lines = ours.get(LIST, {"format": "csv"}).content.decode("utf-8-sig").splitlines()
    assert len(lines) == 26
    assert queries(ours, f"{LIST}?format=csv") <= 12
    assert "Le service est complet" in lines[1] + lines[2]


def test_the_search_takes_as_many_queries(ours):
    ServiceFactory()
    few = queries(ours, SEARCH)
    for _turn in range(21):
        ServiceFactory()
    assert len(ours.get(SEARCH).context["rows"]) == 20
    assert queries(ours, SEARCH) == few <= 12


@time_machine.travel(dt.datetime(2026, 11, 28, 9, 30, tzinfo=dt.UTC), tick=False)  # a Saturday, half past ten in Paris
def test_those_that_are_open_now_are_found(worker, sign_in):
    ours = sign_in(worker)
    for name, hours in {"Ouvert": "Mo-Sa 09:00-12:00", "Fermé": "Mo 09:00-12:00", "En congés": "24/7", "?": ""}.items():
        ServiceFactory(name=name, hours=hours)
    ClosureFactory(
        service=Service.objects.get(name="En congés"), starts_on=dt.date(2026, 11, 20), ends_on=dt.date(2026, 11, 29)
    )
    assert [one.name for one, _state, _usual in ours.get(SEARCH, {"now": "on"}).context["rows"]] == ["Ouvert"]
    assert len(ours.get(SEARCH).context["rows"]) == 4
    assert queries(ours, f"{SEARCH}?now=on") <= 12


def test_the_usual_delay_is_a_median_of_services_with_enough_answers(worker):
    often, rarely = ServiceFactory(), ServiceFactory()
    for service, delays in ((often, [0, 1, 2, 9, 30]), (rarely, [1, 1])):
        for days in delays:
            one = aged(sent(worker, service), 40)
            answered = one.made_at + dt.timedelta(days=days, hours=1)
            OrientationLink.objects.filter(pk=one.pk).update(answered_at=answered, state="refused")
    sent(worker, often)
    assert usual_delays([often.pk, rarely.pk], timezone.localdate()) == {often.pk: Usual(3, 5)}


def test_a_service_united_with_another_brings_its_orientations(worker):
    keeper = actor("prefect_office", scope_of(territory("departement", "42")))
    kept, other = ServiceFactory(), ServiceFactory()
    orientation = sent(worker, other)
    doubles.merge_services(kept=kept, other=other, by=keeper)
    orientation.refresh_from_db()
    assert orientation.service == kept


def test_a_prefecture_reads_counts_alone_and_none_that_is_small(sign_in):
    department, quarter = territory("departement", "42"), quarters(timezone.localdate())[0]
    made = dt.datetime.combine(quarter, dt.time(10), timezone.get_default_timezone())
    senders = [actor("victim_support", scope_of(department)) for _one in range(3)]
    town, other, third = (
        ServiceFactory(structure=StructureFactory(commune=territory("commune", code)))
        for code in ("42218", "42187", "42207")
    )

    def turn(service, need, count, by):
        for rank in range(count):
            one = sent(by[rank % len(by)], service, asked=rules.Asked(need=need))
            OrientationLink.objects.filter(pk=one.pk).update(made_at=made, expires_at=made + dt.timedelta(days=45))

    turn(town, "femmes", 11, senders)
    turn(other, "femmes", 8, senders)
    turn(third, "femmes", 5, senders)
    turn(town, "haine", 12, senders[:1])  # of one professional
    turn(other, "traite", 8, senders[:2])  # of two, together too
    turn(third, "traite", 8, senders[:2])
    turn(town, "cyber", 10, senders)
    office = sign_in(actor("prefect_office", scope_of(department)))
    figures = reverse("directory:orientation_figures")
    rows = office.get(figures).context["page"].object_list
    assert [(row["need"], row["commune"], row["count"]) for row in rows] == [
        ("Violences contre les femmes", "Saint-Étienne", 11),
        ("Violences contre les femmes", "Autres communes, ensemble", 13),
    ]
    page = text(office.get(figures))
    assert "trop peu nombreuses" in page
    assert "trimestre" in page
    assert not [one for one in OrientationLink.objects.all() if one.code in page]
    assert '"42218";"Saint-Étienne";"11"' in office.get(figures, {"format": "csv"}).content.decode()
    assert office.get(figures, {"departement": "69"}).context["departement"] is None
    assert queries(office, figures) <= 12
    assert sign_in(senders[0]).get(figures).status_code == 403
    nation = sign_in(actor("national_secretariat", scope_of(territory("nation", "FR"))))
    assert nation.get(figures).context["page"].object_list == []
    assert len(nation.get(figures, {"departement": "42"}).context["page"].object_list) == 2


# ---------------------------------------------------------------------------------------------------------- the clock


def test_after_some_days_the_service_is_reminded_once_and_the_sender_told_once(worker, monkeypatch):
    late, fresh, answered = sent(worker, mailed=True), sent(worker, mailed=True), sent(worker, mailed=True)
    for one in (late, fresh, answered):
        jobs.send_orientation.func(orientation=one.pk)
    aged(late, 5)
    aged(answered, 5)
    actions.answer(token=link(answered, worker), given=rules.Given("refused", reason="complet"))
    mail.outbox.clear()
    today = timezone.localdate()
    assert rules.services_to_remind(today) == [late.pk]
    assert rules.senders_to_tell(today) == [worker.person_id]
    for _turn in range(2):
        jobs.remind_service.func(orientation=late.pk)
        jobs.tell_sender.func(sender=worker.person_id)
    assert [one.to[0] for one in mail.outbox] == ["accueil@exemple.invalid", worker.person.email]
    assert "Rappel" in mail.outbox[0].subject
    assert Client().get(page(re.search(r"/reponse/([\w-]+)/", mail.outbox[0].body)[1])).status_code == 200
    assert late.code in mail.outbox[1].body
    assert fresh.code not in mail.outbox[1].body
    assert rules.services_to_remind(today) == rules.senders_to_tell(today) == []


def test_the_sender_is_told_the_last_answer(worker):
    orientation = sent(worker)
    token = link(orientation, worker)
    first = actions.answer(token=token, given=rules.Given("waiting", wait="mois"))
    last = actions.answer(token=token, given=rules.Given("refused", reason="complet"))
    jobs.tell_answer.func(answer=first.pk)
    assert mail.outbox == [], "another answer has replaced it"
    jobs.tell_answer.func(answer=last.pk)
    (written,) = mail.outbox
    assert written.to == [worker.person.email]
    assert orientation.code in written.subject
    assert "le service est complet" in written.body
    assert token not in written.body
    worker.person.is_active = False
    worker.person.save()
    jobs.tell_answer.func(answer=last.pk)
    assert len(mail.outbox) == 1


def test_what_ended_long_ago_is_erased_and_dead_links_at_once(worker):
    old, ended, live = sent(worker), sent(worker), sent(worker)
    for one in (old, ended, live):
        actions.answer(token=link(one, worker), given=rules.Given("refused", reason="complet"))
    aged(old, 45 + 400)
    aged(ended, 46)
    jobs.purge_orientations.func(timestamp=0)
    assert set(OrientationLink.objects.all()) == {ended, live}
    assert [key.orientation for key in OrientationKey.objects.all()] == [live]
    assert OrientationAnswer.objects.count() == 2


# ------------------------------------------------------------------------------------------------------------- hidden


def test_the_address_of_a_hidden_place_is_in_no_page_and_no_mail(ours, worker):
    shelter = ServiceFactory(structure=ShelterFactory(), kind="shelter", address_hidden=True)
    open_one = ServiceFactory()
    for service in (shelter, open_one):
        orientation = sent(worker, service, mailed=True)
        jobs.send_orientation.func(orientation=orientation.pk)
        token = link(orientation, worker)
        read = [
            text(ours.get(SEARCH)), text(ours.get(LIST)),
            text(ours.get(reverse("directory:orient", args=[service.pk]))),
            text(ours.get(reverse("directory:orientation", args=[orientation.pk]))), text(Client().get(page(token))),
            ours.get(LIST, {"format": "csv"}).content.decode(), mail.outbox[-1].body,
        ]  # fmt: skip
        assert not [one for one in read if "rue des Essais" in one or "42000" in one]
