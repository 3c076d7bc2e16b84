"""Text as words without accents or capitals, each with its place in what was typed."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# An acronym with dots (T.I.G.) is one word; otherwise a word is a run of letters and digits.
WORD = re.compile(r"[a-z](?:\.[a-z]){1,7}\.?(?![^\W_])|[^\W_]+")
ENDS = frozenset(".!?;…\n\r\u2028\u2029")
# A point after one of these ends no sentence.
ABBREVIATED = frozenset(
    [
        "m",
        "mr",
        "mm",
        "dr",
        "me",
        "st",
        "ste",
        "pr",
        "prof",
        "av",
        "bd",
        "art",
        "cf",
        "ex",
        "env",
        "min",
        "rdv",
        "tel",
        "etc",
        "no",
    ]
)
LETTERS = {"œ": "oe", "æ": "ae", "ß": "ss", "’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "‐": "-", "‑": "-"}


@lru_cache(maxsize=4096)
def folded_letter(letter: str) -> str:
    """Lower case without accents; "" for a mark that only combines; spaces of all kinds become one kind."""
    if letter in LETTERS:
        return LETTERS[letter]
    if letter.isspace():
        return "\n" if letter in "\n\r\u2028\u2029\x0b\x0c\x85" else " "
    small = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", letter).lower())
    return "".join(LETTERS.get(c, c) for c in small if not unicodedata.combining(c))


def plain(text: str) -> str:
    """`text` folded, without its places."""
    return "".join(map(folded_letter, text))


@dataclass(frozen=True, slots=True)
class Word:
    """One word: `key` folded, `start` and `end` in what was typed, `before` what separates it from the previous word.

    `sentence` counts from 0; `first` begins its sentence; `capital` begins with a capital; `upper` has only capitals
    (two letters at least); `dotted` is an acronym with dots, or a word that a point follows.
    """

    key: str
    start: int
    end: int
    before: str
    sentence: int
    first: bool
    capital: bool
    upper: bool
    dotted: bool


def words_of(text: str) -> tuple[Word, ...]:
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for position, letter in enumerate(text):
        made = folded_letter(letter)
        if not made and ends:
            ends[-1] = position + 1  # a mark belongs to the letter that it follows
        for small in made:
            letters.append(small)
            starts.append(position)
            ends.append(position + 1)
    flat = "".join(letters)
    words: list[Word] = []
    sentence, last = 0, 0
    for found in WORD.finditer(flat):
        before = flat[last : found.start()]
        key = found.group().replace(".", "")
        start, end = starts[found.start()], ends[found.end() - 1]
        typed = text[start:end]
        previous = words[-1] if words else None
        ended = previous is None or _ends(before, previous)
        if previous is not None and ended:
            sentence += 1
        words.append(
            Word(
                key=key,
                start=start,
                end=end,
                before=before,
                sentence=sentence,
                first=ended,
                capital=typed[:1].isupper(),
                upper=len(key) > 1 and typed.isupper(),
                dotted="." in found.group() or flat[found.end() : found.end() + 1] == ".",
            )
        )
        last = found.end()
    return tuple(words)


def _ends(before: str, previous: Word) -> bool:
    """Whether a sentence ends between two words."""
    if not ENDS.intersection(before):
        return False
    single = len(previous.key) == 1 or previous.key in ABBREVIATED
    return not (single and before.strip(" ") == ".")
