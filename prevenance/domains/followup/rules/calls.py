"""Calls to order (CSI, article L132-7): what they may be made for, in which order, with whom."""

from datetime import date, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from prevenance.core.dates import date_format
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.models import Person
from prevenance.domains.followup.models import CallProtocol, CallToOrder
from prevenance.domains.followup.rules import registers
from prevenance.domains.governance.rules.councils import Stale

State = CallToOrder.State

# From a state to those that it may become; none goes back, and what ended is not opened again (migration 0006).
NEXT: dict[str, tuple[str, ...]] = {
    State.REPORTED: (State.ASKED, State.CONVENED, State.DROPPED),
    State.ASKED: (State.CLEARED, State.OBJECTED, State.DROPPED),
    State.CLEARED: (State.CONVENED, State.DROPPED),
    State.CONVENED: (State.CONVENED, State.HELD, State.DROPPED),
    State.HELD: (State.INFORMED,),
    State.INFORMED: (State.ENDED,),
    State.OBJECTED: (),
    State.ENDED: (),
    State.DROPPED: (),
}
ENDED = (State.OBJECTED, State.ENDED, State.DROPPED)


def protocol_of(scope_id: int, on: date) -> CallProtocol | None:
    """The protocol in force with the prosecutor, if one was signed."""
    signed = CallProtocol.objects.filter(scope_id=scope_id, signed_on__lte=on)
    return signed.order_by("-signed_on", "-pk").first()


def check_possible(crime: bool, complaint: bool, procedure: bool) -> None:
    """Raises Refused where the law keeps calls to order out. Nothing is then written."""
    if crime:
        raise Refused(
            _(
                "Des faits qui peuvent être un crime ou un délit ne relèvent pas du rappel à l’ordre : signalez-les au "
                "procureur de la République (CPP, article 40). Rien n’est inscrit ici."
            )
        )
    if complaint:
        raise Refused(_("Une plainte a été déposée : le rappel à l’ordre n’est plus possible. Rien n’est inscrit ici."))
    if procedure:
        raise Refused(
            _(
                "Une procédure judiciaire est en cours : le rappel à l’ordre n’est plus possible. "
                "Rien n’est inscrit ici."
            )
        )


def check_facts(facts: str, facts_on: date, birth: date) -> None:
    registers.check_code(registers.CALLS, "facts", facts)
    registers.check_past(facts_on)
    registers.check_birth(birth)


def check_moves(call: CallToOrder, state: str, seen: int | None) -> None:
    """Raises Stale when the call cannot become that any more."""
    if not call.is_open or state not in NEXT[call.state]:
        raise Stale(_("Ce rappel à l’ordre a avancé entre-temps : voyez où il en est."))
    registers.check_fresh(call, seen)


def check_asks(call: CallToOrder, day: date) -> CallProtocol:
    """The protocol by which the prosecutor is asked. Raises Refused where none says it."""
    registers.check_past(day, call.opened_on)
    protocol = protocol_of(call.scope_id, timezone.localdate())
    if protocol is None or not protocol.check_required:
        raise Refused(_("Aucun protocole ne prévoit de consulter le procureur : convoquez directement la personne."))
    return protocol


def check_silence(call: CallToOrder) -> None:
    """Raises Refused unless the protocol lets the prosecutor's silence stand, and the delay has passed."""
    today = timezone.localdate()
    protocol = protocol_of(call.scope_id, today)
    if protocol is None or not protocol.silence_allows:
        raise Refused(_("Le protocole attend une réponse du procureur : son silence ne permet pas de poursuivre."))
    if call.answer_due_on is None or call.answer_due_on >= today:
        raise Refused(_("Le délai de réponse du procureur n’est pas passé."))


def check_convenes(call: CallToOrder, parents: str, no_parents: str, day: date, minor: bool) -> None:
    """The prosecutor first where the protocol says so; a minor with their parents, unless it is impossible."""
    protocol = protocol_of(call.scope_id, timezone.localdate())
    if call.state == State.REPORTED and protocol is not None and protocol.check_required:
        raise Refused(
            _("Le protocole du %(day)s demande de consulter d’abord le procureur.")
            % {"day": date_format(protocol.signed_on, "j F Y")}
        )
    if minor and not parents and not no_parents:
        raise Refused(
            _(
                "Un mineur est convoqué avec ses parents ou représentants légaux : indiquez leurs noms, ou pourquoi "
                "leur présence est impossible."
            )
        )
    if no_parents:
        registers.check_code(registers.CALLS, "no_parents", no_parents)
    if day < timezone.localdate():
        raise Refused(_("L’entretien est à venir : choisissez une date qui n’est pas passée."))


def check_held(call: CallToOrder, day: date, holder: Person, presence: str, reminded: list[str], minor: bool) -> None:
    """By the mayor or an elected delegate; a minor is not heard alone. Raises Refused."""
    registers.check_past(day, call.convened_on)
    if holder.pk not in {person.pk for person in registers.holders(call.scope, day)}:
        raise Refused(_("Seul le maire ou un élu à qui il a délégué les rappels à l’ordre tient cet entretien."))
    registers.check_code(registers.CALLS, "presence", presence)
    if minor and presence == "alone":
        raise Refused(
            _("Un mineur est reçu avec ses parents, un représentant légal ou un éducateur, sauf impossibilité.")
        )
    if not minor and presence != "alone":
        raise Refused(_("La personne est majeure : l’entretien la reçoit seule."))
    if not reminded:
        raise Refused(_("Indiquez au moins une règle rappelée."))
    for code in reminded:
        registers.check_code(registers.CALLS, "reminded", code)


def next_step(call: CallToOrder, asked_first: bool) -> registers.Next:
    """(what is to be done, before when) for a call that is open, where the protocol has the prosecutor asked or not."""
    if call.state == State.REPORTED and asked_first:
        return _("Procureur à consulter"), None
    if call.state in (State.REPORTED, State.CLEARED):
        return _("Personne à convoquer"), None
    if call.state == State.ASKED:
        return _("Réponse du procureur à noter"), call.answer_due_on
    if call.state == State.CONVENED and call.meets_at is not None:
        return _("Entretien à tenir"), timezone.localdate(call.meets_at)
    if call.state == State.HELD and call.held_on is not None:
        return _("Procureur à informer"), registers.until("call_inform", call.held_on)
    return (_("Rappel à l’ordre à terminer") if call.state == State.INFORMED else ""), None


def answer_due(asked_on: date, protocol: CallProtocol) -> date:
    return asked_on + timedelta(days=protocol.delay_days)
