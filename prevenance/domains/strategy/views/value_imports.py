"""Values from a spreadsheet: give the table, match its columns, read what each row would do, agree."""

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
from prevenance.domains.strategy.actions import value_imports as actions
from prevenance.domains.strategy.forms.value_imports import ConsentForm, ValueColumnsForm, ValueSourceForm
from prevenance.domains.strategy.models import TableImport
from prevenance.domains.strategy.rules import value_imports as rules
from prevenance.domains.strategy.rules.values import check_can_enter
from prevenance.domains.strategy.views.indicators import plan_of

PER_PAGE = 100


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
    drafts = TableImport.objects.visible_to(request.actor).filter(plan=plan, subject="values", imported_at=None)
    context = {"form": form, "plan": plan, "waiting": drafts.defer("rows")[:5]}
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
    context = {"form": form, "plan": plan, "draft": draft, "rows": len(draft.rows)}
    return render(request, "strategy/indicators/imports/columns.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def value_import_preview(request, plan, table):
    """Every row with what it would do; by POST, enter the good ones once."""
    plan = plan_of(request, plan)
    draft = draft_of(request, plan, table)
    status = 200
    if request.method == "POST":
        form = ConsentForm(request.POST)
        if form.is_valid():
            try:
                count = actions.run_value_import(draft=draft, consent=form.cleaned_data["rows"], by=request.actor)
            except Stale as stale:
                messages.warning(request, stale.reason)
                return redirect("strategy:value_import_preview", plan.pk, draft.pk)
            messages.success(request, _("Lignes importées : %(count)d.") % {"count": count})
            return redirect("strategy:value_import_preview", plan.pk, draft.pk)
        status = 422
    if not draft.imported_at and rules.missing_columns(draft):
        return redirect("strategy:value_import_columns", plan.pk, draft.pk)
    verdicts = rules.verdicts(draft)
    bad = [verdict for verdict in verdicts if verdict.outcome == "bad"]
    good = sum(verdict.good for verdict in verdicts)
    shown = bad if draft.imported_at or request.GET.get("lignes") == "corriger" else verdicts
    context = {
        "plan": plan, "draft": draft, "good": good, "bad": len(bad), "same": len(verdicts) - good - len(bad),
        "total": len(verdicts), "page": Paginator(shown, PER_PAGE).get_page(request.GET.get("page")),
        "only_bad": shown is bad, "refusal": reason(rules.check_can_import, draft, request.actor),
        "headers": [header for place, header in enumerate(draft.headers) if str(place) in draft.mapping],
        "kept": sorted(int(place) for place in draft.mapping),
    }  # fmt: skip
    context["rows"] = [
        (verdict, [verdict.cells[place] if place < len(verdict.cells) else "" for place in context["kept"]])
        for verdict in context["page"].object_list
    ]
    return render(request, "strategy/indicators/imports/preview.html", context, status=status)


@require_safe
def value_import_left(request, plan, table):
    """The rows that could not come in, with the reason beside each, to be corrected and brought again."""
    plan = plan_of(request, plan)
    draft = draft_of(request, plan, table)
    wanted = request.GET.get("format")
    columns = [Column("line", _("Ligne"), "integer")]
    columns += [Column(str(place), header) for place, header in enumerate(draft.headers)]
    columns.append(Column("why", _("À corriger")))
    rows = (
        {str(place): cell for place, cell in enumerate(verdict.cells)}
        | {"why": " ; ".join(verdict.problems), "line": verdict.number}
        for verdict in rules.verdicts(draft)
        if verdict.outcome == "bad"
    )
    padded = ({column.key: row.get(column.key, "") for column in columns} for row in rows)
    table = export(wanted if wanted in FORMATS else "xlsx", columns, padded, title=_("Lignes à corriger"))
    return download("lignes-a-corriger", table)


@require_http_methods(["GET", "POST"])
def value_import_discard(request, plan, table):
    plan = plan_of(request, plan)
    draft = draft_of(request, plan, table)
    check_can_enter(plan, request.actor)
    if request.method == "POST":
        actions.discard_value_import(draft=draft, by=request.actor)
        messages.success(request, _("Le tableau est supprimé."))
        return redirect("strategy:plan_indicators", plan.pk)
    context = {
        "title": _("Supprimer ce tableau ?"),
        "lost": _("Les lignes qu’il contient encore seront effacées. Ce qui a été importé reste."),
        "confirm": _("Supprimer le tableau"),
        "url": request.path,
        "back": reverse("strategy:value_import_preview", args=[plan.pk, draft.pk]),
        "hidden": {},
    }
    return render(request, "components/confirm_page.html", context)
