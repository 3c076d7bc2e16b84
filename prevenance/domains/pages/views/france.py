"""France by département: what the texts expect of communes, and what was declared here."""

from dataclasses import replace
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from prevenance.core.documents import tables
from prevenance.domains.governance.analysis import communes_answering, load_law
from prevenance.domains.pages import actions
from prevenance.domains.pages.analysis import WORDS, Line, kept_reading, lines_of, lists_missing, ranges, rules_on
from prevenance.domains.pages.forms import CommunesFilter, DepartementsFilter
from prevenance.domains.territories.models import ReferenceImport, Territory
from prevenance.engines.obligations import Answer, obligations

PAGE = 50


@require_safe
def france(request: HttpRequest) -> HttpResponse:
    """Départements × answers to one rule on one day, in the order and for the region of the address."""
    regions = Territory.objects.visible_to(request.actor).existing().filter(kind="region").order_by("sort_name", "code")
    form = DepartementsFilter(request.GET, regions=list(regions.values_list("code", "name")))
    values = form.values
    rule, day = values["regle"], values["date"]
    reading = kept_reading(day) or actions.count_expectations(by=request.actor, on=day)
    lines = [line for line in lines_of(reading, rule) if values.get("region", line.region) == line.region]
    order = values.get("tri", "departement")
    lines = in_order(lines, order)
    title = rules_on(day)[rule]
    if "format" in request.GET:
        return exported(request.GET["format"], departement_columns(), map(departement_row, lines), f"{title}, {day}")
    context = {
        "form": form,
        "title": title,
        "rule": rule,
        "day": day,
        "reading": reading,
        "lines": lines,
        "answers": WORDS,
        "total": in_all(lines),
        "columns": columns(order),
        "map": map_of(request, lines, Answer(values.get("carte", Answer.NOT_DECLARED)), values.get("region")),
        "behind": reverse("pages:expected", query={"regle": rule, "date": day.isoformat()}),
        "lists_missing": lists_missing(day),
    }
    return render(request, "pages/france.html", context)


def in_order(lines: list[Line], order: str) -> list[Line]:
    """`lines` sorted by a column of `forms.expectations.COLUMNS`; equal ones stay by name."""
    column = order.removeprefix("-")

    def key(line: Line) -> Any:
        if column in ("departement", "code"):
            return line.sort_name if column == "departement" else line.code
        return line.communes if column == "communes" else line.counts[Answer(column)]

    return sorted(lines, key=key, reverse=order.startswith("-"))


def in_all(lines: list[Line]) -> Line:
    """The sum of what is shown."""
    counts = {answer: sum(line.counts[answer] for line in lines) for answer in Answer}
    return replace(Line("", "", ""), counts=counts)


def map_of(request: HttpRequest, lines: list[Line], answer: Answer, region: str | None) -> dict[str, Any]:
    """Départements in shades by number of communes; the legend and `numbers` say the numbers in words."""
    numbers, legend = shades(lines, answer)
    place = ("region", region) if region else ("nation", "FR")
    state = ReferenceImport.objects.visible_to(request.actor).state_of_territories()
    return {
        "url": reverse("territories:contours", args=place, query={"v": state}),
        "word": WORDS[answer],
        "numbers": numbers,
        "legend": legend,
        "vintage": state.partition("-")[0],
    }


def shades(lines: list[Line], answer: Answer) -> tuple[dict[str, dict[str, Any]], list[dict[str, Any]]]:
    """({code of département: its level and number in words}, the legend: a level, its range, how many départements)."""
    groups = ranges([line.counts[answer] for line in lines])
    first = 0 if groups and groups[0] == (0, 0) else 1  # level 0 is for none at all
    numbers, legend = {}, []
    for level, (low, high) in enumerate(groups, first):
        inside = [line for line in lines if low <= line.counts[answer] <= high]
        for line in inside:
            numbers[line.code] = {"level": level, "words": communes_in_words(line.counts[answer])}
        legend.append({"level": level, "words": range_in_words(low, high), "departements": len(inside)})
    return numbers, legend


