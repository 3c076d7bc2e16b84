"""The database taken away: a whole dump, SQL slipped in, a backup restored after a file was erased.

These tests commit, in a database of their own, because what a thief holds is what was committed.
"""

import re
import shutil
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from django.conf import settings as live
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from psycopg import sql

from prevenance.config.paths import ROOT
from prevenance.core import vault
from prevenance.core.row_security import act_as
from prevenance.core.vault import SealedField
from prevenance.domains.accounts.models import Mandate
from prevenance.domains.followup import jobs
from prevenance.domains.followup.analysis.reading import opened_values, sealed_fields
from prevenance.domains.followup.models import FollowUp, Identity
from tests import database, seeded
from tests.attack.canaries import body_of
from tests.attack.planting import kept_models, sealed_models
from tests.attack.targets import give_reasons
from tests.attack.world import AttackWorld

pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def stolen(django_db_setup, django_db_blocker):
    """(name of the database, world committed in it)."""
    with database.copy_of(database.france()) as name, seeded.using(name, django_db_blocker):
        with transaction.atomic():
            world = AttackWorld().plant()
        yield name, world


def dump(name):
    """{table: its rows as `pg_dump` writes them}, row security out of the way: what whoever takes the disk has."""
    with psycopg.connect(database.url("owner", name)) as owner:
        tables = [row[0] for row in owner.execute(
            "SELECT c.relname FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace"
            " ORDER BY 1"
        )]  # fmt: skip
        told = {}
        for table in tables:
            where = sql.Identifier(table)
            owner.execute(sql.SQL("ALTER TABLE {} NO FORCE ROW LEVEL SECURITY").format(where))
            owner.execute(sql.SQL("ALTER TABLE {} DISABLE ROW LEVEL SECURITY").format(where))
            with owner.cursor().copy(sql.SQL("COPY (SELECT * FROM {}) TO STDOUT").format(where)) as copy:
                told[table] = b"".join(bytes(part) for part in copy).decode()
        owner.rollback()  # the walls stand again
    return told


def test_a_whole_dump_and_the_document_store_tell_no_name_and_no_text(stolen):
    name, world = stolen
    client = world.attackers[0].client()  # sessions, readings and reasons are stolen too
    give_reasons(client, world.planted)
    for one in world.planted:
        if one.is_file:
            client.get(reverse("followup:file", args=[one.row.pk]))
    told = dump(name)
    assert len(told) > 100
    assert told["followup_identity"].count("\n") == 5
    assert any("followup.record_reading" in text for table, text in told.items() if table.startswith("core_auditrow"))
    assert world.file("exposed").number in told["followup_followup"]  # what is in clear is indeed read
    found = [
        f"{table}: {place} of {label}" for table, text in told.items() for label, place in world.reader.sealed(text)
    ]
    assert found == []
    for path in Path(default_storage.location).rglob("*"):
        if path.is_file():
            assert world.reader.sealed(path.read_bytes().decode("latin-1")) == set(), path
    keys = [
        line
        for path in Path(live.KEY_STORE).rglob("*.json")
        for line in re.findall(r'"wrapped": "([^"]+)"', path.read_text())
    ]
    assert len(keys) == len(world.planted)
    assert not [table for table, text in told.items() if any(key in text for key in keys)]


def test_what_stays_in_clear_is_what_the_documents_say():
    """docs/security.md, « What a stolen dump says »: every column of the domain that no key seals, table by table."""
    text = (ROOT / "docs" / "security.md").read_text()
    section = text.split("## What a stolen dump says")[1].split("\n## ")[0]
    documented = {
        row[0]: set(row[1].replace(",", " ").split())
        for row in re.findall(r"^\| `(\w+)` \| ([\w ,]+) \|", section, re.MULTILINE)
    }
    clear = {
        model.__name__: {f.name for f in model._meta.concrete_fields if not isinstance(f, SealedField)} - {"id"}
        for model in apps.get_app_config("followup").get_models()
    }
    assert len(clear) > 20
    written = "\n".join(f"| `{name}` | {', '.join(sorted(columns))} |" for name, columns in sorted(clear.items()))
    assert documented == clear, f"docs/security.md should say:\n{written}"


def test_nothing_is_sealed_elsewhere_than_in_the_domain_that_the_table_covers():
    assert {model._meta.app_label for model in sealed_models()} == {"followup"}


