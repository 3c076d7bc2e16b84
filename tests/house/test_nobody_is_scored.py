"""Nobody is scored, ranked, predicted: no field, word, number or order could do it, anywhere.

Three nets: words of scoring in all that is served or stored; in what is about persons followed, words that could hide
one; and there, every column that holds a number or orders rows is on a list with its reason.
"""

import ast
import re

import pytest
from django.apps import apps
from django.db import models
from django.urls import URLPattern, get_resolver

from prevenance.config.paths import PACKAGE
from prevenance.core.vault import SealedField

SOURCES = ("*.py", "*.html", "*.txt", "*.yaml", "*.csv", "*.js", "*.json", "*.po")
OURS = ("core", "domains", "engines", "templates", "data", "static", "config")
NOT_OURS = re.compile(r"data/territories/|static/(dsfr|vendor)/|/locale/|static/.*\.min\.js$|static/htmx")

SCORING = re.compile(
    r"\b\w*?(scor(?:e|ing|es|ed)\b|dangerosit|dangerousness|risk_?(?:level|score|factor)|level_of_risk|"
    r"niveaux? de (?:risque|dangerosité|gravité)|gravit[éy]|severit|criticit|predict|prédict|propensi|likelihood|"
    r"profilage|profiling|ranking)\w*",
    re.IGNORECASE,
)
# What the net brings up and that scores nobody: (file, word) and why.
SAID = {
    ("data/followup/lists.yaml", "scored"): "the note that says that nobody is",
    ("data/followup/lists.yaml", "gravity"): "the note that says that no list is ordered so",
    ("data/strategies/tools.yaml", "gravité"): "how the text of the strategy speaks of deeds",
    ("domains/followup/models/files.py", "scores"): "the sentence that says that nothing does",
    ("domains/governance/rules/import_columns.py", "_score"): "how alike a heading and a column are",
    ("domains/strategy/rules/sheet_imports.py", "_score"): "how alike a heading and a column are",
    ("domains/strategy/rules/value_imports.py", "score"): "how alike a heading and an indicator are",
    ("domains/strategy/rules/value_imports.py", "scored"): "how alike a heading and an indicator are",
}

ABOUT_PERSONS = ("domains/followup/", "templates/followup/", "data/followup/")
# Lexicons of the guard of words: what must not be written, so that it is found.
LEXICONS = "data/followup/wording/"
HIDING = re.compile(
    r"\b\w*?(rank|risk|risque|priorit|urgenc|urgent|niveau|weight|threshold|percentile|quartile|classement|\bgrade)\w*",
    re.IGNORECASE,
)
ALLOWED = {
    "rank": "first or second legal representative, or the place of a number in its series",
    "ranks": "first or second legal representative",
    "representative_rank": "first or second legal representative",
    "rank__in": "first or second legal representative",
    "risky": "code of a fact observed on a day (« conduites qui l’exposent au danger »), one among others",
    "risk": "the sentence that says that a fact is never one",
    "classement": "the notice that tells the person that nobody is ranked",
    "urgent": "a reason to read a file outside one's own, today: somebody is to be helped now",
    "threshold": "small counts of figures that leave, hidden",
    "niveau": "schooling (AU-038, article 3), or the level of a territory",
    "Niveau": "schooling (AU-038, article 3)",
}

# Every number held about a person followed, and why it measures nobody.
NUMBERS = {
    ("Representative", "rank"): "first or second",
    ("Attachment", "size"): "bytes of a document",
    ("NumberSeries", "year"): "counts files of a group, so that a number never serves twice",
    ("NumberSeries", "last"): "counts files of a group, so that a number never serves twice",
    ("Transaction", "execute_days"): "delay offered, law's own",
    ("Transaction", "work_hours"): "hours offered, bounded by the law",
    ("*", "edit"): "how many times a form was saved",
}
# What rows about persons may be ordered by.
ORDERS = re.compile(
    r"(^|__)(pk|id|at|day|rank|code|number|name|\w+_name|week|until|seq|year|version|\w+_(on|at|id|from|month)|body)$"
)


