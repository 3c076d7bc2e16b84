"""A controller leaves with all that is theirs, complete, and readable without the platform."""

import csv
import datetime as dt
import io
import json
import re
import zipfile

import pytest
import time_machine
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from prevenance.core.refusals import Refused
from prevenance.core.row_security import act_as
from prevenance.domains.governance import jobs
from prevenance.domains.governance.actions.exports import ask_export
from prevenance.domains.governance.analysis.everything import NOT_THEIRS, OTHERWISE, path_to_controller, tables, written
from prevenance.domains.governance.models import Act, Controller, ControllerExport, Council, HandOver, Upload
from prevenance.domains.governance.rules.controllers import place_of_export
from tests.factories import actor, coordinator_of, scope_of, signed_act, territory
from tests.house.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    """A council with one of each thing, and another controller's beside it."""
    world = World("mayor")
    World("epci_president")  # another controller: the EPCI
    Controller.objects.create(scope=world.council.scope.holder, basis="CSI L132-4")
    return world


def made(world):
    export = ask_export(scope=world.council.scope.holder, by=world.actor)
    jobs.build_export(export=export.pk, person=world.actor.person_id, mandate=world.actor.mandate_id)
    export.refresh_from_db()
    with default_storage.open(place_of_export(export), "rb") as file:
        return export, zipfile.ZipFile(io.BytesIO(file.read()))


def test_every_table_of_governance_says_whose_its_rows_are():
    models = apps.get_app_config("governance").get_models(include_auto_created=True)
    lost = [
        model._meta.label
        for model in models
        if model not in NOT_THEIRS and model._meta.label_lower not in OTHERWISE and path_to_controller(model) is None
    ]
    assert lost == []
    assert all(reason for reason in NOT_THEIRS.values())


def test_the_export_equals_the_database(world):
    """Each row that SQL finds by its own joins is in the file with every column, and no other row is."""
    export, archive = made(world)
    assert (export.state, export.done) == ("ready", export.total)
    act_as(world.actor.mandate_id)
    scope = world.council.scope.holder_id
    theirs = Council.objects.filter(scope__holder=scope).count()
    assert 0 < theirs < Council.objects.count()
    held = f"JOIN governance_council c ON c.id = {{}}.council_id JOIN accounts_scope s ON s.id = c.scope_id " \
           f"WHERE s.holder_id = {scope}"  # fmt: skip
    by_hand = {
        "governance_council": "SELECT x.* FROM governance_council x JOIN accounts_scope s ON s.id = x.scope_id "
        f"WHERE s.holder_id = {scope}",
        "governance_membership": "SELECT x.* FROM governance_membership x JOIN governance_body b ON b.id = x.body_id "
        + held.format("b"),
        "governance_meeting": "SELECT x.* FROM governance_meeting x " + held.format("x"),
        "governance_minutessection": "SELECT x.* FROM governance_minutessection x "
        "JOIN governance_minutes n ON n.id = x.minutes_id JOIN governance_meeting m ON m.id = n.meeting_id "
        + held.format("m"),
        "governance_decision": "SELECT x.* FROM governance_decision x " + held.format("x"),
        "governance_import": "SELECT x.* FROM governance_import x " + held.format("x"),
    }
    for name, statement in by_hand.items():
        found = list(csv.DictReader(io.StringIO(archive.read(f"tables/{name}.csv").decode())))
        with connection.cursor() as cursor:
            cursor.execute(statement)
            columns = [column.name for column in cursor.description]
            rows = [dict(zip(columns, map(written, row), strict=True)) for row in cursor]
        assert rows, name
        for row in [*found, *rows]:  # JSON is text in one and parsed in the other: see the next test for its presence
            for column in ("headers", "rows", "mapping"):
                row.pop(column, None)
        assert sorted(found, key=lambda row: int(row["id"])) == sorted(rows, key=lambda row: int(row["id"])), name


