"""What a plan follows, period by period: what is entered, what is missing, what is late."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q

from prevenance.core.composed import composed
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.strategy.models import (
    Indicator,
    IndicatorTotal,
    IndicatorValue,
    Plan,
    PlanIndicator,
    Sheet,
    sent_to,
)
from prevenance.domains.strategy.rules import figures
from prevenance.domains.strategy.rules import indicators as rules
from prevenance.domains.strategy.rules.indicators import CATEGORIES
from prevenance.domains.strategy.rules.values import OPEN, Ground, rows_of, token
from prevenance.domains.territories.models import Territory
from prevenance.engines.rollup import label

State = IndicatorValue.State
SETTLED = ("accepted", "submitted")

# (indicator, sheet, first day of the period, state, numerator, denominator)
Value = tuple[int, int | None, date, str, Decimal, Decimal | None]


@dataclass
class Followed:
    """An indicator that a plan follows. `reports` is false when it is collected below the plan: its total is shown."""

    row: PlanIndicator
    reports: bool
    last: str = ""
    last_period: str = ""
    late: list[date] = field(default_factory=list)
    missing: list[date] = field(default_factory=list)
    returned: list[date] = field(default_factory=list)
    drafts: list[date] = field(default_factory=list)

    @property
    def indicator(self) -> Indicator:
        return self.row.indicator

    @property
    def target(self) -> str:
        return f"{figures.amount(self.row.target)}\u00a0{self.indicator.unit}" if self.row.target is not None else ""

    @property
    def baseline(self) -> str:
        if self.row.baseline is None:
            return ""
        return f"{figures.amount(self.row.baseline)}\u00a0{self.indicator.unit}"

    @property
    def first_asked(self) -> date | None:
        """The earliest period to look at: returned, else late, else missing, else in hand."""
        for periods in (self.returned, self.late, self.missing, self.drafts):
            if periods:
                return periods[0]
        return None


# What the list shows of an indicator, of the sheet that it is followed for, and what its periods and totals need.
SHOWN = (
    "plan", "baseline", "baseline_on", "target", "target_on", "sheet",
    *(f"indicator__{name}" for name in (
        "label", "unit", "nature", "period", "level", "split", "due_days", "begins", "retired_on", "territory_rule",
    )),
)  # fmt: skip


def of_plan(plan: int, *, held: bool) -> Any:
    """What a plan follows that somebody was found to read: what PlanIndicatorQuerySet.visible_to gives within it."""
    rows = PlanIndicator.objects.filter(plan=plan)
    if held:
        return rows
    sheets = Sheet.objects.filter(plan=plan, brought_by__state="in_force").order_by().values("pk")
    return rows.filter(Q(sheet=None) | Q(sheet__in=sheets))


def listed(rows: Any) -> Any:
    """In the order of the list, with what it shows."""
    rows = rows.select_related("indicator").only(*SHOWN).annotate(sheet_title=F("sheet__title"))
    return rows.order_by("indicator__sort_label", "indicator", "sheet__number", "pk")


@composed
def first_lines(plan: int, *, held: bool, rows: int) -> Any:
    return listed(of_plan(plan, held=held))[:rows]


@composed
def counted(plan: int, *, held: bool) -> Any:
    rows = of_plan(plan, held=held).order_by().values("plan")
    return rows.annotate(n=Count("*")).values_list("n", flat=True)


@composed
def asked_for(plan: int, *, held: bool, kind: str) -> Any:
    """What the plan follows by periods of a kind, in the order of the grid."""
    rows = of_plan(plan, held=held).filter(indicator__period=kind).select_related("indicator", "sheet")
    return rows.order_by("sheet__number", "indicator__sort_label", "indicator", "pk")


@composed
def values_followed(plan: int, indicators: list[int], last: int, sheets: list[int], actor: Actor, *, held: bool) -> Any:
    """Of these indicators in a plan that the actor was found to read, and of the last one for these sheets and for the
    plan itself, the values that the actor sees, period by period: a page of the list ends among sheets."""
    shown = Q(indicator__in=indicators) | Q(indicator=last) & (Q(sheet__in=sheets) | Q(sheet=None))
    rows = IndicatorValue.objects.filter(shown, plan=plan).current()
    rows = rows if held else rows.filter(sent_to(actor))
    return rows.order_by().values_list("indicator", "sheet", "starts_on", "state", "numerator", "denominator")


@composed
def _typed(plan: int, territory: int, starts: date, *, kind: str) -> Any:
    """Values of a period that the plan reports of its own territory."""
    rows = IndicatorValue.objects.current().filter(plan=plan, territory=territory, starts_on=starts, former_code="")
    return rows.filter(indicator__period=kind)


@composed
def _elsewhere(plan: int, territory: int, starts: date, *, kind: str) -> Any:
    """How many values of a period wait for figures of other territories."""
    rows = IndicatorValue.objects.filter(plan=plan, starts_on=starts, indicator__period=kind, state__in=OPEN)
    return rows.exclude(territory=territory).order_by().values("plan").annotate(n=Count("*")).values_list("n")


def others_open(plan: Plan, starts: date, kind: str) -> int:
    """For whoever holds the plan: values of other territories that are not sent yet."""
    return sum(n for (n,) in _elsewhere(plan.pk, plan.territory_id, starts, kind=kind))


def follow_up(plan: Plan, rows: Sequence[PlanIndicator], actor: Actor, today: date) -> list[Followed]:
    """Three queries whatever the rows: their values, the départements that the plan's territory crosses, its totals."""
    ground = Ground.own(plan)
    values: dict[tuple[int, int | None], list[Value]] = defaultdict(list)
    if rows:
        last = rows[-1].indicator_id
        others = sorted({row.indicator_id for row in rows} - {last})
        sheets = sorted({row.sheet_id for row in rows if row.indicator_id == last and row.sheet_id is not None})
        for value in values_followed(plan.pk, others, last, sheets, actor, held=plan.is_held_by(actor)):
            values[value[0], value[1]].append(value)
    # Of each indicator, as many sheets may follow the same one: its periods, and what each is until it is entered.
    periods: dict[int, list[tuple[date, str]]] = {}
    lines = []
    for row in rows:
        if row.indicator_id not in periods:
            periods[row.indicator_id] = [
                (start, rules.state_of_period(row.indicator, start, False, today))
                for start in rules.periods_asked(plan, row.indicator, today)
            ]
        expected = len(rows_of(ground, row.indicator)) * len(CATEGORIES[row.indicator.split])
        line = Followed(row, reports=expected > 0)
        if line.reports:
            _fill(line, periods[row.indicator_id], values[row.indicator_id, row.sheet_id], expected)
        lines.append(line)
    _fill_totals(plan, [line for line in lines if not line.reports], actor)
    return lines


