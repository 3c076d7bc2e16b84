"""The facts of one territory, for the page that gathers them with what other domains know."""

from typing import Any

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from prevenance.domains.territories.models import Population, PriorityNeighbourhood, ReferenceImport, Territory
from prevenance.domains.territories.views.contents import contents
from prevenance.domains.territories.views.maps import PIECES

CONTAINERS = ("ept", "epci", "departement", "region", "nation")  # from the nearest


def facts(request: HttpRequest, territory: Territory) -> dict[str, Any]:
    """Context of the templates `territories/_*.html`. `territory` comes from `with_codes()`."""
    actor = request.actor
    containers = Territory.objects.visible_to(actor).around(territory).annotate(partial=F("contents__partial"))
    around = sorted(containers, key=lambda one: (CONTAINERS.index(one.kind), one.sort_name))
    populations = Population.objects.visible_to(actor).of(territory)
    return {
        "territory": territory,
        "around": around,
        "has_epci": any(one.kind == "epci" for one in around),
        "populations": populations,
        "neighbourhoods": PriorityNeighbourhood.objects.visible_to(actor).known_in(territory),
        "map": _map(request, territory, around),
        **contents(request, territory, populations),
    }


def unknown(request: HttpRequest, code: str) -> HttpResponse:
    """404 that says what is not known and offers to search."""
    return render(request, "territories/unknown.html", {"code": code[:20]}, status=404)


def _map(request: HttpRequest, territory: Territory, around: list[Territory]) -> dict[str, Any] | None:
    """What the map shows: the pieces of the territory or, around a commune, those of the nearest body."""
    shown = territory if territory.kind in PIECES else next((one for one in around if one.kind in PIECES), None)
    if shown is None or territory.zone == Territory.Zone.COM:
        return None  # no outline was published with the others
    state = ReferenceImport.objects.visible_to(request.actor).state_of_territories()
    address = reverse("territories:contours", args=[shown.kind, shown.code])
    return {
        "shown": shown,
        "pieces": Territory.Kind(PIECES[shown.kind]),
        "url": f"{address}?v={state}",
        "vintage": state.partition("-")[0],
        "current": territory.code if shown is not territory else "",
    }
