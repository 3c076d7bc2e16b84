"""An exported table opens in a French spreadsheet with its types, and none of its texts is ever computed."""

import csv
import io
import tracemalloc
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from xml.etree import ElementTree

import odfdo
import pytest
import python_calamine
from django.utils.translation import gettext_lazy
from hypothesis import given, settings
from hypothesis import strategies as st

from prevenance.core.documents import tables
from prevenance.core.documents.tables import FORMATS, Column, export, to_csv, to_ods, to_xlsx

COLUMNS = [
    Column("name", gettext_lazy("Nom d’usage")),
    Column("members", "Membres", "integer"),
    Column("amount", "Montant (€)", "decimal"),
    Column("held_on", "Tenue le", "date"),
    Column("made_at", "Saisie le", "datetime"),
    Column("open", "Ouverte", "boolean"),
]
ROW = {
    "name": "Conseil ; d’« Essai »\nsuite",
    "members": 12,
    "amount": Decimal("-1234.50"),
    "held_on": date(2026, 3, 12),
    "made_at": datetime(2026, 7, 1, 12, 5, tzinfo=UTC),
    "open": True,
}
EMPTY = dict.fromkeys(ROW)
DANGEROUS = ["=1+1", "+33 6 00 00 00 00", "-2", "@SOMME(A1)", "\t=1", "\r=1", " =1", "＝1", '=HYPERLINK("http://x")']


def lines(data):
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"))


def cells(data):
    return python_calamine.load_workbook(io.BytesIO(data)).get_sheet_by_index(0).to_python(skip_empty_area=False)


def test_csv_is_what_excel_in_french_opens():
    data = to_csv(COLUMNS, [ROW])
    assert data.startswith(b"\xef\xbb\xbf")
    assert (
        data.split(b"\r\n")[0].decode("utf-8-sig")
        == '"Nom d’usage";"Membres";"Montant (€)";"Tenue le";"Saisie le";"Ouverte"'
    )
    assert lines(data)[1] == [ROW["name"], "12", "-1234,50", "2026-03-12", "2026-07-01 14:05", "oui"]


@pytest.mark.parametrize("format", ["xlsx", "ods"])
def test_a_workbook_keeps_the_types(format):
    data, content_type, extension = export(format, COLUMNS, [ROW, EMPTY, ROW], title="Conseils")
    header, row, empty, _last = cells(data)
    assert extension == format
    assert content_type == tables.CONTENT_TYPES[format]
    assert header == ["Nom d’usage", "Membres", "Montant (€)", "Tenue le", "Saisie le", "Ouverte"]
    assert row == [ROW["name"], 12, -1234.5, date(2026, 3, 12), datetime(2026, 7, 1, 14, 5), "oui"]
    assert empty == [""] * 6


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_text_is_computed_in_csv(text):
    shown = lines(to_csv([Column("a", text)], [{"a": text}]))
    for (cell,) in shown:
        assert cell.startswith("'")
        assert cell[1:] == text.replace("\r", "\n")


@pytest.mark.parametrize("text", ["Réunion", "06 00 00 00 00", "1-2", "a=b", "", "camille@exemple.invalid"])
def test_an_ordinary_text_gets_no_apostrophe(text):
    assert lines(to_csv([Column("a", "A"), Column("b", "B")], [{"a": text, "b": "x"}]))[1][0] == text


def test_a_negative_number_stays_a_number():
    assert lines(to_csv([Column("a", "A", "integer"), Column("b", "B", "decimal")], [{"a": -3, "b": -0.1}]))[1] == [
        "-3",
        "-0,1",
    ]


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_text_is_a_formula_or_a_link_in_a_workbook(text):
    columns, rows = [Column("a", text)], [{"a": text}]
    with zipfile.ZipFile(io.BytesIO(to_xlsx(columns, rows, title=text))) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314 - our own file
        names = {element.tag.rpartition("}")[2] for element in sheet.iter()}
        assert not names & {"f", "hyperlink", "hyperlinks"}
    with zipfile.ZipFile(io.BytesIO(to_ods(columns, rows, title=text))) as book:
        content = ElementTree.fromstring(book.read("content.xml"))  # noqa: S314 - our own file
        attributes = {name.rpartition("}")[2] for element in content.iter() for name in element.attrib}
        assert "formula" not in attributes
        kinds = {
            element.attrib["{urn:oasis:names:tc:opendocument:xmlns:office:1.0}value-type"]
            for element in content.iter("{urn:oasis:names:tc:opendocument:xmlns:table:1.0}table-cell")
        }
        assert kinds == {"string"}


