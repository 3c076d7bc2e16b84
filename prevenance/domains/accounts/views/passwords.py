"""Passwords: changed by who knows it, chosen anew by who receives the link."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from prevenance.domains.accounts import actions, rules
from prevenance.domains.accounts.acting import ANYBODY, public
from prevenance.domains.accounts.forms import AddressForm, ChangePasswordForm, NewPasswordForm


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def change_password(request):
    form = ChangePasswordForm(request.POST or None, person=request.actor.person)
    if form.is_valid():
        actions.change_password(by=request.actor, request=request, password=form.cleaned_data["password"])
        messages.success(request, _("Votre mot de passe est changé. Vos autres sessions sont fermées."))
        return redirect("accounts:account")
    return render(request, "accounts/change_password.html", {"form": form})


@public
@require_http_methods(["GET", "POST"])
def ask_password_reset(request):
    """Have a link sent. The answer is the same whether the address is known or not."""
    form = AddressForm(request.POST or None)
    if form.is_valid():
        actions.request_password_reset(by=ANYBODY, email=form.cleaned_data["email"])
        return render(request, "accounts/reset_sent.html", {"minutes": rules.reset_minutes()})
    return render(request, "accounts/ask_password_reset.html", {"form": form})


@public
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def reset_password(request, uid, token):
    """Choose a password, from a link that serves once and for an hour."""
    person = rules.person_of_reset_link(uid, token)
    if person is None:
        return render(request, "accounts/link_over.html", {"reset": True}, status=410)
    form = NewPasswordForm(request.POST or None, person=person)
    if form.is_valid():
        actions.reset_password(by=ANYBODY, person=person, password=form.cleaned_data["password"])
        messages.success(request, _("Votre mot de passe est changé. Vous pouvez entrer."))
        return redirect("accounts:sign_in")
    return render(request, "accounts/reset_password.html", {"form": form, "person": person})
