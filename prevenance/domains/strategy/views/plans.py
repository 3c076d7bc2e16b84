"""The list of plans, a plan's page, its opening, what frames it, its end."""

import datetime as dt

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from prevenance.core.documents.tables import Column
from prevenance.core.paging import Pages
from prevenance.core.refusals import Refused, reason
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.views.councils import PER_PAGE
from prevenance.domains.governance.views.files import table_or_none
from prevenance.domains.governance.views.requests import posted
from prevenance.domains.strategy.actions import plans as actions
from prevenance.domains.strategy.analysis import plans as analysis
from prevenance.domains.strategy.forms.plans import EndForm, PlanFilters, PlanForm
from prevenance.domains.strategy.models import Amendment, Plan, Strategy
from prevenance.domains.strategy.rules import amendments as amendment_rules
from prevenance.domains.strategy.rules import plans as rules
from prevenance.domains.strategy.rules.plan_kinds import kind_of, kinds_on, latest


def plan_of(request, pk, *related):
    """The plan, or 404 when the actor does not read it."""
    for plan in analysis.found(pk, request.actor, related=("territory", "council", *related)):
        return plan.found_for(request.actor)
    raise Http404


# ------------------------------------------------------------------------------------------------ the list


@require_safe
def plans(request):
    """Plans that the actor reads, their own first; `?format=` gives the same list as a file."""
    today = timezone.localdate()
    filters = PlanFilters(request.GET)

    def found():
        return filters.narrow(Plan.objects.visible_to(request.actor))

    def whole():
        return analysis.listed(found(), request.actor).select_related("territory", "council", "scope")

    if file := table_or_none(request, columns(), lines_of(whole, today), title=_("Plans")):
        return file
    # The plans of the page first, else all of France is joined to be sorted.
    narrowed = any(request.GET.values())
    page = Pages(
        lambda: analysis.ordered(found(), request.actor).values_list("pk", flat=True), PER_PAGE,
        first=None if narrowed else lambda rows: analysis.first_going_on(request.actor, rows=rows),
        counted=None if narrowed else lambda: sum(analysis.going_on(request.actor)),
    ).get_page(request.GET.get("page"))  # fmt: skip
    keys = list(page.object_list)
    sheets = dict(analysis.sheets_of(keys))
    context = {
        "page": page,
        "rows": [shown(line, sheets.get(line.pk, 0), today) for line in analysis.lines(keys, request.actor)],
        "filters": filters,
        "filtered": any(request.GET.get(name) for name in ("q", "kind", "state")),
        "refusal": reason(rules.check_can_open_plans, request.actor),
    }
    return render(request, "strategy/plans/list.html", context)


def shown(plan, sheets, today):
    """A line of the list on the screen."""
    state, label = state_label(plan, today)
    return {
        "pk": plan.pk,
        "title": plan.title,
        "own": plan.own == 0,
        "amended": plan.amended,
        "kind": latest()[plan.kind].short,
        "territory": plan.territory__name,
        "state": state,
        "state_label": label,
        "years": f"{plan.begins.year}-{plan.ends.year}",
        "sheets": sheets,
    }


def state_label(plan, today):
    """(state, its label) of a row of the list."""
    state = analysis.state_of(plan.in_force_from, plan.ended_on, plan.dropped, today)
    return state, Plan.State(state).label


def columns():
    return [
        Column("title", _("Intitulé"), width=60), Column("kind", _("Nature"), width=30),
        Column("territory", _("Territoire"), width=30), Column("code", _("Code du territoire")),
        Column("council", _("Conseil"), width=40), Column("state", _("État")),
        Column("begins", _("Premier jour prévu"), "date"), Column("ends", _("Dernier jour prévu"), "date"),
        Column("in_force_from", _("En vigueur depuis le"), "date"), Column("ended_on", _("Terminé le"), "date"),
        Column("sheets", _("Fiches action"), "integer"),
    ]  # fmt: skip


def lines_of(plans, today):
    """A generator, so that nothing is read unless a file is asked."""
    for plan in plans():
        yield line_of(plan, today)


def line_of(plan, today):
    return {
        "title": plan.title, "kind": latest()[plan.kind].short, "territory": plan.territory.name,
        "code": plan.territory.code, "council": plan.council.name if plan.council else "",
        "state": state_label(plan, today)[1], "begins": plan.begins, "ends": plan.ends,
        "in_force_from": plan.in_force_from, "ended_on": plan.ended_on, "sheets": plan.sheets_count,
    }  # fmt: skip


# ------------------------------------------------------------------------------------------------ a plan


