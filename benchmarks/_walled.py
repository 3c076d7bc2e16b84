"""Inside a site: a page's own queries with the wall of files up and down, and counts of follow-ups two ways."""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import psycopg

# Each row in the département, region and nation of its group's council, the one with the lowest code where there are
# several: what one would write first.
PLAIN = """
SELECT w.id, l.category, l.sex, l.age_band, count(DISTINCT l.body_id),
       count(*) FILTER (WHERE l.entered_month >= %(start)s),
       count(*) FILTER (WHERE l.left_month BETWEEN %(start)s AND %(last)s),
       count(*) FILTER (WHERE l.left_month IS NULL OR l.left_month > %(last)s),
       count(*) FILTER (WHERE l.referent_named AND (l.left_month IS NULL OR l.left_month > %(last)s))
FROM followup_line l
JOIN governance_body b ON b.id = l.body_id
JOIN governance_council c ON c.id = b.council_id
JOIN LATERAL (
    SELECT DISTINCT ON (t.kind) t.id FROM territories_containment i
    JOIN territories_territory t ON t.id = i.container_id
    WHERE i.contained_id = c.territory_id AND t.kind IN ('departement', 'region', 'nation') ORDER BY t.kind, t.code
) w ON true
WHERE l.entered_month <= %(last)s AND (l.left_month IS NULL OR l.left_month >= %(start)s)
GROUP BY w.id, l.category, l.sex, l.age_band
"""
WALLED = "SELECT relname FROM pg_class WHERE relforcerowsecurity AND relname LIKE 'followup%' ORDER BY relname"

_owner: list[psycopg.Connection] = []


def owner() -> psycopg.Connection:
    """The tables' owner, on whom the wall bears since it is forced; a connection of its own."""
    if not _owner:
        _owner.append(psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True))
    return _owner[0]


@contextmanager
def seen_by_owner(wall: bool) -> Iterator[Any]:
    """A cursor of the owner in a transaction that is given back: inside, the wall is up as usual, or down."""
    connection = owner()
    with connection.transaction(force_rollback=True), connection.cursor() as cursor:
        if not wall:
            for (table,) in cursor.execute(WALLED).fetchall():
                cursor.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        yield cursor


def replay(queries: Sequence[tuple[str, Any]], wall: bool, times: int) -> list[float]:
    """Seconds of a page's own queries, `times` times in one transaction after one that is not counted."""
    found = []
    with seen_by_owner(wall) as cursor:
        for turn in range(times + 1):
            begin = time.perf_counter()
            for sql, parameters in queries:
                cursor.execute(sql, parameters)
                if cursor.description:
                    cursor.fetchall()
            if turn:
                found.append(time.perf_counter() - begin)
    return found


def reach(wall: bool) -> int:
    """How many files the owner reaches, acting for nobody."""
    with seen_by_owner(wall) as cursor:
        return int(cursor.execute("SELECT count(*) FROM followup_followup").fetchone()[0])


def quarter() -> date:
    """The last whole quarter."""
    from django.utils import timezone

    from prevenance.domains.followup import statistics
    from prevenance.domains.followup.rules import clocks

    return clocks.months_after(statistics.quarter_of(timezone.localdate()), -3)


def tally() -> int:
    """Count the last quarter, as the nightly job does; how many rows. Written again, they are the same."""
    from prevenance.core.audit import MACHINE
    from prevenance.domains.followup import actions

    return actions.count_quarter(starts_on=quarter(), by=MACHINE)


def by_engine() -> list[float]:
    from prevenance.domains.followup import statistics

    begin = time.perf_counter()
    statistics.counted(quarter())
    return [time.perf_counter() - begin]


def by_query() -> list[float]:
    """The wall is down for the plain query: it has nothing to weigh there."""
    with seen_by_owner(wall=False) as cursor:
        cursor.execute("SELECT 1")
        begin = time.perf_counter()
        cursor.execute(PLAIN, bounds())
        cursor.fetchall()
        return [time.perf_counter() - begin]


def bounds() -> dict[str, date]:
    from prevenance.domains.followup import statistics

    return {"start": quarter(), "last": statistics.last_month(quarter())}


def compared() -> dict[str, Any]:
    """How much both count, and where they differ."""
    from prevenance.domains.followup import statistics

    ours = {
        (row.territory_id, row.category, row.sex, row.age_band): [
            row.groups, row.entered, row.left, row.followed, row.with_referent
        ]
        for row in statistics.counted(quarter())
    }  # fmt: skip
    with seen_by_owner(wall=False) as cursor:
        plain = {row[:4]: list(row[4:]) for row in cursor.execute(PLAIN, bounds()).fetchall()}
        lines = cursor.execute("SELECT count(*) FROM followup_line").fetchone()[0]
    differences = [
        f"{key}: {ours.get(key)} {plain.get(key)}" for key in {*ours, *plain} if ours.get(key) != plain.get(key)
    ]
    return {"lines": lines, "cells": len(ours), "differences": differences}
