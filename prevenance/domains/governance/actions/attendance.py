"""Who will come, who came."""

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import ANYBODY, Actor
from prevenance.domains.governance.models import Attendance, Meeting
from prevenance.domains.governance.rules import alternates, links
from prevenance.domains.governance.rules import meetings as rules
from prevenance.domains.governance.rules.confidential import check_only_members


def _locked(attendance: Attendance) -> Attendance:
    lines = Attendance.objects.select_for_update(of=("self",))
    return lines.select_related("meeting__council", "membership").get(pk=attendance.pk)


@action(_("Réponse à une convocation"))
def answer(*, attendance: Attendance, answer: str, by: Actor) -> None:
    """By the member themselves, or written down for them by those who prepare. A member who will not come is replaced
    by their next alternate, who is called at once."""
    attendance, seat = _locked_seat(attendance)
    rules.check_can_answer(attendance, by)
    moved = _write_answer(attendance, answer, seat)
    audit.record(by=by, scope=attendance.meeting.council.scope_id, subject=attendance, answer=answer, **moved)


@action(_("Réponse à une convocation par le lien reçu"))
def answer_by_link(*, token: str, answer: str, by: Actor = ANYBODY) -> Attendance:
    """Whoever holds the link of the mail answers for the member. Raises Refused for a link that no longer opens."""
    attendance = links.attendance_of(token)
    if attendance is None:
        raise Refused(_now("Ce lien ne permet plus de répondre."))
    attendance, seat = _locked_seat(attendance)
    rules.check_open_to_answers(attendance.meeting)
    moved = _write_answer(attendance, answer, seat)
    audit.record(by=by, scope=attendance.meeting.council.scope_id, subject=attendance, answer=answer, **moved)
    return attendance


def _locked_seat(attendance: Attendance) -> tuple[Attendance, list[Attendance]]:
    """The line, and those of all who may sit in that member's place, always locked in the same order."""
    member = attendance.membership
    titular = (member.alternate_of_id or member.pk) if member else None
    rows = Attendance.objects.select_for_update(of=("self",)).select_related("meeting__council", "membership")
    same = Q(pk=attendance.pk) | Q(membership=titular) | Q(membership__alternate_of=titular) if titular else None
    seat = list(rows.filter(same or Q(pk=attendance.pk), meeting=attendance.meeting_id).order_by("pk"))
    line = next((one for one in seat if one.pk == attendance.pk), None)
    if line is None:  # an alternate who is not needed any more
        raise Refused(_now("Cette convocation a été retirée : il n’y a plus à y répondre."))
    return line, seat


def _write_answer(line: Attendance, answer: str, seat: list[Attendance]) -> dict[str, int]:
    """How many alternates were called, or told that they need not come."""
    line.answer = Attendance.Answer(answer)
    line.answered_at = timezone.now() if answer else None
    line.save(update_fields=["answer", "answered_at"])
    called = alternates.alternate_to_call(line, seat) if line.meeting.starts_at > timezone.now() else None
    freed = alternates.no_longer_needed(line, seat) if answer == Attendance.Answer.YES else []
    if called is not None:
        Attendance.objects.create(meeting=line.meeting, membership=called)
    for one in freed:
        one.delete()
    for member in [called] if called else [one.membership for one in freed if one.sent_at]:
        if member and rules.has_address(member.person):
            app.configure_task("governance.write_to_alternate").defer(meeting=line.meeting_id, membership=member.pk)
    return {"called": int(called is not None), "freed": len(freed)}


@action(_("Présence pointée"))
def mark(*, attendance: Attendance, presence: str, represented_by: str = "", by: Actor) -> Attendance:
    """An empty presence takes the mark away."""
    attendance = _locked(attendance)
    rules.check_can_take_attendance(attendance.meeting, by)
    if represented_by.strip():
        check_only_members(attendance.meeting.body)
    attendance.presence = Attendance.Presence(presence)
    attendance.represented_by = represented_by.strip() if presence == Attendance.Presence.REPRESENTED else ""
    attendance.marked_by = by.person if presence else None
    attendance.save(update_fields=["presence", "represented_by", "marked_by"])
    audit.record(by=by, scope=attendance.meeting.council.scope_id, subject=attendance, presence=presence)
    return attendance


@action(_("Personne venue sans être convoquée"))
def add_guest(*, meeting: Meeting, name: str, by: Actor) -> Attendance:
    rules.check_can_take_attendance(meeting, by)
    check_only_members(meeting.body)
    attendance = Attendance.objects.create(
        meeting=meeting, guest=name.strip(), presence=Attendance.Presence.PRESENT, marked_by=by.person
    )
    audit.record(by=by, scope=meeting.council.scope_id, subject=attendance)
    return attendance


@action(_("Personne venue sans être convoquée, retirée"))
def remove_guest(*, attendance: Attendance, by: Actor) -> None:
    """For a line written by mistake; the line of a member convened stays."""
    attendance = _locked(attendance)
    rules.check_can_take_attendance(attendance.meeting, by)
    if attendance.membership is not None:
        raise Refused(_now("Cette personne a été convoquée : sa ligne reste, notez son absence."))
    audit.record(by=by, scope=attendance.meeting.council.scope_id, subject=attendance)
    attendance.delete()
