"""A transaction, from the record of an offence to its end. What is sealed never goes into the audit."""

from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit, vault
from prevenance.core.audit import action
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Scope
from prevenance.domains.followup.actions.registers import _moved as moved
from prevenance.domains.followup.actions.registers import _opened
from prevenance.domains.followup.analysis.reading import sealed
from prevenance.domains.followup.models import Transaction
from prevenance.domains.followup.rules import registers
from prevenance.domains.followup.rules import transactions as rules

State = Transaction.State


@dataclass(frozen=True)
class Offer:
    """What is offered: a repair (`amount`, as typed) or unpaid work (`work`, `hours`), and in how many days."""

    execute_days: int
    amount: str = ""
    work: str = ""
    hours: int | None = None


@action(_("Transaction inscrite"))
def open_transaction(
    *, scope: Scope, contravention: str, property: str, facts_on: date, pv_on: date, prosecuted: bool,
    identity: dict[str, str], by: Actor,
) -> Transaction:  # fmt: skip
    """From the record of an offence. Raises Refused, vault.MasterLost."""
    registers.check_holds(scope.pk, by)
    birth = date.fromisoformat(identity["birth_date"])
    rules.check_recorded(contravention, property, facts_on, pv_on, birth, prosecuted)
    entry = Transaction(
        facts_on=facts_on, pv_on=pv_on, offer_due_on=registers.until("offer_within", pv_on),
        purge_on=registers.until("transaction_longest", timezone.localdate()),
    )  # fmt: skip
    _opened(
        entry, scope=scope, register=registers.TRANSACTIONS, identity=identity, by=by, contravention=contravention,
        property=property,
    )  # fmt: skip
    audit.record(by=by, scope=entry.trail, subject=entry)
    return entry


@action(_("Transaction proposée"))
def offer_transaction(
    *, entry: Transaction, offer: Offer, offered_on: date, delivery: str, seen: int | None, by: Actor
) -> Transaction:
    """Sent, or handed over: then the answer is due from that very day."""
    entry = _locked(entry, State.OFFERED, seen, by)
    rules.check_offers(entry, offered_on, delivery, offer.amount, offer.work, offer.hours, offer.execute_days)
    entry.offered_on, entry.delivery, entry.execute_days = offered_on, delivery, offer.execute_days
    entry.work_hours = offer.hours
    amount = str(rules.euros(offer.amount)) if offer.amount else ""
    sealed(entry, vault.open(entry.key), amount=amount, work=offer.work if offer.hours else "")
    if delivery == Transaction.Delivery.RECEIPT:
        _received(entry, offered_on)
    return _moved(
        entry, State.OFFERED, by, "offered_on", "delivery", "execute_days", "work_hours", "amount", "work",
        "received_on", "answer_due_on",
    )  # fmt: skip


@action(_("Offre de transaction remise ou présentée"))
def receive_offer(*, entry: Transaction, received_on: date, seen: int | None, by: Actor) -> Transaction:
    """The day shown on the acknowledgement: the deadline of the answer runs from it."""
    entry = _locked(entry, State.OFFERED, seen, by)
    rules.check_received(entry, received_on)
    _received(entry, received_on)
    return _moved(entry, State.OFFERED, by, "received_on", "answer_due_on")


@action(_("Réponse à une offre de transaction"))
def answer_transaction(
    *, entry: Transaction, accepted: bool, answered_on: date | None, seen: int | None, by: Actor
) -> Transaction:
    """Accepted or refused on a day; without a day, silence, which is a refusal once the deadline has passed."""
    state = State.ACCEPTED if accepted else State.REFUSED
    entry = _locked(entry, state, seen, by)
    rules.check_answers(entry, accepted, answered_on)
    entry.answered_on = answered_on
    return _moved(entry, state, by, "answered_on")


@action(_("Transaction soumise à homologation"))
def submit_transaction(*, entry: Transaction, submitted_on: date, seen: int | None, by: Actor) -> Transaction:
    entry = _locked(entry, State.SUBMITTED, seen, by)
    registers.check_past(submitted_on, entry.answered_on)
    entry.submitted_on = submitted_on
    return _moved(entry, State.SUBMITTED, by, "submitted_on")


