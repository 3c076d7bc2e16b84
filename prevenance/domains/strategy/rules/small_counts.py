"""Which figures are read exactly, and which are too small to be shown to others (data/strategies/small_counts.yaml).

A small count of persons may designate one. Whoever holds the plan that reports, and the level that accepts, read
figures as they are; others read départements, regions and the nation only, and no small figure there. Hiding one
territory alone would let it be found by difference: the next smallest is then hidden too. Differences between several
pages are not looked for: docs/security.md says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

import yaml
from django.conf import settings
from django.utils import timezone

from prevenance.domains.accounts.acting import Actor
from prevenance.domains.strategy.models import IndicatorTotal


@dataclass(frozen=True)
class Threshold:
    least: int
    units: int


@cache
def _entries() -> tuple[tuple[date, Threshold], ...]:
    lines = yaml.safe_load((settings.DATA / "strategies" / "small_counts.yaml").read_text(encoding="utf-8"))
    return tuple(
        sorted(((line["from"], Threshold(line["least"], line["units"])) for line in lines), key=lambda e: e[0])
    )


def threshold(on: date | None = None) -> Threshold:
    """What applies on a day. Raises LookupError when nothing does yet."""
    day = on or timezone.localdate()
    applying = [found for since, found in _entries() if since <= day]
    if not applying:
        raise LookupError(f"no threshold applies on {day}")
    return applying[-1]


def reads_exactly(actor: Actor, territory: int) -> bool:
    """Whether the figures of a territory in reach (`IndicatorTotal.visible_to`) are shown as they are."""
    if actor.can("accept_values") and actor.scope_kind == "nation":
        return True
    return territory == actor.territory_id and (actor.can("hold_plan") or actor.can("accept_values"))


def is_small(rows: Sequence[IndicatorTotal], on: date | None = None) -> bool:
    """Whether one of the rows of a territory and period, one a category, is too small: all are then hidden, else the
    one that is missing would be found from their sum."""
    least = threshold(on)
    return any(
        row.reported < least.units
        or 0 < row.numerator < least.least
        or (row.denominator is not None and 0 < row.denominator - row.numerator < Decimal(least.least))
        for row in rows
    )
