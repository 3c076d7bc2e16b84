"""COPY, for reference data and for rows that come by the thousand.

`make_equal` makes a table say exactly what a data frame says, touching only the rows that differ; it writes without
actions or audit of its own: only a loader run as the owner of the database may use it. `insert` and `update` are for
actions.
"""

import contextlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.db import connection, models
from psycopg import sql
from psycopg.types.json import Jsonb


def update(rows: Collection[models.Model], names: Collection[str]) -> None:
    """Write fields `names` of rows of one model that are there already, as `bulk_update` does, in two statements."""
    if not rows:
        return
    options = type(next(iter(rows)))._meta
    fields = [options.pk, *(options.get_field(name) for name in names)]
    columns = [sql.Identifier(field.column) for field in fields]
    words = {
        "told": sql.Identifier(f"told_{options.db_table}"), "target": sql.Identifier(options.db_table),
        "columns": sql.SQL(", ").join(columns), "key": columns[0],
        "settings": sql.SQL(", ").join(sql.SQL("{0} = told.{0}").format(column) for column in columns[1:]),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("CREATE TEMP TABLE {told} ON COMMIT DROP AS SELECT {columns} FROM {target} LIMIT 0").format(**words)
        )
        with cursor.copy(sql.SQL("COPY {told} ({columns}) FROM STDIN").format(**words)) as copy:
            for row in rows:
                copy.write_row([_sent(field, getattr(row, field.attname)) for field in fields])
        cursor.execute(sql.SQL("ANALYZE {told}").format(**words))  # or the whole target is read for a few rows
        cursor.execute(
            sql.SQL("UPDATE {target} t SET {settings} FROM {told} told WHERE t.{key} = told.{key}").format(**words)
        )
        cursor.execute(sql.SQL("DROP TABLE {told}").format(**words))


def insert(rows: Collection[models.Model]) -> None:
    """Insert rows of one model, and give each its identifier, as `bulk_create` does: lists of words are sent in one
    stream instead of a parameter each, which Django does for columns that are no arrays."""
    if not rows:
        return
    model = type(next(iter(rows)))
    fields = model._meta.concrete_fields
    table, key = sql.Identifier(model._meta.db_table), model._meta.pk
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [model._meta.db_table, key.column, len(rows)],
        )
        for row, (identifier,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = identifier
        columns = sql.SQL(", ").join(sql.Identifier(field.column) for field in fields)
        with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(table, columns)) as copy:
            for row in rows:
                copy.write_row([_sent(field, getattr(row, field.attname)) for field in fields])
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def _sent(field: Any, value: Any) -> Any:
    return Jsonb(value) if isinstance(field, models.JSONField) and value is not None else value


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
