"""A quorum where the rulebook has one, at the door and in the minutes; alternates called when a member says no."""

import datetime as dt

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from prevenance.core.refusals import Refused
from prevenance.domains.governance.actions import attendance, meetings, minutes, rulebooks
from prevenance.domains.governance.analysis import papers
from prevenance.domains.governance.models import Attendance, Meeting, Membership
from prevenance.domains.governance.rules import quorum
from prevenance.domains.governance.rules import rulebooks as rulebook_rules
from prevenance.domains.governance.rules.links import answer_token
from prevenance.domains.governance.rules.meetings import members_convened
from prevenance.domains.governance.rules.minutes import digest
from tests.domains.governance.jobs import run_jobs
from tests.domains.governance.rulebook_of_a_group import GroupWithRulebook
from tests.domains.governance.test_meetings_convocation import event_of
from tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ours():
    return GroupWithRulebook()


def alternate_of(member, **kwargs):
    return MembershipFactory(body=member.body, alternate_of=member, **kwargs)


def begun(meeting):
    """The same meeting, a moment after it began."""
    start = timezone.now() - dt.timedelta(minutes=5)
    Meeting.objects.filter(pk=meeting.pk).update(starts_at=start, ends_at=start + dt.timedelta(hours=2))
    meeting.refresh_from_db()
    return meeting


def line_of(meeting, member) -> Attendance:
    return meeting.attendances.get(membership=member)


# ------------------------------------------------------------------------------------------------------ quorum


def counted(meeting):
    return quorum.count(meeting, papers.lines_of(meeting))


def test_no_quorum_is_spoken_of_without_a_rulebook_that_has_one(ours, sign_in):
    meeting = begun(ours.convened())
    assert counted(meeting) is None
    page = sign_in(ours.coordinator).get(reverse("governance:attendance", args=[meeting.pk])).content.decode()
    assert "uorum" not in page


def test_the_quorum_is_shown_at_the_door_and_changes_with_each_tap(ours, sign_in):
    ours.adopted(body=ours.plenary, quorum=(1, 2, True))
    meeting = begun(ours.convened())
    client = sign_in(ours.coordinator)
    page = client.get(reverse("governance:attendance", args=[meeting.pk])).content.decode()
    assert "Quorum non atteint" in page
    assert "0 sur 3 membres, il en faut 2" in page
    for number in (0, 1):
        line = line_of(meeting, ours.members[number])
        part = client.post(
            reverse("governance:attendance_mark", args=[meeting.pk, line.pk]), {"presence": "present"},
            headers={"HX-Request": "true"},
        ).content.decode()  # fmt: skip
    assert "Quorum atteint" in part
    assert "2 sur 3 membres, il en faut 2" in part


def test_invited_people_and_guests_do_not_count_and_a_seat_counts_once(ours):
    ours.adopted(body=ours.plenary, quorum=(1, 3, False))
    MembershipFactory(body=ours.plenary, quality=Membership.Quality.INVITED)
    stand_in = alternate_of(ours.members[0])
    meeting = ours.convened()
    attendance.answer(attendance=line_of(meeting, ours.members[0]), answer="no", by=ours.coordinator)
    begun(meeting)
    attendance.add_guest(meeting=meeting, name="Alix Exemple, riverain", by=ours.coordinator)
    assert (counted(meeting).there, counted(meeting).members, counted(meeting).reached) == (0, 3, False)
    attendance.mark(attendance=line_of(meeting, stand_in), presence="present", by=ours.coordinator)
    assert (counted(meeting).there, counted(meeting).reached) == (1, True)
    attendance.mark(attendance=line_of(meeting, ours.members[0]), presence="present", by=ours.coordinator)
    assert counted(meeting).there == 1
    attendance.mark(
        attendance=line_of(meeting, ours.members[1]), presence="represented", represented_by="Une adjointe",
        by=ours.coordinator,
    )  # fmt: skip
    assert counted(meeting).there == 2


@pytest.mark.parametrize(
    ("numerator", "denominator", "strict", "members", "needed"),
    [(1, 2, False, 12, 6), (1, 2, True, 12, 7), (1, 2, False, 13, 7), (1, 2, True, 13, 7), (2, 3, False, 12, 8),
     (1, 3, False, 1, 1), (1, 1, False, 5, 5)],
)  # fmt: skip
def test_how_many_are_needed(numerator, denominator, strict, members, needed):
    share = rulebook_rules.Fraction(numerator, denominator)
    assert quorum.Count(rulebook_rules.Quorum(share, strict, 0), members, 0).needed == needed


def test_the_quorum_is_frozen_with_the_minutes_and_outlives_the_rulebook(ours, sign_in):
    book = ours.adopted(body=ours.plenary, quorum=(1, 2, True))
    draft = ours.written()
    minutes.approve(minutes=draft, seen=digest(draft), by=ours.mayor)
    draft.refresh_from_db()
    assert draft.quorum == (
        "Quorum atteint\u00a0: 3 présents ou représentés sur 3 membres, il en faut 2"
        " (règlement intérieur\u00a0: plus de 1/2 des membres)."
    )
    rulebooks.withdraw(rulebook=book, on=timezone.localdate(), by=ours.mayor)
    page = sign_in(ours.coordinator).get(reverse("governance:minutes", args=[draft.pk])).content.decode()
    assert "Quorum atteint" in page


