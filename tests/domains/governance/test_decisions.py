"""Decisions: followed row after row, late in words, recalled once a week to those who carry them."""

import datetime as dt
import re

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from prevenance.core.refusals import Refused, reason
from prevenance.domains.accounts.acting import actor_of
from prevenance.domains.governance import jobs
from prevenance.domains.governance.actions import decisions
from prevenance.domains.governance.models import Decision, DecisionReminder
from prevenance.domains.governance.rules import decisions as rules
from tests.domains.governance.council_that_meets import CouncilThatMeets
from tests.domains.governance.jobs import run_jobs
from tests.factories import CouncilFactory, MandateFactory, actor, coordinator_of, scope_of, territory

pytestmark = pytest.mark.django_db
State = Decision.State


@pytest.fixture
def taken():
    """(council, its decision just approved)."""
    ours = CouncilThatMeets()
    return ours, ours.approved().decisions.get()


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize("to", State.values)
def test_only_the_table_of_states_is_followed(state, to):
    allowed = {
        ("open", "open"), ("open", "started"), ("open", "done"), ("open", "dropped"), ("started", "started"),
        ("started", "done"), ("started", "dropped"), ("done", "started"), ("dropped", "open"),
    }  # fmt: skip
    said = reason(rules.check_progress, Decision(state=state), to, "Une note.")
    assert (said == "") == ((state, to) in allowed)


@pytest.mark.parametrize(
    ("state", "to", "said"),
    [
        ("open", "dropped", "Dites pourquoi la décision est abandonnée."),
        ("open", "open", "Dites ce qui a avancé."),
        ("done", "started", "Dites pourquoi la décision est reprise."),
        ("open", "done", ""),
    ],
)
def test_giving_up_and_coming_back_are_explained(state, to, said):
    assert reason(rules.check_progress, Decision(state=state), to, "  ") == said


@pytest.mark.parametrize(
    ("days", "state", "said"),
    [
        (-1, "open", ""),
        (0, "open", "Échéance aujourd’hui"),
        (1, "started", "En retard d’un jour"),
        (12, "open", "En retard de 12\u00a0jours"),
        (12, "done", ""),
    ],
)
def test_being_late_is_said_in_words(days, state, said):
    today = dt.date(2026, 11, 22)
    decision = Decision(due_on=today - dt.timedelta(days=days), state=state)
    assert rules.lateness(decision, today) == said


def test_each_note_is_a_row_and_the_state_follows(taken, sign_in):
    ours, decision = taken
    client = sign_in(ours.coordinator)
    address = f"/conseils/decisions/{decision.pk}/avancement/"
    client.post(address, {"state": "started", "note": "Devis demandé."})
    client.post(address, {"state": "done", "note": "Posé."})
    decision.refresh_from_db()
    assert decision.state == "done"
    assert list(decision.progress.values_list("state", "note")) == [("started", "Devis demandé."), ("done", "Posé.")]
    page = client.get(f"/conseils/decisions/{decision.pk}/").content.decode()
    assert page.index("Devis demandé.") < page.index("Posé.")


def test_a_refused_note_keeps_what_was_typed(taken, sign_in):
    ours, decision = taken
    response = sign_in(ours.coordinator).post(
        f"/conseils/decisions/{decision.pk}/avancement/", {"state": "dropped", "note": ""}
    )
    assert response.status_code == 422
    assert "Dites pourquoi la décision est abandonnée." in response.content.decode()
    assert not decision.progress.exists()


def test_the_person_who_carries_a_decision_notes_its_progress(taken, sign_in):
    ours, decision = taken
    owner = actor_of(MandateFactory(person=ours.person(0), role="group_member", scope=ours.council.scope).person)
    other = actor_of(MandateFactory(person=ours.person(1), role="group_member", scope=ours.council.scope).person)
    decisions.record_progress(decision=decision, state="started", note="", by=owner)
    with pytest.raises(Refused) as refused:
        decisions.record_progress(decision=decision, state="done", note="", by=other)
    assert "la personne responsable" in refused.value.reason
    assert "Noter un avancement" not in sign_in(other).get(f"/conseils/decisions/{decision.pk}/").content.decode()


