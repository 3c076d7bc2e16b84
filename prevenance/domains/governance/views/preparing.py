"""Prepare an agenda: tick all that waits for it, then arrange its points in one table."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from prevenance.core.dates import date_format
from prevenance.domains.governance.actions import agenda as actions
from prevenance.domains.governance.actions import proposals as proposal_actions
from prevenance.domains.governance.analysis.agenda import waiting_for
from prevenance.domains.governance.analysis.papers import agenda_minutes, moment
from prevenance.domains.governance.forms.agenda import ArrangeForm, CarryOverForm, DismissForm
from prevenance.domains.governance.models import AgendaProposal
from prevenance.domains.governance.rules import meetings as rules
from prevenance.domains.governance.rules import proposals as proposal_rules
from prevenance.domains.governance.views.meetings import visible
from prevenance.domains.governance.views.requests import naming_nobody, posted


@require_http_methods(["GET", "POST"])
def carry_over(request, pk):
    """Everything that waits for this agenda, ticked or not; one click takes all that is ticked."""
    meeting = visible(request, pk)
    rules.check_can_prepare(meeting, request.actor)
    waiting = waiting_for(request.actor, meeting)
    form = CarryOverForm(posted(request))
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        with naming_nobody(form):
            added = actions.carry_over(
                meeting=meeting,
                items=[item for item in waiting.items if str(item.pk) in typed["items"]],
                decisions=[decision for decision, _late in waiting.decisions if str(decision.pk) in typed["decisions"]],
                law=typed["law"],
                proposals=[proposal for proposal in waiting.proposals if str(proposal.pk) in typed["proposals"]],
                typed=typed["typed"],
                by=request.actor,
            )
            messages.success(
                request,
                ngettext(
                    "Un point ajouté à l’ordre du jour.", "%(count)d points ajoutés à l’ordre du jour.", added
                ) % {"count": added}
                if added
                else _("Tout ce que vous aviez coché est déjà à l’ordre du jour."),
            )  # fmt: skip
            return redirect("governance:agenda_arrange", pk)
    ticked = {name: set(request.POST.getlist(name)) for name in waiting.ticked} if form.is_bound else waiting.ticked
    context = {
        "meeting": meeting, "moment": moment(meeting), "form": form, "waiting": waiting, "ticked": ticked,
        "decisions": [line_of(decision, late, ticked["decisions"]) for decision, late in waiting.decisions],
    }  # fmt: skip
    return render(request, "governance/meetings/carry_over.html", context, status=422 if form.is_bound else 200)


def line_of(decision, late, ticked):
    """A decision as its box says it: there may be a hundred, each word put in its place by the template took longer."""
    due = decision.due_on and _("échéance le %(day)s") % {"day": date_format(decision.due_on, "j F Y")}
    return {
        "pk": decision.pk,
        "text": f"{decision.number} – {Truncator(decision.text).chars(200)}",
        "hint": " · ".join(filter(None, [decision.get_state_display(), due, late])),
        "ticked": str(decision.pk) in ticked,
    }


@require_http_methods(["GET", "POST"])
def arrange(request, pk):
    """Order, kinds and minutes of all the points, saved at once; a button moves one point and saves the others too."""
    meeting = visible(request, pk)
    rules.check_can_prepare(meeting, request.actor)
    items = list(meeting.items.all())
    stamp, changed = rules.agenda_stamp(items), False
    form = ArrangeForm(posted(request), items=items, seen=stamp)
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        up, down = (number(request.POST.get(name)) for name in ("monter", "descendre"))
        try:
            actions.arrange(
                meeting=meeting, seen=form.cleaned_data["seen"], rows=form.arranged(up=up, down=down), by=request.actor
            )
        except rules.Changed as now:
            form, changed, status = again(request.POST, items, now.current["seen"]), True, 409
        else:
            if up or down:
                return redirect(f"{reverse('governance:agenda_arrange', args=[pk])}#point-{up or down}")
            messages.success(request, _("Ordre du jour enregistré."))
            return redirect("governance:agenda", pk)
    elif form.is_bound and request.POST.get("seen", stamp) != stamp:
        # A point came or went: what was typed of the others stays.
        form, changed, status = again(request.POST, items, stamp), True, 409
    context = {
        "meeting": meeting,
        "moment": moment(meeting),
        "form": form,
        "changed": changed,
        "duration": agenda_minutes(items),
        "length": int((meeting.ends_at - meeting.starts_at).total_seconds()) // 60,
    }
    return render(request, "governance/meetings/arrange.html", context, status=status)


def number(text):
    return int(text) if text and text.isdigit() else 0


def again(data, items, stamp):
    """The form with what was typed, on the agenda as it is now: points that came since have their own values."""
    data, fresh = data.copy(), ArrangeForm(items=items, seen=stamp)
    for name, field in fresh.fields.items():
        if name not in data:
            data[name] = "" if field.initial is None else field.initial
    data["seen"] = stamp
    form = ArrangeForm(data, items=items, seen=stamp)
    form.full_clean()
    return form


@require_http_methods(["GET", "POST"])
def dismiss(request, pk, proposal):
    """Say no to a proposal, with the reason."""
    meeting = visible(request, pk)
    rules.check_can_prepare(meeting, request.actor)
    found = AgendaProposal.objects.visible_to(request.actor).select_related("body__council__scope", "proposed_by")
    proposal = get_object_or_404(found, pk=proposal, body=meeting.body_id)
    proposal_rules.check_can_dismiss(proposal, request.actor)
    form = DismissForm(posted(request))
    if request.method == "POST" and form.is_valid():
        with naming_nobody(form):
            proposal_actions.dismiss_proposal(proposal=proposal, reason=form.cleaned_data["reason"], by=request.actor)
            messages.success(request, _("Proposition écartée."))
            return redirect("governance:carry_over", pk)
    context = {"meeting": meeting, "proposal": proposal, "form": form, "today": timezone.localdate()}
    return render(request, "governance/meetings/dismiss.html", context, status=422 if form.is_bound else 200)
