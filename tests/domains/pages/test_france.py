"""The national view: départements by answer, and the communes behind each number."""

import datetime as dt
import itertools
import re

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from prevenance.config.paths import PACKAGE
from prevenance.core.audit import MACHINE
from prevenance.domains.pages import actions, jobs
from prevenance.domains.pages.analysis import Line, kept_reading, lines_of, ranges
from prevenance.domains.pages.models import ExpectationCount, ExpectationReading
from prevenance.domains.pages.views.france import shades
from prevenance.domains.territories.models import Territory
from prevenance.engines.obligations import Answer
from tests.factories import CouncilFactory, actor, scope_of, territory

pytestmark = pytest.mark.django_db
IN_2026 = dt.date(2026, 11, 22)
STYLE = (PACKAGE / "static" / "components.css").read_text()
FRANCE, EXPECTED = "/territoires/", "/territoires/attendus/"


@pytest.fixture
def office(sign_in):
    """Signed in as the national secretariat."""
    return sign_in(actor("national_secretariat", scope_of(territory("nation", "FR"))))


def counted(on=IN_2026):
    return actions.count_expectations(by=MACHINE, on=on)


def queries_of(client, address, choice):
    """(answer, queries that it took): the marks of the test's own transaction are not counted."""
    with CaptureQueriesContext(connection) as seen:
        response = client.get(address, choice)
    return response, sum("SAVEPOINT" not in query["sql"] for query in seen)


def shown(response):
    """{code of département: numbers of its row} of the page."""
    rows = re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', response.content.decode(), re.S)
    found = {}
    for head, cells in rows:
        words = re.sub(r"<[^>]+>", " ", head).split()
        cells = re.sub(r"<[^>]+>", " ", cells)
        found[words[-1]] = [int(re.sub(r"\D", "", n)) for n in re.findall(r"\d[\d\u202f\u00a0]*", cells)]
    return found


def test_the_address_is_the_root_of_territories_and_asks_to_sign_in(client):
    assert (reverse("pages:france"), reverse("pages:expected")) == (FRANCE, EXPECTED)
    for address in (FRANCE, EXPECTED):
        assert client.get(address)["Location"].startswith("/compte/entrer/")


def test_each_departement_has_its_communes_by_answer_and_the_total_is_france(office):
    page = office.get(FRANCE, {"regle": "council_local", "date": "2026-11-22"})
    rows = shown(page)
    assert len(rows) == 110
    with connection.cursor() as cursor:  # told by hand: above 5,000 inhabitants nothing is missing
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE p.value > 5000) FROM territories_territory t "
            "LEFT JOIN territories_populationseries s ON s.definition = 'total' "
            "LEFT JOIN territories_population p ON p.territory_id = t.id AND p.series_id = s.id "
            "WHERE t.kind = 'commune' AND t.code LIKE '42%' AND t.until IS NULL"
        )
        communes, above = cursor.fetchone()
    assert rows["42"] == [0, above, 0, communes - above, communes]
    departements = [row for code, row in rows.items() if code != "Total"]
    assert rows["Total"] == [sum(column) for column in zip(*departements, strict=True)]
    assert rows["Total"][-1] == Territory.objects.existing(IN_2026).filter(kind="commune").count()


def test_a_council_declared_here_moves_its_commune(office):
    CouncilFactory()
    before = shown(office.get(FRANCE, {"date": "2010-01-01"}))["42"]
    assert shown(office.get(FRANCE))["42"][0] == 1
    assert before[-1] == shown(office.get(FRANCE))["42"][-1]


def test_no_sentence_says_that_a_commune_breaks_the_law(office):
    for address in (FRANCE, f"{EXPECTED}?departement=42&reponse=not_declared"):
        words = office.get(address).content.decode().lower()
        assert "ne veut pas dire que cela n’existe pas" in words
        assert not re.search(r"illégal|infraction|manquement|en défaut|non conforme|hors la loi|viole", words)


