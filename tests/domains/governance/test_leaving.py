"""A controller leaves, then is forgotten: nothing of theirs stays in governance, and the trail still verifies."""

import datetime as dt
import io

import pytest
import time_machine
from django.apps import apps
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections, transaction
from django.urls import reverse
from django.utils import timezone

from prevenance.core.audit.verify import first_break, stored_heads, stored_rows
from prevenance.core.models import AuditRow
from prevenance.core.refusals import Refused, reason
from prevenance.core.row_security import act_as
from prevenance.domains.accounts.acting import actor_of
from prevenance.domains.accounts.models import Mandate
from prevenance.domains.governance.actions import councils, exports
from prevenance.domains.governance.actions.controllers import Record, keep_record
from prevenance.domains.governance.actions.leaving import leave_platform
from prevenance.domains.governance.analysis.everything import owned
from prevenance.domains.governance.models import (
    Act,
    Body,
    Controller,
    ControllerExport,
    Council,
    Letter,
    LetterRecipient,
    Meeting,
)
from prevenance.domains.governance.rules import leaving as rules
from prevenance.domains.governance.rules.controllers import check_can_keep_record, leaving_days, missing_in
from prevenance.domains.governance.rules.councils import Stale
from tests import database
from tests.conftest import database_settings
from tests.factories import CouncilFactory, MeetingFactory, actor, coordinator_of, scope_of, territory
from tests.house.world import World

COMPLETE = Record(
    basis="CSI L132-4", officer_name="Alix Exemple", officer_email="dpo@exemple.invalid", register_reference="R-1",
    registered_on=dt.date(2026, 1, 5), impact_assessed_on=dt.date(2026, 1, 6), hosted_elsewhere=False,
)  # fmt: skip


def exported(world):
    """An export asked for, ready and downloaded by whoever chairs."""
    export = exports.ask_export(scope=world.council.scope.holder, by=world.actor)
    exports.finish_export(export=export, content=b"PK", sha256="0" * 64, by=world.actor)
    exports.note_download(export=export, by=world.actor)
    return export


@pytest.fixture
def world(db):
    """A council with one of each thing, a complete record, nominative exchange open in its group."""
    world = World("mayor", plans=False)
    # A trial of coverage and an orientation lean on the scope, as plans do: see the refusal below.
    world.directory.scenario.delete()
    world.directory.orientation.delete()
    holder = world.council.scope.holder
    keep_record(scope=holder, record=COMPLETE, seen=0, by=world.actor)
    world.group.nominative, world.group.nominative_since = True, timezone.localdate()
    world.group.save()
    return world


def refusal(world):
    return reason(rules.check_can_leave, world.council.scope.holder, world.actor)


def test_only_who_chairs_leaves_and_in_person(world):
    exported(world)
    scope = world.council.scope.holder
    assert refusal(world) == ""
    for other in (
        coordinator_of(world.council),
        actor("data_protection_officer", scope),
        actor("mayor", scope_of(territory("commune", "42187"))),
    ):
        assert "Seule la présidence, en personne" in reason(rules.check_can_leave, scope, other)
    given = Mandate.objects.create(
        person=world.person, role="mayor", scope=scope, valid_from=dt.date(2026, 1, 1),
        delegated_from=world.actor.mandate, allows=["approve", "see_register"],
    )  # fmt: skip
    assert "en personne" in reason(rules.check_can_leave, scope, actor_of(world.person, given.pk))


def test_an_export_is_asked_first_downloaded_and_fresh(world):
    assert "Préparez d’abord l’export" in refusal(world)
    export = exported(world)
    assert refusal(world) == ""
    ControllerExport.objects.filter(pk=export.pk).update(downloaded_at=None)
    assert "téléchargez-le" in refusal(world)
    late = timezone.now() - dt.timedelta(days=leaving_days("downloaded", timezone.localdate()) + 1)
    ControllerExport.objects.filter(pk=export.pk).update(downloaded_at=late)
    assert "téléchargez-le" in refusal(world)


