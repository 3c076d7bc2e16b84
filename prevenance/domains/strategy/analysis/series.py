"""Totals as people look at them: over periods for one territory, over territories for one period."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Func, IntegerField, OuterRef, QuerySet, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext as _

from prevenance.core.charts import Chart, bar_chart
from prevenance.core.composed import composed
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.strategy.analysis import totals as rolled
from prevenance.domains.strategy.models import (
    WIDE,
    Indicator,
    IndicatorTotal,
    IndicatorValue,
    PlanIndicator,
    Reporters,
    reach,
    read_plans,
)
from prevenance.domains.strategy.rules import figures
from prevenance.domains.strategy.rules.indicators import CATEGORIES
from prevenance.domains.strategy.rules.small_counts import is_small, reads_exactly
from prevenance.domains.territories.models import Territory
from prevenance.engines.rollup import NONE, label, periods_between, starts_of

CHARTED = 16  # periods on a chart: more, and their names no longer fit a page
LEVELS = 4  # shades of a map (components.css)


@dataclass
class Point:
    """A total in words and as a number; `parts` are its categories, when it is split and they do not add up.

    `hidden`: too small to be shown to who asks (rules.small_counts).
    """

    starts: date
    period: str
    value: Decimal | None
    reported: int = 0
    estimated: int = 0
    parts: tuple[tuple[str, Decimal], ...] = ()
    hidden: bool = False


@composed
def found(pk: int, actor: Actor, *, served: bool) -> Any:
    """An indicator that the actor reads; with `served`, in words, the actions of the strategy that it serves."""
    rows = Indicator.objects.visible_to(actor).select_related("plan__territory", "plan__council")
    if served:
        links = Indicator.serves.through.objects.filter(indicator=OuterRef("pk")).order_by("strategyaction__rank")
        said = Concat("strategyaction__number", Value(" "), "strategyaction__label")
        rows = rows.annotate(served=ArraySubquery(links.values_list(said)))
    return rows.filter(pk=pk)[:1]


@composed
def followed_where_one_acts(indicator: int, actor: Actor) -> Any:
    """How a plan of the territory acted in follows it, but for its sheets: PlanIndicator.visible_to, where whoever
    reads the plan reads that."""
    rows = PlanIndicator.objects.filter(indicator=indicator, sheet=None, plan__territory=actor.territory_id)
    return read_plans(rows, actor).select_related("plan__territory").order_by("pk")[:1]


# What the page of an indicator shows of a value, and what tells whether its plan is the actor's.
SHOWN = (
    "pk", "plan", "numerator", "denominator", "category", "former_code", "estimated", "note", "state",
    "territory__name", "part__name", "sheet__title", "plan__scope", "plan__council__scope", "plan__council__ended_on",
)  # fmt: skip
BY_TERRITORY = ("territory__kind", "territory__sort_name", "territory__code")  # an index has this order


# Not Count, which groups by what is read besides: with nothing else, a million values are counted in their index.
COUNTED = Func(function="COUNT", template="COUNT(*)", output_field=IntegerField())


def shown_on(indicator: int, day: date | None, actor: Actor, *, waits: bool) -> Any:
    """Values of a period that the actor sees, place by place."""
    values = values_of(indicator, actor, waits=waits).filter(starts_on=day)
    return values.order_by(*BY_TERRITORY, "sheet__number", "category", "pk").values_list(*SHOWN, named=True)


@composed
def first_on(indicator: int, day: date | None, actor: Actor, *, waits: bool, rows: int) -> Any:
    return shown_on(indicator, day, actor, waits=waits)[:rows]


@composed
def counted_on(indicator: int, day: date | None, actor: Actor, *, waits: bool) -> Any:
    values = values_of(indicator, actor, waits=waits).filter(starts_on=day).order_by()
    return values.values_list(COUNTED, flat=True)


def values_of(indicator: int, actor: Actor, *, waits: bool) -> QuerySet[IndicatorValue]:
    """Values of an indicator that the actor sees: those accepted, or those that wait."""
    values = IndicatorValue.objects.current().filter(indicator=indicator)
    return values.visible_to(actor).exclude(state="accepted") if waits else values.accepted_for(actor)


def adds_up(indicator: Indicator) -> bool:
    """Whether the categories of a total make one figure."""
    return indicator.nature == Indicator.Nature.RATIO or indicator.territory_rule == Indicator.TerritoryRule.SUM


def whole(indicator: Indicator, rows: Sequence[IndicatorTotal]) -> Decimal | None:
    """The rows of one territory and period, one a category, as one figure; None when they do not add up."""
    if len(rows) > 1 and not adds_up(indicator):
        return None
    below = [row.denominator for row in rows if row.denominator is not None]
    return figures.value_of(indicator, sum((row.numerator for row in rows), Decimal(0)), sum(below) if below else None)


def series(indicator: Indicator, place: Territory, actor: Actor) -> list[Point]:
    """Every period reported for a territory, oldest first, as far as the actor reads it."""
    by_period: dict[date, list[IndicatorTotal]] = defaultdict(list)
    for row in _totals_at(indicator.pk, place.pk, actor):
        by_period[row.starts_on].append(row)
    exact = place.kind not in WIDE or reads_exactly(actor, place.pk)
    return [
        _point(indicator, start, rows, indicator.period, hidden=not exact and is_small(rows))
        for start, rows in by_period.items()
    ]


@composed
def _totals_at(indicator: int, place: int, actor: Actor) -> Any:
    found = IndicatorTotal.objects.visible_to(actor).filter(indicator=indicator, territory=place)
    return found.order_by("starts_on", "category")


def _point(indicator: Indicator, start: date, rows: list[IndicatorTotal], kind: str, *, hidden: bool = False) -> Point:
    reported, estimated = max(row.reported for row in rows), max(row.estimated for row in rows)
    if hidden:
        return Point(start, label(start, kind), None, reported, estimated, hidden=True)
    words = CATEGORIES[indicator.split]
    parts = tuple(
        (str(words.get(row.category, row.category)), figures.value_of(indicator, row.numerator, row.denominator))
        for row in sorted(rows, key=lambda row: list(words).index(row.category) if row.category in words else 99)
        if row.category
    )
    return Point(start, label(start, kind), whole(indicator, rows), reported, estimated, parts)


def chart(indicator: Indicator, points: Sequence[Point], followed: PlanIndicator | None, title: str) -> Chart | None:
    """Periods between what the plan started from and what it aims at; None when nothing was reported."""
    shown = [point for point in points if not point.hidden][-CHARTED:]
    if not shown:
        return None
    rows: list[dict[str, object]] = []
    if followed is not None and followed.baseline is not None:
        rows.append(
            {
                "name": _("Départ (%(day)s)") % {"day": f"{followed.baseline_on:%d/%m/%Y}"},
                "value": followed.baseline.normalize(),
            }
        )
    for point in shown:
        if point.value is not None:
            rows.append({"name": point.period, "value": round(point.value, figures.SHOWN).normalize()})
        else:
            rows += [
                {"name": f"{point.period}, {name}", "value": round(part, figures.SHOWN).normalize()}
                for name, part in point.parts
            ]
    if followed is not None and followed.target is not None:
        rows.append(
            {
                "name": _("Cible (%(day)s)") % {"day": f"{followed.target_on:%d/%m/%Y}"},
                "value": followed.target.normalize(),
            }
        )
    return bar_chart(
        rows, category="name", value="value", title=title, unit=indicator.unit, category_label=_("Période")
    )


# --------------------------------------------------------------------------------------------- over territories


@dataclass
class Line:
    """A territory's total of a period. `expected` counts the plans in force there that follow the indicator."""

    territory: Territory
    value: Decimal | None
    reported: int
    estimated: int
    parts: tuple[tuple[str, Decimal], ...] = ()
    expected: int = 0
    hidden: bool = False


