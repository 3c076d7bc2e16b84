"""No field that the law forbids: social security number, nationality, birthplace, photograph, religion, origin,
offence, content of police files, a motive in free words (docs/aipd.md; AU-038, article 3).

Names of columns and of form fields, their labels and help, the entries of closed lists, what may be uploaded.
"""

import importlib
import inspect
import pkgutil
import re

import yaml
from django import forms
from django.apps import apps
from django.db import models

from prevenance.config.paths import PACKAGE
from prevenance.core.vault import SealedField
from prevenance.domains.followup import forms as followup_forms

FORBIDDEN = {
    "social security number": r"\bnir\b|social_security|s[ée]curit[ée] sociale|num_?secu",
    "nationality": r"nationalit|citizenship_of|titre de s[ée]jour|residence_permit|pays d’origine",
    "birthplace": r"birth_?place|place_of_birth|lieu de naissance|\bn[ée]e? [àa] ",
    "photograph": r"photo|portrait|\bface\b|visage|avatar",
    "religion": r"religi|croyance|\bculte",
    "origin": r"ethni|\brac(e|ial)|origine (ethnique|g[ée]ographique|r[ée]elle)|origin_of_person",
    "content of police files": r"\btaj\b|casier|antecedent|ant[ée]c[ée]dent|mis en cause",
    "offence": r"offen[cs]e|infraction|\bd[ée]lit|\bcrime\b|condamnation|conviction|mise en examen",
    "health": r"diagnos|patholog|traitement m[ée]dical|\bhandicap|addiction|health",
    "opinion or private life": r"opinion politique|syndic|sexual|orientation sexuelle",
}
# What the net brings up and that the law allows: (model or form, field) and why.
NOT_TO_BE_WRITTEN = "its help asks that none be written"
ALLOWED = {
    **{(form, "words"): NOT_TO_BE_WRITTEN for form in ("ContactForm", "GoalForm", "ReviewForm", "StepForm")},
    ("CallForm", "crime"): "asks that there be none: a call to order is refused where a crime or an offence is",
    ("CallForm", "procedure"): "asks that there be none",
    ("CallForm", "complaint"): "asks that there be none",
}
MOTIVES = re.compile(r"^(why|reason|motive|motif|objection|end_reason|origin|purpose|facts|contravention|duty)$")
CODE = 60  # characters of the longest code of a closed list


def columns():
    """(model, field, words) of every column of the domain that holds persons."""
    for model in apps.get_app_config("followup").get_models():
        for field in model._meta.concrete_fields:
            yield model, field, f"{field.name} {field.verbose_name} {field.help_text}"


def all_forms():
    found = {}
    for module in pkgutil.iter_modules(followup_forms.__path__):
        loaded = importlib.import_module(f"{followup_forms.__name__}.{module.name}")
        for name, form in inspect.getmembers(loaded, inspect.isclass):
            if issubclass(form, forms.BaseForm) and form.__module__ == loaded.__name__:
                found[name] = form
    return found


def matches(text):
    return [what for what, shape in FORBIDDEN.items() if re.search(shape, text, re.IGNORECASE)]


def test_no_column_holds_what_the_law_forbids():
    read = list(columns())
    assert len(read) > 200
    found = {(model.__name__, field.name): what for model, field, words in read if (what := matches(words))}
    assert {key: what for key, what in found.items() if key not in ALLOWED} == {}


def test_no_form_asks_for_it():
    read, found = 0, {}
    for name, form in all_forms().items():
        for field_name, field in form.base_fields.items():
            read += 1
            if what := matches(f"{field_name} {field.label or ''} {field.help_text or ''}"):
                found[name, field_name] = what
    assert read > 40
    assert {key: what for key, what in found.items() if key not in ALLOWED} == {}


def test_no_closed_list_offers_it():
    lists = yaml.safe_load((PACKAGE / "data" / "followup" / "lists.yaml").read_text(encoding="utf-8"))
    found, read = {}, 0
    for name, content in lists.items():
        for code, entry in content["entries"].items():
            read += 1
            label = entry if isinstance(entry, str) else entry["label"]
            if what := matches(f"{code} {label}"):
                found[name, code] = what
    assert read > 100
    assert found == {}


def test_a_motive_is_ticked_and_never_written():
    """Reasons, origins, purposes: a code of a closed list in the database, a choice in a form."""
    seen = 0
    for model, field, _words in columns():
        if MOTIVES.match(field.name):
            seen += 1
            length = field.length if isinstance(field, SealedField) else field.max_length
            assert 0 < (length or 0) <= CODE, f"{model.__name__}.{field.name}"
            assert not isinstance(field, models.TextField), f"{model.__name__}.{field.name}"
    for name, form in all_forms().items():
        for field_name, field in form.base_fields.items():
            if MOTIVES.match(field_name):
                seen += 1
                assert isinstance(field, forms.ChoiceField), f"{name}.{field_name}"
    assert seen > 12


def test_free_words_are_few_and_bounded():
    """Words typed freely are the exception: these columns alone, none longer than what is sent to a service."""
    long = {
        (model.__name__, field.name) for model, field, _words in columns()
        if isinstance(field, SealedField) and field.length and field.length > CODE
    }  # fmt: skip
    free = {(model, field) for model, field in long if field in {"words", "family_part", "sent"}}
    assert free == {
        ("Goal", "words"), ("Goal", "family_part"), ("Step", "words"), ("Contact", "words"), ("Review", "words"),
        ("Orientation", "sent"),
    }  # fmt: skip
    others = {field for _model, field in long} - {field for _model, field in free}
    assert others <= {
        "family_name", "given_name", "address", "email", "service_name", "name", "parents", "parents_address",
        # codes of a closed list, several together
        "reminded", "informed", "commitments", "situations",
    }, others  # fmt: skip
    assert not [
        f"{model.__name__}.{field.name}" for model, field, _words in columns() if isinstance(field, models.TextField)
    ]  # fmt: skip


def test_no_picture_of_anybody_is_a_column_anywhere():
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            assert not isinstance(field, models.ImageField), f"{model.__name__}.{field.name}"


def test_the_net_catches_what_it_is_for():
    for words in ("nir Numéro de sécurité sociale", "nationality Nationalité", "birth_place", "photo", "religion",
                  "ethnicity", "infraction commise", "casier judiciaire"):  # fmt: skip
        assert matches(words), words
    assert matches("schooling Niveau scolaire") == []
