"""Values of a period: entered, submitted, corrected; accepted or returned by the level above."""

from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Max, Min
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from prevenance.core.refusals import Refused
from prevenance.domains.governance.rules.confidential import NamesSomebody
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.views.councils import PER_PAGE
from prevenance.domains.strategy.actions import values as actions
from prevenance.domains.strategy.analysis import followed as analysis
from prevenance.domains.strategy.forms.values import CorrectionForm, Grid, ReturnForm
from prevenance.domains.strategy.models import Indicator, IndicatorValue
from prevenance.domains.strategy.rules import figures
from prevenance.domains.strategy.rules import values as rules
from prevenance.domains.strategy.rules.indicators import CATEGORIES
from prevenance.domains.strategy.views.indicators import plan_of, status_of
from prevenance.engines.rollup import label, next_start, period_start

ROWS = 60  # of the grid on one page: what a phone draws at once
SHOWN = 200  # submitted values accepted in one go


def period_of(kind, starts):
    """The first day of a period named in an address; 404 when it begins none of this kind."""
    if kind not in Indicator.Period.values:
        raise Http404
    try:
        day = date.fromisoformat(starts)
    except ValueError as wrong:
        raise Http404 from wrong
    if period_start(day, kind) != day:
        raise Http404
    return day


@require_http_methods(["GET", "POST"])
def values_enter(request, plan, kind, starts):
    """The grid of a period, typed with the keyboard; « transmettre » sends what is entered to the level above."""
    plan = plan_of(request, plan)
    start = period_of(kind, starts)
    rules.check_can_enter(plan, request.actor)
    followed = analysis.asked_for(plan.pk, held=plan.is_held_by(request.actor), kind=kind)
    rows = analysis.entries(plan, followed, start, kind)
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    grid = Grid(request.POST if request.method == "POST" else None, page.object_list)
    status = 200
    if request.method == "POST":
        status = saved(request, plan, kind, start, grid)
        if status == 302:
            return redirect(request.get_full_path())
    today = timezone.localdate()
    following, previous = next_start(start, kind), period_start(date.fromordinal(start.toordinal() - 1), kind)
    context = {
        "plan": plan, "kind": kind, "start": start, "starts": start.isoformat(), "grid": grid, "page": page,
        "period": label(start, kind),
        "previous": (previous.isoformat(), label(previous, kind)),
        "following": (following.isoformat(), label(following, kind)) if following <= today else None,
        "others": analysis.others_open(plan, start, kind),
        "ratios": any(entry.indicator.nature == "ratio" for entry in page.object_list),
        "not_begun": start > today,
    }  # fmt: skip
    return render(request, "strategy/indicators/enter.html", context, status=status)


def saved(request, plan, kind, start, grid):
    """Keep the grid, submit the period when asked. 302 when done, else the status of the page to show again."""
    if not grid.is_valid():
        return 422
    lines, seen = grid.told(start)
    submits = request.POST.get("do") == "submit"
    try:
        count = actions.enter_values(plan=plan, lines=lines, seen=seen, by=request.actor)
        if submits:
            sent = actions.submit_values(plan=plan, period=kind, starts=start, by=request.actor)
    except Stale as stale:
        grid.refusals.append(stale.reason)
        return 409
    except Refused as refusal:
        grid.refusals.append(refusal.reason)
        return 422
    if submits:
        said = ngettext("%(count)d valeur transmise.", "%(count)d valeurs transmises.", sent) % {"count": sent}
    elif count:
        said = ngettext("%(count)d valeur enregistrée.", "%(count)d valeurs enregistrées.", count) % {"count": count}
    else:
        said = _("Rien n’a changé.")
    messages.success(request, said)
    return 302