def test_an_export_older_than_the_last_change_does_not_do(world):
    exported(world)
    councils.edit_council(council=world.council, name="CLSPD corrigé", founded_on=None, by=world.actor)
    assert "rien ne doit changer" in refusal(world)
    exported(world)
    assert refusal(world) == ""


def test_nobody_leaves_with_a_meeting_convened(world):
    MeetingFactory(body=world.held.body, state=Meeting.State.CONVENED, convened_at=timezone.now())
    exported(world)
    assert "est convoquée" in refusal(world)


def test_nobody_leaves_while_a_plan_leans_on_the_council(db):
    world = World("mayor")
    exported(world)
    assert "1 plan" in refusal(world)


def test_leaving_ends_councils_groups_exchange_and_mandates(world):
    exported(world)
    scope, today = world.council.scope.holder, timezone.localdate()
    coordinator = coordinator_of(world.council)
    controller = leave_platform(scope=scope, by=world.actor)
    world.group.refresh_from_db()
    world.council.refresh_from_db()
    assert controller.left_on == world.council.ended_on == world.group.closed_on == today
    assert (world.group.nominative, world.group.exchanged) == (False, True)
    held = Mandate.objects.filter(scope__in=rules.held_scopes(scope))
    assert held.exists()
    assert not held.exclude(pk__in=Mandate.objects.in_state(Mandate.State.ENDED)).exists()
    assert Mandate.objects.get(pk=world.actor.mandate_id).state == Mandate.State.CURRENT
    coordinator.person.refresh_from_db()
    assert AuditRow.objects.filter(scope=f"scope:{scope.pk}", action="governance.leave_platform").count() == 1
    with pytest.raises(Stale, match="Départ de la plateforme"):
        leave_platform(scope=scope, by=world.actor)


def test_who_left_opens_nothing_again_and_the_database_agrees(world):
    exported(world)
    scope = world.council.scope.holder
    controller = leave_platform(scope=scope, by=world.actor)
    assert "ce responsable lui-même, qui a quitté la plateforme" in missing_in(controller)
    assert "Départ" in reason(check_can_keep_record, scope, world.actor)
    with pytest.raises(Refused, match="Départ"):
        councils.create_council(territory=world.council.territory, name="CLSPD", kind="CLSPD", by=world.actor)
    Council.objects.filter(pk=world.council.pk).update(ended_on=None)
    with pytest.raises(DatabaseError, match="record is not complete"), transaction.atomic():
        Body.objects.filter(pk=world.group.pk).update(nominative=True, nominative_since=timezone.localdate())


def test_the_screen_says_what_is_lost_what_stays_and_what_to_do_first(world, sign_in):
    client, url = sign_in(world.actor), reverse("governance:leave")
    page = client.get(url).content.decode()
    assert "Préparez d’abord l’export" in page
    assert "disabled" in page
    assert client.post(url).status_code == 403
    exported(world)
    page = client.get(url).content.decode()
    assert world.council.name in page
    assert "journal des actes" in page
    assert "Ce n’est pas réversible" in page
    assert client.post(url).status_code == 302
    assert "Départ de la plateforme" in client.get(reverse("governance:controller")).content.decode()
    council = client.get(reverse("governance:council", args=[world.council.pk])).content.decode()
    assert "Départ de la plateforme" in council
    assert client.post(url).status_code == 409
    assert sign_in(actor("data_protection_officer", world.council.scope.holder)).get(url).status_code == 403


# -------------------------------------------------------------------------------------------------- forgetting


@pytest.fixture
def owned_database(django_db_setup, django_db_blocker):
    """A database of one's own, reached as its owner, where what is written is committed."""
    here = connections["default"]
    with database.copy_of(database.france()) as name, django_db_blocker.unblock():
        here.close()
        before = {key: here.settings_dict[key] for key in ("NAME", "USER", "PASSWORD")}
        here.settings_dict.update(database_settings(database.url("owner", name)))
        try:
            yield
        finally:
            here.close()
            here.settings_dict.update(before)


