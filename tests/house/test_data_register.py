"""docs/data.csv lists every field of every table: class, purpose, retention. A data protection officer reads it."""

import csv

from django.apps import apps

from prevenance.config.paths import ROOT

CLASSES = {"public", "professional", "nominative", "secret"}


def register():
    with open(ROOT / "docs" / "data.csv", newline="") as file:
        return list(csv.DictReader(file))


def fields():
    return {
        (model._meta.label, field.name)
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if getattr(field, "column", None) or (field.many_to_many and not field.auto_created)
    }


def test_every_field_is_listed_and_nothing_else():
    listed = [(row["model"], row["field"]) for row in register()]
    existing = fields()
    assert len(existing) > 100
    assert sorted(existing - set(listed)) == []
    assert sorted(set(listed) - existing) == []
    assert len(listed) == len(set(listed))


def test_every_line_says_class_purpose_and_retention():
    rows = register()
    assert rows
    assert [row for row in rows if row["class"] not in CLASSES or not row["purpose"] or not row["retention"]] == []
