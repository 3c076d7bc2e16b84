"""From a spreadsheet: give the table, match its columns, read what each row would do, agree."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from prevenance.core.refusals import Refused, reason
from prevenance.domains.governance.actions import imports as actions
from prevenance.domains.governance.forms.imports import ColumnsForm, ConsentForm, SourceForm
from prevenance.domains.governance.models import Import
from prevenance.domains.governance.rules import councils
from prevenance.domains.governance.rules import imports as rules
from prevenance.domains.governance.views import import_pages as pages
from prevenance.domains.governance.views.councils import council_of
from prevenance.domains.governance.views.requests import posted

SUBJECTS = {"membres": Import.Subject.MEMBERS, "decisions": Import.Subject.DECISIONS}


def draft_of(request, council, pk):
    return get_object_or_404(Import.objects.visible_to(request.actor).select_related("council"), council=council, pk=pk)


def done_with(draft):
    """Where a table leads once it is in."""
    return "governance:members" if draft.subject == Import.Subject.MEMBERS else "governance:council"


@require_http_methods(["GET", "POST"])
def import_start(request, pk, subject):
    """Paste or send a table. What was pasted stays on screen when it cannot be read; a refused table is not kept."""
    council = council_of(request, pk)
    if subject not in SUBJECTS:
        raise Http404
    councils.check_can_hold(council, request.actor)
    form = SourceForm(request.POST, request.FILES) if request.method == "POST" else SourceForm()
    if request.method == "POST" and form.is_valid():
        try:
            draft = actions.start_import(
                council=council, subject=SUBJECTS[subject], headers=form.headers, rows=form.rows, by=request.actor
            )
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            return redirect("governance:import_columns", council.pk, draft.pk)
    drafts = Import.objects.visible_to(request.actor).filter(council=council, subject=SUBJECTS[subject])
    context = {
        "form": form, "council": council, "subject": subject,
        "waiting": pages.waiting(drafts, "governance:import_columns", council),
    }  # fmt: skip
    return render(request, "governance/imports/start.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def import_columns(request, pk, draft):
    """What each column is: guessed, to be confirmed."""
    council = council_of(request, pk)
    draft = draft_of(request, council, draft)
    if draft.imported_at:
        return redirect("governance:import_preview", council.pk, draft.pk)
    rules.check_can_import(draft, request.actor)
    form = ColumnsForm(draft, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        draft = actions.match_columns(draft=draft, mapping=form.mapping(), by=request.actor)
        if missing := rules.missing_columns(draft):
            form.add_error(None, _("Dites aussi quelle colonne contient : %(what)s.") % {"what": ", ".join(missing)})
        else:
            return redirect("governance:import_preview", council.pk, draft.pk)
    context = {
        "form": form, "council": council, "rows": len(draft.rows),
        "urls": pages.addresses("governance:import", council, draft),
    }  # fmt: skip
    return render(request, "governance/imports/columns.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def import_preview(request, pk, draft):
    """Every row with what it would do; by POST, write the good ones once."""
    council = council_of(request, pk)
    draft = draft_of(request, council, draft)
    form = ConsentForm(posted(request))
    if request.method == "POST" and form.is_valid():
        agreed = form.cleaned_data["rows"]
        pages.bring_in(request, lambda: actions.run_import(draft=draft, consent=agreed, by=request.actor))
        return redirect("governance:import_preview", council.pk, draft.pk)
    if not draft.imported_at and rules.missing_columns(draft):
        return redirect("governance:import_columns", council.pk, draft.pk)
    context = pages.preview(request, draft, rules.verdicts(draft)) | {
        "council": council, "urls": pages.addresses("governance:import", council, draft),
        "next_url": reverse(done_with(draft), args=[council.pk]),
        "refusal": reason(councils.check_can_hold, council, request.actor),
    }  # fmt: skip
    return render(request, "governance/imports/preview.html", context, status=422 if form.errors else 200)


@require_safe
def import_left(request, pk, draft):
    """The rows that could not come in."""
    council = council_of(request, pk)
    draft = draft_of(request, council, draft)
    return pages.left_aside(request, draft, rules.verdicts(draft), "lignes-a-corriger")


@require_http_methods(["GET", "POST"])
def import_discard(request, pk, draft):
    council = council_of(request, pk)
    draft = draft_of(request, council, draft)
    if request.method == "POST":
        actions.discard_import(draft=draft, by=request.actor)
        messages.success(request, _("Le tableau est supprimé."))
        return redirect("governance:council", council.pk)
    return pages.discard(request, reverse("governance:import_preview", args=[council.pk, draft.pk]))
