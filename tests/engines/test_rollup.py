"""Roll-up agrees with an independent computation, in Polars, over raw values of invented countries."""

import dataclasses
import datetime as dt

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prevenance.engines.rollup import (
    NONE,
    Cells,
    Containment,
    Reports,
    Rules,
    label,
    next_start,
    overlaps,
    period_end,
    period_start,
    periods_between,
    read,
    renamed,
    roll_up,
)
from tests.engines.territories import NATION, countries

EPOCH = dt.date(1970, 1, 1)
DIVIDES = [
    ("month", "month"), ("month", "quarter"), ("month", "half_year"), ("month", "year"), ("month", "school_year"),
    ("quarter", "quarter"), ("quarter", "half_year"), ("quarter", "year"), ("half_year", "year"), ("year", "year"),
    ("school_year", "school_year"),
]  # fmt: skip
RULES = st.sampled_from(
    [
        Rules(nature, time, place, base, target)
        for nature in ("stock", "flow", "ratio")
        for time in ("sum", "last", "mean")
        for place in ("sum", "mean", "none")
        for base, target in DIVIDES
        if (nature, time) != ("stock", "sum")
    ]
)


def day(value):
    return (value - EPOCH).days


@st.composite
def cases(draw):
    """(country, rules, rows of cells): each intercommunal body reports, by département, or its communes do."""
    country, rules = draw(countries()), draw(RULES)
    starts = periods_between(dt.date(2024, 8, 1), dt.date(2026, 2, 1), rules.base)
    units = []
    for body in country.of_level(3):
        if draw(st.booleans()):
            crossed = country.departements_of(body)
            units += [(body, part) for part in crossed] if len(crossed) > 1 else [(body, NONE)]
        else:
            units += [(commune, NONE) for commune in sorted(country.held[body])]
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from(units), st.sampled_from(starts), st.integers(0, 1), st.integers(-10**6, 10**10),
                st.integers(1, 10**9), st.booleans(),
            ),
            max_size=40,
        )
    )  # fmt: skip
    ratio = rules.nature == "ratio"
    return (
        country,
        rules,
        [
            (unit, part, day(start), category, number, below if ratio else NONE, guess)
            for (unit, part), start, category, number, below, guess in rows
        ],
    )


def rolled(country, rules, rows, **options):
    return by_place(roll_up(Cells.of(rows), Containment.of(country.links()), rules, **options))


def by_place(totals):
    columns = [column.tolist() for column in vars(totals).values()]
    return {(row[0], row[1], row[2]): tuple(row[3:]) for row in zip(*columns, strict=True)}


TRUNCATE = {"month": "1mo", "quarter": "1q", "half_year": "6mo", "year": "1y"}