def communes_in_words(number: int) -> str:
    return ngettext("%(number)s commune", "%(number)s communes", number) % {"number": number}


def range_in_words(low: int, high: int) -> str:
    if low == high:
        return communes_in_words(low) if low else _("aucune commune")
    return _("de %(low)s à %(high)s communes") % {"low": low, "high": high}


def columns(order: str) -> list[dict[str, Any]]:
    """Heads of the table: label, how it is sorted now, and the order that its link asks for."""
    labels = {"departement": _("Département"), **WORDS, "communes": _("communes")}
    found = []
    for column, label in labels.items():
        number = column != "departement"
        now = {column: "ascending", f"-{column}": "descending"}.get(order, "")
        following = f"-{column}" if now == "ascending" or (number and not now) else column
        found.append({"label": label, "number": number, "now": now, "next": following})
    return found


def departement_columns() -> list[tables.Column]:
    return [
        tables.Column("code", _("Code")),
        tables.Column("name", _("Département")),
        tables.Column("region", _("Région")),
        *(tables.Column(answer, str(word).capitalize(), "integer") for answer, word in WORDS.items()),
        tables.Column("communes", _("Communes"), "integer"),
    ]


def departement_row(line: Line) -> dict[str, Any]:
    row = {"code": line.code, "name": line.name, "region": line.region_name, "communes": line.communes}
    return row | line.counts


@require_safe
def expected(request: HttpRequest) -> HttpResponse:
    """Communes of a département that have one answer to one rule on one day, each with why."""
    all_of_them = Territory.objects.visible_to(request.actor).filter(kind="departement").order_by("sort_name", "code")
    departements = {territory.code: territory for territory in all_of_them}
    form = CommunesFilter(request.GET, departements=[(code, f"{t.name} ({code})") for code, t in departements.items()])
    values = form.values
    rule, day, answer = values["regle"], values["date"], Answer(values.get("reponse", Answer.NOT_DECLARED))
    departement = departements.get(values.get("departement", ""))
    title = rules_on(day)[rule]
    found = communes_answering(departement, rule, answer, day) if departement else []

    def rows(communes):
        return [commune_row(facts, rule, day) for facts in communes]

    if "format" in request.GET and departement:
        name = f"{title}, {departement.name}, {WORDS[answer]}, {day}"
        return exported(request.GET["format"], commune_columns(), rows(found), name)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "title": title,
        "rule": rule,
        "day": day,
        "answer": answer,
        "word": WORDS[answer],
        "departement": departement,
        "page": page,
        "rows": rows(page.object_list),
        "lists_missing": lists_missing(day) if answer is Answer.CANNOT_TELL else [],
    }
    return render(request, "pages/expected.html", context)


def commune_row(facts, rule, day):
    said = next(one for one in obligations(facts, load_law(), day) if one.rule == rule)
    missing = " ; ".join(said.missing)
    return {"code": facts.code, "name": facts.name, "why": said.why, "missing": missing, "article": said.article}


def commune_columns() -> list[tables.Column]:
    return [
        tables.Column("code", _("Code Insee")),
        tables.Column("name", _("Commune")),
        tables.Column("why", _("Pourquoi"), width=80),
        tables.Column("missing", _("Ce qu’il manque pour répondre"), width=50),
        tables.Column("article", _("Article")),
    ]


def exported(extension: str, heads: list[tables.Column], rows: Any, title: str) -> HttpResponse:
    """The list as a file. Raises Http404 for another format than those of `tables.FORMATS`."""
    if extension not in tables.FORMATS:
        raise Http404
    body, content_type, extension = tables.export(extension, heads, rows, title=title)
    response = HttpResponse(body, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="attendus.{extension}"'
    return response
