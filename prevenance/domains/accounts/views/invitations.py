"""Inviting: who, as what, where; and the page that the link opens."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from prevenance.core.refusals import Refused
from prevenance.core.text import plain
from prevenance.domains.accounts import actions, rules
from prevenance.domains.accounts.acting import ANYBODY, public
from prevenance.domains.accounts.forms import AcceptForm, InviteForm, ScopeSearch
from prevenance.domains.accounts.models import Invitation, Person, Scope
from prevenance.domains.accounts.roles import TERRITORIAL
from prevenance.domains.accounts.views.entering import go_in, number
from prevenance.domains.accounts.views.people import asked_once
from prevenance.domains.territories.models import Territory

SHOWN = 20


@require_http_methods(["GET", "POST"])
def invite(request):
    """Grant a role; `?scope=` and `?person=` fill the form in. Whoever may grant anywhere chooses where first."""
    rules.check_can_manage_people(request.actor)
    scopes = Scope.objects.visible_to(request.actor).filter(**rules.scopes_to_grant(request.actor))
    chosen = number(request.GET.get("scope"))
    if rules.grants_anywhere(request.actor) and not chosen:
        return redirect(f"{reverse('accounts:choose_scope')}?{request.GET.urlencode()}")
    if chosen:
        scopes = scopes.filter(pk=get_object_or_404(scopes, pk=chosen).pk)
    scopes = scopes.order_by("label", "pk")
    roles = rules.grantable_roles(request.actor, {scope.kind for scope in scopes})
    form = InviteForm(request.POST or None, initial=known(request), roles=roles, scopes=scopes)
    if form.is_valid():
        mandate = actions.invite(by=request.actor, **form.cleaned_data)
        said = _("Le rôle est accordé. Un message est parti à {email}.")
        messages.success(request, said.format(email=form.cleaned_data["email"]))
        return redirect("accounts:person", mandate.person_id)
    context = {"form": form, "nowhere": not scopes, "anywhere": rules.grants_anywhere(request.actor)}
    return render(request, "accounts/invite.html", context)


def known(request):
    """What the form can be filled in with already."""
    given = {"valid_from": timezone.localdate()}
    pk = number(request.GET.get("person"))
    if pk:
        person = get_object_or_404(Person.objects.visible_to(request.actor), pk=pk)
        given |= {"email": person.email, "given_name": person.given_name, "family_name": person.family_name}
    return given


@require_http_methods(["GET", "POST"])
def choose_scope(request):
    """Where to grant, for whoever may anywhere: councils, and territories whose scope is opened on the way."""
    rules.check_can_grant_anywhere(request.actor)
    kept = {key: value for key, value in request.GET.items() if key == "person"}
    if request.method == "POST":
        territory = get_object_or_404(
            Territory.objects.visible_to(request.actor), pk=number(request.POST.get("territory"))
        )
        scope = actions.open_scope(by=request.actor, territory=territory)
        return redirect(f"{reverse('accounts:invite')}?{urlencode(kept | {'scope': scope.pk})}")
    form = ScopeSearch(request.GET if "q" in request.GET else None)
    scopes, territories = [], []
    if form.is_valid():
        words = form.cleaned_data["q"]
        others = Scope.objects.visible_to(request.actor).exclude(kind__in=TERRITORIAL)
        scopes = others.filter(label__icontains=words).order_by("label", "pk")[:SHOWN]
        places = Territory.objects.visible_to(request.actor).existing().filter(kind__in=TERRITORIAL)
        territories = places.filter(search_name__startswith=plain(words)).order_by("-weight", "sort_name", "pk")[:SHOWN]
    platform = Scope.objects.visible_to(request.actor).filter(kind=Scope.Kind.PLATFORM).first()
    context = {
        "form": form, "scopes": scopes, "territories": territories, "platform": platform,
        "kept": urlencode(kept), "searched": form.is_bound and form.is_valid(),
    }  # fmt: skip
    return render(request, "accounts/choose_scope.html", context)


def handled(request, pk):
    """The invitation, visible to who asks, and still theirs to handle."""
    rows = Invitation.objects.visible_to(request.actor).select_related("mandate__scope", "mandate__person")
    invitation = get_object_or_404(rows, pk=pk)
    rules.check_can_handle(request.actor, invitation)
    return invitation


@require_POST
def resend_invitation(request, pk):
    invitation = handled(request, pk)
    actions.resend_invitation(by=request.actor, invitation=invitation)
    messages.success(request, _("Un nouveau lien est parti ; le précédent ne sert plus."))
    return redirect("accounts:person", invitation.mandate.person_id)


@require_http_methods(["GET", "POST"])
def cancel_invitation(request, pk):
    invitation = handled(request, pk)
    person = invitation.mandate.person
    if request.method == "POST":
        actions.cancel_invitation(by=request.actor, invitation=invitation)
        messages.success(request, _("L’invitation est annulée."))
        return redirect("accounts:person", person.pk)
    return asked_once(
        request,
        person,
        title=_("Annuler l’invitation de {name} ?").format(name=person.name),
        lost=_("Le lien envoyé ne servira plus et le rôle accordé est retiré."),
        confirm=_("Annuler l’invitation"),
    )


@public
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def accept_invitation(request, token):
    """Open one's account: the link serves once.

    The address is a secret: « same-origin » (settings) keeps it here, and lets the form prove where it came from.
    """
    invitation = Invitation.objects.visible_to(ANYBODY, token=token).first()
    if invitation is None or not invitation.is_open or invitation.mandate.person.has_usable_password():
        context = {"invitation": invitation, "reset": False}
        return render(request, "accounts/link_over.html", context, status=410)
    person = invitation.mandate.person
    names = {"given_name": person.given_name, "family_name": person.family_name}
    form = AcceptForm(request.POST or None, initial=names, person=person)
    if form.is_valid():
        return accepted(request, invitation, form)
    context = {"form": form, "invitation": invitation, "mandate": invitation.mandate, "person": person}
    return render(request, "accounts/accept_invitation.html", context)


def accepted(request, invitation, form):
    given = {name: form.cleaned_data[name] for name in ("given_name", "family_name", "password")}
    try:
        person = actions.accept_invitation(by=ANYBODY, invitation=invitation, **given)
    except Refused:  # accepted or cancelled a moment ago, in another tab
        return redirect("accounts:accept_invitation", request.resolver_match.kwargs["token"])
    return go_in(request, person, "invitation", invitation.mandate_id)
