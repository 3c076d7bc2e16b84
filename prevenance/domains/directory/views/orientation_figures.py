"""How many people were turned to services, for who may add to them: counts of one grain, none that is small."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from prevenance.core.dates import quarter_label, quarters
from prevenance.core.documents.tables import Column
from prevenance.domains.directory.analysis.orientations import turned
from prevenance.domains.directory.forms.orientations import FiguresFilter
from prevenance.domains.directory.models import closed_list
from prevenance.domains.directory.rules.orientations import check_can_see_figures
from prevenance.domains.directory.views.departements import departements_for
from prevenance.domains.governance.views.councils import PER_PAGE
from prevenance.domains.governance.views.files import table_or_none
from prevenance.domains.strategy.rules.small_counts import threshold


@require_safe
def orientation_figures(request):
    check_can_see_figures(request.actor)
    every, own = departements_for(request.actor)
    if own:
        every = [one for one in every if one.code == own]  # a département sees its own; the nation, each
    days = quarters(timezone.localdate())
    form = FiguresFilter(request.GET, departements=every, own=own, quarters=days)
    small = threshold(timezone.localdate())
    found = turned(form.departement, form.quarter, small) if form.departement else []
    rows = lines(found, _("Non dit"))
    title = _("Orientations, en nombre")
    file = None
    if form.departement:
        file = table_or_none(request, columns(), rows, title=f"{title} {form.departement.code} {form.quarter}")
    context = {
        "title": title, "tab": "turned", "form": form,
        "departement": form.departement, "quarter": quarter_label(form.quarter), "small": small,
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "untold": any(one.untold for one in found),
    }  # fmt: skip
    return file or render(request, "directory/orientations/figures.html", context)


def columns():
    return [
        Column("need", _("Victime de")), Column("code", _("Code Insee")), Column("commune", _("Commune du service")),
        Column("count", _("Orientations"), "integer"),
    ]  # fmt: skip


def lines(found, unsaid):
    """Rows of a table from what is counted by need, `unsaid` the word for none."""
    needs, rows = closed_list("needs"), []
    for one in found:
        label = needs.get(one.need, unsaid)
        rows += [{"need": label, "code": code, "commune": name, "count": count} for code, name, count in one.communes]
        if one.others:
            rows.append({"need": label, "code": "", "commune": _("Autres communes, ensemble"), "count": one.others})
    return rows
