"""Indicators one may read, each with its chart; what it comes to, territory by territory."""

from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from prevenance.core.composed import composed
from prevenance.core.documents.pdf import PdfUnavailable, render_pdf
from prevenance.core.documents.tables import FORMATS, Column, export
from prevenance.core.paging import Pages
from prevenance.core.refusals import reason
from prevenance.domains.governance.views.councils import PER_PAGE, download
from prevenance.domains.strategy.analysis import series
from prevenance.domains.strategy.forms.totals import IndicatorFilters, TotalsForm
from prevenance.domains.strategy.models import Indicator, IndicatorTotal, IndicatorValue, PlanIndicator
from prevenance.domains.strategy.rules import figures
from prevenance.domains.strategy.rules import indicators as rules
from prevenance.domains.strategy.rules.indicators import CATEGORIES
from prevenance.domains.strategy.rules.plans import holds, holds_plan
from prevenance.domains.strategy.rules.small_counts import is_small, reads_exactly
from prevenance.domains.strategy.rules.values import check_can_accept
from prevenance.domains.strategy.views.indicators import indicator_of
from prevenance.domains.territories.models import ReferenceImport, Territory
from prevenance.engines.rollup import label


@require_safe
def indicators(request):
    """Indicators of the plans that one reads, with the latest figure where one acts."""
    filters = IndicatorFilters(request.GET)
    found = filters.narrow(Indicator.objects.visible_to(request.actor)).select_related("plan")
    found = found.order_by("sort_label", "pk")
    if request.GET.get("format") in FORMATS:
        return download("indicateurs", export_indicators(request, list(found)))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    latest = latest_here(request.actor, rows)
    context = {
        "page": page,
        "rows": [(indicator, *latest.get(indicator.pk, ("", ""))) for indicator in rows],
        "filters": filters,
        "filtered": any(request.GET.get(name) for name in ("q", "level", "period")),
        "where": request.actor.scope_label,
        "accepts": not reason(check_can_accept, request.actor),
    }
    return render(request, "strategy/indicators/list.html", context)


def latest_here(actor, rows):
    """{indicator: (figure, period)} of the territory acted in."""
    totals = IndicatorTotal.objects.visible_to(actor).filter(
        territory=actor.territory_id, indicator__in=[row.pk for row in rows]
    )
    # Where one holds nothing and accepts nothing, only départements and above are read, without their small figures.
    hides = not reads_exactly(actor, actor.territory_id)
    by_indicator = {}
    for total in totals.order_by("indicator", "-starts_on"):
        kept = by_indicator.setdefault(total.indicator_id, [])
        if not kept or kept[0].starts_on == total.starts_on:
            kept.append(total)
    found = {}
    for indicator in rows:
        theirs = by_indicator.get(indicator.pk)
        if theirs and hides and is_small(theirs):
            continue
        value = series.whole(indicator, theirs) if theirs else None
        if value is not None:
            said = f"{figures.amount(value)}\u00a0{indicator.unit}"
            found[indicator.pk] = (said, label(theirs[0].starts_on, indicator.period))
    return found


def export_indicators(request, rows):
    latest = latest_here(request.actor, rows)
    columns = [
        Column("label", _("Indicateur")), Column("plan", _("Plan")), Column("unit", _("Unité")),
        Column("nature", _("Nature")), Column("period", _("Période")), Column("level", _("Niveau de collecte")),
        Column("source", _("Source")), Column("last", _("Dernier total ici")), Column("of", _("De la période")),
    ]  # fmt: skip
    lines = (
        {
            "label": row.label, "plan": row.plan.title, "unit": row.unit, "nature": row.get_nature_display(),
            "period": row.get_period_display(), "level": row.get_level_display(), "source": row.source,
            "last": latest.get(row.pk, ("", ""))[0], "of": latest.get(row.pk, ("", ""))[1],
        }
        for row in rows
    )  # fmt: skip
    return export(request.GET["format"], columns, lines, title=_("Indicateurs"))