def test_the_header_stays_in_sight_and_the_title_is_in_the_properties():
    with zipfile.ZipFile(io.BytesIO(to_xlsx(COLUMNS, [ROW], title="Conseils d’Essai"))) as book:
        assert b'state="frozen"' in book.read("xl/worksheets/sheet1.xml")
        assert "<dc:title>Conseils d’Essai</dc:title>" in book.read("docProps/core.xml").decode()
    document = odfdo.Document(io.BytesIO(to_ods(COLUMNS, [ROW], title="Conseils d’Essai")))
    assert document.meta.title == "Conseils d’Essai"
    settings_xml = document.get_part("settings.xml").serialize().decode()
    assert '"VerticalSplitMode" config:type="short">2<' in settings_xml


def test_an_ods_file_is_read_by_another_library_and_names_its_type_first():
    data = to_ods(COLUMNS, [ROW], title="Conseils")
    assert data[30:84] == b"mimetype" + tables.CONTENT_TYPES["ods"].encode()
    document = odfdo.Document(io.BytesIO(data))
    (table,) = document.body.tables
    assert table.name == "Conseils"
    assert table.get_values()[1][1:4] == [12, Decimal("-1234.50"), date(2026, 3, 12)]


def test_what_a_spreadsheet_would_round_or_shift_is_written_as_text():
    columns = [Column("n", "N", "integer"), Column("d", "D", "date")]
    rows = [{"n": 12345678901234567, "d": date(1889, 7, 14)}]
    assert cells(to_xlsx(columns, rows, title="x"))[1] == ["12345678901234567", "1889-07-14"]
    number, day = cells(to_ods(columns, rows, title="x"))[1]
    assert number == "12345678901234567"
    assert day == date(1889, 7, 14)


def test_not_a_number_is_an_empty_cell():
    columns = [Column("a", "A", "decimal"), Column("b", "B")]
    rows = [{"a": float("nan"), "b": "x"}, {"a": Decimal("Infinity"), "b": "x"}]
    for format in ("xlsx", "ods"):
        assert [row[0] for row in cells(export(format, columns, rows, title="x")[0])[1:]] == ["", ""]


def test_a_text_too_long_for_excel_is_cut_and_says_so():
    text = "é😀" * 20_000
    (shown,) = cells(to_xlsx([Column("a", "A")], [{"a": text}], title="x"))[1]
    assert shown.endswith("texte coupé : Excel n’en garde pas plus")
    assert text.startswith(shown.partition(" […]")[0])
    assert len(shown.encode("utf-16-le")) // 2 <= 32_767


@pytest.mark.parametrize("title", ["", "a/b[c]:*?\\d", "'entre apostrophes'", "Très long " * 9, "History", "\x00"])
def test_any_title_gives_an_acceptable_sheet_name(title):
    name = tables.sheet_name(title)
    assert 0 < len(name) <= 31
    assert not set(name) & set("[]:*?/\\")
    for format in ("xlsx", "ods"):
        book = python_calamine.load_workbook(io.BytesIO(export(format, COLUMNS, [ROW], title=title)[0]))
        assert book.sheet_names == [name]


def test_a_moment_without_zone_a_missing_key_and_an_unknown_format_are_errors():
    with pytest.raises(ValueError, match="time zone"):
        to_csv([Column("a", "A", "datetime")], [{"a": datetime(2026, 1, 1)}])
    with pytest.raises(KeyError):
        to_csv([Column("a", "A")], [{}])
    with pytest.raises(ValueError, match="no such format"):
        export("pdf", [], [], title="x")


@pytest.mark.parametrize("format", FORMATS)
def test_rows_are_read_once_from_any_iterable(format):
    data, _, _ = export(format, COLUMNS, (ROW for _ in range(3)), title="x")
    assert data.count(b"Conseil") == 3 if format == "csv" else len(cells(data)) == 4


@pytest.mark.parametrize("format", ["xlsx", "ods"])
def test_the_memory_of_a_workbook_does_not_grow_with_its_rows(format):
    def peak(count):
        tracemalloc.start()
        export(format, COLUMNS, (ROW for _ in range(count)), title="x")
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    peak(1)
    assert peak(1600) < 2 * peak(400) + 200_000


TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=60)


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXT.filter(str.strip), min_size=1, max_size=4))
def test_any_text_comes_back_from_the_three_formats(texts):
    columns, rows = [Column("a", "A")], [{"a": text} for text in texts]
    for format in ("xlsx", "ods"):
        shown = [row[0] for row in cells(export(format, columns, rows, title="x")[0])[1:]]
        assert shown == texts
    for text, (cell,) in zip(texts, lines(to_csv(columns, rows))[1:], strict=True):
        assert cell in (text, f"'{text}")
