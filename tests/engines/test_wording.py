"""The guard of free text: what it finds and what it leaves, measured on development sentences only.

`wording_dev.csv` is the DEVELOPMENT set: the lexicons were tuned on it, so its figures say nothing of unseen
notes. The evaluation set was written by somebody else and is read by nobody who tunes.
"""

import csv
import json
from pathlib import Path

import pytest

from prevenance.config.command_line import main
from prevenance.core.wording import lexicon
from prevenance.engines.wording import (
    CATEGORIES,
    Finding,
    LexiconError,
    Sentence,
    examine,
    lexicon_from,
    measure,
    sentences_from,
    wilson,
)

DEVELOPMENT = Path(__file__).with_name("wording_dev.csv")


def found(text):
    return {(finding.category, finding.passage) for finding in examine(text, lexicon())}


def categories(text):
    return {finding.category for finding in examine(text, lexicon())}


def development():
    with DEVELOPMENT.open(encoding="utf-8", newline="") as file:
        return sentences_from(csv.DictReader(file))


def test_the_development_set_is_large_varied_and_invented_once():
    sentences = development()
    assert len({sentence.text for sentence in sentences}) == len(sentences) >= 250
    assert sum(not sentence.labels for sentence in sentences) >= 100
    for category in CATEGORIES:
        assert sum(category in sentence.labels for sentence in sentences) >= 35


def test_the_development_set_is_told_well():
    """A ratchet while tuning, not a claim: see the module's docstring."""
    for measured in measure(development(), lexicon()):
        assert measured.recall >= 0.95, measured
        assert measured.precision >= 0.95, measured


@pytest.mark.parametrize(
    "text",
    [
        "Il va voler de ses propres ailes.", "Vol pour Marseille le 12.", "La bonne santé du projet.",
        "Rendez-vous rue de l’Église.", "Essai à la boulangerie Martin.", "Bénévole à la Croix-Rouge.",
        "Élève au lycée Pierre-de-Coubertin.", "Stage chez Renault.", "L’AED de l’internat l’aide.",
        "Madame la proviseure et Monsieur le maire sont d’accord.", "Traitement du dossier par la CAF.",
        "Réunion de la PJJ et de l’ASE au centre social.", "Ne peut pas venir le mardi.",
    ],
)  # fmt: skip
def test_near_misses_are_left(text):
    assert found(text) == set()


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("T.I.G. de 35 h à finir", "offence"), ("GARDE À VUE HIER", "offence"), ("garde a vue hier", "offence"),
        ("interpelé, puis relaché", "offence"), ("fume du canabis", "health"), ("il voit un pychiatre", "health"),
        ("depression depuis mai", "health"), ("D’ORIGINE MAROCAINE", "origin"), ("d'origine marocaine", "origin"),
        ("fait le ramadam", "religion"), ("mme diallo a appelé", "third"), ("SON FRERE KARIM EST LA", "third"),
        ("K.B. est venu", "third"), ("Mme D. a rappelé", "third"), ("sa sœur Inès", "third"),
    ],
)  # fmt: skip
def test_slips_capitals_and_abbreviations(text, category):
    assert categories(text) == {category}


@pytest.mark.parametrize(
    ("text", "category"),
    [("Il n’a jamais été condamné.", "offence"), ("N’est pas malade.", "health"), ("N’est pas musulman.", "religion")],
)
def test_a_denial_says_something_all_the_same(text, category):
    assert categories(text) == {category}


def test_a_finding_says_where_and_what_to_write_instead():
    text = "Vu hier. Sa tante Fatoumata l’héberge."
    (finding,) = examine(text, lexicon())
    assert finding == Finding("third", 12, 27, "tante Fatoumata", "third-name")
    assert lexicon().advice[finding.advice_key].startswith("Dites plutôt")


def test_every_category_has_its_advice_in_french():
    keys = {rule.category: rule.advice for rule in lexicon().rules} | {"third": lexicon().names.advice}
    assert set(keys) == set(CATEGORIES)
    assert all(sentence.startswith("Dites plutôt") and "«" in sentence for sentence in lexicon().advice.values())


def test_no_advice_is_itself_found():
    """What is proposed can be written: the quoted examples pass."""
    for sentence in lexicon().advice.values():
        for example in sentence.split("«")[1:]:
            assert found(example.split("»")[0]) == set(), example


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ({"category": "offence"}, "absent fields"),
        ({"category": "mood", "advice": {}, "rules": []}, "category"),
        ({"category": "offence", "advice": {"a": "Un."}, "rules": [{"advice": "b", "say": "vol"}]}, "not written"),
        (
            {"category": "offence", "advice": {"a": "Un."}, "rules": [{"advice": "a", "say": "~ vol"}]},
            "begins and ends",
        ),
        ({"category": "offence", "advice": {"a": "Un."}, "rules": [{"advice": "a", "say": "vol @lieu"}]}, "@lieu"),
        ({"category": "offence", "advice": {"a": "Un."}, "rules": [{"advice": "a", "say": "vol ~9 nuit"}]}, "gap"),
        ({"category": "offence", "advice": {"a": "Un"}, "rules": []}, "one sentence"),
    ],
)
def test_a_faulty_lexicon_is_refused_by_name(content, fault):
    with pytest.raises(LexiconError, match=rf"(?s)essai\.yaml: .*{fault}"):
        lexicon_from([("essai.yaml", content)], {}, [])


def test_counts_and_intervals():
    sentences = [
        Sentence("Il a été condamné.", frozenset({"offence"})),
        Sentence("Il a été condamné.", frozenset()),
        Sentence("Il a bien travaillé.", frozenset({"offence"})),
        Sentence("Il a bien travaillé.", frozenset()),
    ]
    offence, *_others, any_category = measure(sentences, lexicon())
    assert (offence.right, offence.wrong, offence.missed, offence.clear) == (1, 1, 1, 1)
    assert offence.precision == offence.recall == any_category.recall == 0.5
    # 81 of 263: the example of R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3
    assert wilson(81, 263) == (pytest.approx(0.2553, abs=5e-5), pytest.approx(0.3662, abs=5e-5))
    assert wilson(0, 0) == (0.0, 1.0)


def test_the_command_prints_findings_and_measures(tmp_path, capsys):
    note = tmp_path / "note.txt"
    note.write_text("Son frère Karim est en prison.", encoding="utf-8")
    with pytest.raises(SystemExit) as left:
        main(["wording", str(note)])
    assert left.value.code == 0
    printed = json.loads(capsys.readouterr().out)
    assert [row["category"] for row in printed] == ["third", "offence"]
    assert all(row["advice"] for row in printed)

    with pytest.raises(SystemExit):
        main(["wording", "--measure", "--mistakes", str(DEVELOPMENT)])
    printed = capsys.readouterr().out
    assert f"{len(development())} sentences" in printed
    assert all(f"\n{name} " in printed for name in (*CATEGORIES, "any"))

    (tmp_path / "other.csv").write_text("text\nrien\n", encoding="utf-8")
    with pytest.raises(SystemExit) as left:
        main(["wording", "--measure", str(tmp_path / "other.csv")])
    assert left.value.code == 1
    assert "sentence,labels" in capsys.readouterr().err
