"""Finding help, without an account. What is asked is sent and answered: no address, log, cookie or table holds it.

A search is exempt from the token against forged requests: it changes nothing of whoever is made to send it, and the
token would leave a cookie on the device.
"""

from __future__ import annotations

from uuid import UUID

import segno
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prevenance.core.documents.pdf import PdfUnavailable, render_pdf
from prevenance.core.public import public
from prevenance.core.refusals import Refused
from prevenance.domains.directory.actions.reviews import report_error
from prevenance.domains.directory.analysis import finding
from prevenance.domains.directory.forms.doubles import ReportForm
from prevenance.domains.directory.models import closed_list, help_words
from prevenance.domains.directory.rules import reviews as reports
from prevenance.domains.governance.views.files import file_response, named
from prevenance.domains.pages.analysis import communes_points, help_map, state_of_communes
from prevenance.domains.pages.forms.help import EasyHelpForm, HelpForm, PosterForm
from prevenance.domains.pages.models import UnansweredSearch

PER_LIST = 6  # of each list: on a phone, national numbers come after them
ON_POSTER = {"poster": 0, "leaflet": 40}
DAY = 24 * 3600


def untraced(response: HttpResponse) -> HttpResponse:
    """Nothing of it is kept by a browser or a cache, nor said to another site."""
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "same-origin"  # to no other site; with none at all, forms would be told from nowhere
    return response


def shown(request: HttpRequest, template: str, context: dict[str, object], status: int = 200) -> HttpResponse:
    return untraced(render(request, template, context | {"exit": help_words()["exit"]}, status=status))


@public
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def help_page(request: HttpRequest) -> HttpResponse:
    return answer(request, HelpForm, "pages/help/page.html")


@public
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def help_easy(request: HttpRequest) -> HttpResponse:
    """The same in easy-to-read French."""
    return answer(request, EasyHelpForm, "pages/help/easy.html")


def answer(request: HttpRequest, asking: type[HelpForm] | type[EasyHelpForm], template: str) -> HttpResponse:
    form = asking(request.POST if request.method == "POST" else None)
    at = timezone.now()
    context: dict[str, object] = {"form": form, "communes": reverse("pages:help_communes")}
    commune, need = None, ""
    if form.is_bound and form.is_valid():
        commune, need = form.cleaned_data["commune"], form.asked.need
        context |= results(request, commune, form.asked, at)
    context["urgent"], context["numbers"] = finding.lines(commune, need, at)
    context["commune"] = commune
    return shown(request, template, context, 422 if form.errors else 200)


def results(request: HttpRequest, commune, asked, at) -> dict[str, object]:
    """What is offered to the inhabitants of a commune; what finds nothing is counted, by commune and need only."""
    typed = request.POST.get("page", "")
    page = int(typed) if typed.isdecimal() and 0 < int(typed) < 1000 else 1
    around = finding.served_through(commune)
    lists = finding.candidates(commune, around, asked, timezone.localdate())
    if not any(lists) and page == 1:
        UnansweredSearch.count_one(commune=commune, need=asked.need, on=timezone.localdate())
    (here, away), more = finding.shown(lists, asked.when, at, (page - 1) * PER_LIST, PER_LIST)
    return {
        "searched": True, "here": here, "away": away, "more": page + 1 if more else 0, "page": page,
        "nothing": not any(lists), "total": len({near.pk for one in lists for near in one}),
        "need_label": closed_list("needs").get(asked.need, ""),
        "map": help_map(commune, around, here) if here else None,
    }  # fmt: skip


@public
@csrf_exempt
@require_POST
def help_report(request: HttpRequest) -> HttpResponse:
    """Say that what a result says is wrong, by a word of a list. Sent, as a search is: an address would say in the
    browser's history which service was looked at."""
    try:
        service = reports.reportable(UUID(request.POST.get("service", "")))
    except (ValueError, reports.NotThere) as absent:
        raise Http404 from absent
    form, done = ReportForm(request.POST if "what" in request.POST or "send" in request.POST else None), False
    if form.is_bound and form.is_valid():
        try:
            report_error(key=service.key, what=form.cleaned_data["what"])
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            done = True
    context: dict[str, object] = {"form": form, "service": service, "done": done}
    return shown(request, "pages/help/report.html", context, 422 if form.errors else 200)


@public
@require_safe
def help_traces(request: HttpRequest) -> HttpResponse:
    """What leaving does not erase, and how to erase it."""
    return shown(request, "pages/help/traces.html", {})


@public
@require_safe
@gzip_page
def help_communes(request: HttpRequest) -> HttpResponse:
    """Every commune and its point, the same for all: the browser finds the nearest one without saying where it is."""
    response = HttpResponse(communes_points(state_of_communes()), content_type="application/json")
    response["Cache-Control"] = f"public, max-age={DAY}"
    return response


@public
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def help_poster(request: HttpRequest) -> HttpResponse:
    """A poster or a leaflet of a commune, as a tagged PDF; places that protect people have no address in it."""
    form = PosterForm(request.POST if request.method == "POST" else None)
    unavailable = ""
    if form.is_bound and form.is_valid():
        try:
            return poster(form.cleaned_data["commune"], form.cleaned_data["shape"])
        except PdfUnavailable as missing:
            unavailable = str(missing)
    status = 503 if unavailable else 422 if form.errors else 200
    context: dict[str, object] = {"form": form, "unavailable": unavailable, "communes": reverse("pages:help_communes")}
    return shown(request, "pages/help/poster_form.html", context, status)


def poster(commune, shape: str) -> HttpResponse:
    at = timezone.now()
    lists = finding.candidates(commune, finding.served_through(commune), finding.Asked(), timezone.localdate())
    (here, away), _more = finding.shown(lists, "", at, 0, ON_POSTER[shape])
    urgent, numbers = finding.lines(commune, "", at)
    address = f"{settings.PUBLIC_ADDRESS}{reverse('pages:help')}"
    context = {
        "commune": commune, "shape": shape, "here": here, "away": away, "urgent": urgent, "numbers": numbers,
        "address": address, "today": timezone.localdate(),
        "code": segno.make(address, error="m", micro=False).svg_data_uri(scale=6, border=4, light="#fff"),
    }  # fmt: skip
    title = f"Trouver de l’aide à {commune.name}"
    content = render_pdf("pages/help/poster.html", context, title=title, created_at=at)
    return untraced(file_response(content, "application/pdf", named(title, extension="pdf"), inline=True))