@action(_("Homologation d’une transaction"))
def decide_transaction(
    *, entry: Transaction, homologated: bool, decided_on: date, seen: int | None, by: Actor
) -> Transaction:
    """By the prosecutor, or by the judge for unpaid work; execution is then due by a day."""
    state = State.HOMOLOGATED if homologated else State.DENIED
    entry = _locked(entry, state, seen, by)
    registers.check_past(decided_on, entry.submitted_on)
    entry.decided_on, entry.homologated_by = decided_on, rules.judge_of(entry)
    if not homologated:
        return _ended(entry, state, by, "decided_on", "homologated_by")
    entry.execute_by = rules.execute_by(entry, decided_on)
    return _moved(entry, state, by, "decided_on", "homologated_by", "execute_by")


@action(_("Transaction exécutée"))
def execute_transaction(*, entry: Transaction, executed_on: date, seen: int | None, by: Actor) -> Transaction:
    entry = _locked(entry, State.EXECUTED, seen, by)
    rules.check_executed(entry, executed_on)
    entry.executed_on = executed_on
    return _moved(entry, State.EXECUTED, by, "executed_on")


@action(_("Transaction non exécutée à temps"))
def fail_transaction(*, entry: Transaction, seen: int | None, by: Actor) -> Transaction:
    entry = _locked(entry, State.FAILED, seen, by)
    rules.check_failed(entry)
    return _moved(entry, State.FAILED, by)


@action(_("Procureur informé de l’exécution d’une transaction"))
def report_transaction(*, entry: Transaction, reported_on: date, seen: int | None, by: Actor) -> Transaction:
    """Full execution extinguishes prosecution: the mayor says so, and the entry ends."""
    entry = _locked(entry, State.ENDED, seen, by)
    registers.check_past(reported_on, entry.executed_on)
    entry.reported_on = reported_on
    return _ended(entry, State.ENDED, by, "reported_on")


@action(_("Procès-verbal transmis au procureur"))
def refer_transaction(*, entry: Transaction, referred_on: date, seen: int | None, by: Actor) -> Transaction:
    """After a refusal, a failure, or where no offer was made: the record of the offence goes to the prosecutor."""
    entry = _locked(entry, State.REFERRED, seen, by)
    rules.check_refers(entry, referred_on)
    entry.reported_on = referred_on
    return _ended(entry, State.REFERRED, by, "reported_on")


@action(_("Transaction laissée sans suite"))
def drop_transaction(*, entry: Transaction, reason: str, seen: int | None, by: Actor) -> Transaction:
    """`reason` is a code of the list `ends`."""
    entry = _locked(entry, State.DROPPED, seen, by)
    registers.check_code(registers.TRANSACTIONS, "ends", reason)
    sealed(entry, vault.open(entry.key), end_reason=reason)
    return _ended(entry, State.DROPPED, by)


def _received(entry: Transaction, day: date) -> None:
    entry.received_on, entry.answer_due_on = day, registers.until("answer_within", day)


def _locked(entry: Transaction, state: str, seen: int | None, by: Actor) -> Transaction:
    """The transaction, locked, by who holds the register, if it may still become `state`."""
    found = Transaction.objects.select_for_update(of=("self",)).select_related("scope").get(pk=entry.pk)
    registers.check_holds(found.scope_id, by)
    rules.check_moves(found, state, seen)
    return found


def _moved(entry: Transaction, state: str, by: Actor, *fields: str) -> Transaction:
    return moved(entry, registers.TRANSACTIONS, state, by, *fields)


def _ended(entry: Transaction, state: str, by: Actor, *fields: str) -> Transaction:
    """Once ended, an entry waits for its clock and does not change."""
    entry.ended_on = timezone.localdate()
    entry.purge_on = registers.until("transaction_purge", entry.ended_on)
    return _moved(entry, state, by, "ended_on", "purge_on", "end_reason", *fields)
