"""Ask for a controller's export, note how far it is, erase it once its days have passed."""

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Scope
from prevenance.domains.governance.models import Controller, ControllerExport
from prevenance.domains.governance.rules import controllers as rules

State = ControllerExport.State


@action(_("Export demandé"))
def ask_export(*, scope: Scope, by: Actor) -> ControllerExport:
    """The export being made if there is one, else a new one, left to a job."""
    from prevenance.domains.governance import jobs

    rules.check_can_export(scope, by)
    Scope.objects.select_for_update().get(pk=scope.pk)  # a second click waits, then finds the first one's
    controller, _made = Controller.objects.get_or_create(scope=scope)
    export = ControllerExport.objects.filter(controller=controller, state=State.WAITING).first()
    if export is None:
        export = ControllerExport.objects.create(controller=controller, requested_by=by.person)
        jobs.build_export.defer(export=export.pk, person=by.person_id, mandate=by.mandate_id)
    audit.record(by=by, scope=scope.pk, subject=export)
    return export


@action(_("Export avancé"))
def note_progress(*, export: ControllerExport, done: int, total: int, by: audit.Identity) -> None:
    ControllerExport.objects.filter(pk=export.pk, state=State.WAITING).update(done=done, total=total)
    audit.record(by=by, scope=export.controller.scope_id, subject=export, done=done)


@action(_("Export prêt"))
def finish_export(
    *, export: ControllerExport, content: bytes, sha256: str, missing: int = 0, by: audit.Identity
) -> None:
    """Keep the file under a key of ours, outside the web root. Run again, it replaces the earlier one.

    `missing`: how many documents the storage has lost, which the file names.
    """
    place = rules.place_of_export(export)
    if default_storage.exists(place):
        default_storage.delete(place)
    default_storage.save(place, ContentFile(content))
    export.state, export.size, export.sha256 = State.READY, len(content), sha256
    export.done, export.finished_at, export.missing = export.total, timezone.now(), missing
    export.save()
    audit.record(by=by, scope=export.controller.scope_id, subject=export, size=len(content), missing=missing)


@action(_("Export interrompu"))
def fail_export(*, export: ControllerExport, by: audit.Identity) -> None:
    ControllerExport.objects.filter(pk=export.pk, state=State.WAITING).update(state=State.FAILED)
    audit.record(by=by, scope=export.controller.scope_id, subject=export)


@action(_("Export téléchargé"))
def note_download(*, export: ControllerExport, by: Actor) -> None:
    export.downloaded_at = timezone.now()
    export.save(update_fields=["downloaded_at"])
    audit.record(by=by, scope=export.controller.scope_id, subject=export)


@action(_("Export effacé"))
def erase_export(*, export: ControllerExport, by: audit.Identity) -> None:
    default_storage.delete(rules.place_of_export(export))
    export.state = State.ERASED
    export.save(update_fields=["state"])
    audit.record(by=by, scope=export.controller.scope_id, subject=export)
