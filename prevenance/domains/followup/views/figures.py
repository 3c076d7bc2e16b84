"""Figures of follow-ups: one's own groups as they are; for who oversees, protected totals; the national gauge."""

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from prevenance.core.documents.tables import FORMATS, Column, export
from prevenance.core.refusals import Refused
from prevenance.domains.followup import statistics
from prevenance.domains.followup.forms.figures import FigureFilters
from prevenance.domains.followup.models import FollowUp
from prevenance.domains.governance.views.councils import download

LEVELS = (("departement", gettext_lazy("Département")), ("region", gettext_lazy("Région")))


@require_safe
def figures(request):
    """Forbidden to who neither opens a group nor oversees a territory."""
    actor = request.actor
    if not (actor.can("see_files") or actor.can("oversee")):
        raise Refused(_("Les chiffres des suivis se lisent dans son groupe, ou par qui voit un territoire entier."))
    context = {
        "gauge": statistics.gauge(),
        "groups": own_groups(actor),
        "table": None,
        "overseer": actor.can("oversee"),
    }
    if quarters := statistics.quarters(actor):
        levels = LEVELS if actor.scope_kind == "nation" else LEVELS[:1]
        filters = FigureFilters(request.GET, quarters=quarters, levels=levels)
        starts_on, measure, level = filters.chosen()
        table = statistics.table(actor, starts_on, measure=measure, kind=level)
        if request.GET.get("format") in FORMATS:
            return download("suivis", export_table(request.GET["format"], table))
        categories = FollowUp.Category.choices
        rows = [(row.territory, [*(row.counts[code] for code, _label in categories), row.total]) for row in table.rows]
        sums = [*(table.sums[code] for code, _label in categories), table.total]
        context |= {"filters": filters, "table": table, "rows": rows, "sums": sums, "categories": categories}
    return render(request, "followup/figures/figures.html", context)


def own_groups(actor):
    """[(group, counts)] of the groups that the actor opens."""
    rows = statistics.of_groups(actor)
    sexes = dict(FollowUp.Sex.choices)
    categories = dict(FollowUp.Category.choices)
    return [
        row | {"group": row["body__name"], "sex": sexes[row["sex"]], "category": categories[row["category"]]}
        for row in rows
    ]


def export_table(format, table):
    columns = [Column("territory", _("Territoire"))]
    columns += [Column(code, str(label), "integer") for code, label in FollowUp.Category.choices]
    columns += [Column("total", _("Ensemble"), "integer")]
    lines = [{"territory": row.territory.name, **row.counts, "total": row.total} for row in table.rows]
    lines.append({"territory": _("Ensemble"), **table.sums, "total": table.total})
    return export(format, columns, lines, title=_("Personnes suivies"))
