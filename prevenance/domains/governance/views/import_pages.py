"""The screens of a table brought in, whatever it holds: what each row would do, what is left aside, its removal.

Each domain that brings tables in has its own addresses, rules and words; pages are those of components/import_*.html.
"""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from prevenance.core.documents.tables import FORMATS, Column, export
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.views.councils import download

PER_PAGE = 100
WAITING = 5  # tables shown that wait to be brought in


def addresses(prefix, holder, draft):
    """{screen: address} of a table, by the names of its views (« strategy:sheets_import_preview »…)."""
    screens = ("columns", "preview", "left", "discard")
    return {screen: reverse(f"{prefix}_{screen}", args=[holder.pk, draft.pk]) for screen in screens}


def waiting(drafts, screen, holder):
    """[(table, where to take it up again)] of those not brought in yet; their rows are not read."""
    found = drafts.filter(imported_at=None).defer("rows")[:WAITING]
    return [(draft, reverse(screen, args=[holder.pk, draft.pk])) for draft in found]


def bring_in(request, run):
    """Do `run`, which says how many rows it wrote; a table that changed meanwhile is told, and nothing was written."""
    try:
        count = run()
    except Stale as stale:
        messages.warning(request, stale.reason)
    else:
        messages.success(request, _("Lignes importées : %(count)d.") % {"count": count})


def preview(request, draft, verdicts, places=None):
    """What the page of verification shows: counts, then a page of the rows, all of them or those to correct.

    `places`: columns to show, by their place; all unless told otherwise.
    """
    kept = range(len(draft.headers)) if places is None else places
    bad = [verdict for verdict in verdicts if verdict.outcome == "bad"]
    good = sum(verdict.good for verdict in verdicts)
    shown = bad if draft.imported_at or request.GET.get("lignes") == "corriger" else verdicts
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    return {
        "draft": draft, "good": good, "bad": len(bad), "same": len(verdicts) - good - len(bad), "total": len(verdicts),
        "only_bad": shown is bad, "page": page, "headers": [draft.headers[place] for place in kept],
        "rows": [(verdict, cells_at(verdict, kept)) for verdict in page.object_list],
    }  # fmt: skip


def left_aside(request, draft, verdicts, name):
    """The rows that could not come in as a file, with the reason beside each, to be corrected and brought again."""
    wanted, kept = request.GET.get("format"), range(len(draft.headers))
    columns = [Column(str(place), header) for place, header in enumerate(draft.headers)]
    columns += [Column("line", _("Ligne"), "integer"), Column("why", _("À corriger"))]
    rows = (
        {str(place): cell for place, cell in zip(kept, cells_at(verdict, kept), strict=True)}
        | {"line": verdict.line, "why": " ; ".join(str(problem) for problem in verdict.problems)}
        for verdict in verdicts
        if verdict.outcome == "bad"
    )
    table = export(wanted if wanted in FORMATS else "xlsx", columns, rows, title=_("Lignes à corriger"))
    return download(name, table)


def cells_at(verdict, places):
    """Cells of a row at these places; a row may be shorter than the headers."""
    return [verdict.cells[place] if place < len(verdict.cells) else "" for place in places]


def discard(request, back):
    """Asks once before a table is erased."""
    context = {
        "title": _("Supprimer ce tableau ?"),
        "lost": _("Les lignes qu’il contient encore seront effacées. Ce qui a été importé reste."),
        "confirm": _("Supprimer le tableau"), "url": request.path, "back": back, "hidden": {},
    }  # fmt: skip
    return render(request, "components/confirm_page.html", context)
