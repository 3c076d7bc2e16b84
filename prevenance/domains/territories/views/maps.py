"""Outlines as GeoJSON: the map of a territory shows the pieces it is made of."""

import json

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import condition, require_safe

from prevenance.core.public import public
from prevenance.domains.territories.models import ReferenceImport, Territory

# What the map of each kind is made of; a commune is shown among those of its intercommunalité or département.
PIECES = {
    "ept": "commune",
    "epci": "commune",
    "departement": "commune",
    "region": "departement",
    "nation": "departement",
}
YEAR = 365 * 24 * 3600


def etag(request: HttpRequest, kind: str, code: str) -> str:
    return f'"{ReferenceImport.objects.visible_to(request.actor).state_of_territories()}-{kind}-{code}"'


@public
@require_safe
@gzip_page
@condition(etag_func=etag)
def contours(request: HttpRequest, kind: str, code: str) -> HttpResponse:
    """Pieces of a territory: c code, n name, k kind, z zone. A piece without outline is a point, or absent.

    A commune is its own only piece.

    With `v`, the state of the data that the page was drawn from, the answer may be kept for ever.
    """
    territories = Territory.objects.visible_to(request.actor)
    territory = territories.filter(kind=kind, code=code).first()
    if territory is None:
        raise Http404
    if kind in PIECES:
        pieces = territories.existing().inside(territory).filter(kind=PIECES[kind]).order_by("sort_name", "pk")
    else:
        pieces = territories.filter(pk=territory.pk)
    features = []
    columns = ("code", "name", "kind", "zone", "longitude", "latitude", "contour__geometry")
    for piece, name, piece_kind, zone, longitude, latitude, outline in pieces.values_list(*columns):
        point = json.dumps({"type": "Point", "coordinates": [longitude, latitude]}) if longitude is not None else None
        geometry = outline or point
        if geometry:
            said = json.dumps({"c": piece, "n": name, "k": piece_kind, "z": zone}, ensure_ascii=False)
            features.append(f'{{"type":"Feature","properties":{said},"geometry":{geometry}}}')
    body = '{"type":"FeatureCollection","features":[' + ",\n".join(features) + "]}"
    response = HttpResponse(body, content_type="application/geo+json")
    response["Cache-Control"] = f"public, max-age={YEAR}, immutable" if request.GET.get("v") else "public, no-cache"
    return response
