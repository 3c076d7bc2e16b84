"""Follow-ups of one's day: numbers, days and counts, never a name; twelve queries at most, whatever there is."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from prevenance.domains.followup import actions
from prevenance.domains.followup.models import FollowUp, Involvement, RightsRequest
from prevenance.domains.followup.rules import clocks
from tests.domains.followup.counting import questions
from tests.domains.pages.test_my_day import late_plan
from tests.factories import MeetingFactory, actor, coordinator_of, scope_of, territory
from tests.factories.followup import Compartment

pytestmark = pytest.mark.django_db

HOME = "/ma-journee/"


@pytest.fixture
def here():
    return Compartment(members=3)


@pytest.fixture
def file(here):
    file = here.file()
    here.takes_part(file, here.members[0])
    return file


def days(number):
    return timezone.localdate() + dt.timedelta(days=number)


def day(sign_in, here, who):
    return sign_in(here.acting(who)).get(HOME).content.decode()


def test_a_referent_sees_steps_contacts_and_the_meeting_and_no_name(here, file, sign_in):
    referent = here.members[0]
    page = day(sign_in, here, referent)
    assert "aucun contact noté" in page
    goal = actions.add_goal(followup=file, theme="work", words="Trouver un stage", by=here.acting(referent))
    actions.add_step(goal=goal, kind="visit", due_on=days(9), by=referent)
    actions.add_step(goal=goal, kind="call", carried_by=referent.person_id, due_on=days(4), by=referent)
    actions.add_contact(followup=file, day=days(0), kind="call", whom="person", outcome="reached", by=referent)
    meeting = MeetingFactory(body=here.body, state="convened", convened_at=timezone.now())
    meeting.items.create(position=1, title=str(file), file_number=file.number)
    page = day(sign_in, here, referent)
    assert reverse("followup:contact_add", args=[file.pk]) + "?de=journee" in page
    assert "dernier contact le" in page
    assert page.count("Étape pour le") == 1
    assert reverse("followup:point", args=[meeting.pk, file.pk]) in page
    for sealed in ("Zéphyr", "Inès", "stage"):
        assert sealed not in page
    FollowUp.objects.filter(pk=file.pk).update(purge_on=days(20))
    assert "Effacé le" in day(sign_in, here, referent)
    actions.end_file(followup=file, reason="achieved", outcome="work", by=here.acting(referent))
    assert "Mes suivis" not in day(sign_in, here, referent)


def test_a_member_sees_the_step_that_they_carry_and_not_those_of_others(here, file, sign_in):
    concerned = here.members[1]
    here.takes_part(file, concerned, Involvement.Kind.CONCERNED)
    referent = here.acting(here.members[0])
    goal = actions.add_goal(followup=file, theme="work", words="", by=referent)
    actions.add_step(goal=goal, kind="visit", due_on=days(9), by=referent)
    assert "Étape pour le" not in day(sign_in, here, concerned)
    step = actions.add_step(
        goal=goal, kind="call", carried_by=concerned.person_id, due_on=days(4), by=here.acting(referent)
    )
    assert "Étape pour le" in day(sign_in, here, concerned)
    actions.do_step(step=step, result="done", done_on=days(0), by=here.acting(concerned))
    assert "Étape pour le" not in day(sign_in, here, concerned)


def test_who_was_asked_to_follow_is_told_before_they_read_anything(here, file, sign_in):
    asked = here.members[2]
    part = Involvement.objects.create(
        followup=file, body=here.body, person=asked.person, kind="concerned", proposed_by=here.writer,
        valid_from=timezone.localdate(),
    )  # fmt: skip
    page = day(sign_in, here, asked)
    assert reverse("followup:proposal", args=[part.pk]) in page
    assert "Mes suivis" not in page


def test_a_coordinator_sees_counts_of_their_groups_alone(here, file, sign_in):
    alone = here.file()
    FollowUp.objects.filter(pk=file.pk).update(next_review_on=days(0))
    here.acting(here.coordinator)
    RightsRequest.objects.create(
        followup=file, body=here.body, received_on=days(0), due_on=days(10), recorded_by=here.coordinator.person
    )
    elsewhere = Compartment("42187")
    elsewhere.file()
    page = day(sign_in, here, here.coordinator)
    assert "Un point à faire" in page
    assert "Un suivi sans référent" in page
    assert "Répondre à une demande de droits" in page
    assert f"dossier {file.number}" in page
    assert alone.number not in page
    assert "2 suivis" not in page


def test_others_see_nothing_of_it(here, file, sign_in):
    for who in (
        coordinator_of(here.council),
        actor("mayor", scope_of(territory("commune", "42218"))),
        actor("prefect_office", scope_of(territory("departement", "42"))),
        actor("administrator", scope_of(territory("nation", "FR"))),
    ):
        page = day(sign_in, here, who)
        assert "suivi" not in page.split("<main")[1].split("</main>")[0].lower()
        assert file.number not in page


def test_it_takes_as_many_queries_for_one_file_as_for_twenty(here, file, sign_in):
    referent, coordinator = here.members[0], here.coordinator
    once = questions(sign_in(here.acting(referent)), HOME), questions(sign_in(here.acting(coordinator)), HOME)
    for _turn in range(19):
        here.takes_part(here.file(), referent)
    client = sign_in(here.acting(referent))
    many = questions(client, HOME)
    assert "12 autres dossiers" in client.get(HOME).content.decode()
    assert (many, questions(sign_in(here.acting(coordinator)), HOME)) == once
    assert max(once) <= 12, once


def wait_for_all(here, there, number):
    """As many of each thing that may wait, asked under the first member's mandate: an answer, an end, a hand-over."""
    referent = here.members[0]
    for _turn in range(number):
        demanded, ended, moved = (here.file() for _n in range(3))
        for file in (demanded, ended, moved):
            here.takes_part(file, referent)
        RightsRequest.objects.create(
            followup=demanded, body=here.body, received_on=days(0), due_on=days(-1), recorded_by=referent.person
        )
        actions.end_file(followup=ended, reason="achieved", outcome="work", by=here.acting(referent))
        actions.propose_handover(
            followup=moved, body=there.body, agreed_by="person", agreed_on=days(0), outcome="same", by=referent
        )
        theirs = there.file()
        there.takes_part(theirs, there.members[0])
        actions.propose_handover(
            followup=theirs, body=here.body, agreed_by="person", agreed_on=days(0), outcome="same", by=there.members[0]
        )
        here.acting(referent)


def test_answers_ends_and_hand_overs_wait_by_number_within_twelve_queries(here, sign_in, monkeypatch):
    there = Compartment("42187")
    wait_for_all(here, there, 1)
    late_plan(here.council)
    # Three months are told in the month before the file goes: what ended today is looked at two months later.
    monkeypatch.setattr(clocks, "months_after", lambda day, months, of=clocks.months_after: of(day, max(months, 0)))
    once = {}
    for who in (here.members[0], here.coordinator):
        client = sign_in(here.acting(who))
        once[who] = questions(client, HOME)
        page = client.get(HOME).content.decode()
        for words in ("Répondre à une demande de droits", "Dire la situation trois mois après", "En retard"):
            assert words in page
        assert ("Répondre à un passage de relais" in page) == (who is here.coordinator)
        for sealed in ("Zéphyr", "Inès"):
            assert sealed not in page
    wait_for_all(here, there, 4)
    for who, few in once.items():
        assert questions(sign_in(here.acting(who)), HOME) == few <= 12
