"""Coming to a file: who finds it, the reason asked outside one's own, the reading recorded."""

import json

import pytest
from django.urls import reverse
from django.utils import timezone

from prevenance.core.models import AuditRow
from tests.factories.followup import Compartment

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return Compartment()


def page(name, file):
    return reverse(f"followup:{name}", args=[file.pk])


def readings(file):
    rows = AuditRow.objects.filter(action="followup.record_reading", subject=f"followup.followup:{file.pk}")
    return [(row.person, json.loads(row.detail)) for row in rows.order_by("seq")]


def test_who_takes_part_reads_at_once_and_the_reading_is_recorded(here, sign_in):
    file = here.file()
    answer = sign_in(here.members[0]).get(page("file", file))
    assert answer.status_code == 200
    assert "Inventée-Zéphyr" in answer.content.decode()
    assert readings(file) == [
        (here.members[0].person_id, {"part": "situation", "acting": "group_member", "why": ""}),
    ]


def test_outside_ones_files_a_reason_is_asked_once_a_day_and_goes_with_each_reading(here, sign_in, monkeypatch):
    file, other = here.file(), here.file()
    client = sign_in(here.coordinator)
    asked = client.get(page("file", file))
    assert asked.status_code == 302
    assert asked.url == page("file_reason", file) + "?suite=%2Fsuivis%2F" + f"{file.pk}%2F"
    shown = client.get(asked.url)
    assert shown.status_code == 200
    assert "Zéphyr" not in shown.content.decode()
    refused = client.post(page("file_reason", file), {"why": "curious", "suite": page("file", file)})
    assert refused.status_code == 422
    assert readings(file) == []
    given = client.post(page("file_reason", file), {"why": "meeting", "suite": page("file", file)})
    assert given.url == page("file", file)
    assert client.get(given.url).status_code == client.get(given.url).status_code == 200
    expected = {"part": "situation", "acting": "coordinator", "why": "meeting"}
    assert readings(file) == [(here.coordinator.person_id, expected)] * 2
    assert client.session["reading_reasons"] == {str(file.pk): [timezone.localdate().isoformat(), "meeting"]}
    assert client.get(page("file", other)).status_code == 302  # one file, not the others
    monkeypatch.setattr(timezone, "localdate", lambda: timezone.datetime(2030, 1, 1).date())
    assert client.get(page("file", file)).status_code == 302  # and today only


def test_a_form_sent_wrong_does_not_go_round_the_question(here, sign_in):
    file = here.file()
    answer = sign_in(here.coordinator).post(page("fact_add", file), {})
    assert answer.status_code == 302
    assert answer.url.startswith(page("file_reason", file))
    assert readings(file) == []


def test_what_follows_a_reason_stays_in_the_file(here, sign_in):
    file = here.file()
    client = sign_in(here.coordinator)
    for elsewhere in ("https://exemple.invalid/", "//exemple.invalid/", "/conseils/", f"/suivis/{file.pk}0/"):
        given = client.post(page("file_reason", file), {"why": "rights", "suite": elsewhere})
        assert given.url == page("file", file)


def test_a_part_of_a_page_sends_the_whole_browser_to_the_question(here, sign_in):
    file = here.file()
    answer = sign_in(here.coordinator).get(page("file", file), headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"].startswith(page("file_reason", file))


def test_a_file_that_one_does_not_read_is_not_there(here, sign_in):
    file = here.file()
    for stranger in (here.members[1], Compartment("42187").coordinator):
        client = sign_in(stranger)
        for name in ("file", "file_reason"):
            assert client.get(page(name, file)).status_code == 404
    assert readings(file) == []
