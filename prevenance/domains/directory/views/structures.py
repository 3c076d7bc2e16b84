"""Structures: the list, one of them with its services, its form, its closing."""

from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from prevenance.core.documents.tables import Column
from prevenance.core.refusals import Refused, reason
from prevenance.domains.directory.actions import structures as actions
from prevenance.domains.directory.forms.structures import CloseForm, StructureFilters, StructureForm, values_of
from prevenance.domains.directory.models import PartnersAgreement, Service, Structure
from prevenance.domains.directory.rules import structures as rules
from prevenance.domains.directory.rules.agreements import ending_before
from prevenance.domains.directory.rules.hours import week
from prevenance.domains.directory.rules.keeping import check_can_keep_somewhere
from prevenance.domains.directory.rules.services import to_confirm
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.views.councils import PER_PAGE
from prevenance.domains.governance.views.files import table_or_none
from prevenance.domains.governance.views.requests import posted
from prevenance.domains.territories.models import Territory


def structure_of(request, pk):
    return get_object_or_404(Structure.objects.visible_to(request.actor).select_related("commune"), pk=pk)


def asked(request, field):
    """What the address asks for; when its `field` says no place, the territory that one acts in."""
    data = request.GET
    if field in data or request.actor.territory_id is None or request.actor.scope_kind == "nation":
        return data
    own = Territory.objects.visible_to(request.actor).get(pk=request.actor.territory_id)
    data = data.copy()
    data[field] = own.choice
    return data


@require_safe
def structures(request):
    filters = StructureFilters(asked(request, "where"))
    found = filters.narrow(Structure.objects.visible_to(request.actor)).select_related("commune")
    found = found.order_by("sort_name", "id")
    file = table_or_none(request, columns(), lines(found), title=_("Structures"))
    if file is not None:
        return file
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    counts = services_open(request, rows)
    context = {
        "page": page,
        "rows": [(structure, counts.get(structure.pk, 0)) for structure in rows],
        "filters": filters,
        "filtered": any(request.GET.values()),
        "refusal": reason(check_can_keep_somewhere, request.actor),
    }
    return render(request, "directory/structures/list.html", context)


def services_open(request, rows):
    """{structure: how many services it renders today}, in one query."""
    services = Service.objects.visible_to(request.actor).open().filter(structure__in=[row.pk for row in rows])
    return dict(services.order_by().values_list("structure").annotate(Count("pk")))


def columns():
    return [
        Column("name", _("Structure")), Column("kind", _("Nature")), Column("siret", _("SIRET")),
        Column("address", _("Adresse")), Column("commune", _("Commune")), Column("code", _("Code Insee")),
        Column("phone", _("Téléphone")), Column("email", _("Adresse électronique")), Column("website", _("Site")),
        Column("updated_on", _("Mise à jour le"), "date"), Column("closed_on", _("Fermée le"), "date"),
    ]  # fmt: skip


def lines(found):
    """Rows of the file, read when it is written and not before: a page asks for none."""
    for structure in found:
        yield line(structure)


def line(structure):
    return {
        "name": structure.name, "kind": structure.kind_label, "siret": structure.siret,
        "address": ", ".join(structure.address_lines), "commune": structure.commune.name,
        "code": structure.commune.code, "phone": structure.phone, "email": structure.email,
        "website": structure.website, "updated_on": structure.updated_on, "closed_on": structure.closed_on,
    }  # fmt: skip


@require_safe
def structure(request, structure):
    found = Structure.objects.visible_to(request.actor).select_related("commune").prefetch_related("closures")
    signed = PartnersAgreement.objects.visible_to(request.actor).of_each()
    structure = get_object_or_404(found.annotate(signed=signed), pk=structure)
    if structure.merged_into_id is not None:
        return redirect("directory:structure", structure.merged_into_id)
    today = timezone.localdate()
    services = Service.objects.visible_to(request.actor).filter(structure=structure).select_related("commune")
    services = list(services.order_by(F("closed_on").asc(nulls_first=True), "sort_name", "id"))
    for service in services:
        service.structure = structure  # it is known: their number may be its own
    context = {
        "structure": structure,
        "week": week(
            structure.hours,
            structure.commune.code,
            [(closure.starts_on, closure.ends_on) for closure in structure.closures.all()],
            today,
        ),
        "services": [(service, to_confirm(service, today)) for service in services],
        "signed": [
            (line["name"], date.fromisoformat(line["ends_on"]) if line["ends_on"] else None)
            for line in structure.signed or []  # nothing at all for who reads no agreement
        ],
        "soon": ending_before(today),
        "refusal": reason(rules.check_can_edit_structure, structure, request.actor),
        "add_refusal": reason(check_can_keep_somewhere, request.actor),
        "close_refusal": reason(rules.check_can_close_structure, structure, request.actor),
    }
    return render(request, "directory/structures/detail.html", context)


@require_http_methods(["GET", "POST"])
def structure_add(request):
    check_can_keep_somewhere(request.actor)
    form = StructureForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            added = actions.add_structure(told=form.told(), by=request.actor)
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            say_forgotten(request, form)
            messages.success(request, _("La structure est inscrite. Dites maintenant quels services elle rend."))
            return redirect("directory:structure", added.pk)
    context = {"form": form, "structure": None}
    return render(request, "directory/structures/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def structure_edit(request, structure):
    """What was typed on an older state stays on screen beside a sentence that says so."""
    structure = structure_of(request, structure)
    rules.check_can_edit_structure(structure, request.actor)
    form = StructureForm(posted(request), initial=values_of(structure))
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            seen = form.cleaned_data["seen"] or 0
            actions.edit_structure(structure=structure, told=form.told(), seen=seen, by=request.actor)
        except Stale as stale:
            newest(form, structure)
            form.add_error(None, stale.reason)
            status = 409
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            say_forgotten(request, form)
            messages.success(request, _("La structure est enregistrée."))
            return redirect("directory:structure", structure.pk)
    context = {"form": form, "structure": structure}
    status = 422 if form.errors and status == 200 else status
    return render(request, "directory/structures/form.html", context, status=status)


def say_forgotten(request, form):
    """Tell whoever typed an address that is not kept."""
    if form.forgotten:
        messages.info(request, _("L’adresse que vous aviez écrite n’a pas été gardée : elle est tenue secrète."))


def newest(form, row):
    """The form shown again is about the row as it is now: sent once more, it is taken."""
    data = form.data.copy()
    data["seen"] = row.edit
    form.data = data


@require_http_methods(["GET", "POST"])
def structure_close(request, structure):
    """Close it and its services; asks once and says what is lost."""
    structure = structure_of(request, structure)
    rules.check_can_close_structure(structure, request.actor)
    form = CloseForm(posted(request), initial={"on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            actions.close_structure(structure=structure, on=form.cleaned_data["on"], by=request.actor)
        except Refused as refusal:
            form.add_error("on", refusal.reason)
        else:
            messages.success(request, _("La structure est fermée, et ses services avec elle."))
            return redirect("directory:structure", structure.pk)
    open_services = Service.objects.visible_to(request.actor).filter(structure=structure, closed_on=None).count()
    context = {"form": form, "structure": structure, "open_services": open_services}
    return render(request, "directory/structures/close.html", context, status=422 if form.errors else 200)
