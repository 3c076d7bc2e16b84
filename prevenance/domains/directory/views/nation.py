"""Coverage of the nation, département by département, as the last count found it."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from prevenance.core.documents.tables import Column
from prevenance.core.refusals import Refused, reason
from prevenance.domains.directory.actions import nation as actions
from prevenance.domains.directory.forms.nation import NationFilters
from prevenance.domains.directory.models import CoverageRun, DepartementCoverage
from prevenance.domains.directory.rules import nation as rules
from prevenance.domains.directory.rules.coverage import terms_on
from prevenance.domains.directory.views.coverage import how_counted, in_hours, minutes_in_words, number
from prevenance.domains.governance.views.councils import PER_PAGE
from prevenance.domains.governance.views.files import table_or_none
from prevenance.domains.territories.models import ReferenceImport, Territory


@dataclass(frozen=True)
class Line:
    """A département, a region or France: inhabitants beyond the threshold, and what else is said of the whole.

    `median` is None where half have nothing within reach, and for what is above a département, whose figures do not say
    it. `hours`: a week, for a thousand inhabitants.
    """

    name: str
    code: str
    sort_name: str
    region: int | None
    inhabitants: int
    beyond: int
    every: tuple[int, ...]
    hours: float
    places: int | None = None
    median: float | None = None

    @property
    def share(self):
        """Of its inhabitants, in hundredths."""
        return self.beyond * 100 / self.inhabitants if self.inhabitants else 0.0


@require_safe
def nation(request):
    actor = request.actor
    rules.check_can_see_nation(actor)
    runs = list(CoverageRun.objects.visible_to(actor).order_by("-pk")[: rules.LATEST])
    going = next((run for run in runs if run.going), None)
    if request.headers.get("HX-Request") == "true":
        return render(request, "directory/coverage/_count.html", {"going": going, "asked": True})
    regions = list(Territory.objects.visible_to(actor).existing().filter(kind="region").order_by("sort_name", "code"))
    filters = NationFilters(request.GET, regions=regions)
    every = lines_of(actor, filters)
    lines = [line for line in every if filters.region is None or line.region == filters.region.pk]
    lines.sort(key=order_of(filters.told["order"]))
    title = _("Couverture de la France")
    file = table_or_none(request, columns(filters.within), lines, line=row, title=title)
    if file is not None:
        return file
    page = Paginator(lines, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "filters": filters, "within": filters.within, "going": going, "page": page,
        "whole": summed(filters.region.name if filters.region else _("France"), lines) if lines else None,
        "rows": [(line, *said(line), departement(filters, line.code)) for line in page.object_list],
        "regions": by_region(regions, lines), "map": map_of(request, filters, lines) if lines else None,
        "counted": next((run for run in runs if not run.going), going),
        "method": [*how_counted(), not_summed()],
        "count_refusal": reason(rules.check_not_counted, runs, timezone.localdate()),
    }  # fmt: skip
    return render(request, "directory/coverage/nation.html", context)


@require_POST
def nation_count(request):
    """Count now rather than this night."""
    rules.check_can_see_nation(request.actor)
    try:
        actions.ask_coverage_count(by=request.actor)
    except Refused as refusal:
        messages.warning(request, refusal.reason)
    else:
        messages.success(request, _("Le compte commence. Cette page dit où il en est."))
    return redirect("coverage:nation")


def lines_of(actor, filters):
    """Départements, for the need, the audience and the threshold of the address."""
    found = DepartementCoverage.objects.visible_to(actor).filter(
        need=filters.told["need"], audience=filters.told["audience"]
    )
    rows = found.with_regions().values_list(
        "departement__name", "departement__code", "departement__sort_name", "regions", "inhabitants", "bands", "beyond",
        "hours", "places", "median",
    )  # fmt: skip
    return [
        Line(
            name, code, sort_name, next(iter(regions), None), inhabitants, beyond[bands.index(filters.within)],
            tuple(beyond), hours, places, median,
        )
        for name, code, sort_name, regions, inhabitants, bands, beyond, hours, places, median in rows
        if filters.within in bands  # parameters may have changed since the count
    ]  # fmt: skip


def order_of(word):
    if word == "part":
        return lambda line: (-line.share, line.sort_name)
    return lambda line: (-line.beyond if word == "habitants" else 0, line.sort_name)


def summed(name, lines, sort_name=""):
    """What several départements come to: a service that several count may be the same."""
    inhabitants = sum(line.inhabitants for line in lines)
    hours = sum(line.hours * line.inhabitants for line in lines)
    every = tuple(map(sum, zip(*(line.every for line in lines), strict=True)))
    return Line(
        name, "", sort_name, None, inhabitants, sum(line.beyond for line in lines), every,
        hours / inhabitants if inhabitants else 0.0,
    )  # fmt: skip


def by_region(regions, lines):
    """Regions, the largest gap first, each with its figures in words; none when one alone is looked at."""
    groups = [(region, [line for line in lines if line.region == region.pk]) for region in regions]
    found = [summed(region.name, some, region.sort_name) for region, some in groups if some]
    found.sort(key=order_of("habitants"))
    return [(line, *said(line)) for line in found] if len(found) > 1 else []


def said(line):
    """(share, minutes, hours) in words."""
    return number(line.share, 1), minutes_in_words(line.median), in_hours(line.hours)


def departement(filters, code):
    return reverse("coverage:coverage") + filters.address.replace("CODE", code)


def not_summed():
    return _(
        "Un service qui sert plusieurs départements est compté dans chacun. Le temps médian est celui dont la moitié "
        "des habitants a besoin au plus ; il ne s’additionne pas, et ne se dit que par département."
    )


def map_of(request, filters, lines):
    """Départements in shades by the share of inhabitants beyond; the table says each figure."""
    shares = terms_on(timezone.localdate()).shares
    words = [_("%(share)s %% ou moins") % {"share": shares[0]}]
    words += [_("de %(low)s à %(high)s %%") % {"low": low, "high": high} for low, high in pairwise(shares)]
    words.append(_("plus de %(share)s %%") % {"share": shares[-1]})
    numbers: dict[str, Any] = {}
    counts = [0] * len(words)
    for line in lines:
        level = sum(line.share > share for share in shares)
        counts[level] += 1
        numbers[line.code] = {
            "level": level,
            "words": _("%(share)s %%, %(people)s habitants") % {
                "share": number(line.share, 1), "people": number(line.beyond),
            },
        }  # fmt: skip
    place = ("region", filters.region.code) if filters.region else ("nation", "FR")
    state = ReferenceImport.objects.visible_to(request.actor).state_of_territories()
    return {
        "url": reverse("territories:contours", args=place, query={"v": state}),
        "page": departement(filters, "CODE"),
        "numbers": numbers,
        "legend": [{"level": level, "words": word, "number": counts[level]} for level, word in enumerate(words)],
        "vintage": state.partition("-")[0],
    }


def columns(within):
    return [
        Column("code", _("Code")), Column("name", _("Département")), Column("inhabitants", _("Habitants"), "integer"),
        Column("beyond", _("Habitants à plus de %(band)d minutes") % {"band": within}, "integer"),
        Column("share", _("Part (%)"), "decimal"), Column("median", _("Minutes médianes"), "decimal"),
        Column("hours", _("Heures par semaine pour 1 000 habitants"), "decimal"),
        Column("places", _("Lieux d’accueil comptés"), "integer"),
    ]  # fmt: skip


def row(line):
    return {
        "code": line.code, "name": line.name, "inhabitants": line.inhabitants, "beyond": line.beyond,
        "share": round(line.share, 1), "median": None if line.median is None else round(line.median, 1),
        "hours": round(line.hours, 2), "places": line.places,
    }  # fmt: skip
