"""Attendance taken in the room: one tap, one mark, with or without script."""

import datetime as dt

import pytest
from django.utils import timezone

from prevenance.core.refusals import reason
from prevenance.domains.governance.actions import attendance
from prevenance.domains.governance.analysis.papers import attendance_text
from prevenance.domains.governance.models import Meeting
from prevenance.domains.governance.rules import meetings as rules
from tests.domains.governance.council_that_meets import CouncilThatMeets

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def today(sign_in):
    """(council, its meeting of today, a client of the coordinator)."""
    ours = CouncilThatMeets()
    meeting = ours.convened()
    start = timezone.now() - dt.timedelta(minutes=20)
    Meeting.objects.filter(pk=meeting.pk).update(starts_at=start, ends_at=start + dt.timedelta(hours=2))
    meeting.refresh_from_db()
    return ours, meeting, sign_in(ours.coordinator)


def test_a_tap_saves_and_answers_with_the_line_and_the_count(today):
    _ours, meeting, client = today
    line = meeting.attendances.first()
    response = client.post(f"/conseils/reunions/{meeting.pk}/presences/{line.pk}/", {"presence": "present"}, **HTMX)
    part = response.content.decode()
    line.refresh_from_db()
    assert line.presence == "present"
    assert part.count("pv-attendance__line") == 1
    assert 'hx-swap-oob="true"' in part
    assert "<strong>1</strong> Présent" in part
    assert "<!DOCTYPE" not in part


def test_a_second_tap_on_the_same_button_takes_the_mark_away(today):
    ours, meeting, client = today
    line = meeting.attendances.first()
    attendance.mark(attendance=line, presence="present", by=ours.coordinator)
    page = client.get(f"/conseils/reunions/{meeting.pk}/presences/").content.decode()
    pressed = page[page.index(f'id="ligne-{line.pk}-present"') :][:300]
    assert 'value=""' in pressed
    assert 'aria-pressed="true"' in pressed
    client.post(f"/conseils/reunions/{meeting.pk}/presences/{line.pk}/", {"presence": ""})
    line.refresh_from_db()
    assert (line.presence, line.marked_by) == ("", None)


def test_without_script_the_answer_leads_back_to_the_line_and_the_search(today):
    _ours, meeting, client = today
    line = meeting.attendances.last()
    response = client.post(
        f"/conseils/reunions/{meeting.pk}/presences/{line.pk}/", {"presence": "absent", "q": "exemple"}
    )
    assert response.url == f"/conseils/reunions/{meeting.pk}/presences/?q=exemple#ligne-{line.pk}"


def test_typing_narrows_the_list_without_accents(today):
    ours, meeting, client = today
    person = ours.person(1)
    person.family_name = "Éxémple-Unique"
    person.save()
    part = client.get(f"/conseils/reunions/{meeting.pk}/presences/?q=exemple unique", **HTMX).content.decode()
    assert part.count("pv-attendance__line") == 1
    assert "Éxémple-Unique" in part
    empty = client.get(f"/conseils/reunions/{meeting.pk}/presences/?q=personne", **HTMX).content.decode()
    assert "Aucun membre ne correspond" in empty


def test_someone_represented_keeps_by_whom_only_while_represented(today):
    ours, meeting, _client = today
    line = meeting.attendances.first()
    line = attendance.mark(attendance=line, presence="represented", represented_by="Alix Exemple", by=ours.coordinator)
    assert "Représentés (1)\u00a0: " in attendance_text(meeting)
    assert ", par Alix Exemple" in attendance_text(meeting)
    line = attendance.mark(attendance=line, presence="present", represented_by="Alix Exemple", by=ours.coordinator)
    assert line.represented_by == ""


def test_someone_who_came_unconvened_is_noted_and_can_be_taken_out(today):
    _ours, meeting, client = today
    client.post(f"/conseils/reunions/{meeting.pk}/presences/ajouter/", {"name": "Dominique Exemple, gardien"})
    line = meeting.attendances.get(membership=None)
    assert line.presence == "present"
    assert "Dominique Exemple, gardien" in attendance_text(meeting)
    client.post(f"/conseils/reunions/{meeting.pk}/presences/{line.pk}/retirer/")
    assert not meeting.attendances.filter(membership=None).exists()


def test_the_line_of_a_member_convened_is_never_taken_out(today):
    _ours, meeting, client = today
    line = meeting.attendances.first()
    response = client.post(f"/conseils/reunions/{meeting.pk}/presences/{line.pk}/retirer/")
    assert response.status_code == 403
    assert meeting.attendances.filter(pk=line.pk).exists()


def test_an_empty_name_is_explained(today):
    _ours, meeting, client = today
    response = client.post(f"/conseils/reunions/{meeting.pk}/presences/ajouter/", {"name": ""})
    assert response.status_code == 422
    assert "Un point est à corriger" in response.content.decode()


def test_nobody_is_marked_before_the_day_nor_after_approval():
    ours = CouncilThatMeets()
    early = reason(rules.check_can_take_attendance, ours.convened(), ours.coordinator)
    assert early.startswith("Les présences se pointent le jour de la réunion")
    late = reason(rules.check_can_take_attendance, ours.approved().meeting, ours.coordinator)
    assert late.startswith("Le compte rendu de cette réunion est approuvé")


def test_a_member_cannot_mark_anybody(today, sign_in):
    from prevenance.domains.accounts.acting import actor_of
    from tests.factories import MandateFactory

    ours, meeting, _client = today
    member = actor_of(MandateFactory(person=ours.person(0), role="group_member", scope=ours.council.scope).person)
    own = meeting.attendances.get(membership=ours.members[0])
    other = meeting.attendances.get(membership=ours.members[1])
    client = sign_in(member)
    assert client.get(f"/conseils/reunions/{meeting.pk}/presences/").status_code == 403
    assert (
        client.post(f"/conseils/reunions/{meeting.pk}/presences/{own.pk}/", {"presence": "present"}).status_code == 403
    )
    assert (
        client.post(f"/conseils/reunions/{meeting.pk}/presences/{other.pk}/", {"presence": "absent"}).status_code == 404
    )


def test_the_sheet_costs_the_same_for_three_members_and_for_thirty(today, django_assert_max_num_queries):
    from tests.factories import MembershipFactory

    ours, meeting, client = today
    address = f"/conseils/reunions/{meeting.pk}/presences/"
    client.get(address)
    with django_assert_max_num_queries(14) as few:
        client.get(address)
    for _ in range(27):
        meeting.attendances.create(membership=MembershipFactory(body=ours.plenary))
    with django_assert_max_num_queries(len(few)):
        client.get(address)
