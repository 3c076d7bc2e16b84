"""Who sits in a council: the list, a member's form, a departure."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from prevenance.core.documents.tables import FORMATS, Column, export
from prevenance.core.refusals import Refused, reason
from prevenance.domains.governance.actions import members as actions
from prevenance.domains.governance.forms.councils import EndForm
from prevenance.domains.governance.forms.members import MemberFilters, MemberForm, ReplacementForm, TakeForm, values_of
from prevenance.domains.governance.models import Body, Membership
from prevenance.domains.governance.rules import councils as rules
from prevenance.domains.governance.rules.law import of_right
from prevenance.domains.governance.rules.members import check_can_add_member, check_can_change_member, contact_is_ours
from prevenance.domains.governance.views.councils import PER_PAGE, council_of, download

LISTED = [
    "title", "quality", "purpose", "valid_from", "valid_to", "organisation__name",
    *(f"person__{name}" for name in ("given_name", "family_name", "email", "phone")),
    "alternate_of__person__given_name", "alternate_of__person__family_name",
]  # fmt: skip


def members_of(request, body):
    """Members of a body, known to whoever sees the council."""
    found = Membership.objects.visible_to(request.actor, of=body)
    return found.select_related("person", "organisation", "alternate_of__person")


def sitting(request, council, pk=None):
    """The body of an address; without a number, the council's own."""
    bodies = Body.objects.visible_to(request.actor, of=council)
    body = get_object_or_404(bodies, pk=pk) if pk else get_object_or_404(bodies, kind__in=Body.MAIN)
    body.council = council
    return body


def list_of(body):
    """Address of the list of a body's members."""
    if body.kind in Body.MAIN:
        return reverse("governance:members", args=[body.council_id])
    return reverse("governance:body_members", args=[body.council_id, body.pk])


def member_of(request, council, pk):
    """A seat in any body of the council."""
    found = Membership.objects.visible_to(request.actor).filter(body__council=council)
    found = found.select_related("person", "organisation", "body__council__scope")
    return get_object_or_404(found, pk=pk)


@require_safe
def members(request, pk, body=None):
    """The list; addresses and telephones are for those who may see people. `?format=` gives the same as a file."""
    council = council_of(request, pk)
    body = sitting(request, council, body)
    filters = MemberFilters(request.GET)
    found = filters.narrow(members_of(request, body)).order_by("person__sort_name", "id")
    contacts = request.actor.can("see_people")
    if request.GET.get("format") in FORMATS:
        return download("membres", export_members(request.GET["format"], found, contacts=contacts))
    context = {
        "council": council,
        "body": body,
        "main": body.kind in Body.MAIN,
        "list_url": list_of(body),
        "page": Paginator(found.only(*LISTED), PER_PAGE).get_page(request.GET.get("page")),
        "filters": filters,
        "filtered": any(request.GET.values()),
        "contacts": contacts,
        "holds": rules.holds(council, request.actor),
        "refusal": reason(check_can_add_member, body, request.actor),
    }
    return render(request, "governance/councils/members.html", context)


def export_members(format, found, *, contacts):
    columns = [
        Column("family_name", _("Nom")), Column("given_name", _("Prénom")), Column("title", _("Fonction")),
        Column("organisation", _("Organisme")), Column("quality", _("Qualité")),
        Column("valid_from", _("Membre depuis le"), "date"), Column("valid_to", _("Jusqu’au"), "date"),
    ]  # fmt: skip
    if contacts:
        columns += [Column("email", _("Adresse électronique")), Column("phone", _("Téléphone"))]
    rows = (
        {
            "family_name": member.person.family_name, "given_name": member.person.given_name, "title": member.title,
            "organisation": member.organisation, "quality": member.get_quality_display(),
            "valid_from": member.valid_from, "valid_to": member.valid_to,
            "email": member.person.email, "phone": member.person.phone,
        }
        for member in found
    )  # fmt: skip
    return export(format, columns, rows, title=_("Membres"))


def form_choices(request, body, member=None):
    """What the member's form offers: members of right in law, organisations known to the council, full members."""
    named = Membership.objects.visible_to(request.actor).filter(body__council=body.council_id)
    named = named.exclude(organisation=None).order_by("organisation__sort_name")
    titulars = members_of(request, body).current().filter(alternate_of=None)
    if member is not None:
        titulars = (titulars | members_of(request, body).filter(alternates=member)).exclude(pk=member.pk).distinct()
    return {
        "of_right": [(one.key, one.title) for one in of_right(body.council, timezone.localdate())],
        "organisations": named.values_list("organisation__name", flat=True).distinct(),
        "titulars": titulars.order_by("person__sort_name", "pk"),
    }


