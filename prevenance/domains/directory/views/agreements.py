"""Agreements between partners of a département: the list, the form, the removal of one that was wrong."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from prevenance.core.documents.tables import Column
from prevenance.core.refusals import Refused, reason
from prevenance.domains.directory.actions import agreements as actions
from prevenance.domains.directory.forms.agreements import AgreementFilters, AgreementForm, values_of
from prevenance.domains.directory.models import PartnersAgreement
from prevenance.domains.directory.rules import agreements as rules
from prevenance.domains.directory.rules import stations
from prevenance.domains.directory.views.departements import departements_for
from prevenance.domains.directory.views.structures import newest
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.views.councils import PER_PAGE
from prevenance.domains.governance.views.files import table_or_none
from prevenance.domains.governance.views.requests import posted


def agreement_of(request, pk):
    found = PartnersAgreement.objects.visible_to(request.actor).select_related("departement")
    return get_object_or_404(found.prefetch_related("parties"), pk=pk)


@require_safe
def agreements(request):
    actor, today = request.actor, timezone.localdate()
    stations.check_can_see(actor)
    every, own = departements_for(actor)
    filters = AgreementFilters(request.GET, departements=every, own=own)
    found = filters.narrow(PartnersAgreement.objects.visible_to(actor), today).listed()
    file = table_or_none(request, columns(), found, line=row, title=_("Conventions de partenaires"))
    if file is not None:
        return file
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    keep_refusal = reason(stations.check_can_keep_somewhere, actor)
    labels, soon = rules.subjects(), rules.ending_before(today)
    context = {
        "page": page,
        "rows": [(one, labels.get(one.object, one.object), state_of(one, today, soon)) for one in page.object_list],
        "filters": filters,
        "filtered": any(request.GET.get(name) for name in ("object", "state")),
        "keep_refusal": keep_refusal,
        "keeps": not keep_refusal,
    }
    return render(request, "directory/agreements/list.html", context)


def state_of(agreement, today, soon):
    """over, ending, coming or running."""
    if agreement.ends_on is not None and agreement.ends_on < today:
        return "over"
    if agreement.ends_on is not None and agreement.ends_on <= soon:
        return "ending"
    return "coming" if agreement.starts_on > today else "running"


def columns():
    return [
        Column("departement", _("Département")), Column("object", _("Objet")), Column("name", _("Intitulé"), width=50),
        Column("parties", _("Signataires"), width=60), Column("signed_on", _("Signée le"), "date"),
        Column("starts_on", _("À compter du"), "date"), Column("ends_on", _("Jusqu’au"), "date"),
        Column("document", _("Document"), width=40),
    ]  # fmt: skip


def row(agreement):
    return {
        "departement": agreement.departement.name, "object": rules.subjects().get(agreement.object, agreement.object),
        "name": agreement.name, "parties": ", ".join(party["name"] for party in agreement.signed_by),
        "signed_on": agreement.signed_on, "starts_on": agreement.starts_on, "ends_on": agreement.ends_on,
        "document": agreement.document.name if agreement.document else "",
    }  # fmt: skip


@require_http_methods(["GET", "POST"])
def agreement_add(request):
    stations.check_can_keep_somewhere(request.actor)
    every, own = departements_for(request.actor)
    form = AgreementForm(posted(request), departements=every, initial={"departement": own})
    if request.method == "POST" and form.is_valid():
        departement = next(one for one in every if one.code == form.cleaned_data["departement"])
        try:
            actions.add_partners_agreement(departement=departement, told=form.told(), by=request.actor)
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("La convention est inscrite."))
            return redirect("directory:agreements")
    context = {"form": form, "agreement": None}
    return render(request, "directory/agreements/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def agreement_edit(request, agreement):
    """What was typed on an older state stays on screen beside a sentence that says so."""
    agreement = agreement_of(request, agreement)
    rules.check_can_edit(agreement, request.actor)
    form = AgreementForm(posted(request), departements=[agreement.departement], initial=values_of(agreement))
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_partners_agreement(
                agreement=agreement, told=form.told(), seen=form.cleaned_data["seen"] or 0, by=request.actor
            )
        except Stale as stale:
            newest(form, agreement)
            form.add_error(None, stale.reason)
            status = 409
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("La convention est enregistrée."))
            return redirect("directory:agreements")
    status = 422 if form.errors and status == 200 else status
    return render(request, "directory/agreements/form.html", {"form": form, "agreement": agreement}, status=status)


@require_http_methods(["GET", "POST"])
def agreement_remove(request, agreement):
    """Asks once and says what is lost."""
    agreement = agreement_of(request, agreement)
    rules.check_can_edit(agreement, request.actor)
    back = reverse("directory:agreements")
    if request.method == "POST":
        try:
            actions.remove_partners_agreement(agreement=agreement, by=request.actor)
        except Stale as stale:
            messages.info(request, stale.reason)
        else:
            messages.success(request, _("La convention est retirée."))
        return redirect(back)
    context = {
        "title": _("Retirer « %(name)s » ?") % {"name": agreement.name}, "confirm": _("Retirer la convention"),
        "hidden": {}, "back": back, "url": request.path,
        "lost": _("À faire pour une erreur de saisie. Une convention finie se garde : donnez-lui plutôt une fin.")
        + (" " + _("Son document est effacé aussi.") if agreement.document_id else ""),
    }  # fmt: skip
    return render(request, "components/confirm_page.html", context)
