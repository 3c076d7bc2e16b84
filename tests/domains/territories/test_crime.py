"""The communal file of recorded crime: what is published, what is not, codes of before, bad rows, a file twice.

Figures are invented. Columns are those of the edition of July 2026 (see forms/crime.py).
"""

import gzip

import polars as pl
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from prevenance.core.audit import MACHINE
from prevenance.core.models import AuditRow
from prevenance.core.refusals import Refused
from prevenance.domains.territories import actions
from prevenance.domains.territories.forms import UnusableList, crime
from prevenance.domains.territories.models import CrimeSeries, FormerCode, RecordedCrime, ReferenceImport, Territory

pytestmark = pytest.mark.usefixtures("_undone")

HEADER = (
    '"CODGEO_2026";"annee";"indicateur";"unite_de_compte";"nombre";"taux_pour_mille";"est_diffuse";"insee_pop";'
    '"insee_pop_millesime";"insee_log";"insee_log_millesime";"complement_info_nombre";"complement_info_taux"'
)
FAMILY, CARS = "Violences physiques intrafamiliales", "Vols de véhicule"
UNITS = {FAMILY: "Victime", CARS: "Véhicule"}


def row(code, year, indicator, number, *, shown=None, unit=None):
    """`number` None: not published."""
    said = shown or ("ndiff" if number is None else "diff")
    told = "NA" if number is None else number
    mean = '"2,05";"0,61"' if number is None else '"NA";"NA"'
    unit = unit or UNITS[indicator]
    return f'"{code}";"{year}";"{indicator}";"{unit}";"{told}";"1,25";"{said}";"3000";"2023";"1500";"2022";{mean}'


@pytest.fixture
def _undone(owned_france):
    """Commands fill these tables as the owner of the database; what a test wrote is undone."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def write(tmp_path):
    def write(*rows, name="communes.csv", header=HEADER):
        path = tmp_path / name
        data = "\n".join([header, *rows, ""]).encode()
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    return write


def bring(path, said=None):
    return actions.import_crime(by=MACHINE, path=path, say=(said.append if said is not None else lambda line: None))


def value(code, year=2025, indicator=FAMILY):
    """The figure kept; raises when there is no row."""
    return RecordedCrime.objects.get(
        commune__code=code, commune__kind="commune", series__year=year, series__indicator=indicator
    ).value


def problems(path):
    with pytest.raises(UnusableList) as refused:
        bring(path)
    assert not RecordedCrime.objects.exists()
    assert not CrimeSeries.objects.exists()
    return refused.value.problems


def test_what_is_published_is_kept_and_what_is_not_is_no_zero(write):
    said = []
    changes = bring(
        write(row("42218", 2025, FAMILY, 812), row("42207", 2025, FAMILY, 0), row("42187", 2025, FAMILY, None),
              row("42218", 2024, FAMILY, 790), row("42218", 2025, CARS, "1204,0")),
        said,
    )  # fmt: skip
    assert (changes.added, changes.changed, changes.removed) == (5, 0, 0)
    assert (value("42218"), value("42207"), value("42187")) == (812, 0, None)
    assert value("42218", indicator=CARS) == 1204
    series = CrimeSeries.objects.get(indicator=FAMILY, year=2025)
    assert (series.unit, series.vintage, series.published, series.withheld) == ("Victime", 2026, 2, 1)
    assert set(CrimeSeries.objects.of_victims()) == set(CrimeSeries.objects.filter(indicator=FAMILY))
    assert any("Lignes lues" in line for line in said)
    assert any("2024" in line for line in said)
    told = ReferenceImport.objects.get(kind="crime")
    assert (told.vintage, told.rows) == (2026, 5)
    assert "SSMSI" in told.source
    assert AuditRow.objects.filter(action__endswith="import_crime").count() == 1


def test_a_mean_of_communes_that_are_not_published_never_fills_in(write):
    """`complement_info_nombre` is the mean of the département's hidden communes: it is not the commune's."""
    bring(write(row("42187", 2025, FAMILY, None)))
    assert list(RecordedCrime.objects.values_list("value")) == [(None,)]


def test_the_same_file_again_changes_nothing_and_another_replaces_its_years(write):
    rows = [row("42218", 2024, FAMILY, 790), row("42218", 2025, FAMILY, 812), row("42187", 2025, FAMILY, 31)]
    bring(write(*rows))
    again = bring(write(*rows))
    assert (again.added, again.changed, again.removed) == (0, 0, 0)
    later = bring(write(row("42218", 2025, FAMILY, 820), row("42207", 2025, FAMILY, 7)))
    assert (later.added, later.changed, later.removed) == (1, 1, 1)
    assert (value("42218"), value("42207"), value("42218", 2024)) == (820, 7, 790)
    assert not RecordedCrime.objects.filter(commune__code="42187").exists()
    last = bring(write(row("42218", 2025, CARS, 3)))
    assert last.removed == 2
    assert set(CrimeSeries.objects.values_list("indicator", "year")) == {(FAMILY, 2024), (CARS, 2025)}


def test_codes_of_before_lead_to_the_commune_of_today_and_add_up(write):
    """Communes that merged since the file's codes: their sum, unless one is not published."""
    merged = Territory.objects.existing().filter(kind="commune", former_codes__nature="former")
    one, other = merged.order_by("code").distinct()[:2]
    olds = [FormerCode.objects.filter(territory=place, nature="former").first().code for place in (one, other)]
    bring(write(row(one.code, 2025, FAMILY, 10), row(olds[0], 2025, FAMILY, 6),
                row(other.code, 2025, FAMILY, 10), row(olds[1], 2025, FAMILY, None)))  # fmt: skip
    assert (value(one.code), value(other.code)) == (16, None)


