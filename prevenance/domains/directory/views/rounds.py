"""Rounds on the road: their list, one of them with its stops in order, its timetable, what its stops add."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prevenance.core.documents.pdf import PdfUnavailable, render_pdf
from prevenance.core.documents.tables import Column
from prevenance.core.refusals import Refused, reason
from prevenance.domains.directory.actions import doors as actions
from prevenance.domains.directory.analysis import rounds as analysis
from prevenance.domains.directory.forms.doors import DoorForm, EndForm, RoundForm
from prevenance.domains.directory.models import Door, Round
from prevenance.domains.directory.rules import doors as rules
from prevenance.domains.directory.rules.coverage import check_can_see_coverage
from prevenance.domains.directory.views.coverage import method, minutes_in_words, number
from prevenance.domains.directory.views.services import service_of
from prevenance.domains.directory.views.structures import newest
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.views.councils import PER_PAGE
from prevenance.domains.governance.views.files import file_response, named, table_or_none
from prevenance.domains.governance.views.requests import posted
from prevenance.domains.territories.models import Territory

PRINTED = 3 * analysis.WEEKS  # days of a stop in a timetable: three a week at most


def round_of(request, pk):
    found = Round.objects.visible_to(request.actor).select_related("service__structure__commune", "service__commune")
    return get_object_or_404(found, pk=pk)


def stops(request, found, today, count):
    rows = Door.objects.visible_to(request.actor).filter(round=found)
    rows = rows.select_related("commune", "service__structure__commune", "service__commune", "round")
    return analysis.stops_of([row for row in rows.order_by("rank", "pk") if not row.is_over], today, count)


@require_safe
def rounds(request):
    found = Round.objects.visible_to(request.actor).listed()
    file = table_or_none(request, columns(), found, line=row, title=_("Tournées"))
    if file is not None:
        return file
    context = {
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "directory/rounds/list.html", context)


def columns():
    return [
        Column("name", _("Tournée")), Column("vehicle", _("Véhicule")), Column("service", _("Service")),
        Column("structure", _("Structure")), Column("stops", _("Arrêts"), "integer"),
        Column("starts_on", _("Premier jour"), "date"), Column("ends_on", _("Dernier jour"), "date"),
    ]  # fmt: skip


def row(found):
    return {
        "name": found.name, "vehicle": found.vehicle, "service": found.service.name,
        "structure": found.service.structure.name, "stops": found.size, "starts_on": found.starts_on,
        "ends_on": found.ends_on,
    }  # fmt: skip


@require_safe
def round(request, round):
    """Its stops in their order; as a paper, its timetable day by day."""
    found, today = round_of(request, round), timezone.localdate()
    if request.GET.get("format") == "pdf":
        return timetable(request, found, today)
    context = {
        "round": found,
        "stops": stops(request, found, today, analysis.DAYS_SHOWN),
        "refusal": reason(rules.check_can_edit_round, found, request.actor),
        "coverage_refusal": reason(check_can_see_coverage, request.actor),
    }
    return render(request, "directory/rounds/detail.html", context)


def timetable(request, found, today):
    listed = stops(request, found, today, PRINTED)
    context = {
        "round": found, "stops": listed, "days": analysis.timetable(listed, today), "today": today,
        "weeks": analysis.WEEKS,
    }  # fmt: skip
    try:
        content = render_pdf(
            "directory/rounds/timetable.html", context, title=found.name, author=found.service.structure.name
        )
    except PdfUnavailable as problem:
        messages.error(request, str(problem))
        return redirect("directory:round", found.pk)
    return file_response(content, "application/pdf", named(found.name, extension="pdf"), inline=True)


@require_safe
def round_coverage(request, round):
    """What its stops change for each commune of the département where the service is rendered."""
    check_can_see_coverage(request.actor)
    found, today = round_of(request, round), timezone.localdate()
    every = Territory.objects.visible_to(request.actor).existing().filter(kind="departement")
    place = every.filter(contents__contained=found.service.commune).order_by("-weight").first()
    context = {"round": found, "added": None}
    if place is not None:
        added = analysis.added(request.actor, found, place, today)
        bands = added.here.terms.bands
        context |= {
            "added": added, "method": method(added.here),
            "figures": figures(added, bands),
            "page": Paginator(added.nearer, PER_PAGE).get_page(request.GET.get("page")),
        }  # fmt: skip
        context["rows"] = [
            (name, people, minutes_in_words(old), minutes_in_words(new)) for name, people, old, new in context["page"]
        ]
    return render(request, "directory/rounds/coverage.html", context)


def figures(added, bands):
    """(what is counted, without the round, with it)."""
    without, with_it = added.without, added.with_it
    found = [
        (_("Habitants à plus de %(band)d minutes") % {"band": band}, number(old), number(new))
        for band, old, new in zip(bands, without.beyond, with_it.beyond, strict=True)
    ]
    found.append(
        (_("Temps moyen de ceux qu’un service atteint"), minutes_in_words(without.mean), minutes_in_words(with_it.mean))
    )
    hours = _("Heures par semaine pour 1 000 habitants")
    return [*found, (hours, number(without.hours, 2), number(with_it.hours, 2))]


@require_http_methods(["GET", "POST"])
def round_add(request, service):
    service = service_of(request, service)
    rules.check_can_open(service, request.actor)
    form = RoundForm(posted(request), initial={"starts_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            added = actions.add_round(service=service, told=form.told(), by=request.actor)
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("La tournée est inscrite : ajoutez ses arrêts."))
            return redirect("directory:round", added.pk)
    context = {"form": form, "service": service, "round": None, "heading": _("Ajouter une tournée")}
    return render(request, "directory/doors/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def round_edit(request, round):
    """What was typed on an older state stays on screen beside a sentence that says so."""
    found = round_of(request, round)
    rules.check_can_edit_round(found, request.actor)
    initial = {name: getattr(found, name) for name in ("name", "vehicle", "starts_on", "ends_on")}
    form, status = RoundForm(posted(request), initial=initial | {"seen": found.edit}), 200
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_round(round=found, told=form.told(), seen=form.cleaned_data["seen"] or 0, by=request.actor)
        except Stale as stale:
            newest(form, found)
            form.add_error(None, stale.reason)
            status = 409
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("La tournée est enregistrée."))
            return redirect("directory:round", found.pk)
    context = {"form": form, "service": found.service, "round": found, "heading": found.name}
    status = 422 if form.errors and status == 200 else status
    return render(request, "directory/doors/form.html", context, status=status)


@require_http_methods(["GET", "POST"])
def round_end(request, round):
    """Asks once and says what is lost."""
    found = round_of(request, round)
    rules.check_can_end_round(found, request.actor)
    form = EndForm(posted(request), initial={"on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_round(round=found, on=form.cleaned_data["on"], by=request.actor)
        except Refused as refusal:
            form.add_error("on", refusal.reason)
        else:
            messages.success(request, _("Le dernier jour est inscrit : la tournée ne passe plus après."))
            return redirect("directory:round", found.pk)
    context = {
        "form": form, "service": found.service, "round": found, "heading": _("Terminer la tournée"),
        "lost": _("Après ce jour, plus personne ne sera envoyé à ses arrêts. Ce qui a été reste lisible."),
    }  # fmt: skip
    return render(request, "directory/doors/end.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def stop_add(request, round):
    found = round_of(request, round)
    rules.check_can_add_stop(found, request.actor)
    form = DoorForm(posted(request), initial={"starts_on": max(timezone.localdate(), found.starts_on)})
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_stop(round=found, told=form.told(), by=request.actor)
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("L’arrêt est ajouté à la fin de la tournée."))
            return redirect("directory:round", found.pk)
    context = {"form": form, "service": found.service, "round": found, "heading": _("Ajouter un arrêt")}
    return render(request, "directory/doors/form.html", context, status=422 if form.errors else 200)


@require_POST
def stop_move(request, stop):
    """One place earlier; the first one stays first."""
    found = Door.objects.visible_to(request.actor).select_related("round", "service__commune")
    stop = get_object_or_404(found.exclude(round=None), pk=stop)
    actions.move_stop(stop=stop, by=request.actor)
    return redirect(reverse("directory:round", args=[stop.round_id]) + f"#arret-{stop.pk}")