def _fill(line: Followed, periods: list[tuple[date, str]], values: list[Value], expected: int) -> None:
    """A page has a thousand periods, most of them accepted: those are counted, and no more."""
    indicator = line.indicator
    settled: dict[date, int] = {}
    others: dict[date, list[str]] = {}
    for _indicator, _sheet, start, state, _above, _below in values:
        if state in SETTLED:
            settled[start] = settled.get(start, 0) + 1
        else:
            others.setdefault(start, []).append(state)
    for start, until_entered in periods:
        full = settled.get(start, 0) >= expected
        states = others.get(start, ())
        if full and not states:
            continue
        state = "entered" if full else until_entered
        if State.RETURNED in states:
            line.returned.append(start)
        elif state == "late":
            line.late.append(start)
        elif State.DRAFT in states:
            line.drafts.append(start)
        elif state == "missing":
            line.missing.append(start)
    if values:
        last = max(value[2] for value in values)
        there = [value for value in values if value[2] == last]
        kept = [value for value in there if value[3] == State.ACCEPTED] or there
        line.last = sum_shown(indicator, [(value[4], value[5]) for value in kept])
        line.last_period = label(last, indicator.period)


def _fill_totals(plan: Plan, lines: list[Followed], actor: Actor) -> None:
    if not lines:
        return
    totals = (
        IndicatorTotal.objects.visible_to(actor)
        .filter(territory=plan.territory_id, indicator__in=[line.row.indicator_id for line in lines])
        .order_by("indicator", "-starts_on")
    )
    latest: dict[int, list[IndicatorTotal]] = {}
    for total in totals:
        kept = latest.setdefault(total.indicator_id, [])
        if not kept or kept[0].starts_on == total.starts_on:
            kept.append(total)
    for line in lines:
        if rows := latest.get(line.row.indicator_id):
            line.last = sum_shown(line.indicator, [(row.numerator, row.denominator) for row in rows])
            line.last_period = label(rows[0].starts_on, line.indicator.period)


