"""Turning somebody to a service. Which one, and what is sent, travels in forms and never in an address."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prevenance.core.documents.pdf import PdfUnavailable, render_pdf
from prevenance.core.refusals import reason
from prevenance.domains.directory.models import Service
from prevenance.domains.followup import actions
from prevenance.domains.followup.analysis.orientation import LONGEST, composed, digest, offered
from prevenance.domains.followup.analysis.reading import key_of, opened_values
from prevenance.domains.followup.forms.work import AgreementForm, OrientationForm, ResultForm, ServiceSearch
from prevenance.domains.followup.models import Orientation
from prevenance.domains.followup.rules import lists, work
from prevenance.domains.followup.views.reading import file_or_reason, read, show
from prevenance.domains.followup.views.writing import goes_back, may, posted, tried
from prevenance.domains.governance.views.files import file_response, named

TAB = "followup:orientations"
SHOWN = 20  # services at a time: words narrow the rest


@require_safe
@file_or_reason
def orientations(request, followup):
    read(request, followup, "orientations")
    key = key_of(followup)
    refusal = reason(work.check_can_plan, followup, request.actor)
    rows = list(Orientation.objects.visible_to(request.actor, of=followup).select_related("sent_by"))
    for row in rows:
        said = opened_values(row, key)
        row.said = said | {
            "agreed_by": lists.label("addressees", said["agreed_by"]),
            "answer": lists.label("answers", said["answer"]),
            "result": lists.label("orientation_results", said["result"]),
        }
    return show(request, "followup/orientations/list.html", followup, TAB, {"rows": rows, "refusal": refusal})


def services_for(request, followup):
    """Open services near the group's territory that a professional may turn to."""
    services = Service.objects.visible_to(request.actor).open().near(followup.body.council.territory)
    return services.for_professionals().select_related("structure", "commune")


def service_of(request, followup):
    """The service that the form names, or 404."""
    asked = request.POST.get("service", "")
    return get_object_or_404(services_for(request, followup), pk=asked if asked.isdecimal() else 0)


@require_http_methods(["GET", "POST"])
@file_or_reason
@goes_back(TAB)
def orientation_start(request, followup):
    """Choose a service of the directory; words typed narrow the list."""
    may(request, work.check_can_plan, followup, request.actor)
    search = ServiceSearch(posted(request))
    found = search.narrow(services_for(request, followup)).order_by("sort_name", "pk")
    services = list(found[: SHOWN + 1])
    context = {"search": search, "services": services[:SHOWN], "more": len(services) > SHOWN}
    return show(request, "followup/orientations/start.html", followup, TAB, context)


@require_POST
@file_or_reason
@goes_back(TAB)
def orientation_prepare(request, followup):
    """Tick what is sent; then read it as the person will, print it, and tell that they agreed."""
    may(request, work.check_can_plan, followup, request.actor)
    service = service_of(request, followup)
    read(request, followup, "identity")
    ticked = "fields_sent" in request.POST or "show" in request.POST
    form = OrientationForm(request.POST if ticked else None, offered=offered(followup, request.actor))
    context = {"service": service, "form": form}
    if ticked and form.is_valid():
        return shown(request, followup, service, form, AgreementForm())
    status = 422 if form.errors else 200
    return show(request, "followup/orientations/prepare.html", followup, TAB, context, status)


def shown(request, followup, service, form, agreement, status=200):
    """What will be sent, word for word, with the paper to sign and the agreement to tell."""
    fields = form.cleaned_data["fields_sent"]
    text = composed(followup, fields, request.actor)
    context = {
        "service": service, "fields": fields, "text": text, "too_long": len(text) > LONGEST,
        "seen": digest(service.pk, text), "agreement": agreement,
    }  # fmt: skip
    return show(request, "followup/orientations/shown.html", followup, TAB, context, status)


