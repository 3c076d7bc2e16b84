"""A table that someone pastes or sends is read as they typed it, or refused with what to do."""

import io
import random
import struct
import zipfile
import zlib
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
import xlsxwriter
from hypothesis import example, given, settings
from hypothesis import strategies as st

from prevenance.core import archives
from prevenance.core.documents import spreadsheet, workbook
from prevenance.core.documents.spreadsheet import UnreadableTable, parse_pasted, read_table
from prevenance.core.documents.tables import Column, clean, export, to_csv, to_ods, to_xlsx

HEADERS = ["Nom", "Code", "Téléphone"]
ROWS = [["Élodie d’Essai", "01001", "06 00 00 00 00"], ["Œuvre « Fictive »", "2A004", "+33 6 00 00 00 00"]]
TEXT = "\r\n".join(";".join(row) for row in [HEADERS, *ROWS]) + "\r\n"


def book(*sheets, hidden=()):
    """An XLSX of `sheets`: lists of rows of any values."""
    output = io.BytesIO()
    written = xlsxwriter.Workbook(output, {"default_date_format": "dd/mm/yyyy hh:mm", "strings_to_formulas": False})
    hour = written.add_format({"num_format": "hh:mm"})
    for place, rows in enumerate(sheets):
        sheet = written.add_worksheet()
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                sheet.write(number, column, value, *([hour] if isinstance(value, time) else []))
        if place in hidden:
            sheet.hide()
        elif place:
            sheet.activate()
    written.close()
    return output.getvalue()


def repacked(data, **changes):
    """The zip `data` with its member texts replaced: `changes` maps a member's stem to a function."""
    output = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            change = changes.get(name.rpartition("/")[2].partition(".")[0], lambda content: content)
            new.writestr(name, change(old.read(name)))
    return output.getvalue()


def compound(name, stream):
    """A compound file (MS-CFB, version 3) holding one stream: how XLS files and protected XLSX files begin."""
    stream = stream.ljust(4096, b"\0")
    sectors = -(-len(stream) // 512)
    end, free, fat_sector = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0) + struct.pack("<I", 0) + b"\xff" * 432
    fat = [fat_sector, end, *range(3, sectors + 2), end]
    fat += [free] * (128 - len(fat))

    def entry(label, kind, child, start, size):
        text = label.encode("utf-16-le")
        links = struct.pack("<III", free, free, child)
        return (
            text.ljust(64, b"\0") + struct.pack("<HBB", len(text) + 2 if text else 0, kind, 1) + links + bytes(36)
            + struct.pack("<IQ", start, size)
        )  # fmt: skip

    directory = entry("Root Entry", 5, 1, end, 0) + entry(name, 2, free, 2, len(stream)) + 2 * entry("", 0, free, 0, 0)
    return header + struct.pack("<128I", *fat) + directory + stream.ljust(sectors * 512, b"\0")


def xls(rows):
    """An XLS (MS-XLS, BIFF8) of one sheet of texts and numbers."""

    def record(kind, content=b""):
        return struct.pack("<HH", kind, len(content)) + content

    sheet = record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            place = struct.pack("<HHH", number, column, 0)
            if isinstance(value, str):
                text = value.encode("utf-16-le")
                sheet += record(0x204, place + struct.pack("<HB", len(value), 1) + text)
            else:
                sheet += record(0x203, place + struct.pack("<d", value))
    sheet += record(0x0A)
    start = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0))
    offset = len(start) + 4 + 8 + len("Liste") + 4
    bound = record(0x85, struct.pack("<IHBB", offset, 0, len("Liste"), 0) + b"Liste")
    return compound("Workbook", start + bound + record(0x0A) + sheet)


def refused(data, filename="liste.xlsx"):
    with pytest.raises(UnreadableTable) as refusal:
        read_table(data, filename)
    return str(refusal.value)


# What is read


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("name", ["liste.csv", "LISTE.TXT"])
def test_a_text_file_is_read_whatever_its_encoding_and_separator(encoding, delimiter, name):
    read = read_table(TEXT.replace(";", delimiter).encode(encoding), name)
    assert read.headers == tuple(HEADERS)
    assert [list(row) for row in read.rows] == ROWS
    assert read.numbers == (2, 3)


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_what_is_pasted_keeps_its_cells_of_several_lines(delimiter):
    text = f'Nom{delimiter}Adresse\n"Le ""Phare"""{delimiter}"1, place d’Essai\n00000 Saint-Éloi"\n'
    assert parse_pasted(text).rows == (('Le "Phare"', "1, place d’Essai\n00000 Saint-Éloi"),)


