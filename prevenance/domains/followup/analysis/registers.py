"""From entries of the mayor's registers to what a page, a letter and my day say of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import DateField, DateTimeField, F, OuterRef, Subquery, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from prevenance.core import vault
from prevenance.core.dates import date_format
from prevenance.core.documents.pdf import render_pdf
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.followup.analysis.reading import opened_values
from prevenance.domains.followup.models import CallProtocol, CallToOrder, RegisterEntry, RegisterHold, Transaction
from prevenance.domains.followup.rules import calls, lists, registers, transactions

SHOWN = 8  # lines of my day; the registers' page has the rest
Said = dict[str, str]


@dataclass(frozen=True)
class Due:
    """Something that the register asks of who holds it, by number: never by a name."""

    entry: RegisterEntry
    url: str
    what: str
    before: date | None
    late: bool


def said_of(entry: RegisterEntry) -> Said:
    """What sealed columns of an entry say. Raises vault.KeyLost, vault.MasterLost, vault.Tampered."""
    return opened_values(entry, vault.open(entry.key))


def holds_of(entry: RegisterEntry) -> list[tuple[RegisterHold, str, bool]]:
    """Legal holds of an entry: each, its reason in words, and whether it stops the clock today."""
    rows, today = list(RegisterHold.objects.of(entry).select_related("set_by")), timezone.localdate()
    key = vault.open(entry.key) if rows else None
    return [
        (
            row,
            lists.label("hold_reasons", opened_values(row, key)["reason"]),
            row.lifted_on is None and row.until > today,
        )
        for row in rows
        if key is not None
    ]


def born(said: Said) -> date:
    return date.fromisoformat(said["birth_date"])


# ------------------------------------------------------------------------------------------------ what is to be done


def with_next(entries: Iterable[RegisterEntry], scope_id: int) -> list[Due]:
    """Each entry and what comes next: one query, whatever their number."""
    today = timezone.localdate()
    protocol = calls.protocol_of(scope_id, today)
    asked_first = protocol is not None and protocol.check_required
    return [due(entry, asked_first, today) for entry in entries]


def due(entry: RegisterEntry, asked_first: bool, today: date) -> Due:
    if isinstance(entry, CallToOrder):
        url, step = reverse("followup:call", args=[entry.pk]), calls.next_step(entry, asked_first)
    else:
        url, step = reverse("followup:transaction", args=[entry.pk]), transactions.next_step(entry, today)
    what, before = step if entry.is_open else ("", None)
    return Due(entry, url, what, before, before is not None and before < today)


# Columns of both registers put side by side, so that my day asks once: those that `next_step` reads.
KEPT = ("pk", "number", "state", "opened_on")
CALL = {"first": "answer_due_on", "second": "held_on", "third": None, "at": "meets_at"}
TRANSACTION = {"first": "offer_due_on", "second": "answer_due_on", "third": "execute_by", "at": None}


def deadlines(actor: Actor) -> list[Due]:
    """What the registers ask of the actor, the nearest deadline first: one query, none for who holds no register."""
    if not registers.holds(actor):
        return []
    today = timezone.localdate()
    signed = CallProtocol.objects.filter(scope_id=OuterRef("scope_id"), signed_on__lte=today)
    asked = Subquery(signed.order_by("-signed_on", "-pk").values("check_required")[:1])
    rows = side_by_side(CallToOrder, CALL, actor, asked).union(
        side_by_side(Transaction, TRANSACTION, actor, Value(False)), all=True
    )
    found = []
    for call, asked_first, *values in rows:
        model, columns = (CallToOrder, CALL) if call else (Transaction, TRANSACTION)
        read = dict(zip((*KEPT, *columns.values()), values, strict=True))
        read.pop(None, None)
        found.append(due(model(**read), bool(asked_first), today))
    waiting = [line for line in found if line.what]
    return sorted(waiting, key=lambda line: (line.before or date.max, line.entry.opened_on, line.entry.pk))


def side_by_side(model: type[RegisterEntry], columns: dict[str, str | None], actor: Actor, asked: Any) -> Any:
    """Open entries of one register, in the columns of both."""
    kinds: dict[str, Any] = dict.fromkeys(("first", "second", "third"), DateField()) | {"at": DateTimeField()}
    named = {name: F(column) if column else Value(None, output_field=kinds[name]) for name, column in columns.items()}
    rows = model.objects.visible_to(actor).open().order_by()
    call = Value(model is CallToOrder)
    return rows.annotate(call=call, asked=asked, **named).values_list("call", "asked", *KEPT, *named)


# --------------------------------------------------------------------------------------------------------- letters


@dataclass(frozen=True)
class Paper:
    """A letter that may be printed: its address, its label, when, and which dated model it follows."""

    key: str
    label: str
    available: Callable[[Any], bool]
    model: Callable[[Any, Said], str]
    copies: int = 1


def _convocation(call: CallToOrder, said: Said) -> str:
    day = timezone.localdate(call.meets_at)
    return "convocation_minor" if registers.is_minor(born(said), day) and said["parents"] else "convocation_adult"


def call_papers() -> tuple[Paper, ...]:
    return (
        Paper("parquet", _("Lettre de consultation du procureur"), lambda call: call.asked_on is not None,
              lambda call, said: "prosecutor_question"),
        Paper("convocation", _("Convocation"), lambda call: call.convened_on is not None, _convocation),
        Paper("fiche", _("Fiche de l’entretien"), lambda call: call.held_on is not None, lambda call, said: "record"),
        Paper("information", _("Lettre d’information du procureur"), lambda call: call.held_on is not None,
              lambda call, said: "prosecutor_informed"),
    )  # fmt: skip


def transaction_papers() -> tuple[Paper, ...]:
    state = Transaction.State
    to_prosecutor = (state.RECORDED, state.REFUSED, state.FAILED, state.REFERRED)
    return (
        Paper("offre", _("Offre, en deux exemplaires"), lambda one: one.offered_on is not None,
              lambda one, said: "offer", copies=2),
        Paper("homologation", _("Demande d’homologation"), accepted, lambda one, said: "homologation"),
        Paper("transmission", _("Lettre de transmission au procureur"), lambda one: one.state in to_prosecutor,
              lambda one, said: "referral"),
        Paper("execution", _("Lettre sur l’exécution"), lambda one: one.executed_on is not None,
              lambda one, said: "report"),
    )  # fmt: skip


def accepted(entry: Transaction) -> bool:
    return entry.state == Transaction.State.ACCEPTED or entry.submitted_on is not None


def draw(entry: RegisterEntry, paper: Paper, said: Said) -> bytes:
    """The letter as PDF, on the model in force the day of the step that it goes with. Raises PdfUnavailable.

    Its title, which readers show and files keep, holds a number and no name.
    """
    call = isinstance(entry, CallToOrder)
    register = registers.CALLS if call else registers.TRANSACTIONS
    model = registers.letter(paper.model(entry, said), register, timezone.localdate())
    values = call_values(entry, said) if isinstance(entry, CallToOrder) else transaction_values(entry, said)
    to = model["to"]
    context = {
        "entry": entry,
        "commune": entry.scope.label,
        "heading": model["title"],
        "addressee": {
            "prosecutor": [_("Procureur de la République")],
            "person": [f"{said['given_name']} {said['family_name']}", *said["address"].splitlines()],
            "parents": [said.get("parents", ""), *said.get("parents_address", "").splitlines()],
            "register": [],
        }[to],
        "named": to != "person",
        "said": said,
        "born": born(said),
        "paragraphs": [paragraph.format(**values) for paragraph in model["paragraphs"]],
        "lines": call_lines(entry, said) if isinstance(entry, CallToOrder) and to in ("prosecutor", "register") else [],
        "copies": range(1, paper.copies + 1),
        "total": paper.copies,
        "today": timezone.localdate(),
    }
    return render_pdf("followup/registers/letter_pdf.html", context, title=f"{model['title']} – {entry}")


def day(value: date | None) -> str:
    return date_format(value, "j F Y") if value else ""


def call_values(call: CallToOrder, said: Said) -> Said:
    """What the letters of a call name."""
    protocol = calls.protocol_of(call.scope_id, call.asked_on) if call.asked_on else None
    meets = timezone.localtime(call.meets_at) if call.meets_at else None
    silence = _("Passé ce délai, et sans réponse de votre part, il y procédera.")
    return {
        "article": registers.dated(registers.CALLS, "basis", call.opened_on)["article"],
        "facts_on": day(call.facts_on), "protocol_on": day(protocol.signed_on if protocol else None),
        "answer_due_on": day(call.answer_due_on),
        "silence": silence if protocol is not None and protocol.silence_allows else "",
        "meets_on": date_format(meets, "l j F Y") if meets else "",
        "meets_hour": time_format(meets, "G \\h i") if meets else "", "purge_on": day(call.purge_on),
        "held_on": day(call.held_on), "held_by": call.held_by.name if call.held_by else "",
    }  # fmt: skip


def call_lines(call: CallToOrder, said: Said) -> list[tuple[str, str]]:
    """(label, words) of what a call holds, from closed lists."""
    words = registers.CALLS
    lines = [
        (_("Faits"), registers.label(words, "facts", said["facts"])),
        (_("Date des faits"), day(call.facts_on)),
        (_("Représentants légaux"), said["parents"]),
        (_("Présence des parents"), registers.label(words, "no_parents", said["no_parents"])),
        (_("Présents"), registers.label(words, "presence", said["presence"])),
        (_("Règles rappelées"), ", ".join(registers.label(words, "reminded", one) for one in said["reminded"].split())),
        (_("Suite"), registers.label(words, "follow_ups", said["follow_up"])),
        (_("Motif de fin"), registers.label(words, "ends", said["end_reason"])),
    ]
    return [(label, value) for label, value in lines if value]


def measure(entry: Transaction, said: Said) -> str:
    """« réparation du préjudice, soit 120,50 € », « 12 heures de travail non rémunéré, nettoyage », or ""."""
    if entry.work_hours is not None:
        return ngettext(
            "%(count)d heure de travail non rémunéré, %(work)s",
            "%(count)d heures de travail non rémunéré, %(work)s",
            entry.work_hours,
        ) % {
            "count": entry.work_hours,
            "work": registers.label(registers.TRANSACTIONS, "work", said["work"]).lower(),
        }
    if not said["amount"]:
        return ""
    return _("réparation du préjudice, soit %(amount)s\u00a0€") % {"amount": said["amount"].replace(".", ",")}


def transaction_values(entry: Transaction, said: Said) -> Said:
    """What the letters of a transaction name."""
    words, on = registers.TRANSACTIONS, entry.offered_on or entry.opened_on
    # A code that left the list still reads as itself: a page that breaks would write it in a log.
    code = said["contravention"]
    offence = registers.loaded(words)["contraventions"]["entries"].get(code)
    offence = offence or {"label": code, "article": "", "class": 0}
    fines = registers.dated(words, "fines", entry.facts_on)
    return {
        "article": registers.dated(words, "basis", on)["article"], "pv_on": day(entry.pv_on),
        "facts_on": day(entry.facts_on), "contravention": offence["label"],
        "contravention_article": offence["article"],
        "class": _("%(rank)de") % {"rank": offence["class"]}, "fine": f"{fines['euros'].get(offence['class'], '')}",
        "fine_article": fines["article"],
        "property": registers.label(words, "property", said["property"]).lower(),
        "measure": measure(entry, said), "execute_days": str(entry.execute_days or ""),
        "answer_within": registers.length("answer_within", on),
        "homologation": transactions.judge_label(entry, on).lower(), "offered_on": day(entry.offered_on),
        "answered_on": day(entry.answered_on), "decided_on": day(entry.decided_on),
        "executed_on": day(entry.executed_on), "why": why_referred(entry),
    }  # fmt: skip


def why_referred(entry: Transaction) -> str:
    """Why the record of the offence goes to the prosecutor, in a sentence."""
    if entry.decided_on:
        return _("La transaction homologuée le %(on)s n’a pas été exécutée dans le délai, qui finissait le %(by)s.") % {
            "on": day(entry.decided_on),
            "by": day(entry.execute_by),
        }
    if entry.answered_on:
        return _("La personne a refusé le %(on)s la transaction proposée le %(offered)s.") % {
            "on": day(entry.answered_on),
            "offered": day(entry.offered_on),
        }
    if entry.offered_on:
        return _(
            "La personne n’a pas répondu avant le %(by)s à la transaction proposée le %(offered)s : "
            "son silence vaut refus."
        ) % {"by": day(entry.answer_due_on), "offered": day(entry.offered_on)}
    return _("Aucune transaction n’a été proposée.")


def transaction_lines(entry: Transaction, said: Said) -> list[tuple[str, str]]:
    """(label, words) of what a transaction holds."""
    values = transaction_values(entry, said)
    lines = [
        (_("Contravention"), f"{values['contravention']} ({values['contravention_article']})"),
        (_("Bien de la commune"), registers.label(registers.TRANSACTIONS, "property", said["property"])),
        (_("Date des faits"), values["facts_on"]),
        (_("Procès-verbal du"), values["pv_on"]),
        (_("Ce qui est proposé"), values["measure"]),
        (_("Autorité qui homologue"), transactions.judge_label(entry, entry.offered_on) if entry.offered_on else ""),
        (_("Motif de fin"), registers.label(registers.TRANSACTIONS, "ends", said["end_reason"])),
    ]
    return [(label, value) for label, value in lines if value]


# ----------------------------------------------------------------------------------------------------------- dates

# What was done when, in the order of the path: names of date fields and what they say.
CALL_DATES = ("facts_on", "opened_on", "asked_on", "answered_on", "convened_on", "held_on", "informed_on", "ended_on")
TRANSACTION_DATES = (
    "facts_on", "pv_on", "opened_on", "offered_on", "received_on", "answered_on", "submitted_on", "decided_on",
    "executed_on", "reported_on", "ended_on",
)  # fmt: skip


def dates_of(entry: RegisterEntry) -> list[tuple[date, str]]:
    """(day, what was done) of an entry: « Procureur consulté le » beside its day is « Procureur consulté »."""
    names = CALL_DATES if isinstance(entry, CallToOrder) else TRANSACTION_DATES
    labels = {field.name: str(field.verbose_name) for field in entry._meta.concrete_fields}
    found = []
    for name in names:
        if day_done := getattr(entry, name):
            words = labels[name].removesuffix(" le").removesuffix(" du")
            found.append((day_done, words[:1].upper() + words[1:]))
    return found