def test_arrondissements_do_not_count_twice(write):
    """The file has Lyon and its nine arrondissements."""
    rows = [row("69123", 2025, FAMILY, 900)]
    changes = bring(write(*rows, *(row(f"6938{rank}", 2025, FAMILY, 100) for rank in range(1, 10))))
    assert changes.added == 1
    assert value("69123") == 900


def test_a_first_zero_lost_by_a_spreadsheet_is_given_back(write):
    bring(write(row("1004", 2025, FAMILY, 12)))
    assert value("01004") == 12


@pytest.mark.parametrize("name", ["communes.csv", "communes.csv.gz", "communes.parquet"])
def test_three_formats_read_in_pieces_give_the_same(name, write, tmp_path, monkeypatch):
    monkeypatch.setattr(crime, "PIECE", 400)  # bytes: two lines or so, ten of a Parquet
    communes = Territory.objects.existing().filter(kind="commune", code__startswith="42")
    codes = list(communes.order_by("code").values_list("code", flat=True)[:60])
    rows = [row(code, 2025, FAMILY, rank if rank % 3 else None) for rank, code in enumerate(codes)]
    path = write(*rows, name="communes.csv" if name.endswith("parquet") else name)
    if name.endswith("parquet"):
        texts = dict.fromkeys(("CODGEO_2026", "complement_info_nombre", "complement_info_taux"), pl.String)
        table = pl.read_csv(path, separator=";", null_values="NA", schema_overrides=texts)
        path = tmp_path / name
        table.write_parquet(path)
    said = []
    assert bring(path, said).added == 60
    assert sum("Lignes lues" in line for line in said) > 3
    for rank, code in enumerate(codes):
        assert value(code) == (rank if rank % 3 else None)


def test_every_bad_row_is_explained_and_nothing_is_written(write, monkeypatch):
    monkeypatch.setattr(crime, "PIECE", 500)  # several pieces: lines are those of the file all the same
    found = problems(
        write(
            row("42218", 2025, FAMILY, 812), row("99999", 2025, FAMILY, 3), row("42218", "25", CARS, 3),
            row("42207", 2025, FAMILY, "-4"), row("42207", 2025, FAMILY, "douze"),
            row("42187", 2025, FAMILY, "NA", shown="diff"), row("42187", 2025, FAMILY, 3, shown="oui"),
            row("42187", 2025, "", 3, unit="Victime"), row("42187", 2025, FAMILY, "3,5"),
        )
    )  # fmt: skip
    assert [problem.line for problem in found] == list(range(3, 11))
    words = ("99999", "« 25 »", "-4", "douze", "manque", "oui", "indicateur", "3,5")
    for problem, word in zip(found, words, strict=True):
        assert word in str(problem).replace("\u00a0", " ")


def test_a_figure_said_twice_or_in_two_units_is_refused(write):
    (twice,) = problems(write(row("42218", 2025, FAMILY, 812), row("42218", 2025, FAMILY, 812)))
    assert (twice.line, "à la ligne 2" in twice.sentence) == (3, True)
    (units,) = problems(write(row("42218", 2025, FAMILY, 812), row("42187", 2025, FAMILY, 8, unit="Infraction")))
    assert FAMILY in units.sentence


@pytest.mark.parametrize(
    ("header", "word"),
    [(HEADER.replace("CODGEO_2026", "commune"), "CODGEO_2026"), (HEADER.replace("est_diffuse", "x"), "est_diffuse")],
)
def test_another_file_is_refused_by_its_columns(header, word, write):
    (problem,) = problems(write(row("42218", 2025, FAMILY, 812), header=header))
    assert word in problem.sentence


def test_an_earlier_edition_does_not_replace_a_later_one(write):
    bring(write(row("42218", 2025, FAMILY, 812)))
    with pytest.raises(Refused):
        bring(write(row("42218", 2024, FAMILY, 1), header=HEADER.replace("2026", "2025")))
    assert RecordedCrime.objects.count() == 1


def test_the_command_says_what_it_did_and_what_is_wrong(write, capsys):
    call_command("import_crime", str(write(row("42218", 2025, FAMILY, 812))))
    assert "1 ajoutés" in capsys.readouterr().err
    with pytest.raises(CommandError, match="Rien n’a été chargé"):
        call_command("import_crime", str(write(row("99999", 2025, FAMILY, 812))))
    with pytest.raises(CommandError, match="illisible"):
        call_command("import_crime", "/nulle/part.csv")


def test_a_departement_of_a_series_is_read_by_the_key(write):
    """No page reads the five million rows: what is asked is a series and some communes."""
    bring(write(row("42218", 2025, FAMILY, 812)))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT value FROM territories_recordedcrime WHERE series_id = 1 AND commune_id = ANY(%s)",
            [list(range(300))],
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "territories_recordedcrime_pkey" in plan
