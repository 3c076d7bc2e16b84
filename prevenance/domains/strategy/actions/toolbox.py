"""Keep the sheets of the toolbox, and take one up into a plan."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.db.models import Max, Q
from django.utils.text import Truncator, slugify
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.rules.confidential import check_names_nobody
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.strategy.models import (
    Amendment,
    Change,
    Correspondence,
    Plan,
    Sheet,
    SheetStateChange,
    SheetStep,
    Strategy,
    StrategyAction,
    ToolEvidence,
    ToolSheet,
)
from prevenance.domains.strategy.rules import toolbox as rules

FIRST_PLACE = 1  # where the first paragraph of a part stands


@dataclass(frozen=True)
class Tool:
    """What a sheet says. `evidence`: {heading: {level, text, source}}; `partner_roles` None leaves them as they are."""

    title: str
    problem: str
    audience: str
    source: str
    audiences: Collection[str] = field(default=())
    steps: Collection[str] = field(default=())
    partners: str = ""
    partner_roles: Collection[str] | None = None
    cost_low: int | None = None
    cost_high: int | None = None
    cost_unit: str = ""
    cost_note: str = ""
    contact: str = ""
    serves: Collection[StrategyAction] = field(default=())
    evidence: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@action(_("Fiche outil écrite"))
def add_tool(*, told: Tool, by: Actor) -> ToolSheet:
    """A sheet in preparation, which only the national secretariat sees."""
    rules.check_can_keep_toolbox(by)
    tool = _write(ToolSheet(key=_new_key(told.title)), told)
    audit.record(by=by, subject=tool)
    return tool


@action(_("Fiche outil modifiée"))
def edit_tool(*, tool: ToolSheet, told: Tool, seen: int, by: Actor) -> ToolSheet:
    """Raises Stale when it changed since the form showed it. Its key stays: plans and addresses point to it."""
    tool = ToolSheet.objects.select_for_update().get(pk=tool.pk)
    rules.check_can_keep_toolbox(by)
    if tool.edit != seen:
        raise Stale(_now("Cette fiche outil a été modifiée ailleurs : vérifiez, puis enregistrez à nouveau."))
    tool.edit += 1
    _write(tool, told)
    audit.record(by=by, subject=tool)
    return tool


@action(_("Fiche outil publiée"))
def publish_tool(*, tool: ToolSheet, by: Actor) -> ToolSheet:
    tool = ToolSheet.objects.select_for_update().get(pk=tool.pk)
    rules.check_can_publish_tool(tool, by)
    return _moved(tool, ToolSheet.State.PUBLISHED, by)


@action(_("Fiche outil retirée"))
def withdraw_tool(*, tool: ToolSheet, by: Actor) -> ToolSheet:
    """It is found no more; the sheets drawn from it stay in their plans."""
    tool = ToolSheet.objects.select_for_update().get(pk=tool.pk)
    rules.check_can_withdraw_tool(tool, by)
    return _moved(tool, ToolSheet.State.WITHDRAWN, by)


@action(_("Fiche outil reprise dans un plan"))
def adopt(*, tool: ToolSheet, plan: Plan, by: Actor, amendment: Amendment | None = None) -> Sheet:
    """An action sheet drawn from the tool, in the plan's text in preparation (`amendment`, else its last one).

    Its words go with it: title, audiences, steps, measures served, and the problem as a change of that text. It
    remembers its origin. Raises Stale when that text has the tool already.
    """
    # The plan's row: two clicks, or two sheets added at once, take their turn.
    plan = Plan.objects.select_for_update(of=("self",)).select_related("council", "strategy").get(pk=plan.pk)
    if amendment is not None:
        amendment = Amendment.objects.filter(pk=amendment.pk).first()
    draft = amendment or rules.draft_of(plan)
    rules.check_can_adopt(tool, plan, draft, by)
    assert draft is not None  # said by the rule
    number = (plan.sheets.aggregate(last=Max("number"))["last"] or 0) + 1
    sheet = Sheet.objects.create(
        plan=plan, number=number, title=tool.title, audiences=tool.audiences, brought_by=draft, origin=tool,
        created_by=by.person,
    )  # fmt: skip
    SheetStateChange.objects.create(sheet=sheet, state=sheet.state, by=by.person)
    sheet.serves.set(_served(tool, plan.strategy))
    longest = SheetStep._meta.get_field("label").max_length
    SheetStep.objects.bulk_create(
        SheetStep(sheet=sheet, position=place, label=Truncator(step).chars(longest))
        for place, step in enumerate(tool.steps, 1)
    )
    paragraphs = [text for block in tool.problem.replace("\r\n", "\n").split("\n\n") if (text := block.strip())]
    Change.objects.bulk_create(
        Change(
            amendment=draft, kind=Change.Kind.INSERT, anchor=uuid.uuid4(), part=f"sheet:{number}:problem",
            position=place, text=text,
        )
        for place, text in enumerate(paragraphs, FIRST_PLACE)
    )  # fmt: skip
    audit.record(by=by, scope=plan.trail, subject=sheet, plan=plan.pk, amendment=draft.number, tool=tool.pk)
    return sheet


def _served(tool: ToolSheet, strategy: Strategy) -> list[StrategyAction]:
    """The actions that the tool serves, in the strategy of the plan: their own, or what they became there."""
    became = Correspondence.objects.filter(before__in=tool.serves.all(), after__strategy=strategy).values("after")
    return list(StrategyAction.objects.filter(Q(strategy=strategy, pk__in=tool.serves.all()) | Q(pk__in=became)))


def _moved(tool: ToolSheet, state: ToolSheet.State, by: Actor) -> ToolSheet:
    tool.state = state
    tool.edit += 1
    tool.save()
    audit.record(by=by, subject=tool, state=str(state))
    return tool


def _write(tool: ToolSheet, told: Tool) -> ToolSheet:
    rules.check_evidence_has_sources({heading: dict(known) for heading, known in told.evidence.items()})
    # A source may name its author, a text may not name who was helped.
    check_names_nobody(told.problem, *told.steps, *(known["text"] for known in told.evidence.values()), titles=True)
    tool.title, tool.problem, tool.audience, tool.source = told.title, told.problem, told.audience, told.source
    tool.audiences, tool.steps = list(told.audiences), list(told.steps)
    tool.partner_roles = tool.partner_roles if told.partner_roles is None else list(told.partner_roles)
    tool.partners, tool.contact = told.partners, told.contact
    tool.cost_low, tool.cost_high = told.cost_low, told.cost_high
    tool.cost_unit, tool.cost_note = told.cost_unit, told.cost_note
    tool.save()
    tool.serves.set(told.serves)
    for heading, known in told.evidence.items():
        ToolEvidence.objects.update_or_create(tool=tool, heading=heading, defaults=dict(known))
    return tool


def _new_key(title: str) -> str:
    """A word for the address, that no other sheet has."""
    base = slugify(title)[:50].strip("-") or "fiche"
    taken = set(ToolSheet.objects.filter(key__startswith=base).values_list("key", flat=True))
    return base if base not in taken else next(key for n in range(2, 1000) if (key := f"{base}-{n}") not in taken)
