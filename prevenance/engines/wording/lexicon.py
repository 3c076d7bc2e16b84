"""Expressions, rules and names, as read from the lexicons and indexed by their first word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, get_args

from prevenance.engines.wording.folding import Word
from prevenance.engines.wording.spelling import LONG, sounded, swapped, without_one

Category = Literal["offence", "health", "origin", "religion", "third"]
CATEGORIES: tuple[Category, ...] = get_args(Category)
MEMORY = 50_000  # words remembered at most by each table
STOPS = frozenset(",:()[]")  # no expression goes on past one of these, unless it has a gap there


@dataclass(frozen=True, slots=True)
class Piece:
    """What one word of an expression may be: one of `words`, or a word that begins like one of `stems`.

    `gap` > 0: up to so many words of any kind instead. `typed`: only where capitals were typed (HP, TS).
    """

    words: frozenset[str] = frozenset()
    stems: tuple[str, ...] = ()
    optional: bool = False
    gap: int = 0
    typed: bool = False

    def fits(self, reading: str, word: Word) -> bool:
        if self.typed and not word.upper:
            return False
        return reading in self.words or (bool(self.stems) and reading.startswith(self.stems))


Expression = tuple[Piece, ...]


@dataclass(frozen=True)
class Table:
    """Expressions found by their first word, whatever their number."""

    expressions: tuple[Expression, ...]
    by_word: dict[str, list[Expression]] = field(default_factory=dict, repr=False, compare=False)
    by_stem: dict[str, list[Expression]] = field(default_factory=dict, repr=False, compare=False)
    longest: int = field(default=0, compare=False)
    _found: dict[str, tuple[Expression, ...]] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        for expression in self.expressions:
            for word in expression[0].words:
                self.by_word.setdefault(word, []).append(expression)
            for stem in expression[0].stems:
                self.by_stem.setdefault(stem, []).append(expression)
        object.__setattr__(self, "longest", max(map(len, self.by_stem), default=0))

    def starting(self, reading: str) -> tuple[Expression, ...]:
        """Expressions whose first word `reading` may be."""
        found = self._found.get(reading)
        if found is None:
            lists = [self.by_stem.get(reading[:n], []) for n in range(1, min(len(reading), self.longest) + 1)]
            found = tuple(e for several in (self.by_word.get(reading, []), *lists) for e in several)
            if len(self._found) < MEMORY:
                self._found[reading] = found
        return found

    def spans(self, words: Sequence[Word], readings: Sequence[str], first: int, last: int) -> Iterator[tuple[int, int]]:
        """(start, end) in words of every expression that begins between words `first` and `last` (excluded)."""
        for start in range(first, last):
            beginning = self.starting(readings[start])
            if beginning and (end := max(ends(expression, words, readings, start) for expression in beginning)):
                yield start, end


def ends(expression: Expression, words: Sequence[Word], readings: Sequence[str], start: int) -> int:
    """Where `expression` ends if it begins at word `start`, in words; 0 if it does not. The longest reading."""
    places = {start}
    sentence = words[start].sentence
    for rank, piece in enumerate(expression):
        after: set[int] = set(places) if piece.optional else set()
        for place in places:
            if piece.gap:
                for further in range(place, min(place + piece.gap, len(words)) + 1):
                    if further > place and words[further - 1].sentence != sentence:
                        break
                    after.add(further)
            elif place < len(words) and words[place].sentence == sentence:
                before_gap = rank == 0 or expression[rank - 1].gap > 0
                if (before_gap or not STOPS.intersection(words[place].before)) and piece.fits(
                    readings[place], words[place]
                ):
                    after.add(place + 1)
        if not after:
            return 0
        places = after
    return max(places)


@dataclass(frozen=True)
class Rule:
    """Expressions that are found; with `near`, only where one of those stands within `within` words of it; with `away`,
    only where none of those stands in the sentence."""

    category: Category
    advice: str
    say: Table
    near: Table | None = None
    away: Table | None = None
    within: int = 8


@dataclass(frozen=True)
class Names:
    """What helps to tell the name of a person from another word. All folded."""

    given: frozenset[str]  # given names
    also_words: frozenset[str]  # among them, those that are also common words, places or family names
    family: frozenset[str]  # family names that are nothing else
    titles: frozenset[str]
    kin: frozenset[str]
    roles: frozenset[str]
    called: frozenset[str]  # « surnommé », « alias »
    groups: frozenset[str]  # « famille », « fratrie »
    between: frozenset[str]  # words that may stand between a relative and the name: « aîné »
    places: frozenset[str]  # what is named after people: « lycée », « rue », « boulangerie »
    linking: frozenset[str]  # what stands between such a word and the name
    never: frozenset[str]  # words with a capital that name nobody
    working: frozenset[str]  # « stage », « alternance »: what follows « chez » is then a company
    verbs: frozenset[str]  # after a name that is also a word, at the beginning of a sentence
    famous: frozenset[str]  # « victor hugo »
    advice: str


@dataclass(frozen=True)
class Lexicon:
    """All that `examine` knows. `advice` maps an advice key to a French sentence."""

    rules: tuple[Rule, ...]
    excuses: Mapping[Category, Table]
    apart: tuple[Rule, ...]  # what is excused near other words: « prison » near « film »
    names: Names
    advice: Mapping[str, str]
    words: frozenset[str]  # true words that look like a slip of a word of the lexicons
    _read: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def _known(self) -> tuple[frozenset[str], tuple[str, ...], frozenset[str]]:
        """(words, stems, names), as they sound."""
        tables = [t for r in (*self.rules, *self.apart) for t in (r.say, r.near, r.away) if t] + list(
            self.excuses.values()
        )
        pieces = [p for table in tables for expression in table.expressions for p in expression]
        names = frozenset(map(sounded, self.names.given | self.names.family))
        return (
            frozenset(w for p in pieces for w in p.words),
            tuple({s for p in pieces for s in p.stems}),
            names,
        )

    @cached_property
    def _slips(self) -> tuple[frozenset[str], dict[str, str], dict[str, str]]:
        """(long words, one letter left out or two exchanged, the same of stems) → what was meant. Only words that say
        enough alone: a slip of an ordinary word changes nothing. The end of a stem is what tells it from other words.
        """
        said = [e[0] for rule in self.rules if rule.near is None for e in rule.say.expressions if len(e) == 1]
        words = frozenset(w for p in said for w in p.words if len(w) >= LONG and not w.endswith("x"))
        out: dict[str, str] = {}
        stems: dict[str, str] = {}
        for word in sorted(words):
            out.update(dict.fromkeys((*without_one(word), *swapped(word)), word))
        for stem in sorted({s for p in said for s in p.stems if len(s) >= LONG}):
            slips = (*without_one(stem), *swapped(stem))
            stems.update((slip, stem) for slip in slips if slip[-2:] == stem[-2:] and len(slip) >= LONG - 1)
        return words, out, stems

    def reading(self, key: str) -> str:
        """A folded word as it sounds, or the word of the lexicons of which it is a slip."""
        found = self._read.get(key)
        if found is None:
            found = self._meant(sounded(key), key)
            if len(self._read) < MEMORY:
                self._read[key] = found
        return found

    def _meant(self, word: str, key: str) -> str:
        known, stems, names = self._known
        if len(word) < LONG - 1 or len(word) > 30 or key in self.words:
            return word
        if word in known or word in names or word.startswith(stems):
            return word
        long, out, cut = self._slips
        if word in out:
            return out[word]
        for shorter in without_one(word):
            if shorter in long:
                return shorter
            meant = out.get(shorter, "")
            if len(meant) == len(word) > LONG and sum(a != b for a, b in zip(meant, word, strict=True)) == 1:
                return meant
        for length in range(LONG - 1, len(word) + 1):
            if meant := cut.get(word[:length], ""):
                return meant + word[length:]
        return word
