"""Tables that come in: pasted from a spreadsheet, or a CSV, XLSX, XLS or ODS file, read as text, cell by cell.

Nothing is guessed about what a cell means: « 01001 » stays so, « 06 00 00 00 00 » too. What the file itself types is
written as it would be in French: dates ISO, decimal comma, « oui » and « non ».
"""

import codecs
import csv
import io
import json
import logging
import os
import re
import subprocess
import sys
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from prevenance.core.archives import UnsafeArchive, checked_archive
from prevenance.core.documents import workbook
from prevenance.core.documents.tables import COMPUTED

MAX_ROWS = 5_000
MAX_COLUMNS = 60
SECONDS = 30  # for a workbook to be read, start of the process included

TEXT_FILES = {".csv", ".tsv", ".txt"}
WORKBOOKS = {".xlsx", ".xls", ".ods"}
ZIP, COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")  # how Office wraps a protected XLSX
MARKUP = re.compile(r"\s*<(\?xml|!doctype|html|head|body|table|meta|svg|script)\b", re.IGNORECASE)
OTHER_DOCUMENTS = ("%PDF-", "{\\rtf")
NOT_TEXT = re.compile("[\x00-\x08\x0e-\x1f]")

logger = logging.getLogger(__name__)


class UnreadableTable(ValueError):
    """What is wrong with the file and what to do: one French sentence or two, to be shown as they are."""


@dataclass(frozen=True)
class Table:
    """`rows` are as wide as `headers`; `numbers` gives each row's place in the sheet, from 1, to name it by."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    sheet_name: str = ""
    numbers: tuple[int, ...] = ()


Lines = Iterable[tuple[int, Sequence[str]]]


def read_table(data: bytes, filename: str, *, most: int = MAX_ROWS) -> Table:
    """The table of the file `filename`: the first line with a value holds the headers; `most` rows follow at most.

    Raises UnreadableTable for a file that is empty, too large, protected, damaged, or not what its name says.
    """
    extension = Path(filename).suffix.lower()
    if extension not in TEXT_FILES | WORKBOOKS:
        raise UnreadableTable(
            _("Ce fichier n’est pas un tableau que nous savons lire. Enregistrez-le au format XLSX, ODS ou CSV.")
        )
    if not data.strip():
        raise UnreadableTable(_("Ce fichier est vide. Vérifiez que vous avez choisi le bon."))
    if data.startswith((ZIP, COMPOUND)):
        return read_workbook(data, most)
    text = decoded(data)
    if text.startswith(OTHER_DOCUMENTS):
        raise not_a_table()
    if MARKUP.match(text):
        raise UnreadableTable(
            _("Ce fichier contient une page web. Ouvrez-le dans votre tableur et enregistrez-le au format XLSX.")
        )
    if extension in WORKBOOKS:
        raise UnreadableTable(
            _(
                "Ce fichier porte l’extension %(extension)s mais n’est pas un classeur. "
                "Ouvrez-le dans votre tableur et enregistrez-le au format XLSX."
            )
            % {"extension": extension}
        )
    return table(records(text, delimiters="\t;,"), most=most)


def parse_pasted(text: str, *, most: int = MAX_ROWS) -> Table:
    """The table in `text`, copied from a spreadsheet (tabs) or typed with `;`. Raises UnreadableTable."""
    if not text.strip():
        raise UnreadableTable(_("Rien n’a été collé. Copiez les cellules dans votre tableur, puis collez-les ici."))
    return table(records(text, delimiters="\t" if "\t" in text else ";"), most=most)


def read_workbook(data: bytes, most: int) -> Table:
    check_workbook(data)
    environment = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH") if name in os.environ}
    command = [sys.executable, "-I", workbook.__file__, str(most), str(MAX_COLUMNS)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=SECONDS, env=environment)
    except subprocess.TimeoutExpired as error:
        raise damaged() from error
    if done.returncode:
        logger.warning("workbook not read, code %s: %s", done.returncode, done.stderr[:200].decode("utf-8", "replace"))
        raise damaged()
    found = json.loads(done.stdout)
    match found.get("problem"):
        case "encrypted":
            raise protected()
        case "damaged":
            raise damaged()
        case "rows":
            raise too_many_rows(most)
        case "columns":
            raise too_many_columns()
        case "empty":
            raise no_rows()
    return table(((number, texts) for number, texts in found["rows"]), sheet_name=found["sheet"], most=most)


def check_workbook(data: bytes) -> None:
    """Refuse what should not reach the reader: protected, damaged, oversized, or another kind of document."""
    if data.startswith(COMPOUND):
        if ENCRYPTED_STREAM in data:
            raise protected()
        return
    try:
        with checked_archive(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            kind = archive.read("mimetype")[:200] if "mimetype" in names else b""
            manifest = archive.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in names else b""
    except UnsafeArchive as error:
        raise UnreadableTable(
            _(
                "Ce classeur est beaucoup trop volumineux une fois ouvert. "
                "Copiez le tableau utile dans un nouveau classeur et envoyez celui-ci."
            )
        ) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise damaged() from error
    if b"encryption-data" in manifest:
        raise protected()
    if "xl/workbook.xml" not in names and b"opendocument.spreadsheet" not in kind:
        raise UnreadableTable(_("Ce fichier n’est pas un classeur. Choisissez un fichier au format XLSX, ODS ou CSV."))


def decoded(data: bytes) -> str:
    """The text of `data`: UTF-8, UTF-16, or the Windows-1252 of French Excel."""
    half = data[1:2000:2]
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    elif half and half.count(0) > 0.6 * len(half):
        encodings = ["utf-16-le"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not NOT_TEXT.search(text):
            return text
        break
    raise not_a_table()


def records(text: str, *, delimiters: str) -> Iterator[tuple[int, list[str]]]:
    """Numbered records of `text`, its delimiter chosen among `delimiters` or read from Excel's `sep=` line."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if declared := re.match(r"sep=([;,\t|])\n", text):
        text, delimiters = text[declared.end() :], declared[1]
    _share, _quoted, delimiter, quoting = max(
        (way_of_reading(text, sign) for sign in delimiters), key=lambda way: way[:2]
    )
    try:
        for number, cells in enumerate(reader(text, delimiter, quoting), start=1):
            yield number, [as_typed(cell) for cell in cells]
    except csv.Error as error:
        raise not_a_table() from error


