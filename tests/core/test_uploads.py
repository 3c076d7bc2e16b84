"""A file is bounded while it arrives and checked by what it holds; nothing typed beside it is lost."""

import io
import zipfile

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from hypothesis import example, given
from hypothesis import strategies as st

from prevenance.core import archives
from prevenance.core.documents.tables import Column, to_ods, to_xlsx
from prevenance.core.uploads import DOCUMENTS, HOPELESS, TABLES, Kind, TooLarge, UploadField, check_upload, clean_name
from tests.core.test_spreadsheet import compound, repacked, xls


def zipped(**members):
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return output.getvalue()


def docx(**more):
    main = '<Override ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>'
    return zipped(**{"[Content_Types].xml": f"<Types>{main}</Types>", "word/document.xml": "<w/>"} | more)


def odt(**more):
    return zipped(**{"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<o/>"} | more)


SHEET = [Column("a", "A")], [{"a": "é"}]
GOOD = {
    "acte.pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", Kind.PDF),
    "ACTE.PDF": (b"%PDF-1.4\n", Kind.PDF),
    "note.odt": (odt(), Kind.ODT),
    "note.docx": (docx(), Kind.DOCX),
    "liste.ods": (to_ods(*SHEET, title="x"), Kind.ODS),
    "liste.xlsx": (to_xlsx(*SHEET, title="x"), Kind.XLSX),
    "liste.csv": ("Nom;Été\nà;b".encode("cp1252"), Kind.CSV),
    "note.txt": ("Réunion à 14 h".encode(), Kind.TXT),
    "photo.png": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(17), Kind.PNG),
    "photo.jpeg": (b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01" + bytes(20), Kind.JPEG),
    "photo.jpg": (b"\xff\xd8\xff\xe1\0\x10Exif\0\0" + bytes(20), Kind.JPEG),
}


def upload(name, content):
    return SimpleUploadedFile(name, content)


def refused(name, content, kinds=DOCUMENTS):
    with pytest.raises(ValidationError) as refusal:
        check_upload(upload(name, content), kinds=kinds)
    (sentence,) = refusal.value.messages
    assert sentence.endswith(".")
    return refusal.value.code, sentence


@pytest.mark.parametrize("name", GOOD)
def test_an_accepted_file_is_told_by_its_name_and_its_content(name):
    content, kind = GOOD[name]
    file = upload(name, content)
    assert check_upload(file, kinds=DOCUMENTS) is kind
    assert file.read() == content, "left at its beginning for whoever keeps it"


def test_an_old_excel_file_is_accepted_where_tables_are():
    assert check_upload(upload("a.xls", xls([["Nom"], ["A"]])), kinds=TABLES) is Kind.XLS
    code, sentence = refused("a.xls", xls([["Nom"], ["A"]]))
    assert code == "kind"
    assert "PDF, ODT" in sentence


def test_the_content_of_each_kind_is_refused_under_the_name_of_any_other():
    families = [{Kind.CSV, Kind.TXT}]
    for content, kind in GOOD.values():
        for other in DOCUMENTS:
            if other is not kind and not any({kind, other} <= family for family in families):
                code, sentence = refused(f"document{other.extensions[0]}", content)
                assert code == "content"
                assert other.extensions[0] in sentence


