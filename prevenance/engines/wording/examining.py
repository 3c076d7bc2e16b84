"""Find what must not be written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from prevenance.engines.wording.folding import Word, words_of
from prevenance.engines.wording.lexicon import CATEGORIES, Category, Lexicon, Rule
from prevenance.engines.wording.names import persons


@dataclass(frozen=True, slots=True)
class Finding:
    """A passage, `text[start:end]`, and the key of what to write instead."""

    category: Category
    start: int
    end: int
    passage: str
    advice_key: str


def examine(text: str, lexicon: Lexicon) -> tuple[Finding, ...]:
    """Every passage of `text` that must not be written, in the order of the text; those of one category never overlap.

    Linear in the length of the text.
    """
    words = words_of(text)
    readings = [lexicon.reading(word.key) for word in words]
    bounds = _bounds(words)
    found: list[Finding] = []
    for category in CATEGORIES:
        spans: list[tuple[int, int, str]] = []
        for rule in lexicon.rules:
            if rule.category == category:
                spans += _said(rule, words, readings, bounds)
        if category == "third":
            spans += ((start, end, lexicon.names.advice) for start, end in persons(words, lexicon.names))
        excuses = lexicon.excuses.get(category)
        if excuses and spans:
            others = [
                (start, end)
                for rule in lexicon.apart
                if rule.category == category
                for start, end, _advice in _said(rule, words, readings, bounds)
            ]
            # An expression excuses what ends in it: « se faire voler la vedette ».
            excused = _furthest((*excuses.spans(words, readings, 0, len(words)), *others), len(words))
            spans = [span for span in spans if excused[span[1] - 1] < span[1]]
        for start, end, advice in _joined(spans):
            first, last = words[start].start, words[end - 1].end
            found.append(Finding(category, first, last, text[first:last], advice))
    return tuple(sorted(found, key=lambda f: (f.start, f.end, CATEGORIES.index(f.category))))


def _bounds(words: tuple[Word, ...]) -> list[tuple[int, int]]:
    """(first, last excluded) word of the sentence of each word."""
    bounds: list[tuple[int, int]] = []
    start = 0
    for place in range(1, len(words) + 1):
        if place == len(words) or words[place].sentence != words[start].sentence:
            bounds += [(start, place)] * (place - start)
            start = place
    return bounds


def _said(
    rule: Rule, words: tuple[Word, ...], readings: list[str], bounds: list[tuple[int, int]]
) -> Iterable[tuple[int, int, str]]:
    hits = list(rule.say.spans(words, readings, 0, len(words)))
    if not hits:
        return
    near = rule.near and list(rule.near.spans(words, readings, 0, len(words)))
    away = rule.away and {words[start].sentence for start, _end in rule.away.spans(words, readings, 0, len(words))}
    close: list[bool] = [near is None] * len(words)
    for start, end in near or ():
        first, last = bounds[start]
        close[max(first, start - rule.within) : min(last, end + rule.within)] = [True] * (
            min(last, end + rule.within) - max(first, start - rule.within)
        )
    for start, end in hits:
        if any(close[start:end]) and not (away and words[start].sentence in away):
            yield start, end, rule.advice


def _furthest(spans: Iterable[tuple[int, int]], count: int) -> list[int]:
    """For each word, the furthest end of a span that begins at it or before."""
    furthest = [0] * count
    for start, end in spans:
        furthest[start] = max(furthest[start], end)
    for place in range(1, count):
        furthest[place] = max(furthest[place], furthest[place - 1])
    return furthest


def _joined(spans: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Spans that overlap as one, with the advice of the longest."""
    joined: list[tuple[int, int, str]] = []
    weight = 0
    for start, end, advice in sorted(spans):
        if joined and start < joined[-1][1]:
            kept = joined[-1][2] if weight >= end - start else advice
            weight = max(weight, end - start)
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]), kept)
        else:
            joined.append((start, end, advice))
            weight = end - start
    return joined