def run(*arguments):
    out = io.StringIO()
    call_command("forget_controller", *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def counts():
    """{table: rows} of governance, as the owner sees them all."""
    found = {}
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("ALTER TABLE governance_import NO FORCE ROW LEVEL SECURITY")
        for model in apps.get_app_config("governance").get_models(include_auto_created=True):
            cursor.execute(f"SELECT count(*) FROM {model._meta.db_table}")
            found[model._meta.db_table] = cursor.fetchone()[0]
        transaction.set_rollback(True)
    return found


def test_everything_is_erased_and_the_trail_still_verifies(owned_database):
    with transaction.atomic():
        neighbour = CouncilFactory(territory=territory("commune", "42187"))  # stays, with what is theirs
        MeetingFactory(body=neighbour.bodies.get(), state=Meeting.State.APPROVED, convened_at=timezone.now())
        before = counts()
        world = World("mayor", plans=False)
        world.directory.scenario.delete()
        world.directory.orientation.delete()
        scope = world.council.scope.holder
        LetterRecipient.objects.create(letter=world.letter, council=neighbour, person=world.person)
        keep_record(scope=scope, record=COMPLETE, seen=0, by=world.actor)
        world.minutes.approved_at, world.minutes.approved_by = timezone.now(), world.person
        world.minutes.save()
        export = exported(world)
        leave_platform(scope=scope, by=world.actor)
    files = [str(world.upload.key), f"exports/{export.key}.zip"]
    assert all(default_storage.exists(file) for file in files)
    with pytest.raises(CommandError, match="l’effacement est possible dès le"):
        run("commune", "42218", "--erase")
    day = timezone.now() + dt.timedelta(days=leaving_days("erased", timezone.localdate()) + 1)
    with time_machine.travel(day, tick=False):
        assert "commune 42218" in run()
        full = counts()
        assert "Rien ne l’est" in run("commune", "42218")
        assert counts() == full
        assert "Le journal reste" in run("commune", "42218", "--erase")
        with pytest.raises(CommandError, match="déjà effacé"):
            run("commune", "42218", "--erase")
    act_as(None)
    assert {model._meta.db_table: rows.count() for model, rows in owned(scope) if rows.exists()} == {}
    # What is left is the neighbour's, the police group that the préfet holds, the letter that the préfet wrote, and the
    # documents of the département's agreements.
    after = counts()
    assert not Act.objects.filter(scope=scope).exists()
    assert not Controller.objects.filter(scope=scope).exists()
    assert Letter.objects.filter(pk=world.letter.pk).exists()
    police = {"governance_council": 1, "governance_councilreach": 3, "governance_body": 1, "governance_problem": 1,
              "governance_letter": 1, "governance_letterrecipient": 1, "governance_upload": 2}  # fmt: skip
    assert {table: after[table] - before[table] for table in after if after[table] != before[table]} == police
    assert not any(default_storage.exists(file) for file in files)
    assert first_break(stored_rows(), stored_heads(), {}, {}) is None
    assert AuditRow.objects.filter(scope=f"scope:{scope.pk}", action="governance.forget_controller").count() == 1
    # The locks are back.
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgenabled = 'D'")
        assert cursor.fetchone()[0] == 0
        cursor.execute("SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = 'governance_import'")
        assert cursor.fetchone() == (True, True)
    with pytest.raises(DatabaseError, match="cannot change"):
        Meeting.objects.filter(council=neighbour).update(title="autre")


def test_a_plan_written_meanwhile_stops_the_erasing(owned_database):
    with transaction.atomic():
        world = World("mayor")
        scope = world.council.scope.holder
        Controller.objects.create(scope=scope, left_on=timezone.localdate())
    day = timezone.now() + dt.timedelta(days=leaving_days("erased", timezone.localdate()) + 1)
    with time_machine.travel(day, tick=False), pytest.raises(CommandError, match="1 plan"):
        run("commune", "42218", "--erase")
    assert Council.objects.filter(scope__holder=scope).exists()


def test_an_unknown_controller_is_said(owned_database):
    with pytest.raises(CommandError, match="Aucun responsable connu"):
        run("commune", "00000", "--erase")
    assert "Aucun responsable parti" in run()


def test_the_application_cannot_lift_the_locks(db):
    with pytest.raises(DatabaseError, match="must be owner"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE governance_minutes DISABLE TRIGGER USER")
