"""What each kind of council is and where it may exist: dated data (data/governance/council_kinds.yaml)."""

from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

import yaml
from django.conf import settings


@dataclass(frozen=True)
class Kind:
    """A kind of council between two days. Fields are described at the head of the data file."""

    kind: str
    short: str
    label: str
    chair: str
    created_by: tuple[str, ...]
    territories: tuple[str, ...]
    bodies: tuple[str, ...]
    article: str
    valid_from: date
    valid_to: date | None
    source: str
    counts_as: str = ""
    rule: str = ""
    legal_kinds: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    elsewhere: str = ""
    not_in: dict[str, str] = field(default_factory=dict)
    within: bool = False
    several: bool = False
    plenary: bool = False

    @property
    def family(self) -> str:
        """The kind that the law names: a metropolitan council is an intercommunal one."""
        return self.counts_as or self.kind

    def holds_on(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@cache
def every_kind() -> tuple[Kind, ...]:
    """All records of the file, in its order."""
    text = (settings.DATA / "governance" / "council_kinds.yaml").read_text(encoding="utf-8")
    lines: list[dict[str, Any]] = yaml.safe_load(text)
    return tuple(Kind(**{name: _frozen(value) for name, value in line.items()}) for line in lines)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def kinds_on(on: date) -> dict[str, Kind]:
    """The record of each kind in force on a day."""
    return {kind.kind: kind for kind in every_kind() if kind.holds_on(on)}


@cache
def latest() -> dict[str, Kind]:
    """The last record of each kind, for labels: what a council is called does not wait for a date."""
    return {kind.kind: kind for kind in every_kind()}


@cache
def families() -> dict[str, str]:
    """{kind: the kind that the law names for it}."""
    return {kind.kind: kind.family for kind in every_kind()}


def of_family(family: str) -> list[str]:
    """Kinds that the law names alike, e.g. CISPD and CMSPD."""
    return [kind for kind, name in families().items() if name == family]


def with_plenary() -> list[str]:
    """Kinds of which a yearly plenary is expected."""
    return [kind.kind for kind in latest().values() if kind.plenary]


@cache
def themes() -> dict[str, str]:
    """{key: label} of what a thematic group works on."""
    text = (settings.DATA / "governance" / "group_themes.yaml").read_text(encoding="utf-8")
    lines: list[dict[str, str]] = yaml.safe_load(text)
    return {line["key"]: line["label"] for line in lines}