def test_a_quotation_mark_that_no_one_closes_swallows_nothing():
    assert parse_pasted('Nom\tVille\n"Le Phare\tÉloi\nB\t"Essai" sud\n').rows == (
        ('"Le Phare', "Éloi"),
        ("B", '"Essai" sud'),
    )


def test_a_pasted_column_of_names_is_one_column():
    assert parse_pasted("Nom, prénom\nEssai, Élodie\n").rows == (("Essai, Élodie",),)


def test_commas_in_the_text_do_not_hide_the_true_separator():
    data = b"Nom;Montant;Lieu\nA;1,5;x\nB;2,5;y\nC;3,5;z"
    assert read_table(data, "a.csv").rows[0] == ("A", "1,5", "x")


def test_excel_own_separator_line_is_obeyed():
    assert read_table(b"sep=|\na|b;c\n1|2;3\n", "a.csv").rows == (("1", "2;3"),)


def test_empty_lines_are_left_out_and_the_others_keep_their_number():
    read = read_table(b"\n;;\nNom;;Ville;\n\nA;;B;;\n;;;;\nC\n", "a.csv")
    assert read.headers == ("Nom", "Colonne 2", "Ville")
    assert read.rows == (("A", "", "B"), ("C", "", ""))
    assert read.numbers == (5, 7)


def test_what_a_workbook_types_is_written_as_in_french():
    typed = [12, 12.0, -0.5, 0.1, 612345678, True, datetime(2026, 3, 12), datetime(2026, 3, 12, 14, 5), time(9, 30)]
    data = book([["c"] * len(typed), typed])
    assert read_table(data, "a.xlsx").rows == (
        ("12", "12", "-0,5", "0,1", "612345678", "oui", "2026-03-12", "2026-03-12 14:05", "09:30"),
    )


def test_text_of_a_workbook_is_kept_as_typed():
    data = book([["Code", "Téléphone"], ["01001", " 06 00 00 00 00 "]])
    assert read_table(data, "a.xlsx").rows == (("01001", "06 00 00 00 00"),)


def test_the_first_visible_sheet_with_a_value_is_read():
    data = book([["caché"], ["x"]], [], [["Nom"], ["A"]], [["Autre"], ["B"]], hidden=[0])
    read = read_table(data, "a.xlsx")
    assert (read.sheet_name, read.headers, read.rows) == ("Sheet3", ("Nom",), (("A",),))


def test_a_table_lower_in_its_sheet_keeps_its_row_numbers():
    assert read_table(book([[], [], ["Nom"], [], ["A"]]), "a.xlsx").numbers == (5,)


def test_an_old_excel_file_is_read():
    read = read_table(xls([["Nom", "Âge"], ["Élodie d’Essai", 42.0]]), "ancien.xls")
    assert (read.headers, read.rows, read.sheet_name) == (("Nom", "Âge"), (("Élodie d’Essai", "42"),), "Liste")


def test_a_workbook_misnamed_as_text_is_read_all_the_same():
    assert read_table(book([["Nom"], ["A"]]), "a.csv").rows == (("A",),)


@pytest.mark.parametrize(
    ("value", "text"),
    [(timedelta(hours=30, minutes=5), "30:05"), (1e20, "100000000000000000000"), (date(1889, 7, 14), "1889-07-14")],
)
def test_rare_cells_are_written_plainly(value, text):
    assert workbook.as_text(value) == text


# What comes back from our own exports


COLUMNS = [Column("a", "A"), Column("b", "B")]
ANY = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40)
NUMBERS = ["01001", "+33 6", "12,50", "-", "=1+1", "@x", "\t=", "_x0041_"]
MARKS = ["'=1", " '=1", "''", "d’été", "l'été", '"', 'a"b', "a;b", "a,b", "sep=;"]
SPACES = ["x\ny", "\t", "  deux  espaces  ", "\ufeff", "\u00a0"]
OURS = st.sampled_from([*NUMBERS, *MARKS, *SPACES])


