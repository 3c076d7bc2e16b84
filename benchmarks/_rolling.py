"""Inside a site: the roll-up of one indicator and period over France, and the same sums by one plain GROUP BY; values
that wait for a préfet's office while pages are measured."""

import time
from datetime import date
from typing import Any

# Sums and counts of reporting units by territory, for what adds up: what one would write first. A body across
# départements is counted in the one that it reported by, and in what contains that one.
PLAIN = """
SELECT c.container_id, sum(v.numerator), sum(v.denominator), count(DISTINCT v.territory_id)
FROM strategy_indicatorvalue v
JOIN territories_containment c ON c.contained_id = coalesce(v.part_id, v.territory_id) AND NOT c.partial
WHERE v.indicator_id = %s AND v.starts_on = %s AND v.state = 'accepted' AND v.superseded_at IS NULL
GROUP BY c.container_id
"""
# A figure each for the plans inside the département, on the first period without any value.
WAITING = """
INSERT INTO strategy_indicatorvalue (indicator_id, plan_id, territory_id, starts_on, numerator, denominator, state,
    entered_by_id, entered_at)
SELECT i.id, p.id, p.territory_id, date_trunc('quarter', current_date)::date, 7,
       CASE WHEN i.nature = 'ratio' THEN 60 END, 'draft', p.created_by_id, now()
FROM strategy_plan p
JOIN territories_containment c ON c.contained_id = p.territory_id AND c.container_id = %s AND NOT c.partial
JOIN strategy_planindicator f ON f.plan_id = p.id
JOIN strategy_indicator i ON i.id = f.indicator_id
WHERE p.territory_id <> %s AND p.in_force_from IS NOT NULL GROUP BY i.id, p.id
ON CONFLICT DO NOTHING RETURNING id
"""


def submit(territory: int) -> list[int]:
    """Have values wait to be accepted; their identifiers."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(WAITING, [territory, territory])
        written = [key for (key,) in cursor.fetchall()]
        # A value is born a draft.
        cursor.execute("UPDATE strategy_indicatorvalue SET state = 'submitted' WHERE id = ANY(%s)", [written])
    return written


def remove(values: list[int]) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM strategy_indicatorvalue WHERE id = ANY(%s)", [values])


def subject(indicator: int) -> tuple[Any, date]:
    """The indicator and the last period that it was reported for."""
    from prevenance.domains.strategy.analysis.totals import periods_reported
    from prevenance.domains.strategy.models import Indicator

    found = Indicator.objects.get(pk=indicator)
    return found, periods_reported(found)[-1]


def by_engine(indicator: int) -> list[float]:
    """Seconds of one roll-up: values read, contained territories read, summed; nothing is written."""
    from prevenance.domains.strategy.analysis.totals import totals_of

    found, starts = subject(indicator)
    begin = time.perf_counter()
    totals_of(found, [starts])
    return [time.perf_counter() - begin]


def by_query(indicator: int) -> list[float]:
    """Seconds of the plain query, its rows read."""
    from django.db import connection

    found, starts = subject(indicator)
    with connection.cursor() as cursor:
        begin = time.perf_counter()
        cursor.execute(PLAIN, [found.pk, starts])
        cursor.fetchall()
        return [time.perf_counter() - begin]


def compared(indicator: int) -> dict[str, Any]:
    """How much there is to sum, and the départements, regions and nation whose sums differ from one to the other."""
    from django.db import connection

    from prevenance.domains.strategy.analysis.totals import SCALE, totals_of
    from prevenance.domains.strategy.models import IndicatorValue
    from prevenance.domains.territories.models import Territory

    found, starts = subject(indicator)
    kept = dict(Territory.objects.filter(kind__in=["departement", "region", "nation"]).values_list("pk", "name"))
    with connection.cursor() as cursor:
        cursor.execute(PLAIN, [found.pk, starts])
        plain = {row[0]: (int(row[1] * SCALE), row[3]) for row in cursor.fetchall() if row[0] in kept}
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE relname = 'strategy_indicatorvalue'")
        (values,) = cursor.fetchone()
    totals = totals_of(found, [starts])
    columns = (totals.container.tolist(), totals.numerator.tolist(), totals.reported.tolist())
    rolled = {place: (above, reported) for place, above, reported in zip(*columns, strict=True) if place in kept}
    reported = IndicatorValue.objects.filter(indicator=found, starts_on=starts, state="accepted", superseded_at=None)
    return {
        "values": values,
        "cells": reported.count(),
        "territories": len(totals.container),
        "differences": [
            f"{kept[place]} : {rolled.get(place)}, {plain.get(place)}"
            for place in sorted(rolled.keys() | plain.keys())
            if rolled.get(place) != plain.get(place)
        ],
    }