@pytest.mark.parametrize("role", ["prefect_office", "prosecutor_office", "national_secretariat"])
def test_those_who_oversee_read_approved_decisions_and_note_nothing(role, sign_in):
    where = {"national_secretariat": ("nation", "FR")}.get(role, ("departement", "42"))
    ours = CouncilThatMeets(surroundings=[scope_of(territory(*where))])
    decision = ours.approved().decisions.get()
    draft = ours.written().decisions.get()
    who = actor(role, scope_of(territory(*where)))
    client = sign_in(who)
    assert client.get(f"/conseils/decisions/{decision.pk}/").status_code == 200
    assert client.get(f"/conseils/decisions/{draft.pk}/").status_code == 404
    assert client.post(f"/conseils/decisions/{decision.pk}/avancement/", {"state": "done"}).status_code == 403


def test_a_stranger_finds_no_decision(taken, sign_in):
    _ours, decision = taken
    client = sign_in(coordinator_of(CouncilFactory(territory=territory("commune", "42187"))))
    assert client.get(f"/conseils/decisions/{decision.pk}/").status_code == 404
    assert client.post(f"/conseils/decisions/{decision.pk}/avancement/", {"state": "done"}).status_code == 404
    assert "Éclairer" not in client.get("/conseils/decisions/").content.decode()


def test_each_draft_decision_has_a_link_of_its_own_wherever_it_is_listed(sign_in):
    ours = CouncilThatMeets()
    draft = ours.written()
    for text in ("Ouvrir une permanence inventée.", "Former les gardiens inventés."):
        decisions.add_decision(section=draft.sections.first(), text=text, by=ours.coordinator)
    client = sign_in(ours.coordinator)
    for address in ("decisions/", f"reunions/{draft.meeting_id}/"):
        page = client.get(f"/conseils/{address}").content.decode()
        links = re.findall(r'<a href="/conseils/decisions/\d+/">(.*?)</a>', page, re.DOTALL)
        names = [" ".join(re.sub(r"<[^>]+>", "", link).split()) for link in links]
        assert len(names) == 3
        assert len(set(names)) == 3
        assert "Projet : Ouvrir une permanence inventée." in [name.replace("\u00a0", " ") for name in names]


def test_a_draft_decision_is_not_followed_yet():
    ours = CouncilThatMeets()
    decision = ours.written().decisions.get()
    with pytest.raises(Refused) as refused:
        decisions.record_progress(decision=decision, state="started", note="", by=ours.coordinator)
    assert refused.value.reason.startswith("Cette décision n’est pas encore approuvée")


def test_a_decision_from_an_earlier_record_is_followed_but_not_rewritten():
    ours = CouncilThatMeets()
    decision = Decision.objects.create(council=ours.council, year=2024, rank=1, text="Reprise d’un tableau.")
    decisions.record_progress(decision=decision, state="done", note="", by=ours.coordinator)
    with pytest.raises(Refused):
        decisions.edit_decision(
            decision=decision, seen=rules.stamp(decision), text="Autre", owner=None, owner_label="", due_on=None,
            by=ours.coordinator,
        )  # fmt: skip


def test_a_stale_form_of_a_draft_decision_shows_both_texts(sign_in):
    ours = CouncilThatMeets()
    decision = ours.written().decisions.get()
    client = sign_in(ours.coordinator)
    address = f"/conseils/decisions/{decision.pk}/modifier/"
    seen = client.get(address).context["form"]["seen"].value()
    typed = {"owner": ours.person(1).pk, "due_on": "2027-01-31", "seen": seen}
    client.post(address, typed | {"text": "Changée ailleurs."})
    response = client.post(address, typed | {"text": "Changée ici."})
    assert response.status_code == 409
    assert "Changée ailleurs." in response.content.decode()
    assert "Changée ici." in response.content.decode()


