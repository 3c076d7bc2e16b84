"""From a spreadsheet to a plan's sheets: give the table, match its columns, read what each row would do, agree."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from prevenance.core.refusals import Refused, reason
from prevenance.domains.governance.views import import_pages as pages
from prevenance.domains.governance.views.requests import posted
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
    drafts = TableImport.objects.visible_to(request.actor).filter(plan=plan, subject=TableImport.Subject.SHEETS)
    context = {
        "form": form, "plan": plan, "waiting": pages.waiting(drafts, "strategy:sheets_import_columns", plan),
    }  # fmt: skip
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
    context = {
        "form": form, "plan": plan, "rows": len(draft.rows),
        "urls": pages.addresses("strategy:sheets_import", plan, draft),
    }  # fmt: skip
    return render(request, "strategy/sheets/imports/columns.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def sheets_import_preview(request, plan, draft):
    """Every row with what it would do; by POST, write the good ones once."""
    plan = plan_of(request, plan)
    draft = draft_of(request, plan, draft)
    form = ConsentForm(posted(request))
    if request.method == "POST" and form.is_valid():
        agreed = form.cleaned_data["rows"]
        pages.bring_in(request, lambda: actions.run_sheet_import(draft=draft, consent=agreed, by=request.actor))
        return redirect("strategy:sheets_import_preview", plan.pk, draft.pk)
    if not draft.imported_at and rules.missing_columns(draft):
        return redirect("strategy:sheets_import_columns", plan.pk, draft.pk)
    context = pages.preview(request, draft, rules.verdicts(draft, request.actor)) | {
        "plan": plan, "urls": pages.addresses("strategy:sheets_import", plan, draft),
        "next_url": reverse("strategy:sheets", args=[plan.pk]),
        "refusal": reason(sheet_rules.check_can_add, plan, request.actor),
    }  # fmt: skip
    return render(request, "strategy/sheets/imports/preview.html", context, status=422 if form.errors else 200)


@require_safe
def sheets_import_left(request, plan, draft):
    """The rows that could not come in."""
    plan = plan_of(request, plan)
    draft = draft_of(request, plan, draft)
    return pages.left_aside(request, draft, rules.verdicts(draft, request.actor), "fiches-a-corriger")


@require_http_methods(["GET", "POST"])
def sheets_import_discard(request, plan, draft):
    plan = plan_of(request, plan)
    draft = draft_of(request, plan, draft)
    if request.method == "POST":
        actions.discard_sheet_import(draft=draft, by=request.actor)
        messages.success(request, _("Le tableau est supprimé."))
        return redirect("strategy:sheets", plan.pk)
    return pages.discard(request, reverse("strategy:sheets_import_preview", args=[plan.pk, draft.pk]))
