"""The page « droits » of a file: information handed over, requests and their answers, what is kept and until when."""

from datetime import date

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from prevenance.core.documents.pdf import PdfUnavailable, render_pdf
from prevenance.core.refusals import reason
from prevenance.domains.followup import actions
from prevenance.domains.followup.analysis import notices, whole
from prevenance.domains.followup.analysis.reading import key_of, opened_values
from prevenance.domains.followup.forms.rights import AnswerForm, DayForm, DemandForm, NoticeForm, RectifyForm
from prevenance.domains.followup.models import Hold, Identity, Line, Notice, RightsRequest
from prevenance.domains.followup.rules import endings, handovers, lists
from prevenance.domains.followup.rules import rights as rules
from prevenance.domains.followup.views.reading import file_or_reason, read, served, show
from prevenance.domains.followup.views.writing import goes_back, may, posted, tried
from prevenance.domains.governance.views.files import file_response, named

TAB = "followup:rights"


@require_http_methods(["GET", "POST"])
@file_or_reason
@goes_back(TAB)
def rights(request, followup):
    """What is known of the person's rights; by POST, one more notice is printed."""
    inform = reason(rules.check_can_inform, followup, request.actor)
    if request.method == "POST":
        may(request, rules.check_can_inform, followup, request.actor)
    form = NoticeForm(posted(request), addressees=rules.addressees(followup))
    done, status = tried(
        form,
        lambda values: actions.print_notice(followup=followup, addressee=values["addressee"], by=request.actor),
    )
    if done:
        messages.success(request, _("L’information est prête : imprimez-la, remettez-la, puis notez le jour."))
        return redirect(TAB, followup.pk)
    read(request, followup, "rights")
    key, actor, today = key_of(followup), request.actor, timezone.localdate()
    given = list(Notice.objects.visible_to(actor, of=followup))
    for row in given:
        said = opened_values(row, key)
        row.said = {
            "addressee": lists.label("addressees", said["addressee"]),
            "objection": lists.label("objections", said["objection"]),
        }
    demands = list(RightsRequest.objects.visible_to(actor, of=followup).select_related("answered_by"))
    for row in demands:
        row.said = told(row, key)
        row.late = row.answered_on is None and row.due_on < today
    holds = list(Hold.objects.visible_to(actor, of=followup).select_related("set_by"))
    for row in holds:
        row.said = lists.label("hold_reasons", opened_values(row, key)["reason"])
        row.runs = row.lifted_on is None and row.until > today
    context = {
        "notices": given, "demands": demands, "holds": holds, "form": form, "inform_refusal": inform,
        "refusal": reason(rules.check_can_receive, followup, actor),
        "end_refusal": reason(endings.check_can_end, followup, actor),
        "hold_refusal": reason(endings.check_can_hold, followup, actor),
        "holding": any(row.lifted_on is None for row in holds),
        "line": Line.objects.visible_to(actor).filter(followup=followup).first(),
        "left": handovers.accepted(followup) if followup.is_open else None,
    }  # fmt: skip
    return show(request, "followup/rights/rights.html", followup, TAB, context, status)


def told(demand, key):
    said = opened_values(demand, key)
    return {
        "code": said["kind"],
        "kind": lists.label("requests", said["kind"]),
        "asked_by": lists.label("addressees", said["asked_by"]),
        "answer": lists.label("request_answers", said["answer"]),
        "refusal": lists.label("request_refusals", said["refusal"]),
    }


# ---------------------------------------------------------------------------------------------------------- notices


def notice_of(request, followup, notice):
    found = get_object_or_404(Notice.objects.visible_to(request.actor, of=followup), pk=notice)
    found.followup = followup
    return found


def paper(request, template, context, *, title, author, name):
    """A PDF that no cache keeps, or the reason why this server draws none."""
    try:
        content = render_pdf(template, context, title=title, author=author)
    except PdfUnavailable as missing:
        messages.error(request, str(missing))
        return redirect(TAB, context["file"].pk)
    return file_response(content, "application/pdf", name)