def way_of_reading(text: str, delimiter: str) -> tuple[float, bool, str, int]:
    """(share of regular lines, whether marks quote, delimiter, the csv module's word for it), best the greatest.

    A quotation mark that no one closes would swallow the lines that follow: then marks are taken as they are.
    """
    share = regularity(text, delimiter, csv.QUOTE_MINIMAL)
    if share is not None:
        return share, True, delimiter, csv.QUOTE_MINIMAL
    return regularity(text, delimiter, csv.QUOTE_NONE) or 0, False, delimiter, csv.QUOTE_NONE


def regularity(text: str, delimiter: str, quoting: int) -> float | None:
    """The share of lines that have the commonest width, 0 when that is one column, None when it cannot be read so."""
    widths: Counter[int] = Counter()
    try:
        for cells in reader(text, delimiter, quoting):
            widths[len(cells)] += any(cells)
    except csv.Error:
        return None
    width, count = widths.most_common(1)[0] if widths else (1, 0)
    return count / widths.total() if width > 1 and count else 0


def reader(text: str, delimiter: str, quoting: int) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting, strict=True)  # type: ignore[arg-type, return-value]


def as_typed(text: str) -> str:
    """The text of a cell without its outer spaces, nor the apostrophe that `tables.not_computed` put before it."""
    if text.startswith("'") and COMPUTED.match(text):
        text = text[1:]
    return text.strip()


def table(lines: Lines, *, sheet_name: str = "", most: int = MAX_ROWS) -> Table:
    """The headers and rows of `lines`; empty ones are left out, short ones filled, unnamed columns named."""
    kept: list[tuple[int, list[str]]] = []
    for number, cells in lines:
        texts = list(cells)
        while texts and not texts[-1]:
            texts.pop()
        if len(texts) > MAX_COLUMNS:
            raise too_many_columns()
        if texts:
            kept.append((number, texts))
        if len(kept) > most + 1:
            raise too_many_rows(most)
    if len(kept) < 2:
        raise no_rows()
    width = max(len(texts) for _number, texts in kept)
    headers, *rows = [tuple(texts + [""] * (width - len(texts))) for _number, texts in kept]
    return Table(
        headers=tuple(
            header or _("Colonne %(place)s") % {"place": place} for place, header in enumerate(headers, start=1)
        ),
        rows=tuple(rows),
        sheet_name=sheet_name,
        numbers=tuple(number for number, _texts in kept[1:]),
    )


def not_a_table() -> UnreadableTable:
    return UnreadableTable(
        _("Ce fichier n’est pas un tableau, ou il est endommagé. Enregistrez-le au format XLSX ou CSV (UTF-8).")
    )


def no_rows() -> UnreadableTable:
    return UnreadableTable(
        _("Ce tableau est vide : il faut une première ligne de titres, puis au moins une ligne de données.")
    )


def too_many_rows(most: int) -> UnreadableTable:
    return UnreadableTable(
        _("Ce tableau compte plus de %(most)s lignes. Partagez-le en plusieurs et importez-les l’un après l’autre.")
        % {"most": f"{most:,}".replace(",", "\u202f")}
    )


def too_many_columns() -> UnreadableTable:
    return UnreadableTable(
        _("Ce tableau compte plus de %(most)s colonnes. Retirez celles qui ne servent pas, puis réessayez.")
        % {"most": MAX_COLUMNS}
    )


def protected() -> UnreadableTable:
    return UnreadableTable(
        _("Ce classeur est protégé par un mot de passe. Enregistrez-en une copie sans mot de passe et envoyez-la.")
    )


def damaged() -> UnreadableTable:
    return UnreadableTable(
        _("Ce classeur est endommagé ou illisible. Ouvrez-le dans votre tableur et enregistrez-en une copie en XLSX.")
    )
