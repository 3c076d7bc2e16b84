"""The strategy as data (data/strategies): actions, closed lists, where each action is done, what is built."""

from functools import cache
from typing import Any

import yaml
from django.conf import settings

FIRST = "2020-2024"  # the strategy that the first tool sheets were drawn from
NOT_STRATEGIES = {
    "words", "tools", "correspondences", "where", "journeys", "plan_kinds", "session_themes", "sheet_columns",
    "small_counts",
}  # fmt: skip


def _read(name: str) -> Any:
    return yaml.safe_load((settings.DATA / "strategies" / f"{name}.yaml").read_text(encoding="utf-8"))


@cache
def strategies() -> tuple[dict[str, Any], ...]:
    """Each strategy's file, oldest first."""
    paths = sorted((settings.DATA / "strategies").glob("*.yaml"))
    return tuple(_read(path.stem) for path in paths if path.stem not in NOT_STRATEGIES)


@cache
def correspondences() -> tuple[dict[str, Any], ...]:
    return tuple(_read("correspondences") or ())


@cache
def tools() -> tuple[dict[str, Any], ...]:
    return tuple(_read("tools"))


@cache
def words() -> dict[str, dict[str, str]]:
    """{"audiences": {key: label}, "roles": {key: label}}."""
    found: dict[str, dict[str, str]] = _read("words")
    return found


def labels(kind: str, keys: list[str]) -> list[str]:
    """The French words of keys of a closed list; a key that left the list is shown as it is."""
    known = words()[kind]
    return [known.get(key, key) for key in keys]


@cache
def session_themes() -> dict[str, str]:
    return {line["key"]: line["label"] for line in _read("session_themes")}


@cache
def where() -> dict[str, str]:
    """{"2020-2024/28.1": name of the address where the action is done}."""
    return dict(_read("where") or {})


@cache
def journeys() -> dict[str, list[str]]:
    """{"28.1": browser journeys that passed for it}: what makes an action « built » (tests/journeys.py)."""
    return {str(number): list(found) for number, found in (_read("journeys") or {}).items()}


def is_built(strategy: str, number: str) -> bool:
    """Whether a browser journey marked with the action passed. Journeys speak of the first strategy's numbers."""
    return strategy == FIRST and number in journeys()
