"""How a follow-up ends, what holds its clock, who reads an archive."""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Person
from prevenance.domains.followup.analysis.reading import key_of, sealed
from prevenance.domains.followup.models import ArchiveAccess, FollowUp, Handover, Hold, Line, Share
from prevenance.domains.followup.rules import clocks, endings, lists
from prevenance.domains.governance.rules.councils import Stale


@action(_("Suivi terminé"))
def end_file(*, followup: FollowUp, reason: str, outcome: str, by: Actor) -> FollowUp:
    """End a follow-up: the file is locked, its clock set, what was shared is withdrawn. Raises Refused, Stale."""
    file = FollowUp.objects.locked(followup)
    endings.check_can_end(file, by)
    endings.check_outcome(reason, outcome)
    today = timezone.localdate()
    file.closed_on = today
    file.archived_on, file.purge_on = clocks.purged_after(today, file.purge_on, endings.archive_months(file))
    file.next_review_on = None
    file.edit += 1
    file.save(update_fields=["closed_on", "archived_on", "purge_on", "next_review_on", "edit"])
    Line.objects.filter(followup=file).update(left_month=today.replace(day=1), reason=reason, outcome=outcome)
    now = timezone.now()
    Share.objects.filter(followup=file, withdrawn_at=None).update(withdrawn_at=now)
    waiting = Handover.objects.filter(followup=file, accepted_at=None, declined_at=None, withdrawn_at=None)
    waiting.update(withdrawn_at=now)
    audit.record(by=by, scope=file.trail, subject=file, reason=reason, purge_on=file.purge_on)
    return file


@action(_("Situation après la sortie notée"))
def tell_later(*, followup: FollowUp, outcome: str, by: Actor) -> None:
    """The situation some months after the end, or that nobody answered. Raises Refused, Stale."""
    file = FollowUp.objects.locked(followup)
    endings.check_can_tell_later(file, by)
    endings.check_outcome(Line.Reason.OTHER, outcome)
    Line.objects.filter(followup=file).update(outcome_later=outcome)
    audit.record(by=by, scope=file.trail, subject=file, outcome=outcome)


@action(_("Conservation imposée"))
def set_hold(*, followup: FollowUp, reason: str, until: date, by: Actor) -> Hold:
    """Stop the clock of a file until a day, for a reason of law. Raises Refused, Stale."""
    file = FollowUp.objects.locked(followup)
    endings.check_can_set_hold(file, until, by)
    lists.check_code("hold_reasons", reason)
    hold = Hold(followup=file, body=file.body, set_on=timezone.localdate(), set_by=by.person, until=until)
    sealed(hold, key_of(file), reason=reason).save()
    audit.record(by=by, scope=file.trail, subject=file, until=until)
    return hold


@action(_("Conservation levée"))
def lift_hold(*, followup: FollowUp, by: Actor) -> None:
    """Let the clock of a file go on. Raises Refused, Stale."""
    file = FollowUp.objects.locked(followup)
    endings.check_can_hold(file, by)
    lifted = Hold.objects.filter(followup=file, lifted_on=None).update(lifted_on=timezone.localdate())
    if not lifted:
        raise Stale(_("La conservation de ce dossier est déjà levée."))
    audit.record(by=by, scope=file.trail, subject=file)


@action(_("Archive ouverte à un lecteur"))
def open_archive(*, followup: FollowUp, reason: str, by: Actor, to: Person | None = None) -> ArchiveAccess:
    """A single access to an archived file, that ends by itself; to oneself when nobody is named. Raises Refused."""
    endings.check_can_open_archive(followup, by)
    lists.check_code("archive_reasons", reason)
    now = timezone.now()
    ends = clocks.after(timezone.localdate(), "archive_access", timezone.localdate())
    until = now + (ends - timezone.localdate())
    access = ArchiveAccess(
        followup=followup, body=followup.body, person=to or by.person, granted_by=by.person, until=until
    )
    sealed(access, key_of(followup), reason=reason).save()
    audit.record(by=by, scope=followup.trail, subject=followup, reason=reason, to=(to or by.person).pk)
    return access
