"""The outer wall: PostgreSQL's own row security, and the rights of the role that the application runs as.

The application role owns nothing. What it may do on a table is said on the model (`database_rights`), and given
again after each migration; a table that says nothing is read and written. See docs/adr/0003-roles.md.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.conf import settings
from django.db import connection
from psycopg import sql

READ, APPEND, ALL = "SELECT", "SELECT, INSERT", "SELECT, INSERT, UPDATE, DELETE"

# Row-security policies read this setting; NULLIF because it is '' and not NULL once a transaction has ended.
ACTING_MANDATE = "NULLIF(current_setting('prevenance.mandate', true), '')::bigint"


def act_as(mandate_id: int | None) -> None:
    """Tell the database, for the current transaction only, under which mandate it is asked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('prevenance.mandate', %s, true)", [str(mandate_id or "")])


# Roles that the application takes for one task, inside a transaction: each sees what its task needs and no more.
CLOCK, STATISTICS = "prevenance_clock", "prevenance_statistics"


@contextmanager
def as_role(role: str) -> Iterator[None]:
    """Be `role` until the end of the block, in the current transaction; a rollback gives the first role back too."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))
        yield
        cursor.execute("SET LOCAL ROLE NONE")


class MissingRole(Exception):
    """The server lacks a role that only its administrator can make; the message gives the statement, in French."""


def ensure_roles(*_migration: object) -> None:
    """Make sure of the task roles, for a migration whose policies name them. Raises MissingRole."""
    with connection.cursor() as cursor:
        for role in (CLOCK, STATISTICS):
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
            if cursor.fetchone():
                continue
            cursor.execute("SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user")
            if not cursor.fetchone()[0]:
                raise MissingRole(
                    f"Le rôle {role} manque sur ce serveur. Faites exécuter par son administrateur : "
                    f"CREATE ROLE {role} NOLOGIN; GRANT {role} TO {settings.APPLICATION_ROLE};"
                )
            cursor.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
            cursor.execute(
                sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), sql.Identifier(settings.APPLICATION_ROLE))
            )


def give_rights() -> None:
    """Give the application role exactly what each model declares. Runs as the owner, after migrations.

    A right such as "SELECT, INSERT (scope, action)" is by column, as in SQL. Nothing else is ever granted.
    """
    role = settings.APPLICATION_ROLE
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        if cursor.fetchone()[0] == role:
            return  # a server with a single role: there is nobody to restrict (docs/operations.md warns)
        app = sql.Identifier(role)
        cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(app))
        cursor.execute(sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(app))
        cursor.execute(sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(app))
        tables = set(connection.introspection.table_names(cursor))
        declared = {
            model._meta.db_table: getattr(model, "database_rights", ALL)
            for model in apps.get_models(include_auto_created=True)
        }
        for table in sorted(tables):
            rights = declared.get(table, ALL if table.startswith("procrastinate_") else READ)
            if rights:
                cursor.execute(sql.SQL(f"GRANT {rights} ON {{}} TO {{}}").format(sql.Identifier(table), app))
        give_task_rights(cursor, tables)


def give_task_rights(cursor, tables: set[str]) -> None:
    """Give the task roles what models declare for them: `clock_rights`, `statistics_rights`."""
    for role, declared in ((CLOCK, "clock_rights"), (STATISTICS, "statistics_rights")):
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        if not cursor.fetchone():
            continue  # before the migration that needs it
        name = sql.Identifier(role)
        cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(name))
        cursor.execute(sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(name))
        for model in apps.get_models(include_auto_created=True):
            rights = getattr(model, declared, "")
            if rights and model._meta.db_table in tables:
                table = sql.Identifier(model._meta.db_table)
                cursor.execute(sql.SQL(f"GRANT {rights} ON {{}} TO {{}}").format(table, name))


def policy_sql(table: str, using: str) -> str:
    """SQL that puts `table` behind forced row security, for reading and writing alike, with one condition."""
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;\n"
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY;\n"
        f"CREATE POLICY acting_mandate ON {table} USING ({using}) WITH CHECK ({using});"
    )
