"""A column that holds sealed text, and the row that it is bound to."""

from typing import Any

from django.db import connection, models

from prevenance.core.vault.key import is_sealed, longest_sealed


class SealedField(models.BinaryField):
    """Holds what `Key.seal` gave, as bytes; empty by default. `length`: the longest text, in characters.

    Validation sees sealed bytes, so a text a little too long may pass it: forms bound what is typed.
    Readable text is refused on its way to the database: a forgotten `seal` must not write a name in clear.
    """

    def __init__(self, *args: Any, length: int | None = None, **kwargs: Any) -> None:
        self.length = length
        if length is not None:
            kwargs["max_length"] = longest_sealed(length)
        super().__init__(*args, **{"default": b"", "blank": True} | kwargs)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, _path, args, kwargs = super().deconstruct()
        if self.length is not None:
            del kwargs["max_length"]
            kwargs["length"] = self.length
        return name, "prevenance.core.vault.SealedField", args, kwargs

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> bytes | None:
        return None if value is None else bytes(value)

    def to_python(self, value: Any) -> bytes | None:
        value = super().to_python(value)
        return None if value is None else bytes(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is not None:
            if not isinstance(value, bytes | bytearray | memoryview) or (value and not is_sealed(bytes(value))):
                raise ValueError(f"{self.name} holds what a key sealed, and nothing else")
            value = bytes(value)
        return super().get_db_prep_value(value, connection, prepared)


class SealedRow(models.Model):
    """A row with sealed columns: it takes its number before it is written, since what is sealed is bound to it."""

    class Meta:
        abstract = True

    def take_number(self) -> int:
        """The number of the row: its own, else the next of its table, never given before."""
        if self.pk is None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [self._meta.db_table])
                self.pk = cursor.fetchone()[0]
        return int(self.pk)

    def save(self, *args: Any, **options: Any) -> None:
        """A row that took its number is new all the same: it is written, never looked for."""
        if self._state.adding and not options.get("force_update"):
            options["force_insert"] = True
        super().save(*args, **options)