def test_filters_tell_mine_and_late_apart(taken, sign_in):
    ours, decision = taken
    owner = actor_of(MandateFactory(person=ours.person(0), role="group_member", scope=ours.council.scope).person)
    with time_machine.travel(dt.datetime.combine(decision.due_on + dt.timedelta(days=2), dt.time(9), tzinfo=dt.UTC)):
        client = sign_in(owner)
        assert decision.text in client.get("/conseils/decisions/?qui=moi&etat=retard").content.decode()
        client = sign_in(ours.coordinator)
        assert decision.text not in client.get("/conseils/decisions/?qui=moi").content.decode()
        assert "Aucune décision ne correspond" in client.get("/conseils/decisions/?etat=done").content.decode()


@pytest.mark.parametrize("address", ["decisions", "reunions"])
def test_lists_cost_the_same_for_one_row_and_for_many(address, sign_in, django_assert_max_num_queries):
    ours = CouncilThatMeets()
    ours.approved()
    client = sign_in(ours.coordinator)
    client.get(f"/conseils/{address}/")
    with django_assert_max_num_queries(14) as few:
        client.get(f"/conseils/{address}/")
    for _ in range(4):
        ours.approved()
    with django_assert_max_num_queries(len(few)):
        page = client.get(f"/conseils/{address}/")
    assert "5\u00a0" in page.content.decode() or "5 " in page.content.decode()


# ------------------------------------------------------------------------------------------------ reminders


def test_one_mail_a_person_a_week_for_all_that_is_due(taken):
    _ours, decision = taken
    run_jobs()  # the convocations
    mail.outbox.clear()
    with time_machine.travel(dt.datetime.combine(decision.due_on, dt.time(8), tzinfo=dt.UTC) + dt.timedelta(days=3)):
        jobs.remind_owners.func(timestamp=0)
        jobs.remind_owners.func(timestamp=0)
        assert run_jobs() == 2
        assert len(mail.outbox) == 1
        message = mail.outbox[0]
        assert message.to == [decision.owner.email]
        assert decision.number in message.body
        assert "En retard de 3\u00a0jours" in message.body
    with time_machine.travel(dt.datetime.combine(decision.due_on, dt.time(8), tzinfo=dt.UTC) + dt.timedelta(days=10)):
        jobs.send_reminder.func(person=decision.owner_id)
        assert len(mail.outbox) == 2


def test_nothing_is_sent_for_what_is_done_far_or_still_a_draft(taken):
    ours, decision = taken
    assert jobs.owners_to_remind() == []
    with time_machine.travel(dt.datetime.combine(decision.due_on, dt.time(8), tzinfo=dt.UTC)):
        assert jobs.owners_to_remind() == [decision.owner_id]
        decisions.record_progress(decision=decision, state="done", note="", by=ours.coordinator)
        assert jobs.owners_to_remind() == []
        jobs.send_reminder.func(person=decision.owner_id)
    assert mail.outbox == []
    assert not DecisionReminder.objects.exists()


def test_the_database_holds_one_reminder_a_week(taken):
    _ours, decision = taken
    week = timezone.localdate()
    DecisionReminder.objects.create(person=decision.owner, week=week)
    with pytest.raises(IntegrityError), transaction.atomic():
        DecisionReminder.objects.create(person=decision.owner, week=week)


def test_a_mail_that_fails_leaves_no_trace_of_a_reminder(taken, monkeypatch):
    _ours, decision = taken

    def away(self, *args, **kwargs):
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.EmailMessage.send", away)
    with (
        time_machine.travel(dt.datetime.combine(decision.due_on, dt.time(8), tzinfo=dt.UTC)),
        pytest.raises(ConnectionRefusedError),
    ):
        jobs.send_reminder.func(person=decision.owner_id)
    assert not DecisionReminder.objects.exists()
