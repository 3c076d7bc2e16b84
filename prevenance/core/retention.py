"""How long things are kept: dated durations (data/retention.yaml), and what still points to a row that would go."""

import calendar
from collections.abc import Collection, Mapping
from datetime import date

import yaml
from django.conf import settings
from django.db import models

NOTHING: Mapping[type[models.Model], Collection[str]] = {}


def months_kept(what: str, today: date) -> int:
    """Months that `what` is kept, by the entry in force today. Raises LookupError when none applies yet."""
    entries = yaml.safe_load((settings.DATA / "retention.yaml").read_text()).get(what, [])
    applying = [entry for entry in entries if entry["from"] <= today]
    if not applying:
        raise LookupError(f"no retention applies to {what!r} on this day")
    return int(max(applying, key=lambda entry: entry["from"])["months"])


def oldest_day_kept(what: str, today: date) -> date:
    """The day before which `what` is due: the same day of the month, that many months earlier, or its last one."""
    months = today.year * 12 + today.month - 1 - months_kept(what, today)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))


def still_referenced(
    model: type[models.Model], ids: Collection[int], *, besides: Mapping[type[models.Model], Collection[str]] = NOTHING
) -> set[int]:
    """Those of `ids` (rows of `model`) to which a row of another table points under protection.

    Every protecting key counts, those of domains written later included; the keys `besides` (names by model) are the
    caller's to look at. A table behind row security shows nothing to who acts under no mandate: there, the key itself
    refuses in the end.
    """
    found: set[int] = set()
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel) or relation.on_delete is not models.PROTECT:
            continue
        key, table = relation.field, relation.related_model
        if key.name in besides.get(table, ()):
            continue
        rows = table._base_manager.filter(**{f"{key.name}__in": ids})
        found.update(rows.values_list(key.attname, flat=True).distinct())
    return found
