"""The toolbox: sheets searched, read, printed, taken up into a plan; kept by the national secretariat."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prevenance.core.composed import composed
from prevenance.core.documents.pdf import PdfUnavailable, render_pdf
from prevenance.core.documents.tables import Column
from prevenance.core.paging import Pages
from prevenance.core.refusals import Refused, reason
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.views.files import file_response, named, table_or_none
from prevenance.domains.strategy.actions import toolbox as actions
from prevenance.domains.strategy.analysis import toolbox as analysis
from prevenance.domains.strategy.forms.toolbox import AdoptForm, ToolFilters, ToolForm
from prevenance.domains.strategy.models import (
    Amendment,
    Measure,
    Plan,
    StrategyAction,
    ToolEvidence,
    ToolSheet,
    held_plan,
)
from prevenance.domains.strategy.rules import toolbox as rules
from prevenance.domains.strategy.rules.catalogue import FIRST, labels

PER_PAGE = 20


def tool_of(request, key):
    return get_object_or_404(ToolSheet.objects.visible_to(request.actor), key=key)


def check_reads(request):
    """Raises Refused for a role that reads no plan: there is nothing for it here."""
    if not request.actor.can("see_plans"):
        raise Refused(_("La boîte à outils se lit avec les plans : votre rôle ne les lit pas."))


def sections(current):
    """The three lists of the toolbox, as tabs."""
    labels = {"tools": _("Fiches outils"), "successes": _("Réussites"), "experiments": _("Expérimentations")}
    return [
        {"label": label, "url": reverse(f"strategy:{name}"), "current": name == current}
        for name, label in labels.items()
    ]


@composed
def measures_served(actor):
    tools = ToolSheet.objects.visible_to(actor).values("serves")
    return Measure.objects.visible_to(actor).filter(actions__in=tools).distinct()


@require_safe
def tools(request):
    """Search in French: every word, accents and plurals forgiven; else what begins alike, and the page says so."""
    check_reads(request)
    actor = request.actor
    everything = ToolSheet.objects.visible_to(actor)
    measures = measures_served(actor)
    filters = ToolFilters(request.GET, measures=measures, keeps=actor.can("keep_toolbox"))
    kept = filters.narrow(everything)
    text = filters.cleaned_data.get("q", "")
    found, near = kept.matching(text) if text else kept.order_by("sort_title", "id"), False
    page = Pages(found.prefetch_related("serves", "evidence"), PER_PAGE).get_page(request.GET.get("page"))
    if text and not page.paginator.count:
        found, near = kept.close_to(text), True
        page = Pages(found.prefetch_related("serves", "evidence"), PER_PAGE).get_page(request.GET.get("page"))
    if file := table_or_none(request, columns(), rows_of(found), title=_("Boîte à outils")):
        return file
    context = {
        "page": page,
        "rows": [(tool, labels("audiences", tool.audiences), effect_of(tool)) for tool in page.object_list],
        "filters": filters,
        "filtered": any(request.GET.values()),
        "text": text,
        "near": near,
        "keeps": actor.can("keep_toolbox"),
        "tabs": sections("tools"),
    }
    return render(request, "strategy/toolbox/list.html", context)


def columns():
    return [
        Column("title", _("Intitulé")), Column("state", _("État")), Column("problem", _("Problème"), width=60),
        Column("audience", _("Public")), Column("steps", _("Étapes"), width=60), Column("partners", _("Partenaires")),
        Column("cost_low", _("Coût, à partir de (euros)"), "integer"),
        Column("cost_high", _("Jusqu’à (euros)"), "integer"), Column("cost_unit", _("Par")),
        Column("measures", _("Actions de la stratégie")),
        *(Column(heading.value, f"{heading.label} ({_('niveau de preuve')})") for heading in ToolEvidence.Heading),
        Column("contact", _("Contact")), Column("source", _("Source")),
    ]  # fmt: skip


def rows_of(tools):
    """A generator, so that nothing is read unless a file is asked."""
    for tool in tools.prefetch_related("serves", "evidence"):
        yield row_of(tool)


def row_of(tool):
    names = ("title", "problem", "audience", "partners", "cost_low", "cost_high", "cost_unit", "contact", "source")
    levels = {row.heading: row.get_level_display() for row in tool.evidence.all()}
    told = {name: getattr(tool, name) for name in names}
    told |= {
        heading.value: levels.get(heading.value, ToolEvidence.Level.UNKNOWN.label) for heading in ToolEvidence.Heading
    }
    told["state"] = tool.get_state_display()
    told["steps"] = "\n".join(tool.steps)
    told["measures"] = ", ".join(action.number for action in tool.serves.all())
    return told


def effect_of(tool):
    """What is known of its effect: the first thing to ask of a tool."""
    levels = {row.heading: row.get_level_display() for row in tool.evidence.all()}
    return levels.get(ToolEvidence.Heading.EFFECT, ToolEvidence.Level.UNKNOWN.label)


def cost_of(tool):
    """The cost in words; « inconnu » is an answer."""
    low, high, unit = tool.cost_low, tool.cost_high, tool.cost_unit or _("an")
    if low is None and high is None:
        # A note may say it already, and whom to ask.
        said = tool.cost_note if tool.cost_note.startswith(_("Inconnu")) else f"{_('Inconnu.')} {tool.cost_note}"
        return said.strip()
    sentence = _("De %(low)s à %(high)s € par %(unit)s.")
    if high is None:
        sentence = _("À partir de %(low)s € par %(unit)s.")
    elif low is None:
        sentence = _("Jusqu’à %(high)s € par %(unit)s.")
    numbers = {
        "low": number_format(low or 0, force_grouping=True),
        "high": number_format(high or 0, force_grouping=True),
    }
    return f"{sentence % (numbers | {'unit': unit})} {tool.cost_note}".strip()


def shown(tool):
    """What the page and the leaflet both say."""
    return {
        "tool": tool,
        "audiences": labels("audiences", tool.audiences),
        "cost": cost_of(tool),
        "evidence": analysis.evidence_of(tool),
        "actions": list(tool.serves.select_related("measure").order_by("rank")),
    }


@require_safe
def tool(request, tool):
    tool = tool_of(request, tool)
    actor = request.actor
    drafts, near = analysis.used_near(tool, actor)
    context = shown(tool) | {
        "near": near,
        "departements": analysis.used_by_departement(tool),
        "drawn": drafts,
        "may_adopt": not reason(rules.check_can_prepare_some_plan, actor),
        "published": tool.state == ToolSheet.State.PUBLISHED,
        "keeps": actor.can("keep_toolbox"),
        "publish_refusal": reason(rules.check_can_publish_tool, tool, actor),
        "withdraw_refusal": reason(rules.check_can_withdraw_tool, tool, actor),
    }
    return render(request, "strategy/toolbox/detail.html", context)


@require_safe
def tool_leaflet(request, tool):
    """The sheet on paper, as a tagged PDF."""
    tool = tool_of(request, tool)
    try:
        content = render_pdf("strategy/toolbox/leaflet.html", shown(tool), title=tool.title)
    except PdfUnavailable as unavailable:
        messages.error(request, str(unavailable))
        return redirect("strategy:tool", tool.key)
    return file_response(content, "application/pdf", named(tool.title, extension="pdf"), inline=True)


# ---------------------------------------------------------------------------------------------------- adoption


def drafts_of(actor):
    """Texts in preparation of the plans that the actor holds."""
    drafts = Amendment.objects.visible_to(actor).filter(held_plan(actor), state=Amendment.State.DRAFT)
    return drafts.filter(plan__ended_on=None).select_related("plan").order_by("plan__sort_title", "plan_id", "number")


@require_http_methods(["GET", "POST"])
def tool_adopt(request, tool):
    """Choose among the plans that one holds; those without a text in preparation say what to do."""
    tool, actor = tool_of(request, tool), request.actor
    rules.check_can_prepare_some_plan(actor)
    drafts = list(drafts_of(actor))
    held = Plan.objects.visible_to(actor).filter(held_plan(actor, path=""), in_force_from__isnull=False, ended_on=None)
    closed = held.exclude(pk__in=[draft.plan_id for draft in drafts]).select_related("council").order_by("sort_title")
    form = AdoptForm(request.POST if request.method == "POST" else None, drafts=drafts)
    status = 200
    if request.method == "POST" and form.is_valid():
        draft = form.chosen()
        try:
            sheet = actions.adopt(tool=tool, plan=draft.plan, amendment=draft, by=actor)
        except Stale as stale:
            messages.info(request, stale.reason)
            return redirect("strategy:tool", tool.key)
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            said = _("C’est la fiche n° %(number)s de « %(plan)s ».")
            messages.success(request, said % {"number": sheet.number, "plan": draft.plan.title})
            return redirect("strategy:tool", tool.key)
    if form.errors:
        status = 422
    context = {
        "tool": tool,
        "form": form,
        "drafts": drafts,
        "closed": [(plan, reason(rules.check_can_adopt, tool, plan, None, actor)) for plan in closed],
        "refusal": "" if tool.state == ToolSheet.State.PUBLISHED else _("Cette fiche outil n’est pas publiée."),
    }
    return render(request, "strategy/toolbox/adopt.html", context, status=status)


# ------------------------------------------------------------------------------------------------- the keepers


def actions_by_number(request):
    found = StrategyAction.objects.visible_to(request.actor).filter(strategy__key=FIRST)
    return {action.number: action for action in found}


@require_http_methods(["GET", "POST"])
def tool_add(request):
    rules.check_can_keep_toolbox(request.actor)
    form = ToolForm(request.POST if request.method == "POST" else None, actions=actions_by_number(request))
    if request.method == "POST" and form.is_valid():
        try:
            added = actions.add_tool(told=form.told(), by=request.actor)
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("La fiche est en préparation : relisez-la, puis publiez-la."))
            return redirect("strategy:tool", added.key)
    context = {"form": form, "title": _("Écrire une fiche outil"), "back": reverse("strategy:tools")}
    return render(request, "strategy/toolbox/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def tool_edit(request, tool):
    """What was typed on an older state stays on screen beside a sentence that says so."""
    tool = tool_of(request, tool)
    rules.check_can_keep_toolbox(request.actor)
    form = ToolForm(
        request.POST if request.method == "POST" else None, actions=actions_by_number(request), initial=initial_of(tool)
    )
    status = 200
    if request.method == "POST" and form.is_valid():
        seen = form.cleaned_data["seen"] or 0
        try:
            actions.edit_tool(tool=tool, told=form.told(), seen=seen, by=request.actor)
        except Stale as stale:
            form.data = form.data.copy()
            form.data["seen"] = tool.edit
            form.add_error(None, stale.reason)
            status = 409
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("La fiche outil est enregistrée."))
            return redirect("strategy:tool", tool.key)
    context = {"form": form, "title": tool.title, "back": reverse("strategy:tool", args=[tool.key])}
    status = 422 if form.errors and status == 200 else status
    return render(request, "strategy/toolbox/form.html", context, status=status)


def initial_of(tool):
    names = (
        "title", "problem", "audience", "audiences", "partners", "cost_low", "cost_high", "cost_unit", "cost_note",
        "contact", "source",
    )  # fmt: skip
    told = {name: getattr(tool, name) for name in names}
    for row in tool.evidence.all():
        told |= {f"{row.heading}_{part}": getattr(row, part) for part in ("level", "text", "source")}
    serves = ", ".join(tool.serves.order_by("rank").values_list("number", flat=True))
    return told | {"steps": "\n".join(tool.steps), "serves": serves, "seen": tool.edit}


@require_POST
def tool_publish(request, tool):
    tool = tool_of(request, tool)
    rules.check_can_keep_toolbox(request.actor)
    try:
        actions.publish_tool(tool=tool, by=request.actor)
    except Stale as stale:
        messages.info(request, stale.reason)
    else:
        messages.success(request, _("La fiche outil est publiée : tous les territoires la trouvent."))
    return redirect("strategy:tool", tool.key)


@require_http_methods(["GET", "POST"])
def tool_withdraw(request, tool):
    tool = tool_of(request, tool)
    rules.check_can_keep_toolbox(request.actor)
    back = reverse("strategy:tool", args=[tool.key])
    if request.method == "POST":
        try:
            actions.withdraw_tool(tool=tool, by=request.actor)
        except Stale as stale:
            messages.info(request, stale.reason)
        else:
            messages.success(request, _("La fiche outil est retirée."))
        return redirect(back)
    context = {
        "title": _("Retirer « %(title)s » ?") % {"title": tool.title},
        "lost": _(
            "Plus aucun territoire ne la trouvera. Les fiches action qui en ont été tirées restent dans leurs plans, "
            "et vous pourrez la publier à nouveau."
        ),
        "confirm": _("Retirer la fiche"),
        "url": reverse("strategy:tool_withdraw", args=[tool.key]),
        "back": back,
        "hidden": {},
    }
    return render(request, "components/confirm_page.html", context)
