"""The page of a territory: what it is, its councils, what the law expects of it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from prevenance.core.public import public
from prevenance.domains.governance.analysis import facts_for, load_law
from prevenance.domains.governance.models import Council
from prevenance.domains.governance.rules.councils import kinds_for
from prevenance.domains.territories.models import Territory
from prevenance.domains.territories.views import export_contents, facts, unknown
from prevenance.engines.obligations import obligations

COUNCILS_SHOWN = 10


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
    return render(request, "pages/territory.html", facts(request, found) | governance_of(request.actor, found))


def governance_of(actor, territory: Territory) -> dict[str, object]:
    """Councils and obligations. Which councils exist is public; their pages are for whom they are in reach."""
    today = timezone.localdate()
    known = facts_for(territory, today)
    live = Council.objects.visible_to(actor).filter(ended_on=None).order_by("sort_name", "id")
    covering = territory.kind in (Territory.Kind.COMMUNE, Territory.Kind.EPT, Territory.Kind.EPCI)
    found = list((live.covering(territory.pk) if covering else live.inside(territory.pk))[: COUNCILS_SHOWN + 1])
    return {
        "councils": found[:COUNCILS_SHOWN],
        "councils_more": len(found) > COUNCILS_SHOWN,
        "declared": [*known.councils, *known.intercommunal_councils],
        "may_create": any(not refusal for _kind, refusal in kinds_for(territory, actor, today)),
        "obligations": obligations(known, load_law(), today),
        "on": today,
    }
