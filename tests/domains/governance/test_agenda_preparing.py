"""An agenda is prepared from what waits for it: points left over, decisions, proposals, what texts ask each year."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from prevenance.core.refusals import Refused, reason
from prevenance.domains.governance.actions import agenda, convocations, minutes, problems, propose_item
from prevenance.domains.governance.actions.proposals import dismiss_proposal
from prevenance.domains.governance.analysis.agenda import left_over, waiting_for
from prevenance.domains.governance.models import AgendaItem, AgendaProposal, Body, Meeting
from prevenance.domains.governance.rules import proposals as rules
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.rules.meetings import Changed, agenda_stamp
from tests.domains.governance.council_that_meets import CouncilThatMeets
from tests.factories import CouncilFactory, coordinator_of, territory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ours():
    return CouncilThatMeets()


def titles(meeting):
    return list(meeting.items.values_list("title", flat=True))


def proposed(ours, **kwargs):
    told = {"body": ours.plenary, "kind": "decision", "title": "Un point proposé", "by": ours.coordinator} | kwargs
    return propose_item(**told)


# ------------------------------------------------------------------------------------------------- proposals


def test_the_same_thing_is_proposed_once_however_often_it_is_asked(ours):
    first = proposed(ours, key="plan-3")
    assert proposed(ours, key="plan-3", title="Le même, redit").pk == first.pk
    assert first.title == "Un point proposé"
    assert proposed(ours, key="plan-4").pk != first.pk
    assert [proposed(ours).pk, proposed(ours).pk] != [first.pk] * 2
    assert AgendaProposal.objects.count() == 4


def test_what_was_dismissed_is_not_proposed_again(ours):
    proposal = proposed(ours, key="plan-3")
    dismiss_proposal(proposal=proposal, reason="Traité en groupe", by=ours.coordinator)
    again = proposed(ours, key="plan-3")
    assert (again.pk, again.state, again.reason) == (proposal.pk, "dismissed", "Traité en groupe")
    with pytest.raises(Stale):
        dismiss_proposal(proposal=proposal, reason="Encore", by=ours.coordinator)


def test_a_proposal_is_dismissed_with_a_reason_by_those_who_prepare(ours):
    proposal = proposed(ours)
    with pytest.raises(Refused, match="pourquoi"):
        dismiss_proposal(proposal=proposal, reason="  ", by=ours.coordinator)
    elsewhere = coordinator_of(CouncilFactory(territory=territory("commune", "42187")))
    with pytest.raises(Refused):
        dismiss_proposal(proposal=proposal, reason="Non", by=elsewhere)
    assert AgendaProposal.objects.visible_to(elsewhere).count() == 0
    assert AgendaProposal.objects.visible_to(ours.coordinator).count() == 1


def test_nothing_is_proposed_to_a_group_that_is_closed(ours):
    group = Body.objects.create(
        council=ours.council, kind="group", name="Jeunes", opened_on=dt.date(2025, 1, 1), closed_on=dt.date(2026, 1, 1)
    )
    with pytest.raises(Refused, match="fermé"):
        proposed(ours, body=group)


def test_a_problem_handed_over_waits_for_the_agenda_of_the_group_without_a_word_of_it(ours, sign_in):
    group = Body.objects.create(council=ours.council, kind="group", name="Jeunes")
    police = CouncilFactory(kind="GPO", name="Groupe du centre")
    lead = coordinator_of(police)
    told = problems.Told(theme="gathering", place="Place des Tilleuls", description="Bruit après 22 h")
    problem = problems.add_problem(council=police, told=told, by=lead)
    problems.hand_over(problem=problem, body=group, by=lead)
    proposal = AgendaProposal.objects.get()
    assert (proposal.body, proposal.kind, proposal.state) == (group, "debate", "waiting")
    written = " ".join([proposal.title, proposal.details, proposal.origin, proposal.origin_path])
    assert "à examiner" in written
    assert not any(word in written for word in ("Tilleuls", "Bruit", "22", "centre", problem.number))
    meeting = Meeting.objects.create(
        council=ours.council, body=group, title="Groupe", starts_at=timezone.now() + dt.timedelta(days=5),
        ends_at=timezone.now() + dt.timedelta(days=5, hours=1),
    )  # fmt: skip
    page = sign_in(ours.coordinator).get(reverse("governance:carry_over", args=[meeting.pk])).content.decode()
    assert "à examiner" in page
    assert "Tilleuls" not in page


# ----------------------------------------------------------------------------------------------- points left


def test_points_that_the_minutes_say_nothing_of_are_left_over(ours):
    draft = ours.written()  # the first of its two points has a text
    meeting = ours.prepared(items=0)
    assert [item.title for item in left_over(meeting)] == ["Point inventé 2"]
    assert agenda.carry_over(meeting=meeting, items=left_over(meeting), by=ours.coordinator) == 1
    assert meeting.items.get().follows == draft.meeting.items.get(title="Point inventé 2")
    assert list(left_over(ours.prepared(starts_in=dt.timedelta(days=40), items=0))) == []


def test_nothing_is_left_over_of_a_meeting_without_minutes(ours):
    ours.held()
    assert list(left_over(ours.prepared(items=0))) == []


def test_points_of_a_meeting_called_off_are_left_over_and_come_back_when_the_next_is_called_off_too(ours):
    first, second = ours.convened(), ours.prepared(starts_in=dt.timedelta(days=20), items=0)
    assert list(left_over(second)) == []
    convocations.cancel(meeting=first, by=ours.coordinator)
    assert [item.title for item in left_over(second)] == ["Point inventé 1", "Point inventé 2"]
    agenda.carry_over(meeting=second, items=left_over(second), by=ours.coordinator)
    third = ours.prepared(starts_in=dt.timedelta(days=30), items=0)
    assert list(left_over(third)) == []
    convocations.cancel(meeting=second, by=ours.coordinator)
    assert {item.title for item in left_over(third)} == {"Point inventé 1", "Point inventé 2"}


def test_a_point_of_another_body_is_not_taken_up(ours):
    group = Body.objects.create(council=ours.council, kind="group", name="Jeunes")
    other = Meeting.objects.create(
        council=ours.council, body=group, title="Groupe", starts_at=timezone.now(),
        ends_at=timezone.now() + dt.timedelta(hours=1),
    )  # fmt: skip
    item = AgendaItem.objects.create(meeting=other, position=1, title="D’un groupe")
    with pytest.raises(Refused, match="autre formation"):
        agenda.carry_over(meeting=ours.prepared(), items=[item], by=ours.coordinator)


# ------------------------------------------------------------------------------------------------ yearly items


def test_what_a_text_asks_each_year_is_offered_until_a_meeting_of_the_year_has_it(ours):
    first = ours.prepared(items=0)
    (asked,) = rules.yearly_items(first)
    assert asked.article == "CSI R132-10-1"
    agenda.carry_over(meeting=first, law=[asked.key, "inconnu"], by=ours.coordinator)
    assert (first.items.get().law_key, first.items.get().minutes) == (asked.key, asked.minutes)
    same_year = Meeting(pk=0, council=ours.council, body=ours.plenary, starts_at=first.starts_at)
    next_year = Meeting(
        pk=0, council=ours.council, body=ours.plenary, starts_at=first.starts_at + dt.timedelta(days=366)
    )
    assert rules.yearly_items(same_year) == []
    assert rules.yearly_items(next_year) == [asked]
    Meeting.objects.filter(pk=first.pk).update(state="cancelled")
    assert rules.yearly_items(same_year) == [asked]


def test_a_group_is_asked_nothing_yearly_and_every_record_has_its_source(ours):
    group = Body(council=ours.council, kind="group")
    assert rules.yearly_items(Meeting(council=ours.council, body=group, starts_at=timezone.now())) == []
    every = rules.every_yearly_item()
    assert len({item.key for item in every}) == len(every) >= 3
    assert all(item.source and item.article and item.minutes > 0 for item in every)
    assert all(set(item.bodies) <= set(Body.Kind.values) for item in every)
    assert all(item.kind in AgendaItem.Kind.values for item in every)


# -------------------------------------------------------------------------------------------------- in one go


def test_all_that_is_ticked_enters_in_one_go_and_two_clicks_add_once(ours, sign_in):
    decision = ours.approved().decisions.get()
    proposal = proposed(ours, title="Vidéo des halls", details="Demandé par le bailleur", origin="Plan local")
    meeting = ours.prepared(items=0)
    client, address = sign_in(ours.coordinator), reverse("governance:carry_over", args=[meeting.pk])
    page = client.get(address).content.decode()
    assert page.count("checked") == 4
    assert "Demandé par le bailleur" in page
    waiting = waiting_for(ours.coordinator, meeting)
    posted = {name: sorted(values) for name, values in waiting.ticked.items()}
    posted["typed"] = "Questions diverses 10 min\n\n- Point de la police municipale\n"
    assert client.post(address, posted).url == reverse("governance:agenda_arrange", args=[meeting.pk])
    expected = [
        "Point inventé 2",
        f"Suivi de la décision {decision.number}\u00a0: Éclairer le passage inventé.",
        waiting.law[0].title,
        "Vidéo des halls",
        "Questions diverses",
        "Point de la police municipale",
    ]
    assert titles(meeting) == expected
    assert meeting.items.get(title="Questions diverses").minutes == 10
    proposal.refresh_from_db()
    assert (proposal.state, proposal.item.title) == ("taken", "Vidéo des halls")
    client.post(address, posted)
    assert titles(meeting) == expected
    assert waiting_for(ours.coordinator, meeting).total == 0


def test_a_decision_due_long_after_the_meeting_is_offered_but_not_ticked(ours):
    decision = ours.approved().decisions.get()
    meeting = ours.prepared(items=0)
    assert waiting_for(ours.coordinator, meeting).ticked["decisions"] == {str(decision.pk)}
    starts_at = timezone.now() + dt.timedelta(minutes=5)  # the decision is due in thirty days
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("prevenance.domains.governance.analysis.agenda.SOON", dt.timedelta(days=20))
        Meeting.objects.filter(pk=meeting.pk).update(starts_at=starts_at)
        meeting.refresh_from_db()
        later = waiting_for(ours.coordinator, meeting)
    assert [one.pk for one, _late in later.decisions] == [decision.pk]
    assert later.ticked["decisions"] == set()


def test_nothing_ticked_nor_typed_is_said_on_the_page(ours, sign_in):
    response = sign_in(ours.coordinator).post(reverse("governance:carry_over", args=[ours.prepared().pk]), {})
    assert response.status_code == 422
    assert "Cochez au moins un point" in response.content.decode()


def test_a_point_taken_off_the_agenda_gives_its_proposal_back(ours):
    proposal, meeting = proposed(ours), ours.prepared(items=0)
    agenda.carry_over(meeting=meeting, proposals=[proposal], by=ours.coordinator)
    agenda.remove_item(item=meeting.items.get(), by=ours.coordinator)
    proposal.refresh_from_db()
    assert (proposal.state, proposal.item, proposal.settled_by) == ("waiting", None, None)


def test_a_proposal_to_another_body_is_refused(ours):
    group = Body.objects.create(council=ours.council, kind="group", name="Jeunes")
    proposal = proposed(ours, body=group)
    with pytest.raises(Refused, match="autre formation"):
        agenda.carry_over(meeting=ours.prepared(), proposals=[proposal], by=ours.coordinator)


def test_the_screen_takes_as_many_queries_for_thirty_proposals_as_for_one(ours, sign_in, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    proposed(ours)
    client, address = sign_in(ours.coordinator), reverse("governance:carry_over", args=[ours.prepared().pk])
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for rank in range(30):
        proposed(ours, title=f"Proposition {rank}")
    assert len(few) <= 18
    with django_assert_max_num_queries(len(few)):
        client.get(address)


def test_a_proposal_is_dismissed_from_the_screen(ours, sign_in):
    proposal, meeting = proposed(ours), ours.prepared()
    address = reverse("governance:proposal_dismiss", args=[meeting.pk, proposal.pk])
    client = sign_in(ours.coordinator)
    assert client.post(address, {}).status_code == 422
    assert client.post(address, {"reason": "Vu en bureau"}).status_code == 302
    proposal.refresh_from_db()
    assert (proposal.state, proposal.reason) == ("dismissed", "Vu en bureau")
    assert client.get(address).status_code == 403


# -------------------------------------------------------------------------------------------------- arranging


def arranged(meeting, **changes):
    """What the form of the agenda would send, with changes by field."""
    items = list(meeting.items.all())
    data = {"seen": agenda_stamp(items)}
    for place, item in enumerate(items, 1):
        data |= {f"place-{item.pk}": place, f"kind-{item.pk}": item.kind, f"minutes-{item.pk}": item.minutes or ""}
    return data | changes


def test_order_kinds_and_durations_are_saved_at_once(ours, sign_in):
    meeting = ours.prepared(items=4)
    first, _second, _third, fourth = meeting.items.all()
    client, address = sign_in(ours.coordinator), reverse("governance:agenda_arrange", args=[meeting.pk])
    typed = arranged(meeting, **{f"place-{fourth.pk}": 1, f"kind-{fourth.pk}": "decision", f"minutes-{first.pk}": 25})
    assert client.post(address, typed).url == reverse("governance:agenda", args=[meeting.pk])
    assert titles(meeting) == ["Point inventé 4", "Point inventé 1", "Point inventé 2", "Point inventé 3"]
    fourth.refresh_from_db()
    first.refresh_from_db()
    assert (fourth.kind, first.minutes) == ("decision", 25)


def test_a_point_sent_down_goes_after_the_one_whose_place_it_takes(ours, sign_in):
    meeting = ours.prepared(items=4)
    first = meeting.items.first()
    sign_in(ours.coordinator).post(
        reverse("governance:agenda_arrange", args=[meeting.pk]), arranged(meeting, **{f"place-{first.pk}": 3})
    )
    assert titles(meeting) == ["Point inventé 2", "Point inventé 3", "Point inventé 1", "Point inventé 4"]


def test_a_button_moves_one_point_and_keeps_what_was_typed_of_the_others(ours, sign_in):
    meeting = ours.prepared(items=3)
    first, second, _third = meeting.items.all()
    address = reverse("governance:agenda_arrange", args=[meeting.pk])
    client = sign_in(ours.coordinator)
    response = client.post(address, arranged(meeting, monter=second.pk, **{f"minutes-{first.pk}": 15}))
    assert response.url == f"{address}#point-{second.pk}"
    assert titles(meeting) == ["Point inventé 2", "Point inventé 1", "Point inventé 3"]
    first.refresh_from_db()
    assert first.minutes == 15
    client.post(address, arranged(meeting, monter=second.pk))
    assert titles(meeting)[0] == "Point inventé 2"


def test_an_agenda_changed_elsewhere_is_shown_with_what_was_typed(ours, sign_in):
    meeting = ours.prepared(items=2)
    first = meeting.items.first()
    typed = arranged(meeting, **{f"minutes-{first.pk}": 45})
    agenda.add_item(meeting=meeting, kind="debate", title="Venu entre-temps", by=ours.coordinator)
    client, address = sign_in(ours.coordinator), reverse("governance:agenda_arrange", args=[meeting.pk])
    response = client.post(address, typed)
    page = response.content.decode()
    assert response.status_code == 409
    assert 'value="45"' in page
    assert "Venu entre-temps" in page
    first.refresh_from_db()
    assert first.minutes is None
    assert client.post(address, arranged(meeting, **{f"minutes-{first.pk}": 45})).status_code == 302


def test_arranging_refuses_half_an_agenda_and_a_stale_stamp(ours):
    meeting = ours.prepared(items=2)
    stamp = agenda_stamp(meeting.items.all())
    first = meeting.items.first()
    with pytest.raises(Refused, match="complet"):
        agenda.arrange(meeting=meeting, seen=stamp, rows=[(first.pk, "debate", None)], by=ours.coordinator)
    with pytest.raises(Changed):
        agenda.arrange(meeting=meeting, seen="ancien", rows=[], by=ours.coordinator)


def test_once_held_an_agenda_is_prepared_no_more(ours):
    meeting = ours.held()
    assert "a eu lieu" in reason(agenda.arrange, meeting=meeting, seen="", rows=[], by=ours.coordinator)
    assert "a eu lieu" in reason(agenda.carry_over, meeting=meeting, by=ours.coordinator)
    assert minutes.start_minutes(meeting=meeting, by=ours.coordinator).sections.count() == 2
