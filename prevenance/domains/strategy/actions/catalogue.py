"""Load the national strategies and the first tool sheets from their data files, as the owner of the database."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import Identity, action
from prevenance.domains.strategy.models import (
    Axis,
    Correspondence,
    Measure,
    Strategy,
    StrategyAction,
    ToolEvidence,
    ToolSheet,
)
from prevenance.domains.strategy.rules import catalogue


@action(_("Stratégies nationales chargées"))
def load_strategies(*, by: Identity) -> int:
    """Make the catalogue say what data/strategies says; how many actions it holds.

    Axes, measures and actions keep their identifiers: sheets point to them. An action that left the file stays, since
    a plan may serve it; numbers never change within a strategy.
    """
    count = 0
    for data in catalogue.strategies():
        strategy, _created = Strategy.objects.update_or_create(
            key=data["key"], defaults={name: data[name] for name in ("label", "begins", "ends", "source")}
        )
        count += _load_actions(strategy, data["axes"])
    _load_correspondences()
    _load_tools()
    audit.record(by=by, scope="platform", actions=count)
    return count


def _load_actions(strategy: Strategy, axes: list[dict[str, Any]]) -> int:
    rank = 0
    for one in axes:
        axis, _created = Axis.objects.update_or_create(
            strategy=strategy, number=one["number"], defaults={"label": one["label"]}
        )
        for two in one["measures"]:
            measure, _created = Measure.objects.update_or_create(
                strategy=strategy, number=two["number"], defaults={"label": two["label"], "axis": axis}
            )
            for three in two["actions"]:
                rank += 1
                told = {
                    name: three[name]
                    for name in ("label", "text", "audiences", "leads", "partners", "law", "domain", "capability")
                }
                StrategyAction.objects.update_or_create(
                    strategy=strategy, number=three["number"], defaults=told | {"measure": measure, "rank": rank}
                )
    return rank


def _load_correspondences() -> None:
    known = {(row.strategy.key, row.number): row for row in StrategyAction.objects.select_related("strategy")}
    for line in catalogue.correspondences():
        before = known[tuple(line["from"].split("/"))]
        after = known[tuple(line["to"].split("/"))] if line["to"] else None
        Correspondence.objects.update_or_create(before=before, after=after, defaults={"kind": line["kind"]})


def _load_tools() -> None:
    """The first sheets of the toolbox, each once: the national secretariat keeps them from then on."""
    numbers = {row.number: row for row in StrategyAction.objects.filter(strategy__key=catalogue.FIRST)}
    for line in catalogue.tools():
        cost = line["cost"]
        tool, created = ToolSheet.objects.get_or_create(
            key=line["key"],
            defaults={
                **{name: line[name] for name in ("title", "problem", "audience", "audiences", "steps", "source")},
                "partners": line["partners"], "partner_roles": line["partner_roles"], "cost_low": cost["low"],
                "cost_high": cost["high"], "cost_unit": cost["unit"], "cost_note": cost["note"],
                "state": ToolSheet.State.PUBLISHED,
            },
        )  # fmt: skip
        if created:
            tool.serves.set(numbers[number] for number in line["measures"])
            ToolEvidence.objects.bulk_create(
                ToolEvidence(tool=tool, heading=heading, **known) for heading, known in line["evidence"].items()
            )
