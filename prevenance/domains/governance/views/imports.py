"""From a spreadsheet: give the table, match its columns, read what each row would do, agree."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from prevenance.core.documents.tables import FORMATS, Column, export
from prevenance.core.refusals import Refused, reason
from prevenance.domains.governance.actions import imports as actions
from prevenance.domains.governance.forms.imports import ColumnsForm, ConsentForm, SourceForm
from prevenance.domains.governance.models import Import
from prevenance.domains.governance.rules import councils
from prevenance.domains.governance.rules import imports as rules
from prevenance.domains.governance.views.councils import council_of, download

PER_PAGE = 100
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
    waiting = Import.objects.visible_to(request.actor).filter(
        council=council, subject=SUBJECTS[subject], imported_at=None
    )
    context = {"form": form, "council": council, "subject": subject, "waiting": waiting[:5]}
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
    context = {"form": form, "council": council, "draft": draft, "rows": len(draft.rows)}
    return render(request, "governance/imports/columns.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def import_preview(request, pk, draft):
    """Every row with what it would do; by POST, write the good ones once."""
    council = council_of(request, pk)
    draft = draft_of(request, council, draft)
    if request.method == "POST":
        form = ConsentForm(request.POST)
        if form.is_valid():
            try:
                count = actions.run_import(draft=draft, consent=form.cleaned_data["rows"], by=request.actor)
            except councils.Stale as stale:
                messages.warning(request, stale.reason)
                return redirect("governance:import_preview", council.pk, draft.pk)
            messages.success(request, _("Lignes importées : %(count)d.") % {"count": count})
            return redirect("governance:import_preview", council.pk, draft.pk)
    if not draft.imported_at and rules.missing_columns(draft):
        return redirect("governance:import_columns", council.pk, draft.pk)
    verdicts = rules.verdicts(draft)
    bad = [verdict for verdict in verdicts if verdict.outcome == "bad"]
    good = [verdict for verdict in verdicts if verdict.good]
    shown = bad if draft.imported_at or request.GET.get("lignes") == "corriger" else verdicts
    context = {
        "council": council, "draft": draft, "good": len(good), "bad": len(bad),
        "same": len(verdicts) - len(good) - len(bad), "total": len(verdicts),
        "page": Paginator(shown, PER_PAGE).get_page(request.GET.get("page")),
        "only_bad": shown is bad, "refusal": reason(councils.check_can_hold, council, request.actor),
        "next_url": done_with(draft),
    }  # fmt: skip
    return render(request, "governance/imports/preview.html", context)


@require_safe
def import_left(request, pk, draft):
    """The rows that could not come in, with the reason beside each, to be corrected and brought again."""
    council = council_of(request, pk)
    draft = draft_of(request, council, draft)
    wanted = request.GET.get("format")
    columns = [Column(str(place), header) for place, header in enumerate(draft.headers)]
    columns.append(Column("why", _("À corriger")))
    rows = (
        dict(enumerate_text(verdict.cells, len(draft.headers)))
        | {"why": " ; ".join(f"{p.column} : {p.sentence}" if p.column else p.sentence for p in verdict.problems)}
        for verdict in rules.verdicts(draft)
        if verdict.outcome == "bad"
    )
    table = export(wanted if wanted in FORMATS else "xlsx", columns, rows, title=_("Lignes à corriger"))
    return download("lignes-a-corriger", table)


def enumerate_text(cells, width):
    return ((str(place), cells[place] if place < len(cells) else "") for place in range(width))


@require_http_methods(["GET", "POST"])
def import_discard(request, pk, draft):
    council = council_of(request, pk)
    draft = draft_of(request, council, draft)
    if request.method == "POST":
        actions.discard_import(draft=draft, by=request.actor)
        messages.success(request, _("Le tableau est supprimé."))
        return redirect("governance:council", council.pk)
    context = {
        "title": _("Supprimer ce tableau ?"),
        "lost": _("Les lignes qu’il contient encore seront effacées."),
        "confirm": _("Supprimer le tableau"),
        "url": request.path,
        "back": reverse("governance:import_preview", args=[council.pk, draft.pk]),
        "hidden": {},
    }
    return render(request, "components/confirm_page.html", context)