@require_safe
def indicator(request, indicator):
    """The definition, the chart of the territory acted in (or of `?plan=`), the values reported for a period."""
    indicator, actor = indicator_of(request, indicator, served=True), request.actor
    followed = followed_here(request, indicator)
    place = followed.plan.territory if followed else Territory.objects.visible_to(actor).get(pk=actor.territory_id)
    points = series.series(indicator, place, actor)
    title = f"{indicator.label}, {place.name}"
    chart = series.chart(indicator, points, followed, title)
    if request.GET.get("format") == "pdf":
        return indicator_pdf(request, indicator, place, followed, points, chart)
    # One state at a time, as the indexes of eleven million rows are made.
    waits = request.GET.get("etat") == "attente"
    periods = series.periods_of(indicator, indicator.period)
    chosen = chosen_period(request.GET.get("periode", ""), periods)
    page = Pages(
        lambda: series.shown_on(indicator.pk, chosen, actor, waits=waits), PER_PAGE,
        first=lambda rows: series.first_on(indicator.pk, chosen, actor, waits=waits, rows=rows),
        counted=lambda: sum(series.counted_on(indicator.pk, chosen, actor, waits=waits)),
    ).get_page(request.GET.get("page"))  # fmt: skip
    context = {
        "indicator": indicator, "place": place, "followed": followed, "chart": chart, "points": points[::-1],
        "hides": any(point.hidden for point in points), "unit": indicator.unit, "split": indicator.split != "none",
        "periods": [(day.isoformat(), label(day, indicator.period), day == chosen) for day in periods],
        "waits": waits,
        "chosen": label(chosen, indicator.period) if chosen else "",
        "page": page, "rows": [value_row(indicator, value, actor) for value in page.object_list],
        "refusal": reason(rules.check_can_edit, indicator, actor), "holds": holds_plan(indicator.plan, actor),
        "serves": indicator.served,
        "target": f"{figures.amount(followed.target)}\u00a0{indicator.unit}"
        if followed and followed.target is not None else "",
        "baseline": f"{figures.amount(followed.baseline)}\u00a0{indicator.unit}"
        if followed and followed.baseline is not None else "",
    }  # fmt: skip
    return render(request, "strategy/indicators/indicator.html", context)


def followed_here(request, indicator):
    """How a plan follows it: the one named by the address, else one of the territory acted in; None when none does."""
    asked = request.GET.get("plan", "")
    if asked.isdecimal():
        rows = PlanIndicator.objects.visible_to(request.actor).filter(indicator=indicator, plan=int(asked))
        return get_object_or_404(rows.select_related("plan__territory").order_by("sheet", "pk")[:1])
    return next(iter(series.followed_where_one_acts(indicator.pk, request.actor)), None)


def chosen_period(asked, periods):
    """The period named in the address when something was reported for it, else the latest one; None for none at all."""
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        day = None
    return day if day in periods else next(iter(periods), None)


def value_row(indicator, value, actor):
    return {
        "pk": value.pk,
        "plan": value.plan,
        "name": value.territory__name,
        "estimated": value.estimated,
        "note": value.note,
        "state": value.state,
        "state_label": IndicatorValue.State(value.state).label,
        "shown": figures.shown(indicator, value.numerator, value.denominator),
        "words": ", ".join(
            filter(None, [
                str(CATEGORIES[indicator.split].get(value.category, value.category)),
                value.part__name, value.former_code, value.sheet__title,
            ])
        ),
        "may_correct": value.state == "accepted"
        and holds(value.plan__scope, value.plan__council__scope, value.plan__council__ended_on, actor),
    }  # fmt: skip


def indicator_pdf(request, indicator, place, followed, points, chart):
    context = {"indicator": indicator, "place": place, "followed": followed, "points": points, "chart": chart}
    title = _("%(label)s, %(place)s") % {"label": indicator.label, "place": place.name}
    try:
        content = render_pdf("strategy/indicators/indicator_pdf.html", context, title=title, author=place.name)
    except PdfUnavailable as problem:
        messages.error(request, str(problem))
        return redirect("strategy:indicator", indicator.pk)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="indicateur-{indicator.pk}.pdf"'
    return response


# ------------------------------------------------------------------------------------------------------ totals


