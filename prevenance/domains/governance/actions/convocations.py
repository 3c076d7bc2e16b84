"""Convening: who is called, what was sent. Mails are composed and sent by jobs, which call `record_sending`."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.models import Attendance, Meeting, Postponement, Upload
from prevenance.domains.governance.rules import meetings as rules
from prevenance.domains.governance.rules.confidential import check_body_names_nobody


@action(_("Réunion convoquée"))
def convene(*, meeting: Meeting, by: Actor) -> int:
    """Call the members of the day of the meeting, whose list is then fixed. How many will receive a mail.

    A second call raises Stale and sends nothing.
    """
    meeting = _locked(meeting)
    rules.check_can_convene(meeting, by)
    meeting.state = Meeting.State.CONVENED
    meeting.convened_at = timezone.now()
    meeting.version += 1
    meeting.save(update_fields=["state", "convened_at", "version"])
    _list_members(meeting)
    shared = _share_documents(meeting)
    queued = _queue(meeting, by)
    audit.record(by=by, scope=meeting.council.scope_id, subject=meeting, mails=queued, documents=shared)
    return queued


@action(_("Membres prévenus d’un changement"))
def notify_changes(*, meeting: Meeting, by: Actor) -> int:
    """Send the convocation again, as a new version of the same calendar entry. How many will receive it."""
    meeting = _locked(meeting)
    rules.check_can_send_again(meeting, by)
    shared = _share_documents(meeting)
    queued = _send_again(meeting, by)
    audit.record(by=by, scope=meeting.council.scope_id, subject=meeting, mails=queued, documents=shared)
    return queued


@action(_("Réunion annulée"))
def cancel(*, meeting: Meeting, by: Actor) -> int:
    """Call the meeting off, and tell those who had been written to. How many will receive a mail."""
    meeting = _locked(meeting)
    rules.check_can_cancel(meeting, by)
    meeting.state = Meeting.State.CANCELLED
    meeting.version += 1
    meeting.save(update_fields=["state", "version"])
    queued = _send_again(meeting, by)
    audit.record(by=by, scope=meeting.council.scope_id, subject=meeting, mails=queued)
    return queued


@action(_("Réunion reportée"))
def postpone(*, meeting: Meeting, seen: int, starts_at: datetime, ends_at: datetime, reason: str, by: Actor) -> int:
    """Put a meeting convened off to another moment, say why, and ask everybody again. How many will receive a mail.

    Raises Changed when `seen` is no longer the version of the meeting.
    """
    meeting = _locked(meeting)
    rules.check_can_postpone(meeting, by)
    if meeting.version != seen:
        raise rules.Changed(starts_at=meeting.starts_at, ends_at=meeting.ends_at, version=meeting.version)
    rules.check_put_off(meeting, starts_at, ends_at)
    check_body_names_nobody(meeting.body, reason)
    Postponement.objects.create(
        meeting=meeting, sequence=meeting.sequence + 1, was_at=meeting.starts_at, reason=reason.strip(), by=by.person
    )
    meeting.starts_at, meeting.ends_at = starts_at, ends_at
    meeting.version += 1
    meeting.save(update_fields=["starts_at", "ends_at", "version"])
    meeting.attendances.update(answer="", answered_at=None)  # they had answered for another moment
    queued = _send_again(meeting, by)
    audit.record(by=by, scope=meeting.council.scope_id, subject=meeting, mails=queued)
    return queued


@action(_("Convocation envoyée"))
def record_sending(*, attendance: Attendance, by: Actor) -> None:
    """A mail has left for this member; called by the job, in the transaction that sends it."""
    attendance.sent_at = timezone.now()
    attendance.save(update_fields=["sent_at"])
    audit.record(
        by=by, scope=attendance.meeting.council.scope_id, subject=attendance, sequence=attendance.meeting.sequence
    )


def _locked(meeting: Meeting) -> Meeting:
    """The meeting as it is now, held until the transaction ends: two clicks come one after the other."""
    return Meeting.objects.select_for_update(of=("self",)).select_related("council", "body").get(pk=meeting.pk)


def _list_members(meeting: Meeting) -> None:
    """A line for each member of the day of the meeting who has none yet."""
    there = set(meeting.attendances.values_list("membership_id", flat=True))
    Attendance.objects.bulk_create(
        Attendance(meeting=meeting, membership=member)
        for member in rules.members_convened(meeting)
        if member.pk not in there
    )


def _share_documents(meeting: Meeting) -> int:
    """What is joined to the agenda is for those called: the screen said so before sending.

    Not in a body that exchanges names, or did: shared, a document would be read by the whole council.
    """
    if meeting.body.exchanged:
        return 0
    joined = Upload.objects.filter(pk__in=meeting.items.values("documents"), shared=False)
    return joined.update(shared=True)


def _send_again(meeting: Meeting, by: Actor) -> int:
    """Queue a mail under the next sequence number, which makes those still waiting under the former one void.

    When calling off, everybody convened is told, even where the former mail had not left: nobody must come for nothing.
    """
    if meeting.state == Meeting.State.CONVENED:
        _list_members(meeting)
    meeting.sequence += 1
    meeting.save(update_fields=["sequence"])
    meeting.attendances.update(sent_at=None)
    return _queue(meeting, by)


def _queue(meeting: Meeting, by: Actor) -> int:
    """One job for all the mails, in this transaction: nothing leaves unless it commits. How many it will write."""
    lines = meeting.attendances.exclude(membership=None).select_related("membership__person")
    reached = sum(rules.has_address(line.membership.person) for line in lines)
    if reached:
        app.configure_task("governance.send_convocations").defer(
            meeting=meeting.pk, sequence=meeting.sequence, person=by.person_id, mandate=by.mandate_id
        )
    return reached