@pytest.mark.parametrize(
    "content",
    [b"<html><script>x</script>", b"  <!DOCTYPE html>", b"<svg xmlns='x'/>", b"<?xml version='1.0'?>", b"{\\rtf1 x}",
     b"%PDF-1.7", b"MZ\x90\0\x03", b"\x7fELF\x02"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["note.txt", "liste.csv"])
def test_a_text_that_is_no_plain_text_is_refused(name, content):
    assert refused(name, content)[0] == "content"


@pytest.mark.parametrize("name", ["a.exe", "a.pdf.exe", "a.html", "a.svg", "a.zip", "a", ".pdf", "a.doc", "a.odp"])
def test_other_extensions_are_refused_with_those_accepted(name):
    code, sentence = refused(name, b"%PDF-1.7", kinds=(Kind.PDF, Kind.ODT))
    assert code == "kind"
    assert sentence.endswith("Formats acceptés : PDF, ODT.") or "PDF, ODT" in sentence


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.docm", docx()),
        ("a.xlsm", b"x"),
        ("a.docx", docx(**{"word/vbaProject.bin": "x"})),
        ("a.docx", docx(**{"[Content_Types].xml": "application/vnd.ms-word.document.macroEnabled.main+xml"})),
        ("a.odt", odt(**{"Basic/Standard/Module1.xml": "x"})),
        ("a.odt", odt(**{"Scripts/python/x.py": "x"})),
        ("a.xls", compound("_VBA_PROJECT_CUR", b"x")),
    ],
)
def test_a_document_with_macros_is_refused(name, content):
    code, sentence = refused(name, content, kinds=(*DOCUMENTS, Kind.XLS))
    assert code == "macros"
    assert "sans macros" in sentence


def test_a_protected_document_asks_for_a_copy_without_password():
    assert refused("a.docx", compound("EncryptedPackage", b"x" * 5000))[0] == "protected"
    assert refused("a.xls", compound("EncryptedPackage", b"x"), kinds=TABLES)[0] == "protected"
    manifest = {"META-INF/manifest.xml": "<manifest:encryption-data/>"}
    assert refused("a.odt", odt(**manifest))[0] == "protected"


def test_a_zip_bomb_or_a_damaged_document_is_refused():
    bomb = repacked(docx(), document=lambda _old: b" " * (archives.MAX_UNPACKED + 1))
    assert len(bomb) < 200_000
    assert refused("a.docx", bomb)[0] == "unpacked"
    assert refused("a.docx", zipped(**{f"{n}.xml": "" for n in range(archives.MAX_MEMBERS + 1)}))[0] == "unpacked"
    assert refused("a.docx", docx()[:-40])[0] == "content"
    assert refused("a.odt", b"PK\x03\x04" + bytes(100))[0] == "content"


def test_an_empty_file_is_said_so():
    assert refused("a.pdf", b"") == ("empty", "Ce fichier est vide. Vérifiez que vous avez choisi le bon.")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\camille\\acte.pdf", "acte.pdf"),
        ("acte\r\nX-A: 1.pdf", "acte X-A- 1.pdf"),
        ("\u202egpj.exe", "gpj.exe"),
        ("e\u0301te\u0301.pdf", "été.pdf"),
        ('a<b>"c|d?.pdf', "a-b--c-d-.pdf"),
        ("..", "document"),
        ("", "document"),
        (".htaccess", "htaccess"),
        ("  Compte rendu   du 12 mars.pdf ", "Compte rendu du 12 mars.pdf"),
    ],
)
def test_a_name_is_shown_without_path_or_hidden_character(name, shown):
    assert clean_name(name) == shown


def test_a_long_name_is_cut_before_its_extension():
    assert clean_name("é" * 300 + ".pdf") == "é" * 116 + ".pdf"


@given(st.text(max_size=300))
@example("." * 130 + "/")
@example("a" * 200 + "." + "b" * 200)
def test_any_name_becomes_a_plain_one(name):
    shown = clean_name(name)
    assert 0 < len(shown) <= 120
    assert shown.isprintable()
    assert not set(shown) & set('/\\<>:"|?*')
    assert shown not in (".", "..")
    assert clean_name(shown) == shown


# While it arrives


class Body(io.BytesIO):
    """A request body that remembers how much of it was read."""

    consumed = 0

    def read(self, *arguments):
        data = super().read(*arguments)
        self.consumed += len(data)
        return data


