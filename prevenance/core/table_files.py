"""Tables that commands read and write, CSV or Parquet by their extension: exact columns, and faults named by row.

Needs no Django. Sentences are French and made to be shown as they are; a row is named by its line in a CSV file, whose
headers are line 1, and by its rank from 1 in a Parquet file. An unknown column is a fault rather than something passed
over: a misspelt one would be lost in silence.
"""

import csv
import errno
import io
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

import polars as pl

EXTENSIONS = (".csv", ".parquet")


class BadTable(ValueError):
    """What is wrong, with the file and where it can be told the row: one French sentence."""


@dataclass(frozen=True)
class Column:
    """A column of text, or of finite numbers within `least` and `most` where they are given; no cell is empty.

    An `optional` column may be absent; it is then absent from what is read.
    """

    name: str
    number: bool = True
    least: float | None = None
    most: float | None = None
    optional: bool = False


ID = Column("id", number=False)
PLACE = (Column("longitude", least=-180, most=180), Column("latitude", least=-90, most=90))


def read(path: Path, columns: Sequence[Column], *, key: Sequence[str] = ("id",)) -> pl.DataFrame:
    """The table of `path` with exactly these columns, in this order: text as String, numbers as Float64.

    No two rows have the same `key`. CSV files are UTF-8, with commas between cells, or semicolons and decimal
    commas.
    Raises BadTable for a file that cannot be read, a column too many or too few, and the first row at fault.
    """
    check_extension(path)
    try:
        data = path.read_bytes()
    except OSError as problem:
        raise BadTable(f"{path} : {_said(problem)}.") from problem
    csv_file = path.suffix.lower() == ".csv"
    found = _csv(path, data) if csv_file else _parquet(path, data)
    _check_columns(path, found.columns, columns)
    columns = [column for column in columns if column.name in found.columns]
    found = found.select(column.name for column in columns)
    first_line = 2 if csv_file else 1
    faults: list[tuple[int, str]] = []
    for column in columns:
        found, fault = _checked(found, column)
        faults += fault
    faults += _repeated(found, key, first_line)
    if faults:
        row, sentence = min(faults, key=lambda fault: fault[0])
        raise bad_row(path, row, sentence)
    return found


def bad_row(path: Path, row: int, sentence: str) -> BadTable:
    """The fault of a row, given by its rank from 0 in the table."""
    return BadTable(f"{path}, ligne {row + (2 if path.suffix.lower() == '.csv' else 1)} : {sentence}.")


def unknown(path: Path, table: pl.DataFrame, column: str, known: Iterable[str], what: str) -> None:
    """Raises BadTable for the first row whose `column` is none of `known`; `what` says where those are."""
    strange = table.with_row_index("row").filter(~pl.col(column).is_in(list(known)))
    if len(strange):
        raise bad_row(path, strange["row"][0], f"« {strange[column][0]} » n’est pas {what} ({column})")


def write(path: Path, table: pl.DataFrame) -> None:
    """Write the whole table, or nothing: beside the file first, then under its name.

    Raises BadTable for an extension that says no format, or a place that cannot be written.
    """
    check_extension(path)
    beside = None
    try:
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            beside = Path(file.name)
            if path.suffix.lower() == ".csv":
                table.write_csv(file)
            else:
                table.write_parquet(file)
        beside.chmod(0o666 & ~_umask())
        beside.replace(path)
    except OSError as problem:
        raise BadTable(f"{path} : écriture impossible, {_said(problem)}.") from problem
    finally:
        if beside is not None:
            beside.unlink(missing_ok=True)


def check_extension(path: Path) -> None:
    """Raises BadTable unless the file's name says a format that is read and written here."""
    if path.suffix.lower() not in EXTENSIONS:
        raise BadTable(f"{path} : le nom d’un tableau finit par {' ou '.join(EXTENSIONS)}.")


