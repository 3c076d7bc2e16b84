"""How far the measures are: those of the territory acted in, or one of them in each territory inside it."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from prevenance.core.documents.tables import FORMATS, Column, export
from prevenance.domains.governance.views.councils import PER_PAGE, download
from prevenance.domains.strategy.forms.progress import ProgressFilters
from prevenance.domains.strategy.models import Measure, MeasureProgress
from prevenance.domains.strategy.rules.progress import check_can_see_progress
from prevenance.domains.strategy.views.catalogue import strategy_asked

COUNTS = ("plans", "sheets", "under_way", "done", "late")


@require_safe
def progress(request):
    """Without a measure, a line each for the territory acted in; with one, a line each territory inside it."""
    actor = request.actor
    check_can_see_progress(actor)
    strategy, _strategies = strategy_asked(request)
    measures = list(Measure.objects.visible_to(actor).filter(strategy=strategy).order_by("number"))
    filters = ProgressFilters(request.GET, measures=measures, scope_kind=actor.scope_kind)
    measure, level = filters.chosen()
    found = MeasureProgress.objects.visible_to(actor)
    if measure:
        found = found.filter(measure=measure, territory__kind=level)
        if actor.scope_kind != "nation":
            found = found.filter(territory__containers__container_id=actor.territory_id)
        found = found.order_by("territory__sort_name", "territory_id")
        label = "territory__name"
    else:
        found = found.filter(territory_id=actor.territory_id, measure__strategy=strategy).order_by("measure__number")
        label = "measure__label"
    rows = found.values(label, "measure__number", "counted_at", *COUNTS)
    if request.GET.get("format") in FORMATS:
        return download("avancement", export_progress(request.GET["format"], rows, label))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    shown = [{**row, "label": row[label]} for row in page.object_list]
    context = {
        "strategy": strategy,
        "filters": filters,
        "measure": measure,
        "page": page,
        "rows": shown,
        "counted_at": max((row["counted_at"] for row in shown), default=None),
        "where": actor.scope_label,
    }
    return render(request, "strategy/measures/progress.html", context)


def export_progress(format, rows, label):
    columns = [
        Column("label", _("Territoire") if label.startswith("territory") else _("Mesure")),
        Column("plans", _("Plans"), "integer"), Column("sheets", _("Fiches"), "integer"),
        Column("under_way", _("En cours"), "integer"), Column("done", _("Terminées"), "integer"),
        Column("late", _("En retard"), "integer"),
    ]  # fmt: skip
    lines = ({"label": row[label], **{name: row[name] for name in COUNTS}} for row in rows)
    return export(format, columns, lines, title=_("Avancement des mesures"))