def test_minutes_read_before_the_quorum_changed_are_not_approved(ours):
    draft = ours.written()
    seen = digest(draft)
    ours.adopted(body=ours.plenary, quorum=(1, 2, True))
    assert digest(draft) != seen


# -------------------------------------------------------------------------------------------------- alternates


def test_alternates_are_not_called_with_the_members(ours):
    alternate_of(ours.members[0])
    assert [m.pk for m in members_convened(ours.prepared())] == [m.pk for m in ours.members]


def test_a_member_who_will_not_come_has_their_alternate_called_by_mail(ours):
    stand_in = alternate_of(ours.members[0])
    meeting = ours.convened()
    run_jobs()
    mail.outbox.clear()
    attendance.answer_by_link(token=answer_token(line_of(meeting, ours.members[0])), answer="no")
    run_jobs()
    (message,) = mail.outbox
    called = line_of(meeting, stand_in)
    assert message.to == [stand_in.person.email]
    assert message.reply_to == [ours.coordinator.person.email]
    assert ours.person(0).name in message.body
    assert "comme suppléant" in message.body
    assert answer_token(called) in message.body
    assert event_of(message)[0] == "REQUEST"
    assert called.sent_at is not None
    run_jobs(again=True)
    assert len(mail.outbox) == 1


def test_the_alternate_answers_by_the_link_and_the_next_one_is_called_after_a_no(ours, client):
    first, second = alternate_of(ours.members[0]), alternate_of(ours.members[0])
    meeting = ours.convened()
    attendance.answer(attendance=line_of(meeting, ours.members[0]), answer="no", by=ours.coordinator)
    assert not meeting.attendances.filter(membership=second).exists()
    address = reverse("governance:answer", args=[answer_token(line_of(meeting, first))])
    assert f"suppléant de {ours.person(0).name}" in client.get(address).content.decode()
    client.post(address, {"answer": "no"})
    assert line_of(meeting, first).answer == "no"
    assert line_of(meeting, second).answer == ""
    attendance.answer(attendance=line_of(meeting, second), answer="no", by=ours.coordinator)
    assert meeting.attendances.count() == 5


def test_saying_no_twice_calls_once(ours):
    stand_in = alternate_of(ours.members[0])
    meeting = ours.convened()
    for _turn in range(2):
        attendance.answer(attendance=line_of(meeting, ours.members[0]), answer="no", by=ours.coordinator)
    assert meeting.attendances.filter(membership=stand_in).count() == 1


def test_a_member_who_comes_after_all_frees_the_alternate_who_is_told(ours):
    stand_in = alternate_of(ours.members[0])
    meeting = ours.convened()
    attendance.answer(attendance=line_of(meeting, ours.members[0]), answer="no", by=ours.coordinator)
    run_jobs()
    token = answer_token(line_of(meeting, stand_in))
    mail.outbox.clear()
    attendance.answer(attendance=line_of(meeting, ours.members[0]), answer="yes", by=ours.coordinator)
    run_jobs()
    (message,) = mail.outbox
    assert message.to == [stand_in.person.email]
    assert "viendra finalement" in message.body
    assert event_of(message)[0] == "CANCEL"
    assert not meeting.attendances.filter(membership=stand_in).exists()
    with pytest.raises(Refused):
        attendance.answer_by_link(token=token, answer="yes")


def test_an_alternate_who_left_or_a_meeting_that_began_calls_nobody(ours):
    alternate_of(ours.members[0], valid_to=timezone.localdate() - dt.timedelta(days=1))
    stand_in = alternate_of(ours.members[1])
    meeting = ours.convened()
    attendance.answer(attendance=line_of(meeting, ours.members[0]), answer="no", by=ours.coordinator)
    begun(meeting)
    attendance.answer(attendance=line_of(meeting, ours.members[1]), answer="no", by=ours.coordinator)
    assert meeting.attendances.count() == 3
    assert not meeting.attendances.filter(membership=stand_in).exists()


def test_an_alternate_called_hears_of_a_change_like_the_others(ours):
    stand_in = alternate_of(ours.members[0])
    meeting = ours.convened()
    attendance.answer(attendance=line_of(meeting, ours.members[0]), answer="no", by=ours.coordinator)
    run_jobs()
    mail.outbox.clear()
    meeting.refresh_from_db()
    meetings.edit_meeting(
        meeting=meeting, seen=meeting.version, title=meeting.title, starts_at=meeting.starts_at,
        ends_at=meeting.ends_at, place="Gymnase inventé", by=ours.coordinator,
    )  # fmt: skip
    run_jobs()
    assert stand_in.person.email in [message.to[0] for message in mail.outbox]


def test_the_door_and_the_minutes_say_whose_alternate_somebody_is(ours, sign_in):
    stand_in = alternate_of(ours.members[0])
    meeting = ours.convened()
    attendance.answer(attendance=line_of(meeting, ours.members[0]), answer="no", by=ours.coordinator)
    begun(meeting)
    attendance.mark(attendance=line_of(meeting, stand_in), presence="present", by=ours.coordinator)
    page = sign_in(ours.coordinator).get(reverse("governance:attendance", args=[meeting.pk])).content.decode()
    assert f"suppléant de {ours.person(0).name}" in page
    assert f"{stand_in.person.name}, suppléant de {ours.person(0).name}" in papers.attendance_text(meeting)
