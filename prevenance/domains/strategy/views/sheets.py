"""Action sheets of a plan: the list, a sheet with all that hangs on it, its words, its state, its notes."""

import json

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prevenance.core.documents.tables import FORMATS, Column, export
from prevenance.core.paging import Pages
from prevenance.core.refusals import Refused, reason
from prevenance.core.templatetags.rows import date
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.views.councils import PER_PAGE, download
from prevenance.domains.strategy.actions import sheets as actions
from prevenance.domains.strategy.analysis import sheets as analysis
from prevenance.domains.strategy.forms.sheets import MoveForm, NoteForm, SheetFilters, SheetForm
from prevenance.domains.strategy.models import Sheet, SheetSite, StrategyAction
from prevenance.domains.strategy.rules import catalogue
from prevenance.domains.strategy.rules import sheets as rules
from prevenance.domains.strategy.rules.plans import holds_plan
from prevenance.domains.strategy.views.plans import plan_of


def sheet_of(request, plan, number):
    """The sheet number `number` of the plan `plan` (an id), or 404."""
    sheets = Sheet.objects.visible_to(request.actor).select_related(*analysis.RELATED)
    return get_object_or_404(sheets, plan=plan, number=number)


def listed(request, plan):
    """Sheets of a plan that the actor reads, those withdrawn left out."""
    return analysis.of_plan(plan, held=holds_plan(plan, request.actor))


def views_of(plan, here):
    """The ways of looking at a plan's sheets, as tabs."""
    return [
        {"label": label, "url": reverse(f"strategy:{name}", args=[plan.pk]), "current": name == here}
        for name, label in (
            ("sheets", _("Liste")), ("sheets_board", _("Par état")), ("sheets_calendar", _("Calendrier")),
            ("sheets_timeline", _("Frise")), ("sessions", _("Séances")),
        )
    ]  # fmt: skip


def top(request, plan, here):
    """What the top of each way of looking at the sheets shows."""
    return {
        "plan": plan,
        "tabs": views_of(plan, here),
        "holds": holds_plan(plan, request.actor),
        "add_refusal": reason(rules.check_can_add, plan, request.actor),
        "filtered": any(request.GET.values()),
    }


def filters_of(request, plan):
    """Filters with the measures served and the leads of the plan's sheets: two queries."""
    held = holds_plan(plan, request.actor)
    return SheetFilters(
        request.GET,
        measures=[(measure.pk, str(measure)) for measure in analysis.measures_served(plan.pk, held=held)],
        leads=analysis.leads_of(plan.pk, held=held),
    )


@require_safe
def sheets(request, plan):
    plan = plan_of(request, plan)
    filters = filters_of(request, plan)
    today = timezone.localdate()

    def found():
        return filters.narrow(analysis.with_lateness(listed(request, plan))).order_by("number")

    if request.GET.get("format") in FORMATS:
        whole = found().select_related("lead", "lead_person", "brought_by")
        return download("fiches-action", exported(request.GET["format"], whole))
    page = Pages(
        lambda: found().values_list(*analysis.SHOWN, named=True), PER_PAGE,
        first=None if any(request.GET.values())
        else lambda rows: analysis.first_lines(plan.pk, today, held=holds_plan(plan, request.actor), rows=rows),
    ).get_page(request.GET.get("page"))  # fmt: skip
    context = top(request, plan, "sheets") | {
        "page": page,
        "rows": [line_of(sheet, analysis.is_late(sheet, today)) for sheet in page.object_list],
        "filters": filters,
    }
    return render(request, "strategy/sheets/list.html", context)


def line_of(sheet, late):
    """A line of the list. `under` is what a narrow screen shows under the title."""
    done, person = sheet.step_counts["done"], (sheet.lead_person__given_name, sheet.lead_person__family_name)
    ends = _("fin le %(day)s") % {"day": date(sheet.ends, "j F Y")} if sheet.ends else ""
    return {
        "number": sheet.number,
        "name": f"{sheet.number}. {sheet.title}",
        "state": sheet.state,
        "state_label": Sheet.State(sheet.state).label,
        "late": late,
        "brought": sheet.brought_by__state,
        "lead": sheet.lead__name or "–",
        "person": " ".join(filter(None, person)),
        "steps": f"{done} / {done + sheet.step_counts['left']}",
        "ends": date(sheet.ends, "j b Y") if sheet.ends else "–",
        "under": ", ".join(filter(None, [sheet.lead__name, ends])),
    }


