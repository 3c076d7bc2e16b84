"""Values come in from a table: every bad row explained, nothing before it is asked, the rest once."""

import logging
import resource
import time
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from prevenance.core.documents.spreadsheet import read_table
from prevenance.core.documents.tables import Column, export
from prevenance.core.refusals import Refused
from prevenance.core.row_security import act_as
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.strategy.actions import value_imports as actions
from prevenance.domains.strategy.models import IndicatorValue, TableImport
from prevenance.domains.strategy.rules import value_imports as rules
from prevenance.domains.territories.models import FormerCode, Territory
from tests.factories import CouncilFactory, actor, coordinator_of, territory
from tests.factories.strategy import (
    IndicatorFactory,
    PlanFactory,
    PlanIndicatorFactory,
    SheetFactory,
    ValueFactory,
    accepted,
    in_force,
    national_plan,
)

pytestmark = pytest.mark.django_db
logger = logging.getLogger(__name__)

HEADERS = ["Indicateur", "Code Insee", "Période", "Valeur", "Rapportée à", "Ventilation", "N° fiche", "Estimée"]


@pytest.fixture
def national():
    return IndicatorFactory(plan=national_plan(), label="Jeunes suivis à l’année")


@pytest.fixture
def county(national):
    plan = in_force(PlanFactory(kind="departement", territory=territory("departement", "42")))
    PlanIndicatorFactory(plan=plan, indicator=national)
    return plan


@pytest.fixture
def prefect(county):
    found = actor("prefect_office", county.scope)
    act_as(found.mandate_id)
    return found


def row(code="42218", period="2025-T1", value="12", *more, label="jeunes suivis a l'annee"):
    return [label, code, period, value, *more, *[""] * (4 - len(more))]


def start(plan, by, *rows):
    numbered = [[number, *cells] for number, cells in enumerate(rows, 2)]
    return actions.start_value_import(plan=plan, headers=HEADERS, rows=numbered, by=by)


def verdict(plan, by, *rows):
    return rules.verdicts(start(plan, by, *rows))[-1]


def test_columns_are_recognised_by_their_headings():
    assert [rules.guess(HEADERS)[str(place)] for place in range(8)] == [
        "indicator", "territory", "period", "value", "denominator", "category", "sheet", "estimated",
    ]  # fmt: skip
    assert rules.guess(["Quoi", "Combien"]) == {}


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (row(label="Autre chose"), "n’est pas un indicateur que ce plan suit"),
        (row(label=""), "L’indicateur manque"),
        (row("99999"), "n’est le code d’aucun territoire"),
        (row(""), "code du territoire manque"),
        (row("69266"), "n’est pas dans le territoire"),
        (row("42"), "se relève par"),
        (row(period="2025-T5"), "n’est pas une période"),
        (row(period="2025-02-01"), "n’est pas une période"),
        (row(period="2090-T1"), "n’a pas commencé"),
        (row(value=""), "écrivez 0"),
        (row(value="douze"), "n’est pas un nombre"),
        (row("42218", "2025-T1", "3", "40"), "n’est pas un rapport"),
        (row("42218", "2025-T1", "3", "", "filles"), "ventilation n’est pas celle"),
        (row("42218", "2025-T1", "3", "", "martiens"), "ventilation connue"),
        (row("42218", "2025-T1", "3", "", "", "7"), "fiche 7 ne suit"),
        (row("42218", "2025-T1", "3", "", "", "", "peut-être"), "écrivez « oui »"),
    ],
)
def test_each_bad_row_is_explained(county, prefect, cells, sentence):
    found = verdict(county, prefect, cells)
    assert found.outcome == "bad"
    assert sentence in " ".join(found.problems).replace("\u00a0", " ")


def test_rows_that_say_the_same_thing_twice_are_explained(county, prefect):
    assert "ligne 2" in verdict(county, prefect, row(), row("42218", "T1 2025", "13")).problems[0]
    assert "compterait deux fois" in verdict(county, prefect, row(), row("244200770")).problems[0]


def test_what_is_there_is_compared(county, prefect, national):
    town = territory("commune", "42218")
    draft = ValueFactory(indicator=national, plan=county, territory=town)
    assert verdict(county, prefect, row()).outcome == "same"
    assert verdict(county, prefect, row(value="13")).outcome == "update"
    IndicatorValue.objects.update(state="submitted")
    assert "déjà transmise" in verdict(county, prefect, row(value="13")).problems[0]
    accepted(draft)
    assert "corrigez-la" in verdict(county, prefect, row(value="13")).problems[0]


