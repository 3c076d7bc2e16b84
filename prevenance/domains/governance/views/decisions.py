"""Decisions: written in draft minutes, listed, followed."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prevenance.core.documents.tables import Column
from prevenance.core.refusals import reason
from prevenance.domains.governance.actions import decisions as actions
from prevenance.domains.governance.forms.decisions import DecisionFilter, DecisionForm, ProgressForm
from prevenance.domains.governance.models import Council, Decision
from prevenance.domains.governance.rules import decisions as rules
from prevenance.domains.governance.rules.confidential import NamesSomebody
from prevenance.domains.governance.rules.meetings import Changed
from prevenance.domains.governance.views.files import table_or_none
from prevenance.domains.governance.views.meetings import beside
from prevenance.domains.governance.views.minutes import visible as visible_minutes
from prevenance.domains.governance.views.requests import naming_nobody, posted

PAGE = 25
COLUMNS = [
    Column("number", _("Numéro"), width=10),
    Column("council", _("Conseil"), width=40),
    Column("text", _("Décision"), width=70),
    Column("owner", _("Responsable"), width=30),
    Column("due_on", _("Échéance"), "date"),
    Column("state", _("État"), width=14),
    Column("late", _("Retard"), width=24),
]


def visible(request, pk):
    decisions = Decision.objects.visible_to(request.actor)
    return get_object_or_404(
        decisions.select_related("council", "owner", "minutes__meeting__council", "replaces"), pk=pk
    )


@require_safe
def decision_list(request):
    chosen = DecisionFilter(request.GET)
    decisions = chosen.narrowed(Decision.objects.visible_to(request.actor), request.actor.person_id)
    decisions = decisions.select_related("council", "owner")
    today = timezone.localdate()
    rows = (
        {
            "number": d.number,
            "council": d.council.name,
            "text": d.text,
            "owner": d.owner.name if d.owner else d.owner_label,
            "due_on": d.due_on,
            "state": d.get_state_display(),
            "late": rules.lateness(d, today),
        }
        for d in decisions.iterator(chunk_size=1000)
    )
    if file := table_or_none(request, COLUMNS, rows, title=_("Décisions")):
        return file
    page = Paginator(decisions, PAGE).get_page(request.GET.get("page"))
    council = None
    if chosen.cleaned_data.get("conseil"):
        council = Council.objects.visible_to(request.actor).filter(pk=chosen.cleaned_data["conseil"]).first()
    context = {
        "page": page,
        "lines": [(decision, rules.lateness(decision, today)) for decision in page],
        "filter": chosen,
        "filtered": any(request.GET.get(name) for name in ("q", "etat", "qui")),
        "council": council,
        "one_council": request.actor.scope_kind == "council",
    }
    return render(request, "governance/decisions/list.html", context)


@require_safe
def decision(request, pk):
    return show(request, visible(request, pk))


def show(request, decision, form=None):
    refusal = reason(rules.check_can_record_progress, decision, request.actor)
    context = {
        "decision": decision,
        "late": rules.lateness(decision, timezone.localdate()),
        "refusal": refusal,
        "progress": list(decision.progress.select_related("by")),
        "form": None if refusal else form or ProgressForm(decision=decision),
        "change_refusal": reason(rules.check_can_change_decision, decision, request.actor),
        "rectified_by": Decision.objects.visible_to(request.actor).filter(replaces=decision).first(),
    }
    status = 422 if form is not None else 200
    return render(request, "governance/decisions/decision.html", context, status=status)


@require_POST
def progress(request, pk):
    decision = visible(request, pk)
    rules.check_can_record_progress(decision, request.actor)
    form = ProgressForm(request.POST, decision=decision)
    if form.is_valid():
        state, note = form.cleaned_data["state"], form.cleaned_data["note"]
        refusal = reason(rules.check_progress, decision, state, note)
        if not refusal:
            with naming_nobody(form):
                actions.record_progress(decision=decision, state=state, note=note, by=request.actor)
                messages.success(request, _("Avancement noté."))
                return redirect("governance:decision", pk)
        else:
            form.add_error("note", refusal)
    return show(request, decision, form)


# ------------------------------------------------------------------------------------- in the draft minutes


@require_http_methods(["GET", "POST"])
def add(request, pk, section):
    """A decision on a point; « rectifie » begins from one that the approved version took."""
    minutes = visible_minutes(request, pk)
    rules.check_can_draft_decision(minutes, request.actor)
    section = get_object_or_404(minutes.sections, pk=section)
    owners = rules.possible_owners(minutes.meeting.council)
    wanted = request.POST.get("replaces") or request.GET.get("rectifie") or ""
    replaced = visible(request, int(wanted)) if wanted.isdecimal() else None
    initial = decision_values(replaced) | {"replaces": replaced.pk} if replaced else None
    form = DecisionForm(posted(request), owners=owners, initial=initial)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        with naming_nobody(form):
            actions.add_decision(
                section=section,
                text=typed["text"],
                owner=typed["owner"],
                owner_label=typed["owner_label"],
                due_on=typed["due_on"],
                replaces=replaced,
                by=request.actor,
            )
            return redirect(f"{reverse('governance:minutes_write', args=[pk])}#partie-{section.pk}")
    context = {
        "minutes": minutes,
        "meeting": minutes.meeting,
        "section": section,
        "form": form,
        "decision": None,
        "conflicts": [],
        "replaced": replaced,
    }
    return render(request, "governance/decisions/form.html", context, status=422 if form.is_bound else 200)


def decision_values(decision):
    return {
        "text": decision.text,
        "owner": decision.owner,
        "owner_label": decision.owner_label,
        "due_on": decision.due_on,
        "seen": rules.stamp(decision),
    }


@require_http_methods(["GET", "POST"])
def edit(request, pk):
    decision = visible(request, pk)
    rules.check_can_change_decision(decision, request.actor)
    owners = rules.possible_owners(decision.council, also=decision.owner_id)
    form, status, conflicts = DecisionForm(initial=decision_values(decision), owners=owners), 200, []
    if request.method == "POST":
        form, status = DecisionForm(request.POST, owners=owners), 422
        if form.is_valid():
            typed = form.cleaned_data
            try:
                actions.edit_decision(
                    decision=decision,
                    seen=typed["seen"],
                    text=typed["text"],
                    owner=typed["owner"],
                    owner_label=typed["owner_label"],
                    due_on=typed["due_on"],
                    by=request.actor,
                )
            except Changed as changed:
                form, status = beside(form, changed.current, DecisionForm, "seen", owners=owners), 409
                conflicts = form.conflicts
            except NamesSomebody as refusal:
                form.add_error(None, refusal.reason)
            else:
                address = reverse("governance:minutes_write", args=[decision.minutes_id])
                return redirect(f"{address}#partie-{decision.section_id}")
    context = {
        "minutes": decision.minutes,
        "meeting": decision.minutes.meeting,
        "section": decision.section,
        "form": form,
        "decision": decision,
        "conflicts": conflicts,
        "replaced": decision.replaces,
    }
    return render(request, "governance/decisions/form.html", context, status=status)


@require_http_methods(["GET", "POST"])
def remove(request, pk):
    decision = visible(request, pk)
    rules.check_can_change_decision(decision, request.actor)
    back = f"{reverse('governance:minutes_write', args=[decision.minutes_id])}#partie-{decision.section_id}"
    if request.method == "POST":
        actions.remove_decision(decision=decision, by=request.actor)
        messages.success(request, _("Décision retirée du projet."))
        return redirect(back)
    context = {
        "title": _("Retirer cette décision ?"),
        "confirm": _("Retirer la décision"),
        "back": back,
        "hidden": {},
        "lost": decision.text,
        "url": request.path,
    }
    return render(request, "components/confirm_page.html", context)
