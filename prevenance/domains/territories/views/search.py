"""Search as one types, and without script as a page of results."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from prevenance.core.public import public
from prevenance.domains.territories.models import Territory

SUGGESTED, LISTED = 10, 50


@public
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """`q` is what was typed, `kind` (repeated) what is looked for; a partial request gets the list of options only."""
    text = request.GET.get("q", "").strip()[:100]
    kinds = [kind for kind in request.GET.getlist("kind") if kind in Territory.Kind]
    territories = Territory.objects.visible_to(request.actor)
    if kinds:
        territories = territories.filter(kind__in=kinds)
    partial = request.headers.get("HX-Request") == "true"
    found = territories.matching(text, SUGGESTED if partial else LISTED)
    context = {"q": text, "found": found, "list_id": slugify(request.GET.get("liste", ""))}
    response = render(request, f"territories/{'options' if partial else 'search'}.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response
