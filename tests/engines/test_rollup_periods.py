"""Periods that figures are reported for: which one holds a day, what follows it, how people write it."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prevenance.engines.rollup import label, next_start, period_end, period_start, periods_between, read


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
