"""What the platform holds about somebody is told to them, every domain together, and nothing of anybody else."""

import datetime as dt
import json

import pytest
from django.apps import apps

from prevenance.domains.accounts.models import Person
from prevenance.domains.directory.actions.orientations import orient
from prevenance.domains.directory.models import ReviewReminder
from prevenance.domains.directory.rules.orientations import Asked
from prevenance.domains.governance.actions import decisions
from prevenance.domains.governance.models import Letter, LetterRecipient
from tests.domains.governance.council_that_meets import CouncilThatMeets
from tests.domains.governance.jobs import run_jobs
from tests.factories import CouncilFactory, MembershipFactory, OrganisationFactory, actor, scope_of, territory
from tests.factories.directory import ServiceFactory

pytestmark = pytest.mark.django_db

# What of governance and of the directory is about a person, and told. A key whose name ends in "by" is the mark of an
# act at work (recorded by, written by): the trail tells those.
TOLD = {
    "Membership.person", "Decision.owner", "Signature.person", "DecisionReminder.person", "SignatureReminder.person",
    "LetterRecipient.person", "Act.person", "CalendarFeed.person", "ReviewReminder.person",
    "OrientationLink.sender",
}  # fmt: skip


def told(client):
    """The same facts twice: as a page, as data."""
    return client.get("/compte/donnees/").content.decode(), json.loads(
        client.get("/compte/donnees/", {"format": "json"}).content
    )


@pytest.fixture
def member():
    """(council, somebody who sits there and acts under a mandate on another council)."""
    ours = CouncilThatMeets()
    person = ours.person(0)
    elsewhere = CouncilFactory(territory=territory("commune", "42187"))
    return ours, actor("group_member", elsewhere.scope, person=person)


def test_seats_attendances_and_decisions_are_told_under_any_mandate(member, sign_in):
    ours, me = member
    organisation = OrganisationFactory()
    ours.members[0].organisation = organisation
    ours.members[0].save()
    ours.approved()
    run_jobs()
    page, held = told(sign_in(me))
    (seat,) = held["Participation aux conseils"]
    assert (seat["Conseil"], seat["Organisme"], seat["À compter du"]) == (
        "CLSPD de Saint-Étienne", organisation.name, "01/01/2024",
    )  # fmt: skip
    (line,) = held["Convocations et présences"]
    assert (line["Réunion"], line["Présence"]) == ("Plénière d’automne", "Présent")
    (decision,) = held["Décisions portées"]
    assert decision["Texte"] == "Éclairer le passage inventé."
    assert decision["État"] == "À faire"
    for words in (organisation.name, "Plénière d’automne", "Éclairer le passage inventé."):
        assert words in page


def test_what_is_about_others_is_not_there(member, sign_in):
    ours, me = member
    ours.approved()
    MembershipFactory(body=ours.plenary, title="Fonction d’un autre")
    page, held = told(sign_in(me))
    others = [m.person for m in ours.members[1:]]
    for text in (page, json.dumps(held, ensure_ascii=False)):
        assert not any(other.name in text or other.email in text for other in others)
        assert "Fonction d’un autre" not in text
    _page, held = told(sign_in(ours.mayor))
    assert held["Décisions portées"] == held["Convocations et présences"] == []
    assert len(held["Comptes rendus approuvés"]) == 1


def test_a_letter_received_for_a_council_is_told(member, sign_in):
    ours, me = member
    letter = Letter.objects.create(
        scope=ours.council.scope, written_by=ours.mayor.person, subject="Objet inventé", text="Texte inventé"
    )
    LetterRecipient.objects.create(letter=letter, council=ours.council, person=me.person)
    page, held = told(sign_in(me))
    assert held["Lettres reçues"] == [{"Objet": "Objet inventé", "Conseil": "CLSPD de Saint-Étienne", "Envoyée le": ""}]
    assert "Objet inventé" in page


def test_a_drafted_decision_is_told_once_approved(member, sign_in):
    ours, me = member
    draft = ours.written()
    client = sign_in(me)
    assert told(client)[1]["Décisions portées"] == []
    decision = draft.decisions.get()
    assert decision.owner == me.person
    assert "Éclairer" not in told(client)[0]
    decisions.remove_decision(decision=decision, by=ours.coordinator)
    assert told(client)[1]["Décisions portées"] == []


def test_the_number_of_questions_does_not_grow_with_the_rows(member, sign_in, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    ours, me = member
    client = sign_in(me)
    ours.approved()
    with CaptureQueriesContext(connection) as few:
        client.get("/compte/donnees/")
    ours.approved()
    ours.approved()
    with django_assert_max_num_queries(len(few)):
        client.get("/compte/donnees/")


def test_what_the_directory_holds_of_somebody_is_told_to_them(sign_in):
    worker = actor("victim_support", scope_of(territory("departement", "42")))
    other = actor("victim_support", scope_of(territory("departement", "42")))
    service = ServiceFactory(name="Écoute inventée")
    codes = {by: orient(service=service, asked=Asked(), mailed=False, by=by).code for by in (worker, other)}
    ReviewReminder.objects.create(person=worker.person, week=dt.date(2026, 11, 23))
    page, held = told(sign_in(worker))
    (reminder,) = held["Rappels de services à confirmer"]
    assert reminder["Semaine du"] == "23/11/2026"
    (made,) = held["Orientations faites"]
    assert (made["Code"], made["Service"], made["Réponse"]) == (codes[worker], "Écoute inventée", "Sans réponse")
    assert codes[worker] in page
    assert codes[other] not in page


def test_no_key_towards_a_person_is_forgotten():
    """A new one is to be told in the analysis.about_person of its domain."""
    found = {
        f"{model.__name__}.{field.name}"
        for domain in ("governance", "directory")
        for model in apps.get_app_config(domain).get_models()
        for field in model._meta.get_fields()
        if field.concrete and field.related_model is Person and not field.name.endswith("by")
    }
    assert found == TOLD