def expected(text):
    return clean(text).strip()


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(ANY | OURS, ANY | OURS), min_size=1, max_size=6))
@example([("'", "\n")])
@example([("' =1", "'\n=1")])
def test_every_text_comes_back_from_csv(pairs):
    rows = [{"a": a, "b": b} for a, b in pairs]
    wanted = tuple((expected(a), expected(b)) for a, b in pairs if expected(a) or expected(b))
    if wanted:
        assert filled(read_table(to_csv(COLUMNS, rows), "a.csv")) == wanted


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([to_xlsx, to_ods]), st.lists(st.tuples(ANY | OURS, ANY | OURS), min_size=1, max_size=6))
def test_every_text_comes_back_from_a_workbook(write, pairs):
    rows = [{"a": a, "b": b} for a, b in pairs]
    if write is to_ods:  # a cell of that format holds no tab: it is written as a space
        pairs = [(a.replace("\t", " "), b.replace("\t", " ")) for a, b in pairs]
    wanted = tuple((expected(a), expected(b)) for a, b in pairs if expected(a) or expected(b))
    found = workbook.read(write(COLUMNS, rows, title="x"), 100, 10)  # in this process: a hundred starts are slow
    if wanted:
        assert filled(spreadsheet.table(found["rows"])) == wanted


def filled(read):
    return tuple(row if len(row) == 2 else (row[0], "") for row in read.rows)


@pytest.mark.parametrize("format", ["csv", "xlsx", "ods"])
def test_an_export_is_read_back_whole(format):
    columns = [Column("n", "Nom"), Column("k", "Nombre", "integer"), Column("m", "Montant", "decimal"),
               Column("d", "Le", "date"), Column("t", "À", "datetime"), Column("o", "Oui", "boolean")]  # fmt: skip
    row = {"n": "=A1", "k": 2026, "m": Decimal("-12.5"), "d": date(2026, 3, 12), "o": False,
           "t": datetime(2026, 7, 1, 12, 5, tzinfo=UTC)}  # fmt: skip
    data, _type, extension = export(format, columns, [row], title="Essai")
    read = read_table(data, f"essai.{extension}")
    assert read.headers == tuple(column.label for column in columns)
    assert read.rows == (("=A1", "2026", "-12,5", "2026-03-12", "2026-07-01 14:05", "non"),)


# What is refused, and the sentence


def test_an_empty_file_or_paste_is_said_so():
    assert "est vide" in refused(b"", "a.csv")
    assert "est vide" in refused(b" \n ", "a.xlsx")
    assert "titres" in refused(book([[]]))
    assert "titres" in refused(b"Nom;Ville\n", "a.csv")
    with pytest.raises(UnreadableTable, match="Copiez"):
        parse_pasted(" \n\t")


@pytest.mark.parametrize("rows", [spreadsheet.MAX_ROWS, spreadsheet.MAX_ROWS + 1])
def test_the_number_of_rows_is_bounded(rows):
    lines = [["Nom"], *[["A"]] * rows]
    csv = "\n".join(line[0] for line in lines).encode()
    if rows <= spreadsheet.MAX_ROWS:
        assert len(read_table(csv, "a.csv").rows) == len(read_table(book(lines), "a.xlsx").rows) == rows
    else:
        assert "5\u202f000 lignes" in refused(csv, "a.csv")
        assert "5\u202f000 lignes" in refused(book(lines))


def test_the_number_of_columns_is_bounded():
    wide = [["c"] * 61, ["d"] * 61]
    assert "60 colonnes" in refused(book(wide))
    assert "60 colonnes" in refused("\n".join(";".join(row) for row in wide).encode(), "a.csv")
    assert len(read_table(book([["c"] * 60, ["d"] * 60]), "a.xlsx").headers) == 60


def test_a_protected_workbook_asks_for_a_copy_without_password():
    assert "mot de passe" in refused(compound("EncryptedPackage", b"\x01" * 5000))
    manifest = '<manifest:file-entry><manifest:encryption-data manifest:checksum="x"/></manifest:file-entry>'
    assert "mot de passe" in refused(
        repacked(to_ods(COLUMNS, [{"a": "x", "b": "y"}], title="x"), manifest=lambda old: old + manifest.encode()),
        "a.ods",
    )


@pytest.mark.parametrize("kept", [40, 400, 3000])
def test_a_truncated_workbook_is_said_damaged(kept):
    assert "endommagé" in refused(book([["Nom"], ["A"]])[:kept])


def test_a_corrupt_workbook_is_said_damaged_or_read_but_never_breaks():
    data = book([["Nom"], ["A"]])
    chance = random.Random(1)
    for _ in range(12):
        broken = bytearray(data)
        for _ in range(30):
            broken[chance.randrange(4, len(broken))] = chance.randrange(256)
        assert len(refused(bytes(broken))) > 40
    assert "endommagé" in refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x07" * 5000, "a.xls")


