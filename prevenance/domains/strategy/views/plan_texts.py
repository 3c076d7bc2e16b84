"""The text of a plan on a day, with what brought each sentence; the whole plan as a file."""

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from prevenance.core.documents.tables import FORMATS, export_tabs
from prevenance.core.refusals import Refused
from prevenance.core.text import paragraphs
from prevenance.domains.governance.views.files import file_response, named
from prevenance.domains.strategy.actions import documents as actions
from prevenance.domains.strategy.analysis import texts, whole_plan
from prevenance.domains.strategy.analysis.plans import amendments_of
from prevenance.domains.strategy.forms.plans import DayForm
from prevenance.domains.strategy.models import Amendment, PlanDocument
from prevenance.domains.strategy.rules import documents as rules
from prevenance.domains.strategy.rules.amendments import label_of
from prevenance.domains.strategy.views.plans import plan_of

State = PlanDocument.State


def day_asked(request):
    """(form, day): the day in the address, today when there is none or it is not understood, which the form says."""
    today = timezone.localdate()
    given = request.GET.get("le")
    form = DayForm({"le": given if given is not None else today.isoformat()})
    return form, (form.cleaned_data["le"] if form.is_valid() else None) or today


@require_safe
def plan_text(request, plan):
    """The consolidated text of a day (`?le=2025-06-30`)."""
    plan = plan_of(request, plan)
    form, day = day_asked(request)
    told = {one.number: one for one in reversed(amendments_of(plan.pk, held=False))}
    lines = texts.traced_on(plan, day)
    context = {
        "plan": plan,
        "form": form,
        "day": day,
        "today": timezone.localdate(),
        "parts": [
            (part, [shown(line, told) for line in part.lines]) for part in texts.parts_of(plan, lines)
        ],
        "several": len({number for line in lines for number in line.amendments}) > 1,
        "amendments": [(one, label_of(one)) for one in told.values()],
    }  # fmt: skip
    return render(request, "strategy/plans/text.html", context)


def shown(line, told):
    """A traced paragraph for the screen: its blocks, and what brought each of its sentences, neighbours joined."""
    pieces = []
    for sentence in line.sentences:
        if pieces and pieces[-1][0] == sentence.brought_by:
            pieces[-1] = (sentence.brought_by, pieces[-1][1] + sentence.text)
        else:
            pieces.append((sentence.brought_by, sentence.text))
    return {
        "blocks": paragraphs(line.paragraph.text),
        "pieces": [(told[number], label_of(told[number]), text) for number, text in pieces if number in told],
        "brought": [(told[number], label_of(told[number])) for number in line.amendments if number in told],
    }


# ------------------------------------------------------------------------------------------------ files


@require_safe
def plan_table(request, plan):
    """Its sheets and its text of a day in a workbook, at once (ODS unless asked otherwise); of a draft, what is written
    so far."""
    plan = plan_of(request, plan)
    _form, day = day_asked(request)
    asked = request.GET.get("format", "")
    drafts = Amendment.objects.visible_to(request.actor, plan).filter(number=0, state=Amendment.State.DRAFT)
    first = drafts.first()
    if first is not None:
        first.plan = plan
    tabs = whole_plan.tabs(plan, day, first)
    table = export_tabs(asked if asked in FORMATS else "ods", tabs, title=plan.title)
    return file_response(table[0], table[1], named(plan.title, day, extension=table[2]))


@require_safe
def plan_documents(request, plan):
    """Files asked of the plan and how far each is; a part of the page when HTMX asks again."""
    plan = plan_of(request, plan)
    found = PlanDocument.objects.visible_to(request.actor, plan).select_related("amendment")
    documents = list(found.exclude(state=State.ERASED)[:10])
    drafts = Amendment.objects.visible_to(request.actor, plan).filter(state=Amendment.State.DRAFT)
    context = {
        "plan": plan,
        "documents": [(one, label_of(one.amendment) if one.amendment else "") for one in documents],
        "waiting": any(one.state == State.WAITING for one in documents),
        "today": timezone.localdate(),
        "drafts": [(one, label_of(one)) for one in drafts.order_by("number")],
    }
    part = request.headers.get("HX-Request") == "true"
    return render(request, "strategy/plans/_documents.html" if part else "strategy/plans/documents.html", context)


@require_POST
def plan_document_ask(request, plan):
    """Ask for the PDF of a day, or of a draft; a second click finds the one being made."""
    plan = plan_of(request, plan)
    number, amendment = request.POST.get("amendment", ""), None
    if number:
        drafts = Amendment.objects.visible_to(request.actor, plan).filter(state=Amendment.State.DRAFT)
        amendment = get_object_or_404(drafts, number=number if number.isdecimal() else None)
    form = DayForm({"le": request.POST.get("le", "")})
    day = (form.cleaned_data["le"] if form.is_valid() else None) or timezone.localdate()
    try:
        actions.ask_document(plan=plan, on=day, amendment=amendment, by=request.actor)
    except Refused as refusal:
        messages.warning(request, refusal.reason)
    else:
        messages.success(request, _("Le document se prépare. Cette page dira quand il sera prêt."))
    return redirect("strategy:plan_documents", plan.pk)


@require_safe
def plan_document(request, plan, key):
    """The file, whole."""
    plan = plan_of(request, plan)
    documents = PlanDocument.objects.visible_to(request.actor, plan).filter(state=State.READY)
    document = get_object_or_404(documents, key=key)
    try:
        with default_storage.open(rules.place_of(document), "rb") as file:
            content = file.read()
    except FileNotFoundError as error:
        raise Http404 from error
    return file_response(content, "application/pdf", named(plan.title, document.on, extension="pdf"))
