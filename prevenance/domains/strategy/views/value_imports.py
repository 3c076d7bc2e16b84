"""Values from a spreadsheet: give the table, match its columns, read what each row would do, agree."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from prevenance.core.refusals import Refused, reason
from prevenance.domains.governance.views import import_pages as pages
from prevenance.domains.governance.views.requests import posted
from prevenance.domains.strategy.actions import value_imports as actions
from prevenance.domains.strategy.forms.value_imports import ConsentForm, ValueColumnsForm, ValueSourceForm
from prevenance.domains.strategy.models import TableImport
from prevenance.domains.strategy.rules import value_imports as rules
from prevenance.domains.strategy.rules.values import check_can_enter
from prevenance.domains.strategy.views.indicators import plan_of


def draft_of(request, plan, pk):
    drafts = TableImport.objects.visible_to(request.actor).filter(subject="values")
    found = get_object_or_404(drafts, plan=plan, pk=pk)
    found.plan = plan
    return found


@require_http_methods(["GET", "POST"])
def value_import_start(request, plan):
    """Paste or send a table. What was pasted stays on screen when it cannot be read."""
    plan = plan_of(request, plan)
    check_can_enter(plan, request.actor)
    form = ValueSourceForm(request.POST, request.FILES) if request.method == "POST" else ValueSourceForm()
    if request.method == "POST" and form.is_valid():
        try:
            draft = actions.start_value_import(plan=plan, headers=form.headers, rows=form.rows, by=request.actor)
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            missing = rules.missing_columns(draft)
            return redirect(f"strategy:value_import_{'columns' if missing else 'preview'}", plan.pk, draft.pk)
    drafts = TableImport.objects.visible_to(request.actor).filter(plan=plan, subject="values")
    context = {
        "form": form, "plan": plan, "waiting": pages.waiting(drafts, "strategy:value_import_preview", plan),
    }  # fmt: skip
    return render(request, "strategy/indicators/imports/start.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def value_import_columns(request, plan, table):
    """What each column is: guessed, to be confirmed."""
    plan = plan_of(request, plan)
    draft = draft_of(request, plan, table)
    if draft.imported_at:
        return redirect("strategy:value_import_preview", plan.pk, draft.pk)
    rules.check_can_import(draft, request.actor)
    form = ValueColumnsForm(draft, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        draft = actions.match_value_columns(draft=draft, mapping=form.mapping(), by=request.actor)
        if missing := rules.missing_columns(draft):
            form.add_error(None, _("Dites aussi quelle colonne contient : %(what)s.") % {"what": ", ".join(missing)})
        else:
            return redirect("strategy:value_import_preview", plan.pk, draft.pk)
    context = {
        "form": form, "plan": plan, "rows": len(draft.rows),
        "urls": pages.addresses("strategy:value_import", plan, draft),
    }  # fmt: skip
    return render(request, "strategy/indicators/imports/columns.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def value_import_preview(request, plan, table):
    """Every row with what it would do; by POST, enter the good ones once."""
    plan = plan_of(request, plan)
    draft = draft_of(request, plan, table)
    form = ConsentForm(posted(request))
    if request.method == "POST" and form.is_valid():
        agreed = form.cleaned_data["rows"]
        pages.bring_in(request, lambda: actions.run_value_import(draft=draft, consent=agreed, by=request.actor))
        return redirect("strategy:value_import_preview", plan.pk, draft.pk)
    if not draft.imported_at and rules.missing_columns(draft):
        return redirect("strategy:value_import_columns", plan.pk, draft.pk)
    named = sorted(int(place) for place in draft.mapping)  # what no column names is not shown
    context = pages.preview(request, draft, rules.verdicts(draft), named) | {
        "plan": plan, "urls": pages.addresses("strategy:value_import", plan, draft),
        "next_url": reverse("strategy:plan_indicators", args=[plan.pk]),
        "refusal": reason(rules.check_can_import, draft, request.actor),
    }  # fmt: skip
    return render(request, "strategy/indicators/imports/preview.html", context, status=422 if form.errors else 200)


@require_safe
def value_import_left(request, plan, table):
    """The rows that could not come in."""
    plan = plan_of(request, plan)
    draft = draft_of(request, plan, table)
    return pages.left_aside(request, draft, rules.verdicts(draft), "lignes-a-corriger")


@require_http_methods(["GET", "POST"])
def value_import_discard(request, plan, table):
    plan = plan_of(request, plan)
    draft = draft_of(request, plan, table)
    check_can_enter(plan, request.actor)
    if request.method == "POST":
        actions.discard_value_import(draft=draft, by=request.actor)
        messages.success(request, _("Le tableau est supprimé."))
        return redirect("strategy:plan_indicators", plan.pk)
    return pages.discard(request, reverse("strategy:value_import_preview", args=[plan.pk, draft.pk]))
