"""A column that holds sealed text."""

from typing import Any

from django.db import models

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
