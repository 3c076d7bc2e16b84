"""Closed lists of a file (data/followup/lists.yaml): what may be ticked, and how it reads."""

from functools import cache
from typing import Any

import yaml
from django.conf import settings
from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused


@cache
def loaded() -> dict[str, Any]:
    text = (settings.DATA / "followup" / "lists.yaml").read_text(encoding="utf-8")
    lists: dict[str, Any] = yaml.safe_load(text)
    return lists


@cache
def choices(name: str, category: str = "") -> tuple[tuple[str, str], ...]:
    """(code, label) of a list, those of a category of follow-up alone when one is given. Raises KeyError."""
    kept = []
    for code, entry in loaded()[name]["entries"].items():
        label = entry if isinstance(entry, str) else entry["label"]
        of = None if isinstance(entry, str) else entry.get("categories")
        if not category or of is None or category in of:
            kept.append((code, label))
    return tuple(kept)


def label(name: str, code: str) -> str:
    """How a code reads; "" for none. A code that left the list still reads as itself."""
    return dict(choices(name)).get(code, code) if code else ""


def check_code(name: str, code: str, category: str = "") -> None:
    """Raises Refused for what is not in the list: sealed, the database cannot tell."""
    if code not in dict(choices(name, category)):
        raise Refused(_("Ce choix n’est pas dans la liste : reprenez-le."))
