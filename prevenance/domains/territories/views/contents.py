"""What a territory contains: a page of the list, or the whole list as a file."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import F, FilteredRelation, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from prevenance.core.documents import tables
from prevenance.domains.territories.forms import ContentsFilter
from prevenance.domains.territories.models import Population, PopulationSeries, Territory
from prevenance.domains.territories.models.matching import searchable

# Kinds that each kind contains, the most expected first.
KINDS = {
    "commune": (),
    "ept": ("commune",),
    "epci": ("commune", "ept"),
    "departement": ("commune", "epci", "ept"),
    "region": ("departement", "epci", "commune"),
    "nation": ("departement", "region", "epci", "ept", "commune"),
}
ORDERS = {
    "nom": ("sort_name", "pk"),
    "population": (F("inhabitants").desc(nulls_last=True), "sort_name", "pk"),
    "code": ("code", "pk"),
}
PAGE = 50


def contents(request: HttpRequest, territory: Territory, populations: list[Population]) -> dict[str, Any]:
    """Context of `territories/_contents.html`; empty for a commune, which contains nothing.

    `populations` are the figures of the territory itself: the list shows the first of their series.
    """
    if not KINDS[territory.kind]:
        return {"contents": None}
    form = ContentsFilter(request.GET, kinds=KINDS[territory.kind])
    series = populations[0].series if populations else None
    page = Paginator(_listed(request, territory, form.values, series), PAGE).get_page(request.GET.get("page"))
    kind = Territory.Kind(form.values["nature"])
    return {"contents": page, "contents_filter": form, "contents_kind": kind, "contents_series": series}


def export_contents(request: HttpRequest, territory: Territory, extension: str) -> HttpResponse:
    """The list of what a territory contains, with the filters of the address and every figure, as a file.

    Raises Http404 for a commune, or another format than those of `tables.FORMATS`.
    """
    if extension not in tables.FORMATS or not KINDS[territory.kind]:
        raise Http404
    series = [population.series for population in Population.objects.visible_to(request.actor).of(territory)]
    form = ContentsFilter(request.GET, kinds=KINDS[territory.kind])
    rows = _listed(request, territory, form.values, series[0] if series else None)
    for number, one in enumerate(series):
        rows = _counted(rows, f"figure_{number}", one)
    columns = [
        tables.Column("code", _("Code")),
        tables.Column("name", _("Nom")),
        tables.Column("kind", _("Nature")),
        tables.Column("legal_kind", _("Forme juridique")),
        tables.Column("siren", _("SIREN")),
        *(
            tables.Column(f"figure_{number}", f"{one.name} ({one.vintage})", "integer")
            for number, one in enumerate(series)
        ),
        tables.Column("partial", _("En partie seulement"), "boolean"),
        tables.Column("longitude", _("Longitude"), "decimal"),
        tables.Column("latitude", _("Latitude"), "decimal"),
    ]
    kinds, forms = dict(Territory.Kind.choices), dict(Territory.LegalKind.choices)
    lines = [
        row | {"kind": kinds[row["kind"]], "legal_kind": forms.get(row["legal_kind"], "")}
        for row in rows.values(*(column.key for column in columns))
    ]
    body, content_type, extension = tables.export(extension, columns, lines, title=territory.name)
    response = HttpResponse(body, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{territory.kind}-{territory.code}.{extension}"'
    return response


def _listed(request: HttpRequest, territory: Territory, values: dict[str, str], series: PopulationSeries | None) -> Any:
    rows = Territory.objects.visible_to(request.actor).existing().inside(territory).filter(kind=values["nature"])
    rows = _counted(rows.annotate(partial=F("containers__partial")), "inhabitants", series)
    wanted = searchable(values["nom"])
    if wanted:
        rows = rows.filter(search_name__contains=wanted)
    return rows.order_by(*ORDERS[values["tri"]])


def _counted(rows: Any, name: str, series: PopulationSeries | None) -> Any:
    """`rows` with the figure of one series, or null for those that it lacks."""
    link = f"{name}_link"
    condition = Q(populations__series=series.pk if series else 0)
    return rows.annotate(**{link: FilteredRelation("populations", condition=condition)}).annotate(
        **{name: F(f"{link}__value")}
    )