def test_sql_slipped_in_claims_any_mandate_and_reads_ciphertext_alone(stolen):
    _name, world = stolen
    tables = [model._meta.db_table for model in apps.get_models()]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM followup_followup")
        assert cursor.fetchone() == (0,)
    readable = set()
    for mandate in Mandate.objects.values_list("pk", flat=True):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('prevenance.mandate', %s, true)", [str(mandate)])
            for model in [*sealed_models(), FollowUp]:
                cursor.execute(f"SELECT t::text FROM {model._meta.db_table} t")
                rows = [row[0] for row in cursor.fetchall()]
                readable |= {model.__name__} if rows else set()
                assert world.reader.sealed("\n".join(rows)) == set(), model
                # Bytes read as letters tell no more.
                for column in sealed_fields(model):
                    cursor.execute(f"SELECT encode({column}, 'escape') FROM {model._meta.db_table}")
                    assert world.reader.sealed(str(cursor.fetchall())) == set(), f"{model}.{column}"
    # Row security alone did not stop it: claiming a mandate is enough to reach its rows. Encryption did.
    assert readable == {model.__name__ for model in [*sealed_models(), FollowUp]}
    with connection.cursor() as cursor:
        for table in tables:
            if table.startswith(("core_", "accounts_", "governance_", "pages_")):
                cursor.execute("SELECT has_table_privilege(%s, 'SELECT')", [table])
                if cursor.fetchone()[0]:
                    cursor.execute(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t")
                    assert world.reader.sealed(cursor.fetchone()[0]) == set(), table


@pytest.mark.parametrize("statement", [
    "ALTER TABLE followup_identity DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE followup_identity NO FORCE ROW LEVEL SECURITY",
    "DROP POLICY acting_mandate ON followup_identity",
    "CREATE POLICY mine ON followup_identity USING (true)",
    "ALTER ROLE CURRENT_USER BYPASSRLS",
    "SET ROLE pg_read_all_data",
    "SELECT pg_read_file('/etc/passwd')",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "COPY followup_identity TO '/tmp/identity'",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
    "CREATE OR REPLACE FUNCTION followup_bodies(mandate bigint) RETURNS bigint[] LANGUAGE sql AS 'SELECT NULL'",
    "UPDATE followup_share SET until = now() + interval '1 year'",
    "UPDATE followup_followup SET key = gen_random_uuid()",
    "DELETE FROM followup_followup",
    "DELETE FROM core_auditrow",
    "UPDATE followup_duration SET amount = 3650",
])  # fmt: skip
@pytest.mark.django_db
def test_sql_slipped_in_does_not_take_the_walls_down(statement):
    refused = r"permission denied|must be owner|denied|only roles with"
    with pytest.raises(DatabaseError, match=refused), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_row_security_off_is_an_error_and_not_a_way_around(stolen):
    _name, _world = stolen
    with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL row_security = off")
        cursor.execute("SELECT * FROM followup_identity")


def test_a_sealed_value_put_in_the_place_of_another_does_not_open(stolen):
    """An injected UPDATE copies what one may not read where one may: another file's key sealed it."""
    _name, world = stolen
    exposed, victim = world.file("exposed").row, world.file("victim").row
    with transaction.atomic(), connection.cursor() as cursor:
        act_as(world.one.coordinator.mandate_id)
        cursor.execute(
            "UPDATE followup_identity SET family_name = o.family_name FROM followup_identity o"
            " WHERE o.followup_id = %s AND followup_identity.followup_id = %s", [victim.pk, exposed.pk],
        )  # fmt: skip
        row = Identity.objects.get(followup=exposed)
        with pytest.raises(vault.Tampered):
            opened_values(row, vault.open(exposed.key))
        # Within a file, from one column to another, neither.
        row.given_name, row.family_name = row.family_name, row.given_name
        with pytest.raises(vault.Tampered):
            opened_values(row, vault.open(exposed.key), ["given_name"])
    client = next(one for one in world.attackers if one.name == "referent").client()
    answer = client.get(reverse("followup:file", args=[exposed.pk]))
    assert answer.status_code == 500
    assert {label for label, _place in world.reader.sealed(body_of(answer))} <= {"exposed"}


def test_a_backup_restored_after_the_purge_gives_back_neither_name_nor_text(stolen, django_db_blocker, tmp_path):
    """Dump, erase, restore with the master key and today's key store."""
    name, world = stolen
    gone, kept = world.file("exposed"), world.file("victim")
    today = timezone.localdate()
    with transaction.atomic():
        act_as(world.one.coordinator.mandate_id)
        FollowUp.objects.filter(pk=gone.row.pk).update(closed_on=today, purge_on=today)
    assert opened(world, gone)
    document = gone.rows["Attachment"][0]
    document.followup = gone.row
    assert default_storage.exists(document.path())
    connection.close()
    shutil.copytree(default_storage.location, tmp_path / "documents")  # the documents' backup is stolen too
    with database.copy_of(name) as backup:  # every byte, as a dump restored
        list(jobs.erase_due())
        with pytest.raises(vault.KeyLost):
            vault.open(gone.row.key)
        assert vault.open(kept.row.key)
        assert Path(live.MASTER_KEYS).exists()
        shutil.rmtree(default_storage.location)
        shutil.copytree(tmp_path / "documents", default_storage.location)
        with seeded.using(backup, django_db_blocker):
            told = dump(backup)
            assert gone.number in told["followup_followup"]  # restored it is, its number, group and dates in clear
            found = {place for text in told.values() for place in world.reader.sealed(text)}
            assert found == set()
            assert opened(world, gone) == {}
            assert opened(world, kept)
            seen = walked(world, "coordinator")
            assert "exposed" not in {label for label, _place in seen}
            assert "victim" in {label for label, _place in seen}
            # The next night erases it again: its date has passed.
            assert ("files", 1) in list(jobs.erase_due())
            assert gone.number not in dump(backup)["followup_followup"]


def opened(world, one):
    """Every sealed value of a file that today's keys still open."""
    found = {}
    with transaction.atomic():
        act_as(world.one.coordinator.mandate_id)
        for model in kept_models():
            for row in model._base_manager.filter(followup=one.row.pk):
                try:
                    values = opened_values(row, vault.open(one.row.key))
                except vault.KeyLost:
                    continue
                found |= {(model.__name__, row.pk, field): value for field, value in values.items() if value}
    return found


def walked(world, name):
    """What pages of files show to an attacker; a page whose key is gone says so."""
    attacker = next(one for one in world.attackers if one.name == name)
    client = attacker.client()
    give_reasons(client, world.planted)
    seen = set()
    for one in world.planted:
        if one.is_file:
            for page in ("file", "plan", "contacts", "reviews", "orientations", "attachments"):
                seen |= world.reader.sealed(body_of(client.get(reverse(f"followup:{page}", args=[one.row.pk]))))
            document = [one.row.pk, one.rows["Attachment"][0].pk]
            seen |= world.reader.sealed(body_of(client.get(reverse("followup:attachment", args=document))))
    return seen
