"""The mark of a demonstration database: without it, nothing is emptied and nothing invented is written.

The mark is a comment on a table: it follows dumps and copies of the database, any role can read it (`\\d+`), and only
the owner can write it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from psycopg import sql

from prevenance.core.refusals import Refused

MARK = "Base de démonstration : toutes les personnes y sont inventées."
MARKED_TABLE = "accounts_person"
# What a real service holds. Territories are reference data, and the audit trail begins with their loading.
REAL = ("accounts_person", "accounts_organisation", "accounts_mandate", "governance_council")
# All that people and councils hold hangs on these: their TRUNCATE reaches it by cascade. Keys of files that nothing
# names any longer are destroyed by the nightly sweep.
ROOTS = ("accounts_person", "accounts_organisation", "accounts_scope", "followup_filekey")


def is_marked() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(%s::regclass, 'pg_class')", [MARKED_TABLE])
        return bool(cursor.fetchone()[0] == MARK)


def mark() -> None:
    """Mark the database as demonstration. Raises Refused when it holds data that nobody said were invented."""
    if is_marked():
        return
    with connection.cursor() as cursor:
        for table in REAL:
            cursor.execute(sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(table)))
            if cursor.fetchone()[0]:
                raise Refused(
                    "Cette base contient déjà des données et n’est pas une base de démonstration : rien n’y a été "
                    "écrit. Indiquez une base vide dans DATABASE_URL et DATABASE_OWNER_URL."
                )
        statement = sql.SQL("COMMENT ON TABLE {} IS {}").format(sql.Identifier(MARKED_TABLE), sql.Literal(MARK))
        cursor.execute(statement)


def empty() -> None:
    """Remove people, organisations, scopes and all that hangs on them. Territories and audit rows stay.

    Identifiers are not used again, so that what the audit trail says of the earlier ones stays true.
    """
    if not is_marked():
        raise Refused("Cette base n’est pas une base de démonstration : elle ne sera pas vidée.")
    with connection.cursor() as cursor:
        tables = sql.SQL(", ").join(sql.Identifier(table) for table in ROOTS)
        cursor.execute(sql.SQL("TRUNCATE {} CASCADE").format(tables))


@contextmanager
def without_trigger(table: str, trigger: str) -> Iterator[None]:
    """Lift one of our own locks for the block, in the running transaction: a failure brings it back with the rest."""
    names = {"table": sql.Identifier(table), "trigger": sql.Identifier(trigger)}
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # PostgreSQL alters no table that has checks waiting
        cursor.execute(sql.SQL("ALTER TABLE {table} DISABLE TRIGGER {trigger}").format(**names))
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(sql.SQL("ALTER TABLE {table} ENABLE TRIGGER {trigger}").format(**names))
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
