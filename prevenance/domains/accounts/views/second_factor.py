"""The one-time password: installed once, given at each sign-in; recovery codes for a lost telephone."""

import segno
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp.util import random_hex

from prevenance.domains.accounts import actions, rules
from prevenance.domains.accounts.acting import before_second_factor, second_factor_done
from prevenance.domains.accounts.forms import CodeForm, OwnPasswordForm, RecoveryCodeForm
from prevenance.domains.accounts.roles import ROLES
from prevenance.domains.accounts.views.entering import onward

KEY = "totp_key"  # session key: the secret being installed, until its first code


@before_second_factor
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def second_factor(request):
    """The code asked at each sign-in."""
    unneeded = request.actor.signed_in and not ROLES[request.actor.role].second_factor
    if unneeded or second_factor_done(request):
        return onward(request)
    if not rules.has_second_factor(request.actor.person):
        return redirect("accounts:set_up_second_factor")
    form = CodeForm(request.POST or None)
    return proof(request, form, actions.prove_second_factor, "accounts/second_factor.html")


@before_second_factor
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def recovery(request):
    """A recovery code instead."""
    if second_factor_done(request) or not rules.has_second_factor(request.actor.person):
        return redirect("accounts:second_factor")
    form = RecoveryCodeForm(request.POST or None)
    return proof(request, form, actions.prove_recovery_code, "accounts/recovery.html")


def proof(request, form, prove, template):
    """Check what was typed with `prove`; on, when it is right."""
    status = 200
    if form.is_valid():
        outcome = prove(by=request.actor, request=request, code=form.cleaned_data["code"])
        if outcome == "accepted":
            left = rules.recovery_codes_left(request.actor.person)
            if prove is actions.prove_recovery_code:
                messages.warning(request, _("Il vous reste {left} codes de secours.").format(left=left))
            return onward(request)
        if outcome == "throttled":
            status = 429
            seconds = rules.seconds_until(rules.second_factor_opens(request.actor.person))
            form.add_error(
                "code", _("Trop d’essais : attendez {seconds} secondes, puis recommencez.").format(seconds=seconds)
            )
        else:
            form.add_error("code", _("Ce code n’est pas le bon, ou il a déjà servi. Attendez le suivant."))
    return render(request, template, {"form": form}, status=status)


@before_second_factor
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def set_up_second_factor(request):
    """Show the secret once as an image and as text, and confirm it with a first code."""
    person = request.actor.person
    if rules.has_second_factor(person) and not request.user.is_verified():
        return redirect("accounts:second_factor")
    if rules.has_second_factor(person) and KEY not in request.session:
        return redirect("accounts:replace_second_factor")
    key = request.session.setdefault(KEY, random_hex(20))
    form = CodeForm(request.POST or None)
    if form.is_valid():
        codes = actions.set_up_second_factor(by=request.actor, request=request, key=key, code=form.cleaned_data["code"])
        if codes:
            del request.session[KEY]
            return render(request, "accounts/recovery_codes.html", {"codes": codes, "person": person, "first": True})
        form.add_error("code", _("Ce code n’est pas le bon. Vérifiez l’heure de votre téléphone et recommencez."))
    address = TOTPDevice(user=person, key=key).config_url
    image = segno.make(address, error="m", micro=False).svg_data_uri(scale=5, border=4, light="#fff")
    context = {"form": form, "image": image, "secret": rules.secret_for_typing(key), "person": person}
    return render(request, "accounts/set_up_second_factor.html", context)


@sensitive_post_parameters("current")
@require_http_methods(["GET", "POST"])
def replace_second_factor(request):
    """A new telephone: the password first, then the installation again."""
    form = OwnPasswordForm(request.POST or None, person=request.actor.person)
    if form.is_valid():
        request.session[KEY] = random_hex(20)
        return redirect("accounts:set_up_second_factor")
    return render(request, "accounts/replace_second_factor.html", {"form": form})


@sensitive_post_parameters("current")
@require_http_methods(["GET", "POST"])
def recovery_codes(request):
    """New recovery codes, shown this once, for whoever gives the password again."""
    person = request.actor.person
    form = OwnPasswordForm(request.POST or None, person=person)
    if form.is_valid():
        codes = actions.renew_recovery_codes(by=request.actor)
        return render(request, "accounts/recovery_codes.html", {"codes": codes, "person": person, "first": False})
    return render(request, "accounts/renew_recovery_codes.html", {"form": form})
