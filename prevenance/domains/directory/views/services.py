"""Services: the list near a territory, one of them, its form, its confirmation, its closing."""

from collections import Counter

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prevenance.core.documents.tables import Column
from prevenance.core.refusals import Refused, reason
from prevenance.domains.directory.actions import services as actions
from prevenance.domains.directory.analysis.rounds import DAYS_SHOWN, stop_of
from prevenance.domains.directory.forms.services import ServiceFilters, ServiceForm, values_of
from prevenance.domains.directory.forms.structures import CloseForm
from prevenance.domains.directory.models import Closure, Door, ErrorReport, Service
from prevenance.domains.directory.rules import services as rules
from prevenance.domains.directory.rules.doors import hides
from prevenance.domains.directory.rules.hours import opening, week
from prevenance.domains.directory.rules.keeping import check_can_keep_somewhere
from prevenance.domains.directory.rules.orientations import check_can_receive
from prevenance.domains.directory.views.structures import asked, newest, say_forgotten, structure_of
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.views.councils import PER_PAGE
from prevenance.domains.governance.views.files import table_or_none
from prevenance.domains.governance.views.requests import posted


def whole(services):
    """With all that is shown of a service, by joins."""
    return services.select_related("structure__commune", "commune", "owner")


def service_of(request, pk):
    return get_object_or_404(whole(Service.objects.visible_to(request.actor)), pk=pk)


@require_safe
def services(request):
    today = timezone.localdate()
    filters = ServiceFilters(asked(request, "where"))
    found = filters.narrow(Service.objects.visible_to(request.actor), today)
    found = found.order_by("sort_name", "id")
    file = table_or_none(request, columns(), lines(whole(found)), title=_("Services"))
    if file is not None:
        return file
    # Found by their keys alone, then read: joined first, all those of a region were read to show fifty.
    page = Paginator(found.values_list("pk", flat=True), PER_PAGE).get_page(request.GET.get("page"))
    shown = whole(Service.objects.visible_to(request.actor).filter(pk__in=list(page.object_list)))
    context = {
        "page": page,
        "rows": [(service, rules.to_confirm(service, today)) for service in shown.order_by("sort_name", "id")],
        "filters": filters,
        "filtered": any(request.GET.values()),
        "refusal": reason(check_can_keep_somewhere, request.actor),
    }
    return render(request, "directory/services/list.html", context)


def columns():
    return [
        Column("name", _("Service")), Column("kind", _("Nature")), Column("structure", _("Structure")),
        Column("description", _("Ce qui est proposé"), width=60), Column("audiences", _("Publics")),
        Column("cost", _("Frais")), Column("address", _("Adresse")), Column("commune", _("Commune")),
        Column("code", _("Code Insee")), Column("phone", _("Téléphone")), Column("email", _("Adresse électronique")),
        Column("reach", _("Comment s’y adresser")), Column("opened_on", _("Ouvert le"), "date"),
        Column("closed_on", _("Fermé le"), "date"), Column("updated_on", _("Mis à jour le"), "date"),
        Column("verified_on", _("Vérifié le"), "date"),
    ]  # fmt: skip


def lines(found):
    """Rows of the file, read when it is written and not before: a page asks for none."""
    for service in found:
        yield line(service)


def line(service):
    return {
        "name": service.name, "kind": service.kind_label, "structure": service.structure.name,
        "description": service.description, "audiences": ", ".join(service.audience_labels),
        "cost": service.cost_label, "address": ", ".join(service.address_lines), "commune": service.commune.name,
        "code": service.commune.code, "phone": service.dialled, "email": service.reached_at,
        "reach": ", ".join(service.reach_mode_labels), "opened_on": service.opened_on,
        "closed_on": service.closed_on, "updated_on": service.updated_on, "verified_on": service.verified_on,
    }  # fmt: skip