@require_http_methods(["GET", "POST"])
def value_correct(request, plan, value):
    """Propose another figure; the accepted one stands until the new one is accepted."""
    plan = plan_of(request, plan)
    rows = IndicatorValue.objects.visible_to(request.actor).select_related("indicator", "territory", "sheet", "part")
    value = get_object_or_404(rows, plan=plan, pk=value)
    value.plan = plan
    rules.check_can_correct(value, request.actor)
    form = CorrectionForm(request.POST if request.method == "POST" else None, value)
    kind = value.indicator.period
    if request.method == "POST" and form.is_valid():
        try:
            actions.correct_value(value=value, line=form.line(), by=request.actor)
        except Refused as refusal:
            form.add_error(None, refusal.reason)
            form.stale = isinstance(refusal, Stale)
        else:
            messages.success(request, _("La correction est en brouillon : transmettez-la avec la période."))
            return redirect("strategy:values_enter", plan.pk, kind, value.starts_on.isoformat())
    context = {
        "form": form, "plan": plan, "value": value, "period": label(value.starts_on, kind),
        "shown": figures.shown(value.indicator, value.numerator, value.denominator),
        "starts": value.starts_on.isoformat(),
    }  # fmt: skip
    return render(request, "strategy/indicators/correct.html", context, status=status_of(form))


# -------------------------------------------------------------------------------------------- the level above


def waiting(request):
    """Submitted values that the actor accepts or returns."""
    return IndicatorValue.objects.visible_to(request.actor).filter(rules.below(request.actor), state="submitted")


@require_safe
def values_waiting(request):
    """« À accepter », plan by plan."""
    rules.check_can_accept(request.actor)
    found = (
        waiting(request)
        .values("plan", "plan__title", "plan__sort_title", "plan__territory__name")
        .annotate(count=Count("pk"), first=Min("starts_on"), last=Max("entered_at"))
        .order_by("first", "plan__sort_title", "plan")
    )
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "strategy/indicators/waiting.html", {"page": page, "rows": list(page.object_list)})


@require_http_methods(["GET", "POST"])
def values_settle(request, plan):
    """Submitted values of a plan: accept all that are shown, or return those that are ticked with a reason."""
    plan = plan_of(request, plan)
    rules.check_can_accept(request.actor)
    form = ReturnForm(request.POST if request.POST.get("do") == "return" else None)
    status = 200
    if request.method == "POST":
        status = settled(request, plan, form)
        if status == 302:
            return redirect("strategy:values_waiting")
    found = waiting(request).filter(plan=plan).select_related("indicator", "territory", "sheet", "part", "corrects")
    found = found.order_by("starts_on", "indicator__sort_label", "territory__sort_name", "sheet__number", "pk")
    page = Paginator(found, SHOWN).get_page(request.GET.get("page"))
    context = {
        "plan": plan, "page": page, "form": form, "ticked": set(request.POST.getlist("value")),
        "rows": [settled_row(value) for value in page.object_list],
    }  # fmt: skip
    return render(request, "strategy/indicators/settle.html", context, status=status)


def settled(request, plan, form):
    values = [int(pk) for pk in request.POST.getlist("value") if pk.isdecimal()]
    returns = request.POST.get("do") == "return"
    if not values:
        messages.warning(request, _("Cochez au moins une valeur."))
        return 422
    if returns and not form.is_valid():
        return 422
    try:
        if returns:
            count = actions.return_values(
                plan=plan, values=values, reason=form.cleaned_data["reason"], by=request.actor
            )
        else:
            count = actions.accept_values(plan=plan, values=values, by=request.actor)
    except Stale as stale:
        messages.warning(request, stale.reason)
        return 409
    except NamesSomebody as refusal:
        form.add_error("reason", refusal.reason)
        return 422
    if returns:
        said = ngettext("%(count)d valeur rendue.", "%(count)d valeurs rendues.", count)
    else:
        said = ngettext("%(count)d valeur acceptée.", "%(count)d valeurs acceptées.", count)
    messages.success(request, said % {"count": count})
    return 302


def settled_row(value):
    indicator = value.indicator
    return {
        "value": value,
        "period": label(value.starts_on, indicator.period),
        "shown": figures.shown(indicator, value.numerator, value.denominator),
        "words": ", ".join(
            filter(
                None,
                [str(CATEGORIES[indicator.split].get(value.category, "")), value.part.name if value.part else ""],
            )
        ),
        "before": figures.shown(indicator, value.corrects.numerator, value.corrects.denominator)
        if value.corrects else "",
    }  # fmt: skip
