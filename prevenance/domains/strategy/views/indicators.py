"""Indicators of a plan: those it follows and what is late, their definitions and targets; an indicator's own page."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from prevenance.core.documents.tables import FORMATS, Column, export
from prevenance.core.paging import Pages
from prevenance.core.refusals import Refused, reason
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.views.councils import PER_PAGE, download
from prevenance.domains.strategy.actions import indicators as actions
from prevenance.domains.strategy.analysis import followed as analysis
from prevenance.domains.strategy.analysis import series
from prevenance.domains.strategy.analysis.followed import follow_up
from prevenance.domains.strategy.forms.indicators import AimForm, FollowedFilters, FollowForm, IndicatorForm
from prevenance.domains.strategy.models import Indicator, PlanIndicator
from prevenance.domains.strategy.rules import indicators as rules
from prevenance.domains.strategy.rules import values as value_rules
from prevenance.domains.strategy.rules.plans import holds_plan
from prevenance.domains.strategy.views.plans import plan_of
from prevenance.engines.rollup import label


def followed_of(request, plan, pk):
    rows = PlanIndicator.objects.visible_to(request.actor).select_related("indicator", "sheet")
    found = get_object_or_404(rows, plan=plan, pk=pk)
    found.plan = plan
    return found


def indicator_of(request, pk, *, served=False):
    """An indicator that the actor reads, else 404; with `served`, in words, the actions that it serves."""
    for indicator in series.found(pk, request.actor, served=served):
        return indicator
    raise Http404


@require_safe
def plan_indicators(request, plan):
    """What a plan follows, with what is entered, missing and late; `?format=` gives the same list as a file."""
    plan = plan_of(request, plan)
    today = timezone.localdate()
    filters = FollowedFilters(request.GET)
    filters.is_valid()
    state, held = filters.state_asked, plan.is_held_by(request.actor)

    def found():
        return analysis.listed(filters.narrow(PlanIndicator.objects.visible_to(request.actor, plan), plan))

    if state or request.GET.get("format") in FORMATS:
        lines = follow_up(plan, list(found()), request.actor, today)
        found = [line for line in lines if getattr(line, state)] if state else lines
    if request.GET.get("format") in FORMATS:
        return download("indicateurs", export_followed(request.GET["format"], found))
    narrowed = any(request.GET.values())
    page = Pages(
        found, PER_PAGE,
        first=None if narrowed else lambda rows: analysis.first_lines(plan.pk, held=held, rows=rows),
        counted=None if narrowed else lambda: sum(analysis.counted(plan.pk, held=held)),
    ).get_page(request.GET.get("page"))  # fmt: skip
    rows = list(page.object_list)
    context = {
        "plan": plan,
        "page": page,
        "rows": [worded(line) for line in (rows if state else follow_up(plan, rows, request.actor, today))],
        "filters": filters,
        "filtered": any(request.GET.get(name) for name in ("q", "state", "origin")),
        "refusal": reason(rules.check_can_keep_indicators, plan, request.actor),
        "enters": not reason(value_rules.check_can_enter, plan, request.actor),
        "holds": holds_plan(plan, request.actor),
    }
    return render(request, "strategy/indicators/followed.html", context)


def worded(line):
    """A line of the list and where to enter what it waits for: the first of what came back, is late or is missing."""
    kind, first = line.indicator.period, line.first_asked
    if not line.reports:
        entry, words = "below", ""
    elif line.returned:
        entry, words = "returned", ", ".join(label(one, kind) for one in line.returned)
    elif line.late:
        words = ", ".join(label(one, kind) for one in line.late[:3])
        entry, words = "late", words + ("…" if len(line.late) > 3 else "")
    else:
        entry, words = ("missing" if line.missing else "draft", label(first, kind)) if first else ("fine", "")
    return {
        "pk": line.row.pk,
        "indicator": line.indicator.pk,
        "label": line.indicator.label,
        "kind": kind,
        "below": " · ".join(filter(None, (str(Indicator.Period(kind).label), line.row.sheet_title))),
        "last": line.last,
        "last_period": line.last_period,
        "target": line.target,
        "target_on": line.row.target_on,
        "entry": entry,
        "words": words,
        "start": first.isoformat() if first else "",
        "period": label(first, kind) if first else "",
    }


def export_followed(format, lines):
    columns = [
        Column("indicator", _("Indicateur")), Column("sheet", _("Fiche")), Column("period", _("Période")),
        Column("last", _("Dernière valeur")), Column("last_period", _("De la période")),
        Column("baseline", _("Valeur de départ"), "decimal"), Column("baseline_on", _("Au"), "date"),
        Column("target", _("Cible"), "decimal"), Column("target_on", _("Pour le"), "date"),
        Column("late", _("Périodes en retard"), "integer"), Column("missing", _("Périodes à saisir"), "integer"),
        Column("returned", _("Périodes rendues"), "integer"),
    ]  # fmt: skip
    rows = (
        {
            "indicator": line.indicator.label, "sheet": line.row.sheet_title or "",
            "period": line.indicator.get_period_display(), "last": line.last, "last_period": line.last_period,
            "baseline": line.row.baseline, "baseline_on": line.row.baseline_on, "target": line.row.target,
            "target_on": line.row.target_on, "late": len(line.late), "missing": len(line.missing),
            "returned": len(line.returned),
        }
        for line in lines
    )  # fmt: skip
    return export(format, columns, rows, title=_("Indicateurs suivis"))


def said(request, form, act, done):
    """Whether `act` was done; its refusal is said on the form, at the top, with what was typed kept."""
    try:
        act()
    except Refused as refusal:
        form.add_error(None, refusal.reason)
        form.stale = isinstance(refusal, Stale)
        return False
    messages.success(request, done)
    return True


def status_of(form):
    return 409 if getattr(form, "stale", False) else 422 if form.errors else 200


@require_http_methods(["GET", "POST"])
def indicator_define(request, plan):
    plan = plan_of(request, plan)
    rules.check_can_keep_indicators(plan, request.actor)
    form = IndicatorForm(request.POST if request.method == "POST" else None, actor=request.actor, plan=plan)
    if request.method == "POST" and form.is_valid():
        told, serves = form.told(), form.serving()
        if said(
            request, form, lambda: actions.define_indicator(plan=plan, told=told, serves=serves, by=request.actor),
            _("L’indicateur est défini, et ce plan le suit."),
        ):  # fmt: skip
            return redirect("strategy:plan_indicators", plan.pk)
    context = {"form": form, "plan": plan, "indicator": None}
    return render(request, "strategy/indicators/form.html", context, status=status_of(form))


@require_http_methods(["GET", "POST"])
def indicator_edit(request, indicator):
    indicator = indicator_of(request, indicator)
    rules.check_can_edit(indicator, request.actor)
    form = IndicatorForm(
        request.POST if request.method == "POST" else None, instance=indicator, actor=request.actor,
        plan=indicator.plan, fixed=rules.has_accepted(indicator),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        told, serves, seen = form.told(), form.serving(), form.cleaned_data["seen"] or 0
        if said(
            request, form,
            lambda: actions.edit_indicator(
                indicator=indicator, told=told, serves=serves, seen=seen, by=request.actor
            ),
            _("L’indicateur est corrigé."),
        ):  # fmt: skip
            return redirect("strategy:indicator", indicator.pk)
    context = {"form": form, "plan": indicator.plan, "indicator": indicator}
    return render(request, "strategy/indicators/form.html", context, status=status_of(form))


@require_http_methods(["GET", "POST"])
def indicator_retire(request, indicator):
    """Abandon an indicator; asks once and says what is lost."""
    indicator = indicator_of(request, indicator)
    rules.check_can_edit(indicator, request.actor)
    if request.method == "POST":
        actions.retire_indicator(indicator=indicator, by=request.actor)
        messages.success(request, _("L’indicateur est abandonné : plus aucune période n’en sera demandée."))
        return redirect("strategy:indicator", indicator.pk)
    context = {
        "title": _("Abandonner cet indicateur ?"),
        "lost": _(
            "Plus aucune période n’en sera demandée, ni ici ni dans les plans qui le suivent. Ses valeurs restent."
        ),
        "confirm": _("Abandonner l’indicateur"),
        "url": request.path,
        "back": reverse("strategy:indicator", args=[indicator.pk]),
        "hidden": {},
    }
    return render(request, "components/confirm_page.html", context)


@require_http_methods(["GET", "POST"])
def indicator_follow(request, plan):
    plan = plan_of(request, plan)
    rules.check_can_keep_indicators(plan, request.actor)
    offered = rules.offered(plan)
    form = FollowForm(
        request.POST if request.method == "POST" else None, actor=request.actor, plan=plan, offered=offered
    )
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        if said(
            request, form,
            lambda: actions.follow_indicator(
                plan=plan, indicator=told["indicator"], sheet=told["sheet"], aim=form.aim(), by=request.actor
            ),
            _("Ce plan suit l’indicateur."),
        ):  # fmt: skip
            return redirect("strategy:plan_indicators", plan.pk)
    context = {"form": form, "plan": plan, "offered": Paginator(offered, PER_PAGE).get_page(request.GET.get("page"))}
    return render(request, "strategy/indicators/follow.html", context, status=status_of(form))


@require_http_methods(["GET", "POST"])
def followed_edit(request, plan, followed):
    """Where an indicator starts from in this plan, and where it should go."""
    plan = plan_of(request, plan)
    followed = followed_of(request, plan, followed)
    rules.check_can_change_followed(followed, request.actor)
    names = ("baseline", "baseline_on", "target", "target_on")
    form = AimForm(
        request.POST if request.method == "POST" else None, initial={name: getattr(followed, name) for name in names}
    )
    if request.method == "POST" and form.is_valid() and said(
        request, form, lambda: actions.set_aim(followed=followed, aim=form.aim(), by=request.actor),
        _("La cible est enregistrée."),
    ):  # fmt: skip
        return redirect("strategy:plan_indicators", plan.pk)
    context = {
        "form": form, "plan": plan, "followed": followed,
        "stop_refusal": reason(rules.check_can_stop_following, followed, request.actor),
    }  # fmt: skip
    return render(request, "strategy/indicators/followed_form.html", context, status=status_of(form))


@require_http_methods(["GET", "POST"])
def followed_stop(request, plan, followed):
    plan = plan_of(request, plan)
    followed = followed_of(request, plan, followed)
    rules.check_can_stop_following(followed, request.actor)
    if request.method == "POST":
        actions.stop_following(followed=followed, by=request.actor)
        messages.success(request, _("Ce plan ne suit plus cet indicateur."))
        return redirect("strategy:plan_indicators", plan.pk)
    context = {
        "title": _("Ne plus suivre cet indicateur ?"),
        "lost": _("Sa valeur de départ et sa cible dans ce plan seront perdues. La définition, elle, reste."),
        "confirm": _("Ne plus suivre"),
        "url": request.path,
        "back": reverse("strategy:plan_indicators", args=[plan.pk]),
        "hidden": {},
    }
    return render(request, "components/confirm_page.html", context)
