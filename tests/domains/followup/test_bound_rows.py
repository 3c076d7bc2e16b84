"""What is sealed is bound to its row: moved to another row of the same file, it does not open."""

import contextlib
import datetime as dt
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from prevenance.core import vault
from prevenance.domains.followup import actions
from prevenance.domains.followup.actions.registers import hold_entry
from prevenance.domains.followup.actions.resealing import KEYS, reseal_table, resealed, sealed_models
from prevenance.domains.followup.analysis.reading import key_of, opened_values, place, sealed, sealed_fields
from prevenance.domains.followup.models import Contact, Identity
from tests import database, seeded
from tests.conftest import database_settings
from tests.factories.followup import Compartment
from tests.factories.registers import Register

TODAY = "2026-11-25"


@pytest.fixture
def here(db):
    return Compartment()


def contacts(file, by, *kinds):
    key, rows = key_of(file), []
    for kind in kinds:
        row = Contact(followup=file, body=file.body, day=TODAY, by=by)
        sealed(row, key, kind=kind, whom="person", outcome="reached").save()
        rows.append(row)
    return rows


def test_every_sealed_column_is_of_a_row_that_takes_its_number():
    models = sealed_models()
    assert len(models) > 20
    for model in models:
        assert issubclass(model, vault.SealedRow), model
        assert any(name in {field.name for field in model._meta.concrete_fields} for name in KEYS), model


def test_moved_between_rows_of_a_file_by_sql_it_does_not_open(here):
    file = here.file()
    first, second = contacts(file, here.members[0].person, "call", "home")
    key = key_of(file)
    for column in sealed_fields(Contact):
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    f"UPDATE followup_contact SET {column} = o.{column} FROM followup_contact o"
                    " WHERE o.id = %s AND followup_contact.id = %s", [first.pk, second.pk],
                )  # fmt: skip
                assert cursor.rowcount == 1
            row = Contact.objects.get(pk=second.pk)
            if getattr(row, column):
                with pytest.raises(vault.Tampered):
                    opened_values(row, key, [column])
            transaction.set_rollback(True)
    assert opened_values(Contact.objects.get(pk=second.pk), key)["kind"] == "home"


def test_a_row_keeps_its_number(here):
    file = here.file()
    (row,) = contacts(file, here.members[0].person, "call")
    for model in sealed_models():
        table = model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_trigger WHERE tgname = %s", [f"{table}_numbered"])
            assert cursor.fetchone(), table
    with pytest.raises(DatabaseError, match="keeps its number"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE followup_contact SET id = id + 1000 WHERE id = %s", [row.pk])


def test_a_number_is_given_once_and_a_new_row_is_never_written_over_another(here):
    file = here.file()
    (row,) = contacts(file, here.members[0].person, "call")
    again = Contact(pk=row.pk, followup=file, body=file.body, day=TODAY, by=here.members[0].person)
    with pytest.raises(DatabaseError, match="duplicate key"), transaction.atomic():
        again.save()
    assert Contact().take_number() != Contact().take_number()


def aged(row):
    """As an earlier version sealed it: bound to its column alone."""
    key = key_of(row.followup)
    values = opened_values(row, key)
    for field, value in values.items():
        setattr(row, field, key.seal(value, place(row, field)))
    row.save(update_fields=list(values))
    return values


def test_an_older_form_opens_and_is_bound_when_it_is_written_again(here, settings):
    file = here.file()
    row = Identity.objects.select_related("followup").get(followup=file)
    values = aged(row)
    row = Identity.objects.get(pk=row.pk)
    assert row.family_name[0] == 1
    assert opened_values(row, key_of(file)) == values
    sealed(row, key_of(file), family_name="Autre").save()
    assert row.family_name[0] == 2
    settings.OLD_SEALS_REFUSED = True
    with pytest.raises(vault.Tampered):
        opened_values(row, key_of(file), ["given_name"])
    assert opened_values(row, key_of(file), ["family_name"]) == {"family_name": "Autre"}


def test_a_row_sealed_again_says_the_same_and_what_is_bound_is_left(here):
    file = here.file()
    row = Identity.objects.select_related("followup").get(followup=file)
    values, key = aged(row), key_of(file)
    fields = sealed_fields(Identity)
    row.family_name = key.seal(values["family_name"], place(row, "family_name"), row.pk)
    *blobs, number = resealed(Identity, fields, (row.pk, file.key, *[getattr(row, field) for field in fields]), key)
    assert number == row.pk
    assert dict(zip(fields, blobs, strict=True))["family_name"] == row.family_name
    assert {
        field: key.open(blob, place(row, field), row.pk) for field, blob in zip(fields, blobs, strict=True)
    } == values
    assert {blob[0] for blob in blobs if blob} == {2}


def test_every_table_is_asked_in_sql_that_runs(here):
    with connection.cursor() as cursor:
        for model in sealed_models():
            assert reseal_table(cursor, model) == (0, 0), model


@contextlib.contextmanager
def as_owner(name):
    connection.close()
    before = {key: connection.settings_dict[key] for key in ("NAME", "USER", "PASSWORD")}
    connection.settings_dict.update(database_settings(database.url("owner", name)))
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


def walls():
    """What stands on each sealed table: row security forced, and its triggers on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity, bool_and(t.tgenabled = 'O') FROM pg_class c"
            " JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal WHERE c.relname = ANY (%s) GROUP BY 1, 2",
            [[model._meta.db_table for model in sealed_models()]],
        )
        return {table: (forced, on) for table, forced, on in cursor.fetchall()}


@pytest.mark.timeout(600)
def test_the_owner_seals_everything_again_ended_files_included_and_the_walls_stand(
    django_db_setup, django_db_blocker, settings
):
    with database.copy_of(database.france()) as name, seeded.using(name, django_db_blocker):
        with transaction.atomic():
            here, register = Compartment(), Register()
            call = register.call()
            hold_entry(entry=call, reason="court", until=timezone.localdate() + dt.timedelta(days=9), by=register.mayor)
            here.acting(here.coordinator)
            file, lost = here.file(), here.file()
            (contact,) = contacts(file, here.members[0].person, "call")
            values = aged(Identity.objects.select_related("followup").get(followup=file))
            contact.followup = file
            aged(contact)
            aged(Identity.objects.select_related("followup").get(followup=lost))
            here.takes_part(file, here.members[0])
            actions.end_file(followup=file, reason="achieved", outcome="work", by=here.members[0])
        vault.destroy(lost.key)
        before = walls()
        assert set(before.values()) == {(True, True)}
        with as_owner(name):
            said = StringIO()
            call_command("reseal", stdout=said, stderr=StringIO())
            assert "de nouveau : 2" in said.getvalue()
            assert "laissées : 1" in said.getvalue()
            call_command("reseal", stdout=said, stderr=StringIO())
            assert "de nouveau : 0" in said.getvalue()
        assert walls() == before
        settings.OLD_SEALS_REFUSED = True
        with transaction.atomic():
            here.acting(here.coordinator)
            row = Identity.objects.get(followup=file)
            assert row.family_name[0] == 2
            assert opened_values(row, key_of(file)) == values
            assert opened_values(Contact.objects.get(pk=contact.pk), key_of(file))["kind"] == "call"
            with pytest.raises(DatabaseError, match="ended"), transaction.atomic():
                Contact.objects.filter(pk=contact.pk).update(day=TODAY)