def test_a_zip_that_would_unpack_to_gigabytes_is_not_opened():
    bomb = repacked(book([["Nom"], ["A"]]), sheet1=lambda old: b" " * (archives.MAX_UNPACKED + 1))
    assert len(bomb) < 200_000
    assert "volumineux" in refused(bomb)


def test_a_zip_that_lies_on_its_sizes_is_not_believed():
    huge = 300 * 1024 * 1024
    bomb = bytearray(repacked(book([["Nom"], ["A"]]), sheet1=lambda old: old[:-12] + b"<c/>" * (huge // 4)))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = bomb.find(signature)
        while place >= 0:
            if struct.unpack_from("<I", bomb, place + offset)[0] > huge // 2:
                struct.pack_into("<I", bomb, place + offset, 1000)
            place = bomb.find(signature, place + 4)
    assert len(refused(bytes(bomb))) > 40


def test_a_zip_whose_members_share_their_bytes_is_not_opened():
    content = zlib.compress(b"x" * 1000)[2:-4]
    name, crc = b"xl/workbook.xml", zlib.crc32(b"x" * 1000)
    fields = struct.pack("<HHHHHIII", 20, 0, 8, 0, 0, crc, len(content), 1000)
    local = b"PK\x03\x04" + fields + struct.pack("<HH", len(name), 0) + name + content
    entry = b"PK\x01\x02" + struct.pack("<H", 20) + fields + struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, 0) + name
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 9, 9, 9 * len(entry), len(local), 0)
    assert len(refused(local + 9 * entry + end)) > 40


def test_a_cell_at_the_far_corner_does_not_take_the_server_down():
    output = io.BytesIO()
    written = xlsxwriter.Workbook(output)
    sheet = written.add_worksheet()
    sheet.write(0, 0, "Nom")
    sheet.write(1_048_575, 16_383, "loin")
    written.close()
    assert "endommagé" in refused(output.getvalue())


def test_a_cell_repeated_a_billion_times_is_refused():
    once = b"<table:table-row><table:table-cell "
    many = (
        b'<table:table-row table:number-rows-repeated="1048576">'
        b'<table:table-cell table:number-columns-repeated="16384" '
    )

    def repeat(content):
        assert once in content
        return content.replace(once, many)

    assert len(refused(repacked(to_ods(COLUMNS[:1], [{"a": "x"}], title="x"), content=repeat), "a.ods")) > 40


@pytest.mark.parametrize(
    ("content", "name", "word"),
    [
        (b"%PDF-1.7\n1 0 obj", "a.csv", "endommagé"),
        (b"%PDF-1.7\n1 0 obj", "a.xlsx", "endommagé"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a.ods", "endommagé"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a.txt", "endommagé"),
        (b"<html><table><tr><td>A</td></tr></table></html>", "a.xls", "page web"),
        (b"Nom;Ville\nA;B", "a.xlsx", "pas un classeur"),
        (b"Nom;Ville\nA;B", "a.docx", "XLSX, ODS ou CSV"),
        (b"Nom;Ville\nA;B", "sans extension", "XLSX, ODS ou CSV"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(content, name, word):
    assert word in refused(content, name)


def test_another_office_document_under_the_name_of_a_workbook_is_refused():
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert "pas un classeur" in refused(output.getvalue())


def test_the_reading_process_gets_none_of_our_secrets(monkeypatch, tmp_path):
    spy = tmp_path / "spy.py"
    spy.write_text(
        "import json, os; print(json.dumps({'sheet': str(sorted(os.environ)), 'rows': [[1, ['a']], [2, ['b']]]}))"
    )
    monkeypatch.setattr(workbook, "__file__", str(spy))
    monkeypatch.setenv("PREVENANCE_SECRET_KEY", "secret")
    assert "PREVENANCE" not in read_table(book([["Nom"], ["A"]]), "a.xlsx").sheet_name


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300) | ANY.map(str.encode))
def test_any_bytes_give_a_table_or_a_sentence(data):
    try:
        read = read_table(data, "a.csv")
    except UnreadableTable as refusal:
        assert str(refusal).endswith(".")  # noqa: PT017 - either outcome is right
    else:
        assert all(len(row) == len(read.headers) for row in read.rows)
