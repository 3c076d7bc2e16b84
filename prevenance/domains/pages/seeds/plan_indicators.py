"""Indicators of the demonstration's plans, with six quarters of accepted values; one quarter of one is missing."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from prevenance.core.text import sort_key
from prevenance.domains.pages.seeds.loading import Loader, Shape
from prevenance.domains.pages.seeds.people import People, data
from prevenance.domains.strategy.models import Indicator, IndicatorValue, PlanIndicator

if TYPE_CHECKING:
    from prevenance.domains.pages.seeds.plans import Writing

INDICATOR = Shape(
    Indicator, "id plan label sort_label unit nature numerator_label denominator_label time_rule territory_rule period"
    " level direction source",
)  # fmt: skip
FOLLOWED = Shape(PlanIndicator, "id plan indicator baseline baseline_on target target_on")
VALUE = Shape(
    IndicatorValue, "id indicator plan territory starts_on numerator denominator estimated state entered_by entered_at"
    " settled_by settled_at",
)  # fmt: skip

QUARTERS = 6
MONTHS = 3


def write(
    people: People, nation: "Writing", departement: "Writing", local: "Writing", accepted_by: int
) -> dict[str, int]:
    """{label: identifier}. National ones are inherited, and reported by the local plan."""
    loader, found = people.loader, {}
    starts = quarters(loader.today)
    for level, owner, followers in (("national", nation, (nation, departement, local)), ("local", local, (local,))):
        for told in data("plans")["indicators"][level]:
            pk = found[told["label"]] = _indicator(loader, owner, told)
            for plan in followers:
                _followed(loader, plan, pk, told, starts, own=plan is local)
            _values(loader, local, pk, told, starts, accepted_by)
    return found


def quarters(today: date) -> list[date]:
    """The first days of the last quarters that are over, oldest first."""
    year, month = today.year, 1 + (today.month - 1) // MONTHS * MONTHS
    found = []
    for _turn in range(QUARTERS):
        year, month = (year, month - MONTHS) if month > MONTHS else (year - 1, month + 12 - MONTHS)
        found.append(date(year, month, 1))
    return found[::-1]


def _indicator(loader: Loader, plan: "Writing", told: dict[str, Any]) -> int:
    pk = loader.new_id(Indicator)
    loader.add(
        INDICATOR, pk, plan.pk, told["label"], sort_key(told["label"]), told["unit"], told["nature"],
        told.get("numerator", ""), told.get("denominator", ""), told["time"], "sum", "quarter", "local",
        told["direction"], "Saisie des conseils (inventée)",
    )  # fmt: skip
    return pk


def _followed(
    loader: Loader, plan: "Writing", indicator: int, told: dict[str, Any], starts: list[date], own: bool
) -> None:
    """The local plan has a starting value and a target; the others follow without one."""
    first, target = told["values"][0], told.get("target") if own else None
    baseline = first if own and not isinstance(first, list) else None
    baseline_on = starts[0] if baseline is not None else None
    target_on = loader.days(700) if target is not None else None
    loader.add(
        FOLLOWED, loader.new_id(PlanIndicator), plan.pk, indicator, baseline, baseline_on, target, target_on
    )  # fmt: skip


def _values(
    loader: Loader, plan: "Writing", indicator: int, told: dict[str, Any], starts: list[date], accepted_by: int
) -> None:
    for starts_on, value in zip(starts, told["values"], strict=True):
        if value is None:
            continue  # missing: no row, and not zero
        numerator, denominator = value if isinstance(value, list) else (value, None)
        entered = min(starts_on + timedelta(days=105), loader.today)
        loader.add(
            VALUE, loader.new_id(IndicatorValue), indicator, plan.pk, plan.place.pk, starts_on, numerator, denominator,
            starts_on == starts[-1], "accepted", plan.author, loader.at(entered, 9), accepted_by,
            loader.at(entered, 17),
        )  # fmt: skip
