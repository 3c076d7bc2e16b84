"""Other places where services receive: their list, one of them in a form, its end."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from prevenance.core.documents.tables import Column
from prevenance.core.refusals import Refused
from prevenance.domains.directory.actions import doors as actions
from prevenance.domains.directory.analysis.rounds import DAYS_SHOWN, stops_of
from prevenance.domains.directory.forms.doors import DoorFilters, DoorForm, EndForm, values_of
from prevenance.domains.directory.models import Door
from prevenance.domains.directory.rules import doors as rules
from prevenance.domains.directory.rules.rhythms import in_words
from prevenance.domains.directory.views.services import service_of
from prevenance.domains.directory.views.structures import asked, newest
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.views.councils import PER_PAGE
from prevenance.domains.governance.views.files import table_or_none
from prevenance.domains.governance.views.requests import posted

LINKS = ("service__structure__commune", "service__commune", "commune", "round")
LISTED = ("service__structure", "commune", "round")  # a join more takes as long to plan as the rest to read


def door_of(request, pk):
    return get_object_or_404(Door.objects.visible_to(request.actor).select_related(*LINKS), pk=pk)


@require_safe
def doors(request):
    """Clinics and stops of a territory, each with its next days."""
    actor, today = request.actor, timezone.localdate()
    filters = DoorFilters(asked(request, "where"))
    found = filters.narrow(Door.objects.visible_to(actor), today).select_related(*LISTED)
    found = found.order_by("commune__sort_name", "service__sort_name", "rank", "pk")
    file = table_or_none(request, columns(), found, line=row, title=_("Permanences et arrêts"))
    if file is not None:
        return file
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "stops": stops_of(list(page.object_list), today, DAYS_SHOWN),
        "filters": filters,
        "filtered": any(request.GET.values()),
    }
    return render(request, "directory/doors/list.html", context)


def columns():
    return [
        Column("commune", _("Commune")), Column("code", _("Code Insee")), Column("place", _("Lieu d’accueil")),
        Column("address", _("Adresse")), Column("service", _("Service")), Column("structure", _("Structure")),
        Column("round", _("Tournée")), Column("rank", _("Rang"), "integer"), Column("when", _("Horaires"), width=40),
        Column("hours", _("Horaires (OpenStreetMap)")), Column("weekly", _("Heures par semaine"), "decimal"),
        Column("starts_on", _("Premier jour"), "date"), Column("ends_on", _("Dernier jour"), "date"),
    ]  # fmt: skip


def row(door):
    return {
        "commune": door.commune.name, "code": door.commune.code, "place": door.place, "address": door.address,
        "service": door.service.name, "structure": door.service.structure.name,
        "round": door.round.name if door.round else "", "rank": door.rank or None, "when": in_words(door.hours),
        "hours": door.hours, "weekly": round(door.weekly_hours, 2), "starts_on": door.starts_on,
        "ends_on": door.ends_on,
    }  # fmt: skip


@require_http_methods(["GET", "POST"])
def door_add(request, service):
    service = service_of(request, service)
    rules.check_can_open(service, request.actor)
    form = DoorForm(posted(request), initial={"starts_on": timezone.localdate(), "commune": service.commune})
    if request.method == "POST" and form.is_valid():
        try:
            actions.open_door(service=service, told=form.told(), by=request.actor)
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("La permanence est inscrite : on la trouve près de ses habitants."))
            return redirect("directory:service", service.pk)
    context = {"form": form, "service": service, "heading": _("Ajouter une permanence"), "round": None}
    return render(request, "directory/doors/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def door_edit(request, door):
    """What was typed on an older state stays on screen beside a sentence that says so."""
    door = door_of(request, door)
    rules.check_can_edit_door(door, request.actor)
    form, status = DoorForm(posted(request), initial=values_of(door)), 200
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_door(door=door, told=form.told(), seen=form.cleaned_data["seen"] or 0, by=request.actor)
        except Stale as stale:
            newest(form, door)
            form.add_error(None, stale.reason)
            status = 409
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("Le lieu d’accueil est enregistré."))
            return back(door)
    context = {"form": form, "service": door.service, "heading": str(door), "round": door.round}
    status = 422 if form.errors and status == 200 else status
    return render(request, "directory/doors/form.html", context, status=status)


def back(door):
    if door.round_id is not None:
        return redirect("directory:round", door.round_id)
    return redirect("directory:service", door.service_id)


@require_http_methods(["GET", "POST"])
def door_end(request, door):
    """Asks once and says what is lost."""
    door = door_of(request, door)
    rules.check_can_end_door(door, request.actor)
    form = EndForm(posted(request), initial={"on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_door(door=door, on=form.cleaned_data["on"], by=request.actor)
        except Refused as refusal:
            form.add_error("on", refusal.reason)
        else:
            messages.success(request, _("Le dernier jour est inscrit : on ne propose plus ce lieu après."))
            return back(door)
    context = {
        "form": form, "service": door.service, "round": door.round, "heading": _("Ne plus accueillir à cet endroit"),
        "lost": _("Après ce jour, personne n’y sera plus envoyé : %(place)s. Ce qui a été reste lisible.")
        % {"place": door},
    }  # fmt: skip
    return render(request, "directory/doors/end.html", context, status=422 if form.errors else 200)
