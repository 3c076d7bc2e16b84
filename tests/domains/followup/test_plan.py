"""The individual plan: who writes it, what a closed list refuses, what an ended file, an older form or a second click
finds."""

import datetime as dt
import json

import pytest
from django.urls import reverse
from django.utils import timezone

from prevenance.core import vault
from prevenance.core.audit.actions import ACTIONS
from prevenance.core.models import AuditRow
from prevenance.core.refusals import Refused
from prevenance.domains.followup import actions
from prevenance.domains.followup.analysis.reading import opened_values
from prevenance.domains.followup.models import Goal, Involvement, Step
from prevenance.domains.governance.rules.councils import Stale
from tests.domains.followup.counting import questions
from tests.factories.followup import Compartment

pytestmark = pytest.mark.django_db

GOAL = {"theme": "school", "words": "Reprendre le collège en janvier"}


@pytest.fixture
def here():
    return Compartment(members=3)


@pytest.fixture
def file(here):
    """Followed by the first member, who reported it; the second works with the person; the third does not."""
    file = here.file()
    here.takes_part(file, here.members[1], Involvement.Kind.CONCERNED)
    here.takes_part(file, here.members[0])
    return file


@pytest.fixture
def referent(here, file):
    return here.acting(here.members[0])


@pytest.fixture
def goal(file, referent):
    return actions.add_goal(followup=file, **GOAL, family_part="Accompagne le matin", by=referent)


def test_a_goal_is_sealed_and_its_audit_row_says_no_word(file, referent, goal):
    assert b"coll" not in bytes(goal.words)
    assert opened_values(goal, vault.open(file.key))["words"] == GOAL["words"]
    row = AuditRow.objects.filter(action="followup.add_goal").latest("seq")
    assert row.scope == file.trail
    assert GOAL["words"] not in str(row.detail)
    assert "school" not in str(row.detail)
    assert "followup.add_goal" in ACTIONS


def test_the_coordination_writes_the_plan_and_another_member_does_not(here, file, goal):
    here.acting(here.coordinator)
    assert actions.add_goal(followup=file, **GOAL, by=here.coordinator)
    concerned = here.acting(here.members[1])
    with pytest.raises(Refused, match="référent de parcours"):
        actions.add_goal(followup=file, **GOAL, by=concerned)
    with pytest.raises(Refused, match="référent de parcours"):
        actions.add_step(goal=goal, kind="meeting", by=concerned)


def test_what_is_in_no_list_is_refused(file, referent, goal):
    with pytest.raises(Refused, match="pas dans la liste"):
        actions.add_goal(followup=file, theme="danger", words="", by=referent)
    with pytest.raises(Refused, match="pas dans la liste"):
        actions.add_step(goal=goal, kind="danger", by=referent)
    before = timezone.localdate() - dt.timedelta(days=1)
    with pytest.raises(Refused, match="précède l’ouverture"):
        actions.add_goal(followup=file, **GOAL, due_on=before, by=referent)


def test_a_goal_that_somebody_changed_meanwhile_is_not_overwritten(referent, goal):
    told = {**GOAL, "family_part": "", "state": "aimed", "due_on": None}
    changed = actions.edit_goal(goal=goal, seen=1, **told, by=referent)
    assert changed.edit == 2
    with pytest.raises(Stale):
        actions.edit_goal(goal=goal, seen=1, **told, by=referent)
    closed = actions.edit_goal(goal=goal, seen=2, **told | {"state": "met"}, by=referent)
    assert closed.ended_on == timezone.localdate()
    with pytest.raises(Stale, match="est clos"):
        actions.add_step(goal=goal, kind="meeting", by=referent)


def test_a_step_is_carried_by_who_takes_part_and_told_by_them(here, file, referent, goal):
    with pytest.raises(Refused, match="intervient dans le suivi"):
        actions.add_step(goal=goal, kind="meeting", carried_by=here.members[2].person_id, by=referent)
    step = actions.add_step(goal=goal, kind="meeting", carried_by=here.members[1].person_id, by=referent)
    assert actions.edit_step(
        step=step, seen=1, kind="visit", words="Mission locale", carried_by=step.carried_by_id, due_on=None, by=referent
    )
    today = timezone.localdate()
    carrier = here.acting(here.members[1])
    with pytest.raises(Refused, match="à venir"):
        actions.do_step(step=step, result="done", done_on=today + dt.timedelta(days=1), by=carrier)
    assert actions.do_step(step=step, result="done", done_on=today, by=carrier).done_on == today
    with pytest.raises(Stale, match="déjà noté"):
        actions.do_step(step=step, result="done", done_on=today, by=carrier)
    other = actions.add_step(goal=goal, kind="call", by=here.acting(referent))
    here.acting(carrier)
    with pytest.raises(Refused, match="référent"):
        actions.do_step(step=other, result="done", done_on=today, by=carrier)


