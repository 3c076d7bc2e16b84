"""What changed between two texts, paragraph by paragraph then word by word, so that it can be read aloud."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from prevenance.core.text import HEADING, ITEM

Piece = tuple[Literal["same", "added", "removed"], str]

TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
ALIKE = 0.5  # two paragraphs that share half of their words are one, rewritten


@dataclass(frozen=True)
class Block:
    """A paragraph: `same`, `added` or `removed` as a whole, or `changed` by its pieces."""

    kind: Literal["same", "added", "removed", "changed"]
    pieces: tuple[Piece, ...]

    @property
    def line(self) -> Literal["heading", "item", "paragraph"]:
        """What its mark says that it is."""
        return "heading" if self.text.startswith(HEADING) else "item" if self.text.startswith(ITEM) else "paragraph"

    @property
    def shown(self) -> tuple[Piece, ...]:
        """The pieces to draw: without the mark, where it did not change."""
        (kind, words), *others = self.pieces or (("same", ""),)
        if kind == "same" or self.kind != "changed":
            words = words.removeprefix(HEADING).removeprefix(ITEM)
        return ((kind, words), *others)

    @property
    def text(self) -> str:
        """The paragraph as it reads now; a removed one as it read."""
        return "".join(words for kind, words in self.pieces if kind != "removed" or self.kind == "removed")


def changes(before: str, after: str) -> list[Block]:
    """Blocks in the order of reading. Without the removed pieces they give `after`, without the added ones `before`."""
    old, new = before.splitlines(), after.splitlines()
    blocks: list[Block] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            blocks += [whole("same", line) for line in new[c:d]]
        elif tag == "delete":
            blocks += [whole("removed", line) for line in old[a:b]]
        elif tag == "insert":
            blocks += [whole("added", line) for line in new[c:d]]
        else:
            blocks += rewritten(old[a:b], new[c:d])
    return blocks


def whole(kind: Literal["same", "added", "removed"], line: str) -> Block:
    return Block(kind, ((kind, line),))


def rewritten(old: list[str], new: list[str]) -> list[Block]:
    """Pair, in order, the paragraphs that are alike; the others left or came."""
    blocks: list[Block] = []
    place = 0
    for line in new:
        alike = next((rank for rank in range(place, len(old)) if likeness(old[rank], line) >= ALIKE), None)
        if alike is None:
            blocks.append(whole("added", line))
            continue
        blocks += [whole("removed", gone) for gone in old[place:alike]]
        blocks.append(Block("changed", words(old[alike], line)))
        place = alike + 1
    return blocks + [whole("removed", gone) for gone in old[place:]]


def likeness(one: str, other: str) -> float:
    """Share of the words that two paragraphs have in common, from 0 to 1."""
    return SequenceMatcher(None, one.split(), other.split(), autojunk=False).ratio()


def words(before: str, after: str) -> tuple[Piece, ...]:
    """The words kept, removed and added, in order; neighbours of one kind are joined."""
    old, new = TOKEN.findall(before), TOKEN.findall(after)
    pieces: list[Piece] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(("same", "".join(new[c:d])))
            continue
        if b > a:
            pieces.append(("removed", "".join(old[a:b])))
        if d > c:
            pieces.append(("added", "".join(new[c:d])))
    return tuple(pieces)
