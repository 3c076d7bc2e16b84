"""The controller's record: whose it is, what it lacks, who keeps it."""

from datetime import date, timedelta
from functools import cache
from typing import Any

import yaml
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from prevenance.core.dates import date_format
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Scope
from prevenance.domains.governance.models import Body, Controller, ControllerExport

REQUIRED = ("basis", "officer_name", "officer_email", "register_reference", "registered_on", "impact_assessed_on")
HOSTING = ("host_name", "processor_agreement_on")


def holder_of(actor: Actor) -> Scope | None:
    """The commune, EPCI or département that answers for what the actor's mandate prepares, if there is one."""
    if actor.mandate is None or not actor.can("see_register"):
        return None
    scope: Scope = actor.mandate.scope
    while scope.holder is not None:
        scope = scope.holder
    return scope if scope.kind in (Scope.Kind.COMMUNE, Scope.Kind.EPCI, Scope.Kind.DEPARTEMENT) else None


def missing_in(controller: Controller | None) -> list[str]:
    """Names of what the record lacks, in its own order; the database checks the same (migration 0004)."""
    record = controller or Controller()

    def label(name: str) -> str:
        return str(Controller._meta.get_field(name).verbose_name)  # type: ignore[union-attr]

    missing = [label(name) for name in REQUIRED if not getattr(record, name)]
    if record.hosted_elsewhere is None:
        missing.append(_("où les données sont hébergées"))
    elif record.hosted_elsewhere:
        missing += [label(name) for name in HOSTING if not getattr(record, name)]
    if record.left_on is not None:
        missing.append(_("ce responsable lui-même, qui a quitté la plateforme"))
    return missing


def check_can_keep_record(scope: Scope, actor: Actor) -> None:
    """Whoever chairs, coordinates, or is the officer of this controller."""
    if holder_of(actor) != scope:
        raise Refused(_("Cette fiche est tenue par la présidence, la coordination et le délégué de ce responsable."))
    check_has_not_left(scope.pk)


def bodies_exchanging(scope: Scope) -> list[Body]:
    """Bodies for whose files this controller answers today."""
    found = Body.objects.filter(council__scope__holder=scope, nominative=True)
    return list(found.select_related("council").order_by("pk"))


def check_stays_complete(after: Controller) -> None:
    """While one of its bodies exchanges names, a record stays complete."""
    if missing_in(after) and (body := next(iter(bodies_exchanging(after.scope)), None)):
        raise Refused(
            _("L’échange nominatif est ouvert dans « %(body)s » : la fiche doit rester complète.") % {"body": body.name}
        )


# ------------------------------------------------------------------------------------------------------ leaving


@cache
def _leaving_days() -> list[dict[str, Any]]:
    text = (settings.DATA / "governance" / "leaving_days.yaml").read_text(encoding="utf-8")
    lines: list[dict[str, Any]] = yaml.safe_load(text)
    return lines


def leaving_days(what: str, on: date) -> int:
    """Days of a delay of data/governance/leaving_days.yaml. Raises LookupError before the first record."""
    begun = [line for line in _leaving_days() if line["from"] <= on]
    if not begun:
        raise LookupError(f"no delay of those who leave on {on}")
    return int(max(begun, key=lambda line: line["from"])[what])


def left(scope_id: int | None) -> Controller | None:
    """The record of a controller who left, None for one who is there."""
    if scope_id is None:
        return None
    return Controller.objects.filter(scope_id=scope_id, left_on__isnull=False).select_related("scope").first()


def erased_from(record: Controller) -> date:
    """The day from which all that was a controller's may be erased. Raises ValueError for one who has not left."""
    if record.left_on is None:
        raise ValueError("this controller has not left")
    return record.left_on + timedelta(days=leaving_days("erased", record.left_on))


def left_sentence(record: Controller) -> str:
    """What the record and its councils say of a controller who left; "" of one who is there."""
    if record.left_on is None:
        return ""
    return _(
        "Départ de la plateforme le %(day)s (%(who)s). Tout se lit ; l’effacement est possible dès le %(erased)s."
    ) % {
        "who": record.scope.label,
        "day": date_format(record.left_on, "j F Y"),
        "erased": date_format(erased_from(record), "j F Y"),
    }


def check_has_not_left(scope_id: int | None) -> None:
    """Nothing new begins for a controller who left: it would be erased with the rest. Raises Refused."""
    if record := left(scope_id):
        raise Refused(left_sentence(record))


# ------------------------------------------------------------------------------------------------------- export


def check_can_export(scope: Scope, actor: Actor) -> None:
    """Whoever chairs: the export holds working documents and contact details."""
    if holder_of(actor) != scope or not actor.can("approve"):
        raise Refused(_("Seule la présidence peut demander l’export de tout ce que tient ce responsable."))


def place_of_export(export: ControllerExport) -> str:
    return f"exports/{export.key}.zip"


@cache
def _export_days() -> list[dict[str, Any]]:
    text = (settings.DATA / "governance" / "export_days.yaml").read_text(encoding="utf-8")
    lines: list[dict[str, Any]] = yaml.safe_load(text)
    return lines


def export_days(on: date) -> int:
    """For how many days an export waits to be downloaded. Raises LookupError before the first record."""
    begun = [line for line in _export_days() if line["from"] <= on]
    if not begun:
        raise LookupError(f"no duration of exports on {on}")
    return int(max(begun, key=lambda line: line["from"])["days"])


def is_expired(export: ControllerExport, on: date) -> bool:
    """Whether the days of an export have passed: nobody downloads it any more, erased or not yet."""
    if export.finished_at is None:
        return True
    return timezone.localdate(export.finished_at) < on - timedelta(days=export_days(on))


def exports_due(on: date) -> list[ControllerExport]:
    """Exports whose days have passed, and that still have a file."""
    before = on - timedelta(days=export_days(on))
    found = ControllerExport.objects.filter(state=ControllerExport.State.READY, finished_at__date__lt=before)
    return list(found.select_related("controller").order_by("pk"))