def exported(format, found):
    columns = [
        Column("number", _("Numéro"), "integer"), Column("title", _("Intitulé"), width=50),
        Column("state", _("État")), Column("late", _("En retard"), "boolean"), Column("lead", _("Pilote")),
        Column("person", _("Personne chargée du suivi")), Column("measures", _("Mesures servies")),
        Column("begins", _("Début prévu"), "date"), Column("ends", _("Fin prévue"), "date"),
        Column("steps_done", _("Étapes faites"), "integer"), Column("steps_left", _("Étapes à faire"), "integer"),
        Column("expected", _("Personnes attendues"), "integer"), Column("reached", _("Personnes touchées"), "integer"),
        Column("reached_girls", _("Filles et femmes touchées"), "integer"),
        Column("reached_boys", _("Garçons et hommes touchés"), "integer"),
    ]  # fmt: skip
    rows = (
        {
            "number": sheet.number, "title": sheet.title, "state": sheet.get_state_display(),
            "late": analysis.is_late(sheet), "lead": sheet.lead.name if sheet.lead else "",
            "person": sheet.lead_person.name if sheet.lead_person else "",
            "measures": ", ".join(sorted({action.number for action in sheet.serves.all()})),
            "begins": sheet.begins, "ends": sheet.ends, "steps_done": sheet.step_counts["done"],
            "steps_left": sheet.step_counts["left"], "expected": sheet.expected, "reached": sheet.reached,
            "reached_girls": sheet.reached_girls, "reached_boys": sheet.reached_boys,
        }
        for sheet in found.prefetch_related("serves")
    )  # fmt: skip
    return export(format, columns, rows, title=_("Fiches action"))


@require_safe
def sheet(request, plan, sheet):
    """Everything about a sheet, in six queries of its own."""
    actor = request.actor
    plan = plan_of(request, plan)
    sheet = next(iter(analysis.read(plan.pk, actor, number=sheet, held=plan.is_held_by(actor))), None)
    if sheet is None:
        raise Http404
    sheet.plan, draft = plan, sheet.draft
    steps = analysis.steps_of(sheet.pk)
    holds = holds_plan(plan, actor)
    withdrawn = rules.withdrawal(sheet)
    context = {
        "plan": plan,
        "sheet": sheet,
        "steps": [(step, rules.step_is_late(step)) for step in steps],
        "late": rules.is_late(sheet, steps),
        "texts": analysis.texts_of(sheet, holder=holds),
        "served": analysis.served_by(sheet),
        "audiences": catalogue.labels("audiences", sheet.audiences),
        "means": analysis.means_of(sheet.resource_list),
        "years": analysis.budget_of(sheet.line_list),
        "journal": analysis.journal_of(sheet),
        "holds": holds,
        "withdrawn": withdrawn,
        "refusal": reason(rules.check_can_change, sheet, actor),
        "withdraw_refusal": reason(rules.check_can_withdraw, sheet, actor, draft),
        "keep_refusal": reason(rules.check_can_keep, sheet, actor) if withdrawn else "",
        "next": [
            {"state": state, "label": Sheet.State(state).label, "asks": asks}
            for state, asks in rules.TRANSITIONS[sheet.state].items()
        ],
        "note_form": NoteForm(),
    }
    return render(request, "strategy/sheets/sheet.html", context)


