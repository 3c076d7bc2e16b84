"""Experiments: those of the territory or of France, their protocol, what is decided of each."""

from functools import partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from prevenance.core.documents.tables import Column
from prevenance.core.refusals import Refused, reason
from prevenance.domains.governance.models import Decision
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.views.files import table_or_none
from prevenance.domains.strategy.actions import experiments as actions
from prevenance.domains.strategy.forms.successes import ExperimentFilters, ExperimentForm, OutcomeForm
from prevenance.domains.strategy.models import Experiment, Indicator, PlanIndicator, Sheet, held_plan
from prevenance.domains.strategy.rules import experiments as rules
from prevenance.domains.strategy.views.successes import MOST, sheet_of
from prevenance.domains.strategy.views.toolbox import PER_PAGE, check_reads, sections


def experiment_of(request, pk):
    rows = Experiment.objects.visible_to(request.actor)
    return get_object_or_404(rows.select_related("sheet__plan__council", "sheet__plan__territory", "indicator"), pk=pk)


def outcome_of(experiment, today):
    """(words, kind of badge) of where it is."""
    if rules.waits_for_a_decision(experiment, today):
        return _("Suite à décider"), "warning"
    kinds = {"": "info", "extended": "info", "generalised": "success"}
    return experiment.get_outcome_display(), kinds.get(experiment.outcome, "")


@require_safe
def experiments(request):
    check_reads(request)
    actor, today = request.actor, timezone.localdate()
    filters = ExperimentFilters(request.GET, scope_label=actor.scope_label)
    found = filters.narrow(Experiment.objects.visible_to(actor), actor, today).order_by("-ends_on", "-id")
    found = found.select_related("sheet__plan__territory", "indicator")
    if file := table_or_none(request, columns(), found, line=partial(row_of, today=today), title=_("Expérimentations")):
        return file
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(row, *outcome_of(row, today)) for row in page.object_list],
        "filters": filters,
        "filtered": any(request.GET.values()),
        "may_lead": actor.can("hold_plan"),
        "tabs": sections("experiments"),
    }
    return render(request, "strategy/experiments/list.html", context)


def columns():
    return [
        Column("title", _("Action")), Column("plan", _("Plan")), Column("territory", _("Territoire")),
        Column("hypothesis", _("Hypothèse"), width=60), Column("comparison", _("Comparée à"), width=60),
        Column("measure", _("Mesurée par")), Column("ends_on", _("Se termine le"), "date"),
        Column("outcome", _("Suite")),
    ]  # fmt: skip


def row_of(experiment, today):
    plan = experiment.sheet.plan
    return {
        "title": experiment.sheet.title, "plan": plan.title, "territory": plan.territory.name,
        "hypothesis": experiment.hypothesis, "comparison": experiment.comparison,
        "measure": experiment.indicator.label if experiment.indicator else experiment.measured_by,
        "ends_on": experiment.ends_on, "outcome": outcome_of(experiment, today)[0],
    }  # fmt: skip


@require_safe
def experiment(request, experiment):
    experiment = experiment_of(request, experiment)
    actor, today = request.actor, timezone.localdate()
    words, kind = outcome_of(experiment, today)
    context = {
        "experiment": experiment,
        "state": words,
        "kind": kind,
        "waiting": rules.waits_for_a_decision(experiment, today),
        "decisions": experiment.decisions.select_related("decision"),
        "change_refusal": reason(rules.check_can_change, experiment, actor),
        "decide_refusal": reason(rules.check_can_decide, experiment, actor),
        "holds": not reason(rules.check_holds, experiment, actor),
    }
    return render(request, "strategy/experiments/detail.html", context)


def indicators_for(request, plan):
    """Indicators of the plan, of its parent, and those that it follows."""
    followed = PlanIndicator.objects.visible_to(request.actor).filter(plan=plan).values("indicator")
    own = Q(plan=plan) | Q(plan=plan.parent_id) | Q(pk__in=followed)
    return Indicator.objects.visible_to(request.actor).filter(own, retired_on=None).order_by("sort_label", "id")