def independently(country, rules, rows):
    """The documented steps as joins and group-bys over the raw rows."""
    names = ["unit", "part", "starts", "category", "n", "d", "guess"]
    raw = pl.DataFrame(rows, schema=dict.fromkeys(names[:6], pl.Int64) | {"guess": pl.Boolean}, orient="row")
    raw = raw.with_columns(pl.col("starts").cast(pl.Int32).cast(pl.Date))
    links = pl.DataFrame(
        country.links(), schema={"container": pl.Int64, "unit": pl.Int64, "partial": pl.Boolean}, orient="row"
    ).filter(~pl.col("partial"))
    across = "sum" if rules.nature == "ratio" and rules.territory != "none" else rules.territory

    def figure(name, rule):
        total, count = pl.col(name).sum(), pl.len().cast(pl.Int64)
        return ((total * 2 + count) // (count * 2) if rule == "mean" else total).alias(name)

    def figures(rule):
        return [figure("n", rule), figure("d", rule), pl.col("guess").any()]

    # Within a unit.
    unit = ["unit", "part", "category"]
    found = raw.group_by(*unit, "starts").agg(*figures(across), pl.len().alias("told"))
    if across == "none":
        found = found.filter(pl.col("told") == 1)
    # Over time.
    if rules.target == "school_year":
        target = pl.col("starts").dt.offset_by("-8mo").dt.truncate("1y").dt.offset_by("8mo")
    else:
        target = pl.col("starts").dt.truncate(TRUNCATE[rules.target])
    found = found.with_columns(target.alias("target"))
    if rules.time == "last":
        found = found.filter(pl.col("starts") == pl.col("starts").max().over(*unit, "target"))
        found = found.select(*unit, "target", "n", "d", "guess")
    else:
        found = found.group_by(*unit, "target").agg(*figures(rules.time))
    # Over territories.
    if across == "none":
        spread = found.with_columns(container=pl.col("unit"))
    else:
        wholly = found.join(links, on="unit")
        by_part = found.join(links.rename({"unit": "part"}), on="part")
        spread = pl.concat([wholly, by_part.select(wholly.columns)]).unique()
    whole = ["container", "target", "category"]
    spread = spread.group_by(*whole, "unit").agg(*figures(across), pl.len().alias("told"))
    if across == "none":
        spread = spread.filter(pl.col("told") == 1)
    result = spread.group_by(*whole).agg(
        figure("n", across), figure("d", across), pl.len(), pl.col("guess").sum().cast(pl.Int64)
    )
    return {
        (row[0], day(row[1]), row[2]): (row[3], row[4] if rules.nature == "ratio" else NONE, row[5], row[6], NONE)
        for row in result.rows()
    }


@given(cases())
def test_it_agrees_with_joins_and_group_bys_over_the_raw_values(case):
    country, rules, rows = case
    assert rolled(country, rules, rows) == independently(country, rules, rows)


@given(cases(), st.data())
def test_communes_of_before_count_with_the_one_that_they_merged_into(case, data):
    country, rules, rows = case
    gone = {10**6 + 2 * commune + k: commune for commune in country.communes for k in range(2)}
    told = [
        (data.draw(st.sampled_from([unit, *(old for old, new in gone.items() if new == unit)])), *rest)
        for unit, *rest in rows
    ]
    cells = Cells.of(told)
    cells = dataclasses.replace(cells, unit=renamed(cells.unit, list(gone), list(gone.values())))
    totals = roll_up(cells, Containment.of(country.links()), rules)
    assert by_place(totals) == independently(country, rules, rows)


@given(cases(), st.randoms())
def test_the_order_of_rows_changes_nothing(case, random):
    country, rules, rows = case
    shuffled = rows.copy()
    random.shuffle(shuffled)
    assert rolled(country, rules, shuffled) == rolled(country, rules, rows)


@given(cases())
def test_a_unit_more_changes_only_what_contains_it(case):
    country, rules, rows = case
    if not rows:
        return
    unit = rows[0][0]
    without = [row for row in rows if row[0] != unit]
    before, after = rolled(country, rules, without), rolled(country, rules, rows)
    around = {outer for outer, inner, _partial in country.links() if inner == unit}
    assert {key: value for key, value in after.items() if key[0] not in around} == {
        key: value for key, value in before.items() if key[0] not in around
    }


@given(cases())
def test_what_is_added_comes_to_the_same_in_the_nation_as_in_its_departements(case):
    country, rules, rows = case
    rules = Rules("flow", "sum", "sum", rules.base, rules.target)
    rows = [(*row[:5], NONE, row[6]) for row in rows]
    found = rolled(country, rules, rows)
    for (container, start, category), values in found.items():
        if container == NATION:
            parts = [found.get((place, start, category), (0,))[0] for place in country.of_level(1)]
            assert (
                values[0]
                == sum(parts)
                == sum(row[4] for row in rows if row[3] == category and target_day(row[2], rules) == start)
            )


def target_day(days, rules):
    return day(period_start(EPOCH + dt.timedelta(days=days), rules.target))


@given(countries(), st.lists(st.integers(0, 10**9), min_size=8, max_size=8))
def test_a_body_that_reports_in_place_of_its_communes_gives_the_same_totals(country, figures):
    rules, start = Rules("flow", "sum", "sum", "quarter", "year"), day(dt.date(2026, 4, 1))
    communes = [(name, NONE, start, 0, figures[name], NONE, False) for name in country.communes]
    bodies = []
    for body in country.of_level(3):
        for place in country.departements_of(body):
            inside = country.held[body] & country.held[place]
            bodies.append((body, place, start, 0, sum(figures[name] for name in inside), NONE, False))
    by_communes, by_bodies = rolled(country, rules, communes), rolled(country, rules, bodies)
    for key, values in by_bodies.items():
        assert values[0] == by_communes[key][0]
    assert {key for key in by_communes if key[0] >= 100} == set(by_bodies)


# Two communes and a body of both, across départements 100 and 101, in one region.
CROSSING = [
    *((name, name, False) for name in (1, 2, 300, 100, 101, 200, 9000)),
    (300, 1, False), (300, 2, False), (100, 1, False), (101, 2, False), (100, 300, True), (101, 300, True),
    *((200, name, False) for name in (1, 2, 300, 100, 101)),
    *((9000, name, False) for name in (1, 2, 300, 100, 101, 200)),
]  # fmt: skip
Q1, Q2, Q3, Q4 = (day(dt.date(2026, month, 1)) for month in (1, 4, 7, 10))


def crossing(rules, rows, **options):
    totals = roll_up(Cells.of(rows), Containment.of(CROSSING), rules, **options)
    return {
        int(place): values
        for place, *values in zip(*(column.tolist() for column in vars(totals).values()), strict=True)
    }


def test_a_body_across_departements_counts_by_its_parts():
    rows = [(300, 100, Q1, 0, 70_000, NONE, False), (300, 101, Q1, 0, 30_000, NONE, True)]
    found = crossing(Rules("flow", "sum", "sum", "quarter", "quarter"), rows)
    figures = {place: (values[2], values[4], values[5]) for place, values in found.items()}
    assert figures == {
        300: (100_000, 1, 1), 100: (70_000, 1, 0), 101: (30_000, 1, 1), 200: (100_000, 1, 1), 9000: (100_000, 1, 1),
    }  # fmt: skip


def test_a_body_that_does_not_say_its_parts_counts_only_where_it_lies_wholly():
    found = crossing(Rules("flow", "sum", "sum", "quarter", "quarter"), [(300, NONE, Q1, 0, 5, NONE, False)])
    assert sorted(found) == [200, 300, 9000]


def test_the_latest_figure_known_is_each_unit_s_own():
    rows = [(1, NONE, Q1, 0, 10, NONE, False), (1, NONE, Q3, 0, 0, NONE, False), (2, NONE, Q2, 0, 7, NONE, True)]
    found = crossing(Rules("stock", "last", "sum", "quarter", "year"), rows)
    assert found[200][2] == 0 + 7  # zero is a figure
    assert found[1][2:6] == [0, NONE, 1, 0]


def test_a_ratio_is_derived_again_and_never_averaged():
    rows = [(1, NONE, Q1, 0, 10_000, 20_000, False), (2, NONE, Q1, 0, 10_000, 980_000, False)]
    found = crossing(Rules("ratio", "sum", "mean", "quarter", "year"), rows)
    assert found[9000][2:4] == [20_000, 1_000_000]  # 2 %, where the average of 50 % and 1 % would be 25,5 %


def test_what_does_not_add_up_is_shown_for_the_unit_alone():
    rows = [(1, NONE, Q1, 0, 3, NONE, False), (2, NONE, Q1, 0, 4, NONE, False), (2, NONE, Q1, 0, 5, NONE, False)]
    assert sorted(crossing(Rules("stock", "last", "none", "quarter", "quarter"), rows)) == [1]


def test_communes_that_merged_report_for_the_one_of_today():
    units = renamed(np.array([1, 77, 78]), [77, 78], [2, 2])
    assert units.tolist() == [1, 2, 2]
    assert renamed(units, [], []).tolist() == [1, 2, 2]
    rows = [(int(unit), NONE, Q1, 0, 10, NONE, False) for unit in units]
    found = crossing(Rules("flow", "sum", "sum", "quarter", "quarter"), rows)
    assert found[2][2] == 20
    assert found[9000][2:6] == [30, NONE, 2, 0]


def test_units_expected_that_did_not_report_are_counted_and_a_body_answers_for_its_communes():
    rules = Rules("flow", "sum", "sum", "quarter", "quarter")
    communes = (np.array([1, 2]), np.array([NONE, NONE]))
    assert {k: v[6] for k, v in crossing(rules, [(1, NONE, Q1, 0, 1, NONE, False)], expected=communes).items()} == {
        1: 0, 300: 1, 100: 0, 200: 1, 9000: 1,
    }  # fmt: skip
    body = [(300, 100, Q1, 0, 1, NONE, False), (300, 101, Q1, 0, 1, NONE, False)]
    assert {values[6] for values in crossing(rules, body, expected=communes).values()} == {0}
    assert crossing(rules, [], expected=communes) == {}


@pytest.mark.parametrize(
    ("rules", "row", "error"),
    [
        (("flow", "sum", "sum", "quarter", "year"), (1, NONE, Q1 + 1, 0, 1, NONE, False), ValueError),
        (("flow", "sum", "sum", "quarter", "year"), (1, 101, Q1, 0, 1, NONE, False), ValueError),
        (("flow", "sum", "sum", "quarter", "year"), (1, NONE, Q1, 0, 1, 4, False), ValueError),
        (("ratio", "sum", "sum", "quarter", "year"), (1, NONE, Q1, 0, 1, NONE, False), ValueError),
        (("ratio", "sum", "sum", "quarter", "year"), (1, NONE, Q1, 0, 1, 0, False), ValueError),
        (("flow", "sum", "sum", "quarter", "year"), (1, NONE, Q1, 0, 2**62, NONE, False), OverflowError),
    ],
)
def test_what_cannot_be_rolled_up_is_refused(rules, row, error):
    with pytest.raises(error):
        crossing(Rules(*rules), [row])


@pytest.mark.parametrize(
    "words",
    [
        ("stock", "sum", "sum", "quarter", "year"), ("flow", "sum", "sum", "quarter", "school_year"),
        ("flow", "sum", "sum", "year", "quarter"), ("flow", "sum", "max", "year", "year"),
        ("rate", "sum", "sum", "year", "year"), ("flow", "sum", "sum", "week", "year"),
    ],
)  # fmt: skip
def test_rules_that_mean_nothing_are_refused(words):
    with pytest.raises(ValueError, match=r"\w"):
        Rules(*words)


def pairs(*rows):
    return overlaps(Reports.of(list(rows)), Containment.of(CROSSING)).tolist()


def test_a_commune_and_its_body_overlap_but_not_in_two_periods_nor_two_departements():
    commune, body = (1, NONE, Q1, NONE, NONE), (300, NONE, Q1, NONE, NONE)
    assert pairs(commune, body) == [[0, 1]]
    assert pairs(body, commune) == [[0, 1]]
    assert pairs(commune, (300, NONE, Q2, NONE, NONE)) == []
    assert pairs(commune, (2, NONE, Q1, NONE, NONE)) == []
    assert pairs(commune, (300, 100, Q1, NONE, NONE)) == [[0, 1]]
    assert pairs(commune, (300, 101, Q1, NONE, NONE)) == []
    assert pairs((100, NONE, Q1, NONE, NONE), (300, 100, Q1, NONE, NONE)) == [[0, 1]]
    assert pairs((100, NONE, Q1, NONE, NONE), (300, 101, Q1, NONE, NONE)) == []


def test_a_whole_and_its_parts_overlap_but_parts_do_not():
    whole = (1, NONE, Q1, NONE, NONE)
    assert pairs(whole, (1, NONE, Q1, 5, NONE)) == [[0, 1]]  # one of its sheets
    assert pairs(whole, (1, NONE, Q1, NONE, 77)) == [[0, 1]]  # one of its communes of before
    assert pairs(whole, whole) == []  # two categories
    assert pairs((1, NONE, Q1, 5, NONE), (1, NONE, Q1, 6, NONE)) == []
    assert pairs((1, NONE, Q1, NONE, 77), (1, NONE, Q1, NONE, 78)) == []
    assert pairs((300, 100, Q1, NONE, NONE), (300, 101, Q1, NONE, NONE)) == []
    assert pairs((300, NONE, Q1, NONE, NONE), (300, 101, Q1, NONE, NONE)) == [[0, 1]]
    assert pairs() == []


@given(countries(), st.data())
def test_overlaps_are_those_that_share_a_commune(country, data):
    """Against the sets of communes themselves."""
    units = [(name, NONE) for name in country.held if country.levels[name] in (0, 3)]
    units += [(body, place) for body in country.of_level(3) for place in country.departements_of(body)]
    chosen = data.draw(st.lists(st.sampled_from(units), max_size=8))

    def ground(unit, part):
        return country.held[unit] & country.held[part] if part != NONE else country.held[unit]

    expected = [
        [a, b]
        for a in range(len(chosen))
        for b in range(a + 1, len(chosen))
        if (chosen[a][0] != chosen[b][0] and ground(*chosen[a]) & ground(*chosen[b]))
        or (chosen[a][0] == chosen[b][0] and (chosen[a][1] == NONE) != (chosen[b][1] == NONE))
    ]
    rows = [(unit, part, Q1, NONE, NONE) for unit, part in chosen]
    assert overlaps(Reports.of(rows), Containment.of(country.links())).tolist() == expected


@given(
    st.dates(dt.date(1990, 1, 1), dt.date(2060, 1, 1)),
    st.sampled_from(["month", "quarter", "half_year", "year", "school_year"]),
)
def test_a_day_lies_in_one_period_whose_name_leads_back_to_it(when, kind):
    start = period_start(when, kind)
    assert start <= when <= period_end(start, kind)
    assert period_start(period_end(start, kind), kind) == start
    assert periods_between(start, next_start(start, kind), kind) == [start, next_start(start, kind)]
    assert read(label(start, kind), kind) == start
    assert read(start.isoformat(), kind) == start
    assert read(start.strftime("%d/%m/%Y"), kind) == start


@pytest.mark.parametrize(
    ("text", "kind", "start"),
    [
        ("2026-T2", "quarter", (2026, 4)), ("t2 2026", "quarter", (2026, 4)),
        ("2ᵉ trimestre 2026", "quarter", (2026, 4)),
        ("S2 2026", "half_year", (2026, 7)), ("03/2026", "month", (2026, 3)), ("2026-03", "month", (2026, 3)),
        ("2025/2026", "school_year", (2025, 9)),
    ],
)  # fmt: skip
def test_periods_are_read_as_people_write_them(text, kind, start):
    assert read(text, kind) == dt.date(*start, 1)


@pytest.mark.parametrize(
    ("text", "kind"),
    [("T5 2026", "quarter"), ("2026-02-01", "quarter"), ("2025-2027", "school_year"), ("", "year"),
        ("13/2026", "month"), ("31/02/2026", "month")],
)  # fmt: skip
def test_what_names_no_period_is_refused(text, kind):
    with pytest.raises(ValueError, match=r"\w"):
        read(text, kind)
