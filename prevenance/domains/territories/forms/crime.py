"""The communal file of recorded crime, read in pieces: five million lines, of which none is held with all the others.

Columns are those of the « base statistique communale de la délinquance enregistrée par la police et la gendarmerie
nationales » (SSMSI, data.gouv.fr, dataset 621df2954fa5a3b5a023e23c, edition of July 2026; its documentation says when a
figure is published and what « ndiff » means). CSV has semicolons, decimal commas and « NA » where there is nothing.
"""

import gzip
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO

import polars as pl
from django.utils.translation import gettext as _

from prevenance.domains.territories.forms.neighbourhoods import Problem, UnusableList

CODE = re.compile(r"CODGEO_(\d{4})")  # the year of the codes is in the name of their column
COLUMNS = ("annee", "indicateur", "unite_de_compte", "nombre", "est_diffuse")
PUBLISHED, WITHHELD = "diff", "ndiff"
PIECE = 32 * 1024**2  # bytes of a CSV read at once; lines of a Parquet, a fortieth of it
FIRST_YEAR, LAST_YEAR = 2000, 2999
MOST = 2**31 - 1  # what a column of the database holds


def vintage_of(path: Path) -> int:
    """The year of the communes' codes. Raises UnusableList for a file that is not the one of SSMSI."""
    return _columns(_header(path))[1]


def pieces(path: Path) -> Iterator[tuple[int, pl.DataFrame]]:
    """(line of its first row, piece) of a CSV, compressed by gzip or not, or a Parquet; columns code and COLUMNS, as
    text.

    Raises UnusableList for a file that is not the one of SSMSI.
    """
    code, _vintage = _columns(_header(path))
    wanted = [code, *COLUMNS]
    if path.suffix.lower() == ".parquet":
        line, rows = 1, PIECE // 40
        table = pl.scan_parquet(path).select(pl.col(wanted).cast(pl.String))
        while len(piece := table.slice(line - 1, rows).collect()):
            yield line, piece.rename({code: "code"})
            line += len(piece)
        return
    line = 2
    with _opened(path) as file:
        header = file.readline()
        left = b""
        while read := file.read(PIECE):
            whole, _end, left = (left + read).rpartition(b"\n")
            if whole:
                piece = _table(header + whole, line)
                yield line, piece.select(wanted).rename({code: "code"})
                line += len(piece)
        if left.strip():
            yield line, _table(header + left, line).select(wanted).rename({code: "code"})


def checked(piece: pl.DataFrame, line: int, communes: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
    """(rows to keep: code, commune, year, indicator, unit, value, line; what is wrong) of a piece.

    `communes`: code, commune, nature of every code known; rows of municipal arrondissements are left out, since the
    whole of their commune has its own. No value where the figure is not published.
    """
    text = {name: pl.col(name).str.strip_chars().fill_null("") for name in ("code", *COLUMNS)}
    table = piece.with_row_index("line", offset=line).with_columns(**text)
    # « 16 », or « 16,0 » as a column of decimals writes it.
    number = pl.col("nombre").str.replace(r"[,.]0*$", "").str.replace(r"^NA$", "")
    table = table.with_columns(
        code=pl.col("code").str.to_uppercase().str.zfill(5),
        year=pl.col("annee").cast(pl.Int64, strict=False),
        value=number.cast(pl.Int64, strict=False),
    ).join(communes, on="code", how="left", maintain_order="left")
    published = pl.col("est_diffuse") == PUBLISHED
    length = {name: pl.col(name).str.len_chars() for name in ("indicateur", "unite_de_compte")}
    tests = {
        "code": pl.col("commune").is_null(),
        "annee": ~pl.col("year").is_between(FIRST_YEAR, LAST_YEAR).fill_null(value=False),
        "indicateur": ~length["indicateur"].is_between(1, 120),
        "unite_de_compte": ~length["unite_de_compte"].is_between(1, 40),
        "est_diffuse": ~pl.col("est_diffuse").is_in([PUBLISHED, WITHHELD]),
        "nombre": published & ~pl.col("value").is_between(0, MOST).fill_null(value=False),
    }
    sentences = {
        "code": _("aucune commune n’a le code « %(what)s » : chargez d’abord les territoires du même millésime."),
        "annee": _("« %(what)s » n’est pas une année."),
        "indicateur": _("l’indicateur manque, ou il est trop long : « %(what)s »."),
        "unite_de_compte": _("l’unité de compte manque, ou elle est trop longue : « %(what)s »."),
        "est_diffuse": _("« %(what)s » ne dit pas si le nombre est publié (attendu : diff ou ndiff)."),
        "nombre": _("le nombre publié manque, ou n’est pas un entier au moins égal à zéro : « %(what)s »."),
    }
    problems = []
    bad = pl.lit(value=False)
    for column, test in tests.items():  # one sentence a row, the first
        found = table.filter(test & ~bad).select("line", column)
        problems += [Problem(row, sentences[column] % {"what": said}) for row, said in found.iter_rows()]
        bad = bad | test
    problems.sort(key=lambda problem: problem.line or 0)
    kept = table.filter(~bad & (pl.col("nature") != "arrondissement")).select(
        "code", "commune", "year", "indicateur", "unite_de_compte", pl.when(published).then(pl.col("value")), "line",
    )  # fmt: skip
    return kept, problems


def _opened(path: Path) -> IO[bytes]:
    return gzip.open(path, "rb") if path.suffix.lower() == ".gz" else open(path, "rb")


def _header(path: Path) -> list[str]:
    if path.suffix.lower() == ".parquet":
        try:
            return list(pl.scan_parquet(path).collect_schema())
        except pl.exceptions.PolarsError as problem:
            raise UnusableList([Problem(None, _("Ce fichier n’est pas un tableau Parquet."))]) from problem
    try:
        with _opened(path) as file:
            first = file.readline().decode("utf-8-sig")
    except (gzip.BadGzipFile, EOFError, UnicodeDecodeError) as problem:
        raise UnusableList([Problem(None, _("Ce fichier n’est pas un tableau CSV que nous savons lire."))]) from problem
    return [name.strip().strip('"') for name in first.strip().split(";")]


def _columns(names: list[str]) -> tuple[str, int]:
    """(name of the column of codes, its year)."""
    codes = [name for name in names if CODE.fullmatch(name)]
    missing = ([] if codes else ["CODGEO_2026"]) + [name for name in COLUMNS if name not in names]
    if missing:
        said = {"missing": ", ".join(missing), "found": ", ".join(names[:20])}
        raise UnusableList([Problem(None, _("Colonnes absentes : %(missing)s. Colonnes trouvées : %(found)s.") % said)])
    return codes[0], int(codes[0][-4:])


def _table(data: bytes, line: int) -> pl.DataFrame:
    try:
        return pl.read_csv(BytesIO(data.removeprefix(b"\xef\xbb\xbf")), separator=";", infer_schema=False)
    except pl.exceptions.PolarsError as problem:
        sentence = _("à partir d’ici, des lignes n’ont pas autant de cellules que l’en-tête, ou ne sont pas en UTF-8.")
        raise UnusableList([Problem(line, sentence)]) from problem
