"""Who will come, who came."""

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import ANYBODY, Actor
from prevenance.domains.governance.models import Attendance, Meeting
from prevenance.domains.governance.rules import links
from prevenance.domains.governance.rules import meetings as rules
from prevenance.domains.governance.rules.confidential import check_only_members


def _locked(attendance: Attendance) -> Attendance:
    lines = Attendance.objects.select_for_update(of=("self",))
    return lines.select_related("meeting__council", "membership").get(pk=attendance.pk)


@action(_("Réponse à une convocation"))
def answer(*, attendance: Attendance, answer: str, by: Actor) -> None:
    """By the member themselves, or written down for them by those who prepare."""
    attendance = _locked(attendance)
    rules.check_can_answer(attendance, by)
    _write_answer(attendance, answer)
    audit.record(by=by, scope=attendance.meeting.council.scope_id, subject=attendance, answer=answer)


@action(_("Réponse à une convocation par le lien reçu"))
def answer_by_link(*, token: str, answer: str, by: Actor = ANYBODY) -> Attendance:
    """Whoever holds the link of the mail answers for the member. Raises Refused for a link that no longer opens."""
    attendance = links.attendance_of(token)
    if attendance is None:
        raise Refused(_now("Ce lien ne permet plus de répondre."))
    rules.check_open_to_answers(attendance.meeting)
    _write_answer(attendance, answer)
    audit.record(by=by, scope=attendance.meeting.council.scope_id, subject=attendance, answer=answer)
    return attendance


def _write_answer(attendance: Attendance, answer: str) -> None:
    attendance.answer = Attendance.Answer(answer)
    attendance.answered_at = timezone.now() if answer else None
    attendance.save(update_fields=["answer", "answered_at"])


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
