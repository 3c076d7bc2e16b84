"""COPY for reference data: make a table say exactly what a data frame says, touching only the rows that differ.

It writes without actions or audit of its own: only a loader run as the owner of the database may use it.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.db import connection
from psycopg import sql


@dataclass(frozen=True)
class Changes:
    added: int
    changed: int
    removed: int


def make_equal(
    table: str, frame: pl.DataFrame, key: tuple[str, ...], *, removable: tuple[str, list[int]] | None = None
) -> Changes:
    """Add, change and remove rows of `table` until its columns named in `frame` hold what `frame` holds.

    `key` names the columns that tell rows apart. Rows already right are not rewritten, so that loading the same
    vintage again costs a read, and the identifiers that other tables point to never move. `removable`, a column and
    its values, says which rows may be removed when `frame` lacks them; all of them when left out.
    """
    incoming = sql.Identifier(f"incoming_{table}")
    target = sql.Identifier(table)
    columns = [sql.Identifier(name) for name in frame.columns]
    same = sql.SQL(" AND ").join(sql.SQL("t.{0} = i.{0}").format(sql.Identifier(name)) for name in key)
    others = [sql.Identifier(name) for name in frame.columns if name not in key]
    listed = sql.SQL(", ").join(columns)
    names = {"incoming": incoming, "target": target, "columns": listed, "same": same}
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("CREATE TEMP TABLE {incoming} ON COMMIT DROP AS SELECT {columns} FROM {target} LIMIT 0").format(
                **names
            )
        )
        with cursor.copy(sql.SQL("COPY {incoming} ({columns}) FROM STDIN (FORMAT csv)").format(**names)) as copy:
            copy.write(frame.write_csv(include_header=False).encode())
        cursor.execute(sql.SQL("ANALYZE {incoming}").format(**names))
        extra = "DELETE FROM {target} t WHERE NOT EXISTS (SELECT FROM {incoming} i WHERE {same})"
        if removable is None:
            removed = _count(cursor, extra, names)
        else:
            names["among"] = sql.Identifier(removable[0])
            removed = _count(cursor, extra + " AND t.{among} = ANY(%s)", names, [removable[1]])
        changed = 0
        if others:
            changed = _count(
                cursor,
                "UPDATE {target} t SET {settings} FROM {incoming} i WHERE {same} AND ({old}) IS DISTINCT FROM ({new})",
                names
                | {
                    "settings": sql.SQL(", ").join(sql.SQL("{0} = i.{0}").format(name) for name in others),
                    "old": sql.SQL(", ").join(sql.SQL("t.{}").format(name) for name in others),
                    "new": sql.SQL(", ").join(sql.SQL("i.{}").format(name) for name in others),
                },
            )
        with _checked_together(cursor, table, target):
            added = _count(
                cursor,
                "INSERT INTO {target} ({columns}) SELECT {columns} FROM {incoming} i "
                "WHERE NOT EXISTS (SELECT FROM {target} t WHERE {same})",
                names,
            )
        cursor.execute(sql.SQL("DROP TABLE {incoming}").format(**names))
        if added or changed or removed:
            cursor.execute(sql.SQL("ANALYZE {target}").format(**names))
    return Changes(added, changed, removed)


def _count(cursor: Any, statement: str, names: dict[str, Any], values: list[Any] | None = None) -> int:
    cursor.execute(sql.SQL(statement).format(**names), values)
    return int(cursor.rowcount)


@contextlib.contextmanager
def _checked_together(cursor: Any, table: str, target: sql.Identifier) -> Iterator[None]:
    """Check the foreign keys of a table filled for the first time in one pass: row by row takes half of the load.

    A table that already has rows may be in use: its keys are left alone.
    """
    keys: list[tuple[str, str]] = []
    cursor.execute(sql.SQL("SELECT EXISTS (SELECT FROM {})").format(target))
    if not cursor.fetchone()[0]:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid = %s::regclass AND contype = 'f'",
            [table],
        )
        keys = cursor.fetchall()
    for name, _definition in keys:
        cursor.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(target, sql.Identifier(name)))
    yield
    for name, definition in keys:
        cursor.execute(
            sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} ").format(target, sql.Identifier(name)) + sql.SQL(definition)
        )
