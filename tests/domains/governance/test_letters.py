"""The préfet's round: what is declared, council by council, and a letter to those concerned."""

import datetime as dt
import uuid

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from prevenance.core.refusals import Refused
from prevenance.domains.governance import jobs
from prevenance.domains.governance.actions.letters import write_letter
from prevenance.domains.governance.models import Body, Letter, LetterRecipient, Rulebook
from prevenance.domains.governance.rules.letters import addressees
from tests.factories import (
    CouncilFactory,
    MeetingFactory,
    MembershipFactory,
    PersonFactory,
    actor,
    coordinator_of,
    scope_of,
    territory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return actor("prefect_office", scope_of(territory("departement", "42")))


def council(code, **options):
    return CouncilFactory(
        territory=territory("commune", code), surroundings=[scope_of(territory("departement", "42"))], **options
    )


@pytest.fixture
def town():
    return council("42218", name="CLSPD d’ici", last_plenary_on=timezone.localdate() - dt.timedelta(days=40))


@pytest.fixture
def other():
    return council("42187", name="CLSPD d’ailleurs")


def shown(client, **filters):
    return client.get(reverse("governance:tour"), filters).content.decode()


def test_the_round_says_what_is_declared_and_filters_on_what_is_not(town, other, office, sign_in):
    coordinator_of(town)
    group = Body.objects.create(council=town, kind="group", name="Jeunes")
    held = timezone.now() - dt.timedelta(days=30)
    MeetingFactory(body=group, state="held", convened_at=held, starts_at=held, ends_at=held + dt.timedelta(hours=1))
    plenary = town.bodies.get(kind="plenary")
    adoption = MeetingFactory(body=plenary, state="held", convened_at=held)
    text = Rulebook.objects.create(body=plenary, version=1, text="Texte", created_by=PersonFactory())
    text.state, text.proposed_on, text.digest = "proposed", dt.date(2026, 1, 1), text.computed_digest()
    text.save()
    text.state, text.adopted_in, text.adopted_on = "adopted", adoption, dt.date(2026, 2, 1)
    text.save()
    client = sign_in(office)
    page = shown(client)
    assert page.index("CLSPD d’ailleurs") < page.index("CLSPD d’ici")  # the one never met comes first
    assert "1 sur 1" in page
    assert "Adopté le 1er février 2026" in page
    for lacks in ("plenary", "coordinator", "rulebook", "group"):
        page = shown(client, lacks=lacks)
        assert ("CLSPD d’ici" in page, "CLSPD d’ailleurs" in page) == (False, True), lacks
    assert "CLSPD d’ici" in shown(client, q="clspd d'ici") or "CLSPD d’ici" in shown(client, q="saint-etienne")
    assert "CLSPD d’ici" in shown(client, lacks="n’importe quoi")


def test_another_departement_is_not_in_the_round(town, sign_in):
    elsewhere = actor("prefect_office", scope_of(territory("departement", "69")))
    assert "CLSPD d’ici" not in shown(sign_in(elsewhere))


def test_the_round_costs_the_same_whatever_its_length(town, office, sign_in):
    client = sign_in(office)
    shown(client)  # the session is seen once
    with CaptureQueriesContext(connection) as one:
        shown(client)
    for code in ("42187", "42022", "42095", "42207"):
        coordinator_of(council(code))
    with CaptureQueriesContext(connection) as five:
        shown(client)
    assert len(one) == len(five)


def test_a_letter_goes_once_to_coordination_and_presidency(town, office, django_capture_on_commit_callbacks):
    coordinator, mayor = coordinator_of(town), actor("mayor", town.scope.holder)
    key = uuid.uuid4()
    letter = write_letter(councils=[town], subject="Plénière", text="Quand ?", key=key, by=office)
    again = write_letter(councils=[town], subject="Plénière", text="Quand ?", key=key, by=office)
    assert letter == again
    assert Letter.objects.count() == 1
    for _run in range(2):  # run again, it sends nothing more
        jobs.send_letter(letter=letter.pk, person=office.person_id, mandate=office.mandate_id)
    assert {message.to[0] for message in mail.outbox} == {coordinator.person.email, mayor.person.email}
    assert len(mail.outbox) == 2
    assert mail.outbox[0].reply_to == [office.person.email]
    assert "CLSPD d’ici" in mail.outbox[0].body
    assert not LetterRecipient.objects.filter(sent_at=None).exists()


def test_one_person_for_two_councils_gets_one_mail(office):
    mayor_scope = scope_of(territory("commune", "42218"))
    first, second = council("42218"), council("42218", kind="CDDF", name="CDDF")
    actor("mayor", mayor_scope)
    letter = write_letter(councils=[first, second], subject="X", text="Y", key=uuid.uuid4(), by=office)
    assert letter.recipients.count() == 2
    jobs.send_letter(letter=letter.pk, person=office.person_id, mandate=office.mandate_id)
    assert len(mail.outbox) == 1
    assert "CDDF" in mail.outbox[0].body


def test_without_mandates_the_chair_among_members_is_written_to(town):
    chair = MembershipFactory(body=town.bodies.get(kind="plenary"), quality="chair").person
    assert addressees([town]) == {town.pk: [chair]}


def test_a_council_with_nobody_refuses_the_letter(town, office):
    with pytest.raises(Refused, match="Aucun des conseils choisis"):
        write_letter(councils=[town], subject="X", text="Y", key=uuid.uuid4(), by=office)


@pytest.mark.parametrize("role", ["prosecutor_office", "national_secretariat", "mayor"])
def test_only_the_prefets_office_writes(town, role):
    where = {"mayor": territory("commune", "42218"), "national_secretariat": territory("nation", "FR")}
    by = actor(role, scope_of(where.get(role) or territory("departement", "42")))
    with pytest.raises(Refused, match="Seul le cabinet du préfet"):
        write_letter(councils=[town], subject="X", text="Y", key=uuid.uuid4(), by=by)


def test_a_mandate_that_ended_sends_nothing(town, office):
    coordinator_of(town)
    letter = write_letter(councils=[town], subject="X", text="Y", key=uuid.uuid4(), by=office)
    office.mandate.withdrawn_at = timezone.now()
    office.mandate.save()
    jobs.send_letter(letter=letter.pk, person=office.person_id, mandate=office.mandate_id)
    assert mail.outbox == []


def test_the_letter_is_read_by_its_office_and_by_those_it_was_written_to(town, other, office, sign_in):
    reader, stranger = coordinator_of(town), coordinator_of(other)
    letter = write_letter(councils=[town], subject="Plénière d’hiver", text="Quand ?", key=uuid.uuid4(), by=office)
    url = reverse("governance:letter", args=[letter.pk])
    assert sign_in(office).get(url).status_code == 200
    assert sign_in(reader).get(url).status_code == 200
    assert sign_in(stranger).get(url).status_code == 404
    assert sign_in(actor("group_member", town.scope)).get(url).status_code == 404


def test_the_screens_keep_what_was_typed_and_refuse_a_council_elsewhere(town, office, sign_in):
    coordinator_of(town)
    far = CouncilFactory(territory=territory("commune", "69123"), name="CLSPD lointain")
    client = sign_in(office)
    url = reverse("governance:letter_write") + f"?c={town.pk}&c={far.pk}&lacks=plenary"
    page = client.get(url).content.decode()
    assert "CLSPD d’ici" in page
    assert "CLSPD lointain" not in page
    assert "prochaine séance plénière" in page
    kept = client.post(url, {"subject": "", "text": "Un texte déjà tapé", "key": uuid.uuid4()})
    assert kept.status_code == 422
    assert "Un texte déjà tapé" in kept.content.decode()
    sent = client.post(url, {"subject": "Plénière", "text": "Quand ?", "key": uuid.uuid4()})
    assert sent["Location"] == reverse("governance:letter", args=[Letter.objects.get().pk])
    assert client.get(reverse("governance:letter_write")).status_code == 302  # nothing ticked
