"""The strategy itself: axes, measures, actions; where each is done and how far the territory acted in is."""

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from prevenance.core.composed import composed
from prevenance.core.public import public
from prevenance.domains.strategy.analysis import catalogue as analysis
from prevenance.domains.strategy.models import Measure, Sheet, Strategy
from prevenance.domains.strategy.rules import catalogue as rules


@composed
def all_strategies(actor):
    return Strategy.objects.visible_to(actor).order_by("-begins")


def strategy_asked(request):
    """(the strategy named in the address, else the last one; all of them). 404 when it is unknown."""
    strategies = all_strategies(request.actor)
    key = request.GET.get("strategie", "")
    found = next((one for one in strategies if key in ("", one.key)), None)
    if found is None:
        raise Http404
    return found, strategies


@public
@require_safe
def measures(request):
    strategy, strategies = strategy_asked(request)
    actor = request.actor
    lines = analysis.actions_of(strategy, analysis.sheets_by_action(actor))
    built = sum(line.built for line in lines)
    context = {
        "strategy": strategy,
        "strategies": strategies,
        "axes": analysis.axes_of(lines, analysis.progress_by_measure(actor)),
        "built": built,
        "not_built": len(lines) - built,
        "total": len(lines),
        "where": actor.scope_label if actor.can("see_plans") else "",
    }
    return render(request, "strategy/measures/list.html", context)


@public
@require_safe
def measure(request, number):
    strategy, _strategies = strategy_asked(request)
    found = get_object_or_404(
        Measure.objects.visible_to(request.actor).select_related("axis"), strategy=strategy, number=number
    )
    actor = request.actor
    lines = [
        line
        for line in analysis.actions_of(strategy, analysis.sheets_by_action(actor))
        if line.action.measure_id == found.pk
    ]
    serving = Sheet.objects.visible_to(actor).standing().filter(serves__measure=found)
    if actor.can("see_plans"):
        serving = serving.filter(plan__territory_id=actor.territory_id)
    context = {
        "strategy": strategy,
        "measure": found,
        "lines": [
            {
                "line": line,
                "leads": rules.labels("roles", line.action.leads),
                "partners": rules.labels("roles", line.action.partners),
                "audiences": rules.labels("audiences", line.action.audiences),
            }
            for line in lines
        ],
        "progress": analysis.progress_by_measure(actor).get(found.pk),
        "sheets": list(serving.select_related("plan").distinct().order_by("sort_title", "id")[:20]),
        "where": actor.scope_label if actor.can("see_plans") else "",
    }
    return render(request, "strategy/measures/measure.html", context)
