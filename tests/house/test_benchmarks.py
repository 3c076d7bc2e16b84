"""Benchmarks measure what they say: the baseline brings the page's own rows, and a broken promise is seen."""

from html import unescape

import pytest

from benchmarks import followup, pages, plans, registers
from benchmarks._measuring import Report, interleaved
from benchmarks._sites import site
from prevenance.config.paths import ROOT
from tests import database

SCRIPTS = sorted(path.stem for path in (ROOT / "benchmarks").glob("[a-z]*.py"))

# Where the hand-written SQL has a text that the page shows for each row: (rank of the result, rank of the column).
SHOWN = {"councils": (1, 1), "meeting": (2, 1), "coordinator_day": (6, 1), "prefect_day": (1, 1), "search": (1, 2),
         "suggest": (1, 2), "tour": (1, 1), "bodies": (1, 1), "members": (1, 1), "acts": (1, 1), "office_acts": (1, 1),
         "rulebooks": (1, 1), "letters": (1, 1), "problems": (1, 1), "record": (1, 1), "partners": (1, 1),
         "year": (1, 5), "preparing": (1, 1), "signatures": (1, 1), "progress": (1, 0),
         "measures": (1, 1), "plans": (1, 1), "plan": (1, 1), "plan_text": (1, 1), "sheets": (1, 1), "sheet": (1, 1),
         "followed": (1, 1), "entry": (1, 1), "totals": (1, 1), "indicator": (1, 1), "tools": (1, 1),
         "waiting": (1, 1), "files_held": (1, 1), "files_read": (1, 1), "situation": (5, 5), "file_plan": (4, 9),
         "contacts": (3, 9), "readings": (4, 1), "searched": (1, 1), "own_figures": (1, 1), "all_figures": (1, 1),
         "referent_day": (1, 1), "stations": (1, 1), "stations_of_france": (1, 1), "rounds": (1, 1), "doors": (1, 1),
         "agreements": (1, 1), "circuits": (1, 1), "orientations": (1, 1), "scheme": (1, 1)}  # fmt: skip
# One département of the demonstration has plans, one council values to accept, one service a round.
ALONE = {
    "progress",
    "totals",
    "indicator",
    "waiting",
    "all_figures",
    "situation",
    "file_plan",
    "contacts",
    "readings",
    "rounds",
}
MEASURED = [*pages.PAGES, *plans.PAGES, *followup.PAGES, *registers.PAGES]


@pytest.fixture(scope="module")
def demonstration():
    with (
        database.copy_of(database.demonstration()) as name,
        site(database.environment(name)) as running,
    ):
        for role in {page.role for page in MEASURED}:
            running("enter", role=role)
        running("submit")
        running("tally")
        yield running


def looked_at(demonstration, page, subjects):
    return demonstration(
        "look", role=page.role, path=page.path.format(**subjects), partial=page.partial,
        sent=page.sent.format(**subjects),
    )  # fmt: skip


def test_every_benchmark_is_described():
    described = (ROOT / "benchmarks" / "README.md").read_text()
    assert len(SCRIPTS) >= 4
    assert [name for name in SCRIPTS if f"`{name}.py`" not in described] == []


@pytest.mark.parametrize("page", MEASURED, ids=lambda page: page.title)
def test_the_hand_written_sql_brings_the_rows_that_the_page_shows(demonstration, page):
    subjects = demonstration("subjects")
    seen = looked_at(demonstration, page, subjects)
    tables = demonstration("rows", name=page.hand, role=page.role, subject=subjects[page.about])
    table, column = SHOWN[page.hand]
    text = unescape(seen["text"])
    assert len(tables[table]) >= (1 if page.hand in ALONE else 2)
    assert [row[column] for row in tables[table] if row[column] not in text] == []


@pytest.mark.parametrize("page", MEASURED, ids=lambda page: page.title)
def test_a_page_takes_few_queries(demonstration, page):
    seen = looked_at(demonstration, page, demonstration("subjects"))
    assert seen["status"] == "200 OK"
    assert 4 < len(seen["queries"]) <= pages.MOST_QUERIES


def test_the_plain_query_sums_what_the_engine_sums(demonstration):
    found = demonstration("rolled", indicator=demonstration("subjects")["indicator"])
    assert found["cells"] > 0
    assert found["territories"] > 2
    assert found["differences"] == []


def test_the_plain_query_counts_the_follow_ups_that_the_engine_counts(demonstration):
    found = demonstration("counted")
    assert found["lines"] > 20
    assert found["cells"] > 2
    assert found["differences"] == []


def test_the_wall_goes_down_for_the_measure_alone(demonstration):
    """Down, a file of a group that one does not open is there for the owner; afterwards it is not."""
    path = "/suivis/?state=all"
    demonstration("look", role="referent", path=path)
    assert all(seconds > 0 for seconds in demonstration("walled", path=path, times=1, wall=False))
    assert demonstration("reach", wall=True) == 0
    assert demonstration("reach", wall=False) > 20
    assert demonstration("reach", wall=True) == 0


def test_the_empty_page_has_the_layout_and_the_person(demonstration):
    seen = demonstration("look", role="coordinator", path=pages.EMPTY)
    assert "<h1>Vide</h1>" in seen["text"]
    assert "Camille Exemple" in seen["text"]


def test_a_broken_promise_gives_a_failing_status(capsys):
    report = Report()
    report.promise("page", 1.2, 1.3)
    assert report.end() == 0
    report.promise("page", 1.4, 1.3)
    report.none("tables", ["accounts_person: SELECT"])
    assert report.end() == 1
    assert "2 promesse(s) non tenue(s)" in capsys.readouterr().out


def test_measures_are_taken_in_turn():
    order = []
    medians = interleaved(3, lambda: order.append("a") or [1.0, 3.0], lambda: order.append("b") or [2.0])
    assert order == ["a", "b"] * 3
    assert medians == [2.0, 2.0]