@require_POST
@file_or_reason
@goes_back(TAB)
def orientation_paper(request, followup):
    """The paper that the person or their representatives read and sign."""
    may(request, work.check_can_plan, followup, request.actor)
    service = service_of(request, followup)
    read(request, followup, "identity")
    form = OrientationForm(request.POST, offered=offered(followup, request.actor))
    if not form.is_valid():
        return show(
            request, "followup/orientations/prepare.html", followup, TAB, {"service": service, "form": form}, 422
        )
    text = composed(followup, form.cleaned_data["fields_sent"], request.actor)
    context = {"file": followup, "service": service, "lines": text.splitlines(), "today": timezone.localdate()}
    try:
        content = render_pdf(
            "followup/orientations/paper.html", context, title=_("Accord pour une orientation"),
            author=followup.body.council.name,
        )  # fmt: skip
    except PdfUnavailable as missing:
        return HttpResponse(str(missing), status=503, content_type="text/plain; charset=utf-8")
    return file_response(content, "application/pdf", named("accord", followup.number, extension="pdf"))


@require_POST
@file_or_reason
@goes_back(TAB)
def orientation_send(request, followup):
    may(request, work.check_can_plan, followup, request.actor)
    service = service_of(request, followup)
    form = OrientationForm(request.POST, offered=offered(followup, request.actor))
    if not form.is_valid():
        read(request, followup, "identity")
        return show(
            request, "followup/orientations/prepare.html", followup, TAB, {"service": service, "form": form}, 422
        )
    agreement = AgreementForm(request.POST)
    done, status = tried(
        agreement,
        lambda values: actions.send_orientation(
            followup=followup, service=service, fields=form.cleaned_data["fields_sent"], seen=values["seen"],
            agreed_by=values["agreed_by"], agreed_on=values["agreed_on"], by=request.actor,
        ),
    )  # fmt: skip
    if done:
        messages.success(request, _("L’orientation est notée. Remettez le document signé au service."))
        return redirect(TAB, followup.pk)
    read(request, followup, "identity")
    return shown(request, followup, service, form, agreement, status)


def orientation_of(request, followup, orientation):
    found = get_object_or_404(Orientation.objects.visible_to(request.actor, of=followup), pk=orientation)
    found.followup = followup
    return found


@require_http_methods(["GET", "POST"])
@file_or_reason
@goes_back(TAB)
def orientation_answer(request, followup, orientation):
    orientation = orientation_of(request, followup, orientation)
    may(request, work.check_can_answer, orientation, followup, request.actor)
    form = ResultForm(posted(request), names="answers", label=_("Réponse du service"))
    done, status = tried(
        form,
        lambda values: actions.answer_orientation(
            orientation=orientation, answer=values["code"], answered_on=values["day"], by=request.actor
        ),
    )
    if done:
        messages.success(request, _("La réponse est notée."))
        return redirect(TAB, followup.pk)
    return told(request, followup, orientation, form, _("Noter la réponse du service"), status)


@require_http_methods(["GET", "POST"])
@file_or_reason
@goes_back(TAB)
def orientation_conclude(request, followup, orientation):
    orientation = orientation_of(request, followup, orientation)
    may(request, work.check_can_conclude, orientation, followup, request.actor)
    form = ResultForm(posted(request), names="orientation_results", label=_("Résultat"))
    done, status = tried(
        form,
        lambda values: actions.conclude_orientation(
            orientation=orientation, result=values["code"], ended_on=values["day"], by=request.actor
        ),
    )
    if done:
        messages.success(request, _("Le résultat est noté."))
        return redirect(TAB, followup.pk)
    return told(request, followup, orientation, form, _("Noter le résultat de l’orientation"), status)


def told(request, followup, orientation, form, heading, status):
    read(request, followup, "orientations")
    about = opened_values(orientation, key_of(followup), ("service_name",))["service_name"]
    context = {"form": form, "heading": heading, "about": about, "back": TAB}
    return show(request, "followup/form.html", followup, TAB, context, status)
