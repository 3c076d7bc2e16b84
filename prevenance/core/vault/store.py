"""The key store: one small file a key, in `settings.KEY_STORE`, outside the database so that no dump holds a key.

`A/B/UUID.json`, A and B the first hexadecimal digits: 256 folders. Each holds {"master", "wrapped", "made"}. Files
appear by renaming, whole and already on disk. `lock` marks a folder as a key store, and orders rewriting against
destroying: a key destroyed while it is being rewrapped must not come back.
"""

import base64
import contextlib
import fcntl
import json
import os
import re
import secrets
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from prevenance.core.vault.troubles import StoreLost

LOCK = "lock"
DIGITS = "0123456789abcdef"
NAME = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.json")  # anything else in a folder is not ours
ONE_BY_ONE = 64  # above, one flush of the whole disk is faster than one a file


@dataclass(frozen=True, slots=True)
class Entry:
    """One wrapped key; `master` is empty when the file is there but cannot be read (destroying it was cut short)."""

    key_id: UUID
    master: str
    wrapped: bytes
    made: datetime


def prepare() -> Path:
    """Make an empty store where there is none."""
    root = Path(settings.KEY_STORE)
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(root / LOCK, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        flush_folders({root, root.parent})
    return root


def folder() -> str:
    """The store, made at first use in a demonstration only. Raises StoreLost."""
    root = os.fspath(settings.KEY_STORE)
    if not os.path.exists(f"{root}/{LOCK}"):  # noqa: PTH110  (read with every page: a Path costs more than the call)
        if not settings.DEMONSTRATION:
            raise StoreLost(
                _(
                    "Le magasin des clés est introuvable : rien de protégé ne peut être lu ni enregistré. "
                    "La personne qui exploite le service doit remonter son disque, ou le préparer s’il est nouveau "
                    "(prevenance keys prepare)."
                )
            )
        prepare()
    return root


def place_of(root: str, key_id: UUID) -> str:
    text = str(key_id)
    return f"{root}/{text[0]}/{text[1]}/{text}.json"


def read(root: str, key_id: UUID) -> Entry | None:
    """The key as it is stored; None when there is no file."""
    path = place_of(root, key_id)
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        stored = json.loads(os.read(handle, 16_384))
        wrapped = base64.b64decode(stored["wrapped"], validate=True)
        return Entry(key_id, stored["master"], wrapped, datetime.fromisoformat(stored["made"]))
    except (ValueError, KeyError, TypeError):
        return Entry(key_id, "", b"", datetime.fromtimestamp(os.fstat(handle).st_mtime, UTC))
    finally:
        os.close(handle)


def write(
    root: str, entries: Sequence[Entry], *, place: Callable[[list[tuple[Entry, str]]], None] | None = None
) -> None:
    """Write every entry beside its place, flush, then rename: what a crash leaves is never half a key."""
    partials: list[tuple[Entry, str]] = []
    flush_each = len(entries) <= ONE_BY_ONE or place is not None or sys.platform != "linux"
    try:
        for entry in entries:
            partial = f"{place_of(root, entry.key_id)}.{secrets.token_hex(4)}"
            handle = create(partial)
            partials.append((entry, partial))
            try:
                os.write(handle, serialised(entry))
                if flush_each:
                    os.fsync(handle)
            finally:
                os.close(handle)
        if not flush_each:
            os.sync()
        (place or rename)(partials)
    except BaseException:
        for _entry, partial in partials:
            with contextlib.suppress(FileNotFoundError):  # renamed already
                os.unlink(partial)  # noqa: PTH108
        raise
    flush_folders({Path(partial).parent for _entry, partial in partials})


def rename(partials: list[tuple[Entry, str]]) -> None:
    for _entry, partial in partials:
        os.replace(partial, partial.rpartition(".")[0])  # noqa: PTH105


def create(path: str) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        return os.open(path, flags, 0o600)
    except FileNotFoundError:
        shard = Path(path).parent
        for made in (shard.parent, shard):  # each by its own mkdir: made as a parent, it would be open to read
            made.mkdir(exist_ok=True, mode=0o700)
            flush_folders({made.parent})
        return os.open(path, flags, 0o600)


def serialised(entry: Entry) -> bytes:
    wrapped = base64.b64encode(entry.wrapped).decode()
    return json.dumps({"master": entry.master, "wrapped": wrapped, "made": entry.made.isoformat()}).encode()


def replace(root: str, entries: Sequence[Entry]) -> int:
    """Write keys anew in the place of the same ones; those destroyed meanwhile stay so. Returns how many it wrote."""
    done = 0

    def where_still_there(partials: list[tuple[Entry, str]]) -> None:
        nonlocal done
        with locked(root):
            for entry, partial in partials:
                if Path(place_of(root, entry.key_id)).exists():
                    os.replace(partial, place_of(root, entry.key_id))  # noqa: PTH105
                    done += 1
                else:  # destroying took the partial file as well, when it saw it
                    Path(partial).unlink(missing_ok=True)

    write(root, entries, place=where_still_there)
    return done


def erase(root: str, key_id: UUID) -> None:
    """Overwrite then remove the key, and what an interrupted rewrapping left of it."""
    shard = Path(place_of(root, key_id)).parent
    with locked(root):
        found = [path for path in shard.glob(f"{key_id}.json*") if path.is_file()]
        for path in found:
            with open(path, "r+b", buffering=0) as file:
                file.write(bytes(path.stat().st_size))
                os.fsync(file.fileno())
            path.unlink()
        if found:
            flush_folders({shard})


@contextlib.contextmanager
def locked(root: str) -> Iterator[None]:
    with open(f"{root}/{LOCK}", "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield  # closing the file unlocks


def shards(root: str) -> Iterator[list[UUID]]:
    """The identifiers of the keys, a folder at a time."""
    for first in DIGITS:
        for second in DIGITS:
            try:
                names = os.listdir(f"{root}/{first}/{second}")  # noqa: PTH208
            except FileNotFoundError:
                continue
            yield sorted(UUID(name[:-5]) for name in names if NAME.fullmatch(name))


def remove_leftovers(root: str, before: float) -> int:
    """Remove the partial files that crashes left, older than `before` (seconds of the epoch)."""
    gone = 0
    for partial in Path(root).glob("?/?/*.json.*"):
        with contextlib.suppress(FileNotFoundError):  # its writer was only slow, and renamed it
            if partial.stat().st_mtime < before:
                partial.unlink()
                gone += 1
    return gone


def flush_folders(paths: Iterable[Path]) -> None:
    for path in paths:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