@require_safe
def experiment_choose(request):
    """The actions of the plans that one holds which are not over, to choose the one to lead as an experiment."""
    actor = request.actor
    if not actor.can("hold_plan"):
        raise Refused(_("Mener une expérimentation revient à qui tient un plan."))
    running = Sheet.objects.visible_to(actor).standing().filter(held_plan(actor)).exclude(state__in=rules.OVER)
    sheets = running.filter(experiment=None).select_related("plan").order_by("plan__sort_title", "number")
    return render(request, "strategy/experiments/choose.html", {"sheets": sheets[:MOST]})


@require_http_methods(["GET", "POST"])
def experiment_lead(request, plan, sheet):
    """A second click leads to the experiment."""
    sheet = sheet_of(request, plan, sheet)
    try:
        rules.check_can_lead(sheet, request.actor)
    except Stale as stale:
        messages.info(request, stale.reason)
        return redirect("strategy:experiment", sheet.experiment.pk)
    form = ExperimentForm(
        request.POST if request.method == "POST" else None, indicators=indicators_for(request, sheet.plan)
    )
    if request.method == "POST" and form.is_valid():
        try:
            led = actions.lead_as_experiment(sheet=sheet, told=form.told(), by=request.actor)
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("L’expérimentation est ouverte."))
            return redirect("strategy:experiment", led.pk)
    context = {"form": form, "sheet": sheet, "experiment": None}
    return render(request, "strategy/experiments/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def experiment_edit(request, experiment):
    experiment = experiment_of(request, experiment)
    rules.check_can_change(experiment, request.actor)
    names = ("hypothesis", "comparison", "indicator", "measured_by", "ends_on")
    form = ExperimentForm(
        request.POST if request.method == "POST" else None, indicators=indicators_for(request, experiment.sheet.plan),
        initial={name: getattr(experiment, name) for name in names} | {"seen": experiment.edit},
    )  # fmt: skip
    status = 200
    if request.method == "POST" and form.is_valid():
        seen = form.cleaned_data["seen"] or 0
        try:
            actions.edit_experiment(experiment=experiment, told=form.told(), seen=seen, by=request.actor)
        except Stale as stale:
            status = shown_again(form, stale, experiment)
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("Le protocole est enregistré."))
            return redirect("strategy:experiment", experiment.pk)
    context = {"form": form, "sheet": experiment.sheet, "experiment": experiment}
    status = 422 if form.errors and status == 200 else status
    return render(request, "strategy/experiments/form.html", context, status=status)


@require_http_methods(["GET", "POST"])
def experiment_decide(request, experiment):
    experiment = experiment_of(request, experiment)
    try:
        rules.check_can_decide(experiment, request.actor)
    except Stale as stale:
        messages.info(request, stale.reason)
        return redirect("strategy:experiment", experiment.pk)
    decisions = Decision.objects.visible_to(request.actor).filter(council=experiment.sheet.plan.council_id).followed()
    form = OutcomeForm(
        request.POST if request.method == "POST" else None, decisions=decisions.order_by("-year", "-rank"),
        initial={"seen": experiment.edit},
    )  # fmt: skip
    status = 200
    if request.method == "POST" and form.is_valid():
        seen = form.cleaned_data["seen"] or 0
        try:
            actions.decide(experiment=experiment, told=form.told(), seen=seen, by=request.actor)
        except Stale as stale:
            status = shown_again(form, stale, experiment)
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("La suite de l’expérimentation est inscrite."))
            return redirect("strategy:experiment", experiment.pk)
    context = {"form": form, "experiment": experiment}
    status = 422 if form.errors and status == 200 else status
    return render(request, "strategy/experiments/decide.html", context, status=status)


def shown_again(form, stale, experiment):
    """The form with what was typed, and the sentence; the next try is on what is there now."""
    form.data = form.data.copy()
    form.data["seen"] = experiment.edit
    form.add_error(None, stale.reason)
    return 409
