"""Finished actions proposed as successes, and the answer of the national secretariat."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from prevenance.core.documents.tables import Column
from prevenance.core.refusals import Refused, reason
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.views.files import table_or_none
from prevenance.domains.strategy.actions import successes as actions
from prevenance.domains.strategy.analysis import toolbox as analysis
from prevenance.domains.strategy.forms.successes import ReturnForm, SuccessFilters, SuccessForm
from prevenance.domains.strategy.forms.toolbox import ToolForm
from prevenance.domains.strategy.models import Amendment, Sheet, Success, held_plan
from prevenance.domains.strategy.rules import successes as rules
from prevenance.domains.strategy.rules.toolbox import check_can_keep_toolbox
from prevenance.domains.strategy.views.toolbox import PER_PAGE, actions_by_number, check_reads, sections

MOST = 100  # finished actions offered at once


def sheet_of(request, plan, number):
    sheets = Sheet.objects.visible_to(request.actor).select_related("plan__council", "plan__territory", "brought_by")
    return get_object_or_404(sheets, plan=plan, number=number)


def success_of(request, pk):
    rows = Success.objects.visible_to(request.actor)
    return get_object_or_404(
        rows.select_related("sheet__plan__territory", "sheet__lead", "proposed_by", "settled_by"), pk=pk
    )


@require_safe
def successes(request):
    check_reads(request)
    actor = request.actor
    filters = SuccessFilters(request.GET)
    found = filters.narrow(Success.objects.visible_to(actor)).order_by("-proposed_at", "-id")
    found = found.select_related("sheet__plan__territory", "tool")
    if file := table_or_none(request, columns(), rows_of(found), title=_("Réussites proposées")):
        return file
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "filters": filters,
        "filtered": any(request.GET.values()),
        "keeps": actor.can("keep_toolbox"),
        "may_propose": actor.can("hold_plan"),
        "tabs": sections("successes"),
    }
    return render(request, "strategy/successes/list.html", context)


def columns():
    return [
        Column("title", _("Action")), Column("plan", _("Plan")), Column("territory", _("Territoire")),
        Column("state", _("État")), Column("proposed_on", _("Proposée le"), "date"),
        Column("settled_on", _("Publiée ou rendue le"), "date"), Column("what_worked", _("Ce qui a marché"), width=60),
        Column("conditions", _("À quelles conditions"), width=60), Column("proof", _("Ce qui le montre"), width=60),
        Column("reason", _("Motif")),
    ]  # fmt: skip


def rows_of(found):
    """A generator, so that nothing is read unless a file is asked."""
    for success in found:
        yield row_of(success)


def row_of(success):
    plan = success.sheet.plan
    return {
        "title": success.sheet.title, "plan": plan.title, "territory": plan.territory.name,
        "state": success.get_state_display(), "proposed_on": timezone.localdate(success.proposed_at),
        "settled_on": timezone.localdate(success.settled_at) if success.settled_at else None,
        "what_worked": success.what_worked, "conditions": success.conditions, "proof": success.proof,
        "reason": success.reason,
    }  # fmt: skip


@require_safe
def success(request, success):
    success = success_of(request, success)
    context = {
        "success": success,
        "tool": getattr(success, "tool", None),
        "keeps": request.actor.can("keep_toolbox"),
        "refusal": reason(rules.check_can_answer, success, request.actor),
        "proposing": reason(rules.check_can_propose, success.sheet, request.actor),
    }
    return render(request, "strategy/successes/detail.html", context)


# ------------------------------------------------------------------------------------------------------- propose


@require_safe
def success_choose(request):
    """The finished actions of the plans that one holds, to choose the one to propose."""
    actor = request.actor
    if not actor.can("hold_plan"):
        raise Refused(_("Proposer une réussite revient à qui tient un plan."))
    done = Sheet.objects.visible_to(actor).filter(
        held_plan(actor), state=Sheet.State.DONE, brought_by__state=Amendment.State.IN_FORCE
    )
    # Those never proposed, and those returned: the others are answered, or about to be.
    open_again = done.filter(Q(success=None) | Q(success__state=Success.State.RETURNED))
    context = {"sheets": open_again.select_related("plan").order_by("plan__sort_title", "number")[:MOST]}
    return render(request, "strategy/successes/choose.html", context)


@require_http_methods(["GET", "POST"])
def success_propose(request, plan, sheet):
    """A second click leads to what was proposed."""
    sheet = sheet_of(request, plan, sheet)
    earlier = Success.objects.visible_to(request.actor).filter(sheet=sheet).first()
    try:
        rules.check_can_propose(sheet, request.actor)
    except Stale as stale:
        messages.info(request, stale.reason)
        return redirect("strategy:success", earlier.pk)
    names = ("what_worked", "conditions", "proof")
    form = SuccessForm(
        request.POST if request.method == "POST" else None,
        initial={name: getattr(earlier, name) for name in names} if earlier else {},
    )
    if request.method == "POST" and form.is_valid():
        try:
            proposed = actions.propose_success(sheet=sheet, told=form.told(), by=request.actor)
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("La réussite est proposée : le secrétariat général va répondre."))
            return redirect("strategy:success", proposed.pk)
    context = {"form": form, "sheet": sheet, "earlier": earlier}
    return render(request, "strategy/successes/propose.html", context, status=422 if form.errors else 200)


# -------------------------------------------------------------------------------------------------------- answer


@require_http_methods(["GET", "POST"])
def success_publish(request, success):
    """Write the tool sheet that it becomes; what the action said is already there."""
    success = success_of(request, success)
    check_can_keep_toolbox(request.actor)
    if (answered := reason(rules.check_can_answer, success, request.actor)) != "":
        messages.info(request, answered)
        return redirect("strategy:success", success.pk)
    form = ToolForm(
        request.POST if request.method == "POST" else None, actions=actions_by_number(request),
        initial=analysis.as_tool(success) | {"seen": success.edit},
    )  # fmt: skip
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            seen = form.cleaned_data["seen"] or 0
            actions.publish_success(success=success, told=form.told(), seen=seen, by=request.actor)
        except Stale as stale:
            form.data = form.data.copy()
            form.data["seen"] = success.edit
            form.add_error(None, stale.reason)
            status = 409
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("La réussite est publiée dans la boîte à outils."))
            return redirect("strategy:success", success.pk)
    context = {
        "form": form,
        "title": _("Publier une réussite"),
        "lead": success.sheet.title,
        "back": reverse("strategy:success", args=[success.pk]),
        "save": _("Publier dans la boîte à outils"),
    }
    status = 422 if form.errors and status == 200 else status
    return render(request, "strategy/toolbox/form.html", context, status=status)


@require_http_methods(["GET", "POST"])
def success_return(request, success):
    success = success_of(request, success)
    check_can_keep_toolbox(request.actor)
    if (answered := reason(rules.check_can_answer, success, request.actor)) != "":
        messages.info(request, answered)
        return redirect("strategy:success", success.pk)
    form = ReturnForm(request.POST if request.method == "POST" else None, initial={"seen": success.edit})
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            told = form.cleaned_data
            actions.return_success(success=success, why=told["reason"], seen=told["seen"] or 0, by=request.actor)
        except Stale as stale:
            form.data = form.data.copy()
            form.data["seen"] = success.edit
            form.add_error(None, stale.reason)
            status = 409
        else:
            messages.success(request, _("La réussite est rendue, avec son motif."))
            return redirect("strategy:success", success.pk)
    status = 422 if form.errors and status == 200 else status
    return render(request, "strategy/successes/return.html", {"form": form, "success": success}, status=status)
