"""Partners of a council: organisations, the persons who represented them one after the other, what they commit to."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from prevenance.core.composed import Listed, composed
from prevenance.core.documents.tables import Column
from prevenance.core.refusals import Refused, reason
from prevenance.domains.accounts.models import Organisation
from prevenance.domains.governance.actions import commitments as actions
from prevenance.domains.governance.forms.commitments import CommitmentForm, PartnerFilters, values_of
from prevenance.domains.governance.models import Body, Commitment, Membership, Upload
from prevenance.domains.governance.rules.councils import check_can_hold, holds
from prevenance.domains.governance.rules.meetings import Changed
from prevenance.domains.governance.views.councils import PER_PAGE, council_of
from prevenance.domains.governance.views.files import table_or_none
from prevenance.domains.governance.views.requests import posted


def partners_of(actor, council):
    """Organisations that have or had a seat in the council (its number) or its groups."""
    seats = Membership.objects.visible_to(actor).filter(body__council=council).exclude(organisation=None)
    return Organisation.objects.visible_to(actor).filter(pk__in=seats.order_by().values("organisation"))


def commitments_of(actor, council):
    """What partners commit to now."""
    return Commitment.objects.visible_to(actor).current().filter(council=council).order_by()


def partner_of(request, council, pk):
    return get_object_or_404(partners_of(request.actor, council.pk), pk=pk)


@composed
def chosen_partners(actor, council, *, words, kind, written):
    """Those that the filters of the list leave, in the order of names."""
    found = partners_of(actor, council)
    if words:
        found = found.filter(sort_name__contains=words)
    if kind:
        found = found.filter(kind=kind)
    if written:
        committed = Q(pk__in=commitments_of(actor, council).values("organisation"))
        found = found.filter(committed if written == "yes" else ~committed)
    return found.order_by("sort_name", "pk")


@composed
def counted_commitments(actor, council, organisations):
    """(organisation, how many commitments in force)"""
    in_force = commitments_of(actor, council).filter(organisation__in=organisations)
    return in_force.values_list("organisation").annotate(Count("pk"))


@composed
def seats_of(actor, council, organisations):
    """(organisation, given name, family name) of who represents them now, in the order of names."""
    seats = Membership.objects.visible_to(actor).current().filter(body__council=council)
    seats = seats.filter(organisation__in=organisations).order_by("person__sort_name", "pk")
    return seats.values_list("organisation_id", "person__given_name", "person__family_name")


@require_safe
def partners(request, pk):
    """The list, filtered by the address; `?format=` gives the same as a file."""
    council = council_of(request, pk)
    filters = PartnerFilters(request.GET)
    found = Listed(chosen_partners, request.actor, council.pk, **filters.chosen())
    file = table_or_none(request, columns(), lines(request, council, found), title=_("Partenaires"))
    if file is not None:
        return file
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "council": council,
        "page": page,
        "rows": rows_of(request, council, list(page.object_list)),
        "filters": filters,
        "filtered": any(request.GET.values()),
    }
    return render(request, "governance/partners/list.html", context)


def rows_of(request, council, organisations):
    """[(organisation, names of who represents it now, how many commitments in force)], in two queries."""
    about = (request.actor, council.pk, [one.pk for one in organisations])
    people = {}
    for organisation, given_name, family_name in seats_of(*about):
        # A person who sits in several bodies is named once.
        people.setdefault(organisation, {})[f"{given_name} {family_name}"] = True
    counts = dict(counted_commitments(*about))
    return [(one, ", ".join(people.get(one.pk, ())), counts.get(one.pk, 0)) for one in organisations]


def columns():
    return [
        Column("name", _("Organisme")), Column("kind", _("Nature")), Column("people", _("Représenté par")),
        Column("commitments", _("Engagements en cours"), "integer"),
    ]  # fmt: skip


def lines(request, council, found):
    if not request.GET.get("format"):
        return []
    return [
        {
            "name": partner.name, "kind": partner.get_kind_display(), "people": people,
            "commitments": commitments,
        }
        for partner, people, commitments in rows_of(request, council, found[:])
    ]  # fmt: skip


@require_safe
def partner(request, pk, organisation):
    """An organisation in the council: who represents it, who did before, what it commits to."""
    council = council_of(request, pk)
    organisation = partner_of(request, council, organisation)
    seats = Membership.objects.visible_to(request.actor).filter(body__council=council, organisation=organisation)
    seats = seats.select_related("person", "body", "follows__person", "alternate_of__person")
    today = timezone.localdate()
    everyone = list(seats.order_by("body_id", "-valid_from", "-pk"))
    commitments = Commitment.objects.visible_to(request.actor).filter(council=council, organisation=organisation)
    context = {
        "council": council,
        "organisation": organisation,
        "now": [seat for seat in everyone if seat.valid_to is None or seat.valid_to >= today],
        "before": [seat for seat in everyone if seat.valid_to is not None and seat.valid_to < today],
        "commitments": commitments.select_related("body", "document").order_by("-valid_from", "-pk"),
        "today": today,
        "holds": holds(council, request.actor),
        "refusal": reason(check_can_hold, council, request.actor),
    }
    return render(request, "governance/partners/partner.html", context)


def form_for(request, council, commitment=None):
    bodies = Body.objects.visible_to(request.actor).filter(council=council).order_by("pk")
    documents = Upload.objects.visible_to(request.actor).filter(council=council)
    return CommitmentForm(posted(request), bodies=bodies, documents=documents, initial=values_of(commitment))


def page_of(request, council, organisation, form, commitment=None, status=200):
    context = {"council": council, "organisation": organisation, "form": form, "commitment": commitment}
    status = 422 if form.errors and status == 200 else status
    return render(request, "governance/partners/commitment.html", context, status=status)


@require_http_methods(["GET", "POST"])
def commitment_add(request, pk, organisation):
    council = council_of(request, pk)
    organisation = partner_of(request, council, organisation)
    check_can_hold(council, request.actor)
    form = form_for(request, council)
    if request.method == "POST" and form.is_valid():
        try:
            actions.record_commitment(
                council=council, organisation=organisation, committed=form.committed(), by=request.actor
            )
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("L’engagement est inscrit."))
            return redirect("governance:partner", council.pk, organisation.pk)
    return page_of(request, council, organisation, form)


def commitment_of(request, council, pk):
    found = Commitment.objects.visible_to(request.actor).filter(council=council)
    return get_object_or_404(found.select_related("organisation"), pk=pk)


@require_http_methods(["GET", "POST"])
def commitment_edit(request, pk, commitment):
    """Correct or end it; what another tab saved meanwhile is said, and what was typed stays in the form."""
    council = council_of(request, pk)
    commitment = commitment_of(request, council, commitment)
    check_can_hold(council, request.actor)
    form, status = form_for(request, council, commitment), 200
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_commitment(
                commitment=commitment, edit=form.cleaned_data["edit"] or 0, committed=form.committed(),
                by=request.actor,
            )  # fmt: skip
        except Changed as changed:
            form.data = {**form.data.dict(), "edit": changed.current["edit"]}
            form.add_error(
                None,
                _("Cet engagement a été modifié entre-temps. Vérifiez, puis enregistrez à nouveau."),
            )
            status = 409
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("L’engagement est enregistré."))
            return redirect("governance:partner", council.pk, commitment.organisation_id)
    return page_of(request, council, commitment.organisation, form, commitment, status)


@require_http_methods(["GET", "POST"])
def commitment_remove(request, pk, commitment):
    council = council_of(request, pk)
    commitment = commitment_of(request, council, commitment)
    check_can_hold(council, request.actor)
    back = reverse("governance:partner", args=[council.pk, commitment.organisation_id])
    if request.method == "POST":
        actions.remove_commitment(commitment=commitment, by=request.actor)
        messages.success(request, _("L’engagement est retiré."))
        return redirect(back)
    context = {
        "title": _("Retirer cet engagement ?"), "confirm": _("Retirer l’engagement"), "hidden": {}, "back": back,
        "url": request.path,
        "lost": _("À faire pour une erreur de saisie. Un engagement terminé se garde : donnez-lui plutôt une fin."),
    }  # fmt: skip
    return render(request, "components/confirm_page.html", context)
