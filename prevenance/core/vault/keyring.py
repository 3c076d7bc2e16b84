"""Making, opening and destroying the keys of files."""

import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from prevenance.core.vault import store
from prevenance.core.vault.key import Key
from prevenance.core.vault.masters import master_keys
from prevenance.core.vault.store import Entry
from prevenance.core.vault.troubles import KeyLost, MasterLost

SECRET = 32


def new() -> UUID:
    """Make a key, on disk before this returns: what it seals can never be committed without it. Raises Unavailable."""
    return new_many(1)[0]


def new_many(count: int) -> list[UUID]:
    """Make `count` keys at once; all are on disk before this returns. Raises Unavailable."""
    root, now = store.folder(), datetime.now(UTC).replace(microsecond=0)
    keys = [(uuid4(), os.urandom(SECRET)) for _number in range(count)]
    wrapped = master_keys().wrap_many(keys)
    entries = [Entry(key_id, *made, now) for (key_id, _secret), made in zip(keys, wrapped, strict=True)]
    store.write(root, entries)
    return [entry.key_id for entry in entries]


def open(key_id: UUID) -> Key:
    """Raises KeyLost when it was destroyed, MasterLost when no master key opens it, StoreLost."""
    found = open_many([key_id]).get(key_id)
    if found is None:
        raise KeyLost(_("La clé de ces données a été détruite : elles ne peuvent plus être lues."))
    return found


def open_many(ids: Iterable[UUID]) -> dict[UUID, Key]:
    """The keys that still exist. Raises MasterLost when no master key opens one of them, StoreLost."""
    root = store.folder()
    stored = (store.read(root, key_id) for key_id in dict.fromkeys(ids))
    entries = [entry for entry in stored if entry is not None and entry.master]
    if not entries:
        return {}
    found = {}
    for entry, secret in zip(entries, master_keys().unwrap_many(entries), strict=True):
        if secret is None or len(secret) != SECRET:
            raise MasterLost(unopened(entry))
        found[entry.key_id] = Key(entry.key_id, secret)
    return found


def destroy(key_id: UUID) -> None:
    """Overwrite and remove the key; nothing happens when it is gone already. Call it after the commit."""
    store.erase(store.folder(), key_id)


def known() -> Iterator[tuple[UUID, datetime]]:
    """Every key of the store with the moment it was made, for the search of those that no row names."""
    root = store.folder()
    for ids in store.shards(root):
        for key_id in ids:
            entry = store.read(root, key_id)
            if entry is not None:  # destroyed since its folder was listed
                yield key_id, entry.made


def unopened(entry: Entry) -> str:
    return _(
        "La clé maîtresse « %(master)s » manque ou n’est plus la même : ces données ne peuvent pas être lues tant que "
        "la personne qui exploite le service ne l’a pas remise."
    ) % {"master": entry.master}
