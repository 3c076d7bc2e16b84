"""The record of decisions of a year: on screen, as PDF, as tables."""

import io
import zipfile

import pypdf
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from prevenance.domains.governance.actions import decisions
from prevenance.domains.governance.models import Decision
from tests.domains.governance.council_that_meets import CouncilThatMeets
from tests.factories import actor
from tests.house.test_no_names import NominativeGroup

pytestmark = pytest.mark.django_db


def address(ours, **query):
    from urllib.parse import urlencode

    return reverse("governance:decision_record", args=[ours.council.pk]) + "?" + urlencode(query)


def test_a_decision_is_there_once_approved_with_where_it_stands_on_paper_and_in_a_table(sign_in):
    ours = CouncilThatMeets()
    client = sign_in(actor("group_member", ours.council.scope))
    draft = ours.written()
    assert "Éclairer" not in client.get(address(ours)).content.decode()
    from prevenance.domains.governance.actions import minutes
    from prevenance.domains.governance.rules.minutes import digest

    minutes.approve(minutes=draft, seen=digest(draft), by=ours.mayor)
    decision = Decision.objects.get()
    decisions.record_progress(decision=decision, state="started", note="Devis reçu", by=ours.coordinator)
    decisions.record_progress(decision=decision, state="done", note="Lampes posées", by=ours.coordinator)
    page = client.get(address(ours)).content.decode()
    assert "Éclairer le passage inventé." in page
    assert "Lampes posées" in page
    assert "Devis reçu" not in page
    pdf = pypdf.PdfReader(io.BytesIO(client.get(address(ours, format="pdf")).content))
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert "Éclairer le passage inventé." in " ".join(sheet.extract_text() for sheet in pdf.pages)
    ods = zipfile.ZipFile(io.BytesIO(client.get(address(ours, format="ods")).content))
    assert "Lampes posées" in ods.read("content.xml").decode()


def test_what_a_nominative_group_decided_is_in_its_own_record_alone(sign_in):
    ours = NominativeGroup()
    ours.approved()
    client = sign_in(ours.coordinator)
    assert "Éclairer" not in client.get(address(ours)).content.decode()
    assert "Éclairer" in client.get(address(ours, formation=ours.plenary.pk)).content.decode()
    outsider = sign_in(ours.council_member())
    assert "Éclairer" not in outsider.get(address(ours, formation=ours.plenary.pk)).content.decode()


def test_a_rectified_decision_is_replaced_by_the_one_that_rectifies_it(sign_in):
    from prevenance.domains.governance.actions import minutes
    from prevenance.domains.governance.rules.minutes import digest

    ours = CouncilThatMeets()
    first = ours.approved()
    version = minutes.correct(minutes=first, reason="Erreur de lieu", by=ours.coordinator)
    wrong = Decision.objects.get()
    decisions.add_decision(
        section=version.sections.first(), text="Éclairer la place.", owner=ours.person(0), due_on=wrong.due_on,
        replaces=wrong, by=ours.coordinator,
    )  # fmt: skip
    client = sign_in(ours.coordinator)
    assert "Éclairer le passage inventé." in client.get(address(ours)).content.decode()
    version.refresh_from_db()
    minutes.approve(minutes=version, seen=digest(version), by=ours.mayor)
    page = client.get(address(ours)).content.decode()
    assert "Éclairer la place." in page
    assert "Éclairer le passage inventé." not in page


def test_an_unknown_year_or_body_shows_the_last_year(sign_in):
    ours = CouncilThatMeets()
    ours.approved()
    page = sign_in(ours.coordinator).get(address(ours, annee="abc", formation="0")).content.decode()
    assert "Éclairer" in page


def test_the_number_of_queries_does_not_grow(sign_in):
    ours = CouncilThatMeets()
    ours.approved()
    client = sign_in(ours.coordinator)
    client.get(address(ours))
    with CaptureQueriesContext(connection) as few:
        client.get(address(ours))
    ours.approved()
    ours.approved()
    with CaptureQueriesContext(connection) as many:
        client.get(address(ours))
    assert len(many) <= len(few)