def test_every_table_is_in_the_file_with_every_column_and_every_row(world):
    _export, archive = made(world)
    act_as(world.actor.mandate_id)
    for name, rows, columns in tables(world.council.scope.holder):
        found = list(csv.reader(io.StringIO(archive.read(f"tables/{name}.csv").decode())))
        assert tuple(found[0]) == columns, name
        if name not in ("core_auditrow", "governance_controllerexport"):
            assert len(found) - 1 == rows.count(), name


def test_nothing_of_another_controller_is_in_it(world):
    _export, archive = made(world)
    stranger = Council.objects.exclude(scope__holder=world.council.scope.holder)
    ids = {row["id"] for row in csv.DictReader(io.StringIO(archive.read("tables/governance_council.csv").decode()))}
    assert ids.isdisjoint({str(pk) for pk in stranger.values_list("pk", flat=True)})


def test_it_is_read_without_the_platform(world):
    _export, archive = made(world)
    home = archive.read("index.html").decode()
    links = re.findall(r'href="([^"]+)"', home)
    assert links and all(link in archive.namelist() for link in links)  # noqa: PT018
    page = archive.read(f"conseil-{world.council.pk}.html").decode()
    assert "Une décision inventée" in page
    assert world.member.person.family_name in page
    assert "<script" not in home + page
    assert "http" not in home + page
    assert archive.read(f"documents/{world.upload.pk}-note.pdf") == b"%PDF-1.4"
    assert not re.search(r"password|digest", "".join(archive.namelist()))
    assert "password" not in archive.read("tables/accounts_person.csv").decode()


def test_no_cell_is_computed_and_json_stays_json(world):
    Council.objects.filter(pk=world.council.pk).update(name='=HYPERLINK("x")')
    asked = {"fonctions": ["présider", "convoquer"], "durée": None}
    act = Act.objects.create(
        scope=world.council.scope.holder, council=world.council, kind="assignment", version=9, text="x", values=asked,
        prepared_by=world.actor.person,
    )  # fmt: skip
    _export, archive = made(world)

    def cells(table, column):
        found = csv.DictReader(io.StringIO(archive.read(f"tables/{table}.csv").decode()))
        return {row["id"]: row[column] for row in found}

    assert cells("governance_council", "name")[str(world.council.pk)] == '\'=HYPERLINK("x")'
    assert json.loads(cells("governance_act", "values")[str(act.pk)]) == asked


def test_an_act_of_no_council_and_its_signed_copy_are_in_it(world):
    copy = Upload.objects.create(
        council=None, name="convention.pdf", content_type="application/pdf", size=8, sha256="0" * 64,
        added_by=world.actor.person,
    )  # fmt: skip
    default_storage.save(str(copy.key), ContentFile(b"%PDF-1.7"))
    act = signed_act(
        scope=world.council.scope.holder, council=None, kind="pooling", version=1, text="Convention inventée",
        prepared_by=world.actor.person, scan=copy,
    )  # fmt: skip
    _export, archive = made(world)
    ids = {row["id"] for row in csv.DictReader(io.StringIO(archive.read("tables/governance_act.csv").decode()))}
    assert str(act.pk) in ids
    assert archive.read(f"documents/{copy.pk}-convention.pdf") == b"%PDF-1.7"


def test_asking_twice_makes_one_and_running_twice_replaces(world):
    first = ask_export(scope=world.council.scope.holder, by=world.actor)
    assert ask_export(scope=world.council.scope.holder, by=world.actor) == first
    for _run in range(2):
        jobs.build_export(export=first.pk, person=world.actor.person_id, mandate=world.actor.mandate_id)
    assert ControllerExport.objects.get().state == "ready"


def test_only_who_chairs_asks_and_downloads(world, sign_in):
    with pytest.raises(Refused, match="Seule la présidence"):
        ask_export(scope=world.council.scope.holder, by=coordinator_of(world.council))
    export, _archive = made(world)
    url = reverse("governance:export_download", args=[export.key])
    response = sign_in(world.actor).get(url)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/zip"
    for other in (
        coordinator_of(world.council),
        actor("mayor", scope_of(territory("commune", "42187"))),
        actor("data_protection_officer", world.council.scope.holder),
    ):
        assert sign_in(other).get(url).status_code == 404


