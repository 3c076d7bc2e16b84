"""Whether it is still true: review periods, errors that visitors report, reminders."""

import datetime as dt
from dataclasses import replace

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.models import Organisation
from prevenance.domains.directory import jobs
from prevenance.domains.directory.actions import reviews as actions
from prevenance.domains.directory.actions import services
from prevenance.domains.directory.models import ErrorReport, ReviewReminder, Service
from prevenance.domains.directory.rules import reviews as rules
from prevenance.domains.directory.rules.services import all_to_confirm, to_confirm
from tests.factories import CouncilFactory, MandateFactory, PersonFactory, coordinator_of, scope_of, territory
from tests.factories.directory import ServiceFactory, ShelterFactory

pytestmark = pytest.mark.django_db

ON = dt.date(2026, 11, 30)


@pytest.fixture
def keeper():
    return coordinator_of(CouncilFactory())


@pytest.fixture
def ours(keeper, sign_in):
    return sign_in(keeper)


def text(response):
    return response.content.decode().replace("\u00a0", " ")


def confirmed(on, **told):
    return ServiceFactory(verified_on=on, verified_by=PersonFactory(), **told)


def test_each_service_has_its_period_and_a_list_says_what_one_says():
    usual, short = confirmed(dt.date(2026, 9, 1)), confirmed(dt.date(2026, 9, 1), review_months=1)
    never, closed = ServiceFactory(), ServiceFactory(closed_on=dt.date(2026, 1, 5))
    fresh = {"source": "essai", "updated_on": dt.date(2026, 10, 1)}
    told, old = ServiceFactory(source_id="essai--1", **fresh), ServiceFactory(source_id="essai--2", source="essai")
    late = {service for service in Service.objects.all() if to_confirm(service, ON)}
    assert late == {short, never, old}
    assert set(all_to_confirm(Service.objects.all(), ON)) == late
    assert not late & {usual, closed, told}


def test_a_period_is_of_the_list(keeper):
    town = territory("commune", "42218")
    told = services.Told(
        name="Essai", kind="iscg", description="Un essai.", commune=town, zones=[town], review_months=7
    )
    with pytest.raises(Refused, match="période de vérification"):
        services.edit_service(service=ServiceFactory(), told=told, seen=1, by=keeper)
    with pytest.raises(Refused, match="Aucun organisme"):
        services.edit_service(
            service=ServiceFactory(), told=replace(told, review_months=1, owner_name="Inconnu"), seen=1, by=keeper
        )
    owner = Organisation.objects.create(name="Association inventée")
    told = replace(told, review_months=1, owner_name="ASSOCIATION INVENTÉE")
    assert services.edit_service(service=ServiceFactory(), told=told, seen=1, by=keeper).owner == owner


def test_a_visitor_reports_an_error_and_nothing_is_kept_of_them(ours, settings):
    service = ServiceFactory(name="Service d’ici")
    visitor = Client()
    address = reverse("directory:service_report", args=[service.key])
    assert "Service d’ici" in text(visitor.get(address))
    answer = visitor.post(address, {"what": "phone", "note": "Je suis Camille"}, headers={"User-Agent": "Essai/1"})
    assert "Rien n’est gardé de vous" in text(answer)
    assert answer["Cache-Control"] == "no-store"
    report = ErrorReport.objects.get()
    assert (report.service, report.what, report.reported_on) == (service, "phone", timezone.localdate())
    with connection.cursor() as cursor:
        cursor.execute("SELECT person, mandate, detail, action FROM core_auditrow ORDER BY at DESC LIMIT 1")
        assert cursor.fetchone()[:2] == (None, None)
    page = text(ours.get(reverse("directory:service", args=[service.pk])))
    assert "Le numéro ne répond pas" in page
    rows = ours.get(reverse("directory:services"), {"state": "reported"}).context["rows"]
    assert [row for row, _stale in rows] == [service]
    # Confirmed, it is settled.
    ours.post(reverse("directory:service_verify", args=[service.pk]), {"seen": "1"})
    report.refresh_from_db()
    assert report.settled_on == timezone.localdate()
    assert "Le numéro ne répond pas" not in text(ours.get(reverse("directory:service", args=[service.pk])))


def test_reports_are_bounded_by_service_and_by_day_never_by_visitor(monkeypatch):
    service = ServiceFactory()
    address = reverse("directory:service_report", args=[service.key])
    for _turn in range(3):
        assert Client().post(address, {"what": "hours"}).status_code == 200
    refused = Client().post(address, {"what": "hours"})
    assert refused.status_code == 422
    assert "déjà été signalées" in text(refused)
    assert ErrorReport.objects.count() == 3
    monkeypatch.setattr(rules, "in_force", lambda *_words: {"a_service_a_day": 3, "the_site_a_day": 3})
    with pytest.raises(Refused, match="revenez demain"):
        actions.report_error(key=ServiceFactory().key, what="hours")
    with pytest.raises(Refused, match="dans la liste"):
        actions.report_error(key=ServiceFactory().key, what="Je m’appelle Camille")


def test_a_closed_service_does_not_exist_for_a_visitor_and_a_shelter_says_its_commune_alone():
    closed = ServiceFactory(closed_on=dt.date(2026, 1, 5))
    assert Client().get(reverse("directory:service_report", args=[closed.key])).status_code == 404
    shelter = ServiceFactory(structure=ShelterFactory(), kind="shelter", address_hidden=True)
    page = text(Client().get(reverse("directory:service_report", args=[shelter.key])))
    assert "Saint-Étienne" in page
    assert "rue des Essais" not in page


def test_those_who_keep_a_service_are_reminded_once_a_week():
    owner = Organisation.objects.create(name="Association inventée")
    scope = scope_of(territory("commune", "42218"))
    member = MandateFactory(organisation=owner, scope=scope).person
    MandateFactory(organisation=owner, scope=scope, valid_to=dt.date(2026, 1, 1))
    owned = ServiceFactory(owner=owner, source="essai", source_id="essai--1")
    mine = ServiceFactory()
    ServiceFactory(source="essai", source_id="essai--2")  # kept by its source
    gone = ServiceFactory()
    gone.created_by.is_active = False
    gone.created_by.save()
    assert rules.to_confirm_by(timezone.localdate()) == {member.pk: [owned.pk], mine.created_by_id: [mine.pk]}
    for _turn in range(2):
        jobs.send_review.func(person=member.pk)
    assert len(mail.outbox) == 1
    assert mail.outbox[0].to == [member.email]
    assert owned.name in mail.outbox[0].body
    assert reverse("directory:service", args=[owned.pk]) in mail.outbox[0].body
    assert ReviewReminder.objects.count() == 1
    services_left = Service.objects.filter(pk=owned.pk)
    services_left.update(verified_on=timezone.localdate(), verified_by=member)
    ReviewReminder.objects.all().delete()
    jobs.send_review.func(person=member.pk)
    assert len(mail.outbox) == 1  # nothing is late any more


def test_what_was_settled_and_sent_long_ago_is_erased(keeper):
    old, year = ServiceFactory(), timezone.localdate() - dt.timedelta(days=400)
    ErrorReport.objects.create(service=old, what="phone", settled_on=year, settled_by=keeper.person)
    ErrorReport.objects.create(service=old, what="phone")
    ReviewReminder.objects.create(person=keeper.person, week=year, sent_at=timezone.now() - dt.timedelta(days=400))
    jobs.purge_reviews.func(timestamp=0)
    assert ErrorReport.objects.count() == 1
    assert not ReviewReminder.objects.exists()
