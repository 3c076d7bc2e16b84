"""Records that pass between machines, one at a time and without end: a list of objects in JSON, or a CSV.

Tables for people are in `tables` and `spreadsheet`. Here nothing is turned into French, so that what goes out comes
back the same. In a CSV, a text that a spreadsheet would compute is preceded by an apostrophe, taken away on return.
"""

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import IO, Any

from django.utils.translation import gettext as _

from prevenance.core.documents.tables import COMPUTED

CHUNK = 1 << 20
LONGEST = 1 << 24  # characters of one record
MOST_BYTES = 4 << 30  # what a compressed file may unpack to
ZIPPED, GZIPPED = b"PK\x03\x04", b"\x1f\x8b"
csv.field_size_limit(LONGEST)

Record = tuple[int, Any]  # its place in the file, from 1 (from 2 in a CSV, as spreadsheets number lines), and itself


class UnreadableRecords(ValueError):
    """What is wrong with the file and where: one French sentence, to be shown as it is."""


class Bounded(io.RawIOBase):
    """A file that stops being read past `most` bytes: a small archive may hold a very large one."""

    def __init__(self, file: IO[bytes], most: int = MOST_BYTES) -> None:
        self.file, self.left = file, most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.file.read(len(buffer))
        self.left -= len(data)
        if self.left < 0:
            raise UnreadableRecords(_("Ce fichier est beaucoup trop grand une fois décompressé."))
        buffer[: len(data)] = data
        return len(data)


@contextmanager
def opened(file: IO[bytes], word: str) -> Iterator[IO[bytes]]:
    """The file itself, or what it holds when it is compressed; in a zip, the member whose name has `word` in it."""
    head = file.read(4)
    file.seek(0)
    with ExitStack() as stack:
        try:
            if head.startswith(ZIPPED):
                archive = stack.enter_context(zipfile.ZipFile(file))
                members = [name for name in archive.namelist() if word in name.rsplit("/", 1)[-1].lower()]
                if len(members) != 1:
                    raise UnreadableRecords(
                        _("Ce zip doit contenir un fichier, et un seul, dont le nom contient « %(word)s ».")
                        % {"word": word}
                    )
                inner: Any = stack.enter_context(archive.open(members[0]))
            elif head.startswith(GZIPPED):
                inner = stack.enter_context(gzip.open(file))
            else:
                inner = file
            yield io.BufferedReader(Bounded(inner), CHUNK)
        except (zipfile.BadZipFile, gzip.BadGzipFile, EOFError, RuntimeError) as damaged:
            raise UnreadableRecords(_("Ce fichier compressé est abîmé : envoyez-le à nouveau.")) from damaged


def read(file: IO[bytes]) -> tuple[bool, Iterator[Record]]:
    """Whether the file is a CSV, whose cells are all texts, and its records.

    Raises UnreadableRecords, while one goes through the records too.
    """
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    with _utf8():
        start = text.read(CHUNK)
    if not start.strip():
        raise UnreadableRecords(_("Ce fichier est vide. Vérifiez que vous avez choisi le bon."))
    is_csv = start.lstrip()[0] not in "[{"
    return is_csv, _records(_csv if is_csv else _json, start, text)


def _records(reader: Callable[[str, IO[str]], Iterator[Record]], start: str, text: IO[str]) -> Iterator[Record]:
    with _utf8():
        yield from reader(start, text)


@contextmanager
def _utf8() -> Iterator[None]:
    try:
        yield
    except UnicodeDecodeError as wrong:
        raise UnreadableRecords(_("Ce fichier n’est pas écrit en UTF-8 : enregistrez-le dans ce codage.")) from wrong


def _json(start: str, text: IO[str]) -> Iterator[Record]:
    """Objects of a list, or one after the other."""
    decoder = json.JSONDecoder(parse_constant=lambda _name: None)  # NaN is what some write for nothing
    buffer, number = start, 0
    while True:
        buffer = buffer.lstrip(" \t\r\n,[")
        if buffer.startswith("]") or not buffer:
            more = text.read(CHUNK)
            if buffer or not more:
                return
            buffer = more
            continue
        try:
            record, end = decoder.raw_decode(buffer)
        except json.JSONDecodeError as wrong:
            more = text.read(max(CHUNK, len(buffer)))
            if not more or len(buffer) > LONGEST:
                raise UnreadableRecords(
                    _("Ce fichier n’est pas du JSON après son enregistrement %(number)d.") % {"number": number}
                ) from wrong
            buffer += more
            continue
        number += 1
        yield number, record
        buffer = buffer[end:]


def _csv(start: str, text: IO[str]) -> Iterator[Record]:
    header = start.splitlines()[0]
    separator = max(",;\t", key=header.count)
    reader = csv.DictReader(_lines(start, text), delimiter=separator, restkey="", restval="")
    try:
        for number, row in enumerate(reader, 2):
            yield number, {name: _as_written(cell) for name, cell in row.items()}
    except csv.Error as wrong:
        raise UnreadableRecords(_("Ce fichier n’est pas du CSV : %(why)s.") % {"why": wrong}) from wrong


def _lines(start: str, text: IO[str]) -> Iterator[str]:
    rest = start
    while rest:
        *whole, rest = rest.splitlines(keepends=True)
        yield from whole
        more = text.read(CHUNK)
        if not more:
            yield rest
            return
        rest += more


def _as_written(cell: Any) -> Any:
    return cell[1:] if isinstance(cell, str) and cell.startswith("'") and COMPUTED.match(cell) else cell


# ------------------------------------------------------------------------------------------------ going out


def write_json(records: Iterable[Mapping[str, Any]], file: IO[bytes], note: Callable[[int], None]) -> int:
    """Write a list, an object a line; `note` is told how many are written, now and then. How many there were."""
    count = 0
    file.write(b"[")
    for count, record in enumerate(records, 1):
        file.write(b"\n" if count == 1 else b",\n")
        file.write(json.dumps(record, ensure_ascii=False).encode())
        note(count)
    file.write(b"\n]\n")
    return count


def write_csv(
    records: Iterable[Mapping[str, Any]], columns: Sequence[str], file: IO[bytes], note: Callable[[int], None]
) -> int:
    """Write a CSV of these columns: lists and objects as JSON, nothing as an empty cell."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    count = 0
    for count, record in enumerate(records, 1):
        writer.writerow([_cell(record.get(name)) for name in columns])
        note(count)
    text.detach()
    return count


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case []:
            return "[]"  # most lists of ours: an encoder is not made for each
        case str():
            # A telephone number is no formula, and others must be able to dial it.
            computed = COMPUTED.match(value) and not value.removeprefix("+").isdecimal()
            return f"'{value}" if computed else value
        case _:
            return json.dumps(value, ensure_ascii=False)
