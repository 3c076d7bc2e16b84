"""A file's page « situation »: who the person is, their representatives, what was observed; and their corrections."""

from datetime import date

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prevenance.core.refusals import Refused, reason
from prevenance.domains.followup import actions
from prevenance.domains.followup.analysis import hanging
from prevenance.domains.followup.analysis.reading import key_of, opened_values
from prevenance.domains.followup.forms.files import (
    EndFactForm,
    FactForm,
    IdentityForm,
    RepresentativeForm,
    representatives,
)
from prevenance.domains.followup.models import Fact, FollowUp, Identity, Representative
from prevenance.domains.followup.rules import clocks, lists
from prevenance.domains.followup.rules import situation as rules
from prevenance.domains.followup.views.reading import file_or_reason, read, show
from prevenance.domains.governance.rules.councils import Stale

TAB = "followup:file"


@require_safe
@file_or_reason
def file(request, followup):
    return situation_page(request, followup, FactForm(category=followup.category))


def situation_page(request, followup, form, status=200):
    read(request, followup, "situation")
    key = key_of(followup)
    actor = request.actor
    (identity,) = hanging.identity_of(followup.pk)
    who = opened_values(identity, key)
    born = date.fromisoformat(who["birth_date"])
    others = [
        opened_values(one, key) | {"said": lists.label("links", opened_values(one, key, ["link"])["link"])}
        for one in hanging.representatives_of(followup.pk)
    ]
    facts = [
        (fact, lists.label("situations", opened_values(fact, key)["situation"]))
        for fact in hanging.facts_of(followup.pk)
    ]
    reports = [
        (report, lists.label("origins", opened_values(report, key)["origin"]))
        for report in hanging.reports_of(followup.pk)
    ]
    context = {
        "who": who,
        "born": born,
        "age": clocks.age_on(born, timezone.localdate()),
        "minor": clocks.is_minor(born, timezone.localdate(), identity.majority),
        "schooling": lists.label("schooling", who["schooling"]),
        "others": others,
        "running": [pair for pair in facts if pair[0].ended_on is None],
        "past": [pair for pair in facts if pair[0].ended_on is not None],
        "reports": reports,
        "form": form,
        "correct_refusal": reason(rules.check_can_correct, followup, actor),
        "observe_refusal": reason(rules.check_can_observe, followup, actor),
    }
    return show(request, "followup/files/file.html", followup, TAB, context, status)


@require_http_methods(["GET", "POST"])
@file_or_reason
def identity(request, followup):
    """Correct who the person is; what was typed on an older state stays on screen beside a sentence that says so."""
    rules.check_can_correct(followup, request.actor)
    row = Identity.objects.visible_to(request.actor, of=followup).get()
    initial = {}
    if request.method == "GET":
        read(request, followup, "identity")
        initial = opened_values(row, key_of(followup))
        initial |= {"sex": followup.sex, "category": followup.category, "seen": row.edit}
    data = request.POST if request.method == "POST" else None
    form = IdentityForm(data, initial=initial, family=followup.category == FollowUp.Category.FAMILY)
    status = 200
    if data is not None and form.is_valid():
        values = form.cleaned_data
        status = written(
            form, row.edit, actions.correct_identity, followup=followup, category=values["category"],
            sex=values["sex"], birth_date=values["birth_date"], identity=form.identity(), seen=values["seen"],
            by=request.actor,
        )  # fmt: skip
        if status == 302:
            messages.success(request, _("L’identité est corrigée."))
            return redirect(TAB, followup.pk)
    status = 422 if form.errors and status == 200 else status
    context = {"form": form, "here": _("Corriger l’identité")}
    return show(request, "followup/files/identity.html", followup, TAB, context, status)


def written(form, edit, action, **values):
    """302 once `action` is done; what it refuses goes on the form, which is then given the present `edit`."""
    try:
        action(**values)
    except Stale as stale:
        form.data = form.data.copy()
        form.data["seen"] = edit
        form.add_error(None, stale.reason)
        return 409
    except Refused as refusal:
        form.add_error(None, refusal.reason)
        return 422
    return 302


@require_http_methods(["GET", "POST"])
@file_or_reason
def representatives_edit(request, followup):
    """The legal representatives of a minor, both at once; emptied, one is no longer held."""
    rules.check_can_correct(followup, request.actor)
    row = Identity.objects.visible_to(request.actor, of=followup).get()
    kept = {}
    if request.method == "GET":
        read(request, followup, "identity")
        key = key_of(followup)
        rows = Representative.objects.visible_to(request.actor, of=followup)
        kept = {one.rank: opened_values(one, key) for one in rows}
    data = request.POST if request.method == "POST" else None
    forms = [RepresentativeForm(data, initial=kept.get(n), prefix=f"representant{n}") for n in (1, 2)]
    seen, status = row.edit, 200
    if data is not None and all(form.is_valid() for form in forms):
        typed = data.get("seen", "")
        status = written(
            forms[0], row.edit, actions.keep_representatives, followup=followup, representatives=representatives(forms),
            seen=int(typed) if typed.isdecimal() else 0, by=request.actor,
        )  # fmt: skip
        if status == 302:
            messages.success(request, _("Les représentants légaux sont enregistrés."))
            return redirect(TAB, followup.pk)
    status = 422 if status == 200 and any(form.errors for form in forms) else status
    context = {"forms": forms, "seen": seen, "here": _("Représentants légaux")}
    return show(request, "followup/files/representatives.html", followup, TAB, context, status)


@require_POST
@file_or_reason
def fact_add(request, followup):
    rules.check_can_observe(followup, request.actor)
    form = FactForm(request.POST, category=followup.category)
    if not form.is_valid():
        return situation_page(request, followup, form, 422)
    try:
        actions.add_fact(
            followup=followup, situation_code=form.cleaned_data["situation"],
            observed_on=form.cleaned_data["observed_on"], by=request.actor,
        )  # fmt: skip
    except Refused as refusal:
        form.add_error(None, refusal.reason)
        return situation_page(request, followup, form, 409 if isinstance(refusal, Stale) else 422)
    messages.success(request, _("La situation observée est notée."))
    return redirect(TAB, followup.pk)


@require_http_methods(["GET", "POST"])
@file_or_reason
def fact_end(request, followup, fact):
    """Say since when a situation is no longer so."""
    fact = get_object_or_404(Fact.objects.visible_to(request.actor, of=followup), pk=fact)
    fact.followup = followup
    rules.check_can_end_fact(fact, request.actor)
    form = EndFactForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_fact(fact=fact, ended_on=form.cleaned_data["ended_on"], by=request.actor)
        except Stale:
            raise
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("La fin de la situation est notée."))
            return redirect(TAB, followup.pk)
    read(request, followup, "situation")
    said = lists.label("situations", opened_values(fact, key_of(followup))["situation"])
    context = {"form": form, "fact": fact, "said": said, "here": _("Fin d’une situation")}
    return show(request, "followup/files/fact_end.html", followup, TAB, context, 422 if form.errors else 200)