@require_safe
def indicator_totals(request, indicator):
    """What it comes to for each territory of a level, for a period of its own length or a longer one."""
    indicator = indicator_of(request, indicator)
    form = TotalsForm(request.GET, indicator=indicator, actor=request.actor)
    periods = series.periods_of(indicator, form.target)
    start = chosen_period(request.GET.get("periode", ""), periods)
    places = places_of(request.actor, form) if start else {}
    lines = series.by_territory(indicator, start, form.target, places, request.actor) if start else []
    if request.GET.get("format") in FORMATS:
        series.fill_expected(indicator, lines)
        return download("totaux", export_totals(request.GET["format"], indicator, lines, start, form.target))
    page = Paginator(lines, PER_PAGE).get_page(request.GET.get("page"))
    series.fill_expected(indicator, page.object_list)
    answered = _("%(reported)s sur %(expected)s")
    context = {
        "indicator": indicator, "form": form, "page": page,
        "rows": [(one, said(one), answered % vars(one)) for one in page.object_list],
        "period": label(start, form.target) if start else "",
        "periods": [(day.isoformat(), label(day, form.target), day == start) for day in periods],
        "map": map_of(request, indicator, form, lines, places.values()),
        "rule": indicator.get_territory_rule_display(),
        "none": indicator.territory_rule == Indicator.TerritoryRule.NONE,
    }  # fmt: skip
    return render(request, "strategy/indicators/totals.html", context)


def places_of(actor, form):
    """{id: territory} of the level looked at, inside the territory acted in or everywhere."""
    rows = existing(actor, level=form.level, here=form.here)
    return {place.pk: place for place in rows}


@composed
def existing(actor, *, level, here):
    places = Territory.objects.visible_to(actor).existing().filter(kind=level)
    places = places.filter(containers__container=actor.territory_id) if here else places
    return places.only("kind", "code", "name", "sort_name")


def said(line):
    """The figure of a line in words; its categories when they do not make one figure."""
    if line.hidden:
        return _("non montré")
    if line.value is not None:
        return figures.amount(line.value)
    return " ; ".join(f"{name} : {figures.amount(value)}" for name, value in line.parts)


def map_of(request, indicator, form, lines, places):
    """Départements of France, or communes of the territory acted in: what outlines are there for."""
    actor = request.actor
    if form.level == "departement" and not form.here:
        place = ("nation", "FR")
    elif form.level == "commune" and form.here and actor.scope_kind in ("departement", "epci"):
        here = Territory.objects.visible_to(actor).get(pk=actor.territory_id)
        place = (here.kind, here.code)
    else:
        return None
    numbers, legend = series.shades(indicator, lines, places)
    if not numbers:
        return None
    state = ReferenceImport.objects.visible_to(actor).state_of_territories()
    return {
        "url": reverse("territories:contours", args=place, query={"v": state}),
        "numbers": numbers, "legend": legend, "vintage": state.partition("-")[0],
    }  # fmt: skip


def export_totals(format, indicator, lines, start, target):
    columns = [
        Column("code", _("Code")), Column("name", _("Territoire")), Column("kind", _("Niveau")),
        Column("period", _("Période")), Column("value", _("Valeur"), "decimal"), Column("unit", _("Unité")),
        Column("reported", _("Unités qui ont répondu"), "integer"),
        Column("expected", _("Attendues"), "integer"), Column("estimated", _("Dont estimées"), "integer"),
        *(Column(f"part{place}", name, "decimal") for place, name in enumerate(split_names(indicator))),
    ]  # fmt: skip
    rows = (
        {
            "code": line.territory.code, "name": line.territory.name, "kind": line.territory.get_kind_display(),
            "period": label(start, target), "value": line.value, "unit": indicator.unit, "reported": line.reported,
            "expected": line.expected, "estimated": line.estimated,
        }
        | {
            f"part{place}": dict(line.parts).get(name) for place, name in enumerate(split_names(indicator))
        }
        for line in lines
    )  # fmt: skip
    return export(format, columns, rows, title=f"{indicator.label}, {label(start, target) if start else ''}")


def split_names(indicator):
    return [str(name) for key, name in CATEGORIES[indicator.split].items() if key]