def form_for(request, plan, *, sheet=None, initial=None):
    actions_served = StrategyAction.objects.visible_to(request.actor).filter(strategy=plan.strategy_id)
    people = rules.people_of(plan, request.actor)
    if sheet is not None and sheet.lead_person is not None and sheet.lead_person not in people:
        people.append(sheet.lead_person)
    return SheetForm(
        request.POST if request.method == "POST" else None,
        actions=actions_served.select_related("measure").order_by("rank"), people=people,
        organisations=rules.organisations_of(plan), initial=initial,
        texts=sheet is None or not reason(rules.check_texts_are_open, sheet),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def sheet_add(request, plan):
    plan = plan_of(request, plan)
    rules.check_can_add(plan, request.actor)
    form = form_for(request, plan)
    if request.method == "POST" and form.is_valid():
        key = form.cleaned_data["key"]
        try:
            added = actions.add_sheet(plan=plan, told=form.told(), key=key, by=request.actor)
        except Stale as stale:
            messages.info(request, stale.reason)
            return redirect("strategy:sheets", plan.pk)
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("La fiche est ajoutée. Inscrivez maintenant ses étapes."))
            return redirect("strategy:sheet", plan.pk, added.number)
    context = {"form": form, "plan": plan, "sheet": None}
    return render(request, "strategy/sheets/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def sheet_edit(request, plan, sheet):
    """What was typed on an older state stays on screen beside a sentence that says so."""
    sheet = sheet_of(request, plan, sheet)
    plan = sheet.plan
    rules.check_can_change(sheet, request.actor)
    texts = analysis.texts_of(sheet, holder=True)
    initial = {name: getattr(sheet, name) for name in ("title", "audiences", *actions.PLAIN)} | {
        "seen": sheet.edit, "problem": "\n\n".join(texts.problem), "objective": "\n\n".join(texts.objective),
        "lead": sheet.lead.name if sheet.lead else "", "lead_person": str(sheet.lead_person_id or ""),
        "partners": "\n".join(partner.name for partner in sheet.partners.order_by("sort_name")),
        "serves": [str(pk) for pk in sheet.serves.values_list("pk", flat=True)],
    }  # fmt: skip
    form = form_for(request, plan, sheet=sheet, initial=initial)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            seen = form.cleaned_data["seen"] or 0
            actions.edit_sheet(sheet=sheet, told=form.told(), seen=seen, by=request.actor)
        except Stale as stale:
            form, status = fresh(form, sheet.edit, stale), 409
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("La fiche est enregistrée."))
            return redirect("strategy:sheet", plan.pk, sheet.number)
    context = {
        "form": form, "plan": plan, "sheet": sheet, "texts": texts,
        "texts_refusal": reason(rules.check_texts_are_open, sheet),
    }  # fmt: skip
    status = 422 if form.errors and status == 200 else status
    return render(request, "strategy/sheets/form.html", context, status=status)


def fresh(form, edit, stale):
    """The form as it was typed, ready to be sent again on the present state."""
    data = form.data.copy()
    data["seen"] = edit
    form.data = data
    form.add_error(None, stale.reason)
    return form


@require_http_methods(["GET", "POST"])
def sheet_withdraw(request, plan, sheet):
    sheet = sheet_of(request, plan, sheet)
    if request.method == "POST":
        try:
            actions.withdraw_sheet(sheet=sheet, by=request.actor)
        except Stale as stale:
            messages.info(request, stale.reason)
        else:
            messages.success(request, _("La fiche est retirée par l’avenant en préparation."))
        return redirect("strategy:sheet", sheet.plan_id, sheet.number)
    rules.check_can_withdraw(sheet, request.actor)
    context = {
        "title": _("Retirer la fiche %(number)d du plan ?") % {"number": sheet.number}, "lost": lost_by(sheet),
        "confirm": _("Retirer la fiche"), "url": request.path, "hidden": {},
        "back": reverse("strategy:sheet", args=[sheet.plan_id, sheet.number]),
    }  # fmt: skip
    return render(request, "components/confirm_page.html", context)


def lost_by(sheet):
    if sheet.brought_by.state == sheet.brought_by.State.DRAFT:
        return _("Son problème et son objectif sont effacés du projet. Le reste de la fiche peut être repris.")
    return _("Elle ne sera plus au plan quand l’avenant prendra effet. Son histoire reste lisible.")


