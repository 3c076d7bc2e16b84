"""Transactions of the mayor (CPP, articles 44-1 and R15-33-61 to -66): what for, to whom, by when."""

from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from prevenance.core.dates import date_format
from prevenance.core.refusals import Refused
from prevenance.domains.followup.models import Transaction
from prevenance.domains.followup.rules import registers
from prevenance.domains.governance.rules.councils import Stale

State = Transaction.State

# From a state to those that it may become; none goes back, and what ended is not opened again (migration 0006).
NEXT: dict[str, tuple[str, ...]] = {
    State.RECORDED: (State.OFFERED, State.REFERRED, State.DROPPED),
    State.OFFERED: (State.OFFERED, State.ACCEPTED, State.REFUSED, State.DROPPED),
    State.ACCEPTED: (State.SUBMITTED, State.DROPPED),
    State.REFUSED: (State.REFERRED,),
    State.SUBMITTED: (State.HOMOLOGATED, State.DENIED),
    State.HOMOLOGATED: (State.EXECUTED, State.FAILED),
    State.EXECUTED: (State.ENDED,),
    State.FAILED: (State.REFERRED,),
    State.DENIED: (),
    State.REFERRED: (),
    State.ENDED: (),
    State.DROPPED: (),
}
ENDED = (State.DENIED, State.REFERRED, State.ENDED, State.DROPPED)


def check_recorded(contravention: str, property: str, facts_on: date, pv_on: date, birth: date, moved: bool) -> None:
    """Raises Refused for what is outside the law. Nothing is then written."""
    registers.check_past(pv_on, facts_on)
    registers.check_birth(birth)
    if moved:
        raise Refused(
            _(
                "L’action publique est déjà mise en mouvement : la transaction n’est plus possible. "
                "Rien n’est inscrit ici."
            )
        )
    registers.check_code(registers.TRANSACTIONS, "contraventions", contravention, facts_on)
    registers.check_code(registers.TRANSACTIONS, "property", property)
    minors = registers.dated(registers.TRANSACTIONS, "minors", timezone.localdate())
    if registers.is_minor(birth, facts_on) and not minors["allowed"]:
        raise Refused(_("La personne était mineure au jour des faits.") + " " + str(minors["doubt"]))
    if registers.until("offer_within", pv_on) < timezone.localdate():
        raise Refused(
            _(
                "Le délai pour proposer une transaction est passé depuis le %(day)s : transmettez le procès-verbal au "
                "procureur. Rien n’est inscrit ici."
            )
            % {"day": date_format(registers.until("offer_within", pv_on), "j F Y")}
        )


def check_moves(entry: Transaction, state: str, seen: int | None) -> None:
    """Raises Stale when the transaction cannot become that any more."""
    if not entry.is_open or state not in NEXT[entry.state]:
        raise Stale(_("Cette transaction a avancé entre-temps : voyez où elle en est."))
    registers.check_fresh(entry, seen)


def most_hours(on: date) -> int:
    """The longest unpaid work that may be offered on a day. Raises LookupError."""
    return registers.term("work_hours", on).amount


def longest_work(start: date) -> date | None:
    """The last day to do the work, where the law in force then sets one."""
    try:
        return registers.until("work_within", start)
    except LookupError:
        return None


def euros(text: str) -> Decimal:
    """« 120,50 » as an amount. Raises Refused for what is not one above zero."""
    try:
        amount = Decimal(text.replace(",", ".").replace("\u00a0", "").replace(" ", "")).quantize(Decimal("0.01"))
    except InvalidOperation:
        amount = Decimal(0)
    if not amount.is_finite() or amount <= 0 or amount >= 1_000_000:
        raise Refused(_("Indiquez le montant de la réparation en euros, par exemple 120,50."))
    return amount


def check_not_too_late(entry: Transaction, day: date) -> None:
    if day > entry.offer_due_on:
        raise Refused(
            _("L’offre devait être faite le %(day)s au plus tard : transmettez le procès-verbal au procureur.")
            % {"day": date_format(entry.offer_due_on, "j F Y")}
        )


