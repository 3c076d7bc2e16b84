"""Closed lists of the directory, read once from prevenance/data/directory: what a service is, and data.inclusion's."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import yaml
from django.conf import settings


@dataclass(frozen=True)
class Kind:
    """What a service is. `secret`: the address of such a place is never kept. `themes` are data.inclusion's."""

    key: str
    label: str
    group: str
    actions: tuple[str, ...]
    themes: tuple[str, ...]
    secret: bool


def _read(name: str) -> Any:
    return yaml.safe_load((settings.DATA / "directory" / f"{name}.yaml").read_text(encoding="utf-8"))


@cache
def kinds() -> dict[str, Kind]:
    """{key: kind}, in the order of the file. Raises TypeError for a word that no field of a kind has."""
    return {
        line["key"]: Kind(
            group=group["label"], secret=line.pop("secret", False), actions=tuple(line.pop("actions")),
            themes=tuple(line.pop("themes")), **line,
        )
        for group in _read("kinds")["groups"]
        for line in group["kinds"]
    }  # fmt: skip


@cache
def kind_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """[(group, [(key, label)])] for a form."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for kind in kinds().values():
        groups.setdefault(kind.group, []).append((kind.key, kind.label))
    return list(groups.items())


def kind_label(key: str) -> str:
    """The label of a kind; the key itself when a list loaded since does not have it any more."""
    kind = kinds().get(key)
    return kind.label if kind else key


EXTENSION = ("needs", "schemes", "stages", "ways", "accessibility", "languages")
ORIENTATION = ("wishes", "waits", "reasons")


@cache
def closed_list(name: str) -> dict[str, str]:
    """{value: label} of a list: of data.inclusion (publics, frais, modes_accueil…) or ours (EXTENSION, ORIENTATION)."""
    ours = "extension" if name in EXTENSION else "orientations" if name in ORIENTATION else ""
    found: dict[str, str] = _read(ours or "data_inclusion")[name]
    return found


def labels(name: str, values: list[str]) -> list[str]:
    """Labels of values of a list, in the order of the list; a value that it does not have is left as it is."""
    known = closed_list(name)
    return [known[value] for value in known if value in values] + [value for value in values if value not in known]


@cache
def freshness() -> list[dict[str, Any]]:
    """Dated records: after how many months without confirmation a service is to be confirmed."""
    return _dated("verified_months")


@cache
def _dated(name: str) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = _read("freshness")[name]
    return sorted(records, key=lambda record: record["from"])


def in_force(name: str, on: date) -> dict[str, Any]:
    """The record of data/directory/freshness.yaml that applies on a day: « review_months », « reports »."""
    return next(record for record in reversed(_dated(name)) if record["from"] <= on)


@cache
def _orientation_terms() -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = _read("orientations")["terms"]
    return sorted(records, key=lambda record: record["from"])


def orientation_terms(on: date) -> dict[str, Any]:
    """The record of data/directory/orientations.yaml that applies on a day: days of a link, bounds, reminders."""
    return next(record for record in reversed(_orientation_terms()) if record["from"] <= on)
