"""A meeting convened is put off: everybody is told why, the former day stays readable, answers are asked again."""

import datetime as dt

import pytest
from django.core import mail
from django.db import IntegrityError, ProgrammingError, transaction
from django.urls import reverse
from django.utils import timezone

from prevenance.core.refusals import Refused
from prevenance.domains.governance.actions import attendance, convocations
from prevenance.domains.governance.models import Postponement
from prevenance.domains.governance.rules.meetings import Changed
from tests.domains.governance.council_that_meets import CouncilThatMeets
from tests.domains.governance.jobs import run_jobs
from tests.domains.governance.test_meetings_convocation import event_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ours():
    return CouncilThatMeets()


def put_off(ours, meeting, days=30, reason="Élections le même jour", **changes):
    start = timezone.now() + dt.timedelta(days=days)
    fields = {"starts_at": start, "ends_at": start + dt.timedelta(hours=2), "seen": meeting.version, "reason": reason}
    return convocations.postpone(meeting=meeting, by=ours.coordinator, **{**fields, **changes})


def test_each_member_is_told_the_former_day_the_new_one_and_why_and_answers_again(ours):
    meeting = ours.convened()
    before = timezone.localtime(meeting.starts_at)
    line = meeting.attendances.first()
    attendance.answer(attendance=line, answer="yes", by=ours.coordinator)
    run_jobs()
    mail.outbox.clear()
    assert put_off(ours, meeting) == 3
    run_jobs()
    meeting.refresh_from_db()
    line.refresh_from_db()
    assert line.answer == ""
    assert len(mail.outbox) == 3
    for message in mail.outbox:
        assert message.subject.startswith("Réunion reportée")
        assert "Élections le même jour" in message.body
        assert f"prévue le {date_words(before)}" in message.body
        method, event = event_of(message)
        assert (method, event["sequence"]) == ("REQUEST", 1)
        assert event["dtstart"].dt == meeting.starts_at.replace(microsecond=0)
    kept = Postponement.objects.get(meeting=meeting)
    assert (timezone.localtime(kept.was_at), kept.sequence) == (before, 1)


def date_words(moment):
    from prevenance.core.dates import date_format

    return date_format(moment, "l j F Y")


@pytest.mark.parametrize(("days", "words"), [(-1, "déjà|passée"), (0, "finir|passée")])
def test_only_to_a_day_to_come(ours, days, words):
    with pytest.raises(Refused, match=words):
        put_off(ours, ours.convened(), days=days)


def test_a_draft_a_meeting_begun_or_called_off_is_not_put_off_and_a_stale_page_changes_nothing(ours):
    with pytest.raises(Refused, match="pas encore convoquée"):
        put_off(ours, ours.prepared())
    with pytest.raises(Refused, match="a eu lieu"):
        put_off(ours, ours.held())
    meeting = ours.convened()
    put_off(ours, meeting)
    with pytest.raises(Changed):
        put_off(ours, meeting, days=40)
    assert meeting.postponements.count() == 1


def test_the_page_shows_it_and_what_was_typed_comes_back(ours, sign_in):
    client, meeting = sign_in(ours.coordinator), ours.convened()
    page = reverse("governance:meeting_postpone", args=[meeting.pk])
    day = (timezone.localdate() + dt.timedelta(days=30)).isoformat()
    typed = {"day": day, "start": "09:00", "end": "08:00", "reason": "Salle indisponible", "version": meeting.version}
    refused = client.post(page, typed)
    assert refused.status_code == 422
    assert "Salle indisponible" in refused.content.decode()
    assert client.post(page, {**typed, "end": "11:00"}).status_code == 302
    shown = client.get(reverse("governance:meeting", args=[meeting.pk])).content.decode()
    assert "Réunion reportée" in shown
    assert "Salle indisponible" in shown


def test_the_database_keeps_what_was_said(ours):
    meeting = ours.convened()
    put_off(ours, meeting)
    rows = Postponement.objects.filter(meeting=meeting)
    for statement in (lambda: rows.update(reason="Autre"), rows.delete):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            statement()
    with pytest.raises(IntegrityError, match="postponement_says_why"), transaction.atomic():
        Postponement.objects.create(
            meeting=meeting, sequence=9, was_at=timezone.now(), reason="", by=ours.coordinator.person
        )