@require_safe
@file_or_reason
def notice_paper(request, followup, notice):
    """The notice as it was on the day it was printed: it names the group and the officer, and not the person."""
    notice = notice_of(request, followup, notice)
    read(request, followup, "rights")
    code = opened_values(notice, key_of(followup), ["addressee"])["addressee"]
    context = {
        "file": followup, "notice": notice, "paragraphs": notices.notice(followup, code, notice.printed_on),
        "whom": lists.label("addressees", code),
    }  # fmt: skip
    return paper(
        request, "followup/rights/notice_pdf.html", context, title=_("Votre dossier de suivi : vos droits"),
        author=followup.body.council.name, name=named("information", followup.number, notice.pk, extension="pdf"),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@file_or_reason
@goes_back(TAB)
def notice_hand(request, followup, notice):
    notice = notice_of(request, followup, notice)
    may(request, rules.check_can_hand, notice, followup, request.actor)
    form = DayForm(posted(request), label=_("Remise le"))
    done, status = tried(
        form, lambda values: actions.hand_notice(notice=notice, handed_on=values["day"], by=request.actor)
    )
    if done:
        messages.success(request, _("La remise est notée."))
        return redirect(TAB, followup.pk)
    context = {"form": form, "heading": _("Noter la remise de l’information"), "back": TAB, "about": ""}
    return show(request, "followup/form.html", followup, TAB, context, status)


@require_http_methods(["GET", "POST"])
@file_or_reason
@goes_back(TAB)
def notice_object(request, followup, notice):
    notice = notice_of(request, followup, notice)
    may(request, rules.check_can_note_objection, notice, followup, request.actor)
    form = DayForm(posted(request), label=_("Opposition dite le"))
    done, status = tried(
        form, lambda values: actions.note_objection(notice=notice, objected_on=values["day"], by=request.actor)
    )
    if done:
        messages.success(request, _("L’opposition est notée : répondez-y dans le délai."))
        return redirect(TAB, followup.pk)
    context = {
        "form": form, "heading": _("Noter une opposition"), "back": TAB,
        "about": _("Elle s’examine dans le délai d’une demande. Acceptée, elle met fin au suivi."),
    }  # fmt: skip
    return show(request, "followup/form.html", followup, TAB, context, status)


# --------------------------------------------------------------------------------------------------------- requests


@require_http_methods(["GET", "POST"])
@file_or_reason
@goes_back(TAB)
def request_add(request, followup):
    may(request, rules.check_can_receive, followup, request.actor)
    form = DemandForm(posted(request), addressees=rules.addressees(followup))
    done, status = tried(form, lambda values: actions.record_request(followup=followup, **values, by=request.actor))
    if done:
        messages.success(request, _("La demande est notée, avec son délai."))
        return redirect("followup:request_answer", followup.pk, done.pk)
    context = {
        "form": form, "heading": _("Noter une demande"), "back": TAB,
        "about": _("Vérifiez d’abord l’identité de la personne qui demande, sans en garder de copie."),
    }  # fmt: skip
    return show(request, "followup/form.html", followup, TAB, context, status)


def demand_of(request, followup, demand):
    found = get_object_or_404(RightsRequest.objects.visible_to(request.actor, of=followup), pk=demand)
    found.followup = followup
    return found


@require_http_methods(["GET", "POST"])
@file_or_reason
@goes_back(TAB)
def request_answer(request, followup, demand):
    """A request, what helps to answer it, and its answer."""
    demand = demand_of(request, followup, demand)
    may(request, rules.check_can_answer, demand, followup, request.actor)
    said = told(demand, key_of(followup))
    ends = said["code"] in rules.ENDS and followup.is_open
    form = AnswerForm(posted(request), kind=said["code"], ends=ends)
    done, status = tried(
        form,
        lambda values: actions.answer_request(
            demand=demand, answer=values["answer"], refusal=values["refusal"], outcome=values.get("outcome", ""),
            by=request.actor,
        ),
    )  # fmt: skip
    if done:
        messages.success(request, _("La réponse est notée."))
        return redirect(TAB, followup.pk)
    read(request, followup, "rights")
    context = {
        "form": form,
        "demand": demand,
        "said": said,
        "ends": ends,
        "can_edit": "identity" in served(),
        "hold_refusal": reason(endings.check_can_hold, followup, request.actor),
    }
    return show(request, "followup/rights/request.html", followup, TAB, context, status)


@require_safe
@file_or_reason
def request_copy(request, followup, demand):
    """The whole file as the person may read it, drawn for this answer and kept nowhere."""
    demand = demand_of(request, followup, demand)
    said = told(demand, key_of(followup))
    rules.check_can_copy(said["code"], followup, request.actor)
    read(request, followup, "whole")
    partial = request.GET.get("sans") == "alertes"
    context = {
        "file": followup, "demand": demand, "said": said, "today": timezone.localdate(),
        "sections": whole.copy(followup, without_alerts=partial), "partial": partial,
    }  # fmt: skip
    return paper(
        request, "followup/rights/copy_pdf.html", context,
        title=_("Copie du dossier %(number)s") % {"number": followup.number},
        author=followup.body.council.name, name=named("copie", followup.number, extension="pdf"),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@file_or_reason
@goes_back(TAB)
def request_rectify(request, followup, demand):
    """Correct the identity of a file that ended."""
    demand = demand_of(request, followup, demand)
    key = key_of(followup)
    may(request, rules.check_can_rectify, demand, told(demand, key)["code"], followup, request.actor)
    row = Identity.objects.visible_to(request.actor, of=followup).get()
    initial = {}
    if request.method == "GET":
        read(request, followup, "identity")
        initial = opened_values(row, key)
        initial |= {"birth_date": date.fromisoformat(initial["birth_date"]), "seen": row.edit}
    form = RectifyForm(posted(request), initial=initial)
    done, status = tried(
        form,
        lambda values: actions.rectify_identity(
            demand=demand, identity=form.identity(), seen=values["seen"], by=request.actor
        ),
        {"seen": row.edit},
    )
    if done:
        messages.success(request, _("L’identité est rectifiée : répondez maintenant à la demande."))
        return redirect("followup:request_answer", followup.pk, demand.pk)
    context = {
        "form": form, "heading": _("Rectifier l’identité"), "back": TAB,
        "about": _("Le suivi est terminé : seule l’identité se corrige, à la demande de la personne."),
    }  # fmt: skip
    return show(request, "followup/form.html", followup, TAB, context, status)