def test_the_page_says_why_many_answers_cannot_be_told_and_when_it_was_computed(office):
    with time_machine.travel(dt.datetime(2026, 11, 22, 9, 30, tzinfo=dt.UTC), tick=False):
        said = office.get(FRANCE).content.decode()
    assert "n’est pas chargée ici pour\u00a0: France métropolitaine ; Département ou région d’outre-mer" in said
    assert "calculé le 22 novembre 2026, 10:30" in said


def test_the_page_costs_few_queries_once_counted(office):
    counted(timezone.localdate())
    office.get(FRANCE)
    page, queries = queries_of(office, FRANCE, {"regle": "plenary", "tri": "-cannot_tell"})
    assert page.status_code == 200
    assert queries <= 12


def test_france_is_counted_once_a_day_and_again_when_something_changed():
    with time_machine.travel("2026-11-22T10:00+01:00", tick=False):
        first = counted(dt.date(2020, 6, 30))
        assert kept_reading(dt.date(2020, 6, 30)) == first
        assert kept_reading(IN_2026) is None
    with time_machine.travel("2026-11-23T10:00+01:00", tick=False):
        assert kept_reading(dt.date(2020, 6, 30)) is None
        again = counted(dt.date(2020, 6, 30))
        assert ExpectationReading.objects.get() == again != first


def test_another_list_of_references_makes_the_kept_counts_useless(monkeypatch):
    reading = counted()
    assert kept_reading(IN_2026) == reading
    monkeypatch.setattr("prevenance.domains.pages.analysis.state_of_references", lambda: "autre")
    assert kept_reading(IN_2026) is None


def test_a_limited_number_of_dates_is_kept(monkeypatch):
    monkeypatch.setattr(actions, "KEPT", 2)
    monkeypatch.setattr(actions, "counts_by_departement", lambda on: {"42": {"council_local": {Answer.MET: 3}}})
    for year in (2018, 2019, 2020, 2019):
        counted(dt.date(year, 1, 1))
    assert sorted(ExpectationReading.objects.values_list("day__year", flat=True)) == [2019, 2020]
    assert ExpectationCount.objects.count() == 2


def test_the_job_counts_today_once_and_leaves_an_audit_row(as_owner):
    jobs.count_expectations(0)
    reading = ExpectationReading.objects.get()
    assert reading.day == timezone.localdate()
    jobs.count_expectations(0)
    assert ExpectationReading.objects.get() == reading
    with connection.cursor() as cursor:
        cursor.execute("SELECT scope, detail FROM core_auditrow WHERE action = 'pages.count_expectations'")
        rows = cursor.fetchall()
    assert [scope for scope, _detail in rows] == ["platform"]
    assert '"communes": 34969' in rows[0][1] or '"communes":34969' in rows[0][1]


def test_every_rule_counts_the_same_communes():
    reading = counted()
    rules = set(reading.counts.values_list("rule", flat=True))
    assert {"council_local", "coordinator", "plenary"} <= rules
    assert len({sum(line.communes for line in lines_of(reading, rule)) for rule in rules}) == 1


def test_a_column_and_a_region_are_chosen_in_the_address(office):
    rows = shown(office.get(FRANCE, {"region": "84", "tri": "-not_declared"}))
    assert len(rows) == 13
    numbers = [row[1] for code, row in rows.items() if code != "Total"]
    assert numbers == sorted(numbers, reverse=True)
    assert rows["Total"][1] == sum(numbers)
    names = office.get(FRANCE, {"region": "84", "tri": "-departement"}).content.decode()
    assert names.index("Savoie") > names.index("Rhône-Alpes")
    assert 'aria-sort="descending"' in names
    assert list(shown(office.get(FRANCE, {"tri": "departement"})))[:3] == ["01", "02", "03"]


