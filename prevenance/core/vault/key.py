"""A data key in memory: seals text and attachments for one place each (docs/adr/0007-keys-per-file.md)."""

import os
from typing import NoReturn
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.utils.translation import gettext as _

from prevenance.core.vault.troubles import Tampered

VERSION = b"\x01"
NONCE, TAG = 12, 16
OVERHEAD = len(VERSION) + NONCE + TAG


class Key:
    """AES-256-GCM under one data key. Sealed: version byte, random nonce, ciphertext, tag; nothing stays nothing.

    `place` ("followup_identity.family_name") is authenticated with it: a value moved to another column does not open.
    """

    __slots__ = ("_cipher", "id")

    def __init__(self, key_id: UUID, secret: bytes) -> None:
        self.id = key_id
        self._cipher = AESGCM(secret)

    def seal(self, text: str, place: str) -> bytes:
        return self.seal_bytes(text.encode(), place)

    def open(self, blob: bytes | memoryview, place: str) -> str:
        """Raises Tampered."""
        return self.open_bytes(blob, place).decode()

    def seal_bytes(self, content: bytes, place: str) -> bytes:
        if not content:
            return b""
        nonce = os.urandom(NONCE)
        return VERSION + nonce + self._cipher.encrypt(nonce, content, VERSION + place.encode())

    def open_bytes(self, blob: bytes | memoryview, place: str) -> bytes:
        """Raises Tampered."""
        blob = bytes(blob)
        if not blob:
            return b""
        if is_sealed(blob):
            try:
                return self._cipher.decrypt(blob[1 : 1 + NONCE], blob[1 + NONCE :], VERSION + place.encode())
            except InvalidTag:
                pass  # said below, as for what was never sealed
        raise Tampered(_("Une donnée protégée a été modifiée hors de l’application : elle n’est pas montrée."))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is never written: neither in a session, nor in a cache, nor in a job")


def is_sealed(blob: bytes) -> bool:
    """Whether `blob` has the shape of what a key sealed; only the key tells whether it is."""
    return blob[:1] == VERSION and len(blob) > OVERHEAD
