"""From sealed columns to what a person reads, in memory and for one request."""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db import models

from prevenance.core import vault
from prevenance.domains.followup.models import FollowUp

Row = TypeVar("Row", bound=vault.SealedRow)


def place(row: models.Model | type[models.Model], field: str) -> str:
    """What ties a sealed value to its column; with the number of its row, moved to another one it does not open."""
    return f"{row._meta.db_table}.{field}"


def sealed_fields(model: type[models.Model] | models.Model) -> list[str]:
    return [field.name for field in model._meta.concrete_fields if isinstance(field, vault.SealedField)]


def sealed(row: Row, key: vault.Key, **values: str) -> Row:
    """Put `values` into sealed columns of `row`, under its file's key. Returns the row, not saved."""
    number = row.take_number()
    for field, value in values.items():
        setattr(row, field, key.seal(value, place(row, field), number))
    return row


def opened_values(row: models.Model, key: vault.Key, fields: Iterable[str] = ()) -> dict[str, str]:
    """What sealed columns of `row` say; those named, or every one. Raises vault.Tampered."""
    return {field: key.open(getattr(row, field), place(row, field), row.pk) for field in fields or sealed_fields(row)}


def key_of(followup: FollowUp) -> vault.Key:
    """The key of a file. Raises vault.KeyLost once it was destroyed, vault.MasterLost."""
    return vault.open(followup.key)


def names(followups: Iterable[FollowUp], identities: Iterable[Any]) -> dict[int, str]:
    """« Prénom Nom » by file, for files that the actor was found to read. A file whose key is gone has none."""
    keys = vault.open_many([followup.key for followup in followups])
    of = {followup.pk: keys.get(followup.key) for followup in followups}
    found = {}
    for identity in identities:
        if key := of.get(identity.followup_id):
            values = opened_values(identity, key, ("given_name", "family_name"))
            found[identity.followup_id] = f"{values['given_name']} {values['family_name']}".strip()
    return found
