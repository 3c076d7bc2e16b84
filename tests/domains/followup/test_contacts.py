"""Contacts: who notes them, in how few gestures, what may be corrected; duties of alert, told as done and no more."""

import datetime as dt
import json

import pytest
from django.urls import reverse
from django.utils import timezone

from prevenance.core import vault
from prevenance.core.models import AuditRow
from prevenance.core.refusals import Refused
from prevenance.domains.followup import actions
from prevenance.domains.followup.analysis.reading import opened_values
from prevenance.domains.followup.models import Alert, Contact, Involvement
from prevenance.domains.governance.rules.councils import Stale
from tests.domains.followup.counting import questions
from tests.factories.followup import Compartment

pytestmark = pytest.mark.django_db

CALL = {"kind": "call", "whom": "person", "outcome": "reached"}


@pytest.fixture
def here():
    return Compartment(members=3)


@pytest.fixture
def file(here):
    """Followed by the first member; the second works with the person; the third does not."""
    file = here.file()
    here.takes_part(file, here.members[1], Involvement.Kind.CONCERNED)
    here.takes_part(file, here.members[0])
    return file


@pytest.fixture
def referent(here, file):
    return here.acting(here.members[0])


def today():
    return timezone.localdate()


def details(action, person):
    rows = AuditRow.objects.filter(action=f"followup.{action}", person=person.person_id).order_by("seq")
    return [json.loads(row.detail) for row in rows]


def test_whoever_reads_the_file_notes_a_contact_which_is_sealed(here, file):
    concerned = here.acting(here.members[1])
    contact = actions.add_contact(followup=file, day=today(), **CALL, by=concerned)
    assert opened_values(contact, vault.open(file.key)) == CALL | {"words": ""}
    assert details("add_contact", concerned) == [{"day": today().isoformat()}]
    outsider = here.acting(here.members[2])
    with pytest.raises(Refused, match="lisent ce dossier"):
        actions.add_contact(followup=file, day=today(), **CALL, by=outsider)


def test_a_day_to_come_and_what_is_in_no_list_are_refused(file, referent):
    with pytest.raises(Refused, match="à venir"):
        actions.add_contact(followup=file, day=today() + dt.timedelta(days=1), **CALL, by=referent)
    for field in CALL:
        with pytest.raises(Refused, match="pas dans la liste"):
            actions.add_contact(followup=file, day=today(), **CALL | {field: "danger"}, by=referent)


def test_ones_own_contact_is_corrected_the_same_day(here, file, referent):
    contact = actions.add_contact(followup=file, day=today(), **CALL, by=referent)
    told = CALL | {"outcome": "missed"}
    corrected = actions.correct_contact(contact=contact, day=today(), **told, by=referent)
    assert opened_values(corrected, vault.open(file.key), ["outcome"]) == {"outcome": "missed"}
    other = here.acting(here.members[1])
    with pytest.raises(Refused, match="son auteur"):
        actions.correct_contact(contact=contact, day=today(), **told, by=other)
    here.acting(referent)
    Contact.objects.update(recorded_at=timezone.now() - dt.timedelta(days=1))
    with pytest.raises(Refused, match="le jour de sa saisie"):
        actions.correct_contact(contact=contact, day=today(), **told, by=referent)


def test_a_duty_of_alert_says_which_and_when_and_has_no_place_for_more(file, referent):
    alert = actions.record_alert(followup=file, duty="crip", done_on=today(), by=referent)
    assert opened_values(alert, vault.open(file.key)) == {"duty": "crip"}
    assert "crip" not in str(details("record_alert", referent))
    assert {field.name for field in Alert._meta.concrete_fields} == {
        "id", "followup", "body", "duty", "done_on", "done_by",
    }  # fmt: skip
    with pytest.raises(Refused, match="pas dans la liste"):
        actions.record_alert(followup=file, duty="other", done_on=today(), by=referent)


def test_nothing_is_noted_in_an_ended_follow_up_and_what_was_typed_stays(file, referent, sign_in):
    actions.end_file(followup=file, reason="achieved", outcome="school", by=referent)
    with pytest.raises(Stale):
        actions.add_contact(followup=file, day=today(), **CALL, by=referent)
    with pytest.raises(Stale):
        actions.record_alert(followup=file, duty="crip", done_on=today(), by=referent)
    client = sign_in(referent)
    add = reverse("followup:contact_add", args=[file.pk])
    assert client.get(add).url == reverse("followup:contacts", args=[file.pk])
    typed = client.post(add, CALL | {"day": today().isoformat(), "words": "Vient mardi"})
    assert typed.status_code == 409
    assert "Vient mardi" in typed.content.decode()
    page = client.get(reverse("followup:contacts", args=[file.pk])).content.decode()
    assert "son dossier ne change plus" in page
    assert "Noter un contact" not in page


