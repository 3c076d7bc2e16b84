"""Signing in, changing role, signing out."""

from functools import partial

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from prevenance.core import audit
from prevenance.domains.accounts import actions, rules
from prevenance.domains.accounts.acting import ANYBODY, actor_of, before_second_factor, public
from prevenance.domains.accounts.forms import SignInForm
from prevenance.domains.accounts.models import Mandate
from prevenance.domains.accounts.roles import ROLES

NEXT = "next"  # session key and parameter: the page that was asked for before signing in


def safe_next(request, address):
    """`address` when it is a page of this very site, else nothing: a link cannot send people elsewhere."""
    ours = url_has_allowed_host_and_scheme(address or "", {request.get_host()}, require_https=request.is_secure())
    return address if address and ours else ""


def onward(request):
    """To the page first asked for, or to one's day."""
    return redirect(safe_next(request, request.session.pop(NEXT, "")) or settings.LOGIN_REDIRECT_URL)


def go_in(request, person, how, mandate=None):
    """Open the session, then on: the middleware asks for the second factor on the way."""
    following = safe_next(request, request.POST.get(NEXT))
    actions.enter(by=actor_of(person, mandate), request=request, how=how)
    if following:
        request.session[NEXT] = following
    if how == "demonstration":
        return onward(request)
    return redirect("accounts:second_factor")


@public
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request):
    """Address and password. A wrong address and a wrong password get the same answer, in the same time."""
    form = SignInForm(request.POST or None)
    if request.method == "GET" and request.actor.signed_in:
        return redirect(safe_next(request, request.GET.get(NEXT)) or settings.LOGIN_REDIRECT_URL)
    if form.is_valid():
        username = form.cleaned_data["username"].strip().lower()
        person = authenticate(request, username=username, password=form.cleaned_data["password"])
        if person is not None:
            return go_in(request, person, "password")
        note_refusal(request, "locked" if getattr(request, "axes_locked_out", False) else "password")
        form.add_error(None, _("L’adresse ou le mot de passe n’est pas le bon."))
    return render(
        request,
        "accounts/sign_in.html",
        {
            "form": form,
            "next": safe_next(request, request.POST.get(NEXT) or request.GET.get(NEXT)),
            "invented": rules.invented_people() if settings.DEMONSTRATION else {},
        },
    )


def note_refusal(request, cause):
    """Leave a row of its own transaction: neither the address typed nor whether it exists is in it."""
    label = gettext_lazy("Entrée refusée")
    request.afterwards.append(
        partial(audit.record_outside, by=ANYBODY, code="accounts.sign_in_refused", label=label, cause=cause)
    )


def locked_out(request, response, credentials):
    """What axes answers instead, from the failure that is one too many."""
    ends = rules.lockout_ends((credentials or {}).get("username", ""), request.axes_ip_address)
    response = render(request, "accounts/locked_out.html", {"ends": ends}, status=429)
    response["Retry-After"] = str(rules.seconds_until(ends))
    return response


@public
@require_POST
def demonstrate(request):
    """Enter as the invented person of a role, in a demonstration only."""
    if not settings.DEMONSTRATION:
        raise Http404
    role = request.POST.get("role", "")
    mandate = rules.invented_people().get(role)
    if mandate is None:
        name = ROLES[role].label if role in ROLES else role
        messages.error(request, _("La démonstration n’a personne pour ce rôle : {role}.").format(role=name))
        return redirect("accounts:sign_in")
    return go_in(request, mandate.person, "demonstration", mandate.pk)


@before_second_factor
@require_POST
def sign_out(request):
    actions.leave(by=request.actor, request=request)
    messages.success(request, _("Votre session est fermée. À bientôt."))
    return redirect("accounts:sign_in")


@require_POST
def switch(request):
    """Act under another of one's own mandates."""
    mine = Mandate.objects.visible_to(request.actor).current().filter(person_id=request.actor.person_id)
    mandate = get_object_or_404(mine.select_related("scope"), pk=number(request.POST.get("mandate")))
    actions.switch_mandate(by=actor_of(request.actor.person, mandate.pk), request=request, mandate=mandate)
    messages.success(request, _("Vous agissez maintenant ainsi : {mandate}.").format(mandate=mandate))
    return redirect("pages:my_day")


def number(text):
    """The identifier that a form sent, or one that nothing has."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0
