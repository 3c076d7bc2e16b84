"""The end of the trail: whole months, sealed, past their dated retention, dropped by the owner."""

import re
from collections.abc import Iterator
from datetime import date

from django.db import connection

from prevenance.core.audit.verify import Link
from prevenance.core.retention import months_kept

NAME = re.compile(r"core_auditrow_(\d{4})_(\d{2})")


class NotSealed(Exception):
    """A month that should end holds rows that no seal covers; the message says what to do, in French."""


def expired(today: date) -> Iterator[str]:
    """Names of the monthly partitions whose last day is older than what is kept."""
    oldest = today.year * 12 + today.month - 1 - months_kept("audit", today)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'core_auditrow'::regclass ORDER BY 1"
        )
        for (name,) in cursor.fetchall():
            month = NAME.fullmatch(name)
            if month and int(month[1]) * 12 + int(month[2]) - 1 < oldest:
                yield name


def last_links(partition: str) -> dict[str, Link]:
    """The last row of each chain in `partition`: where verification will begin once it is gone."""
    if not NAME.fullmatch(partition):
        raise ValueError(partition)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT ON (scope) scope, seq, hash FROM {partition} ORDER BY scope, seq DESC"  # noqa: S608
        )
        return {scope: Link(seq, bytes(hashed)) for scope, seq, hashed in cursor.fetchall()}


def drop(partition: str) -> None:
    """Drop one partition. Owner only: the application has no such right."""
    if not NAME.fullmatch(partition):
        raise ValueError(partition)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {partition}")


def check_sealed(ends: dict[str, Link], points: dict[str, list[Link]]) -> None:
    """Raises NotSealed when a chain's end in the month lies beyond the last sealed point of that chain."""
    for scope, end in ends.items():
        if max((link.seq for link in points.get(scope, [])), default=0) < end.seq:
            raise NotSealed(f"La chaîne {scope} n’est pas scellée jusque-là : posez un sceau (prevenance audit seal).")
