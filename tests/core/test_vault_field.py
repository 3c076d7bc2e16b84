"""A sealed column holds what a key sealed, never readable text; what fails with keys rolls back and is said."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.migrations.writer import MigrationWriter
from django.http import HttpResponse
from django.test import Client
from django.test.utils import isolate_apps
from django.urls import path

from prevenance.core import vault
from prevenance.domains.accounts.acting import public
from prevenance.domains.accounts.models import Organisation

PLACE = "sheet.family_name"


@pytest.fixture
def Sheet():
    with isolate_apps("prevenance.core"):

        class Sheet(models.Model):
            family_name = vault.SealedField(length=10)

            class Meta:
                app_label = "core"
                db_table = "sheet_of_the_test"

        yield Sheet


@pytest.fixture
def table(Sheet, db):
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE sheet_of_the_test (id bigserial PRIMARY KEY, family_name bytea NOT NULL)"
        )
    return Sheet


def test_it_comes_back_from_the_database_as_bytes_and_opens(table):
    key = vault.open(vault.new())
    row = table.objects.create(family_name=key.seal("Modèle", PLACE))
    read = table.objects.get(pk=row.pk)
    assert type(read.family_name) is bytes
    assert key.open(read.family_name, PLACE) == "Modèle"
    row.family_name = memoryview(key.seal("Exemple", PLACE))
    row.save()
    assert key.open(table.objects.values_list("family_name", flat=True).get(), PLACE) == "Exemple"


def test_empty_is_the_default_and_is_found(table):
    row = table.objects.create()
    assert row.family_name == b""
    assert table.objects.filter(family_name=b"").get() == row
    assert table.objects.exclude(family_name=b"").count() == 0


@pytest.mark.parametrize("text", ["Modèle", "Modèle-Fictif de tout un village".encode(), b"\x01court", 3])
def test_readable_text_does_not_reach_the_database(table, text):
    row = table.objects.create()
    for write in (
        lambda: table.objects.create(family_name=text),
        lambda: table.objects.filter(pk=row.pk).update(family_name=text),
        lambda: table.objects.bulk_create([table(family_name=text)]),
    ):
        with pytest.raises(ValueError, match="family_name holds what a key sealed"), transaction.atomic():
            write()
    assert list(table.objects.values_list("family_name", flat=True)) == [b""]


def test_too_long_a_text_is_refused_by_validation(Sheet):
    key = vault.open(vault.new())
    Sheet(family_name=key.seal("é" * 10, PLACE)).full_clean()
    Sheet(family_name=key.seal("𝄞" * 10, PLACE)).full_clean()
    Sheet().full_clean()
    with pytest.raises(ValidationError):
        Sheet(family_name=key.seal("x" * 64, PLACE)).full_clean()


def test_it_is_written_in_migrations_with_its_length():
    field = vault.SealedField("nom", length=10)
    _name, there, args, kwargs = field.deconstruct()
    assert there == "prevenance.core.vault.SealedField"
    assert kwargs["length"] == 10
    assert "max_length" not in kwargs
    again = vault.SealedField(*args, **kwargs)
    assert again.deconstruct()[1:] == field.deconstruct()[1:]
    assert again.editable is False
    assert "prevenance.core.vault.SealedField(" in MigrationWriter.serialize(field)[0]
    assert "length" not in vault.SealedField().deconstruct()[3]


@public
def asks_for_a_key(request):
    Organisation.objects.create(name="Écrite pendant la requête")
    vault.new()
    return HttpResponse("ok")


@public
def opens_a_lost_key(request):
    Organisation.objects.create(name="Écrite pendant la requête")
    key_id = vault.new()
    vault.destroy(key_id)
    return HttpResponse(vault.open(key_id).open(b"", PLACE))


@public
def opens_a_changed_value(request):
    Organisation.objects.create(name="Écrite pendant la requête")
    return HttpResponse(vault.open(vault.new()).open(b"en clair", PLACE))


urlpatterns = [
    path("demande/", asks_for_a_key),
    path("perdue/", opens_a_lost_key),
    path("changee/", opens_a_changed_value),
]
handler500 = "prevenance.core.errors.failed"


@pytest.mark.django_db
@pytest.mark.urls(__name__)
class TestPages:
    @pytest.fixture
    def client(self):
        return Client(raise_request_exception=False)

    def test_without_a_master_key_the_page_says_it_gives_back_what_was_typed_and_nothing_is_written(
        self, client, settings
    ):
        settings.MASTER_SOURCES, settings.MASTER_KEYS_GIVEN = ["environment"], ""
        response = client.post("/demande/", {"note": "déjà tapé"})
        page = response.content.decode()
        assert response.status_code == 503
        assert "Les données protégées ne peuvent pas être ouvertes" in page
        assert "PREVENANCE_MASTER_KEYS" in page
        assert "déjà tapé" in page
        assert response["Cache-Control"] == "no-store"
        assert not Organisation.objects.filter(name="Écrite pendant la requête").exists()

    @pytest.mark.parametrize(
        ("address", "sentence"), [("/perdue/", "a été détruite"), ("/changee/", "modifiée hors de l’application")]
    )
    def test_a_lost_key_or_a_changed_value_is_said(self, client, address, sentence):
        response = client.get(address)
        assert response.status_code == 500
        assert sentence in response.content.decode()
        assert not Organisation.objects.filter(name="Écrite pendant la requête").exists()

    def test_with_its_keys_the_request_writes(self, client):
        assert client.post("/demande/").status_code == 200
        assert Organisation.objects.filter(name="Écrite pendant la requête").exists()
