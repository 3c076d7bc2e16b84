"""The mayor's registers: who holds them, the dated law that they read, and what both ask of an entry."""

from datetime import date, timedelta
from functools import cache
from typing import Any

import yaml
from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Mandate, Person, Scope
from prevenance.domains.followup.models import CallToOrder, RegisterEntry, RegisterHold, RegisterTerm, Transaction
from prevenance.domains.followup.rules.clocks import age_on, months_after
from prevenance.domains.governance.rules.councils import Stale

Next = tuple[str, date | None]  # what is to be done, and before when
CALLS, TRANSACTIONS = "calls", "transactions"
REGISTERS: dict[str, type[RegisterEntry]] = {CALLS: CallToOrder, TRANSACTIONS: Transaction}


@cache
def loaded(register: str) -> dict[str, Any]:
    """The data file of a register: data/followup/calls.yaml or transactions.yaml."""
    found: dict[str, Any] = yaml.safe_load((settings.DATA / "followup" / f"{register}.yaml").read_text("utf-8"))
    return found


def in_force(entry: dict[str, Any], on: date) -> bool:
    return bool(entry["valid_from"] <= on and (entry["valid_to"] is None or on < entry["valid_to"]))


def dated(register: str, name: str, on: date) -> dict[str, Any]:
    """The entry of a dated list that applies on a day. Raises LookupError: nothing is presumed."""
    applying = [entry for entry in loaded(register)[name] if in_force(entry, on)]
    if not applying:
        raise LookupError(f"{register}.{name} says nothing for {on}")
    found: dict[str, Any] = max(applying, key=lambda entry: entry["valid_from"])
    return found


def letter(name: str, register: str, on: date) -> dict[str, Any]:
    """The model of a letter in force on a day: title, to, paragraphs. Raises LookupError."""
    applying = [entry for entry in loaded(register)["letters"][name] if in_force(entry, on)]
    found: dict[str, Any] = max(applying, key=lambda entry: entry["valid_from"])
    return found


def choices(register: str, name: str, on: date | None = None) -> tuple[tuple[str, str], ...]:
    """(code, label) of a closed list; of its dated entries, those in force `on`."""
    kept = []
    for code, entry in loaded(register)[name]["entries"].items():
        if isinstance(entry, str):
            kept.append((code, entry))
        elif on is None or in_force(entry, on):
            kept.append((code, entry["label"]))
    return tuple(kept)


def label(register: str, name: str, code: str) -> str:
    """How a code reads; "" for none."""
    return dict(choices(register, name)).get(code, code)


def check_code(register: str, name: str, code: str, on: date | None = None) -> None:
    """Raises Refused for what is not in the list: sealed, the database cannot tell."""
    if code not in dict(choices(register, name, on)):
        raise Refused(_("Ce choix n’est pas dans la liste : reprenez-le."))


@cache
def terms() -> tuple[RegisterTerm, ...]:
    """Every deadline and limit, of the files that `migrate` loads for the database's own checks; the newest first."""
    found = [
        RegisterTerm(what=what, **line)
        for register in REGISTERS
        for what, dated_lines in loaded(register)["terms"].items()
        for line in dated_lines
    ]
    return tuple(sorted(found, key=lambda term: (term.what, -term.valid_from.toordinal())))


def term(what: str, on: date) -> RegisterTerm:
    """The entry that applies on a day. Raises LookupError: nothing is presumed."""
    for one in terms():
        if one.what == what and one.valid_from <= on and (one.valid_to is None or on < one.valid_to):
            return one
    raise LookupError(f"{what} says nothing for {on}")


def until(what: str, start: date) -> date:
    """The last day that a deadline leaves from `start`, by the entry in force then. Raises LookupError."""
    length = term(what, start)
    if length.unit == RegisterTerm.Unit.DAYS:
        return start + timedelta(days=length.amount)
    return months_after(start, length.amount * (12 if length.unit == RegisterTerm.Unit.YEARS else 1))


def length(what: str, on: date) -> str:
    """« 15 jours », « 1 mois ». Raises LookupError."""
    found = term(what, on)
    if found.unit == RegisterTerm.Unit.DAYS:
        return ngettext("%(count)d jour", "%(count)d jours", found.amount) % {"count": found.amount}
    return _("%(count)d mois") % {"count": found.amount}


def is_minor(birth: date, on: date) -> bool:
    return age_on(birth, on) < term("majority", on).amount


def holds(actor: Actor) -> bool:
    """Whether the actor's mandate holds the registers of a commune."""
    return actor.can("hold_register") and actor.role == "mayor" and actor.scope_kind == Scope.Kind.COMMUNE


def check_holds(scope_id: int, actor: Actor) -> None:
    """Raises Refused unless the actor is the mayor there, or an elected member to whom the registers were delegated."""
    if not holds(actor) or actor.scope_id != scope_id:
        raise Refused(_("Les registres du maire sont tenus par le maire et par l’élu à qui il les a délégués."))


def check_can_set_hold(entry: RegisterEntry, until: date, actor: Actor) -> None:
    """As for a file: until a day to come, one at a time; by who holds the register."""
    check_holds(entry.scope_id, actor)
    if until <= timezone.localdate():
        raise Refused(_("Une conservation imposée finit plus tard qu’aujourd’hui : corrigez sa date."))
    if RegisterHold.objects.of(entry).filter(lifted_on=None).exists():
        raise Stale(_("Une conservation est déjà imposée à cette fiche : levez-la d’abord."))


def holders(scope: Scope, on: date) -> list[Person]:
    """The mayor and the elected delegates who may act in the registers on a day."""
    delegated = Q(allows=None) | Q(allows__contains=["hold_register"])
    found = Mandate.objects.current(on).filter(delegated, scope=scope, role="mayor").select_related("person")
    return list({mandate.person_id: mandate.person for mandate in found.order_by("pk")}.values())


def check_fresh(entry: RegisterEntry, seen: int | None) -> None:
    """Raises Stale when the entry has ended, or somebody wrote since the page was shown."""
    if not entry.is_open:
        raise Stale(_("Cette fiche est terminée : elle ne change plus."))
    if entry.edit != seen:
        raise Stale(_("Quelqu’un a modifié cette fiche entre-temps : relisez-la, puis reprenez."))


def check_past(day: date, earliest: date | None = None) -> None:
    """Raises Refused for a day to come, or before the step that comes first."""
    if day > timezone.localdate():
        raise Refused(_("Cette date est à venir : indiquez celle où cela a été fait."))
    if earliest is not None and day < earliest:
        raise Refused(_("Cette date précède l’étape d’avant : vérifiez-la."))


def check_birth(birth: date) -> None:
    if birth > timezone.localdate():
        raise Refused(_("Cette date de naissance est à venir : corrigez-la."))
