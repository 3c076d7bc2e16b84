"""Signing a rulebook or a charter, from one's own phone, and taking one's signature back."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from prevenance.core.changes import changes
from prevenance.core.text import paragraphs
from prevenance.domains.governance.actions import rulebooks as actions
from prevenance.domains.governance.analysis.rulebooks import last_signed
from prevenance.domains.governance.forms.rulebooks import SignForm
from prevenance.domains.governance.models import Rulebook
from prevenance.domains.governance.rules import rulebooks as rules
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.views.requests import posted
from prevenance.domains.governance.views.rulebooks import quorum_words, rulebook_of


@require_http_methods(["GET", "POST"])
def sign(request, pk):
    """The text, what changed since the version that one had signed, a box to tick and one button.

    An old tab or link leads to the version in force, where nothing is signed yet.
    """
    book = rulebook_of(request, pk)
    try:
        rules.check_can_sign(book, request.actor)
    except Stale as stale:
        messages.info(request, stale.reason)
        return redirect(instead_of(request, book))
    form = SignForm(posted(request), initial={"seen": book.digest})
    if request.method == "POST" and form.is_valid():
        try:
            actions.sign(rulebook=book, seen=form.cleaned_data["seen"], by=request.actor)
        except Stale as stale:
            messages.warning(request, stale.reason)
            return redirect(instead_of(request, book))
        messages.success(request, _("Votre signature est enregistrée."))
        return redirect("governance:rulebook", pk)
    before = last_signed(book, request.actor.person_id)
    context = {
        "rulebook": book, "council": book.body.council, "form": form, "paragraphs": paragraphs(book.text),
        "before": before, "blocks": changes(before.text, book.text) if before else [], "quorum": quorum_words(book),
        "quorum_changed": before is not None and quorum_words(before) != quorum_words(book),
        "quorum_before": quorum_words(before) if before else "", "quorum_now": quorum_words(book),
    }  # fmt: skip
    return render(request, "governance/rulebooks/sign.html", context, status=422 if form.errors else 200)


def instead_of(request, book):
    """Where a form that came too late leads: to the text in force, to be read; else to this one."""
    now = Rulebook.objects.visible_to(request.actor).in_force().filter(body=book.body_id, kind=book.kind).first()
    if now is None or now.pk == book.pk:
        return reverse("governance:rulebook", args=[book.pk])
    unsigned = rules.seat_of(now, request.actor) is not None
    return reverse("governance:rulebook_sign" if unsigned else "governance:rulebook", args=[now.pk])


@require_http_methods(["GET", "POST"])
def take_back(request, pk):
    book = rulebook_of(request, pk)
    try:
        rules.check_can_take_back(book, request.actor)
        if request.method == "POST":
            actions.take_back(rulebook=book, by=request.actor)
            messages.success(request, _("Votre signature est retirée. Vous pouvez signer à nouveau quand vous voulez."))
            return redirect("governance:rulebook", pk)
    except Stale as stale:
        messages.info(request, stale.reason)
        return redirect("governance:rulebook", pk)
    context = {
        "title": _("Retirer votre signature ?"), "confirm": _("Retirer ma signature"), "hidden": {},
        "url": request.path, "back": reverse("governance:rulebook", args=[pk]),
        "lost": _("La coordination voit ce retrait et sa date. Vous restez membre, mais ce texte ne vous engage plus."),
    }  # fmt: skip
    return render(request, "components/confirm_page.html", context)
