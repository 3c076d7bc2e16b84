"""Tables read from files: exact columns, and the first row at fault named with its file."""

import polars as pl
import pytest

from prevenance.core import table_files
from prevenance.core.table_files import ID, PLACE, BadTable, Column, read, write

COLUMNS = (ID, *PLACE, Column("weight", least=0))
EXPECTED = "attendues : id, longitude, latitude, weight."
GOOD = "id,longitude,latitude,weight\n01001,4.92,46.15,12\n2A004,8.73,41.91,0\n"


@pytest.fixture
def there(tmp_path):
    def put(content, name="demande.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return put


def test_text_stays_text_and_numbers_are_numbers(there):
    table = read(there(GOOD), COLUMNS)
    assert table.rows() == [("01001", 4.92, 46.15, 12.0), ("2A004", 8.73, 41.91, 0.0)]


@pytest.mark.parametrize(
    "content",
    [
        GOOD.replace(".", "\0").replace(",", ";").replace("\0", ","),
        "\ufeff" + GOOD,
        GOOD.replace("\n", "\r\n"),
        GOOD + "\n\n",
        "weight,id,latitude,longitude\n12,01001,46.15,4.92\n0,2A004,41.91,8.73\n",
        GOOD.replace("01001", '"01001"'),
    ],
)
def test_what_spreadsheets_write_is_read(there, content):
    assert read(there(content), COLUMNS).equals(read(there(GOOD, "plain.csv"), COLUMNS))


@pytest.mark.parametrize("name", ["table.csv", "table.parquet"])
def test_what_is_written_is_read_back(tmp_path, there, name):
    table = read(there(GOOD), COLUMNS)
    write(tmp_path / name, table)
    assert read(tmp_path / name, COLUMNS).equals(table)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "ligne 1 : la ligne des noms de colonnes manque."),
        (GOOD.replace("weight", "poids"), f"ligne 1 : colonne inconnue « poids » ; {EXPECTED}"),
        ("id,longitude,latitude\n", f"ligne 1 : la colonne « weight » manque ; {EXPECTED}"),
        ("id,id,latitude\n", "ligne 1 : la colonne « id » y est deux fois."),
        (GOOD.replace("8.73", ""), "ligne 3 : longitude manque."),
        (GOOD.replace("2A004", " "), "ligne 3 : id manque."),
        (GOOD + "\n3,1,1,1\n", "ligne 4 : id manque."),
        (GOOD.replace("46.15", "Bourg"), "ligne 2 : « Bourg » n’est pas un nombre (latitude)."),
        (GOOD.replace("46.15", "nan"), "ligne 2 : « nan » n’est pas un nombre (latitude)."),
        (GOOD.replace(",12", ",inf"), "ligne 2 : « inf » n’est pas un nombre (weight)."),
        (GOOD.replace(",12", ",-0.5"), "ligne 2 : weight vaut -0.5, moins que 0."),
        (GOOD.replace("46.15", "91"), "ligne 2 : latitude vaut 91, plus que 90."),
        (GOOD.replace("2A004", "01001"), "ligne 3 : « 01001 » (id) est déjà à la ligne 2."),
        (GOOD.replace(",0\n", ",0,0\n"), "ligne 3 : 5 cellules pour 4 colonnes."),
        (GOOD.replace(",0\n", "\n"), "ligne 3 : weight manque."),
        (GOOD.encode() + b"\xe9,1,1,1", "ligne 4 : ce texte n’est pas en UTF-8."),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_row(there, content, said):
    path = there(content)
    with pytest.raises(BadTable) as told:
        read(path, COLUMNS)
    assert str(told.value) == f"{path}, {said}"


def test_the_first_row_at_fault_is_the_one_named(there):
    path = there(GOOD.replace(",0\n", ",-1\n").replace("4.92", "x"))
    with pytest.raises(BadTable, match="ligne 2 : « x »"):
        read(path, COLUMNS)


def test_faults_of_parquet_are_named_by_rank(tmp_path, there):
    path = tmp_path / "demande.parquet"
    table = pl.DataFrame({"id": [1, 2], "longitude": [1, 2], "latitude": [3.0, None], "weight": [1, 2]})
    table.write_parquet(path)
    with pytest.raises(BadTable, match=r"demande\.parquet, ligne 2 : latitude manque\."):
        read(path, COLUMNS)
    with pytest.raises(BadTable, match="ce fichier n’est pas un tableau Parquet"):
        read(there("id,longitude", "faux.parquet"), COLUMNS)


def test_files_that_are_not_there_or_no_table_are_said(tmp_path):
    with pytest.raises(BadTable, match="introuvable"):
        read(tmp_path / "absent.csv", COLUMNS)
    with pytest.raises(BadTable, match=r"finit par \.csv ou \.parquet"):
        read(tmp_path / "table.xlsx", COLUMNS)


def test_nothing_is_left_of_a_table_that_could_not_be_written(tmp_path, there, monkeypatch):
    path = there("before", "out.csv")

    def fail(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(table_files.pl.DataFrame, "write_csv", fail)
    with pytest.raises(BadTable, match="disque plein"):
        write(path, pl.DataFrame({"id": ["1"]}))
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(BadTable, match="introuvable"):
        write(tmp_path / "nowhere" / "out.parquet", pl.DataFrame({"id": ["1"]}))
