"""The page of a territory: what it is, its councils, what the law expects of it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from prevenance.core.public import public
from prevenance.domains.territories.models import Territory
from prevenance.domains.territories.views import export_contents, facts, unknown


@public
@require_safe
def territory(request: HttpRequest, kind: str, code: str) -> HttpResponse:
    """A code of before leads to the commune of today; an unknown one to a 404 that helps to search."""
    try:
        found = Territory.objects.visible_to(request.actor).with_codes().at(kind, code.upper())
    except Territory.DoesNotExist:
        return unknown(request, code)
    if found.code != code:
        if found.code != code.upper():
            messages.info(
                request,
                _("Le code %(code)s mène aujourd’hui à la commune de %(name)s (%(new)s).")
                % {"code": code.upper(), "name": found.name, "new": found.code},
            )
        return redirect(found)
    extension = request.GET.get("format")
    if extension:
        return export_contents(request, found, extension)
    return render(request, "pages/territory.html", facts(request, found))