def test_codes_of_before_and_codes_that_lost_their_zero_are_honoured(national):
    plan = national_plan_of_its_own(national)
    secretariat = actor("national_secretariat", plan.scope)
    act_as(secretariat.mandate_id)
    former = FormerCode.objects.filter(nature="former").exclude(
        code__in=Territory.objects.filter(kind="commune").values("code")
    ).first()  # fmt: skip
    found = verdict(plan, secretariat, row(former.code))
    assert (found.told.territory, found.told.former_code) == (former.territory_id, former.code)
    assert verdict(plan, secretariat, row("1004")).told.territory == territory("commune", "01004").pk


def national_plan_of_its_own(national):
    PlanIndicatorFactory(plan=national.plan, indicator=national)
    return national.plan


def test_ratios_categories_sheets_and_estimates_are_read(county, prefect):
    ratio = IndicatorFactory(
        plan=county, label="Taux", nature="ratio", denominator_label="habitants", numerator_label="faits", split="sex"
    )
    sheet = SheetFactory(plan=county)
    PlanIndicatorFactory(plan=county, indicator=ratio, sheet=sheet)
    line = ["Taux", "42218", "1er trimestre 2025", "1 234,5", "2 000", "Femmes", str(sheet.number), "oui"]
    told = verdict(county, prefect, line).told
    assert (told.numerator, told.denominator, told.category, told.sheet, told.estimated) == (
        Decimal("1234.5"), 2000, "girls", sheet.pk, True,
    )  # fmt: skip


def test_nothing_comes_in_before_it_is_asked_then_once(county, prefect):
    draft = start(county, prefect, row(), row("42187", value="x"), row("42187", "T2 2025", "0"))
    assert not IndicatorValue.objects.exists()
    with pytest.raises(Stale, match="a changé"):
        actions.run_value_import(draft=draft, consent=3, by=prefect)
    assert actions.run_value_import(draft=draft, consent=2, by=prefect) == 2
    with pytest.raises(Stale, match="déjà importé"):
        actions.run_value_import(draft=draft, consent=2, by=prefect)
    assert sorted(IndicatorValue.objects.values_list("numerator", flat=True)) == [0, 12]
    draft.refresh_from_db()
    assert [line[0] for line in draft.rows] == [3]
    assert (draft.imported_count, draft.left_count) == (2, 1)
    actions.discard_value_import(draft=draft, by=prefect)
    with pytest.raises(Stale, match="n’est plus là"):
        actions.discard_value_import(draft=draft, by=prefect)


def test_a_table_without_its_columns_or_too_long_or_another_s_is_refused(county, prefect, monkeypatch):
    draft = start(county, prefect, row())
    actions.match_value_columns(draft=draft, mapping={"0": "indicator"}, by=prefect)
    with pytest.raises(Refused, match="Code du territoire"):
        actions.run_value_import(draft=draft, consent=1, by=prefect)
    stranger = coordinator_of(CouncilFactory())
    with pytest.raises(Refused, match="tiennent ce plan"):
        start(county, stranger, row())
    act_as(stranger.mandate_id)
    assert not TableImport.objects.filter(pk=draft.pk).exists()  # the database itself hides another's rows
    act_as(prefect.mandate_id)
    monkeypatch.setitem(rules.words(), "most_rows", 1)
    with pytest.raises(Refused, match="dépasse 1 lignes"):
        start(county, prefect, row(), row("42187"))


def test_a_table_that_tells_of_persons_helped_is_not_kept(county, prefect):
    for header, cell in (("Nom du jeune", "Inventé"), ("Autre", "1 85 05 78 006 084 36")):
        with pytest.raises(Refused, match="n’a pas été gardé"):
            actions.start_value_import(plan=county, headers=[*HEADERS, header], rows=[[2, *row(), cell]], by=prefect)
    assert not TableImport.objects.exists()