@pytest.mark.parametrize(
    "wrong", [{"date": "hier"}, {"date": "2999-01-01"}, {"regle": "x"}, {"region": "zz"}, {"tri": "; drop"}]
)
def test_an_address_that_cannot_be_read_shows_today_and_says_so(office, wrong):
    page = office.get(FRANCE, wrong)
    assert page.status_code == 200
    assert len(shown(page)) == 110
    assert ("fr-error-text" in page.content.decode()) is ("tri" not in wrong)


@pytest.mark.parametrize("extension", ["csv", "xlsx", "ods"])
def test_the_table_leaves_as_a_file(office, extension):
    response = office.get(FRANCE, {"format": extension, "region": "84"})
    assert response["Content-Disposition"] == f'attachment; filename="attendus.{extension}"'
    if extension == "csv":
        lines = response.content.decode("utf-8-sig").splitlines()
        assert lines[0] == (
            '"Code";"Département";"Région";"Déclaré";"Non déclaré ici";"Non requis";"Impossible à dire";"Communes"'
        )
        assert len(lines) == 13
        assert lines[1].startswith('"01";"Ain";"Auvergne-Rhône-Alpes";"0";')
    else:
        assert response.content[:2] == b"PK"
    assert office.get(FRANCE, {"format": "exe"}).status_code == 404


def test_the_communes_behind_a_number_are_listed_with_why(office):
    number = shown(office.get(FRANCE))["42"][1]
    page = office.get(EXPECTED, {"regle": "council_local", "departement": "42", "reponse": "not_declared"})
    said = page.content.decode()
    assert page.context["page"].paginator.count == number > 10
    assert "Roanne" in said
    assert "habitants" in said


def test_many_communes_are_paginated_and_cost_as_many_queries_as_few(office):
    CouncilFactory()
    choice = {"regle": "council_local", "departement": "42"}
    office.get(EXPECTED, choice)
    few, queries_of_few = queries_of(office, EXPECTED, choice | {"reponse": "met"})
    many, queries_of_many = queries_of(office, EXPECTED, choice | {"reponse": "not_declared"})
    assert len(few.context["rows"]) == 1
    assert len(many.context["rows"]) > 10
    assert queries_of_few == queries_of_many
    second = office.get(EXPECTED, choice | {"reponse": "cannot_tell", "page": "2"})
    assert len(second.context["rows"]) == 50
    assert second.context["rows"][0]["name"] > "C"


def test_every_commune_of_a_list_leaves_in_the_file(office):
    choice = {"regle": "council_local", "departement": "42", "reponse": "cannot_tell", "format": "csv"}
    lines = office.get(EXPECTED, choice).content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith('"Code Insee";"Commune";"Pourquoi"')
    assert len(lines) - 1 == shown(office.get(FRANCE))["42"][3] > 250
    assert all("quartiers prioritaires" in line for line in lines[1:])


def test_without_a_departement_the_list_says_to_choose_one(office):
    for choice in ({}, {"departement": "00"}, {"departement": "42", "reponse": "met"}):
        page = office.get(EXPECTED, choice)
        assert page.status_code == 200
        assert page.context["rows"] == []
        assert "Choisissez" in page.content.decode()


@given(st.lists(st.integers(0, 1200), max_size=110), st.integers(1, 6))
def test_each_number_is_in_exactly_one_range_of_the_legend(numbers, at_most):
    groups = ranges(numbers, at_most)
    assert [sum(low <= number <= high for low, high in groups) for number in numbers] == [1] * len(numbers)
    assert len(groups) <= at_most + (0 in numbers)
    assert all(any(low <= number <= high for number in numbers) for low, high in groups)


COUNTS = st.lists(st.integers(0, 1200), max_size=110)


def departements(numbers):
    lines = [Line(f"{place:03}", f"Département inventé {place}", f"{place:03}") for place in range(len(numbers))]
    for line, number in zip(lines, numbers, strict=True):
        line.counts[Answer.NOT_DECLARED] = number
    return lines


