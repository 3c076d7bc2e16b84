"""Recompute every chain from what the rows say, and name the first row that does not fit.

Written from the description in core's migration 0001, not by calling the database's function: two independent
computations must agree.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

COLUMNS = "scope, seq, at, person, mandate, action, subject, detail, previous, hash"


@dataclass(frozen=True)
class Row:
    """One audit row as stored; `hash` and `previous` are 32 bytes."""

    scope: str
    seq: int
    at: datetime
    person: int | None
    mandate: int | None
    action: str
    subject: str
    detail: str
    previous: bytes
    hash: bytes

    @property
    def name(self) -> str:
        return f"{self.scope} n° {self.seq}"


@dataclass(frozen=True)
class Break:
    """The first thing that does not fit in a chain: which row, and what is wrong, in French."""

    scope: str
    seq: int
    problem: str


@dataclass(frozen=True)
class Link:
    """A point of a chain known from elsewhere (a seal): rank and digest."""

    seq: int
    hash: bytes


def digest(row: Row, previous: bytes) -> bytes:
    """SHA-256 of the previous digest followed by the row's parts, each preceded by its length in bytes."""
    # Whole seconds and microseconds apart: a float would round the last digit.
    microseconds = int(row.at.replace(microsecond=0).timestamp()) * 1_000_000 + row.at.microsecond
    parts = [
        row.scope,
        str(row.seq),
        str(microseconds),
        "-" if row.person is None else str(row.person),
        "-" if row.mandate is None else str(row.mandate),
        row.action,
        row.subject,
        row.detail,
    ]
    encoded = b"".join(b"%d:%s," % (len(part.encode()), part.encode()) for part in parts)
    return hashlib.sha256(previous + encoded).digest()


def first_break(
    rows: Iterable[Row],
    heads: Mapping[str, Link],
    sealed: Mapping[str, list[Link]],
    anchors: Mapping[str, Link],
) -> Break | None:
    """The first row that breaks its chain, or None.

    `rows` come ordered by scope then rank. `heads` are the ends that the database claims, `sealed` the points that
    signed seals remember, `anchors` the last rows of partitions that were dropped when their time had come.
    """
    ends: dict[str, Link] = {}
    points = {scope: {link.seq: link.hash for link in links} for scope, links in sealed.items()}
    for row in rows:
        end = ends.get(row.scope) or anchors.get(row.scope) or Link(0, hashlib.sha256(row.scope.encode()).digest())
        if row.seq != end.seq + 1:
            return Break(row.scope, end.seq + 1, "cette ligne manque, ou l’ordre a changé")
        if row.previous != end.hash or row.hash != digest(row, end.hash):
            return Break(row.scope, row.seq, "cette ligne a été modifiée")
        if points.get(row.scope, {}).get(row.seq, row.hash) != row.hash:
            return Break(row.scope, row.seq, "cette ligne diffère de ce que le sceau a retenu")
        ends[row.scope] = Link(row.seq, row.hash)
    for scope in sorted(set(heads) | set(points) | set(ends)):
        end = ends.get(scope) or anchors.get(scope) or Link(0, b"")
        expected = max(heads[scope].seq if scope in heads else 0, *points.get(scope, {0: b""}))
        if end.seq < expected:
            return Break(scope, end.seq + 1, "cette ligne manque à la fin de la chaîne")
    return None


def stored_rows() -> Iterator[Row]:
    """Every row in order, read through a cursor of the server so that memory stays flat."""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(f"SELECT {COLUMNS} FROM core_auditrow ORDER BY scope, seq")  # noqa: S608  (fixed text)
        while batch := cursor.fetchmany(5000):
            for *fields, previous, hashed in batch:
                yield Row(*fields, bytes(previous), bytes(hashed))


def stored_heads() -> dict[str, Link]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT scope, seq, hash FROM core_audithead WHERE seq > 0")
        return {scope: Link(seq, bytes(hashed)) for scope, seq, hashed in cursor.fetchall()}
