"""What hangs on an action sheet: one way of adding, editing and removing, for each kind in the address."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from prevenance.core.refusals import Refused
from prevenance.domains.governance.models import Upload
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.strategy.actions import sheet_parts as actions
from prevenance.domains.strategy.forms import sheet_parts as forms
from prevenance.domains.strategy.models import BudgetLine, PreventionSession, SheetResource, SheetSite, SheetStep
from prevenance.domains.strategy.rules import sheets as rules
from prevenance.domains.strategy.views.sheets import fresh, sheet_of


@dataclass(frozen=True)
class Kind:
    """A kind of line: its model and form, what its pages say, the part of the sheet's page where it is shown."""

    model: Any
    form: Any
    fields: tuple[str, ...]
    add: Any
    edit: Any
    remove: Any
    added: Any
    place: str
    people: bool = False


KINDS = {
    "step": Kind(
        SheetStep, forms.StepForm, ("label", "due_on"), gettext_lazy("Ajouter une étape"),
        gettext_lazy("Modifier l’étape"), gettext_lazy("Retirer cette étape ?"), gettext_lazy("L’étape est ajoutée."),
        "etapes", people=True,
    ),
    "site": Kind(
        SheetSite, forms.SiteForm, ("territory", "label", "longitude", "latitude"), gettext_lazy("Ajouter un lieu"),
        gettext_lazy("Modifier le lieu"), gettext_lazy("Retirer ce lieu ?"), gettext_lazy("Le lieu est ajouté."),
        "lieux",
    ),
    "resource": Kind(
        SheetResource, forms.ResourceForm, ("kind", "label", "quantity", "unit"), gettext_lazy("Ajouter un moyen"),
        gettext_lazy("Modifier le moyen"), gettext_lazy("Retirer ce moyen ?"), gettext_lazy("Le moyen est ajouté."),
        "moyens",
    ),
    "line": Kind(
        BudgetLine, forms.LineForm, ("year", "side", "label", "planned", "actual"),
        gettext_lazy("Ajouter une ligne de budget"), gettext_lazy("Modifier la ligne de budget"),
        gettext_lazy("Retirer cette ligne de budget ?"), gettext_lazy("La ligne de budget est ajoutée."), "budget",
    ),
    "session": Kind(
        PreventionSession, forms.SessionForm,
        ("held_on", "setting", "theme", "age_band", "girls", "boys", "attended", "peers"),
        gettext_lazy("Inscrire une séance"), gettext_lazy("Corriger la séance"), gettext_lazy("Retirer cette séance ?"),
        gettext_lazy("La séance est inscrite."), "seances",
    ),
}  # fmt: skip


def back_to(sheet, place=""):
    url = reverse("strategy:sheet", args=[sheet.plan_id, sheet.number])
    return redirect(f"{url}#{place}" if place else url)


def piece_of(request, sheet, kind, pk):
    """The line, or None when it is no longer there: a second click on its removal."""
    return KINDS[kind].model.objects.visible_to(request.actor).filter(sheet=sheet, pk=pk).first()


def gone(request, sheet, kind):
    messages.info(request, _("Cette ligne n’est plus là : elle a été retirée."))
    return back_to(sheet, KINDS[kind].place)


def people_for(sheet, kind, actor):
    return rules.people_of(sheet.plan, actor) if KINDS[kind].people else ()


def starting(kind, sheet):
    """What a new line proposes."""
    today = timezone.localdate()
    values = {"year": today.year, "held_on": today, "seen": sheet.edit}
    if kind == "site" and sheet.plan.territory.kind == "commune":
        values["territory"] = sheet.plan.territory
    return values


