"""Rows kept in memory by table, then written by COPY."""

import random
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection, models
from django.utils import timezone
from psycopg import sql
from psycopg.types.json import Jsonb

Row = Sequence[Any]


class Shape:
    """The columns of a model that a seed gives; the others take the model's default.

    `columns` are names of fields, `council` or `council_id` alike. Raises ValueError for a field that has no value:
    a field added later to a model must be thought of here too.
    """

    def __init__(self, model: type[models.Model], columns: str) -> None:
        self.model = model
        self.table = model._meta.db_table
        fields = {field.name: field for field in model._meta.concrete_fields}
        given = [fields.pop(name) for name in columns.split()]
        self.defaults: list[tuple[models.Field, Any]] = []
        for field in fields.values():
            if not (field.has_default() or field.null or field.blank or field.name == "id"):
                raise ValueError(f"{model._meta.label}.{field.name} has no value in the seed")
            if field.name != "id":
                self.defaults.append((field, field.default if field.has_default() else field.get_default()))
        self.columns = [field.column for field in given] + [field.column for field, _default in self.defaults]


class Loader:
    """Writes invented rows as the owner. `now` is the day that the demonstration is about; `chance` decides the rest.

    Identifiers follow those that the tables ever gave, so that audit rows of an earlier seed are not taken over.
    """

    def __init__(self, today: date, chance: random.Random) -> None:
        self.today, self.chance = today, chance
        self.now = self.at(today, 8)
        self.waiting: dict[Shape, list[Row]] = defaultdict(list)
        self.written: dict[type[models.Model], int] = defaultdict(int)
        self._next: dict[str, int] = {}

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        """A moment of `day` in French time."""
        return datetime.combine(day, time(hour, minute), timezone.get_default_timezone())

    def days(self, count: int) -> date:
        """The day `count` days after the seed's (before it when negative)."""
        return self.today + timedelta(days=count)

    def new_id(self, model: type[models.Model]) -> int:
        table = model._meta.db_table
        if table not in self._next:
            with connection.cursor() as cursor:
                sequence = sql.SQL("SELECT last_value + is_called::int FROM {}").format(
                    sql.Identifier(f"{table}_id_seq")
                )
                cursor.execute(sequence)
                self._next[table] = cursor.fetchone()[0]
        self._next[table] += 1
        return self._next[table] - 1

    def uuid(self) -> uuid.UUID:
        return uuid.UUID(int=self.chance.getrandbits(128), version=4)

    def add(self, shape: Shape, *values: Any) -> None:
        self.waiting[shape].append(values)

    def extend(self, shape: Shape, rows: Iterable[Row]) -> None:
        self.waiting[shape].extend(rows)

    def flush(self) -> None:
        """Write what waits. Foreign keys are checked at the end of the transaction, so the order is free for them; for
        triggers that look at another table, it is that in which tables first came, at each flush."""
        for shape, rows in self.waiting.items():
            if rows:
                self._copy(shape, rows)
                rows.clear()

    def _copy(self, shape: Shape, rows: list[Row]) -> None:
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(shape.table), sql.SQL(", ").join(map(sql.Identifier, shape.columns))
        )
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            if any(callable(default) for _field, default in shape.defaults):
                for row in rows:
                    copy.write_row([*row, *(self._default(field, default) for field, default in shape.defaults)])
            else:
                same = tuple(default for _field, default in shape.defaults)
                for row in rows:
                    copy.write_row((*row, *same))
        self.written[shape.model] += len(rows)

    def _default(self, field: models.Field, default: Any) -> Any:
        if isinstance(field, models.UUIDField):
            return self.uuid()
        if isinstance(field, models.DateTimeField):
            return self.now
        value = default() if callable(default) else default
        return Jsonb(value) if isinstance(field, models.JSONField) else value

    def finish(self) -> None:
        """Write the rest, and let the tables number from here."""
        self.flush()
        with connection.cursor() as cursor:
            for table, following in self._next.items():
                cursor.execute("SELECT setval(%s, %s, false)", [f"{table}_id_seq", following])
