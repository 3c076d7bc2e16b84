"""The only exit for figures of persons followed: counts, never lines. Counting is done as the statistics' role."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import yaml
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Max, Q, Sum
from django.db.models.functions import Coalesce

from prevenance.core.composed import composed
from prevenance.core.row_security import STATISTICS, as_role
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Scope
from prevenance.domains.followup.models import COUNTED as STATES
from prevenance.domains.followup.models import FollowUp, Line, RegisterCount, RegisterTally, Tally
from prevenance.domains.followup.rules import clocks
from prevenance.domains.governance.models import Body
from prevenance.domains.strategy.rules import hidden_counts as figures
from prevenance.domains.territories.models import Containment, Territory

WIDE = ("departement", "region", "nation")  # levels at which others than the group read anything

CATEGORIES = tuple(str(category) for category in FollowUp.Category.values)

COUNTED = """
SELECT body_id, category, sex, age_band,
    count(*) FILTER (WHERE entered_month >= %(start)s),
    count(*) FILTER (WHERE left_month BETWEEN %(start)s AND %(last)s),
    count(*) FILTER (WHERE left_month IS NULL OR left_month > %(last)s),
    count(*) FILTER (WHERE referent_named AND (left_month IS NULL OR left_month > %(last)s)),
    coalesce(sum((extract(year FROM age(left_month, entered_month)) * 12
        + extract(month FROM age(left_month, entered_month))))
        FILTER (WHERE left_month BETWEEN %(start)s AND %(last)s), 0)::int,
    array_agg(outcome) FILTER (WHERE left_month BETWEEN %(start)s AND %(last)s),
    array_agg(outcome_later) FILTER (WHERE left_month BETWEEN %(start)s AND %(last)s)
FROM followup_line WHERE entered_month <= %(last)s AND (left_month IS NULL OR left_month >= %(start)s)
GROUP BY body_id, category, sex, age_band
"""


def quarter_of(day: date) -> date:
    """The first day of the quarter of a day."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def last_month(starts_on: date) -> date:
    """The first day of the last month of a quarter."""
    return clocks.months_after(starts_on, 2)


def counted(starts_on: date) -> list[Tally]:
    """Counts of every group over a quarter, added up by département, region and nation. Nothing is written.

    A follow-up that entered and left within the quarter counts in both; `followed` is who is there at its end.
    """
    with transaction.atomic(), as_role(STATISTICS), connection.cursor() as cursor:
        cursor.execute(COUNTED, {"start": starts_on, "last": last_month(starts_on)})
        rows = cursor.fetchall()
    above = territories_above({row[0] for row in rows})
    sums: dict[tuple[int, str, str, str], dict[str, Any]] = defaultdict(
        lambda: {"groups": set(), "numbers": [0] * 5, "outcomes": Counter(), "later": Counter()}
    )
    for body, category, sex, band, *numbers, outcomes, later in rows:
        for territory in above.get(body, ()):
            found = sums[territory, category, sex, band]
            found["groups"].add(body)
            found["numbers"] = [a + b for a, b in zip(found["numbers"], numbers, strict=True)]
            found["outcomes"].update(outcomes or ())
            found["later"].update(outcome or Line.Outcome.UNKNOWN.value for outcome in later or ())
    return [
        Tally(
            territory_id=territory, starts_on=starts_on, category=category, sex=sex, age_band=band,
            groups=len(found["groups"]), outcomes=dict(found["outcomes"]), outcomes_later=dict(found["later"]),
            **dict(zip(("entered", "left", "followed", "with_referent", "months"), found["numbers"], strict=True)),
        )
        for (territory, category, sex, band), found in sums.items()
    ]  # fmt: skip


