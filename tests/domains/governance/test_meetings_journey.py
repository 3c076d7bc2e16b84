"""Every screen of a meeting, from its preparation to a decision done, as the browser asks for it."""

import datetime as dt

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from prevenance.domains.governance.models import Decision, Meeting, Minutes
from tests.domains.governance.council_that_meets import CouncilThatMeets
from tests.domains.governance.jobs import run_jobs

pytestmark = pytest.mark.django_db


def text_of(response):
    return response.content.decode()


def test_a_meeting_goes_from_its_date_to_a_decision_done(sign_in):
    with time_machine.travel(dt.datetime(2026, 11, 10, 9, tzinfo=dt.UTC), tick=True) as clock:
        ours = CouncilThatMeets()
        client = sign_in(ours.coordinator)
        created = client.post(
            f"/conseils/{ours.council.pk}/reunions/preparer/",
            {
                "body": ours.plenary.pk,
                "title": "Plénière d’hiver",
                "day": "2026-12-08",
                "start": "10:00",
                "end": "12:00",
                "place": "Salle du conseil",
            },
        )
        meeting = Meeting.objects.get()
        assert created.url == f"/conseils/reunions/{meeting.pk}/ordre-du-jour/"
        agenda = f"/conseils/reunions/{meeting.pk}/ordre-du-jour/"
        client.post(agenda, {"title": "Bilan des marches", "kind": "information", "minutes": "20"})
        client.post(agenda, {"title": "Éclairage", "kind": "decision", "presenter": "Camille Exemple"})
        assert text_of(client.get(agenda)).index("Bilan des marches") < text_of(client.get(agenda)).index("Éclairage")
        second = meeting.items.last()
        client.post(f"/conseils/reunions/{meeting.pk}/points/{second.pk}/deplacer/", {"sens": "monter"})
        assert [item.title for item in meeting.items.all()] == ["Éclairage", "Bilan des marches"]

        hub = f"/conseils/reunions/{meeting.pk}/"
        assert "Relire et convoquer" in text_of(client.get(hub))
        preview = text_of(client.get(f"{hub}convocation/"))
        assert "Convoquer 3 membres" in preview
        assert ours.person(0).email in preview
        assert "1. Éclairage (décision)" in preview
        client.post(f"{hub}convocation/")
        run_jobs()
        assert len(mail.outbox) == 3
        assert "Envoyer la convocation à jour" in text_of(client.get(hub))

        clock.move_to(dt.datetime(2026, 12, 8, 10, 30, tzinfo=dt.UTC))
        client = sign_in(ours.coordinator)
        sheet = text_of(client.get(f"{hub}presences/"))
        assert sheet.count("pv-attendance__line") == 3
        for line in meeting.attendances.all():
            client.post(f"{hub}presences/{line.pk}/", {"presence": "present"})
        client.post(f"{hub}tenue/")
        opened = client.post(f"{hub}compte-rendu/")
        minutes = Minutes.objects.get()
        assert opened.url == f"/conseils/comptes-rendus/{minutes.pk}/ecrire/"
        section = minutes.sections.first()
        saved = client.post(
            f"/conseils/comptes-rendus/{minutes.pk}/enregistrer/",
            {"part": f"section-{section.pk}", "text": "Le passage inventé est sombre.", "edit": "1"},
        )
        assert saved.json()["edit"] == 2
        assert saved.json()["saved"].startswith("Enregistré à 11\u00a0h")
        assert "Le passage inventé est sombre." in text_of(client.get(opened.url))
        decision = f"/conseils/comptes-rendus/{minutes.pk}/parties/{section.pk}/decider/"
        client.post(decision, {"text": "Poser quatre lampadaires.", "owner": ours.person(1).pk, "due_on": "2027-03-01"})
        reading = f"/conseils/comptes-rendus/{minutes.pk}/"
        page = text_of(client.get(reading))
        assert "Poser quatre lampadaires." in page
        assert "Seule la présidence de ce conseil approuve ses comptes rendus." in page

        client = sign_in(ours.mayor)
        page = client.get(reading)
        client.post(f"{reading}approuver/", {"seen": page.context["seen"]})
        minutes.refresh_from_db()
        assert minutes.approved_by == ours.mayor.person
        taken = Decision.objects.get()
        assert taken.number == "2026-01"
        assert "Présents (3)" in text_of(client.get(reading))

        client = sign_in(ours.coordinator)
        done = client.post(
            f"/conseils/decisions/{taken.pk}/avancement/", {"state": "done", "note": "Lampadaires posés."}
        )
        assert done.status_code == 302
        page = text_of(client.get(f"/conseils/decisions/{taken.pk}/"))
        assert "Lampadaires posés." in page
        assert "aucune décision n’est en attente" in text_of(client.get(hub))
        ours.council.refresh_from_db()
        assert ours.council.last_plenary_on == timezone.localdate()


@pytest.mark.parametrize(
    "address",
    [
        "reunions/",
        "reunions/?q=automne&etat=convened&quand=avenir",
        "reunions/?etat=nimporte",
        "decisions/",
        "decisions/?etat=retard&qui=moi",
        "decisions/?etat=done&q=lampe",
    ],
)
def test_lists_open_with_every_filter(sign_in, address):
    ours = CouncilThatMeets()
    ours.approved()
    assert sign_in(ours.coordinator).get(f"/conseils/{address}").status_code == 200


@pytest.mark.parametrize("format", ["csv", "xlsx", "ods"])
@pytest.mark.parametrize(
    ("address", "word"), [("reunions", "Plénière d’automne"), ("decisions", "Éclairer le passage inventé.")]
)
def test_lists_leave_as_spreadsheets(sign_in, address, word, format):
    ours = CouncilThatMeets()
    ours.approved()
    response = sign_in(ours.coordinator).get(f"/conseils/{address}/?format={format}")
    assert response["Content-Disposition"].startswith("attachment; filename=")
    if format == "csv":
        assert word in response.content.decode("utf-8-sig")
    else:
        assert response.content[:2] == b"PK"