@require_http_methods(["GET", "POST"])
def part_add(request, plan, sheet, kind):
    sheet = sheet_of(request, plan, sheet)
    rules.check_can_change(sheet, request.actor)
    form = KINDS[kind].form(
        request.POST if request.method == "POST" else None, people=people_for(sheet, kind, request.actor),
        initial=starting(kind, sheet),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            getattr(actions, f"add_{kind}")(sheet=sheet, by=request.actor, **form.told())
        except Stale as stale:
            messages.info(request, stale.reason)
            return back_to(sheet, KINDS[kind].place)
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, KINDS[kind].added)
            if "again" in request.POST:
                return redirect(request.path)
            return back_to(sheet, KINDS[kind].place)
    context = {"form": form, "plan": sheet.plan, "sheet": sheet, "title": KINDS[kind].add, "again": True}
    return render(request, "strategy/sheets/part_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def part_edit(request, plan, sheet, kind, **named):
    """What was typed on an older state stays on screen beside a sentence that says so."""
    sheet = sheet_of(request, plan, sheet)
    rules.check_can_change(sheet, request.actor)
    piece = piece_of(request, sheet, kind, named[kind])
    if piece is None:
        return gone(request, sheet, kind)
    people = list(people_for(sheet, kind, request.actor))
    initial = {name: getattr(piece, name) for name in KINDS[kind].fields} | {"seen": sheet.edit}
    if kind == "step":
        initial["owner"] = str(piece.owner_id or "")
        if piece.owner is not None and piece.owner not in people:
            people.append(piece.owner)
    form = KINDS[kind].form(request.POST if request.method == "POST" else None, people=people, initial=initial)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            seen = form.cleaned_data["seen"] or 0
            getattr(actions, f"edit_{kind}")(**{kind: piece}, seen=seen, by=request.actor, **form.told())
        except Stale as stale:
            form, status = fresh(form, sheet.edit, stale), 409
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("C’est enregistré."))
            return back_to(sheet, KINDS[kind].place)
    context = {
        "form": form, "plan": sheet.plan, "sheet": sheet, "title": KINDS[kind].edit,
        "remove_url": reverse(f"strategy:{kind}_remove", args=[sheet.plan_id, sheet.number, piece.pk]),
        "remove_title": KINDS[kind].remove,
    }  # fmt: skip
    status = 422 if form.errors and status == 200 else status
    return render(request, "strategy/sheets/part_form.html", context, status=status)


@require_http_methods(["GET", "POST"])
def part_remove(request, plan, sheet, kind, **named):
    sheet = sheet_of(request, plan, sheet)
    rules.check_can_change(sheet, request.actor)
    piece = piece_of(request, sheet, kind, named[kind])
    if piece is None:
        return gone(request, sheet, kind)
    if request.method == "POST":
        getattr(actions, f"remove_{kind}")(**{kind: piece}, by=request.actor)
        messages.success(request, _("La ligne est retirée."))
        return back_to(sheet, KINDS[kind].place)
    context = {
        "title": KINDS[kind].remove, "lost": _("Ce que cette ligne dit est effacé, sans retour possible."),
        "confirm": _("Retirer"), "url": request.path, "hidden": {},
        "back": reverse("strategy:sheet", args=[sheet.plan_id, sheet.number]),
    }  # fmt: skip
    return render(request, "components/confirm_page.html", context)


@require_POST
def step_change(request, plan, sheet, step, act):
    """Done, to do again, up or down: one click each; a second one says that it is done."""
    sheet = sheet_of(request, plan, sheet)
    rules.check_can_change(sheet, request.actor)
    piece = piece_of(request, sheet, "step", step)
    if piece is None:
        return gone(request, sheet, "step")
    try:
        if act == "finish":
            actions.finish_step(step=piece, by=request.actor)
            messages.success(request, _("L’étape est faite."))
        elif act == "reopen":
            actions.reopen_step(step=piece, by=request.actor)
            messages.success(request, _("L’étape est à faire à nouveau."))
        else:
            actions.move_step(step=piece, up=request.POST.get("sense") == "up", by=request.actor)
    except Stale as stale:
        messages.info(request, stale.reason)
    return redirect("strategy:my_sheets") if "mine" in request.POST else back_to(sheet, "etapes")


@require_http_methods(["GET", "POST"])
def sheet_documents(request, plan, sheet):
    """Point to documents of the council, or keep a new one among them."""
    sheet = sheet_of(request, plan, sheet)
    rules.check_can_change(sheet, request.actor)
    uploads = Upload.objects.visible_to(request.actor).filter(council=sheet.plan.council_id, council__isnull=False)
    chosen = [str(pk) for pk in sheet.documents.values_list("pk", flat=True)]
    form = forms.DocumentsForm(
        request.POST if request.method == "POST" else None, request.FILES if request.method == "POST" else None,
        uploads=uploads.order_by("-added_at", "-pk")[:200], initial={"documents": chosen},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            actions.choose_documents(sheet=sheet, documents=form.chosen(), by=request.actor)
            if file:
                actions.join_document(
                    sheet=sheet, content=file.read(), name=file.name, content_type=file.kind.content_type,
                    shared=form.cleaned_data["shared"], by=request.actor,
                )  # fmt: skip
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("Les documents de la fiche sont enregistrés."))
            return back_to(sheet, "documents")
    context = {"form": form, "plan": sheet.plan, "sheet": sheet, "title": _("Documents de la fiche"), "files": True}
    return render(request, "strategy/sheets/part_form.html", context, status=422 if form.errors else 200)
