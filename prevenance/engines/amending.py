"""A text amended rather than rewritten: applying changes, finding them in an edited text, tracing each sentence.

A text is a set of paragraphs, each with an anchor that stays from one version to the next, a part, and a position: a
decimal number, so that there is always room between two paragraphs. An amendment is a set of edits, one an anchor.
The stored form is a set of versions, each true from a day to another; the consolidated text of a day is read from them
without applying anything (legislative practice: the consolidated versions of Légifrance, each article dated from a day
to another). Pairing follows Ratcliff and Obershelp's likeness of two sequences, as in the standard module difflib.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, localcontext
from difflib import SequenceMatcher
from typing import Literal
from uuid import UUID

DIGITS, PLACES = 50, 35  # of a position: as many as the database keeps
EXACT = Context(prec=2 * DIGITS)
ALIKE = 0.5  # two paragraphs that share half of their words are one, rewritten

BLANK_LINE = re.compile(r"\n[ \t\u00a0]*\n")
# After a full stop, before what may begin a sentence; a list's lines are sentences of their own.
SENTENCE_END = re.compile(r"(?<=[.!?…])(?:[ \u00a0\u202f]»)?[ \u00a0\u202f]+(?=[«“\"(]?[A-ZÀ-ÖØ-ÞŒ0-9])|(?<=\n)")
ABBREVIATED = re.compile(r"(?:\b[A-Z]|\b(?:art|al|cf|p|pp|etc|M|Mme|n|ex|t|vol))\.$")

Kind = Literal["insert", "replace", "remove"]


class AmendingError(ValueError):
    """An amendment that does not fit the text it is applied to."""


class UnknownAnchor(AmendingError):
    """Replaces or removes a paragraph that the text does not have."""


class DuplicateAnchor(AmendingError):
    """Inserts a paragraph that the text has already, or changes one twice."""


class NoRoom(AmendingError):
    """No position is left between two paragraphs."""


@dataclass(frozen=True)
class Paragraph:
    """`position` orders paragraphs within their `part`."""

    anchor: UUID
    part: str
    position: Decimal
    text: str


@dataclass(frozen=True)
class Edit:
    """What an amendment does to one paragraph: where it stands and reads afterwards; a removed one has no text."""

    kind: Kind
    anchor: UUID
    part: str
    position: Decimal
    text: str = ""


@dataclass(frozen=True)
class Version:
    """A paragraph from day `since` to the day before `until` (None: still), brought and replaced by amendments.

    Amendments are named by their numbers. Two of one day took effect in the order of their numbers.
    """

    paragraph: Paragraph
    brought_by: int
    since: date
    replaced_by: int | None = None
    until: date | None = None

    def stands(self, on: date) -> bool:
        return self.since <= on and (self.until is None or on < self.until)


@dataclass(frozen=True)
class Sentence:
    """A sentence, its spaces included, and the amendment that brought it."""

    text: str
    brought_by: int


@dataclass(frozen=True)
class Traced:
    """A paragraph and its sentences, which put end to end are its text."""

    paragraph: Paragraph
    sentences: tuple[Sentence, ...]

    @property
    def amendments(self) -> tuple[int, ...]:
        """Those that brought a sentence of it, in order."""
        return tuple(sorted({sentence.brought_by for sentence in self.sentences}))


def order(paragraphs: Iterable[Paragraph]) -> tuple[Paragraph, ...]:
    return tuple(sorted(paragraphs, key=lambda one: (one.part, one.position, str(one.anchor))))


# ------------------------------------------------------------------------------------------------ applying


def apply(text: Iterable[Paragraph], edits: Iterable[Edit]) -> tuple[Paragraph, ...]:
    """The text once amended, by part then position.

    Raises UnknownAnchor for a replacement or a removal of a paragraph that is not there, DuplicateAnchor for an
    insertion of one that is there or for two edits of one anchor.
    """
    found = {one.anchor: one for one in text}
    seen: set[UUID] = set()
    for edit in edits:
        if edit.anchor in seen:
            raise DuplicateAnchor(f"two edits of {edit.anchor}")
        seen.add(edit.anchor)
        if edit.kind == "insert":
            if edit.anchor in found:
                raise DuplicateAnchor(f"{edit.anchor} is there already")
        elif edit.anchor not in found:
            raise UnknownAnchor(f"{edit.anchor} is not there")
        if edit.kind == "remove":
            del found[edit.anchor]
        else:
            found[edit.anchor] = Paragraph(edit.anchor, edit.part, edit.position, edit.text)
    return order(found.values())


def consolidated(versions: Iterable[Version], on: date) -> tuple[Paragraph, ...]:
    """The text on a day, by part then position."""
    return order(version.paragraph for version in versions if version.stands(on))


# ------------------------------------------------------------------------------------------------ finding edits


def split(typed: str) -> tuple[str, ...]:
    """The paragraphs of a typed text: what blank lines part, without the spaces around."""
    lines = typed.replace("\r\n", "\n").replace("\r", "\n")
    return tuple(piece for piece in (one.strip() for one in BLANK_LINE.split(lines)) if piece)


def join(paragraphs: Iterable[Paragraph]) -> str:
    """The text to edit: `split` gives its paragraphs back."""
    return "\n\n".join(one.text for one in paragraphs)


def edits_between(
    before: Iterable[Paragraph], after: Sequence[str], part: str, new_anchor: Callable[[], UUID]
) -> tuple[Edit, ...]:
    """The fewest edits that make part `part` of `before` read as the texts `after`, in their order.

    An unchanged paragraph has no edit and keeps its anchor; one rewritten is replaced, one found elsewhere moved, under
    its anchor; the others are inserted, under `new_anchor()`, or removed. Positions lie strictly between those of the
    neighbours that stay; where no decimal is left there, every paragraph of the part takes a new one.
    """
    old = order(one for one in before if one.part == part)
    pairs = _paired(old, after)
    kept = {new: old[was] for was, new in pairs}
    try:
        positions = _positions(kept, len(after))
    except NoRoom:
        positions = [Decimal(rank) for rank in range(1, len(after) + 1)]
    staying = {one.anchor for one in kept.values()}
    gone = {one.anchor: one for one in old if one.anchor not in staying}
    edits: list[Edit] = []
    for rank, text in enumerate(after):
        stays = kept.get(rank)
        if stays is None:
            # One that reads the same elsewhere was moved.
            stays = next((one for one in gone.values() if one.text == text), None)
            if stays is not None:
                del gone[stays.anchor]
        if stays is None:
            edits.append(Edit("insert", new_anchor(), part, positions[rank], text))
        elif (stays.position, stays.text) != (positions[rank], text):
            edits.append(Edit("replace", stays.anchor, part, positions[rank], text))
    edits += [Edit("remove", one.anchor, part, one.position) for one in gone.values()]
    return tuple(edits)


def _paired(old: Sequence[Paragraph], after: Sequence[str]) -> list[tuple[int, int]]:
    """(rank before, rank after) of the paragraphs that stay where they were, in order, same or rewritten."""
    texts = [one.text for one in old]
    pairs: list[tuple[int, int]] = []
    for tag, a, b, c, d in SequenceMatcher(None, texts, list(after), autojunk=False).get_opcodes():
        if tag == "equal":
            pairs += zip(range(a, b), range(c, d), strict=True)
        elif tag == "replace":
            # What was only moved is not taken for the rewriting of something else.
            moved = set(texts) & set(after[c:d]) | set(texts[a:b]) & set(after)
            pairs += [(a + was, c + now) for was, now in _rewritten(texts[a:b], list(after[c:d]), moved)]
    return pairs


def _rewritten(old: Sequence[str], new: Sequence[str], apart: set[str]) -> list[tuple[int, int]]:
    """The pairs, in order, whose likenesses add up to the most; none below ALIKE."""
    likes = [[0.0 if {one, other} & apart else likeness(one, other) for other in new] for one in old]
    best = [[0.0] * (len(new) + 1) for _row in range(len(old) + 1)]
    for i in reversed(range(len(old))):
        for j in reversed(range(len(new))):
            paired = likes[i][j] + best[i + 1][j + 1] if likes[i][j] >= ALIKE else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], paired)
    pairs: list[tuple[int, int]] = []
    i = j = 0
    while i < len(old) and j < len(new):
        if best[i][j] == best[i + 1][j]:
            i += 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            pairs.append((i, j))
            i, j = i + 1, j + 1
    return pairs


def likeness(one: str, other: str) -> float:
    """Share of their words that two texts have in common and in the same order, from 0 to 1."""
    compared = SequenceMatcher(None, one.split(), other.split(), autojunk=False)
    # The first two are upper bounds, cheaper than the last.
    if compared.real_quick_ratio() < ALIKE or compared.quick_ratio() < ALIKE:
        return 0.0
    return compared.ratio()


def _positions(kept: dict[int, Paragraph], count: int) -> list[Decimal]:
    """A position for each rank: that of the paragraph which stays there, else one strictly between its neighbours'."""
    found: list[Decimal] = []
    low: Decimal | None = None
    for rank in range(count + 1):
        if rank < count and rank not in kept:
            continue
        high = kept[rank].position if rank < count else None
        found += between(low, high, rank - len(found))
        if high is not None:
            found.append(high)
        low = high
    return found


