"""Numbers of the whole country, and what else the public help pages are made with (data/directory)."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import yaml
from django.conf import settings

from prevenance.domains.directory.models.lists import labels
from prevenance.domains.directory.models.structures import phone_shown


@dataclass(frozen=True)
class Number:
    """A number of data/directory/numbers.yaml, where each word is explained."""

    key: str
    number: str
    name: str
    what: str
    easy: str
    hours: str
    zones: tuple[str, ...]
    since: date
    source: str
    until: date | None = None
    needs: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    urgent: bool = False
    sms: bool = False
    sign_language: bool = False
    elsewhere: str = ""

    @property
    def shown(self) -> str:
        return phone_shown(self.number)

    @property
    def elsewhere_shown(self) -> str:
        return phone_shown(self.elsewhere)

    @property
    def language_labels(self) -> list[str]:
        return labels("languages", list(self.languages))


def _read(name: str) -> Any:
    return yaml.safe_load((settings.DATA / "directory" / f"{name}.yaml").read_text(encoding="utf-8"))


@cache
def _numbers() -> tuple[Number, ...]:
    """Every line of the file, in its order. Raises TypeError for a word that no field has."""
    return tuple(
        Number(
            since=line.pop("from"),
            **{name: tuple(value) if isinstance(value, list) else value for name, value in line.items()},
        )
        for line in _read("numbers")["numbers"]
    )


def numbers_on(day: date) -> list[Number]:
    """The line of each key that applies on a day, in the order of the file."""
    found: dict[str, Number] = {}
    for line in _numbers():
        if line.since <= day and (line.key not in found or found[line.key].since <= line.since):
            found[line.key] = line
    return [line for line in found.values() if line.until is None or day < line.until]


def known_number(key: str) -> Number | None:
    """The last line of a key, whatever its days: what was written with it is still read."""
    return next((line for line in reversed(_numbers()) if line.key == key), None)


@cache
def help_words() -> dict[str, Any]:
    """data/directory/help.yaml."""
    words: dict[str, Any] = _read("help")
    return words