def check_offers(
    entry: Transaction, day: date, delivery: str, amount: str, work: str, hours: int | None, execute_days: int
) -> None:
    """Repair, or unpaid work within the limit; within a month of the record. Raises Refused."""
    registers.check_past(day, entry.pv_on)
    check_not_too_late(entry, day)
    if delivery not in Transaction.Delivery.values:
        raise Refused(_("L’offre part en recommandé, ou se remet contre récépissé."))
    if bool(amount) == (hours is not None):
        raise Refused(_("Proposez soit une réparation, soit des heures de travail non rémunéré : l’une des deux."))
    if amount:
        euros(amount)
    if hours is not None:
        registers.check_code(registers.TRANSACTIONS, "work", work)
        most = most_hours(day)
        if not 1 <= hours <= most:
            raise Refused(
                ngettext(
                    "Le travail non rémunéré ne peut dépasser %(count)d heure.",
                    "Le travail non rémunéré ne peut dépasser %(count)d heures.",
                    most,
                )
                % {"count": most}
            )
    if execute_days < 1:
        raise Refused(_("Laissez au moins un jour pour exécuter la transaction."))
    limit = longest_work(day) if hours is not None else None
    if limit is not None and day + timedelta(days=execute_days) > limit:
        raise Refused(_("Le travail doit être accompli dans les trois mois : raccourcissez le délai."))


def check_received(entry: Transaction, day: date) -> None:
    registers.check_past(day, entry.offered_on)
    if entry.received_on is not None:
        raise Stale(_("La date de remise est déjà notée."))


def check_handed_over(entry: Transaction) -> None:
    if entry.received_on is None:
        raise Refused(_("Notez d’abord quand l’offre a été remise ou présentée : le délai de réponse en part."))


def check_answers(entry: Transaction, accepted: bool, day: date | None) -> None:
    """An answer on a day, or silence (no day) once the deadline has passed. Raises Refused."""
    check_handed_over(entry)
    due = entry.answer_due_on or date.max
    if day is None:
        if accepted:
            raise Refused(_("Indiquez la date de l’acceptation."))
        if due >= timezone.localdate():
            raise Refused(_("Le silence ne vaut refus qu’après le %(day)s.") % {"day": date_format(due, "j F Y")})
        return
    registers.check_past(day, entry.received_on)
    if accepted and day > due:
        raise Refused(
            _("L’acceptation est arrivée après le %(day)s : le silence valait refus, le procès-verbal va au procureur.")
            % {"day": date_format(due, "j F Y")}
        )


def judge_of(entry: Transaction) -> str:
    """Who homologates: the judge for unpaid work, else the prosecutor."""
    return Transaction.Judge.JUDGE if entry.work_hours is not None else Transaction.Judge.PROSECUTOR


def judge_label(entry: Transaction, on: date) -> str:
    if judge_of(entry) == Transaction.Judge.PROSECUTOR:
        return str(Transaction.Judge.PROSECUTOR.label)
    return str(registers.dated(registers.TRANSACTIONS, "judges", on)["label"])


def execute_by(entry: Transaction, decided_on: date) -> date:
    """The day by which it is to be executed, as offered and within the law."""
    asked = decided_on + timedelta(days=entry.execute_days or 0)
    limit = longest_work(decided_on) if entry.work_hours is not None else None
    return min(asked, limit) if limit is not None else asked


def check_executed(entry: Transaction, day: date) -> None:
    registers.check_past(day, entry.decided_on)
    if entry.execute_by is not None and day > entry.execute_by:
        raise Refused(
            _("Le délai d’exécution est passé depuis le %(day)s : la transaction n’a pas été exécutée à temps.")
            % {"day": date_format(entry.execute_by, "j F Y")}
        )


def check_failed(entry: Transaction) -> None:
    if entry.execute_by is None or entry.execute_by >= timezone.localdate():
        raise Refused(_("Le délai d’exécution n’est pas passé."))


def check_refers(entry: Transaction, day: date) -> None:
    """The record of the offence goes to the prosecutor: after a refusal, a failure, or an offer never made."""
    registers.check_past(day, entry.answered_on or entry.pv_on)


def next_step(entry: Transaction, today: date) -> registers.Next:
    """(what is to be done, before when) for a transaction that is open."""
    if entry.state == State.RECORDED:
        if entry.offer_due_on < today:
            return _("Délai passé : procès-verbal à transmettre au procureur"), entry.offer_due_on
        return _("Offre à faire"), entry.offer_due_on
    if entry.state == State.OFFERED:
        if entry.answer_due_on is None:
            return _("Date de remise à noter"), None
        if entry.answer_due_on < today:
            return _("Délai passé : le silence vaut refus"), entry.answer_due_on
        return _("Réponse à noter"), entry.answer_due_on
    if entry.state == State.HOMOLOGATED:
        return _("Exécution à constater"), entry.execute_by
    said = {
        State.ACCEPTED: _("Homologation à demander"),
        State.REFUSED: _("Procès-verbal à transmettre au procureur"),
        State.SUBMITTED: _("Décision d’homologation à noter"),
        State.EXECUTED: _("Exécution à signaler au procureur"),
        State.FAILED: _("Inexécution à signaler au procureur"),
    }
    return said.get(State(entry.state), ""), None