def territories_above(bodies: Iterable[int]) -> dict[int, list[int]]:
    """Départements, regions and nation that hold the territory of each body's council; a CISPD across two départements
    counts in that of most of its people, so that sums add up."""
    councils = dict(Body.objects.filter(pk__in=bodies).values_list("pk", "council__territory_id"))
    above = wide_above(set(councils.values()))
    return {pk: above[territory] for pk, territory in councils.items()}


def wide_above(territories: set[int]) -> dict[int, list[int]]:
    """The département, region and nation of each territory, one of a kind."""
    kinds: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    found = Containment.objects.filter(contained__in=territories, container__kind__in=WIDE)
    for contained, container, kind in found.order_by("container__code").values_list(
        "contained_id", "container_id", "container__kind"
    ):
        kinds[contained][kind].append(container)
    return {pk: [containers[0] for kind in WIDE if (containers := kinds[pk][kind])] for pk in territories}


@dataclass(frozen=True)
class Row:
    """One line of the protected table; None where a count is too small to be shown."""

    territory: Territory
    counts: dict[str, int | None]
    total: int | None


@dataclass(frozen=True)
class Table:
    """Persons followed at the end of a quarter, by territory and category, with what is hidden already out."""

    rows: list[Row]
    sums: dict[str, int | None]
    total: int | None


def table(actor: Actor, starts_on: date, *, measure: str = "followed", kind: str = "departement") -> Table:
    """By territory of a kind and by category, for who oversees; small counts hidden. `measure` is a count of Tally."""
    cells: dict[tuple[str, str], int] = {}
    groups: dict[str, int] = {}  # the most groups that one count of a territory says: there are at least as many
    for territory, category, count, most in by_territory(actor, starts_on, measure=measure, kind=kind):
        cells[str(territory), category] = int(count)
        groups[str(territory)] = max(most, groups.get(str(territory), 0))
    gone = figures.hidden(cells, groups)
    places = Territory.objects.only("code", "name", "kind").in_bulk({int(place) for place, _category in cells})
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for (row, column), count in cells.items():
        for cell in ((row, column), (row, figures.SUM), (figures.SUM, column), (figures.SUM, figures.SUM)):
            sums[cell] += count

    def shown(row: str, column: str) -> int | None:
        """A count, or the sum of a row (column SUM), of a column (row SUM) or of all; None when it is hidden."""
        return None if (row, column) in gone else sums.get((row, column), 0)

    def counts(row: str) -> dict[str, int | None]:
        return {category: shown(row, category) for category in CATEGORIES}

    lines = [
        Row(place, counts(str(place.pk)), shown(str(place.pk), figures.SUM))
        for place in sorted(places.values(), key=lambda place: place.code)
    ]
    return Table(lines, counts(figures.SUM), shown(figures.SUM, figures.SUM))


@composed
def by_territory(actor: Actor, starts_on: date, *, measure: str, kind: str) -> Any:
    """(territory, category, sum of a count, most groups of one line)."""
    rows = Tally.objects.visible_to(actor).filter(starts_on=starts_on, territory__kind=kind).order_by()
    return rows.values_list("territory", "category").annotate(count=Sum(measure), most=Max("groups"))


@composed
def quarters(actor: Actor) -> Any:
    """Days on which the quarters counted begin, the last first."""
    counted = Tally.objects.visible_to(actor).order_by("-starts_on").values_list("starts_on", flat=True)
    return counted.distinct()[:12]


# ------------------------------------------------------------------------------------------- the mayors' registers


def registers_counted(year: int) -> list[RegisterTally]:
    """Counts of every commune's registers over a year, added up by département, region and nation. Nothing written."""
    with transaction.atomic(), as_role(STATISTICS):
        rows = list(RegisterCount._base_manager.filter(year=year).order_by("pk").values_list(
            "scope_id", "register", "state", "count"
        ))  # fmt: skip
    places = dict(Scope.objects.filter(pk__in={row[0] for row in rows}).values_list("pk", "territory_id"))
    above = wide_above({place for place in places.values() if place is not None})
    sums: dict[tuple[int, str, str], list[int]] = defaultdict(list)
    for scope, register, state, count in rows:
        for territory in above.get(places[scope] or 0, ()):
            sums[territory, register, state].append(count)
    return [
        RegisterTally(
            territory_id=territory, register=register, state=state, year=year, communes=len(counts), count=sum(counts)
        )
        for (territory, register, state), counts in sums.items()
    ]