def test_an_ended_follow_up_keeps_its_plan_as_it_was(file, referent, goal):
    step = actions.add_step(goal=goal, kind="meeting", by=referent)
    actions.end_file(followup=file, reason="achieved", outcome="school", by=referent)
    for write in (
        lambda: actions.add_goal(followup=file, **GOAL, by=referent),
        lambda: actions.add_step(goal=goal, kind="call", by=referent),
        lambda: actions.do_step(step=step, result="done", done_on=timezone.localdate(), by=referent),
    ):
        with pytest.raises(Stale, match="est terminé"):
            write()


def test_the_screens_from_the_first_goal_to_a_result(file, referent, here, sign_in):
    client = sign_in(referent)
    page = client.get(reverse("followup:plan", args=[file.pk]))
    assert "Fixer le premier objectif" in page.content.decode()
    add = reverse("followup:goal_add", args=[file.pk])
    refused = client.post(add, GOAL | {"theme": ""})
    assert refused.status_code == 422
    assert GOAL["words"] in refused.content.decode()
    assert client.post(add, GOAL).status_code == 302
    goal = Goal.objects.get()
    step = reverse("followup:step_add", args=[file.pk, goal.pk])
    assert client.post(step, {"kind": "meeting", "carried_by": str(referent.person_id)}).status_code == 302
    step = Step.objects.get()
    shown = client.get(reverse("followup:plan", args=[file.pk])).content.decode()
    assert GOAL["words"] in shown
    assert "Rendez-vous" in shown
    done = reverse("followup:step_done", args=[file.pk, step.pk])
    assert client.get(done).status_code == 200
    answer = {"code": "done", "day": timezone.localdate().isoformat()}
    assert client.post(done, answer).status_code == 302
    assert client.post(done, answer).status_code == 409  # a second click
    edit = reverse("followup:goal_edit", args=[file.pk, goal.pk])
    assert GOAL["words"] in client.get(edit).content.decode()
    typed = GOAL | {"words": "Autre chose", "state": "aimed", "seen": "1"}
    assert client.post(edit, typed).status_code == 302
    stale = client.post(edit, typed | {"words": "Encore autre chose"})
    assert stale.status_code == 409
    assert "Encore autre chose" in stale.content.decode()
    parts = AuditRow.objects.filter(action="followup.record_reading", subject__endswith=f":{file.pk}")
    assert {json.loads(row.detail)["part"] for row in parts} == {"plan"}


def test_who_does_not_follow_reads_the_plan_and_is_told_why_they_do_not_write(here, file, goal, sign_in):
    client = sign_in(here.acting(here.members[1]))
    page = client.get(reverse("followup:plan", args=[file.pk])).content.decode()
    assert "Seuls le référent de parcours et la coordination" in page
    assert "Fixer un objectif" not in page
    assert client.post(reverse("followup:goal_add", args=[file.pk]), GOAL).status_code == 403
    client = sign_in(here.acting(here.members[2]))
    assert client.get(reverse("followup:plan", args=[file.pk])).status_code == 404
    elsewhere = Compartment("42187")
    other = elsewhere.file()
    here.acting(here.members[0])
    client = sign_in(here.members[0])
    for name in ("plan", "goal_add", "contacts", "reviews", "orientations", "attachments"):
        assert client.get(reverse(f"followup:{name}", args=[other.pk])).status_code == 404
    assert client.get(reverse("followup:goal_edit", args=[file.pk, goal.pk + 1])).status_code == 404


def test_the_plan_takes_as_many_queries_for_one_goal_as_for_twenty(file, referent, sign_in):
    client = sign_in(referent)
    url = reverse("followup:plan", args=[file.pk])

    first = actions.add_goal(followup=file, **GOAL, by=referent)
    actions.add_step(goal=first, kind="meeting", carried_by=referent.person_id, by=referent)
    one = questions(client, url)
    for _turn in range(19):
        goal = actions.add_goal(followup=file, **GOAL, by=referent)
        actions.add_step(goal=goal, kind="meeting", carried_by=referent.person_id, by=referent)
    assert questions(client, url) == one <= 12
