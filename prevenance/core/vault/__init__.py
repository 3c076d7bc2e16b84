"""Envelope encryption: a key per file, wrapped by a master key, kept outside the database (docs/adr/0007).

It knows no domain. `new` before the row is written, `destroy` after the commit that erased it; between, `open` gives a
`Key` that seals and opens.
"""

from prevenance.core.vault.fields import SealedField, SealedRow
from prevenance.core.vault.key import Key
from prevenance.core.vault.keyring import destroy, known, new, new_many, open, open_many
from prevenance.core.vault.troubles import KeyLost, MasterLost, StoreLost, Tampered, Unavailable

__all__ = [
    "Key",
    "KeyLost",
    "MasterLost",
    "SealedField",
    "SealedRow",
    "StoreLost",
    "Tampered",
    "Unavailable",
    "destroy",
    "known",
    "new",
    "new_many",
    "open",
    "open_many",
]