@require_safe
def plan(request, plan):
    """Where it stands, on what, what was amended and what to do next."""
    plan = plan_of(request, plan, "scope", "strategy")
    actor, today, kind = request.actor, timezone.localdate(), kind_of(plan)
    near = plan.parent_id or plan.in_force_from  # a plan stands under one in force only
    around = analysis.around(plan.pk, plan.parent_id, actor) if near else []
    amendments = analysis.amendments_of(plan.pk, held=plan.is_held_by(actor))
    for amendment in amendments:
        amendment.plan = plan
    # Whoever reads a plan that is not in force holds it, and reads all its amendments.
    plan.dropped = plan.in_force_from is None and any(
        one.number == 0 and one.state == Amendment.State.DROPPED for one in amendments
    )
    drafts = [one for one in amendments if one.state == Amendment.State.DRAFT]
    counted = analysis.counts(plan, actor)
    holds = rules.holds_plan(plan, actor)
    state = analysis.state_of(plan.in_force_from, plan.ended_on, plan.dropped, today)
    refusal = reason(rules.check_can_change_plan, plan, actor)
    draft = drafts[-1] if drafts and holds and not refusal else None
    context = {
        "plan": plan,
        "kind": kind,
        "state": state,
        "state_label": Plan.State(state).label,
        "holds": holds,
        "refusal": refusal,
        "amend_refusal": reason(amendment_rules.check_can_open_amendment, plan, actor),
        "end_refusal": reason(rules.check_can_end_plan, plan, actor),
        "parent": next((one for one in around if one.pk == plan.parent_id), None),
        "children": [one for one in around if one.parent_id == plan.pk],
        "amendments": [(one, amendment_rules.label_of(one), analysis.took_effect_by(one)) for one in amendments],
        "draft": draft,
        "draft_label": amendment_rules.label_of(draft) if draft else "",
        "steps": analysis.next_steps(plan, kind, draft, counted["sheets"] + counted["draft_sheets"]),
        "counts": counted,
        "sheets_url": analysis.address("sheets", plan=plan.pk),
        "indicators_url": analysis.address("plan_indicators", "indicators", plan=plan.pk),
        "late": plan.ended_on is None and plan.in_force_from is not None and plan.ends < today,
    }
    return render(request, "strategy/plans/plan.html", context)


# ------------------------------------------------------------------------------------------------ opening, changing


@require_http_methods(["GET", "POST"])
def plan_open(request):
    """Choose the kind, then name the plan, its dates and the plan that it stands under."""
    rules.check_can_open_plans(request.actor)
    today, place = timezone.localdate(), rules.place_of(request.actor)
    kind = kinds_on(today).get(request.GET.get("nature", ""))
    if kind is None:
        kinds = rules.kinds_for(place, request.actor, today)
        return render(request, "strategy/plans/choose.html", {"kinds": kinds, "place": place})
    rules.check_can_open_plan(place, kind.kind, request.actor, today)
    strategies = Strategy.objects.visible_to(request.actor)
    strategy = strategies.filter(begins__lte=today).order_by("-begins").first()
    parents = rules.parents_for(kind, place.territory, today)
    councils = [] if place.council else rules.councils_for(place, kind, today)
    form = PlanForm(
        posted(request), kind=kind, parents=parents, councils=councils,
        initial=proposed(place, kind, parents, councils, today),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            opened = actions.open_plan(kind=kind.kind, told=form.told(), strategy=strategy, by=request.actor)
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("Le plan est ouvert. Écrivez son texte et ses fiches, puis préparez son acte."))
            return redirect("strategy:plan", opened.pk)
    context = {"form": form, "kind": kind, "place": place, "strategy": strategy, "parents": parents}
    return render(request, "strategy/plans/open.html", context, status=422 if form.errors else 200)


def proposed(place, kind, parents, councils, today):
    """What the form says before anybody types: today, the usual duration, the nearest plan above, the only council."""
    ends = today.replace(year=today.year + kind.years, day=min(today.day, 28)) - dt.timedelta(1)
    years = f"{today.year}-{ends.year}"
    return {
        "title": f"{kind.short[:1].upper()}{kind.short[1:]} {years}, {place.territory.name}",
        "begins": today,
        "ends": ends,
        "parent": str(parents[0].pk) if parents else "",
        "council": str(councils[0].pk) if len(councils) == 1 else "",
    }


@require_http_methods(["GET", "POST"])
def plan_edit(request, plan):
    """What was typed on an older state stays on screen beside a sentence that says so."""
    plan = plan_of(request, plan)
    rules.check_can_change_plan(plan, request.actor)
    kind, today = kind_of(plan), timezone.localdate()
    parents = [one for one in rules.parents_for(kind, plan.territory, today) if one.pk != plan.pk]
    if plan.parent is not None and plan.parent not in parents:
        parents.append(plan.parent)
    initial = {name: getattr(plan, name) for name in ("title", "begins", "ends", "compatibility")}
    initial |= {"parent": str(plan.parent_id or ""), "seen": plan.edit}
    form, status = PlanForm(posted(request), kind=kind, parents=parents, plan=plan, initial=initial), 200
    if request.method == "POST" and form.is_valid():
        try:
            seen = form.cleaned_data["seen"] or 0
            actions.edit_plan(plan=plan, told=form.told(), seen=seen, by=request.actor)
        except Stale as stale:
            form.data = {**form.data.dict(), "seen": plan.edit}
            form.add_error(None, stale.reason)
            status = 409
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("Le plan est enregistré."))
            return redirect("strategy:plan", plan.pk)
    context = {"form": form, "plan": plan, "kind": kind}
    status = 422 if form.errors and status == 200 else status
    return render(request, "strategy/plans/edit.html", context, status=status)


@require_http_methods(["GET", "POST"])
def plan_end(request, plan):
    """Declare the last day; asks once and says what is lost."""
    plan = plan_of(request, plan)
    rules.check_can_end_plan(plan, request.actor)
    form = EndForm(posted(request), initial={"on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_plan(plan=plan, on=form.cleaned_data["on"], by=request.actor)
        except Stale as stale:
            messages.info(request, stale.reason)
            return redirect("strategy:plan", plan.pk)
        except Refused as refusal:
            form.add_error("on", refusal.reason)
        else:
            messages.success(request, _("La fin du plan est inscrite. Son texte reste lisible à toute date."))
            return redirect("strategy:plan", plan.pk)
    return render(request, "strategy/plans/end.html", {"form": form, "plan": plan}, status=422 if form.errors else 200)
