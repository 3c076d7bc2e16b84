"""Figures of follow-ups: the sums are right, nothing small is shown or found, and nobody else reads a line."""

import datetime as dt
from collections import Counter
from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from prevenance.core.row_security import act_as
from prevenance.domains.followup import actions, jobs, statistics
from prevenance.domains.followup.models import Line, Tally
from prevenance.domains.strategy.rules import hidden_counts as figures
from tests.factories import actor, coordinator_of, scope_of, territory
from tests.factories.followup import Compartment

pytestmark = pytest.mark.django_db
QUARTER = statistics.quarter_of(timezone.localdate())
HERE = "42"


def lines(here, count, **values):
    """Statistical lines of a group, as files would have left them."""
    month = timezone.localdate().replace(day=1)
    given = {"category": "exposed", "sex": "m", "age_band": "16-17", "entered_month": month} | values
    here.acting(here.coordinator)
    Line.objects.bulk_create([Line(body=here.body, **given) for _n in range(count)])


def tallied(**values):
    act_as(None)
    actions.count_quarter(starts_on=QUARTER, by=statistics_actor())
    return Tally.objects.filter(**values)


def statistics_actor():
    from prevenance.core.audit import MACHINE

    return MACHINE


def test_counts_are_those_of_the_lines_counted_one_by_one():
    first, second = Compartment(), Compartment("42187")
    month = timezone.localdate().replace(day=1)
    lines(first, 3, sex="f")
    lines(first, 2, referent_named=True)
    lines(second, 4, left_month=month, reason="achieved", outcome="work")
    lines(second, 1, entered_month=dt.date(2020, 1, 1), left_month=dt.date(2020, 5, 1), reason="other", outcome="same")
    rows = tallied(territory=territory("departement", HERE))
    assert Counter((row.sex, row.entered, row.left, row.followed, row.with_referent) for row in rows) == {
        ("f", 3, 0, 3, 0): 1, ("m", 6, 4, 2, 2): 1,
    }  # fmt: skip
    men = rows.get(sex="m")
    assert (men.groups, men.outcomes, men.outcomes_later, men.months) == (2, {"work": 4}, {"unknown": 4}, 0)
    nation = Tally.objects.filter(territory__kind="nation")
    assert sum(row.followed for row in nation) == sum(row.followed for row in rows) == 5
    assert len(tallied()) == Tally.objects.count()  # counted again, nothing is counted twice
    jobs.count(timestamp=0)
    assert sum(row.followed for row in Tally.objects.filter(territory__kind="nation", starts_on=QUARTER)) == 5


def test_duration_is_in_months_of_those_who_left():
    here = Compartment()
    month = timezone.localdate().replace(day=1)
    start = month.replace(year=month.year - 1)
    lines(here, 2, entered_month=start, left_month=month, reason="achieved", outcome="school")
    assert tallied(territory__kind="nation").get().months == 24


def test_who_holds_no_group_reads_protected_totals_of_their_departement_and_no_line():
    compartments = [Compartment(code) for code in ("42218", "42187", "42207")]
    for here in compartments:
        lines(here, 5)
        lines(here, 2, category="reoffending")
    tallied()
    office = actor("prefect_office", scope_of(territory("departement", HERE)))
    act_as(office.mandate_id)
    assert list(Line.objects.visible_to(office)) == []
    shown = statistics.table(office, QUARTER)
    assert [row.territory.code for row in shown.rows] == [HERE]
    assert shown.rows[0].counts["reoffending"] is None  # six persons
    assert shown.rows[0].counts["exposed"] == 15
    assert (shown.rows[0].total, shown.sums["reoffending"], shown.total) == (None, None, None)  # else six is found
    for role, scope in (("coordinator", None), ("administrator", "platform"), ("trainer", "departement")):
        other = coordinator_of(compartments[0].council) if scope is None else actor(role, scope_for(scope))
        assert not Tally.objects.visible_to(other).exists(), role
    elsewhere = actor("prefect_office", scope_of(territory("departement", "69")))
    assert not Tally.objects.visible_to(elsewhere).exists()


def scope_for(kind):
    from prevenance.domains.accounts.models import Scope

    if kind == "platform":
        return Scope.objects.get_or_create(kind="platform", defaults={"label": "Plateforme"})[0]
    return scope_of(territory("departement", HERE))


def test_few_groups_are_not_shown_even_when_many_are_followed():
    here = Compartment()
    lines(here, 40)
    tallied()
    office = actor("prefect_office", scope_of(territory("departement", HERE)))
    shown = statistics.table(office, QUARTER)
    assert (shown.rows[0].counts["exposed"], shown.rows[0].total, shown.total) == (None, None, None)


