"""The guard's published precision and recall (docs/adr/0008) are those of the frozen sentences."""

import csv
import re

import pytest

from prevenance.config.paths import PACKAGE, ROOT
from prevenance.core.wording import lexicon
from prevenance.engines.wording.measure import measure, sentences_from

FROZEN = PACKAGE / "data" / "followup" / "wording" / "evaluation" / "notes_guard.csv"
PUBLISHED = {
    "offence": "offence, police, justice", "health": "health", "origin": "origin", "religion": "religion, opinion",
    "third": "third party's name", "any": "any of them",
}  # fmt: skip


def sentences():
    with open(FROZEN, newline="", encoding="utf-8") as file:
        return sentences_from(csv.DictReader(file))


def published():
    text = (ROOT / "docs" / "adr" / "0008-words-typed-freely.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+) \| ([0-9.]+) [^|]+\| ([0-9.]+) [^|]+\|$", text, re.MULTILINE)
    return {name: (float(precision), float(recall)) for name, precision, recall in rows}


def test_there_are_at_least_six_hundred_sentences_half_of_them_harmless():
    rows = sentences()
    assert len(rows) == len({row.text for row in rows}) >= 600
    assert sum(not row.labels for row in rows) >= 300
    for label in ("offence", "health", "origin", "religion", "third"):
        assert sum(label in row.labels for row in rows) >= 60


def test_the_published_figures_are_those_of_the_frozen_sentences():
    told = published()
    assert set(told) == set(PUBLISHED.values())
    for score in measure(sentences(), lexicon()):
        precision, recall = told[PUBLISHED[score.name]]
        assert score.precision == pytest.approx(precision, abs=0.006)
        assert score.recall == pytest.approx(recall, abs=0.006)