def sum_shown(indicator: Indicator, pairs: Iterable[tuple[Decimal, Decimal | None]]) -> str:
    """Parts and categories of one territory and period as one figure; "" when nothing says how they combine."""
    kept = list(pairs)
    if not kept:
        return ""
    if len(kept) > 1 and indicator.territory_rule != Indicator.TerritoryRule.SUM and indicator.nature != "ratio":
        return ""
    below = [denominator for _numerator, denominator in kept if denominator is not None]
    return figures.shown(indicator, sum(numerator for numerator, _below in kept), sum(below) if below else None)


# --------------------------------------------------------------------------------------------------- entry grid


@dataclass
class Entry:
    """A row of the grid of a period: what it reports, the value that waits, the one that stands accepted."""

    row: PlanIndicator
    territory_id: int
    part: Territory | None
    category: str
    waiting: IndicatorValue | None = None
    standing: IndicatorValue | None = None

    @property
    def indicator(self) -> Indicator:
        return self.row.indicator

    @property
    def key(self) -> str:
        return f"{self.row.pk}-{self.part.pk if self.part else 0}-{self.category or 'x'}"

    @property
    def shown(self) -> IndicatorValue | None:
        return self.waiting or self.standing

    @property
    def token(self) -> str:
        return token(self.waiting)

    @property
    def open(self) -> bool:
        """Whether it may be typed: nothing there yet, a draft, or a value that came back."""
        if self.waiting is not None:
            return self.waiting.state in (State.DRAFT, State.RETURNED)
        return self.standing is None

    @property
    def words(self) -> str:
        """What tells the row from those of the same indicator."""
        said = [str(CATEGORIES[self.indicator.split][self.category]), self.part.name if self.part else ""]
        return ", ".join(filter(None, [*said, str(self.row.sheet) if self.row.sheet else ""]))

    @property
    def label(self) -> str:
        return f"{self.indicator.label}\u00a0: {self.words}" if self.words else self.indicator.label


def entries(plan: Plan, rows: Sequence[PlanIndicator], starts: date, kind: str) -> list[Entry]:
    """Rows of the grid, in the order of `rows`; what is collected below the plan, or only asked later, has none."""
    ground = Ground.own(plan)
    crossed = [part for part in ground.parts(plan.territory_id) if part is not None]
    parts = Territory.objects.in_bulk(crossed) if crossed else {}
    waiting, standing = {}, {}
    for value in _typed(plan.pk, plan.territory_id, starts, kind=kind):
        place = standing if value.state == State.ACCEPTED else waiting
        place[value.indicator_id, value.sheet_id, value.part_id, value.category] = value
    lines = []
    for row in rows:
        retired = row.indicator.retired_on
        if starts < rules.first_period(plan, row.indicator) or (retired is not None and starts >= retired):
            continue
        for territory, part in rows_of(ground, row.indicator):
            for category in CATEGORIES[row.indicator.split]:
                key = (row.indicator_id, row.sheet_id, part, category)
                lines.append(
                    Entry(row, territory, parts[part] if part else None, category, waiting.get(key), standing.get(key))
                )
    return lines