def of_registers(actor: Actor, year: int) -> dict[str, dict[str, int]]:
    """{register: {state: count}} of the registers that the actor holds, exact: they read the entries."""
    found = {register: dict.fromkeys(states, 0) for register, states in STATES.items()}
    lines = RegisterCount.objects.visible_to(actor).filter(year=year)
    for register, state, count in lines.order_by().values_list("register", "state").annotate(total=Sum("count")):
        found[register][state] = count
    return found


def registers_table(actor: Actor, year: int, register: str, *, kind: str = "departement") -> Table:
    """By territory of a kind and by state, for who oversees; small counts hidden. Its columns are those of STATES; one
    entry comes to several states, so that rows have no total."""
    rows = RegisterTally.objects.visible_to(actor).filter(year=year, register=register, territory__kind=kind)
    cells: dict[tuple[str, str], int] = {}
    hidden: set[tuple[str, str]] = set()
    lines = list(rows.select_related("territory").order_by("territory__code", "pk"))
    places = {str(line.territory_id): line.territory for line in lines}
    for state in STATES[register]:  # each state apart: no sum runs across them
        column = {(str(line.territory_id), state): line.count for line in lines if line.state == state}
        communes = {str(line.territory_id): line.communes for line in lines if line.state == state}
        cells |= column
        hidden |= figures.hidden(column, communes)
    counts = {
        place: {state: None if (place, state) in hidden else cells.get((place, state), 0) for state in STATES[register]}
        for place in places
    }
    sums = {
        state: None if (figures.SUM, state) in hidden else sum(n for (_p, one), n in cells.items() if one == state)
        for state in STATES[register]
    }
    return Table([Row(place, counts[pk], None) for pk, place in places.items()], sums, None)


# ---------------------------------------------------------------------------------------------- one's own groups


def of_groups(actor: Actor) -> list[dict[str, Any]]:
    """Counts of the groups that the actor opens, exact: they read the files. By category and sex."""
    return list(lines_counted(actor))


@composed
def lines_counted(actor: Actor) -> Any:
    lines = Line.objects.visible_to(actor)
    return lines.order_by().values("body", "body__name", "category", "sex").annotate(
        entered=Count("pk"),
        left=Count("pk", filter=Q(left_month__isnull=False)),
        followed=Count("pk", filter=Q(left_month=None)),
        with_referent=Count("pk", filter=Q(left_month=None, referent_named=True)),
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------ the national gauge


@cache
def gauge_data() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((settings.DATA / "followup" / "gauge.yaml").read_text(encoding="utf-8"))
    return loaded


@dataclass(frozen=True)
class Gauge:
    """Persons followed in France against what the strategy started from and aims at."""

    starts_on: date | None
    now: int | None
    start: int
    aim: int
    source: str


def gauge() -> Gauge:
    """The national gauge at the last counted quarter: a figure of the whole country, for everybody signed in."""
    data = gauge_data()
    start = sum(data["start"].values())
    counted = Tally.objects.filter(territory__kind="nation").order_by("-starts_on").values("starts_on")
    ours = Q(category__in=list(data["start"]))
    last = counted.annotate(
        now=Coalesce(Sum("followed", filter=ours), 0), groups=Coalesce(Sum("groups", filter=ours), 0)
    ).first()
    if last is None:
        return Gauge(None, None, start, start * data["aim"], data["source"])
    now = None if figures.alone_small(last["now"], last["groups"]) else last["now"]
    return Gauge(last["starts_on"], now, start, start * data["aim"], data["source"])