def sent(size, settings, tmp_path, *, after="gardé"):
    settings.UPLOAD_LIMIT = 100_000
    settings.FILE_UPLOAD_HANDLERS = ["prevenance.core.uploads.BoundedUpload"]
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    file = upload("acte.pdf", b"%PDF-1.7\n".ljust(size, b"x"))
    body = Body(encode_multipart(BOUNDARY, {"before": "tapé", "act": file, "after": after}))
    request = RequestFactory().post("/", content_type=MULTIPART_CONTENT)
    request.META["CONTENT_LENGTH"] = str(len(body.getvalue()))
    request._stream = request.META["wsgi.input"] = body
    request._read_started = False
    return request, body


class Form(forms.Form):
    before = forms.CharField()
    act = UploadField(kinds=[Kind.PDF, Kind.ODT])
    after = forms.CharField()


def test_a_file_within_the_limit_arrives_whole(settings, tmp_path):
    request, _body = sent(100_000, settings, tmp_path)
    form = Form(request.POST, request.FILES)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["act"].kind is Kind.PDF
    assert len(form.cleaned_data["act"].read()) == 100_000
    assert not hasattr(request, "upload_too_large")
    assert list(tmp_path.iterdir()) == []  # in memory: it may be a document of a file on somebody


def test_a_larger_one_is_kept_nowhere_and_the_rest_of_the_form_is_not_lost(settings, tmp_path):
    request, body = sent(500_000, settings, tmp_path)
    form = Form(request.POST, request.FILES)
    assert not form.is_valid()
    assert request.upload_too_large is True
    assert list(tmp_path.iterdir()) == []
    assert form.errors == {"act": ["Ce fichier dépasse 0,1 Mo. Réduisez-le, ou partagez-le en plusieurs fichiers."]}
    assert form.cleaned_data == {"before": "tapé", "after": "gardé"}
    assert body.consumed == len(body.getvalue()), "drained, so that the browser waits for the answer"


def test_all_the_files_of_a_form_are_held_to_twice_the_limit(settings, tmp_path):
    settings.UPLOAD_LIMIT, settings.FILE_UPLOAD_TEMP_DIR = 1000, tmp_path
    settings.FILE_UPLOAD_HANDLERS = ["prevenance.core.uploads.BoundedUpload"]
    files = {f"act{rank}": upload("acte.pdf", b"%PDF-1.7\n".ljust(900, b"x")) for rank in range(4)}
    request = RequestFactory().post("/", files)
    kept = [len(request.FILES[name].read()) for name in files if not isinstance(request.FILES[name], TooLarge)]
    assert kept == [900, 900]
    assert request.upload_too_large is True


def test_the_limit_is_said_in_megabytes(settings):
    settings.UPLOAD_LIMIT = 10 * 1024 * 1024
    with pytest.raises(ValidationError, match="dépasse 10 Mo"):
        check_upload(TooLarge(name="a.pdf", size=1), kinds=DOCUMENTS)


def test_nothing_can_be_read_of_a_file_that_was_not_kept(settings, tmp_path):
    request, _body = sent(500_000, settings, tmp_path)
    file = request.FILES["act"]
    assert isinstance(file, TooLarge)
    assert (file.name, file.size) == ("acte.pdf", 500_000)
    for reading in (file.read, file.open, file.chunks):
        with pytest.raises(ValidationError, match="dépasse"):
            reading()


def test_an_endless_file_is_cut(settings, tmp_path):
    request, body = sent(100_000 * (HOPELESS + 5), settings, tmp_path)
    assert request.POST["before"] == "tapé"
    assert body.consumed < len(body.getvalue())
    assert list(tmp_path.iterdir()) == []


def test_a_cut_connection_leaves_no_file_behind(settings, tmp_path):
    request, body = sent(90_000, settings, tmp_path)
    body.truncate(50_000)
    assert "act" not in request.FILES
    del request
    assert list(tmp_path.iterdir()) == []


def test_the_field_tells_the_browser_what_is_accepted():
    assert 'accept=".pdf,.odt"' in str(Form()["act"])