def test_the_form_names_the_person_to_their_referent_alone(here, file, sign_in):
    add = reverse("followup:contact_add", args=[file.pk])
    client = sign_in(here.acting(here.members[0]))
    page = client.get(add).content.decode()
    assert "Inès Inventée-Zéphyr" in page
    parts = [row["part"] for row in details("record_reading", here.members[0])]
    assert parts == ["identity"]
    client = sign_in(here.acting(here.members[1]))
    page = client.get(add).content.decode()
    assert "Zéphyr" not in page
    assert file.number in page


def test_an_outcome_touched_saves_and_leads_back_where_one_came_from(file, referent, sign_in):
    client = sign_in(referent)
    add = reverse("followup:contact_add", args=[file.pk])
    sent = CALL | {"day": today().isoformat()}
    assert client.post(add + "?de=journee", sent).url == reverse("pages:my_day")
    assert client.post(add + "?de=liste", sent).url == reverse("followup:contact_choose")
    assert client.post(add + "?de=https://exemple.invalid/", sent).url == reverse("followup:contacts", args=[file.pk])
    assert Contact.objects.count() == 3
    unsaid = client.post(add, sent | {"outcome": ""})
    assert unsaid.status_code == 422
    assert "Touchez la suite" in unsaid.content.decode()
    assert unsaid.content.decode().count(" checked") == 2  # how, and with whom


def test_the_list_of_ones_files_names_whom_one_follows_and_records_it(here, file, sign_in):
    other = here.file(by=here.members[2], identity={"given_name": "Noé", "family_name": "Inventé-Vent"})
    here.takes_part(other, here.members[0], Involvement.Kind.CONCERNED)
    client = sign_in(here.members[0])
    page = client.get(reverse("followup:contact_choose")).content.decode()
    assert "Zéphyr" in page
    assert other.number in page
    assert "Inventé-Vent" not in page
    rows = AuditRow.objects.filter(action="followup.record_list", person=here.members[0].person_id)
    assert [(row.subject, json.loads(row.detail)["part"]) for row in rows] == [
        (f"followup.followup:{file.pk}", "identity")
    ]
    assert sign_in(here.coordinator).get(reverse("followup:contact_choose")).status_code == 200


def test_lists_take_as_many_queries_for_one_row_as_for_twenty(here, file, referent, sign_in):
    client = sign_in(referent)
    actions.add_contact(followup=file, day=today(), **CALL, by=referent)
    chosen, noted = reverse("followup:contact_choose"), reverse("followup:contacts", args=[file.pk])

    once = questions(client, chosen), questions(client, noted)
    for _turn in range(19):
        actions.add_contact(followup=file, day=today(), **CALL, by=referent)
    for _turn in range(5):
        here.takes_part(here.file(by=here.members[2]), referent)
    assert (questions(client, chosen), questions(client, noted)) == once
    assert max(once) <= 12, once


def test_screens_of_contacts_and_alerts(here, file, referent, sign_in):
    client = sign_in(referent)
    contact = actions.add_contact(followup=file, day=today(), **CALL, by=referent)
    edit = reverse("followup:contact_edit", args=[file.pk, contact.pk])
    assert client.get(edit).status_code == 200
    assert client.post(edit, CALL | {"outcome": "ended", "day": today().isoformat()}).status_code == 302
    alert = reverse("followup:alert_add", args=[file.pk])
    assert "jamais ce qui a été dit" in client.get(alert).content.decode()
    assert client.post(alert, {"duty": "prosecutor", "done_on": ""}).status_code == 422
    assert client.post(alert, {"duty": "prosecutor", "done_on": today().isoformat()}).status_code == 302
    page = client.get(reverse("followup:contacts", args=[file.pk])).content.decode()
    assert "Signalement au procureur" in page
    assert "Point fait" in page
    client = sign_in(here.acting(here.members[1]))
    assert client.post(edit, CALL | {"day": today().isoformat()}).status_code == 403
    client = sign_in(here.acting(here.members[2]))
    assert client.get(alert).status_code == 404
