"""The people of one's scope, and how their mandates end."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from prevenance.core.documents import tables
from prevenance.core.refusals import reason
from prevenance.domains.accounts import actions, rules
from prevenance.domains.accounts.forms import EndMandateForm, PeopleFilter
from prevenance.domains.accounts.models import Mandate, Person

ROWS = 50
COUNTED = 2_000  # counting further would read the whole of France to print a number nobody uses


class Counted(Paginator):
    """Pages that count no further than COUNTED rows: the list says to narrow instead."""

    @cached_property
    def count(self):
        return self.object_list.order_by()[:COUNTED].count()


@require_safe
def people(request):
    """Who holds what in the actor's scopes; filters in the address, and the same list as a file."""
    rules.check_can_see_people(request.actor)
    form = PeopleFilter(request.GET or None)
    rows = found(request.actor, form.cleaned_data if form.is_valid() else {})
    if request.GET.get("format") in tables.FORMATS:
        return exported(request.GET["format"], rows)
    page = Counted(rows, ROWS).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "filtered": bool(form.is_bound and any(form.cleaned_data.values())) if form.is_valid() else False,
        "capped": page.paginator.count == COUNTED,
        "limit": COUNTED,
        "cannot_invite": reason(rules.check_can_manage_people, request.actor),
    }
    return render(request, "accounts/people.html", context)


def found(actor, given):
    rows = Mandate.objects.visible_to(actor).of_people_of(actor)
    if given.get("name"):
        rows = rows.filter(person__sort_name__startswith=rules.name_key(given["name"]))
    if given.get("role"):
        rows = rows.filter(role=given["role"])
    if given.get("state"):
        rows = rows.in_state(given["state"])
    return rows.select_related("person", "scope", "organisation", "invitation").order_by(
        "person__sort_name", "person_id", "-valid_from", "pk"
    )


def exported(format, rows):
    columns = [
        tables.Column("family_name", _("Nom")),
        tables.Column("given_name", _("Prénom")),
        tables.Column("email", _("Adresse électronique")),
        tables.Column("phone", _("Téléphone")),
        tables.Column("role", _("Rôle")),
        tables.Column("scope", _("Périmètre")),
        tables.Column("organisation", _("Organisme")),
        tables.Column("valid_from", _("À compter du"), "date"),
        tables.Column("valid_to", _("Jusqu’au"), "date"),
        tables.Column("state", _("Mandat")),
        tables.Column("act", _("Acte")),
    ]
    lines = (
        {
            "family_name": row.person.family_name,
            "given_name": row.person.given_name,
            "email": row.person.email,
            "phone": row.person.phone,
            "role": row.role_label,
            "scope": row.scope.label,
            "organisation": row.organisation.name if row.organisation else None,
            "valid_from": row.valid_from,
            "valid_to": row.valid_to,
            "state": str(row.state.label),
            "act": row.act,
        }
        for row in rows.iterator(chunk_size=2_000)
    )
    content, content_type, extension = tables.export(format, columns, lines, title=_("Personnes"))
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="personnes.{extension}"'
    return response


@require_safe
def person(request, pk):
    """One person: how to reach them, every mandate that the actor may see, past ones included."""
    rules.check_can_see_people(request.actor)
    whom = get_object_or_404(Person.objects.visible_to(request.actor), pk=pk)
    mandates = Mandate.objects.visible_to(request.actor).filter(person=whom)
    mandates = mandates.select_related(
        "scope", "organisation", "granted_by", "invitation", "delegated_from__person"
    ).order_by("-valid_from", "pk")
    rows = []
    for mandate in mandates:
        mandate.person = whom
        rows.append(
            {
                "mandate": mandate,
                "invitation": mandate.pending_invitation,
                "cannot_end": reason(rules.check_can_end, request.actor, mandate),
                "over": mandate.state == Mandate.State.ENDED,
            }
        )
    context = {
        "whom": whom,
        "rows": rows,
        "has_account": whom.is_active and whom.has_usable_password(),
        "cannot_invite": reason(rules.check_can_manage_people, request.actor),
        "cannot_administer": reason(rules.check_can_administer, request.actor, whom),
        "administers": not reason(rules.check_is_administrator, request.actor),
    }
    return render(request, "accounts/person.html", context)


@require_http_methods(["GET", "POST"])
def end_mandate(request, pk):
    """Set the last day, or cut now: asks once and says what is lost."""
    mandates = Mandate.objects.visible_to(request.actor).select_related("person", "scope", "delegated_from")
    mandate = get_object_or_404(mandates, pk=pk)
    rules.check_can_end(request.actor, mandate)
    form = EndMandateForm(request.POST or None)
    if form.is_valid():
        if form.cleaned_data["how"] == EndMandateForm.NOW:
            actions.withdraw_mandate(by=request.actor, mandate=mandate)
            messages.success(request, _("Le mandat est retiré : l’accès est coupé."))
        else:
            actions.end_mandate(by=request.actor, mandate=mandate, last_day=form.cleaned_data["last_day"])
            messages.success(request, _("La fin du mandat est enregistrée."))
        return redirect("accounts:person", mandate.person_id)
    delegated = [given.person.name for given in mandate.delegations.in_state(Mandate.State.CURRENT)
                 .select_related("person").order_by("pk")]  # fmt: skip
    context = {"form": form, "mandate": mandate, "delegated": ", ".join(delegated)}
    return render(request, "accounts/end_mandate.html", context)


@require_http_methods(["GET", "POST"])
def close_account(request, pk):
    whom = get_object_or_404(Person.objects.visible_to(request.actor), pk=pk)
    rules.check_can_administer(request.actor, whom)
    if request.method == "POST":
        actions.close_account(by=request.actor, person=whom)
        messages.success(request, _("Le compte est fermé."))
        return redirect("accounts:person", whom.pk)
    return asked_once(
        request,
        whom,
        title=_("Fermer le compte de {name} ?").format(name=whom.name),
        lost=_("Tous ses mandats prennent fin maintenant. Son mot de passe, ses codes et ses sessions sont effacés."),
        confirm=_("Fermer le compte"),
    )


@require_http_methods(["GET", "POST"])
def take_second_factor_away(request, pk):
    whom = get_object_or_404(Person.objects.visible_to(request.actor), pk=pk)
    rules.check_can_administer(request.actor, whom)
    if request.method == "POST":
        actions.take_second_factor_away(by=request.actor, person=whom)
        messages.success(request, _("Le second facteur est retiré ; la personne en installera un autre à son entrée."))
        return redirect("accounts:person", whom.pk)
    return asked_once(
        request,
        whom,
        title=_("Retirer le second facteur de {name} ?").format(name=whom.name),
        lost=_(
            "Assurez-vous de vive voix de son identité : jusqu’à la nouvelle installation, son mot de passe suffit."
        ),
        confirm=_("Retirer le second facteur"),
    )


def asked_once(request, whom, **said):
    """The page of a destructive act reached without script."""
    back = reverse("accounts:person", args=[whom.pk])
    return render(request, "components/confirm_page.html", {"url": request.path, "back": back, "hidden": {}, **said})