def texts():
    for part in OURS:
        for pattern in SOURCES:
            for path in sorted((PACKAGE / part).rglob(pattern)):
                name = path.relative_to(PACKAGE).as_posix()
                if not NOT_OURS.search(name):
                    yield name, path.read_text(encoding="utf-8", errors="replace")


def about_persons():
    """Models of the rows of files, files and entries of registers."""
    return [
        model for model in apps.get_app_config("followup").get_models()
        if any(isinstance(field, SealedField) for field in model._meta.concrete_fields)
        or {"followup_id", "body_id"} & {field.attname for field in model._meta.concrete_fields}
        or model.__name__ == "FollowUp"
    ]  # fmt: skip


def test_no_word_of_scoring_in_code_screens_or_data():
    read, found = 0, {}
    for name, text in texts():
        read += 1
        for match in SCORING.finditer(text):
            found.setdefault((name, match.group()), text[: match.start()].count("\n") + 1)
    assert read > 500
    assert {key: line for key, line in found.items() if key not in SAID} == {}
    assert set(SAID) - set(found) == set(), "said, and no longer there"


def test_in_what_is_about_persons_no_word_hides_one():
    found = set()
    for name, text in texts():
        if name.startswith(ABOUT_PERSONS) and not name.startswith(LEXICONS) and "/migrations/" not in name:
            for match in HIDING.finditer(text):
                if match.group() not in ALLOWED:
                    found.add((name, text[: match.start()].count("\n") + 1, match.group()))
    assert sorted(found) == []


def test_no_address_and_no_argument_speaks_of_it():
    def walk(patterns):
        for entry in patterns:
            if isinstance(entry, URLPattern):
                yield f"{entry.name} {entry.pattern} {' '.join(entry.pattern.converters)}"
            else:
                yield from walk(entry.url_patterns)

    addresses = list(walk(get_resolver().url_patterns))
    assert len(addresses) > 200
    assert [one for one in addresses if SCORING.search(one) or re.search(r"risqu|risk|priorit|classement", one)] == []


def test_every_number_about_a_person_has_its_reason():
    numbers = (
        models.IntegerField, models.FloatField, models.DecimalField, models.DurationField, models.JSONField,
    )  # fmt: skip
    found = {
        (model.__name__, field.name) for model in about_persons() for field in model._meta.concrete_fields
        if isinstance(field, numbers) and not field.primary_key
    }  # fmt: skip
    assert ("Representative", "rank") in found
    assert {key for key in found if key not in NUMBERS and ("*", key[1]) not in NUMBERS} == set()


@pytest.mark.parametrize("word", ["grave", "léger", "légère", "élevé", "élevée", "faible", "modéré", "critique"])
def test_no_entry_of_a_closed_list_weighs_anybody(word):
    import yaml

    lists = yaml.safe_load((PACKAGE / "data" / "followup" / "lists.yaml").read_text(encoding="utf-8"))
    labels = [
        entry if isinstance(entry, str) else entry["label"]
        for content in lists.values() for entry in content["entries"].values()
    ]  # fmt: skip
    assert len(labels) > 100
    assert [label for label in labels if re.search(rf"\b{word}\b", label, re.IGNORECASE)] == []


def test_rows_about_persons_are_ordered_by_dates_numbers_and_names_alone():
    for model in about_persons():
        for field in model._meta.ordering:
            assert ORDERS.search(field.lstrip("-")), f"{model.__name__}: {field}"
    seen = []
    for path in sorted((PACKAGE / "domains" / "followup").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "order_by":
                for argument in node.args:
                    if isinstance(argument, ast.Constant):
                        seen.append((path.name, argument.value))
    assert len(seen) > 20
    assert [one for one in seen if not ORDERS.search(one[1].lstrip("-"))] == []


def test_no_dependency_predicts():
    """Learning libraries come for evaluations of programmes, never into what is about persons."""
    learning = re.compile(
        r"^\s*(from|import) (sklearn|torch|tensorflow|xgboost|lightgbm|lifelines|statsmodels)", re.MULTILINE
    )
    for name, text in texts():
        if name.startswith(("domains/followup/", "domains/governance/", "core/")):
            assert not learning.search(text), name