def _said(problem: OSError) -> str:
    known = {
        errno.ENOENT: "fichier ou dossier introuvable",
        errno.ENOTDIR: "dossier introuvable",
        errno.EISDIR: "c’est un dossier",
        errno.EACCES: "accès refusé",
        errno.EPERM: "accès refusé",
        errno.ENOSPC: "disque plein",
        errno.EROFS: "disque protégé",
    }
    return known.get(problem.errno or 0, problem.strerror or "erreur du disque")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _csv(path: Path, data: bytes) -> pl.DataFrame:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise bad_row(path, data[: problem.start].count(b"\n") - 1, "ce texte n’est pas en UTF-8") from problem
    header = text.partition("\n")[0].strip()
    separator = ";" if ";" in header and "," not in header else ","
    if not header:
        raise bad_row(path, -1, "la ligne des noms de colonnes manque")
    names = next(csv.reader([header], delimiter=separator))
    if twice := next((name for rank, name in enumerate(names) if name in names[:rank]), None):
        raise bad_row(path, -1, f"la colonne « {twice} » y est deux fois")
    try:
        found = pl.read_csv(io.BytesIO(text.rstrip("\r\n").encode()), separator=separator, infer_schema=False)
    except pl.exceptions.PolarsError as problem:
        raise _ragged(path, text, separator) from problem
    if separator == ";":
        found = found.with_columns(pl.exclude("id").str.replace(",", ".", literal=True))
    return found


def _ragged(path: Path, text: str, separator: str) -> BadTable:
    """The first row that has not as many cells as there are headers."""
    rows = csv.reader(io.StringIO(text), delimiter=separator)
    width = len(next(rows))
    for rank, cells in enumerate(rows):
        if len(cells) > width:
            return bad_row(path, rank, f"{len(cells)} cellules pour {width} colonnes")
    return BadTable(f"{path} : ce fichier n’est pas un tableau CSV que nous savons lire.")


def _parquet(path: Path, data: bytes) -> pl.DataFrame:
    try:
        return pl.read_parquet(io.BytesIO(data))
    except pl.exceptions.PolarsError as problem:
        raise BadTable(f"{path} : ce fichier n’est pas un tableau Parquet.") from problem


def _check_columns(path: Path, there: Sequence[str], wanted: Sequence[Column]) -> None:
    names = [column.name for column in wanted]
    line = f"{path}, ligne 1" if path.suffix.lower() == ".csv" else str(path)
    for name in there:
        if name not in names:
            raise BadTable(f"{line} : colonne inconnue « {name} » ; attendues : {', '.join(names)}.")
    for name in (column.name for column in wanted if not column.optional):
        if name not in there:
            raise BadTable(f"{line} : la colonne « {name} » manque ; attendues : {', '.join(names)}.")


def _checked(table: pl.DataFrame, column: Column) -> tuple[pl.DataFrame, list[tuple[int, str]]]:
    """The table with the column in its type, and the column's first fault."""
    name, text = column.name, table[column.name].cast(pl.String, strict=False)
    value = text if not column.number else _numbers(table[name])
    table = table.with_columns(value.alias(name))
    missing = text.is_null() | (text.str.strip_chars() == "")
    faults = []
    if (row := _first(missing)) is not None:
        faults.append((row, f"{name} manque"))
    if not column.number:
        return table, faults
    if (row := _first(~missing & ~value.is_finite().fill_null(value=False))) is not None:
        faults.append((row, f"« {text[row]} » n’est pas un nombre ({name})"))
    if column.least is not None and (row := _first(value < column.least)) is not None:
        faults.append((row, f"{name} vaut {text[row]}, moins que {column.least:g}"))
    if column.most is not None and (row := _first(value > column.most)) is not None:
        faults.append((row, f"{name} vaut {text[row]}, plus que {column.most:g}"))
    return table, faults


def _numbers(column: pl.Series) -> pl.Series:
    if column.dtype == pl.String:
        column = column.str.strip_chars()
    return column.cast(pl.Float64, strict=False)


def _first(mask: pl.Series) -> int | None:
    """The rank of the first true row."""
    return mask.fill_null(value=False).arg_max() if mask.any() else None


def _repeated(table: pl.DataFrame, key: Sequence[str], first_line: int) -> list[tuple[int, str]]:
    """The first row whose key another had before it."""
    row = _first(~table.select(pl.struct(key).is_first_distinct()).to_series())
    if row is None:
        return []
    said = table.select(key).row(row)
    before = table.select(
        pl.all_horizontal(pl.col(name).eq_missing(value) for name, value in zip(key, said, strict=True))
    )
    line = (before.to_series().arg_max() or 0) + first_line
    return [(row, f"« {' '.join(map(str, said))} » ({', '.join(key)}) est déjà à la ligne {line}")]
