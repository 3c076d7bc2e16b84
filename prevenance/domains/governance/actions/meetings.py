"""Meetings: created, changed, their agenda written."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.actions.convocations import _locked, _send_again
from prevenance.domains.governance.models import Body, Meeting
from prevenance.domains.governance.rules import bodies
from prevenance.domains.governance.rules import meetings as rules
from prevenance.domains.governance.rules.confidential import check_body_names_nobody

TOLD = ("title", "starts_at", "ends_at", "place")  # what members must hear of again when it changes


@action(_("Réunion préparée"))
def create_meeting(*, body: Body, title: str, starts_at: datetime, ends_at: datetime, place: str, by: Actor) -> Meeting:
    bodies.check_can_change_body(body, by)
    rules.check_dates(starts_at, ends_at)
    check_body_names_nobody(body, title, place)
    meeting = Meeting.objects.create(
        council=body.council, body=body, title=title, starts_at=starts_at, ends_at=ends_at, place=place
    )
    audit.record(by=by, scope=body.council.scope_id, subject=meeting)
    return meeting


@action(_("Réunion modifiée"))
def edit_meeting(
    *, meeting: Meeting, seen: int, title: str, starts_at: datetime, ends_at: datetime, place: str, by: Actor
) -> bool:
    """Whether members already convened are told again. Raises Changed when `seen` is no longer the version."""
    meeting = _locked(meeting)
    rules.check_can_prepare(meeting, by)
    rules.check_dates(starts_at, ends_at)
    check_body_names_nobody(meeting.body, title, place)
    if meeting.version != seen:
        raise rules.Changed(
            title=meeting.title,
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
            place=meeting.place,
            version=meeting.version,
        )
    before = [getattr(meeting, name) for name in TOLD]
    if (meeting.starts_at, meeting.ends_at) != (starts_at, ends_at):
        meeting.attendances.update(answer="", answered_at=None)  # they had answered for another moment
    meeting.title, meeting.starts_at, meeting.ends_at, meeting.place = title, starts_at, ends_at, place
    changed = before != [getattr(meeting, name) for name in TOLD]
    meeting.version += 1
    meeting.save(update_fields=[*TOLD, "version"])
    told = changed and meeting.state == Meeting.State.CONVENED
    if told:
        rules.check_can_send_again(meeting, by)
        _send_again(meeting, by)
    audit.record(by=by, scope=meeting.council.scope_id, subject=meeting, version=meeting.version, told=told)
    return told


@action(_("Réunion déclarée tenue"))
def declare_held(*, meeting: Meeting, by: Actor) -> None:
    """The meeting took place; for a plenary, the council's last plenary is then that day at least."""
    meeting = _locked(meeting)
    rules.check_can_declare_held(meeting, by)
    meeting.state = Meeting.State.HELD
    meeting.version += 1
    meeting.save(update_fields=["state", "version"])
    council, day = meeting.council, rules.day_of(meeting)
    if meeting.body.kind in Body.MAIN and (council.last_plenary_on is None or council.last_plenary_on < day):
        council.last_plenary_on = day
        council.save(update_fields=["last_plenary_on"])
    audit.record(by=by, scope=council.scope_id, subject=meeting, day=day)
