"""Sealing again, for its row, text that an earlier version bound to its column alone. Run by the owner, once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from prevenance.core import audit, vault
from prevenance.core.audit import action
from prevenance.core.audit.actions import Identity
from prevenance.core.vault.key import COLUMN
from prevenance.domains.followup.analysis.reading import place, sealed_fields

BATCH = 500
Told = Callable[[str, int], None]
# How a row finds the key that sealed it: its own, or that of what it hangs on.
KEYS = {
    "key": "SELECT t.id, t.key, {columns} FROM {table} t WHERE {old} AND t.id > %s ORDER BY t.id LIMIT %s",
    "followup": "SELECT t.id, f.key, {columns} FROM {table} t JOIN followup_followup f ON f.id = t.followup_id"
    " WHERE {old} AND t.id > %s ORDER BY t.id LIMIT %s",
    "call": "SELECT t.id, coalesce(c.key, o.key), {columns} FROM {table} t"
    " LEFT JOIN followup_calltoorder c ON c.id = t.call_id LEFT JOIN followup_transaction o ON o.id = t.transaction_id"
    " WHERE {old} AND t.id > %s ORDER BY t.id LIMIT %s",
}


@action(_("Données chiffrées liées à leur ligne"))
def reseal_rows(*, by: Identity, told: Told = lambda what, rows: None) -> tuple[int, int]:
    """(rows sealed again, rows whose key is gone), all in one transaction: nobody else writes in a file meanwhile.

    Run again, it finds what is left. As the owner: no mandate reaches every file. Raises vault.MasterLost, Tampered.
    """
    done, lost = 0, 0
    with connection.cursor() as cursor, open_to_the_owner(cursor):
        for model in sealed_models():
            rows, gone = reseal_table(cursor, model)
            told(str(model._meta.verbose_name), rows)
            done, lost = done + rows, lost + gone
    audit.record(by=by, subject="followup.seals", rows=done, lost=lost)
    return done, lost


def sealed_models() -> list[type[models.Model]]:
    return [model for model in apps.get_app_config("followup").get_models() if sealed_fields(model)]


@contextmanager
def open_to_the_owner(cursor: Any) -> Iterator[None]:
    """Out of the owner's way until the end of the block: the walls, and what keeps ended files as they were."""
    tables = [sql.Identifier(model._meta.db_table) for model in sealed_models()]
    tables.append(sql.Identifier("followup_followup"))
    for table in tables:
        cursor.execute(sql.SQL("ALTER TABLE {0} NO FORCE ROW LEVEL SECURITY, DISABLE TRIGGER USER").format(table))
    yield
    for table in tables:
        cursor.execute(sql.SQL("ALTER TABLE {0} FORCE ROW LEVEL SECURITY, ENABLE TRIGGER USER").format(table))


def reseal_table(cursor: Any, model: type[models.Model]) -> tuple[int, int]:
    """(rows sealed again, rows whose key is gone) of a table."""
    fields = sealed_fields(model)
    names = {field.name for field in model._meta.concrete_fields}
    columns = [sql.Identifier(model._meta.get_field(field).column) for field in fields]
    table = sql.Identifier(model._meta.db_table)
    old = sql.SQL(" OR ").join(
        sql.SQL("substring(t.{} FOR 1) = {}").format(column, sql.Literal(COLUMN)) for column in columns
    )
    select = sql.SQL(KEYS[next(name for name in KEYS if name in names)]).format(
        table=table, old=sql.SQL("({})").format(old),
        columns=sql.SQL(", ").join(sql.SQL("t.{}").format(column) for column in columns),
    )  # fmt: skip
    update = sql.SQL("UPDATE {} SET {} WHERE id = %s").format(
        table, sql.SQL(", ").join(sql.SQL("{} = %s").format(column) for column in columns)
    )
    done, lost, last = 0, 0, 0
    while True:
        cursor.execute(select, [last, BATCH])
        rows = cursor.fetchall()
        if not rows:
            return done, lost
        last = rows[-1][0]
        keys = vault.open_many({row[1] for row in rows})
        fresh = [resealed(model, fields, row, key) for row in rows if (key := keys.get(row[1])) is not None]
        cursor.executemany(update, fresh)
        done, lost = done + len(fresh), lost + len(rows) - len(fresh)


def resealed(model: type[models.Model], fields: list[str], row: tuple[Any, ...], key: vault.Key) -> list[Any]:
    """Values of a row bound to its number, then the number. What is bound already is left as it is."""
    number, _key, *values = row
    blobs = [bytes(value) for value in values]
    return [
        key.seal(key.open(blob, place(model, field)), place(model, field), number) if blob[:1] == COLUMN else blob
        for field, blob in zip(fields, blobs, strict=True)
    ] + [number]
