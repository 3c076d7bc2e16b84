"""The controller's record of the commune, EPCI or département that one acts for."""

from datetime import timedelta

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prevenance.core.refusals import Refused, reason
from prevenance.domains.governance.actions import controllers as actions
from prevenance.domains.governance.actions import exports as actions_exports
from prevenance.domains.governance.actions import leaving as actions_leaving
from prevenance.domains.governance.forms.bodies import ControllerForm, values_of
from prevenance.domains.governance.models import Controller, ControllerExport, Council
from prevenance.domains.governance.rules import controllers as rules
from prevenance.domains.governance.rules import leaving as leaving_rules
from prevenance.domains.governance.rules.councils import Stale


@require_http_methods(["GET", "POST"])
def controller(request):
    """Read and keep the record; what it lacks is said first. What was typed on an older one stays on screen."""
    scope = rules.holder_of(request.actor)
    if scope is None:
        if not request.actor.can("see_register"):
            raise Refused(_("La fiche du responsable de traitement se tient sous un mandat local."))
        raise Http404
    record = (
        Controller.objects.visible_to(request.actor).filter(scope=scope).select_related("updated_by", "scope").first()
    )
    form, status = ControllerForm(request.POST if request.method == "POST" else None, initial=values_of(record)), 200
    if request.method == "POST" and form.is_valid():
        try:
            actions.keep_record(scope=scope, record=form.record(), seen=form.cleaned_data["seen"], by=request.actor)
        except Stale as stale:
            form.data = {**form.data.dict(), "seen": values_of(record)["seen"]}
            form.add_error(None, stale.reason)
            status = 409
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("La fiche est enregistrée."))
            return redirect("governance:controller")
    context = {
        "scope": scope,
        "record": record,
        "missing": rules.missing_in(record),
        "form": form,
        "exports": exports_of(request, record),
        "export_refusal": reason(rules.check_can_export, scope, request.actor),
        "bodies": rules.bodies_exchanging(scope),
        "left": rules.left_sentence(record) if record and record.left_on else "",
        "leave_refusal": reason(leaving_rules.check_decides_to_leave, scope, request.actor),
    }
    return render(
        request, "governance/controllers/record.html", context, status=422 if form.errors and status == 200 else status
    )


def exports_of(request, record):
    """The last exports, each with whether it is still there to be downloaded."""
    if record is None:
        return []
    exports = list(ControllerExport.objects.visible_to(request.actor).filter(controller=record)[:5])
    for export in exports:
        ready = export.state == ControllerExport.State.READY
        export.there = ready and not rules.is_expired(export, timezone.localdate())
    return exports


@require_POST
def export_ask(request):
    """Ask for all that the controller has; a second click finds the export being made."""
    scope = rules.holder_of(request.actor)
    if scope is None:
        raise Refused(_("La fiche du responsable de traitement se tient sous un mandat local."))
    actions_exports.ask_export(scope=scope, by=request.actor)
    messages.success(request, _("L’export se prépare. Cette page dira quand il sera prêt."))
    return redirect("governance:controller")


@require_safe
def export_download(request, key):
    """The file, whole: a stream would run after the transaction that says who reads."""
    exports = ControllerExport.objects.visible_to(request.actor).select_related("controller")
    export = get_object_or_404(exports, key=key, state=ControllerExport.State.READY)
    if rules.is_expired(export, timezone.localdate()):
        raise Http404  # its days have passed: the night erases it
    try:
        with default_storage.open(rules.place_of_export(export), "rb") as file:
            content = file.read()
    except FileNotFoundError as error:
        raise Http404 from error
    actions_exports.note_download(export=export, by=request.actor)
    response = HttpResponse(content, content_type="application/zip")
    response["Content-Disposition"] = 'attachment; filename="export-prevenance.zip"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_http_methods(["GET", "POST"])
def leave(request):
    """Asked once: what ends, what is erased, what stays; with what must be settled before."""
    scope = rules.holder_of(request.actor)
    if scope is None:
        raise Refused(_("La fiche du responsable de traitement se tient sous un mandat local."))
    leaving_rules.check_decides_to_leave(scope, request.actor)
    refusal, status = reason(leaving_rules.check_can_leave, scope, request.actor), 200
    if request.method == "POST":
        try:
            actions_leaving.leave_platform(scope=scope, by=request.actor)
        except Stale as stale:
            refusal, status = stale.reason, 409
        else:
            messages.success(request, _("Le départ est inscrit."))
            return redirect("governance:controller")
    today = timezone.localdate()
    context = {
        "scope": scope,
        "councils": Council.objects.visible_to(request.actor).filter(scope__holder=scope, ended_on=None),
        "mandates": leaving_rules.mandates_ending(scope),
        "erased": today + timedelta(days=rules.leaving_days("erased", today)),
        "refusal": refusal,
    }
    return render(request, "governance/controllers/leave.html", context, status=status)