@require_http_methods(["GET", "POST"])
def member_add(request, pk, body=None):
    council = council_of(request, pk)
    body = sitting(request, council, body)
    check_can_add_member(body, request.actor)
    choices = form_choices(request, body)
    start = {"valid_from": timezone.localdate(), "of_right_as": request.GET.get("titre", "")}
    if start["of_right_as"]:
        start["quality"] = Membership.Quality.OF_RIGHT
    form = MemberForm(request.POST if request.method == "POST" else None, initial=start, **choices)
    if request.method == "POST" and form.is_valid():
        try:
            member = actions.add_member(council=council, body=body, member=form.member(), by=request.actor)
        except Refused as refusal:
            form.add_error("email", refusal.reason)
        else:
            messages.success(
                request,
                _("%(name)s est membre de « %(body)s ».") % {"name": member.person.name, "body": body.name},
            )
            return redirect(list_of(body))
    context = {
        "form": form, "council": council, "body": body, "member": None, "changed": [], "ours": True,
        "list_url": list_of(body),
    }  # fmt: skip
    return render(request, "governance/councils/member.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def members_take(request, pk, body):
    """Members of the council who come into a group: ticked in one list, for the same organisation."""
    council = council_of(request, pk)
    body = sitting(request, council, body)
    check_can_add_member(body, request.actor)
    there = members_of(request, body).current().order_by().values("person")
    main = Membership.objects.visible_to(request.actor).filter(body__council=council, body__kind__in=Body.MAIN)
    offered = main.current().exclude(person__in=there).select_related("person", "organisation")
    offered = offered.order_by("person__sort_name", "pk")
    form = TakeForm(
        request.POST if request.method == "POST" else None, members=offered, initial={"on": timezone.localdate()}
    )
    if request.method == "POST" and form.is_valid():
        chosen = list(form.cleaned_data["members"])
        came = actions.take_members(body=body, members=chosen, on=form.cleaned_data["on"], by=request.actor)
        messages.success(
            request,
            ngettext("%(count)d membre est désigné.", "%(count)d membres sont désignés.", came) % {"count": came},
        )
        return redirect(list_of(body))
    context = {
        "form": form, "council": council, "body": body, "list_url": list_of(body), "offered": offered.exists(),
    }  # fmt: skip
    return render(request, "governance/councils/members_take.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def member_edit(request, pk, member):
    """Correct a member. When it changed since it was shown, both versions are on screen, nothing written."""
    council = council_of(request, pk)
    member = member_of(request, council, member)
    check_can_change_member(member, request.actor)
    now = values_of(member)
    ours = contact_is_ours(member.person, council)
    form = MemberForm(
        request.POST if request.method == "POST" else None,
        initial=now,
        contact_is_ours=ours,
        **form_choices(request, member.body, member),
    )
    status, changed = 200, []
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_member(
                membership=member, member=form.member(), seen=form.cleaned_data["seen"], by=request.actor
            )
        except rules.Stale as stale:
            changed = [(bound.label, now[bound.name]) for bound in form if differs(bound, now)]
            form.data = {**form.data.dict(), "seen": now["seen"]}
            form.add_error(None, stale.reason)
            status = 409
        except Refused as refusal:
            form.add_error("email", refusal.reason)
        else:
            messages.success(request, _("La fiche est enregistrée."))
            return redirect(list_of(member.body))
    context = {
        "form": form, "council": council, "body": member.body, "member": member, "changed": changed, "ours": ours,
        "list_url": list_of(member.body),
    }  # fmt: skip
    status = 422 if form.errors and status == 200 else status
    return render(request, "governance/councils/member.html", context, status=status)


def differs(bound, now):
    typed = bound.field.clean(bound.value()) if not bound.field.disabled else now[bound.name]
    typed = typed.pk if isinstance(typed, Membership) else typed
    return bound.name != "seen" and (typed or "") != (now[bound.name] or "")


@require_http_methods(["GET", "POST"])
def member_end(request, pk, member):
    """A departure: asked once, dated; a second click says that it is done."""
    council = council_of(request, pk)
    member = member_of(request, council, member)
    if member.valid_to is not None:
        rules.check_can_hold(council, request.actor)
        messages.info(request, _("Le départ de %(name)s est déjà inscrit.") % {"name": member.person.name})
        return redirect(list_of(member.body))
    check_can_change_member(member, request.actor)
    form = EndForm(request.POST if request.method == "POST" else None, initial={"on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_member(membership=member, on=form.cleaned_data["on"], by=request.actor)
        except Refused as refusal:
            form.add_error("on", refusal.reason)
        else:
            messages.success(request, _("Le départ de %(name)s est inscrit.") % {"name": member.person.name})
            return redirect(list_of(member.body))
    context = {"form": form, "council": council, "member": member, "list_url": list_of(member.body)}
    return render(request, "governance/councils/member_end.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def member_replace(request, pk, member):
    """Another person takes the seat of an organisation; the former one stays in its history."""
    council = council_of(request, pk)
    member = member_of(request, council, member)
    check_can_change_member(member, request.actor)
    form = ReplacementForm(
        request.POST if request.method == "POST" else None,
        initial={"on": timezone.localdate(), "title": member.title},
    )
    if request.method == "POST" and form.is_valid():
        try:
            follower = actions.replace_member(
                membership=member, member=form.member(), on=form.cleaned_data["on"], by=request.actor
            )
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(
                request,
                _("%(new)s prend le siège de %(former)s.")
                % {"new": follower.person.name, "former": member.person.name},
            )
            return redirect(list_of(member.body))
    context = {"form": form, "council": council, "member": member, "list_url": list_of(member.body)}
    return render(request, "governance/councils/member_replace.html", context, status=422 if form.errors else 200)
