"""Priority neighbourhoods: the official format, invented rows. The official list is not delivered with the project."""

import io
from datetime import date

import pytest
import xlsxwriter
from django.core.management import CommandError, call_command

from prevenance.domains.territories.forms import UnusableList, read_neighbourhoods
from prevenance.domains.territories.models import PriorityNeighbourhood, Territory

HEADERS = "code_qp;lib_qp;insee_reg;lib_reg;insee_dep;lib_dep;insee_com;lib_com;siren_epci;lib_epci"
ROWS = [
    'QN04299X;Quartier inventé des Essais;84;Auvergne-Rhône-Alpes;42;Loire;"=""42218""";Saint-Étienne;244200770;SEM',
    'QN01398X;Quartier inventé à cheval;93;PACA;13;Bouches-du-Rhône;"=""13055;13070""";"Marseille; La Penne";;',
    "QN01099X;Quartier inventé d’ancien code;84;ARA;01;Ain;01144;Dommartin;;",
    "QN07599X;Quartier inventé d’arrondissement;11;IDF;75;Paris;75118;Paris 18e;200054781;MGP",
]
COMMUNES = {"42218": 1, "13055": 2, "13070": 3, "01144": 4, "75118": 5, "01004": 6}


def as_csv(*rows, headers=HEADERS, encoding="utf-8-sig"):
    return "\r\n".join([headers, *rows]).encode(encoding)


def as_xlsx(*rows):
    output = io.BytesIO()
    with xlsxwriter.Workbook(output) as workbook:
        sheet = workbook.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return output.getvalue()


def test_a_neighbourhood_may_spread_over_several_communes():
    listed = {n.code: n for n in read_neighbourhoods(as_csv(*ROWS), "liste.csv", COMMUNES)}
    assert len(listed) == 4
    assert listed["QN01398X"].communes == {2, 3}
    assert listed["QN04299X"].communes == {1}
    assert listed["QN04299X"].name == "Quartier inventé des Essais"


def test_the_same_list_is_read_from_a_workbook_even_where_it_lost_a_zero():
    rows = [["code_qp", "lib_qp", "insee_com"], ["QN00199X", "Quartier inventé", 1004], ["QN04299X", "Autre", "42218"]]
    listed = read_neighbourhoods(as_xlsx(*rows), "liste.xlsx", COMMUNES)
    assert [sorted(n.communes) for n in listed] == [[6], [1]]


def test_one_row_for_each_commune_is_one_neighbourhood():
    rows = ["QN01398X;Quartier inventé;13055", "QN01398X;Quartier inventé;13070"]
    (only,) = read_neighbourhoods(as_csv(*rows, headers="code_qp;lib_qp;insee_com"), "l.csv", COMMUNES)
    assert only.communes == {2, 3}


def test_every_bad_row_is_explained_with_its_line():
    rows = [
        "QN04299X;Quartier inventé;42218",
        "4299;Sans bon code;42218",
        "QN04298X;;42218",
        "QN04297X;Sans commune;",
        "QN04296X;Ailleurs;99999",
        "QN04299X;Un autre nom;42218",
    ]
    with pytest.raises(UnusableList) as caught:
        read_neighbourhoods(as_csv(*rows, headers="code_qp;lib_qp;insee_com"), "l.csv", COMMUNES)
    assert [problem.line for problem in caught.value.problems] == [3, 4, 5, 6, 7]
    said = str(caught.value)
    assert "« 4299 » n’est pas un code de quartier" in said.replace("\u00a0", " ")
    assert "aucune commune n’a le code 99999" in said
    assert "le nom du quartier QN04298X manque" in said
    assert "la commune du quartier QN04297X manque" in said
    assert "a déjà un autre nom" in said


def test_a_file_without_the_columns_names_those_that_lack():
    with pytest.raises(UnusableList) as caught:
        read_neighbourhoods(as_csv("a;b", headers="code;ville"), "l.csv", COMMUNES)
    assert "code_qp, lib_qp, insee_com" in str(caught.value)
    assert "code, ville" in str(caught.value)


# Through the command, in a database of its own --------------------------------------------------------------------


def load(*arguments):
    said = io.StringIO()
    call_command("import_qpv", *map(str, arguments), stderr=said)
    return said.getvalue()


def known(kind, code, on=None):
    found = PriorityNeighbourhood.objects.known_in(Territory.objects.at(kind, code), on)
    return found.vintage, [n.code for n in found.listed]


@pytest.fixture
def official(tmp_path):
    path = tmp_path / "liste.csv"
    path.write_bytes(as_csv(*ROWS))
    return path


def test_nothing_can_be_told_while_no_list_is_loaded(owned_france):
    assert known("commune", "42218") == (None, [])


def test_not_covered_none_and_some_are_three_answers(owned_france, official):
    assert "4 ajoutés" in load(official)
    assert known("commune", "42218") == known("epci", "244200770") == (2024, ["QN04299X"])
    assert known("departement", "13") == (2024, ["QN01398X"])
    assert known("commune", "48095") == (2024, []), "Mende is in a zone that the list covers"
    assert known("commune", "97411") == (None, []), "a list without overseas says nothing of overseas"
    assert known("nation", "FR") == (None, [])
    assert known("commune", "42218", date(2020, 1, 1)) == (None, []), "the list of 2024 says nothing of 2020"
    assert known("commune", "01144") == (2024, ["QN01099X"]), "a former code leads to the commune of today"
    assert known("commune", "75056") == (2024, ["QN07599X"]), "an arrondissement leads to Paris"


def test_loading_it_again_changes_nothing(owned_france, official):
    before = list(PriorityNeighbourhood.objects.order_by("pk").values_list("pk", "code"))
    assert "0 ajoutés, 0 modifiés" in load(official)
    assert list(PriorityNeighbourhood.objects.order_by("pk").values_list("pk", "code")) == before


def test_each_vintage_is_kept_and_answers_for_its_years(owned_france, tmp_path):
    older = as_csv("QP042099;Quartier inventé de 2015;42218", headers="code_qp;lib_qp;insee_com")
    (tmp_path / "ancienne.csv").write_bytes(older)
    load(tmp_path / "ancienne.csv", "--vintage", 2015)
    assert known("commune", "42218", date(2020, 1, 1)) == (2015, ["QP042099"])
    assert known("commune", "42218") == (2024, ["QN04299X"])


def test_one_bad_row_and_nothing_is_imported(owned_france, tmp_path):
    (tmp_path / "fausse.csv").write_bytes(as_csv(*ROWS, "QN09999X;Nulle part;;;;;99999;;;"))
    with pytest.raises(CommandError) as caught:
        load(tmp_path / "fausse.csv")
    assert "Ligne 6" in str(caught.value)
    assert str(caught.value).endswith("Rien n’a été chargé.")
    assert PriorityNeighbourhood.objects.count() == 5


def test_a_shorter_list_of_the_same_vintage_replaces_it(owned_france, tmp_path):
    (tmp_path / "courte.csv").write_bytes(as_csv(ROWS[0]))
    load(tmp_path / "courte.csv")
    assert set(PriorityNeighbourhood.objects.values_list("code", flat=True)) == {"QN04299X", "QP042099"}
    assert known("commune", "01144") == (2024, [])


def test_what_is_not_a_table_is_refused_in_french(owned_france, tmp_path):
    (tmp_path / "liste.pdf").write_bytes(b"%PDF-1.7")
    with pytest.raises(CommandError, match="Enregistrez-le au format XLSX"):
        load(tmp_path / "liste.pdf")
    with pytest.raises(CommandError, match="Fichier illisible"):
        load(tmp_path / "absent.csv")
