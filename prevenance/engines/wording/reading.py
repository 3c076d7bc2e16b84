"""Reading of lexicons from plain data (what YAML files give), with every field checked; nothing is opened here.

Expressions are written one a line, or with commas between. In one, `condamn*` begins so; `a|b` is one or the other;
`?le` may be left out; `~` is up to three words of any kind, `~5` up to five; `@people` is one of a list of the file;
`=vole` is this very word, where others are also read in the plural; `^TS` is typed in capitals. « d’ » is read « de ».

`rules` find; `excuses` are longer expressions that excuse what ends in them; `apart` excuses what it says where it
stands near other words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any, cast

from prevenance.engines.wording.folding import plain
from prevenance.engines.wording.lexicon import (
    CATEGORIES,
    Category,
    Expression,
    Lexicon,
    Names,
    Piece,
    Rule,
    Table,
)
from prevenance.engines.wording.spelling import sounded

LONGEST_GAP = 6
RULE_FIELDS = {"advice": str, "say": str, "near": str, "away": str, "within": int}
APART_FIELDS = {"say": str, "near": str, "within": int}
FILE_FIELDS = {"category": str, "advice": dict, "lists": dict, "rules": list, "apart": list, "excuses": str}


class LexiconError(ValueError):
    """A lexicon that cannot be read, and where."""


def lexicon_from(
    files: Iterable[tuple[str, Any]], names: Any, given: Iterable[str], words: Iterable[str] = ()
) -> Lexicon:
    """The lexicon of `files` (name, content), of `names` (content of the file of names) and of `given` names.

    `words`: those that look like a slip of something else and are not. Raises LexiconError naming the file.
    """
    advice: dict[str, str] = {}
    rules: list[Rule] = []
    excuses: dict[Category, Table] = {}
    apart: list[Rule] = []
    for origin, content in files:
        try:
            _file(content, advice, rules, excuses, apart)
        except LexiconError as fault:
            raise LexiconError(f"{origin}: {fault}") from None
    return Lexicon(
        tuple(rules), excuses, tuple(apart), _names(names, given, advice), advice, frozenset(map(plain, words))
    )


def _file(
    content: Any, advice: dict[str, str], rules: list[Rule], excuses: dict[Category, Table], apart: list[Rule]
) -> None:
    _check(content, FILE_FIELDS, {"lists", "apart", "excuses"})
    category = cast(Category, content["category"])
    if category not in CATEGORIES or category in excuses:
        raise LexiconError(f"category is unknown or met twice: {category!r}")
    own = _advice(content["advice"], advice)
    lists = {name: _alternatives(str(text).split()) for name, text in content.get("lists", {}).items()}
    excuses[category] = _table(content.get("excuses", ""), lists)
    for row in content["rules"]:
        _check(row, RULE_FIELDS, {"near", "away", "within"})
        if row["advice"] not in own:
            raise LexiconError(f"advice {row['advice']!r} is not written")
        near, away = (_table(row[key], lists) if key in row else None for key in ("near", "away"))
        rules.append(Rule(category, row["advice"], _table(row["say"], lists), near, away, row.get("within", 8)))
    for row in content.get("apart", []):
        _check(row, APART_FIELDS, {"within"})
        say, near = _table(row["say"], lists), _table(row["near"], lists)
        apart.append(Rule(category, "", say, near, None, row.get("within", 8)))


def _advice(rows: Mapping[str, Any], known: dict[str, str]) -> set[str]:
    for key, sentence in rows.items():
        if not isinstance(sentence, str) or not sentence.strip().endswith(".") or key in known:
            raise LexiconError(f"advice {key!r} must be one sentence, once")
        known[key] = sentence.strip()
    return set(rows)


def _check(row: Any, types: Mapping[str, Any], optional: set[str]) -> None:
    if not isinstance(row, Mapping):
        raise LexiconError("a mapping of fields is expected")
    unknown, absent = row.keys() - types.keys(), types.keys() - optional - row.keys()
    if unknown or absent:
        raise LexiconError(f"unknown fields {sorted(map(str, unknown))}, absent fields {sorted(absent)}")
    for name, value in row.items():
        if not isinstance(value, types[name]):
            raise LexiconError(f"field {name} has the wrong type: {value!r}")


def _table(text: str, lists: Mapping[str, Piece]) -> Table:
    return Table(tuple(expression_from(line, lists) for line in re.split(r"[,\n]", text) if line.strip()))


def expression_from(line: str, lists: Mapping[str, Piece]) -> Expression:
    """Raises LexiconError for a line that is no expression."""
    pieces = tuple(_piece(text, lists) for text in re.split(r"[\s'’-]+", line.strip()) if text)
    if not pieces or pieces[0].optional or pieces[0].gap or pieces[-1].gap:
        raise LexiconError(f"an expression begins and ends with a word: {line!r}")
    return pieces


def _piece(text: str, lists: Mapping[str, Piece]) -> Piece:
    if re.fullmatch(r"~\d?", text):
        gap = int(text[1:] or 3)
        if not 0 < gap <= LONGEST_GAP:
            raise LexiconError(f"a gap has at most {LONGEST_GAP} words: {text!r}")
        return Piece(gap=gap)
    optional, text = text.startswith("?"), text.removeprefix("?")
    typed, text = text.startswith("^"), text.removeprefix("^")
    words: set[str] = set()
    stems: set[str] = set()
    for part in text.split("|"):
        if part.startswith("@"):
            if part[1:] not in lists:
                raise LexiconError(f"list {part!r} is not written")
            words |= lists[part[1:]].words
            stems |= set(lists[part[1:]].stems)
        else:
            one = _alternatives([part])
            words |= one.words
            stems |= set(one.stems)
    return Piece(frozenset(words), tuple(sorted(stems)), optional, 0, typed)


def _alternatives(parts: Iterable[str]) -> Piece:
    words: set[str] = set()
    stems: set[str] = set()
    for part in parts:
        key = plain(part.removeprefix("=").removesuffix("*"))
        if not re.fullmatch(r"[^\W_]+", key):
            raise LexiconError(f"not a word: {part!r}")
        if part.endswith("*"):
            stems.add(sounded(key))
        elif part.startswith("=") or len(key) < 3:
            words.add(sounded(key))
        else:
            words |= {sounded(key), sounded(key + "s"), sounded(key + "x")}
    return Piece(frozenset(words), tuple(sorted(stems)))


def _names(content: Any, given: Iterable[str], advice: dict[str, str]) -> Names:
    wanted = {f.name for f in fields(Names)} - {"given", "advice"}
    if not isinstance(content, Mapping) or content.keys() != wanted | {"given", "advice"}:
        raise LexiconError(f"names: fields {sorted(wanted | {'given', 'advice'})} are expected")
    (key,) = _advice(content["advice"], advice)
    if not all(isinstance(content[name], str) for name in wanted | {"given"}):
        raise LexiconError("names: each list is a text of words")
    lists = {name: frozenset(plain(content[name]).split()) for name in wanted - {"famous"}}
    lists["famous"] = frozenset(" ".join(plain(who).split()) for who in re.split(r"[,\n]", content["famous"]))
    every = frozenset(plain(name) for line in (*given, content["given"]) for name in line.split())
    return Names(given=every, advice=key, **lists)
