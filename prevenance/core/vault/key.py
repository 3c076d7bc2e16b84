"""A data key in memory: seals text and attachments for one place each (docs/adr/0007-keys-per-file.md)."""

import os
from typing import NoReturn
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.utils.translation import gettext as _

from prevenance.core.vault.troubles import Tampered

COLUMN, ROW = b"\x01", b"\x02"  # what a value is bound to, under its key: its column, or its row of that column
NONCE, TAG = 12, 16
OVERHEAD = len(ROW) + NONCE + TAG
BLOCK = 64  # bytes: two words of a closed list, or two names, must not be told apart by their length
END = b"\x80"


class Key:
    """AES-256-GCM under one data key. Sealed: version byte, random nonce, ciphertext, tag; nothing stays nothing.

    `place` ("followup_identity.family_name") and `row` (its number) are authenticated with it: a value moved to another
    column, or to another row of the same file, does not open. Text sealed before rows were bound opens by its place
    alone, until the operator has sealed it again and refuses it (`settings.OLD_SEALS_REFUSED`).
    Text is filled up to whole blocks; an attachment keeps its size, and its place names it.
    """

    __slots__ = ("_cipher", "id")

    def __init__(self, key_id: UUID, secret: bytes) -> None:
        self.id = key_id
        self._cipher = AESGCM(secret)

    def seal(self, text: str, place: str, row: int | None = None) -> bytes:
        content = text.encode()
        if not content:
            return b""
        filled = content + END + bytes(-(len(content) + 1) % BLOCK)
        if row is None:
            return self._seal(COLUMN, filled, b"text\0", place)
        return self._seal(ROW, filled, b"text\0", bound(place, row))

    def open(self, blob: bytes | memoryview, place: str, row: int | None = None) -> str:
        """Raises Tampered."""
        if row is not None and is_bound(blob):
            place = bound(place, row)
        elif row is not None and blob and settings.OLD_SEALS_REFUSED:
            raise Tampered(tampered())
        return self._open(blob, b"text\0", place).rpartition(END)[0].decode()

    def seal_bytes(self, content: bytes, place: str) -> bytes:
        return self._seal(COLUMN, content, b"bytes\0", place) if content else b""

    def open_bytes(self, blob: bytes | memoryview, place: str) -> bytes:
        """Raises Tampered."""
        return self._open(blob, b"bytes\0", place)

    def _seal(self, version: bytes, content: bytes, kind: bytes, place: str) -> bytes:
        nonce = os.urandom(NONCE)
        return version + nonce + self._cipher.encrypt(nonce, content, version + kind + place.encode())

    def _open(self, blob: bytes | memoryview, kind: bytes, place: str) -> bytes:
        blob = bytes(blob)
        if not blob:
            return b""
        if is_sealed(blob):
            try:
                return self._cipher.decrypt(blob[1 : 1 + NONCE], blob[1 + NONCE :], blob[:1] + kind + place.encode())
            except InvalidTag:
                pass  # said below, as for what was never sealed
        raise Tampered(tampered())

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is never written: neither in a session, nor in a cache, nor in a job")


def bound(place: str, row: int) -> str:
    return f"{place}\0{row}"


def tampered() -> str:
    return _("Une donnée protégée a été modifiée hors de l’application : elle n’est pas montrée.")


def is_sealed(blob: bytes) -> bool:
    """Whether `blob` has the shape of what a key sealed; only the key tells whether it is."""
    return blob[:1] in (COLUMN, ROW) and len(blob) > OVERHEAD


def is_bound(blob: bytes | memoryview) -> bool:
    """Whether it says that it was sealed for a row."""
    return bytes(blob[:1]) == ROW


def longest_sealed(length: int) -> int:
    """How many bytes a sealed text of `length` characters takes at most."""
    written = length * 4  # the longest that UTF-8 writes
    return OVERHEAD + written + 1 + -(written + 1) % BLOCK