def between(low: Decimal | None, high: Decimal | None, count: int) -> list[Decimal]:
    """`count` growing positions strictly between two, None being no bound. Raises NoRoom beyond PLACES decimals."""
    if count <= 0:
        return []
    with localcontext(EXACT):
        if low is None and high is None:
            return [Decimal(rank) for rank in range(1, count + 1)]
        if high is None and low is not None:
            first = low.to_integral_value(ROUND_FLOOR) + 1
            return [first + rank for rank in range(count)]
        if low is None and high is not None:
            last = high.to_integral_value(ROUND_CEILING) - 1
            return [last - rank for rank in reversed(range(count))]
        assert low is not None
        assert high is not None
        middle = _shortest(low, high)
        half = count // 2
        return [*between(low, middle, half), middle, *between(middle, high, count - half - 1)]


def _shortest(low: Decimal, high: Decimal) -> Decimal:
    """The decimal of fewest places near the middle of ]low, high[."""
    middle = (low + high) / 2
    for places in range(PLACES + 1):
        for rounding in (ROUND_FLOOR, ROUND_CEILING):
            one = middle.quantize(Decimal(1).scaleb(-places), rounding)
            if low < one < high:
                return one
    raise NoRoom(f"no position of {PLACES} decimals between {low} and {high}")


