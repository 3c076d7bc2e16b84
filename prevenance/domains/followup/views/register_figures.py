"""Figures of the mayors' registers: exact for the commune that holds them, protected totals for who oversees."""

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from prevenance.core.documents.tables import FORMATS, Column, export
from prevenance.domains.followup import statistics
from prevenance.domains.followup.forms.figures import RegisterFigureFilters
from prevenance.domains.followup.models import COUNTED, RegisterCount, RegisterTally
from prevenance.domains.followup.rules import registers as rules
from prevenance.domains.governance.views.councils import download

TITLES = {"calls": gettext_lazy("Rappels à l’ordre"), "transactions": gettext_lazy("Transactions")}
LEVELS = (("departement", gettext_lazy("Département")), ("region", gettext_lazy("Région")))


def labels(register):
    """How the counted states of a register read."""
    states = rules.REGISTERS[register].State
    return [(state, states(state).label) for state in COUNTED[register]]


@require_safe
def register_figures(request):
    """One's own registers, for the year's report; or totals of territories. For anybody else there is nothing."""
    actor = request.actor
    if rules.holds(actor):
        return own(request, actor)
    if actor.can("oversee"):
        return overseen(request, actor)
    raise Http404


def own(request, actor):
    years = RegisterCount.objects.visible_to(actor).order_by("-year").values_list("year", flat=True).distinct()
    filters = RegisterFigureFilters(request.GET, years=list(years[:10]) or [timezone.localdate().year])
    year, _register, _level = filters.chosen()
    found = statistics.of_registers(actor, year)
    tables = [
        (TITLES[register], [(label, found[register][state]) for state, label in labels(register)])
        for register in COUNTED
    ]
    if request.GET.get("format") in FORMATS:
        columns = [
            Column("register", _("Registre")), Column("state", _("Étape")), Column("count", _("Nombre"), "integer")
        ]  # fmt: skip
        rows = [
            {"register": str(title), "state": label, "count": count}
            for title, lines in tables
            for label, count in lines
        ]
        title = _("Registres du maire, %(year)s") % {"year": year}
        return download(f"registres-{year}", export(request.GET["format"], columns, rows, title=title))
    context = {"scope": actor.mandate.scope, "filters": filters, "year": year, "tables": tables}
    return render(request, "followup/registers/figures.html", context)


def overseen(request, actor):
    years = RegisterTally.objects.visible_to(actor).order_by("-year").values_list("year", flat=True).distinct()
    levels = LEVELS if actor.scope_kind == "nation" else LEVELS[:1]
    filters = RegisterFigureFilters(
        request.GET, years=list(years[:10]) or [timezone.localdate().year], registers=TITLES.items(), levels=levels
    )
    year, register, level = filters.chosen()
    table = statistics.registers_table(actor, year, register, kind=level)
    states = labels(register)
    if request.GET.get("format") in FORMATS:
        columns = [Column("territory", _("Territoire"))]
        columns += [Column(state, label, "integer") for state, label in states]
        rows = [{"territory": row.territory.name, **row.counts} for row in table.rows]
        rows.append({"territory": _("Ensemble"), **table.sums})
        name = f"{register}-{year}"
        return download(name, export(request.GET["format"], columns, rows, title=str(TITLES[register])))
    context = {
        "filters": filters, "year": year, "title": TITLES[register], "states": states,
        "rows": [(row.territory, [row.counts[state] for state, _label in states]) for row in table.rows],
        "sums": [table.sums[state] for state, _label in states],
    }  # fmt: skip
    return render(request, "followup/registers/figures_wide.html", context)
