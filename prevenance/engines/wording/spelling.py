"""The commonest slips of French spelling, undone: doubled letters, ph/f, y/i, th/t; one letter wrong in a long word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

DOUBLED = re.compile(r"([bcdfghjklmnpqrstvwxz])\1+")
# « d’un couteau » is read as « de un couteau »: one way of writing expressions is enough.
ELIDED = {"d": "de", "l": "le", "qu": "que", "n": "ne", "s": "se", "j": "je", "m": "me", "t": "te", "c": "ce"}
LONG = 7  # shorter words have too many neighbours that are other words


@lru_cache(maxsize=65536)
def sounded(word: str) -> str:
    """`word` (folded) with what is often mistaken written one way: « cannabis » and « canabis » are the same."""
    word = ELIDED.get(word, word).replace("ph", "f").replace("th", "t").replace("y", "i").replace("sch", "ch")
    return DOUBLED.sub(r"\1", word)


def without_one(word: str) -> Iterator[str]:
    """`word` with each letter but the first left out."""
    for place in range(1, len(word)):
        yield word[:place] + word[place + 1 :]


def swapped(word: str) -> Iterator[str]:
    """`word` with two neighbours exchanged, the first letter apart."""
    for place in range(1, len(word) - 1):
        if word[place] != word[place + 1]:
            yield word[:place] + word[place + 1] + word[place] + word[place + 2 :]
