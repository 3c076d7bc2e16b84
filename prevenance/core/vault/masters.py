"""Master keys, which wrap the data keys: from the environment, a file, or a key service.

The first source named wraps, all unwrap: so one passes from a key, or from a source, to another without a stop.
"""

import contextlib
import functools
import os
import re
import secrets
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.utils.translation import gettext as _

from prevenance.core.vault.store import Entry
from prevenance.core.vault.transit import Transit
from prevenance.core.vault.troubles import MasterLost

NONCE = 12
LINE = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]{0,39}):([0-9a-fA-F]{64})")


class MasterKeys(Protocol):
    """Wraps data keys. All raise MasterLost when nothing answers."""

    @property
    def current(self) -> str:
        """The name of the master key that wraps now."""

    def wrap_many(self, keys: Sequence[tuple[UUID, bytes]]) -> list[tuple[str, bytes]]:
        """For each key, the name of the master key and what it made; bound to the key's identifier."""

    def unwrap_many(self, entries: Sequence[Entry]) -> list[bytes | None]:
        """The data keys in the same order; None for those of a master key that is not held."""


class Local:
    """Master keys in this process's memory, named and ordered: the first wraps."""

    def __init__(self, keys: dict[str, bytes]) -> None:
        self.current = next(iter(keys))
        self.ciphers = {name: AESGCM(secret) for name, secret in keys.items()}

    def wrap_many(self, keys: Sequence[tuple[UUID, bytes]]) -> list[tuple[str, bytes]]:
        cipher, name, found = self.ciphers[self.current], self.current, []
        for key_id, secret in keys:
            nonce = os.urandom(NONCE)
            found.append((name, nonce + cipher.encrypt(nonce, secret, bound_to(key_id, name))))
        return found

    def unwrap_many(self, entries: Sequence[Entry]) -> list[bytes | None]:
        return [self.unwrap(entry) for entry in entries]

    def unwrap(self, entry: Entry) -> bytes | None:
        cipher = self.ciphers.get(entry.master)
        if cipher is None or len(entry.wrapped) <= NONCE:
            return None
        try:
            return cipher.decrypt(entry.wrapped[:NONCE], entry.wrapped[NONCE:], bound_to(entry.key_id, entry.master))
        except InvalidTag:
            return None


class InTurn:
    """Several sources: the first wraps; what one does not open, the next tries."""

    def __init__(self, sources: Sequence[MasterKeys]) -> None:
        self.sources = sources

    @property
    def current(self) -> str:
        return self.sources[0].current

    def wrap_many(self, keys: Sequence[tuple[UUID, bytes]]) -> list[tuple[str, bytes]]:
        return self.sources[0].wrap_many(keys)

    def unwrap_many(self, entries: Sequence[Entry]) -> list[bytes | None]:
        found: list[bytes | None] = [None] * len(entries)
        for source in self.sources:
            left = [place for place, secret in enumerate(found) if secret is None]
            if not left:
                break
            for place, secret in zip(left, source.unwrap_many([entries[place] for place in left]), strict=True):
                found[place] = secret
        return found


def bound_to(key_id: UUID, master: str) -> bytes:
    """What is authenticated with a wrapped key: a file renamed as another key does not open."""
    return b"prevenance key 1\0" + key_id.bytes + master.encode()


def master_keys() -> MasterKeys:
    """The sources of `settings.MASTER_SOURCES`; by default the environment, else the key service, else the file."""
    names = settings.MASTER_SOURCES or [
        "environment" if settings.MASTER_KEYS_GIVEN else "transit" if settings.TRANSIT["url"] else "file"
    ]
    unknown = [name for name in names if name not in SOURCES]
    if unknown:
        raise MasterLost(_("Source de clés maîtresses inconnue : %(name)s.") % {"name": unknown[0]})
    sources = [SOURCES[name]() for name in names]
    return sources[0] if len(sources) == 1 else InTurn(sources)


def from_environment() -> MasterKeys:
    return parsed(settings.MASTER_KEYS_GIVEN, "PREVENANCE_MASTER_KEYS")


def from_file() -> MasterKeys:
    path = Path(settings.MASTER_KEYS)
    try:
        state = path.stat()
    except FileNotFoundError:
        make(path)
        state = path.stat()
    # Read again as soon as it changes, so that a new master key needs no restart.
    return in_file(path, state.st_mtime_ns, state.st_ino, state.st_size)


def from_service() -> MasterKeys:
    return Transit(**settings.TRANSIT)


SOURCES: dict[str, Callable[[], MasterKeys]] = {
    "environment": from_environment,
    "file": from_file,
    "transit": from_service,
}


def make(path: Path) -> None:
    """A first master key, in a demonstration only: elsewhere a missing file is a file lost, or a disk not mounted."""
    if not settings.DEMONSTRATION:
        raise MasterLost(
            _(
                "Aucune clé maîtresse : rien de protégé ne peut être lu ni enregistré. La personne qui exploite "
                "le service doit remettre le fichier %(path)s, ou en faire un premier (prevenance keys generate)."
            )
            % {"path": path.name}
        )
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(new_line(date.today()) + "\n")
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):  # another process was first: its key is the key
        os.link(partial, path)
    partial.unlink()


def new_line(today: date) -> str:
    """A new master key, ready for the file or the environment. Two made on one day are told apart."""
    return f"{today:%Y-%m-%d}-{secrets.token_hex(2)}:{secrets.token_hex(32)}"


@functools.lru_cache(maxsize=2)
def in_file(path: Path, *state: int) -> Local:
    return parse(path.read_text(), path.name)


@functools.lru_cache(maxsize=2)
def parsed(text: str, origin: str) -> Local:
    return parse(text, origin)


def parse(text: str, origin: str) -> Local:
    """Master keys written "name:64 hexadecimal digits", a line or a comma apart; lines that begin with # are notes."""
    lines = [line.strip() for line in re.split(r"[\n,]", text)]
    found: dict[str, bytes] = {}
    for line in lines:
        if not line or line.startswith("#"):
            continue
        match = LINE.fullmatch(line)
        if match is None or match[1] in found:  # the line itself is not shown: it may hold a key
            raise MasterLost(
                _("Clés maîtresses illisibles dans %(origin)s : une par ligne, nom:64 chiffres hexadécimaux.")
                % {"origin": origin}
            )
        found[match[1]] = bytes.fromhex(match[2])
    if not found:
        raise MasterLost(_("Aucune clé maîtresse dans %(origin)s.") % {"origin": origin})
    return Local(found)