def test_a_group_reads_its_own_counts_as_they_are():
    here = Compartment()
    here.file()
    member = here.members[0]
    assert [row["followed"] for row in statistics.of_groups(member)] == [1]
    here.file(by=member, category="victim")
    assert [row["category"] for row in statistics.of_groups(member)] == ["exposed"]  # protected: not even counted
    here.acting(here.coordinator)
    assert len(statistics.of_groups(here.coordinator)) == 2
    stranger = Compartment("42187").coordinator
    here.acting(stranger)
    assert statistics.of_groups(stranger) == []


def test_the_gauge_says_where_the_strategy_started_and_what_it_aims_at():
    reading = statistics.gauge()
    assert (reading.start, reading.aim, reading.now) == (11_000, 22_000, None)
    compartments = [Compartment(code) for code in ("42218", "42187", "42207")]
    for here in compartments:
        lines(here, 5)
    tallied()
    assert statistics.gauge().now == 15


TABLES = st.dictionaries(
    st.tuples(st.sampled_from("abcd"), st.sampled_from(["exposed", "reoffending", "victim"])),
    st.integers(0, 30), min_size=1, max_size=12,
)  # fmt: skip


@settings(max_examples=500)
@given(cells=TABLES, few=st.sets(st.sampled_from("abcd")))
def test_no_hidden_count_is_found_from_what_is_shown(cells, few):
    """An attacker knows every shown cell and sum: elimination fixes no hidden cell, and no group of them is small."""
    groups = {row: 1 if row in few else 5 for row in "abcd"}
    out = figures.hidden(cells, groups)
    for cell, count in cells.items():
        if figures.alone_small(count, groups[cell[0]]):
            assert cell in out
    rows, columns = {row for row, _c in cells}, {column for _r, column in cells}
    unknown = sorted(set(cells) & out)
    sums = [[c for c in cells if c[0] == row] for row in rows if (row, figures.SUM) not in out]
    sums += [[c for c in cells if c[1] == column] for column in columns if (figures.SUM, column) not in out]
    sums += [list(cells)] if (figures.SUM, figures.SUM) not in out else []
    for line in sums:
        assert not 0 < sum(cells[c] for c in line if c in out) < 11
    equations = [[Fraction(cell in line) for cell in unknown] for line in sums]
    assert determined(equations, len(unknown)) == []


def determined(equations, size):
    """Indices of unknowns that a system of linear equations fixes."""
    rows = [list(line) for line in equations if any(line)]
    pivots = []
    for column in range(size):
        found = next((i for i in range(len(pivots), len(rows)) if rows[i][column]), None)
        if found is None:
            continue
        place = len(pivots)
        rows[place], rows[found] = rows[found], rows[place]
        rows[place] = [value / rows[place][column] for value in rows[place]]
        for i, line in enumerate(rows):
            if i != place and line[column]:
                rows[i] = [a - line[column] * b for a, b in zip(line, rows[place], strict=True)]
        pivots.append(column)
    return [pivots[i] for i in range(len(pivots)) if sum(bool(value) for value in rows[i]) == 1]


def test_the_page_shows_to_each_what_they_may_read_and_exports_the_same(sign_in):
    compartments = [Compartment(code) for code in ("42218", "42187", "42207")]
    for here in compartments:
        lines(here, 5)
        lines(here, 2, category="reoffending")
    tallied()
    office = actor("prefect_office", scope_of(territory("departement", HERE)))
    client = sign_in(office)
    page = client.get("/suivis/chiffres/").content.decode()
    assert "n. d." in page.replace("\u00a0", " ")
    assert "Vos groupes" not in page
    table = client.get("/suivis/chiffres/?format=csv").content.decode("utf-8-sig")
    assert "Loire" in table
    assert "21" not in table.split("Loire")[1].split("\n")[0]
    member = sign_in(compartments[0].members[0])
    own = member.get("/suivis/chiffres/").content.decode()
    assert "Vos groupes" in own
    assert "Par territoire" not in own


def test_the_page_costs_as_many_queries_however_many_territories(sign_in):
    compartments = [Compartment(code) for code in ("42218", "42187", "42207")]
    for here in compartments:
        lines(here, 12)
    tallied()
    nation = sign_in(actor("national_secretariat", scope_of(territory("nation", "FR"))))
    few = reads(nation)
    elsewhere = Compartment("69123")
    lines(elsewhere, 12)
    tallied()
    assert reads(nation) == few <= 12


def reads(client):
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/suivis/chiffres/").status_code == 200
    return sum(query["sql"].startswith("SELECT") for query in queries)
