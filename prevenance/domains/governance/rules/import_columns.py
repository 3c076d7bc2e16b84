"""What a table's columns and cells mean: French headings and values, recognised from data/governance/imports.yaml."""

import re
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

import yaml
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prevenance.core.text import plain
from prevenance.domains.accounts.models import Organisation
from prevenance.domains.governance.models import Decision, Membership

LABELS = {
    "members": {
        "full_name": gettext_lazy("Nom et prénom ensemble"),
        "family_name": gettext_lazy("Nom"),
        "given_name": gettext_lazy("Prénom"),
        "title": gettext_lazy("Fonction"),
        "organisation": gettext_lazy("Organisme"),
        "email": gettext_lazy("Adresse électronique"),
        "phone": gettext_lazy("Téléphone"),
        "quality": gettext_lazy("Qualité (de droit, désigné…)"),
        "since": gettext_lazy("Membre depuis le"),
    },
    "decisions": {
        "text": gettext_lazy("Décision"),
        "owner": gettext_lazy("Responsable"),
        "due_on": gettext_lazy("Échéance"),
        "state": gettext_lazy("État d’avancement"),
        "decided_on": gettext_lazy("Date de la décision"),
    },
}
REQUIRED = {"members": ("email",), "decisions": ("text",)}
MONTHS = ("janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre", "octobre", "novembre",
          "decembre")  # fmt: skip
WEEKDAYS = "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
WRITTEN_DATE = re.compile(rf"(?:le )?(?:(?:{WEEKDAYS}) )?(\d{{1,2}})(?:er)? ({'|'.join(MONTHS)}) (\d{{4}})")
SOCIAL_SECURITY_NUMBER = re.compile(r"[12]\s?\d{2}\s?(?:0[1-9]|1[0-2]|[2-9]\d)\s?\d[\dAB]\s?\d{3}\s?\d{3}(?:\s?\d{2})?")


@cache
def words() -> dict[str, Any]:
    """The lists of data/governance/imports.yaml."""
    loaded: dict[str, Any] = yaml.safe_load((settings.DATA / "governance" / "imports.yaml").read_text())
    return loaded


def likeness(heading: str, word: str) -> int:
    """3 for the same words, 2 when the heading begins with them, 1 when it has them, else 0."""
    if heading == word:
        return 3
    if heading.startswith(word + " "):
        return 2
    return int(f" {word} " in f" {heading} ")


def columns_of_persons_helped(subject: str, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Headings of the columns that look like names or birth dates of persons helped, or hold their numbers."""
    lists = words()["persons_helped"]
    refused = set(lists["both"]) | set(lists[subject])
    found = []
    for place, header in enumerate(headers):
        # A single word such as « ne » counts only when it is the whole heading; « date de naissance » anywhere.
        named = any(
            likeness(plain(header), word) == 3 or (" " in word and likeness(plain(header), word)) for word in refused
        )
        long = any(len(word) > 4 and likeness(plain(header), word) for word in refused)
        numbered = any(SOCIAL_SECURITY_NUMBER.fullmatch(row[place].strip()) for row in rows if place < len(row))
        if named or long or numbered:
            found.append(header)
    return found


def guess(subject: str, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, str]:
    """The field that each column most looks like: {"0": "family_name", …}; a field goes to one column only."""
    fields: dict[str, list[str]] = words()[subject]
    ignored = words()["ignored"]
    found: list[tuple[int, int, int, str]] = []
    for place, header in enumerate(headers):
        heading = plain(header)
        if heading in ignored:
            continue
        for order, (field, names) in enumerate(fields.items()):
            best = max(likeness(heading, name) for name in names)
            if best:
                found.append((-best, order if best > 1 else order + len(fields), place, field))
    mapping: dict[str, str] = {}
    for _score, _order, place, field in sorted(found):
        if str(place) not in mapping and field not in mapping.values():
            mapping[str(place)] = field
    return corrected(subject, mapping, rows)


def corrected(subject: str, mapping: dict[str, str], rows: Sequence[Sequence[str]]) -> dict[str, str]:
    """The guess, seen against the values: « Qualité » often heads functions, « Nom » whole names."""
    by_field = {field: place for place, field in mapping.items()}
    if subject == "members":
        if "quality" in by_field and "title" not in by_field:
            values = [cell for row in rows if (cell := row[int(by_field["quality"])].strip())]
            if sum(one_of("qualities", value) is not None for value in values) * 2 < len(values):
                mapping[by_field["quality"]] = "title"
        if "family_name" in by_field and "given_name" not in by_field and "full_name" not in by_field:
            mapping[by_field["family_name"]] = "full_name"
    if "email" not in by_field and subject == "members":
        for place in range(len(rows[0]) if rows else 0):
            if str(place) not in mapping and sum("@" in row[place] for row in rows) * 2 > len(rows):
                mapping[str(place)] = "email"
                break
    return mapping


def one_of(which: str, value: str) -> str | None:
    """The choice (key of list `which`) that a cell names, or None."""
    typed = plain(value)
    choices: dict[str, list[str]] = words()[which]
    return next((choice for choice, names in choices.items() if typed in names), None)


def quality_of(value: str) -> str | None:
    return str(Membership.Quality.DESIGNATED) if not value else one_of("qualities", value)


def state_of(value: str) -> str | None:
    return str(Decision.State.OPEN) if not value else one_of("states", value)


def organisation_kind_of(name: str) -> str:
    """What an organisation seems to be, from its name; « Autre » when nothing tells."""
    typed = plain(name)
    kinds: dict[str, list[str]] = words()["organisation_kinds"]
    return next(
        (k for k, names in kinds.items() if any(likeness(typed, n) for n in names)), str(Organisation.Kind.OTHER)
    )


def names_of(value: str) -> tuple[str, str]:
    """(given name, family name) of a whole name: words in capitals are the family's, else the first is given."""
    parts = re.sub(r"^(m|mr|mme|mlle|monsieur|madame|dr|me)\b\.?\s+", "", value.strip(), flags=re.IGNORECASE).split()
    capitals = [part for part in parts if len(part) > 1 and part == part.upper() and part != part.lower()]
    if capitals and len(capitals) < len(parts):
        return " ".join(part for part in parts if part not in capitals), " ".join(capitals)
    return (parts[0], " ".join(parts[1:])) if len(parts) > 1 else ("", " ".join(parts))


def date_of(value: str) -> date | None:
    """The day that a cell says, as French people and spreadsheets write it. Raises ValueError for anything else."""
    typed = value.strip()
    if not typed:
        return None
    if match := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})(?:[ T].*)?", typed):
        return date(int(match[1]), int(match[2]), int(match[3]))
    if match := re.fullmatch(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})", typed):
        year = int(match[3]) + (2000 if len(match[3]) == 2 else 0)
        return date(year, int(match[2]), int(match[1]))
    if match := WRITTEN_DATE.fullmatch(plain(typed)):
        return date(int(match[3]), MONTHS.index(match[2]) + 1, int(match[1]))
    raise ValueError(typed)


def not_a_date(value: str) -> str:
    return _("« %(value)s » n’est pas une date : écrivez par exemple 31/12/2026, ou laissez la case vide.") % {
        "value": value[:40]
    }
