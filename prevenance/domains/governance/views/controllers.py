"""The controller's record of the commune, EPCI or département that one acts for."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from prevenance.core.refusals import Refused
from prevenance.domains.governance.actions import controllers as actions
from prevenance.domains.governance.forms.bodies import ControllerForm, values_of
from prevenance.domains.governance.models import Controller
from prevenance.domains.governance.rules import controllers as rules
from prevenance.domains.governance.rules.councils import Stale


@require_http_methods(["GET", "POST"])
def controller(request):
    """Read and keep the record; what it lacks is said first. What was typed on an older one stays on screen."""
    scope = rules.holder_of(request.actor)
    if scope is None:
        if not request.actor.can("see_register"):
            raise Refused(_("La fiche du responsable de traitement se tient sous un mandat local."))
        raise Http404
    record = Controller.objects.visible_to(request.actor).filter(scope=scope).select_related("updated_by").first()
    form, status = ControllerForm(request.POST if request.method == "POST" else None, initial=values_of(record)), 200
    if request.method == "POST" and form.is_valid():
        try:
            actions.keep_record(scope=scope, record=form.record(), seen=form.cleaned_data["seen"], by=request.actor)
        except Stale as stale:
            form.data = {**form.data.dict(), "seen": values_of(record)["seen"]}
            form.add_error(None, stale.reason)
            status = 409
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("La fiche est enregistrée."))
            return redirect("governance:controller")
    context = {
        "scope": scope,
        "record": record,
        "missing": rules.missing_in(record),
        "form": form,
        "bodies": rules.bodies_exchanging(scope),
    }
    return render(
        request, "governance/controllers/record.html", context, status=422 if form.errors and status == 200 else status
    )
