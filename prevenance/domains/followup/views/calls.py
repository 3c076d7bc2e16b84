"""Calls to order: the list, opening one, its page, its steps, its letters."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from prevenance.core.refusals import Refused, reason
from prevenance.domains.followup.actions import calls as actions
from prevenance.domains.followup.actions.registers import correct_entry
from prevenance.domains.followup.analysis import registers as analysis
from prevenance.domains.followup.forms import registers as forms
from prevenance.domains.followup.models import CallToOrder
from prevenance.domains.followup.rules import calls as rules
from prevenance.domains.followup.rules import registers
from prevenance.domains.followup.views import registers as common
from prevenance.domains.governance.views.requests import posted

State = CallToOrder.State


def bound(call):
    """The protocol that has the prosecutor asked first, if one does."""
    protocol = rules.protocol_of(call.scope_id, timezone.localdate())
    return protocol if protocol is not None and protocol.check_required else None


def asked_first(call):
    """Why the person may not be convened yet, "" when they may."""
    return reason(rules.check_convenes, call, "", "", timezone.localdate(), False)


def minor_when_met(call, said):
    day = timezone.localdate(call.meets_at) if call.meets_at else timezone.localdate()
    return registers.is_minor(analysis.born(said), day)


def asking(call, form, seen, by):
    actions.ask_prosecutor(call=call, asked_on=form.cleaned_data["day"], seen=seen, by=by)


def answering(call, form, seen, by):
    values = form.cleaned_data
    day = None if values["answer"] == "silence" else values["day"]
    actions.record_answer(call=call, objects=values["answer"] == "objects", answered_on=day, seen=seen, by=by)


def convening(call, form, seen, by):
    actions.convene_call(
        call=call, meets_at=form.meets_at(), identity=form.identity(),
        no_parents=form.cleaned_data.get("no_parents", ""), seen=seen, by=by,
    )  # fmt: skip


def holding(call, form, seen, by):
    values = form.cleaned_data
    actions.hold_call(
        call=call, held_on=values["day"], held_by=form.holders[values["held_by"]], presence=values["presence"],
        reminded=values["reminded"], follow_up=values["follow_up"], seen=seen, by=by,
    )  # fmt: skip


def informing(call, form, seen, by):
    actions.inform_prosecutor(call=call, informed_on=form.cleaned_data["day"], seen=seen, by=by)


def ending(call, form, seen, by):
    actions.end_call(call=call, seen=seen, by=by)


def dropping(call, form, seen, by):
    actions.drop_call(call=call, reason=form.cleaned_data["reason"], seen=seen, by=by)


def correcting(call, form, seen, by):
    correct_entry(entry=call, identity=form.identity(), seen=seen, by=by)


def today_first(call, said, request):
    return {"initial": {"day": timezone.localdate()}}


def silence_offered(call, said, request):
    protocol = bound(call)
    return {"silence": protocol is not None and protocol.silence_allows}


def convening_options(call, said, request):
    return {
        "minor": minor_when_met(call, said),
        "initial": {name: said[name] for name in ("address", "parents", "parents_address", "no_parents")},
    }


def holding_options(call, said, request):
    holders = registers.holders(call.scope, timezone.localdate())
    initial = {"day": timezone.localdate(), "held_by": str(request.actor.person_id)}
    if not minor_when_met(call, said):
        initial["presence"] = "alone"
    return {"holders": holders, "minor": minor_when_met(call, said), "initial": initial}


def identity_options(call, said, request):
    return {"initial": {name: said[name] for name in forms.IDENTITY}}


def stages():
    """Every step, in the order of the path. Built at each request: its words follow the language."""
    return (
        common.Stage(
            "parquet", _("Consulter le procureur"), _("Noter la consultation"), (State.ASKED,), forms.DayForm, asking,
            _("La consultation est notée. Imprimez la lettre et envoyez-la."), today_first,
            shown=lambda call: bound(call) is not None,
            hint=_("Le protocole le demande avant toute convocation."),
        ),
        common.Stage(
            "reponse", _("Réponse du procureur"), _("Noter la réponse"), (State.CLEARED, State.OBJECTED),
            forms.AnswerForm, answering, _("La réponse est notée."), silence_offered,
            hint=_("Si le procureur s’y oppose, le rappel à l’ordre s’arrête là et sa fiche se termine."),
        ),
        common.Stage(
            "convocation", _("Convoquer"), _("Convoquer"), (State.CONVENED,), forms.ConveneForm, convening,
            _("La convocation est prête : imprimez-la et envoyez-la."), convening_options, refusal=asked_first,
            hint=_("Un mineur est convoqué avec ses parents ou représentants légaux, sauf impossibilité."),
        ),
        common.Stage(
            "entretien", _("Entretien tenu"), _("Enregistrer la fiche"), (State.HELD,), forms.HeldForm, holding,
            _("La fiche de l’entretien est enregistrée."), holding_options,
            hint=_("Le rappel à l’ordre est oral. La fiche est brève, sans commentaire."),
        ),
        common.Stage(
            "information", _("Informer le procureur"), _("Noter l’information"), (State.INFORMED,), forms.DayForm,
            informing, _("Le procureur est informé."), today_first,
            hint=_("Imprimez la lettre, envoyez-la, puis notez la date."),
        ),
        common.Stage(
            "fin", _("Terminer ce rappel à l’ordre"), _("Terminer"), (State.ENDED,), forms.ConfirmForm, ending,
            _("Le rappel à l’ordre est terminé. Sa fiche s’efface d’elle-même à la date dite."),
            lost=_("La fiche ne pourra plus être modifiée ni rouverte, puis elle s’effacera."),
        ),
        common.Stage(
            "identite", _("Corriger l’identité"), _("Enregistrer"), (), forms.ParentsForm, correcting,
            _("L’identité est corrigée."), identity_options,
        ),
        common.Stage(
            "sans-suite", _("Laisser sans suite"), _("Laisser sans suite"), (State.DROPPED,), forms.DropForm, dropping,
            _("Le rappel à l’ordre est laissé sans suite."), lambda call, said, request: {"register": registers.CALLS},
            lost=_("La fiche ne pourra plus être modifiée ni rouverte, puis elle s’effacera."),
        ),
    )  # fmt: skip


@require_safe
def calls(request):
    return common.entry_list(
        request, CallToOrder, "followup/registers/calls.html", "rappels-a-l-ordre", _("Rappels à l’ordre")
    )


@require_http_methods(["GET", "POST"])
def call_open(request):
    """Is it possible, what happened, who. What the law keeps out is said, and nothing is written."""
    scope = common.held(request)
    form = forms.CallForm(posted(request))
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            call = actions.open_call(
                scope=scope, possible=form.possible(), facts=values["facts"], facts_on=values["facts_on"],
                identity=form.identity(), by=request.actor,
            )  # fmt: skip
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("La fiche %(number)s est ouverte.") % {"number": call.number})
            return redirect("followup:call", call.pk)
    context = {"form": form, "scope": scope, "kind": "call"}
    return render(request, "followup/registers/open.html", context, status=422 if form.errors else 200)


@require_safe
def call(request, call):
    found = common.entry_of(request, CallToOrder, call)
    return common.entry_page(
        request, found, stages(), rules.NEXT, analysis.call_papers(), "followup/registers/call.html",
        lines=analysis.call_lines, basis=registers.dated(registers.CALLS, "basis", found.opened_on),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def call_stage(request, call, stage):
    return common.entry_stage(request, common.entry_of(request, CallToOrder, call), stage, stages(), rules.NEXT, "call")


@require_safe
def call_paper(request, call, paper):
    return common.entry_paper(
        request, common.entry_of(request, CallToOrder, call), paper, analysis.call_papers(), "call"
    )


@require_http_methods(["GET", "POST"])
def call_hold(request, call):
    return common.entry_hold(request, common.entry_of(request, CallToOrder, call), "call")


@require_http_methods(["GET", "POST"])
def call_release(request, call):
    return common.entry_release(request, common.entry_of(request, CallToOrder, call), "call")
