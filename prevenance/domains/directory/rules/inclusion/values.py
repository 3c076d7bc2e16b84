"""Values of a field of data.inclusion: read into what a column keeps, written back. A reader raises Wrong."""

import ast
import json
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.models import Organisation
from prevenance.domains.directory.models import closed_list, kinds
from prevenance.domains.directory.rules.contacts import phone_number, siret_number
from prevenance.domains.directory.rules.hours import check_hours

URL = re.compile(r"https?://[^\s<>\"]{3,}")
FIRST_DAY = date(2000, 1, 1)
Reader = Callable[[Any], Any]


class Wrong(ValueError):
    """Why a value cannot be taken: one French sentence, which never repeats it."""


def text(most: int, least: int = 0) -> Reader:
    def read(raw: Any) -> str:
        if not isinstance(raw, str):
            raise Wrong(_("ce n’est pas un texte"))
        found = raw.strip()
        if "\x00" in found or any("\ud800" <= letter <= "\udfff" for letter in found):
            raise Wrong(_("ce texte contient un caractère qui ne s’écrit pas"))
        if len(found) > most:
            raise Wrong(_("ce texte dépasse %(most)d caractères") % {"most": most})
        if len(found) < least:
            raise Wrong(_("ce texte a moins de %(least)d caractères") % {"least": least})
        return found

    return read


LINE, LONG = text(1000), text(10_000)


def url(raw: Any) -> str:
    found: str = text(2083)(raw)
    if not URL.fullmatch(found):
        raise Wrong(_("ce n’est pas une adresse en http ou https"))
    return found


def email(raw: Any) -> str:
    found: str = text(254)(raw)
    try:
        validate_email(found)
    except ValidationError as wrong:
        raise Wrong(_("ce n’est pas une adresse électronique")) from wrong
    return found


def phone(raw: Any) -> str:
    try:
        return phone_number(text(60)(raw))
    except Refused as wrong:
        raise Wrong(_("ce n’est pas un numéro de téléphone, et un seul")) from wrong


def phone_written(phone: str) -> str | None:
    """In E.164, which data.inclusion prefers; short national numbers have no such form."""
    return f"+33{phone[1:]}" if phone.startswith("0") and len(phone) == 10 else phone or None


def siret(raw: Any) -> str:
    try:
        return siret_number(LINE(raw))
    except Refused as wrong:
        raise Wrong(_("ce n’est pas un SIRET")) from wrong


def postcode(raw: Any) -> str:
    found: str = LINE(raw)
    if not re.fullmatch(r"[0-9]{5}", found):
        raise Wrong(_("un code postal a cinq chiffres"))
    return found


def day(raw: Any) -> date:
    try:
        return datetime.fromisoformat(raw).date()
    except (TypeError, ValueError) as wrong:
        raise Wrong(_("ce n’est pas une date de la forme 2026-11-30")) from wrong


def updated(raw: Any) -> date:
    found = day(raw)
    if found < FIRST_DAY:
        raise Wrong(_("cette date est d’avant l’an 2000"))
    if found > timezone.localdate():
        raise Wrong(_("cette date est à venir"))
    return found


def number(least: float, most: float) -> Reader:
    def read(raw: Any) -> float:
        if isinstance(raw, bool) or not isinstance(raw, int | float):
            raise Wrong(_("ce n’est pas un nombre"))
        if not least <= raw <= most:
            raise Wrong(
                _("ce nombre n’est pas entre %(least)s et %(most)s") % {"least": f"{least:g}", "most": f"{most:g}"}
            )
        return float(raw)

    return read


def whole(least: int, most: int) -> Reader:
    def read(raw: Any) -> int:
        found = number(least, most)(raw)
        if found != int(found):
            raise Wrong(_("ce n’est pas un nombre entier"))
        return int(found)

    return read


def hours_a_week(raw: Any) -> Decimal:
    return Decimal(str(number(0, 99_999)(raw))).quantize(Decimal("0.01"))


def yes(raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise Wrong(_("ce n’est ni vrai ni faux"))
    return raw


def opening_hours(raw: Any) -> str:
    found: str = LINE(raw)
    try:
        check_hours(found)
    except Refused as wrong:
        raise Wrong(_("ces horaires ne suivent pas la syntaxe d’OpenStreetMap")) from wrong
    return found


def one_of(name: str) -> Reader:
    def read(raw: Any) -> str:
        if not isinstance(raw, str) or raw not in closed_list(name):
            raise Wrong(_("cette valeur n’est pas de la liste « %(list)s »") % {"list": name})
        return raw

    return read


def some_of(name: str) -> Reader:
    def read(raw: Any) -> list[str]:
        if not isinstance(raw, list):
            raise Wrong(_("ce n’est pas une liste"))
        known = closed_list(name)
        if not all(isinstance(value, str) and value in known for value in raw):
            raise Wrong(_("une valeur n’est pas de la liste « %(list)s »") % {"list": name})
        if name == "publics" and "tous-publics" in raw and len(set(raw)) > 1:
            raise Wrong(_("« tous-publics » ne va avec aucune autre valeur"))
        return list(dict.fromkeys(raw))

    return read


def kind(raw: Any) -> str:
    if raw not in kinds():
        raise Wrong(_("cette nature n’est pas de la liste"))
    return str(raw)


def structure_kind(raw: Any) -> str:
    if raw not in Organisation.Kind.values:
        raise Wrong(_("cette nature n’est pas de la liste"))
    return str(raw)


def closures(raw: Any) -> list[tuple[date, date, str]]:
    """[(first day, last day, why)] of [{"debut", "fin", "motif"}]."""
    if not isinstance(raw, list) or not all(isinstance(one, dict) for one in raw):
        raise Wrong(_("ce n’est pas une liste de périodes"))
    found = [(day(one.get("debut")), day(one.get("fin")), text(100)(one.get("motif") or "")) for one in raw]
    if any(ends < starts for starts, ends, _note in found):
        raise Wrong(_("une période finit avant de commencer"))
    return found


def closures_written(closures: list[tuple[date, date, str]]) -> list[dict[str, str]]:
    return [{"debut": str(starts), "fin": str(ends), "motif": note} for starts, ends, note in closures]


# ------------------------------------------------------------------------------------------------ cells of a CSV


def list_of_cell(cell: str) -> Any:
    """A list as others write it in a cell: JSON, an array of PostgreSQL or of Python, or values with commas."""
    cell = cell.strip()
    if cell.startswith("["):
        try:
            return json.loads(cell)
        except ValueError:
            try:
                return ast.literal_eval(cell)
            except (ValueError, SyntaxError):
                return cell
    inside = cell[1:-1] if cell.startswith("{") and cell.endswith("}") else cell
    return [value.strip().strip('"') for value in re.split(r"[,;|]", inside) if value.strip()]


def number_of_cell(cell: str) -> Any:
    try:
        found = float(cell.replace(",", "."))
    except ValueError:
        return cell
    return int(found) if found.is_integer() and "." not in cell else found


def yes_of_cell(cell: str) -> Any:
    return {"true": True, "false": False, "oui": True, "non": False, "1": True, "0": False}.get(cell.lower(), cell)
