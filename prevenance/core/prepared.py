"""Statements that PostgreSQL plans once a connection, for queries that are put together once (docs/adr/0009).

Planning what a page asks may take longer than reading its rows. The ORM writes values into each text, which makes it a
new one; a composed text stays the same and its values go beside it.
"""

from types import SimpleNamespace
from typing import Any

from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.postgresql.psycopg_any import register_tzloader
from django.db.models import QuerySet
from psycopg.postgres import types
from psycopg.pq import Format

MOMENT = types["timestamptz"].oid


class PreparedCursor(ServerBindingCursor):
    """Prepares what it runs, and leaves the connection as the ORM has it."""

    def execute(self, query: Any, params: Any = None) -> Any:  # type: ignore[override]
        self.connection.prepare_threshold = 0
        try:
            return super().execute(query, params)
        finally:
            self.connection.prepare_threshold = None
            # What Django shows of the last query, and tests count, is read here; values go beside the text.
            self._query = SimpleNamespace(query=query.encode())


class Prepared:
    """Django's connection, whose cursors prepare."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)

    def cursor(self) -> Any:
        connection = self.connection
        connection.ensure_connection()
        with connection.wrap_database_errors:
            cursor = PreparedCursor(connection.connection)
            # As Django does: moments are read in the time zone of the settings.
            if connection.timezone != cursor.adapters.get_loader(MOMENT, Format.TEXT).timezone:
                register_tzloader(connection.timezone, cursor)
            return connection._prepare_cursor(cursor)


def planned(queryset: QuerySet[Any]) -> list[Any]:
    """Rows of a query that Django writes anew, as it must be where a condition of confidentiality opens what is sealed,
    and that PostgreSQL plans once a connection for the same text."""
    reading = queryset.all()
    compiler = reading.query.get_compiler(using=reading.db)
    compiler.connection = Prepared(compiler.connection)
    reading.query.get_compiler = lambda *arguments, **options: compiler  # type: ignore[method-assign]
    return list(reading)
