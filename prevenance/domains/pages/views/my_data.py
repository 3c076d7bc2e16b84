"""What the platform holds about who is signed in, every domain together."""

from django.http import JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from prevenance.domains.accounts import analysis as accounts
from prevenance.domains.directory.analysis import about_person as directory
from prevenance.domains.governance.analysis import about_person as governance


@require_safe
def my_data(request):
    """To read, or to take away (`?format=json`)."""
    actor = request.actor
    held = accounts.held_about(actor) | governance.held_about(actor) | directory.held_about(actor)
    if request.GET.get("format") == "json":
        response = JsonResponse(held, json_dumps_params={"ensure_ascii": False, "indent": 2})
        response["Content-Disposition"] = 'attachment; filename="mes-donnees.json"'
    else:
        response = render(request, "pages/my_data.html", {"held": held})
    response["Cache-Control"] = "no-store"
    return response
