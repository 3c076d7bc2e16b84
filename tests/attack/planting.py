"""A row of each kind that a file holds, whatever the kinds are, with a canary in each sealed column.

It reads the models, so that a new table of a file is planted, and attacked, by itself. What a constraint asks for that
its type does not tell is said in PARTICULAR.
"""

import datetime as dt

from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models
from django.utils import timezone

from prevenance.core import vault
from prevenance.core.vault import SealedField
from prevenance.domains.accounts.models import Person
from prevenance.domains.followup.analysis.reading import sealed as seal_into
from prevenance.domains.followup.analysis.reading import sealed_fields
from prevenance.domains.followup.models import Attachment, RegisterHold
from prevenance.domains.governance.models import Body

# Read as dates or as a list: the file's own date, which is looked for as such.
NOT_WORDS = {
    *((name, "birth_date") for name in ("Identity", "CallToOrder", "Transaction", "SentReport")),
    *(("SentReport", name) for name in ("sex", "situations")),
}

# Tables of one category alone; the database refuses their rows elsewhere.
ONLY = {"FamilyPath": "family"}


def sealed_models():
    """Every model of the project that has a sealed column."""
    return [
        model for model in apps.get_models()
        if any(isinstance(field, SealedField) for field in model._meta.concrete_fields)
    ]  # fmt: skip


def kept_models():
    """Models of the rows of a file, those that others refer to first."""
    return [
        model for model in apps.get_app_config("followup").get_models()
        if {"followup_id", "body_id"} <= {field.attname for field in model._meta.concrete_fields}
        and model.__name__ != "Line"
    ]  # fmt: skip


def particular(model, world):
    """What the type of a column does not tell."""
    now = timezone.now()
    long_ago, ended = now - dt.timedelta(days=2), now - dt.timedelta(days=1)
    return {
        "ArchiveAccess": {"granted_at": long_ago, "until": ended},
        "Share": {"shared_at": long_ago, "until": ended, "parts": ["plan"]},
        "Handover": {"withdrawn_at": ended},
        "Hold": {"lifted_on": timezone.localdate()},
    }.get(model.__name__, {})


def value_for(field, world, of):
    """A value that fits the column, or models.NOT_PROVIDED where the column needs none."""
    if field.remote_field:
        target = field.remote_field.model
        if field.name in of:
            return of[field.name]
        if field.null:
            return models.NOT_PROVIDED
        if target is Person:
            return world.writer
        if target is Body:
            return world.elsewhere
        return of["rows"][target.__name__]
    if field.null or field.has_default() or field.auto_created:
        return models.NOT_PROVIDED
    today = timezone.localdate()
    if isinstance(field, models.DateTimeField):
        return timezone.now() + dt.timedelta(hours=1 if field.name == "until" else 0)
    if isinstance(field, models.DateField):
        return today + dt.timedelta(days=30 if field.name in ("until", "due_on") else 0)
    if isinstance(field, models.IntegerField):
        return 1
    if isinstance(field, models.BooleanField):
        return False
    if field.choices:
        return field.choices[0][0]
    return "application/pdf" if field.name == "content_type" else "code"


class Ground:
    """Who writes, and another group, for columns that ask for one."""

    def __init__(self, writer, elsewhere):
        self.writer, self.elsewhere = writer, elsewhere


def fill(planted, ground, *, row_values=None):
    """Give the file one row of each kind, and every sealed column its canary."""
    file = planted.row
    key, rows = vault.open(file.key), {"FollowUp": file}
    for model in kept_models():
        row = model._base_manager.filter(followup=file).order_by("pk").first()
        if row is None and ONLY.get(model.__name__, file.category) != file.category:
            continue
        if row is None:
            of = {"followup": file, "body": file.body, "rows": rows}
            values = {}
            for field in model._meta.concrete_fields:
                if not isinstance(field, SealedField):
                    value = value_for(field, ground, of)
                    if value is not models.NOT_PROVIDED:
                        values[field.name] = value
            row = model(**values | particular(model, ground) | (row_values or {}).get(model.__name__, {}))
        rows[model.__name__] = row
        seal(row, key, planted)
        if model is Attachment:
            content = f"%PDF-1.4 {planted.give('Attachment.content')}".encode()
            default_storage.save(row.path(), ContentFile(key.seal_bytes(content, row.place)))
    planted.rows = {
        model.__name__: list(model._base_manager.filter(followup=file).order_by("pk")) for model in kept_models()
    }


def seal(row, key, planted):
    """Canaries in every sealed column of a row, which is saved."""
    name = type(row).__name__
    fields = [field for field in sealed_fields(row) if (name, field) not in NOT_WORDS]
    seal_into(row, key, **{field: planted.give(f"{name}.{field}") for field in fields})
    if row._state.adding:
        row.save()
    elif fields:
        row.save(update_fields=fields)


def fill_entry(planted):
    """Canaries in an entry of a register, which is a single row, and in what holds its clock."""
    key = vault.open(planted.row.key)
    seal(planted.row, key, planted)
    today = timezone.localdate()
    hold = RegisterHold(
        scope=planted.row.scope, set_on=today, set_by=planted.row.opened_by, until=today + dt.timedelta(days=30)
    )
    setattr(hold, RegisterHold.link(planted.row), planted.row)
    seal(hold, key, planted)
    planted.rows = {type(planted.row).__name__: [planted.row], "RegisterHold": [hold]}
