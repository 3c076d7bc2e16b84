"""A sealed reading of a file cannot be changed, removed or moved: `prevenance audit verify` names it."""

import contextlib
from dataclasses import replace

import psycopg
import pytest
from django.core.management import call_command
from django.db import ProgrammingError, connection, transaction

from prevenance.core.audit import verify as verification
from prevenance.domains.followup import actions
from tests.factories.followup import Compartment

pytestmark = pytest.mark.django_db


@pytest.fixture
def readings():
    """Five readings of a file, sealed; its chain."""
    here = Compartment()
    file = here.file()
    for part in ("identity", "plan", "contacts", "plan", "whole"):
        actions.record_reading(followup=file, part=part, why="", by=here.members[0])
    call_command("audit", "seal")
    return file


def verified(monkeypatch, capsys, change):
    """What the command prints when the rows of the trail were changed by somebody who owns the database."""
    rows = change(list(verification.stored_rows()))
    monkeypatch.setattr("prevenance.core.management.commands.audit.stored_rows", lambda: iter(rows))
    with contextlib.suppress(SystemExit):
        call_command("audit", "verify")
    return capsys.readouterr().out


def of(rows, file, seq):
    return next(i for i, row in enumerate(rows) if (row.scope, row.seq) == (file.trail, seq))


def test_whole_it_verifies(readings, monkeypatch, capsys):
    assert "Journal intact" in verified(monkeypatch, capsys, lambda rows: rows)


@pytest.mark.parametrize(
    ("field", "value"), [("person", 1), ("detail", "{}"), ("action", "followup.open_file"), ("subject", "x:1")]
)
def test_a_changed_reading_is_named(readings, monkeypatch, capsys, field, value):
    def change(rows):
        place = of(rows, readings, 3)
        rows[place] = replace(rows[place], **{field: value})
        return rows

    assert f"{readings.trail} n° 3" in verified(monkeypatch, capsys, change)


def test_a_removed_reading_is_named(readings, monkeypatch, capsys):
    def change(rows):
        del rows[of(rows, readings, 4)]
        return rows

    assert f"{readings.trail} n° 4" in verified(monkeypatch, capsys, change)


def test_moved_readings_are_named(readings, monkeypatch, capsys):
    def change(rows):
        one, other = of(rows, readings, 2), of(rows, readings, 3)
        rows[one], rows[other] = rows[other], rows[one]
        return rows

    assert f"{readings.trail} n° 2" in verified(monkeypatch, capsys, change)


def test_the_last_readings_cut_off_with_the_head_are_named_by_the_seal(readings, monkeypatch, capsys):
    last = max(row.seq for row in verification.stored_rows() if row.scope == readings.trail)
    heads = {scope: link for scope, link in verification.stored_heads().items() if scope != readings.trail}
    monkeypatch.setattr("prevenance.core.management.commands.audit.stored_heads", lambda: heads)

    def change(rows):
        del rows[of(rows, readings, last)]
        return rows

    assert f"{readings.trail} n° {last}" in verified(monkeypatch, capsys, change)


def test_neither_the_application_nor_the_owner_rewrites_a_reading(readings, as_owner):
    for statement in ("UPDATE core_auditrow SET person = 1", "DELETE FROM core_auditrow"):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    as_owner.execute("INSERT INTO core_auditrow (scope, action) VALUES ('followup:0', 'followup.record_reading')")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_owner.execute("DELETE FROM core_auditrow WHERE scope = 'followup:0'")
    as_owner.rollback()