@require_POST
def sheet_keep(request, plan, sheet):
    sheet = sheet_of(request, plan, sheet)
    try:
        actions.keep_sheet(sheet=sheet, by=request.actor)
    except Stale as stale:
        messages.info(request, stale.reason)
    else:
        messages.success(request, _("La fiche reste au plan."))
    return redirect("strategy:sheet", sheet.plan_id, sheet.number)


@require_http_methods(["GET", "POST"])
def sheet_move(request, plan, sheet):
    """Change the state. A reason is asked on a page of its own; a second click says that it is done."""
    sheet = sheet_of(request, plan, sheet)
    rules.check_can_change(sheet, request.actor)
    data = request.POST if request.method == "POST" else None
    form = MoveForm(data, initial={"state": request.GET.get("state", "")})
    state = (data or request.GET).get("state", "")
    back = "strategy:sheets_board" if (data or request.GET).get("back") == "board" else ""
    if state not in rules.TRANSITIONS[sheet.state]:
        messages.info(request, _("Cette fiche a changé d’état entre-temps : vérifiez où elle en est."))
        return redirect("strategy:sheet", sheet.plan_id, sheet.number)
    if data is not None and form.is_valid():
        try:
            actions.move_sheet(sheet=sheet, state=state, reason=form.cleaned_data["reason"], by=request.actor)
        except Refused as refusal:
            form.add_error("reason", refusal.reason)
        else:
            label = Sheet.State(state).label
            messages.success(
                request, _("La fiche %(number)d : « %(state)s ».") % {"number": sheet.number, "state": label}
            )
            return redirect(back, sheet.plan_id) if back else redirect("strategy:sheet", sheet.plan_id, sheet.number)
    form.fields["reason"].required = rules.TRANSITIONS[sheet.state][state]
    context = {
        "form": form, "plan": sheet.plan, "sheet": sheet, "label": Sheet.State(state).label,
        "back": "board" if back else "",
    }  # fmt: skip
    return render(request, "strategy/sheets/move.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def note_add(request, plan, sheet):
    sheet = sheet_of(request, plan, sheet)
    rules.check_can_change(sheet, request.actor)
    form = NoteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_note(sheet=sheet, text=form.cleaned_data["text"], by=request.actor)
        except Stale as stale:
            messages.info(request, stale.reason)
            return redirect("strategy:sheet", sheet.plan_id, sheet.number)
        except Refused as refusal:
            form.add_error("text", refusal.reason)
        else:
            messages.success(request, _("La note est inscrite."))
            return redirect("strategy:sheet", sheet.plan_id, sheet.number)
    context = {"form": form, "plan": sheet.plan, "sheet": sheet, "title": _("Noter l’avancement")}
    return render(request, "strategy/sheets/part_form.html", context, status=422 if form.errors else 200)


@require_safe
def sheet_map(request, plan, sheet):
    """Sites as GeoJSON, for the map of the page: outlines of their communes, then points. `c` is the site's id."""
    sheet = sheet_of(request, plan, sheet)
    sites = SheetSite.objects.visible_to(request.actor).filter(sheet=sheet)
    columns = ("pk", "label", "longitude", "latitude", "territory__name", "territory__zone", "territory__longitude",
               "territory__latitude", "territory__contour__geometry")  # fmt: skip
    outlines, points = {}, []
    for pk, label, east, north, name, zone, middle_east, middle_north, outline in sites.values_list(*columns):
        said = {"c": str(pk), "n": f"{label}, {name}" if label else name, "k": "site", "z": zone}
        if outline:
            outlines.setdefault(name, feature(said | {"n": name}, json.loads(outline)))
        place = (east, north) if east is not None else (middle_east, middle_north)
        if place[0] is not None and (east is not None or not outline):
            points.append(feature(said, {"type": "Point", "coordinates": place}))
    body = json.dumps({"type": "FeatureCollection", "features": [*outlines.values(), *points]}, ensure_ascii=False)
    return HttpResponse(body, content_type="application/geo+json")


def feature(properties, geometry):
    return {"type": "Feature", "properties": properties, "geometry": geometry}