def by_territory(
    indicator: Indicator, start: date, target: str, places: dict[int, Territory], actor: Actor
) -> list[Line]:
    """Totals of `places`, of one level, for the period of kind `target` that begins on `start`, in the order of their
    names, as far as the actor reads them.

    A period of the indicator's own kind is read; a longer one is rolled up now, from the values themselves.
    """
    places = read_by(actor, places)
    rows: dict[int, list[IndicatorTotal]] = defaultdict(list)
    if target == indicator.period:
        few = len(places) < 2000
        for row in _totals_of(indicator.pk, start, sorted(places)) if few else _totals(indicator.pk, start):
            if row.territory_id in places:
                rows[row.territory_id].append(row)
    else:
        for row in _rolled(indicator, start, target):
            if row.territory_id in places:
                rows[row.territory_id].append(row)
    small = hidden_among(rows, places, actor)
    lines = []
    for place, theirs in rows.items():
        point = _point(indicator, start, theirs, target, hidden=place in small)
        lines.append(
            Line(places[place], point.value, point.reported, point.estimated, point.parts, hidden=point.hidden)
        )
    return sorted(lines, key=lambda line: (line.territory.sort_name, line.territory.code))


# What lines are made of. Rows and not models: thirty-five thousand communes have each theirs.
SUMMED = ("territory_id", "category", "numerator", "denominator", "reported", "estimated")


@composed
def _totals(indicator: int, start: date) -> Any:
    rows = IndicatorTotal.objects.filter(indicator=indicator, starts_on=start).order_by()
    return rows.values_list(*SUMMED, named=True)


@composed
def _totals_of(indicator: int, start: date, places: list[int]) -> Any:
    rows = IndicatorTotal.objects.filter(indicator=indicator, starts_on=start, territory__in=places).order_by()
    return rows.values_list(*SUMMED, named=True)


