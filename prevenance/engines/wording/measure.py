"""How well a guard does on labelled sentences: precision and recall by category, with their uncertainty.

What counts is the sentence: a category is found in it or not. The interval is Wilson's (E. B. Wilson, « Probable
inference, the law of succession, and statistical inference », JASA 22, 1927), which stays between 0 and 1 and has a
meaning for few sentences. Sentences that were invented are no evidence on real notes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from prevenance.engines.wording.examining import examine
from prevenance.engines.wording.lexicon import CATEGORIES, Category, Lexicon

Z = 1.959963984540054  # two-sided 95 %


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    labels: frozenset[Category]


@dataclass(frozen=True, slots=True)
class Measure:
    """Counts of sentences: `right` labelled and found, `wrong` found and not labelled, `missed` labelled and not found,
    `clear` neither. `name` is a category, or "any": whether anything at all is found."""

    name: str
    right: int
    wrong: int
    missed: int
    clear: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else math.nan

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else math.nan

    @property
    def precision_interval(self) -> tuple[float, float]:
        return wilson(self.right, self.right + self.wrong)

    @property
    def recall_interval(self) -> tuple[float, float]:
        return wilson(self.right, self.right + self.missed)


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % interval of a proportion; (0, 1) when nothing was tried. Raises ValueError for impossible counts."""
    if not 0 <= successes <= trials:
        raise ValueError("successes lie between 0 and trials")
    if not trials:
        return 0.0, 1.0
    share, square = successes / trials, Z * Z
    middle = (share + square / (2 * trials)) / (1 + square / trials)
    half = Z * math.sqrt(share * (1 - share) / trials + square / (4 * trials * trials)) / (1 + square / trials)
    low = 0.0 if successes == 0 else max(0.0, middle - half)
    high = 1.0 if successes == trials else min(1.0, middle + half)
    return low, high


def sentences_from(rows: Iterable[Mapping[str, str]]) -> tuple[Sentence, ...]:
    """Sentences of a table `sentence,labels`, labels separated by spaces. Raises ValueError naming the row (from 1)."""
    found: list[Sentence] = []
    for number, row in enumerate(rows, start=1):
        if not (row.get("sentence") or "").strip() or row.get("labels") is None:
            raise ValueError(f"row {number}: columns sentence and labels are expected")
        labels = frozenset(row["labels"].split())
        if labels - set(CATEGORIES):
            raise ValueError(f"row {number}: unknown labels {sorted(labels - set(CATEGORIES))}")
        found.append(Sentence(row["sentence"], cast("frozenset[Category]", labels)))
    return tuple(found)


def measure(sentences: Iterable[Sentence], lexicon: Lexicon) -> tuple[Measure, ...]:
    """One measure a category, then "any"."""
    pairs = [(s.labels, frozenset(f.category for f in examine(s.text, lexicon))) for s in sentences]
    measures = [_count(c, [(c in labels, c in found) for labels, found in pairs]) for c in CATEGORIES]
    return (*measures, _count("any", [(bool(labels), bool(found)) for labels, found in pairs]))


def _count(name: str, pairs: list[tuple[bool, bool]]) -> Measure:
    return Measure(
        name,
        right=pairs.count((True, True)),
        wrong=pairs.count((False, True)),
        missed=pairs.count((True, False)),
        clear=pairs.count((False, False)),
    )


def table(measures: Iterable[Measure]) -> str:
    """What `measure` found, as a table of text."""
    lines = [f"{'category':<10}{'precision':>22}{'recall':>22}{'right':>7}{'wrong':>7}{'missed':>7}{'clear':>7}"]
    for m in measures:
        precision = _share(m.precision, m.precision_interval)
        recall = _share(m.recall, m.recall_interval)
        lines.append(f"{m.name:<10}{precision:>22}{recall:>22}{m.right:>7}{m.wrong:>7}{m.missed:>7}{m.clear:>7}")
    return "\n".join(lines)


def _share(share: float, interval: tuple[float, float]) -> str:
    if math.isnan(share):
        return "-"
    return f"{share:.3f} [{interval[0]:.3f}, {interval[1]:.3f}]"
