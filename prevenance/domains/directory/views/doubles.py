"""Rows that may be one: shown side by side, united, or said to be two."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prevenance.core.refusals import Refused
from prevenance.domains.directory.actions import doubles as actions
from prevenance.domains.directory.analysis import doubles as analysis
from prevenance.domains.directory.forms.doubles import PlaceForm
from prevenance.domains.directory.models import Service, Structure
from prevenance.domains.directory.rules import doubles as rules
from prevenance.domains.directory.rules.keeping import check_can_keep_somewhere
from prevenance.domains.directory.views.structures import asked
from prevenance.domains.governance.rules.councils import Stale

MODELS = {"structures": (Structure, ("commune",)), "services": (Service, ("commune", "structure__commune"))}


@require_safe
def doubles(request):
    check_can_keep_somewhere(request.actor)
    form = PlaceForm(asked(request, "where"))
    where = form.cleaned_data["where"] if form.is_valid() else None
    context = {
        "filters": form, "where": where,
        "structures": analysis.structures(where.pk, request.actor) if where else [],
        "services": analysis.services(where.pk, request.actor) if where else [],
    }  # fmt: skip
    return render(request, "directory/doubles/list.html", context)


def both(request, what, first, second):
    model, links = MODELS[what]
    found = model.objects.visible_to(request.actor).select_related(*links)
    return get_object_or_404(found, pk=first), get_object_or_404(found, pk=second)


@require_http_methods(["GET", "POST"])
def double_merge(request, what, first, second):
    """Asks which is kept, once, and says what happens to the other."""
    one, other = both(request, what, first, second)
    rules.check_can_merge(one, other, request.actor)
    unite = actions.merge_structures if what == "structures" else actions.merge_services
    if request.method == "POST" and request.POST.get("kept") in (str(first), str(second)):
        kept, gone = (one, other) if request.POST["kept"] == str(first) else (other, one)
        try:
            unite(kept=kept, other=gone, by=request.actor)
        except Stale as stale:
            messages.warning(request, stale.reason)
        except Refused as refusal:
            messages.error(request, refusal.reason)
        else:
            messages.success(request, _("C’est fait : il n’y a plus qu’une fiche, et l’ancienne y conduit."))
        return redirect("directory:doubles")
    context = {"what": what, "rows": [one, other], "missing": request.method == "POST"}
    status = 422 if request.method == "POST" else 200
    return render(request, "directory/doubles/merge.html", context, status=status)


@require_POST
def double_distinct(request, first, second):
    one, other = both(request, "structures", first, second)
    try:
        actions.say_distinct(first=one, second=other, by=request.actor)
    except Stale as stale:
        messages.warning(request, stale.reason)
    else:
        messages.success(request, _("Ces deux structures ne seront plus proposées ensemble."))
    return redirect("directory:doubles")
