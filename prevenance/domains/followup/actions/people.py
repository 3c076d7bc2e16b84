"""Who follows a person: referent proposed then accepted, handed over, covered; members concerned."""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.followup.models import FollowUp, Involvement, Line
from prevenance.domains.followup.rules import people as rules

Kind = Involvement.Kind


@action(_("Référent de parcours proposé"))
def propose_referent(*, followup: FollowUp, person: int, by: Actor) -> Involvement:
    """Propose a first referent, or who takes over from the present one; nothing changes until they accept."""
    file = FollowUp.objects.locked(followup)
    rules.check_can_name(file, by)
    rules.check_member(file, person)
    rules.check_not_twice(file, person, Kind.REFERENT)
    part = Involvement.objects.create(
        followup=file, body=file.body, person_id=person, kind=Kind.REFERENT, replaces=rules.referent_of(file),
        proposed_by=by.person, valid_from=timezone.localdate(),
    )  # fmt: skip
    audit.record(by=by, scope=file.trail, subject=file, person=person)
    return part


@action(_("Remplacement proposé"))
def propose_cover(*, followup: FollowUp, person: int, begins: date, ends: date, by: Actor) -> Involvement:
    """Propose who covers an absence of the referent, between two days; they accept or decline."""
    file = FollowUp.objects.locked(followup)
    rules.check_can_name(file, by)
    rules.check_member(file, person)
    rules.check_cover(file, person, begins, ends)
    rules.check_not_twice(file, person, Kind.COVER)
    part = Involvement.objects.create(
        followup=file, body=file.body, person_id=person, kind=Kind.COVER, replaces=rules.referent_of(file),
        proposed_by=by.person, valid_from=begins, valid_to=ends,
    )  # fmt: skip
    audit.record(by=by, scope=file.trail, subject=file, person=person, begins=begins, ends=ends)
    return part


@action(_("Proposition acceptée"))
def accept_part(*, part: Involvement, by: Actor) -> Involvement:
    """Begin to follow, or to cover. The referent before keeps the day to pass the file on, and stays in its history."""
    file, row = _locked(part)
    rules.check_can_answer(row, by)
    today = timezone.localdate()
    if row.kind == Kind.REFERENT:
        before = rules.referent_of(file)
        if before is not None:
            before.valid_to = today
            before.save(update_fields=["valid_to"])
        row.replaces, row.valid_from = before, today
        Line.objects.filter(followup=file).update(referent_named=True)
    row.valid_from = max(row.valid_from, today)
    row.accepted_at = timezone.now()
    row.save(update_fields=["replaces", "valid_from", "accepted_at"])
    audit.record(by=by, scope=file.trail, subject=file, kind=row.kind)
    return row


@action(_("Proposition déclinée"))
def decline_part(*, part: Involvement, by: Actor) -> Involvement:
    file, row = _locked(part)
    rules.check_can_answer(row, by)
    return _declined(file, row, by)


@action(_("Proposition retirée"))
def withdraw_proposal(*, part: Involvement, by: Actor) -> Involvement:
    file, row = _locked(part)
    rules.check_can_withdraw(row, by)
    return _declined(file, row, by)


@action(_("Intervenant ajouté au suivi"))
def add_concerned(*, followup: FollowUp, person: int, by: Actor) -> Involvement:
    """Let a member of the group who works with the person read the file and write contacts in it."""
    file = FollowUp.objects.locked(followup)
    rules.check_can_name(file, by)
    rules.check_member(file, person)
    rules.check_not_twice(file, person, Kind.CONCERNED)
    part = Involvement.objects.create(
        followup=file, body=file.body, person_id=person, kind=Kind.CONCERNED, proposed_by=by.person,
        accepted_at=timezone.now(), valid_from=timezone.localdate(),
    )  # fmt: skip
    audit.record(by=by, scope=file.trail, subject=file, person=person)
    return part


@action(_("Participation au suivi terminée"))
def end_part(*, part: Involvement, by: Actor) -> Involvement:
    """End a part at the end of the day."""
    file, row = _locked(part)
    rules.check_can_end(row, by)
    today = timezone.localdate()
    if row.valid_from > today:
        raise Refused(_now("Ce remplacement n’a pas commencé : laissez-le commencer, ou déclinez-le."))
    row.valid_to = today
    row.save(update_fields=["valid_to"])
    audit.record(by=by, scope=file.trail, subject=file, person=row.person_id, kind=row.kind)
    return row


def _declined(file: FollowUp, row: Involvement, by: Actor) -> Involvement:
    row.declined_at = timezone.now()
    row.save(update_fields=["declined_at"])
    audit.record(by=by, scope=file.trail, subject=file, kind=row.kind)
    return row


def _locked(part: Involvement) -> tuple[FollowUp, Involvement]:
    """The file, then the part: always in this order, so that two people never wait for each other."""
    file = FollowUp.objects.locked(part.followup)
    row = Involvement.objects.select_for_update(of=("self",)).get(pk=part.pk)
    row.followup = file
    return file, row