def test_screens_take_a_table_from_its_columns_to_its_values(county, prefect, sign_in):
    client = sign_in(prefect)
    begin = reverse("strategy:value_import_start", args=[county.pk])
    assert client.get(begin).status_code == 200
    assert client.post(begin, {"pasted": ""}).status_code == 422
    pasted = "\n".join("\t".join(line) for line in (["Quoi", *HEADERS[1:]], row(), row("42187", value="d’ouze")))
    columns = client.post(begin, {"pasted": pasted})["Location"]
    assert columns.endswith("/colonnes/")  # « Quoi » says nothing
    named = {f"column_{place}": name for place, name in enumerate(["indicator", "territory", "period", "value"])}
    assert client.get(columns).status_code == 200
    assert client.post(columns, {"column_0": "indicator"}).status_code == 422
    assert client.post(columns, named | {"column_4": "value"}).status_code == 422
    preview = client.post(columns, named)["Location"]
    shown = client.get(preview).content.decode().replace("\u00a0", " ")
    assert "n’est pas un nombre" in shown
    assert client.get(preview + "?lignes=corriger").status_code == 200
    assert client.post(preview, {"rows": 2}).status_code == 302  # no longer what was agreed to: nothing is written
    assert not IndicatorValue.objects.exists()
    for _click in range(2):
        assert client.post(preview, {"rows": 1}).status_code == 302
    assert IndicatorValue.objects.count() == 1
    assert "Tableau importé" in client.get(preview).content.decode()
    left = client.get(preview + "a-corriger/?format=csv").content.decode("utf-8-sig")
    assert "d’ouze" in left
    assert client.get(preview + "supprimer/").status_code == 200
    assert client.post(preview + "supprimer/").status_code == 302
    assert client.get(preview).status_code == 404


def test_screens_are_for_those_who_hold_the_plan(county, prefect, sign_in):
    draft = start(county, prefect, row())
    preview = reverse("strategy:value_import_preview", args=[county.pk, draft.pk])
    assert sign_in(coordinator_of(CouncilFactory())).get(preview).status_code == 404
    assert sign_in(actor("prosecutor_office", county.scope)).get(preview).status_code == 404


BAD = {
    "douze": lambda cells: [*cells[:3], "douze", *cells[4:]],
    "place": lambda cells: [cells[0], "99999", *cells[2:]],
    "period": lambda cells: [*cells[:2], "2025-T7", *cells[3:]],
    "empty": lambda cells: [*cells[:3], "", *cells[4:]],
    "indicator": lambda cells: ["Inconnu", *cells[1:]],
}


def test_fifty_thousand_rows_with_five_hundred_bad_ones(national):
    """As a national secretariat would bring them: 25,000 communes, two quarters, in CSV."""
    plan = national_plan_of_its_own(national)
    secretariat = actor("national_secretariat", plan.scope)
    act_as(secretariat.mandate_id)
    communes = Territory.objects.existing().filter(kind="commune").order_by("code").values_list("code", flat=True)
    table = [
        row(code, f"2025-T{quarter}", str(number))
        for quarter in (1, 2)
        for number, code in enumerate(communes[:25_000])
    ]
    kinds = list(BAD.values())
    for turn in range(500):
        table[turn * 100] = kinds[turn % len(kinds)](table[turn * 100])
    columns = [Column(str(place), name) for place, name in enumerate(HEADERS)]
    file = export("csv", columns, ({str(p): cell for p, cell in enumerate(cells)} for cells in table), title="Valeurs")
    clock, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    read = read_table(file[0], "valeurs.csv", most=60_000)
    lines = [[number, *cells] for number, cells in zip(read.numbers, read.rows, strict=True)]
    draft = actions.start_value_import(plan=plan, headers=list(read.headers), rows=lines, by=secretariat)
    received = time.perf_counter() - clock
    clock = time.perf_counter()
    with CaptureQueriesContext(connection) as queries:
        found = rules.verdicts(draft)
    checked = time.perf_counter() - clock
    bad = [verdict for verdict in found if verdict.outcome == "bad"]
    assert len(queries) < 20
    assert len(bad) == 500
    assert all(verdict.problems for verdict in bad)
    assert {verdict.line for verdict in bad} == {turn * 100 + 2 for turn in range(500)}
    assert not IndicatorValue.objects.exists()
    del found, bad
    clock = time.perf_counter()
    assert actions.run_value_import(draft=draft, consent=49_500, by=secretariat) == 49_500
    written = time.perf_counter() - clock
    with pytest.raises(Stale):
        actions.run_value_import(draft=draft, consent=49_500, by=secretariat)
    assert IndicatorValue.objects.filter(state="draft").count() == 49_500
    draft.refresh_from_db()
    assert len(draft.rows) == 500
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    seconds = {"received": round(received, 1), "checked": round(checked, 1), "written": round(written, 1)}
    logger.info("50,000 rows: %s seconds, %s MB more", seconds, grown)
    assert grown < 600


def test_a_workbook_of_that_size_is_read():
    columns = [Column(str(place), name) for place, name in enumerate(HEADERS)]
    rows = ({str(p): cell for p, cell in enumerate(row("42218", "2025-T1", str(n)))} for n in range(50_000))
    content = export("xlsx", columns, rows, title="Valeurs")[0]
    assert len(read_table(content, "valeurs.xlsx", most=60_000).rows) == 50_000
