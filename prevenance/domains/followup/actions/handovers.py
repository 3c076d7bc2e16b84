"""A file passes to a group elsewhere, with the person's written agreement: proposed, taken as a copy, ended here."""

from datetime import date

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.followup.actions.copying import copy_file
from prevenance.domains.followup.actions.endings import end_file
from prevenance.domains.followup.actions.readings import record_reading
from prevenance.domains.followup.analysis.reading import key_of, opened_values, sealed
from prevenance.domains.followup.models import FollowUp, Handover, Line, Share
from prevenance.domains.followup.models.sharing import WHOLE
from prevenance.domains.followup.rules import clocks
from prevenance.domains.followup.rules import handovers as rules
from prevenance.domains.governance.models import Body


@action(_("Passage de relais proposé"))
def propose_handover(
    *, followup: FollowUp, body: Body, agreed_by: str, agreed_on: date, outcome: str, by: Actor
) -> Handover:
    """Propose a file to a group elsewhere. Whoever coordinates it learns that there is one, by mail, and no name.

    `outcome`: the situation that day, kept when the file is ended here. Raises Refused, Stale.
    """
    file = FollowUp.objects.locked(followup)
    body = Body.objects.select_related("council").get(pk=body.pk)
    rules.check_can_propose(file, by)
    rules.check_proposal(file, body, agreed_by, outcome)
    rules.check_agreed_on(agreed_on)
    now = timezone.now()
    before = rules.waiting(file)  # over: nobody answered in time
    if before is not None:
        _withdraw(before, file)
    key = key_of(file)
    days = clocks.after(timezone.localdate(), "handover_answer", timezone.localdate()) - timezone.localdate()
    of = {"followup": file, "body": file.body}
    shares, receivers = [], rules.receivers(body)
    for mandate in receivers:
        share = Share(
            **of, to_person_id=mandate.person_id, as_body=body, parts=[WHOLE], shared_by=by.person, until=now + days
        )
        sealed(share, key, purpose="handover").save()
        shares.append(share)
    handover = Handover(
        **of, to_body=body, share=shares[0], agreed_on=agreed_on, proposed_by=by.person, mandate_id=by.mandate_id,
        until=now + days,
    )  # fmt: skip
    sealed(handover, key, agreed_by=agreed_by, outcome=outcome).save()
    audit.record(by=by, scope=file.trail, subject=handover, to=body.pk, agreed_on=agreed_on)
    for mandate in receivers:
        app.configure_task("followup.announce_handover").defer(
            handover=handover.pk, followup=file.pk, person=mandate.person_id, mandate=mandate.pk
        )
    return handover


@action(_("Passage de relais retiré"))
def withdraw_handover(*, handover: Handover, by: Actor) -> Handover:
    file = FollowUp.objects.locked(handover.followup)
    row = Handover.objects.select_for_update(of=("self",)).get(pk=handover.pk)
    rules.check_can_withdraw(row, file, by)
    _withdraw(row, file)
    audit.record(by=by, scope=file.trail, subject=row)
    return row


def _withdraw(row: Handover, file: FollowUp) -> None:
    row.withdrawn_at = timezone.now()
    row.save(update_fields=["withdrawn_at"])
    shares = Share.objects.filter(Q(parts__contains=[WHOLE]), followup=file, withdrawn_at=None)
    shares.update(withdrawn_at=row.withdrawn_at)


@action(_("Passage de relais décliné"))
def decline_handover(*, handover: Handover, by: Actor) -> Handover:
    """Raises Refused, Stale. What was opened to copy the file is closed by the answer itself."""
    row = _locked(handover)
    rules.check_can_answer(row, by)
    row.declined_at, row.answered_by = timezone.now(), by.person
    row.save(update_fields=["declined_at", "answered_by"])
    audit.record(by=by, scope=f"followup:{row.to_body_id}", subject=row)
    audit.record(by=by, scope=f"followup:{row.body_id}", subject=row)
    return row


@action(_("Passage de relais accepté"))
def accept_handover(*, handover: Handover, by: Actor) -> FollowUp:
    """Take a file: it is copied under a new key in one's own group. Returns the copy.

    The wall forbids this side to end the file left behind: a job does, under the proposer's mandate. Where that mandate
    no longer follows the file, it waits in their group as to be ended. Raises Refused, Stale.
    """
    row = _locked(handover)
    rules.check_can_accept(row, by)
    source = FollowUp.objects.locked(row.followup)
    rules.check_is_open(source)
    file = copy_file(source=source, body=row.to_body, by=by)
    record_reading(followup=source, part="whole", by=by)
    row.accepted_at, row.answered_by = timezone.now(), by.person
    row.save(update_fields=["accepted_at", "answered_by"])
    audit.record(by=by, scope=source.trail, subject=row)
    app.configure_task("followup.finish_handover").defer(
        handover=row.pk, followup=source.pk, person=row.proposed_by_id, mandate=row.mandate_id
    )
    return file


@action(_("Dossier repris ailleurs terminé"))
def finish_handover(*, handover: Handover, by: Actor) -> FollowUp:
    """End the file left behind, with the situation told when it was proposed. Raises Refused, Stale."""
    file = FollowUp.objects.locked(handover.followup)
    row = Handover.objects.select_for_update(of=("self",)).get(pk=handover.pk)
    rules.check_can_finish(row, file, by)
    outcome = opened_values(row, key_of(file), ["outcome"])["outcome"] or Line.Outcome.UNKNOWN
    file = end_file(followup=file, reason=Line.Reason.MOVED, outcome=outcome, by=by)
    audit.record(by=by, scope=file.trail, subject=row)
    return file


def _locked(handover: Handover) -> Handover:
    rows = Handover.objects.select_for_update(of=("self",)).select_related("to_body__council")
    return rows.get(pk=handover.pk)