# ------------------------------------------------------------------------------------------------ tracing


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a paragraph, each with the spaces that follow it: put end to end they are `text`."""
    found: list[str] = []
    start = 0
    for end in SENTENCE_END.finditer(text):
        piece = text[start : end.end()]
        if not piece or (ABBREVIATED.search(piece.rstrip(" \u00a0\u202f")) and not piece.endswith("\n")):
            continue
        found.append(piece)
        start = end.end()
    return tuple([*found, text[start:]] if text[start:] else found)


def traced(versions: Iterable[Version], on: date) -> tuple[Traced, ...]:
    """The text on a day with, for each sentence, the amendment that brought it.

    A sentence that an amendment kept, in its paragraph or moved to another of the same part, keeps the amendment that
    first brought it. Paragraphs come by part then position.
    """
    begun = [version for version in versions if version.since <= on]
    arriving: dict[int, list[Version]] = defaultdict(list)
    leaving: dict[int, list[Version]] = defaultdict(list)
    days: dict[int, date] = {}
    for version in begun:
        arriving[version.brought_by].append(version)
        days[version.brought_by] = version.since
        if version.replaced_by is not None and version.until is not None and version.until <= on:
            leaving[version.replaced_by].append(version)
            days[version.replaced_by] = version.until
    found: dict[UUID, Traced] = {}
    for number in sorted(days, key=lambda one: (days[one], one)):
        gone = {version.paragraph.anchor: found.pop(version.paragraph.anchor) for version in leaving[number]}
        found |= _attributed(number, [version.paragraph for version in arriving[number]], gone)
    places = {one.anchor: rank for rank, one in enumerate(order(one.paragraph for one in found.values()))}
    return tuple(sorted(found.values(), key=lambda one: places[one.paragraph.anchor]))


def _attributed(number: int, new: Sequence[Paragraph], gone: dict[UUID, Traced]) -> dict[UUID, Traced]:
    """Sentences of the paragraphs that amendment `number` brings: those of `gone` paragraphs keep their origin."""
    own: dict[UUID, dict[str, deque[int]]] = {anchor: _pool([one]) for anchor, one in gone.items()}
    pieces = {one.anchor: sentences(one.text) for one in new}
    origins: dict[UUID, list[int | None]] = {}
    for one in new:
        pool = own.get(one.anchor, {})
        origins[one.anchor] = [pool[key].popleft() if pool.get(key) else None for key in map(_key, pieces[one.anchor])]
    # What its own paragraph lost may have gone to another one of the part.
    for one in new:
        rest = [pool for anchor, pool in own.items() if gone[anchor].paragraph.part == one.part]
        for rank, piece in enumerate(pieces[one.anchor]):
            if origins[one.anchor][rank] is None:
                left = next((pool[_key(piece)] for pool in rest if pool.get(_key(piece))), None)
                origins[one.anchor][rank] = left.popleft() if left else number
    return {
        one.anchor: Traced(
            one,
            tuple(
                Sentence(piece, number if origin is None else origin)
                for piece, origin in zip(pieces[one.anchor], origins[one.anchor], strict=True)
            ),
        )
        for one in new
    }


def _pool(paragraphs: Iterable[Traced]) -> dict[str, deque[int]]:
    """{sentence: the amendments that brought it}, a place an occurrence."""
    found: dict[str, deque[int]] = defaultdict(deque)
    for one in paragraphs:
        for sentence in one.sentences:
            found[_key(sentence.text)].append(sentence.brought_by)
    return found


def _key(sentence: str) -> str:
    return " ".join(sentence.split())


def counted(paragraphs: Iterable[Paragraph]) -> dict[str, Counter[str]]:
    """{part: how many times each sentence is read there}: what a reader compares a text by."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for one in paragraphs:
        found[one.part].update(map(_key, sentences(one.text)))
    return dict(found)


def amended(versions: Iterable[Version], number: int, on: date, edits: Iterable[Edit]) -> tuple[Version, ...]:
    """The versions once amendment `number` has taken effect on a day: the stored form of `apply`.

    Raises as `apply` does, and AmendingError for a day before that of a version which still stands.
    """
    changes = {edit.anchor: edit for edit in edits}
    current = {version.paragraph.anchor: version for version in versions if version.until is None}
    if any(version.since > on for version in current.values()):
        raise AmendingError("an amendment takes effect after those before it")
    after = {one.anchor: one for one in apply([version.paragraph for version in current.values()], changes.values())}
    found = [
        replace(version, replaced_by=number, until=on)
        if version.until is None and version.paragraph.anchor in changes
        else version
        for version in versions
    ]
    found += [Version(after[anchor], number, on) for anchor in changes if anchor in after]
    return tuple(found)
