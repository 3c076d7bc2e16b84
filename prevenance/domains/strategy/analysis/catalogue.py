"""The actions of a strategy with where each is done, whether that is built, and how far a territory is."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import Q
from django.urls import NoReverseMatch

from prevenance.core.composed import composed
from prevenance.core.templatetags.rows import address
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.strategy.models import (
    Amendment,
    Measure,
    MeasureProgress,
    Sheet,
    Strategy,
    StrategyAction,
    held_plan,
)
from prevenance.domains.strategy.rules import catalogue


@dataclass(frozen=True)
class Line:
    """An action of the strategy. `link` is the address where it is done, "" where none is yet."""

    action: StrategyAction
    built: bool
    link: str
    sheets: int = 0


def link_of(strategy: Strategy, number: str) -> str:
    """The address where an action is done; "" when no screen carries it, or when it needs more than its name says."""
    name = catalogue.where().get(f"{strategy.key}/{number}", "")
    try:
        return address(name) if name else ""
    except NoReverseMatch:
        return ""


def actions_of(strategy: Strategy, counted: dict[int, int] | None = None) -> list[Line]:
    """Every action in order; `counted` is {action: sheets that serve it} where one acts."""
    counts, measures = counted or {}, {one.pk: one for one in _measures(strategy.pk)}
    actions = _actions(strategy.pk)
    for action in actions:  # read apart: joined, a measure and its axis would be made again for each of their actions
        action.measure = measures[action.measure_id]
    return [
        Line(
            action, catalogue.is_built(strategy.key, action.number), link_of(strategy, action.number),
            counts.get(action.pk, 0),
        )
        for action in actions
    ]  # fmt: skip


@composed
def _measures(strategy: int) -> Any:
    return Measure.objects.filter(strategy=strategy).select_related("axis")


@composed
def _actions(strategy: int) -> Any:
    return StrategyAction.objects.filter(strategy=strategy)


def sheets_by_action(actor: Actor) -> dict[int, int]:
    """{action: sheets of the plans held where one acts}: the territory's own, not those around it."""
    if not actor.can("see_plans"):
        return {}
    counted: dict[int, int] = defaultdict(int)
    for action in _served_here(actor):
        if action is not None:
            counted[action] += 1
    return dict(counted)


@composed
def _served_here(actor: Actor) -> Any:
    """What `visible_to` gives of the plans of the territory acted in, which is near itself."""
    in_force = Q(plan__in_force_from__isnull=False, brought_by__state=Amendment.State.IN_FORCE)
    sheets = Sheet.objects.standing().filter(in_force | held_plan(actor), plan__territory_id=actor.territory_id)
    return sheets.order_by().values_list("serves", flat=True)


def progress_by_measure(actor: Actor) -> dict[int, MeasureProgress]:
    """{measure: progress of the territory acted in, with all that it contains}."""
    return {row.measure_id: row for row in _progress_here(actor)}


@composed
def _progress_here(actor: Actor) -> Any:
    return MeasureProgress.objects.visible_to(actor).filter(territory_id=actor.territory_id)


def axes_of(lines: list[Line], progress: dict[int, MeasureProgress]) -> list[dict[str, Any]]:
    """Axes, their measures with progress and actions, in order, as screens show them."""
    return [
        {
            "axis": axis,
            "measures": [
                {"measure": measure, "lines": of_measure, "progress": progress.get(measure.pk),
                 "built": sum(line.built for line in of_measure), "sheets": sum(line.sheets for line in of_measure)}
                for measure, of_measure in _grouped(of_axis, lambda line: line.action.measure)
            ],
        }
        for axis, of_axis in _grouped(lines, lambda line: line.action.measure.axis)
    ]  # fmt: skip


def _grouped(lines: list[Line], by: Callable[[Line], Any]) -> list[tuple[Any, list[Line]]]:
    """Lines that follow one another, by what they belong to: they come in the order of the strategy."""
    return [(key, list(found)) for key, found in groupby(lines, key=by)]
