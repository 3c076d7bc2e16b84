"""What the person is told, what they ask and are answered. The copy of a file is drawn when asked, never kept."""

from collections.abc import Mapping
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.followup.actions.endings import end_file
from prevenance.domains.followup.analysis.reading import key_of, opened_values, sealed
from prevenance.domains.followup.models import FollowUp, Identity, Line, Notice, RightsRequest
from prevenance.domains.followup.rules import clocks, lists
from prevenance.domains.followup.rules import rights as rules
from prevenance.domains.followup.rules.files import check_seen


@action(_("Information individuelle imprimée"))
def print_notice(*, followup: FollowUp, addressee: str, by: Actor) -> Notice:
    """The notice for the person or one of their representatives, printed today. Raises Refused, Stale."""
    file = FollowUp.objects.locked(followup)
    rules.check_can_inform(file, by)
    rules.check_addressee(file, addressee)
    notice = Notice(followup=file, body=file.body, printed_on=timezone.localdate(), printed_by=by.person)
    sealed(notice, key_of(file), addressee=addressee).save()
    audit.record(by=by, scope=file.trail, subject=notice)
    return notice


@action(_("Information individuelle remise"))
def hand_notice(*, notice: Notice, handed_on: date, by: Actor) -> Notice:
    file, row = _locked_notice(notice)
    rules.check_can_hand(row, file, by)
    rules.check_handed_on(row, handed_on)
    row.handed_on = handed_on
    row.save(update_fields=["handed_on"])
    audit.record(by=by, scope=file.trail, subject=row, handed_on=handed_on)
    return row


@action(_("Opposition notée"))
def note_objection(*, notice: Notice, objected_on: date, by: Actor) -> RightsRequest:
    """An objection to the follow-up, as whoever was informed made it: a request to answer in time."""
    file, row = _locked_notice(notice)
    rules.check_can_note_objection(row, file, by)
    rules.check_handed_on(row, objected_on)
    key = key_of(file)
    row.objected_on = objected_on
    sealed(row, key, objection=rules.NOT_YET).save(update_fields=["objected_on", "objection"])
    who = opened_values(row, key, ["addressee"])["addressee"]
    audit.record(by=by, scope=file.trail, subject=row, objected_on=objected_on)
    return record_request(followup=file, kind="objection", asked_by=who, received_on=objected_on, by=by)


@action(_("Demande d’exercice de droits notée"))
def record_request(*, followup: FollowUp, kind: str, asked_by: str, received_on: date, by: Actor) -> RightsRequest:
    """What is asked, by whom, and by when it is answered. Raises Refused."""
    file = FollowUp.objects.locked(followup)
    rules.check_can_receive(file, by)
    lists.check_code("requests", kind)
    rules.check_addressee(file, asked_by)
    rules.check_past(received_on)
    demand = RightsRequest(
        followup=file, body=file.body, received_on=received_on, recorded_by=by.person,
        due_on=clocks.after(received_on, "request_answer", received_on),
    )  # fmt: skip
    sealed(demand, key_of(file), kind=kind, asked_by=asked_by).save()
    audit.record(by=by, scope=file.trail, subject=demand, due_on=demand.due_on)
    return demand


@action(_("Demande d’exercice de droits répondue"))
def answer_request(
    *, demand: RightsRequest, answer: str, by: Actor, refusal: str = "", outcome: str = ""
) -> RightsRequest:
    """Answer a request. An objection or an erasure that is granted ends the follow-up, and the second erases the file
    the next night. Raises Refused, Stale."""
    file, row = _locked_request(demand)
    rules.check_can_answer(row, file, by)
    key = key_of(file)
    kind = opened_values(row, key, ["kind"])["kind"]
    rules.check_answer(file, kind, answer, refusal, outcome)
    row.answered_on, row.answered_by = timezone.localdate(), by.person
    sealed(row, key, answer=answer, refusal=refusal if answer in ("refused", "partly") else "").save()
    if kind == "objection":
        _tell_notices(file, "upheld" if answer == "granted" else "refused")
    if answer == "granted" and kind in rules.ENDS and file.is_open:
        file = end_file(followup=file, reason=Line.Reason.OBJECTED, outcome=outcome, by=by)
    if answer == "granted" and kind == "erasure":
        # The clock erases it, as any other file that is due.
        file.archived_on, file.purge_on = None, min(file.purge_on, timezone.localdate())
        file.save(update_fields=["archived_on", "purge_on"])
    audit.record(by=by, scope=file.trail, subject=row)
    return row


def _tell_notices(file: FollowUp, objection: str) -> None:
    key = key_of(file)
    for notice in Notice.objects.filter(followup=file, objected_on__isnull=False):
        if opened_values(notice, key, ["objection"])["objection"] == rules.NOT_YET:
            sealed(notice, key, objection=objection).save(update_fields=["objection"])


@action(_("Identité rectifiée à la demande de la personne"))
def rectify_identity(*, demand: RightsRequest, identity: Mapping[str, str], seen: int, by: Actor) -> Identity:
    """Correct the identity of a file that ended. Raises Refused, Stale.

    The birth date may be corrected too: what is in clear, and the clock, no longer change.
    """
    file, row = _locked_request(demand)
    key = key_of(file)
    rules.check_can_rectify(row, opened_values(row, key, ["kind"])["kind"], file, by)
    who = Identity.objects.select_for_update(of=("self",)).get(followup=file)
    check_seen(who, seen)
    rules.check_past(date.fromisoformat(identity["birth_date"]))
    sealed(who, key, **identity)
    who.edit += 1
    who.save()
    audit.record(by=by, scope=file.trail, subject=who)
    return who


def _locked_notice(notice: Notice) -> tuple[FollowUp, Notice]:
    file = FollowUp.objects.locked(notice.followup)
    return file, Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)


def _locked_request(demand: RightsRequest) -> tuple[FollowUp, RightsRequest]:
    file = FollowUp.objects.locked(demand.followup)
    return file, RightsRequest.objects.select_for_update(of=("self",)).get(pk=demand.pk)
