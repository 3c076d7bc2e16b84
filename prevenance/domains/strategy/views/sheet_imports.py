"""From a spreadsheet to a plan's sheets: give the table, match its columns, read what each row would do, agree."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from prevenance.core.documents.tables import FORMATS, Column, export
from prevenance.core.refusals import Refused, reason
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.views.councils import download
from prevenance.domains.governance.views.imports import PER_PAGE, enumerate_text
from prevenance.domains.strategy.actions import sheet_imports as actions
from prevenance.domains.strategy.forms.sheet_imports import ConsentForm, SheetColumnsForm, SourceForm
from prevenance.domains.strategy.models import TableImport
from prevenance.domains.strategy.rules import sheet_imports as rules
from prevenance.domains.strategy.rules import sheets as sheet_rules
from prevenance.domains.strategy.views.sheets import plan_of


def draft_of(request, plan, pk):
    drafts = TableImport.objects.visible_to(request.actor).filter(subject=TableImport.Subject.SHEETS)
    return get_object_or_404(drafts.select_related("plan__council"), plan=plan, pk=pk)


@require_http_methods(["GET", "POST"])
def sheets_import(request, plan):
    """Paste or send a table. What was pasted stays on screen when it cannot be read; a refused table is not kept."""
    plan = plan_of(request, plan)
    sheet_rules.check_can_add(plan, request.actor)
    form = SourceForm(request.POST, request.FILES) if request.method == "POST" else SourceForm()
    if request.method == "POST" and form.is_valid():
        try:
            draft = actions.start_sheet_import(plan=plan, headers=form.headers, rows=form.rows, by=request.actor)
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            return redirect("strategy:sheets_import_columns", plan.pk, draft.pk)
    waiting = TableImport.objects.visible_to(request.actor).filter(
        plan=plan, subject=TableImport.Subject.SHEETS, imported_at=None
    )
    context = {"form": form, "plan": plan, "waiting": waiting[:5]}
    return render(request, "strategy/sheets/imports/start.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def sheets_import_columns(request, plan, draft):
    """What each column is: guessed, to be confirmed."""
    plan = plan_of(request, plan)
    draft = draft_of(request, plan, draft)
    if draft.imported_at:
        return redirect("strategy:sheets_import_preview", plan.pk, draft.pk)
    rules.check_can_import(draft, request.actor)
    form = SheetColumnsForm(draft, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        draft = actions.match_sheet_columns(draft=draft, mapping=form.mapping(), by=request.actor)
        if missing := rules.missing_columns(draft):
            form.add_error(None, _("Dites aussi quelle colonne contient : %(what)s.") % {"what": ", ".join(missing)})
        else:
            return redirect("strategy:sheets_import_preview", plan.pk, draft.pk)
    context = {"form": form, "plan": plan, "draft": draft, "rows": len(draft.rows)}
    return render(request, "strategy/sheets/imports/columns.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def sheets_import_preview(request, plan, draft):
    """Every row with what it would do; by POST, write the good ones once."""
    plan = plan_of(request, plan)
    draft = draft_of(request, plan, draft)
    if request.method == "POST":
        form = ConsentForm(request.POST)
        if form.is_valid():
            try:
                count = actions.run_sheet_import(draft=draft, consent=form.cleaned_data["rows"], by=request.actor)
            except Stale as stale:
                messages.warning(request, stale.reason)
            else:
                messages.success(request, _("Lignes importées : %(count)d.") % {"count": count})
            return redirect("strategy:sheets_import_preview", plan.pk, draft.pk)
    if not draft.imported_at and rules.missing_columns(draft):
        return redirect("strategy:sheets_import_columns", plan.pk, draft.pk)
    verdicts = rules.verdicts(draft, request.actor)
    bad = [verdict for verdict in verdicts if verdict.outcome == "bad"]
    good = [verdict for verdict in verdicts if verdict.good]
    shown = bad if draft.imported_at or request.GET.get("lignes") == "corriger" else verdicts
    context = {
        "plan": plan, "draft": draft, "good": len(good), "bad": len(bad),
        "same": len(verdicts) - len(good) - len(bad), "total": len(verdicts),
        "page": Paginator(shown, PER_PAGE).get_page(request.GET.get("page")), "only_bad": shown is bad,
        "refusal": reason(sheet_rules.check_can_add, plan, request.actor),
    }  # fmt: skip
    return render(request, "strategy/sheets/imports/preview.html", context)


@require_safe
def sheets_import_left(request, plan, draft):
    """The rows that could not come in, with the reason beside each, to be corrected and brought again."""
    plan = plan_of(request, plan)
    draft = draft_of(request, plan, draft)
    wanted = request.GET.get("format")
    columns = [Column(str(place), header) for place, header in enumerate(draft.headers)]
    columns.append(Column("why", _("À corriger")))
    rows = (
        dict(enumerate_text(verdict.cells, len(draft.headers)))
        | {"why": " ; ".join(f"{p.column} : {p.sentence}" if p.column else p.sentence for p in verdict.problems)}
        for verdict in rules.verdicts(draft, request.actor)
        if verdict.outcome == "bad"
    )
    table = export(wanted if wanted in FORMATS else "xlsx", columns, rows, title=_("Lignes à corriger"))
    return download("fiches-a-corriger", table)


@require_http_methods(["GET", "POST"])
def sheets_import_discard(request, plan, draft):
    plan = plan_of(request, plan)
    draft = draft_of(request, plan, draft)
    if request.method == "POST":
        actions.discard_sheet_import(draft=draft, by=request.actor)
        messages.success(request, _("Le tableau est supprimé."))
        return redirect("strategy:sheets", plan.pk)
    context = {
        "title": _("Supprimer ce tableau ?"), "lost": _("Les lignes qu’il contient encore seront effacées."),
        "confirm": _("Supprimer le tableau"), "url": request.path, "hidden": {},
        "back": reverse("strategy:sheets_import_preview", args=[plan.pk, draft.pk]),
    }  # fmt: skip
    return render(request, "components/confirm_page.html", context)
