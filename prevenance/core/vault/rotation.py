"""Passing every stored key under the master key of the day, while others read and write."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from prevenance.core.vault import store
from prevenance.core.vault.keyring import SECRET
from prevenance.core.vault.masters import MasterKeys, master_keys
from prevenance.core.vault.store import Entry

A_DAY = 24 * 3600
UNREADABLE = ""  # the name of the master key of files that cannot be read


@dataclass(frozen=True, slots=True)
class Rotated:
    master: str
    done: int
    already: int
    unopened: Counter[str]  # by master key that is not held, or no longer opens
    leftovers: int


def rotate(say: Callable[[int], None] = lambda seen: None) -> Rotated:
    """Rewrap what is not under the current master key. Safe to stop and run again. Raises Unavailable.

    A key is unwrapped and wrapped, never changed: what it sealed is not touched, and readers find the old file or the
    new one. `say` is told how many keys were seen, a folder at a time.
    """
    root, masters = store.folder(), master_keys()
    target, done, already, unopened, seen = masters.current, 0, 0, Counter[str](), 0
    for ids in store.shards(root):
        entries = [entry for key_id in ids if (entry := store.read(root, key_id)) is not None]
        others = [entry for entry in entries if entry.master != target]
        fresh, failed = rewrapped(masters, others)
        done += store.replace(root, fresh)
        already += len(entries) - len(others)
        unopened.update(entry.master for entry in failed)
        seen += len(entries)
        say(seen)
    leftovers = store.remove_leftovers(root, time.time() - A_DAY)
    return Rotated(target, done, already, unopened, leftovers)


def rewrapped(masters: MasterKeys, entries: list[Entry]) -> tuple[list[Entry], list[Entry]]:
    """Those entries under the current master key, and those that no master key opens."""
    if not entries:
        return [], []
    opened: list[tuple[Entry, tuple[UUID, bytes]]] = []
    failed: list[Entry] = []
    for entry, secret in zip(entries, masters.unwrap_many(entries), strict=True):
        if secret is None or len(secret) != SECRET:
            failed.append(entry)
        else:
            opened.append((entry, (entry.key_id, secret)))
    wrapped = masters.wrap_many([key for _entry, key in opened])
    fresh = [Entry(entry.key_id, *made, entry.made) for (entry, _key), made in zip(opened, wrapped, strict=True)]
    return fresh, failed


def status() -> tuple[str, Counter[str]]:
    """The current master key, and how many stored keys each master key wraps. Raises Unavailable."""
    root = store.folder()
    found: Counter[str] = Counter()
    for ids in store.shards(root):
        found.update(entry.master for key_id in ids if (entry := store.read(root, key_id)) is not None)
    return master_keys().current, found
