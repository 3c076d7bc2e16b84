"""A call to order, from what was reported to its end. What is sealed never goes into the audit."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit, vault
from prevenance.core.audit import action
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Person, Scope
from prevenance.domains.followup.actions.registers import _moved as moved
from prevenance.domains.followup.actions.registers import _opened
from prevenance.domains.followup.analysis.reading import opened_values, sealed
from prevenance.domains.followup.models import CallToOrder
from prevenance.domains.followup.rules import calls as rules
from prevenance.domains.followup.rules import registers

State = CallToOrder.State


@dataclass(frozen=True)
class Possible:
    """Answers to what the law keeps out; nothing of them is kept."""

    crime: bool
    complaint: bool
    procedure: bool


@action(_("Rappel à l’ordre ouvert"))
def open_call(
    *, scope: Scope, possible: Possible, facts: str, facts_on: date, identity: dict[str, str], by: Actor
) -> CallToOrder:
    """Open a call from what was reported. `identity`: family_name, given_name, birth_date, address, and for a minor
    parents, parents_address. Raises Refused, vault.MasterLost."""
    registers.check_holds(scope.pk, by)
    rules.check_possible(possible.crime, possible.complaint, possible.procedure)
    rules.check_facts(facts, facts_on, date.fromisoformat(identity["birth_date"]))
    today = timezone.localdate()
    call = CallToOrder(facts_on=facts_on, purge_on=registers.until("call_longest", today))
    _opened(call, scope=scope, register=registers.CALLS, identity=identity, by=by, facts=facts)
    audit.record(by=by, scope=call.trail, subject=call)
    return call


@action(_("Procureur consulté avant un rappel à l’ordre"))
def ask_prosecutor(*, call: CallToOrder, asked_on: date, seen: int | None, by: Actor) -> CallToOrder:
    call = _locked(call, State.ASKED, seen, by)
    protocol = rules.check_asks(call, asked_on)
    call.asked_on, call.answer_due_on = asked_on, rules.answer_due(asked_on, protocol)
    return _moved(call, State.ASKED, by, "asked_on", "answer_due_on")


@action(_("Réponse du procureur sur un rappel à l’ordre"))
def record_answer(
    *, call: CallToOrder, objects: bool, answered_on: date | None, seen: int | None, by: Actor
) -> CallToOrder:
    """What the prosecutor answered on a day; without a day, their silence where the protocol lets it stand."""
    state = State.OBJECTED if objects else State.CLEARED
    call = _locked(call, state, seen, by)
    if answered_on is None and not objects:
        rules.check_silence(call)
    else:
        registers.check_past(answered_on or timezone.localdate(), call.asked_on)
        call.answered_on = answered_on or timezone.localdate()
    if objects:
        sealed(call, vault.open(call.key), end_reason="prosecutor")
        return _ended(call, state, by, "answered_on")
    return _moved(call, state, by, "answered_on")


@action(_("Convocation à un rappel à l’ordre"))
def convene_call(
    *, call: CallToOrder, meets_at: datetime, identity: dict[str, str], no_parents: str, seen: int | None, by: Actor
) -> CallToOrder:
    """Convene, or convene again at another date. `identity` may complete address, parents, parents_address."""
    call = _locked(call, State.CONVENED, seen, by)
    key, day = vault.open(call.key), timezone.localdate(meets_at)
    minor = _minor(call, key, day)
    rules.check_convenes(call, identity.get("parents", ""), no_parents, day, minor)
    given = {field: identity.get(field, "") for field in ("address", "parents", "parents_address")}
    sealed(call, key, **given, no_parents=no_parents if minor and not given["parents"] else "")
    call.convened_on, call.meets_at = timezone.localdate(), meets_at
    return _moved(call, State.CONVENED, by, "convened_on", "meets_at", "no_parents", *given)


@action(_("Entretien de rappel à l’ordre tenu"))
def hold_call(
    *, call: CallToOrder, held_on: date, held_by: Person, presence: str, reminded: list[str], follow_up: str,
    seen: int | None, by: Actor,
) -> CallToOrder:  # fmt: skip
    """The short record of what was said aloud, from closed lists."""
    call = _locked(call, State.HELD, seen, by)
    key = vault.open(call.key)
    rules.check_held(call, held_on, held_by, presence, reminded, _minor(call, key, held_on))
    registers.check_code(registers.CALLS, "follow_ups", follow_up)
    call.held_on, call.held_by = held_on, held_by
    sealed(call, key, presence=presence, reminded=" ".join(reminded), follow_up=follow_up)
    return _moved(call, State.HELD, by, "held_on", "held_by", "presence", "reminded", "follow_up")


@action(_("Procureur informé d’un rappel à l’ordre"))
def inform_prosecutor(*, call: CallToOrder, informed_on: date, seen: int | None, by: Actor) -> CallToOrder:
    call = _locked(call, State.INFORMED, seen, by)
    registers.check_past(informed_on, call.held_on)
    call.informed_on = informed_on
    return _moved(call, State.INFORMED, by, "informed_on")


@action(_("Rappel à l’ordre terminé"))
def end_call(*, call: CallToOrder, seen: int | None, by: Actor) -> CallToOrder:
    return _ended(_locked(call, State.ENDED, seen, by), State.ENDED, by)


@action(_("Rappel à l’ordre laissé sans suite"))
def drop_call(*, call: CallToOrder, reason: str, seen: int | None, by: Actor) -> CallToOrder:
    """`reason` is a code of the list `ends`."""
    call = _locked(call, State.DROPPED, seen, by)
    registers.check_code(registers.CALLS, "ends", reason)
    sealed(call, vault.open(call.key), end_reason=reason)
    return _ended(call, State.DROPPED, by)


def _minor(call: CallToOrder, key: vault.Key, on: date) -> bool:
    birth = opened_values(call, key, ("birth_date",))["birth_date"]
    return registers.is_minor(date.fromisoformat(birth), on)


def _locked(call: CallToOrder, state: str, seen: int | None, by: Actor) -> CallToOrder:
    """The call, locked, by who holds the register, if it may still become `state`."""
    found = CallToOrder.objects.select_for_update(of=("self",)).select_related("scope").get(pk=call.pk)
    registers.check_holds(found.scope_id, by)
    rules.check_moves(found, state, seen)
    return found


def _moved(call: CallToOrder, state: str, by: Actor, *fields: str) -> CallToOrder:
    return moved(call, registers.CALLS, state, by, *fields)


def _ended(call: CallToOrder, state: str, by: Actor, *fields: str) -> CallToOrder:
    """Once ended, an entry waits for its clock and does not change."""
    call.ended_on = timezone.localdate()
    call.purge_on = registers.until("call_purge", call.ended_on)
    return _moved(call, state, by, "ended_on", "purge_on", "end_reason", *fields)