def test_a_mandate_that_ended_gets_nothing(world):
    export = ask_export(scope=world.council.scope.holder, by=world.actor)
    world.actor.mandate.withdrawn_at = timezone.now()
    world.actor.mandate.save()
    with pytest.raises(Refused):
        jobs.build_export(export=export.pk, person=world.actor.person_id, mandate=world.actor.mandate_id)
    export.refresh_from_db()
    assert export.state == "failed"


def test_the_file_is_erased_after_its_days(world):
    export, _archive = made(world)
    jobs.erase_exports(timestamp=0)
    assert default_storage.exists(place_of_export(export))
    with time_machine.travel(timezone.now() + dt.timedelta(days=9)):
        jobs.erase_exports(timestamp=0)
    export.refresh_from_db()
    assert export.state == "erased"
    assert not default_storage.exists(place_of_export(export))


def test_an_expired_export_is_not_downloaded_even_before_the_night(world, sign_in):
    export, _archive = made(world)
    client, url = sign_in(world.actor), reverse("governance:export_download", args=[export.key])
    assert client.get(url).status_code == 200
    ControllerExport.objects.filter(pk=export.pk).update(finished_at=timezone.now() - dt.timedelta(days=9))
    assert client.get(url).status_code == 404
    page = client.get(reverse("governance:controller")).content.decode()
    assert "délai passé" in page
    assert url not in page


def test_a_lost_file_is_named_and_everything_else_leaves(world, sign_in):
    default_storage.delete(str(world.upload.key))
    export, archive = made(world)
    assert (export.state, export.missing) == ("ready", 1)
    name = f"documents/{world.upload.pk}-note.pdf"
    assert name not in archive.namelist()
    assert name in archive.read("documents/perdus.txt").decode()
    assert "tables/governance_upload.csv" in archive.namelist()
    assert "1 fichier perdu" in sign_in(world.actor).get(reverse("governance:controller")).content.decode()


def ids(archive, table):
    return {row["id"] for row in csv.DictReader(io.StringIO(archive.read(f"tables/{table}.csv").decode()))}


def test_what_two_controllers_share_is_in_the_export_of_each(world):
    """A problem handed to the town's group, a letter of the préfet's office to its council."""
    handed = HandOver.objects.create(problem=world.problem, body=world.group, by=world.person)
    _export, archive = made(world)
    assert ids(archive, "governance_handover") == {str(handed.pk)}
    assert ids(archive, "governance_problem") == set()  # « à regarder », and nothing more
    office = actor("prefect_office", world.police.scope.holder)
    export = ask_export(scope=world.police.scope.holder, by=office)
    jobs.build_export(export=export.pk, person=office.person_id, mandate=office.mandate_id)
    with default_storage.open(place_of_export(export), "rb") as file:
        archive = zipfile.ZipFile(io.BytesIO(file.read()))
    assert ids(archive, "governance_handover") == {str(handed.pk)}
    assert str(world.letter.pk) in ids(archive, "governance_letter")
    assert ids(archive, "governance_letterrecipient")
    assert "Lettre" in archive.read("index.html").decode()


def test_the_trail_is_in_it(world):
    _export, archive = made(world)
    rows = list(csv.DictReader(io.StringIO(archive.read("tables/core_auditrow.csv").decode())))
    assert "governance.ask_export" in {row["action"] for row in rows}


def test_a_controller_without_any_council_exports_too():
    by = actor("mayor", scope_of(territory("commune", "42187")))
    export = ask_export(scope=by.mandate.scope, by=by)
    jobs.build_export(export=export.pk, person=by.person_id, mandate=by.mandate_id)
    assert ControllerExport.objects.get().state == "ready"
