"""A controller leaves the platform; later, the operator erases all that was theirs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import connection, models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.actions import people
from prevenance.domains.accounts.models import Scope
from prevenance.domains.governance.actions.bodies import close_body
from prevenance.domains.governance.actions.councils import end_council
from prevenance.domains.governance.analysis.leaving import erased_with
from prevenance.domains.governance.models import Body, Controller, ControllerExport, Council, Import, Upload
from prevenance.domains.governance.rules import leaving as rules
from prevenance.domains.governance.rules.controllers import place_of_export
from prevenance.domains.governance.rules.councils import place_of

BATCH = 2000


@action(_("Départ de la plateforme"))
def leave_platform(*, scope: Scope, by: Actor) -> Controller:
    """End the controller's groups and councils, nominative exchange in them and the mandates that they gave.

    Everything stays readable by whoever chairs until it is erased. Raises councils.Stale on a second click.
    """
    Scope.objects.select_for_update().get(pk=scope.pk)  # a second click waits, then finds that it is done
    rules.check_can_leave(scope, by)
    today = timezone.localdate()
    ended = 0
    for council in Council.objects.filter(scope__holder=scope, ended_on=None).select_related("scope").order_by("pk"):
        groups = Body.objects.filter(council=council, kind=Body.Kind.GROUP, closed_on=None)
        for body in groups.exclude(opened_on__gt=today).order_by("pk"):
            close_body(body=body, on=today, by=by)
        end_council(council=council, on=max(today, council.founded_on or today), by=by)
        ended += 1
    mandates = sum(people.end_scope(scope=held, by=by) for held in rules.held_scopes(scope).order_by("pk"))
    controller = Controller.objects.select_for_update().get(scope=scope)
    controller.left_on, controller.updated_at, controller.updated_by = today, timezone.now(), by.person
    controller.edit += 1
    controller.save()
    audit.record(by=by, scope=scope.pk, subject=controller, councils=ended, mandates=mandates)
    return controller


Told = Callable[[str, int], None]


@action(_("Données d’un responsable effacées"))
def forget_controller(*, scope: Scope, by: audit.Identity, told: Told) -> int:
    """Erase every row of governance that was a controller's, then the files. How many rows.

    Runs as the owner alone, who may lift the locks of approved texts; they are lifted for this transaction, and nobody
    writes in these tables meanwhile. `told` hears (table, rows). Files go last, before the commit: stopped at any
    moment, it is run again. Raises Refused before its day, or while another domain leans on what would go.
    """
    Scope.objects.select_for_update().get(pk=scope.pk)
    rules.check_can_forget(scope, timezone.localdate())
    with _locks_lifted():
        # All is looked up before anything goes: the ways to the controller are among the rows that go.
        found = [(model, list(rows.values_list("pk", flat=True))) for model, rows in erased_with(scope)]
        places = [place_of(upload) for upload in Upload.objects.filter(pk__in=dict(found)[Upload])]
        exports = ControllerExport.objects.filter(pk__in=dict(found)[ControllerExport])
        places += [place_of_export(export) for export in exports]
        for model, ids in found:
            for start in range(0, len(ids), BATCH):
                _erase(model, ids[start : start + BATCH])
            told(str(model._meta.verbose_name_plural), len(ids))
    rows = sum(len(ids) for _model, ids in found)
    audit.record(by=by, scope=scope.pk, subject=scope, rows=rows, files=len(places))
    for place in places:
        default_storage.delete(place)
    return rows


def _erase(model: type[models.Model], ids: list[Any]) -> None:
    """By SQL: keys are checked when all is gone, not table by table."""
    statement = sql.SQL("DELETE FROM {} WHERE id = ANY(%s)").format(sql.Identifier(model._meta.db_table))
    with connection.cursor() as cursor:
        cursor.execute(statement, [ids])


@contextmanager
def _locks_lifted() -> Iterator[None]:
    """Triggers of governance off, and its row security for the owner too, until the block ends.

    Foreign keys hold all along: they are not triggers of ours, and are checked before the locks come back.
    """
    every = apps.get_app_config("governance").get_models(include_auto_created=True)
    tables = [model._meta.db_table for model in every]

    def alter(table: str, what: str) -> None:
        cursor.execute(sql.SQL("ALTER TABLE {} " + what).format(sql.Identifier(table)))

    with connection.cursor() as cursor:
        for table in tables:
            alter(table, "DISABLE TRIGGER USER")
        alter(Import._meta.db_table, "DISABLE ROW LEVEL SECURITY")
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        alter(Import._meta.db_table, "ENABLE ROW LEVEL SECURITY")
        for table in tables:
            alter(table, "ENABLE TRIGGER USER")
