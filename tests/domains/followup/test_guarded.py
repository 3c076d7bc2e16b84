"""Words typed freely: warned once with the passage and what to put instead, kept as typed, confirmed or changed."""

import json

import pytest
from django.urls import reverse
from django.utils import timezone

from prevenance.core.models import AuditRow
from prevenance.domains.followup.forms.work import ContactForm, GoalForm
from prevenance.domains.followup.models import Contact
from tests.factories.followup import Compartment

FLAGGED = "A été condamné pour vol, voir avec Kévin Inventé"
PLAIN = "Viendra mardi avec son dossier d’inscription"


def sent(words, **more):
    today = timezone.localdate().isoformat()
    return {"kind": "call", "whom": "person", "outcome": "reached", "day": today, "words": words, **more}


def test_plain_words_pass_and_flagged_ones_are_shown_with_advice():
    form = ContactForm(sent(PLAIN))
    assert form.is_valid()
    assert form.warned == []
    assert form.guard == ""
    form = ContactForm(sent(FLAGGED))
    assert not form.is_valid()
    assert {one.passage for one in form.warned} >= {"Kévin Inventé"}
    assert all(one.advice.startswith("Dites plutôt") for one in form.warned)
    assert form.guard == "offence+third"


def test_confirming_those_words_lets_them_pass_and_no_others():
    first = ContactForm(sent(FLAGGED))
    assert ContactForm(sent(FLAGGED, kept="on", about=first.digest)).is_valid()
    assert not ContactForm(sent(FLAGGED, kept="on")).is_valid()
    changed = ContactForm(sent("Suivi en psychiatrie", kept="on", about=first.digest))
    assert not changed.is_valid()
    assert ContactForm(sent(PLAIN, about=first.digest)).is_valid()


def test_every_free_field_of_a_form_is_looked_at():
    form = GoalForm({"theme": "school", "words": PLAIN, "family_part": "Sa mère est hospitalisée"}, new=True)
    assert not form.is_valid()
    assert [one.label for one in form.warned] == ["Part de la famille"]


@pytest.mark.django_db
def test_the_screen_keeps_what_was_typed_and_the_audit_keeps_categories_alone(sign_in):
    here = Compartment()
    file = here.file()
    client = sign_in(here.members[0])
    add = reverse("followup:contact_add", args=[file.pk])
    warned = client.post(add, sent(FLAGGED))
    page = warned.content.decode()
    assert warned.status_code == 422
    assert FLAGGED in page
    assert "Dites plutôt" in page
    assert "C’est volontaire et nécessaire" in page
    assert not Contact.objects.exists()
    digest = ContactForm(sent(FLAGGED)).digest
    assert f'name="about" value="{digest}"' in page
    assert client.post(add, sent(FLAGGED, kept="on", about=digest)).status_code == 302
    row = AuditRow.objects.get(action="followup.add_contact")
    assert json.loads(row.detail) == {
        "day": timezone.localdate().isoformat(), "guard": "kept", "about": "offence+third",
    }  # fmt: skip