@require_safe
def service(request, service):
    actor = request.actor
    said = ErrorReport.objects.visible_to(actor).of_each()
    found = whole(Service.objects.visible_to(actor)).annotate(reported=said)
    service = get_object_or_404(found, pk=service)
    if service.merged_into_id is not None:
        return redirect("directory:service", service.merged_into_id)
    code, at = service.commune.code, timezone.now()
    closures = Closure.objects.visible_to(actor).of([service])[service.pk]
    elsewhere = other_places(actor, service, timezone.localdate())
    refused = reason(rules.check_can_edit_service, service, actor)
    context = {
        "service": service,
        "opening": opening(service.hours_kept, code, closures, at),
        "stops": [
            stop_of(door, closures, timezone.localdate(), DAYS_SHOWN) for door in elsewhere if door.round is None
        ],
        "rounds": list({door.round_id: door.round for door in elsewhere if door.round is not None}.values()),
        "door_refusal": refused or hides(service),
        "week": week(service.hours_kept, code, closures, timezone.localdate()),
        "closures": [period for period in closures if period[1] >= timezone.localdate()],
        "zones": service.zones.order_by("-weight", "pk"),
        "to_confirm": rules.to_confirm(service, timezone.localdate()),
        "refusal": refused,
        # Whoever changes an open service may also confirm and close it: asked once, not for each button.
        "next_refusal": refused
        if service.closed_on is None
        else reason(rules.check_can_reopen_service, service, actor),
        "keeps": not reason(check_can_keep_somewhere, actor),
        "orients": actor.can("orient") and not reason(check_can_receive, service),
        "reports": [(ErrorReport.What(what).label, count) for what, count in Counter(service.reported).most_common()],
    }
    return render(request, "directory/services/detail.html", context)


def other_places(actor, service, today):
    """Clinics and stops that are not over, by commune; of a service that is closed, none."""
    if service.closed_on is not None:
        return []
    found = Door.objects.visible_to(actor).filter(service=service).exclude(ends_on__lt=today)
    return list(found.select_related("commune", "round").order_by("commune__sort_name", "pk"))


@require_http_methods(["GET", "POST"])
def service_add(request, structure):
    structure = structure_of(request, structure)
    check_can_keep_somewhere(request.actor)
    form = ServiceForm(posted(request), initial={"commune": structure.commune, "served": ["commune"]})
    if request.method == "POST" and form.is_valid():
        try:
            added = actions.add_service(structure=structure, told=form.told(), by=request.actor)
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            say_forgotten(request, form)
            messages.success(request, _("Le service est inscrit : on le trouve dans l’annuaire."))
            return redirect("directory:service", added.pk)
    context = {"form": form, "structure": structure, "service": None}
    return render(request, "directory/services/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def service_edit(request, service):
    """What was typed on an older state stays on screen beside a sentence that says so."""
    service = service_of(request, service)
    rules.check_can_edit_service(service, request.actor)
    form = ServiceForm(posted(request), initial=values_of(service))
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            seen = form.cleaned_data["seen"] or 0
            actions.edit_service(service=service, told=form.told(), seen=seen, by=request.actor)
        except Stale as stale:
            newest(form, service)
            form.add_error(None, stale.reason)
            status = 409
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            say_forgotten(request, form)
            messages.success(request, _("Le service est enregistré."))
            return redirect("directory:service", service.pk)
    context = {"form": form, "structure": service.structure, "service": service}
    status = 422 if form.errors and status == 200 else status
    return render(request, "directory/services/form.html", context, status=status)


@require_POST
def service_verify(request, service):
    """Confirm what the page said; when it changed meanwhile, the page shows it as it is now."""
    service = service_of(request, service)
    seen = request.POST.get("seen", "")
    try:
        actions.verify_service(service=service, seen=int(seen) if seen.isdecimal() else 0, by=request.actor)
    except Stale as stale:
        messages.warning(request, stale.reason)
    else:
        messages.success(request, _("Merci : le service est vérifié à la date d’aujourd’hui."))
    return redirect("directory:service", service.pk)


@require_http_methods(["GET", "POST"])
def service_close(request, service):
    """Asks once and says what is lost."""
    service = service_of(request, service)
    rules.check_can_close_service(service, request.actor)
    form = CloseForm(posted(request), initial={"on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            actions.close_service(service=service, on=form.cleaned_data["on"], by=request.actor)
        except Refused as refusal:
            form.add_error("on", refusal.reason)
        else:
            messages.success(request, _("Le service est fermé : on ne le propose plus."))
            return redirect("directory:service", service.pk)
    context = {"form": form, "service": service}
    return render(request, "directory/services/close.html", context, status=422 if form.errors else 200)


@require_POST
def service_reopen(request, service):
    """A second click finds it open, and says so."""
    service = service_of(request, service)
    try:
        actions.reopen_service(service=service, by=request.actor)
    except Stale as stale:
        messages.info(request, stale.reason)
    else:
        messages.success(request, _("Le service est rouvert."))
    return redirect("directory:service", service.pk)
