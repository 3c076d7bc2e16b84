"""Transactions: the list, recording one, its page, its steps, its letters."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from prevenance.core.refusals import Refused, reason
from prevenance.domains.followup.actions import transactions as actions
from prevenance.domains.followup.actions.registers import correct_entry
from prevenance.domains.followup.analysis import registers as analysis
from prevenance.domains.followup.forms import registers as forms
from prevenance.domains.followup.models import Transaction
from prevenance.domains.followup.rules import registers
from prevenance.domains.followup.rules import transactions as rules
from prevenance.domains.followup.views import registers as common
from prevenance.domains.governance.views.requests import posted

State = Transaction.State


def offering(entry, form, seen, by):
    values = form.cleaned_data
    actions.offer_transaction(
        entry=entry, offer=form.offer(), offered_on=values["day"], delivery=values["delivery"], seen=seen, by=by
    )


def receiving(entry, form, seen, by):
    actions.receive_offer(entry=entry, received_on=form.cleaned_data["day"], seen=seen, by=by)


def replying(entry, form, seen, by):
    values = form.cleaned_data
    day = None if values["answer"] == "silence" else values["day"]
    actions.answer_transaction(entry=entry, accepted=values["answer"] == "yes", answered_on=day, seen=seen, by=by)


def submitting(entry, form, seen, by):
    actions.submit_transaction(entry=entry, submitted_on=form.cleaned_data["day"], seen=seen, by=by)


def deciding(entry, form, seen, by):
    values = form.cleaned_data
    actions.decide_transaction(
        entry=entry, homologated=values["decision"] == "yes", decided_on=values["day"], seen=seen, by=by
    )


def executing(entry, form, seen, by):
    actions.execute_transaction(entry=entry, executed_on=form.cleaned_data["day"], seen=seen, by=by)


def failing(entry, form, seen, by):
    actions.fail_transaction(entry=entry, seen=seen, by=by)


def reporting(entry, form, seen, by):
    actions.report_transaction(entry=entry, reported_on=form.cleaned_data["day"], seen=seen, by=by)


def referring(entry, form, seen, by):
    actions.refer_transaction(entry=entry, referred_on=form.cleaned_data["day"], seen=seen, by=by)


def dropping(entry, form, seen, by):
    actions.drop_transaction(entry=entry, reason=form.cleaned_data["reason"], seen=seen, by=by)


def correcting(entry, form, seen, by):
    correct_entry(entry=entry, identity=form.identity(), seen=seen, by=by)


def today_first(entry, said, request):
    return {"initial": {"day": timezone.localdate()}}


def offer_options(entry, said, request):
    today = timezone.localdate()
    return {"most": rules.most_hours(today), "initial": {"day": today}}


def identity_options(entry, said, request):
    return {"initial": {name: said[name] for name in forms.IDENTITY if name in said}}


def too_late(entry):
    """Why no offer may be made any more, "" while it may."""
    return reason(rules.check_not_too_late, entry, timezone.localdate())


def not_handed_over(entry):
    """Why no answer may be noted yet, "" when it may."""
    return reason(rules.check_handed_over, entry)


def stages():
    """Every step, in the order of the path. Built at each request: its words follow the language."""
    return (
        common.Stage(
            "offre", _("Proposer la transaction"), _("Enregistrer l’offre"), (State.OFFERED,), forms.OfferForm,
            offering, _("L’offre est enregistrée : imprimez les deux exemplaires et remettez-les."), offer_options,
            refusal=too_late, shown=lambda entry: entry.state == State.RECORDED,
            hint=_("Une réparation, ou un travail non rémunéré au profit de la commune : l’une des deux."),
        ),
        common.Stage(
            "remise", _("Noter la remise"), _("Noter la date"), (State.OFFERED,), forms.DayForm, receiving,
            _("La date de remise est notée : le délai de réponse court."),
            shown=lambda entry: entry.state == State.OFFERED and entry.received_on is None,
            hint=_("Date de l’avis de réception, ou de la première présentation : le délai de réponse en part."),
        ),
        common.Stage(
            "reponse", _("Réponse de la personne"), _("Noter la réponse"), (State.ACCEPTED, State.REFUSED),
            forms.ReplyForm, replying, _("La réponse est notée."), refusal=not_handed_over,
            hint=_("Sans réponse dans le délai, la transaction est tenue pour refusée."),
        ),
        common.Stage(
            "homologation", _("Demander l’homologation"), _("Noter la demande"), (State.SUBMITTED,), forms.DayForm,
            submitting, _("La demande d’homologation est notée."), today_first,
            hint=_("Envoyez au procureur la demande, l’exemplaire signé et le procès-verbal, puis notez la date."),
        ),
        common.Stage(
            "decision", _("Décision d’homologation"), _("Noter la décision"), (State.HOMOLOGATED, State.DENIED),
            forms.DecisionForm, deciding, _("La décision est notée."),
            hint=_("Le procureur homologue une réparation, le juge un travail non rémunéré."),
        ),
        common.Stage(
            "execution", _("Exécution constatée"), _("Noter l’exécution"), (State.EXECUTED,), forms.DayForm, executing,
            _("L’exécution est notée."), today_first,
        ),
        common.Stage(
            "inexecution", _("Délai passé sans exécution"), _("Constater l’inexécution"), (State.FAILED,),
            forms.ConfirmForm, failing, _("L’inexécution est notée : transmettez le dossier au procureur."),
            refusal=lambda entry: reason(rules.check_failed, entry),
            lost=_("La transaction ne pourra plus être dite exécutée."),
        ),
        common.Stage(
            "compte-rendu", _("Informer le procureur de l’exécution"), _("Noter et terminer"), (State.ENDED,),
            forms.DayForm, reporting, _("Le procureur est informé : la transaction est terminée."), today_first,
            hint=_("L’exécution entière éteint l’action publique. La fiche se termine, puis s’efface à la date dite."),
        ),
        common.Stage(
            "transmission", _("Transmettre au procureur"), _("Noter et terminer"), (State.REFERRED,), forms.DayForm,
            referring, _("Le procès-verbal est transmis au procureur : la fiche est terminée."), today_first,
            hint=_("Envoyez la lettre et le procès-verbal, puis notez la date. La fiche se termine alors."),
        ),
        common.Stage(
            "identite", _("Corriger l’identité"), _("Enregistrer"), (), forms.IdentityForm, correcting,
            _("L’identité est corrigée."), identity_options,
        ),
        common.Stage(
            "sans-suite", _("Laisser sans suite"), _("Laisser sans suite"), (State.DROPPED,), forms.DropForm, dropping,
            _("La transaction est laissée sans suite."),
            lambda entry, said, request: {"register": registers.TRANSACTIONS},
            lost=_("La fiche ne pourra plus être modifiée ni rouverte, puis elle s’effacera."),
        ),
    )  # fmt: skip


@require_safe
def transactions(request):
    return common.entry_list(
        request, Transaction, "followup/registers/transactions.html", "transactions", _("Transactions")
    )


@require_http_methods(["GET", "POST"])
def transaction_open(request):
    """From the record of an offence. What the law keeps out is said, and nothing is written."""
    scope = common.held(request)
    form = forms.TransactionForm(posted(request))
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            entry = actions.open_transaction(
                scope=scope, contravention=values["contravention"], property=values["property"],
                facts_on=values["facts_on"], pv_on=values["pv_on"], prosecuted=values["prosecuted"] == "yes",
                identity=form.identity(), by=request.actor,
            )  # fmt: skip
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("La fiche %(number)s est ouverte.") % {"number": entry.number})
            return redirect("followup:transaction", entry.pk)
    doubt = registers.dated(registers.TRANSACTIONS, "minors", timezone.localdate())
    context = {"form": form, "scope": scope, "kind": "transaction", "doubt": doubt}
    return render(request, "followup/registers/open.html", context, status=422 if form.errors else 200)


@require_safe
def transaction(request, entry):
    found = common.entry_of(request, Transaction, entry)
    return common.entry_page(
        request, found, stages(), rules.NEXT, analysis.transaction_papers(), "followup/registers/transaction.html",
        lines=analysis.transaction_lines, basis=registers.dated(registers.TRANSACTIONS, "basis", found.opened_on),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def transaction_stage(request, entry, phase):
    return common.entry_stage(
        request, common.entry_of(request, Transaction, entry), phase, stages(), rules.NEXT, "transaction"
    )


@require_safe
def transaction_paper(request, entry, letter):
    return common.entry_paper(
        request, common.entry_of(request, Transaction, entry), letter, analysis.transaction_papers(), "transaction"
    )


@require_http_methods(["GET", "POST"])
def transaction_hold(request, entry):
    return common.entry_hold(request, common.entry_of(request, Transaction, entry), "transaction")


@require_http_methods(["GET", "POST"])
def transaction_release(request, entry):
    return common.entry_release(request, common.entry_of(request, Transaction, entry), "transaction")