def read_by(actor: Actor, places: dict[int, Territory]) -> dict[int, Territory]:
    """Those whose totals the actor reads, for totals computed on the way."""
    if (read := reach(actor)) is None:
        return places
    kinds, ids = read
    asked = {pk for pk, place in places.items() if place.kind not in kinds}
    beyond = asked - set(ids) if asked else asked  # read only where it decides
    return {pk: place for pk, place in places.items() if pk not in beyond}


def hidden_among(rows: dict[int, list[IndicatorTotal]], places: dict[int, Territory], actor: Actor) -> set[int]:
    """Territories whose figure is too small for the actor; alone among others, one would be found by difference.

    Below the département, `read_by` kept only what the actor holds or accepts: nothing is hidden there.
    """
    others = {
        place: theirs
        for place, theirs in rows.items()
        if places[place].kind in WIDE and not reads_exactly(actor, place)
    }
    small = {place for place, theirs in others.items() if is_small(theirs)}
    left = [place for place in others if place not in small]
    if len(small) == 1 and left:
        small.add(min(left, key=lambda place: (sum(row.numerator for row in rows[place]), place)))
    return small


def _rolled(indicator: Indicator, start: date, target: str) -> list[IndicatorTotal]:
    inside = [
        day for day in rolled.periods_reported(indicator)
        if starts_of(rolled.days([day]), target)[0] == rolled.days([start])[0]
    ]  # fmt: skip
    totals = rolled.totals_of(indicator, inside, target)
    names = rolled.categories_of(indicator)
    columns = (
        totals.container,
        totals.category,
        totals.numerator,
        totals.denominator,
        totals.reported,
        totals.estimated,
    )
    return [
        IndicatorTotal(
            indicator=indicator, territory_id=place, category=names[code] if code < len(names) else "?",
            starts_on=start, numerator=Decimal(above).scaleb(-4),
            denominator=None if below == NONE else Decimal(below).scaleb(-4), reported=reported, estimated=estimated,
        )
        for place, code, above, below, reported, estimated in zip(*(c.tolist() for c in columns), strict=True)
    ]  # fmt: skip


def fill_expected(indicator: Indicator, lines: Sequence[Line]) -> None:
    """How many territories inside each follow the indicator by a plan in force, and report it: kept counted."""
    found = dict(_reporters(indicator.pk, [line.territory.pk for line in lines]))
    for line in lines:
        line.expected = max(found.get(line.territory.pk, 0), line.reported)


@composed
def _reporters(indicator: int, places: list[int]) -> Any:
    rows = Reporters.objects.filter(indicator=indicator, territory__in=places)
    return rows.order_by().values_list("territory", "expected")


def shades(
    indicator: Indicator, lines: Sequence[Line], places: Iterable[Territory]
) -> tuple[dict[str, dict[str, object]], list[dict[str, object]]]:
    """({code: its shade and figure in words}, legend): as many territories in each shade, as near as ties allow.

    Those of `places` without a figure are left blank, and say so.
    """
    told = sorted((line for line in lines if line.value is not None), key=lambda line: line.value)
    numbers: dict[str, dict[str, object]] = {}
    legend: list[dict[str, object]] = []
    size = max(1, -(-len(told) // LEVELS))
    groups: list[list[Line]] = []
    for line in told:
        if groups and (groups[-1][-1].value == line.value or len(groups[-1]) < size):
            groups[-1].append(line)
        else:
            groups.append([line])
    for level, group in enumerate(groups, 1):
        low, high = (figures.amount(line.value) for line in (group[0], group[-1]) if line.value is not None)
        words = low if low == high else _("de %(low)s à %(high)s") % {"low": low, "high": high}
        legend.append({"level": level, "words": words, "number": len(group)})
        for line in group:
            numbers[line.territory.code] = {
                "level": level, "words": f"{figures.amount(line.value)}\u00a0{indicator.unit}",
            }  # fmt: skip
    blank = [place.code for place in places if place.code not in numbers]
    if numbers and blank:
        hidden = {line.territory.code for line in lines if line.hidden}
        numbers |= {
            code: {"level": 0, "words": _("non montré") if code in hidden else _("pas de valeur")} for code in blank
        }
        words = _("pas de valeur, ou non montrée") if hidden else _("pas de valeur")
        legend.insert(0, {"level": 0, "words": words, "number": len(blank)})
    return numbers, legend


def targets_of(indicator: Indicator) -> list[str]:
    """Kinds of period that its totals may be asked for, its own first."""
    longer = {
        "month": ["month", "quarter", "half_year", "year", "school_year"],
        "quarter": ["quarter", "half_year", "year"],
        "half_year": ["half_year", "year"],
    }
    return longer.get(indicator.period, [indicator.period])


def periods_of(indicator: Indicator, target: str) -> list[date]:
    """First days of the periods of kind `target` that hold something reported, latest first."""
    reported = rolled.periods_reported(indicator)
    if not reported:
        return []
    held = {rolled.day_of(day) for day in starts_of(rolled.days(reported), target).tolist()}
    return [day for day in reversed(periods_between(reported[0], reported[-1], target)) if day in held]
