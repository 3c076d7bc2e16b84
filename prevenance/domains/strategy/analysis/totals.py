"""From accepted values to what the roll-up engine takes, and back: one indicator and period at a time."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
from django.db import connection
from numpy.typing import NDArray

from prevenance.domains.strategy.models import Indicator
from prevenance.domains.strategy.rules.indicators import CATEGORIES
from prevenance.domains.territories.models import FormerCode, Territory
from prevenance.engines.rollup import NONE, Cells, Rules, Totals, renamed, roll_up
from prevenance.engines.rollup import Containment as Links

EPOCH = date(1970, 1, 1)
SCALE = 10_000  # figures are kept to the ten-thousandth

# A sum needs one row a unit; a mean, and what does not add up, need the figures themselves.
SUMMED = """
SELECT territory_id, coalesce(part_id, -1), starts_on - '1970-01-01'::date, category,
       (sum(numerator) * 10000)::bigint, coalesce((sum(denominator) * 10000)::bigint, -1), bool_or(estimated)
FROM strategy_indicatorvalue
WHERE indicator_id = %(indicator)s AND starts_on = ANY(%(starts)s) AND state = 'accepted' AND superseded_at IS NULL
GROUP BY 1, 2, 3, 4
"""
EACH = """
SELECT territory_id, coalesce(part_id, -1), starts_on - '1970-01-01'::date, category,
       (numerator * 10000)::bigint, coalesce((denominator * 10000)::bigint, -1), estimated
FROM strategy_indicatorvalue
WHERE indicator_id = %(indicator)s AND starts_on = ANY(%(starts)s) AND state = 'accepted' AND superseded_at IS NULL
"""
AROUND = """
SELECT container_id, contained_id, partial FROM territories_containment WHERE contained_id = ANY(%(units)s)
"""
REPORTED = """
WITH RECURSIVE reported(starts) AS (
    (SELECT starts_on FROM strategy_indicatorvalue
     WHERE indicator_id = %(indicator)s AND state = 'accepted' AND superseded_at IS NULL ORDER BY starts_on LIMIT 1)
    UNION ALL
    SELECT (SELECT v.starts_on FROM strategy_indicatorvalue v
            WHERE v.indicator_id = %(indicator)s AND v.state = 'accepted' AND v.superseded_at IS NULL
              AND v.starts_on > r.starts ORDER BY v.starts_on LIMIT 1)
    FROM reported r WHERE r.starts IS NOT NULL
)
SELECT starts FROM reported WHERE starts IS NOT NULL ORDER BY starts
"""


def categories_of(indicator: Indicator) -> list[str]:
    """Categories in the order of the codes that the engine is given."""
    return list(CATEGORIES[indicator.split])


def periods_reported(indicator: Indicator) -> list[date]:
    """First days of the periods that have accepted values, found by jumping from one to the next in the index: an
    indicator of France has a million values and twenty periods."""
    with connection.cursor() as cursor:
        cursor.execute(REPORTED, {"indicator": indicator.pk})
        return [start for (start,) in cursor.fetchall()]


def cells_of(indicator: Indicator, starts: Collection[date]) -> Cells:
    """Accepted values of these periods, with the communes of before under the commune of today."""
    rules = rules_of(indicator, indicator.period)
    asked = {"indicator": indicator.pk, "starts": list(starts)}
    frame = copied(
        SUMMED if rules.across == "sum" else EACH, asked,
        {"unit": pl.Int64, "part": pl.Int64, "starts": pl.Int64, "category": pl.String, "numerator": pl.Int64,
         "denominator": pl.Int64, "estimated": pl.String},
    )  # fmt: skip
    codes = {name: code for code, name in enumerate(categories_of(indicator))}
    category = frame["category"].fill_null("").replace_strict(codes, default=len(codes), return_dtype=pl.Int64)
    before, after = merged()
    return Cells(
        unit=renamed(frame["unit"].to_numpy(), before, after), part=frame["part"].to_numpy(),
        starts=frame["starts"].to_numpy(), category=category.to_numpy(), numerator=frame["numerator"].to_numpy(),
        denominator=frame["denominator"].to_numpy(), estimated=(frame["estimated"] == "t").to_numpy(),
    )  # fmt: skip


def copied(query: str, asked: dict[str, Any], schema: dict[str, Any]) -> pl.DataFrame:
    """What a query answers, by COPY: rows of the whole country come as columns, not as Python objects."""
    with connection.cursor() as cursor, cursor.cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)", asked) as copy:
        content = b"".join(bytes(block) for block in copy)
    if not content:
        return pl.DataFrame(schema=schema)
    return pl.read_csv(content, has_header=False, schema=schema)


def merged() -> tuple[list[int], list[int]]:
    """(communes that are no more, the commune that each merged into), side by side."""
    gone = dict(Territory.objects.filter(kind=Territory.Kind.COMMUNE, until__isnull=False).values_list("code", "pk"))
    leads = FormerCode.objects.filter(code__in=gone).values_list("code", "territory") if gone else ()
    pairs = [(gone[code], today) for code, today in leads]
    return [old for old, _new in pairs], [new for _old, new in pairs]


def links_around(cells: Cells, expected: Collection[int] = ()) -> Links:
    """What contains the units that reported or should have, and the départements that they reported by."""
    units = np.unique(np.concatenate([cells.unit, cells.part, np.array(list(expected), dtype=np.int64)]))
    frame = copied(
        AROUND, {"units": units.tolist()}, {"container": pl.Int64, "contained": pl.Int64, "partial": pl.String}
    )
    return Links(frame["container"].to_numpy(), frame["contained"].to_numpy(), (frame["partial"] == "t").to_numpy())


def rules_of(indicator: Indicator, target: str) -> Rules:
    return Rules(indicator.nature, indicator.time_rule, indicator.territory_rule, indicator.period, target)


def totals_of(
    indicator: Indicator, starts: Collection[date], target: str = "", expected: Collection[int] | None = None
) -> Totals:
    """What the accepted values of these periods come to everywhere, at the period of kind `target` (its own by
    default). `expected` names territories that should report."""
    cells = cells_of(indicator, starts)
    wanted = None
    if expected is not None:
        names = np.array(sorted(expected), dtype=np.int64)
        wanted = (names, np.full(len(names), NONE, dtype=np.int64))
    return roll_up(
        cells, links_around(cells, expected or ()), rules_of(indicator, target or indicator.period), expected=wanted
    )


def day_of(days: int) -> date:
    return EPOCH + timedelta(days=days)


def days(dates: Collection[date]) -> NDArray[np.int64]:
    """A column of days since 1970-01-01, as the engine counts them."""
    return np.array([(day - EPOCH).days for day in dates], dtype=np.int64)