def interval(words):
    """(lowest, highest) that a line of the legend says."""
    said = [int(re.sub(r"\D", "", number)) for number in re.findall(r"\d[\d\u202f\u00a0]*", words)]
    return (0, 0) if words == "aucune commune" else (said[0], said[-1])


@given(COUNTS)
def test_the_legend_accounts_for_every_departement_once(numbers):
    shown, legend = shades(departements(numbers), Answer.NOT_DECLARED)
    assert sum(group["departements"] for group in legend) == len(numbers) == len(shown)
    assert all(group["departements"] for group in legend), "a shade that no département has is not explained"
    levels = [shade["level"] for shade in shown.values()]
    assert [levels.count(group["level"]) for group in legend] == [group["departements"] for group in legend]


@given(COUNTS)
def test_a_darker_shade_is_a_larger_number_and_none_has_a_shade_of_its_own(numbers):
    lines = departements(numbers)
    shown, legend = shades(lines, Answer.NOT_DECLARED)
    level = {line.code: shown[line.code]["level"] for line in lines}
    for one, number in zip(lines, numbers, strict=True):
        assert (level[one.code] == 0) == (number == 0)
    in_order_of_number = [level[line.code] for line in sorted(lines, key=lambda line: line.counts[Answer.NOT_DECLARED])]
    assert in_order_of_number == sorted(in_order_of_number)
    steps = [group["level"] for group in legend]
    assert steps == list(range(steps[0], steps[0] + len(steps))) if steps else True


@given(COUNTS)
def test_the_words_of_the_legend_hold_the_numbers_of_their_shade(numbers):
    lines = departements(numbers)
    shown, legend = shades(lines, Answer.NOT_DECLARED)
    said = {group["level"]: interval(group["words"]) for group in legend}
    for line, number in zip(lines, numbers, strict=True):
        low, high = said[shown[line.code]["level"]]
        assert low <= number <= high
        assert int(shown[line.code]["words"].split()[0].replace("\u202f", "").replace("\u00a0", "")) == number
    ends = [end for low_and_high in said.values() for end in low_and_high]
    assert ends == sorted(ends), "ranges follow one another"


@given(COUNTS)
def test_every_shade_has_its_class_on_the_map_and_in_the_legend(numbers):
    shown, _legend = shades(departements(numbers), Answer.NOT_DECLARED)
    for level in {shade["level"] for shade in shown.values()}:
        assert f".pv-map .pv-piece--level-{level} {{" in STYLE
        assert f".pv-swatch.pv-piece--level-{level} {{" in STYLE


def test_shades_on_the_map_and_in_the_legend_are_the_same_and_darken():
    on_map = [float(n) * 100 for n in re.findall(r"\.pv-map \.pv-piece--level-\d \{ fill-opacity: ([\d.]+)", STYLE)]
    in_legend = [float(n) for n in re.findall(r"\.pv-swatch\.pv-piece--level-\d \{.*?(\d+)%", STYLE)]
    assert on_map == pytest.approx(in_legend)
    assert len(on_map) == 5
    assert on_map == sorted(on_map)
    assert all(darker - lighter >= 15 for lighter, darker in itertools.pairwise(on_map))


def test_the_map_says_the_same_numbers_as_the_table(office):
    page = office.get(FRANCE, {"region": "84", "carte": "not_declared"})
    rows = shown(page)
    numbers = page.context["map"]["numbers"]
    said = {code: int(shade["words"].split()[0]) for code, shade in numbers.items()}
    assert said == {code: row[1] for code, row in rows.items() if code != "Total"}
    by_number = sorted((said[code], shade["level"]) for code, shade in numbers.items())
    assert [level for _number, level in by_number] == sorted(level for _number, level in by_number)
    assert sum(group["departements"] for group in page.context["map"]["legend"]) == 12
    assert 'data-map="/territoires/region/84/contours.geojson?v=' in page.content.decode()
