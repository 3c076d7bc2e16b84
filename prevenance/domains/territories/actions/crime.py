"""Take in recorded crime: the communal file of one edition."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import Identity, action
from prevenance.core.bulk import Changes
from prevenance.core.refusals import Refused
from prevenance.domains.territories.forms import UnusableList
from prevenance.domains.territories.forms import crime as forms
from prevenance.domains.territories.forms.neighbourhoods import Problem
from prevenance.domains.territories.models import CrimeSeries, FormerCode, RecordedCrime, ReferenceImport, Territory

SOURCE = (
    "Service statistique ministériel de la sécurité intérieure (SSMSI), base statistique communale de la délinquance "
    "enregistrée par la police et la gendarmerie nationales, géographie"
)
LICENCE = "Licence Ouverte 2.0"
MOST_PROBLEMS = 1000  # after which the rest of the file is not worth reading
STAGED = """
CREATE TEMP TABLE told_crime (
    code text NOT NULL, commune bigint NOT NULL, year smallint NOT NULL, indicator text NOT NULL,
    unit text NOT NULL, value bigint, line bigint NOT NULL
) ON COMMIT DROP
"""
# Communes that are one today add up, when each is published: otherwise the whole is not known.
JOINED = """
CREATE TEMP TABLE known_crime ON COMMIT DROP AS
SELECT indicator, year, commune, CASE WHEN count(value) = count(*) THEN sum(value)::integer END AS value
FROM told_crime GROUP BY indicator, year, commune
"""
TWICE = """
SELECT min(line), max(line) FROM told_crime
GROUP BY indicator, year, code HAVING count(*) > 1 ORDER BY 2 LIMIT %s
"""
TWO_UNITS = """
SELECT min(line), indicator FROM told_crime GROUP BY indicator HAVING count(DISTINCT unit) > 1 ORDER BY 1 LIMIT %s
"""
SERIES = """
INSERT INTO territories_crimeseries (indicator, unit, year, vintage, published, withheld)
SELECT k.indicator, u.unit, k.year, %(vintage)s, count(k.value), count(*) - count(k.value)
FROM known_crime k JOIN (SELECT indicator, min(unit) AS unit FROM told_crime GROUP BY indicator) u USING (indicator)
GROUP BY k.indicator, u.unit, k.year
ON CONFLICT (indicator, year) DO UPDATE
SET unit = EXCLUDED.unit, vintage = EXCLUDED.vintage, published = EXCLUDED.published, withheld = EXCLUDED.withheld
"""
GONE = """
DELETE FROM territories_recordedcrime c USING territories_crimeseries s
WHERE s.id = c.series_id AND s.year = %(year)s AND NOT EXISTS (
    SELECT FROM known_crime k WHERE k.indicator = s.indicator AND k.year = s.year AND k.commune = c.commune_id
)
"""
WRITTEN = """
WITH said AS (
    INSERT INTO territories_recordedcrime AS c (series_id, commune_id, value)
    SELECT s.id, k.commune, k.value FROM known_crime k JOIN territories_crimeseries s USING (indicator, year)
    WHERE k.year = %(year)s
    ON CONFLICT (series_id, commune_id) DO UPDATE SET value = EXCLUDED.value
    WHERE c.value IS DISTINCT FROM EXCLUDED.value
    RETURNING xmax = 0 AS is_new
)
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM said
"""


@action(_("Délinquance enregistrée chargée"))
def import_crime(*, by: Identity, path: Path, say: Callable[[str], Any] = lambda line: None) -> Changes:
    """Make the years of the file hold exactly what it says; other years are untouched. Tells progress to `say`.

    All or nothing, so that it may be stopped and run again. Raises forms.UnusableList with what is wrong, having
    written nothing; Refused when a later edition is already loaded.
    """
    vintage = forms.vintage_of(path)
    loaded = ReferenceImport.objects.filter(kind=ReferenceImport.Kind.CRIME)
    if loaded.filter(vintage__gt=vintage).exists():
        raise Refused(_now("Une édition plus récente que la géographie %(year)s est déjà chargée.") % {"year": vintage})
    with connection.cursor() as cursor:
        # Two loads at once would each try to add the same rows.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('territories.import_crime'))")
        cursor.execute(STAGED)
        digest = _stage(cursor, path, say)
        changes, rows = _write(cursor, vintage, say)
        cursor.execute("DROP TABLE told_crime, known_crime")
    ReferenceImport.objects.update_or_create(
        kind=ReferenceImport.Kind.CRIME,
        vintage=vintage,
        defaults={
            "zones": "metro drom", "source": f"{SOURCE} {vintage}", "licence": LICENCE, "digest": digest, "rows": rows,
            "imported_at": timezone.now(),
        },
    )  # fmt: skip
    audit.record(by=by, scope="platform", vintage=vintage, rows=rows, added=changes.added)
    return changes


def _stage(cursor: Any, path: Path, say: Callable[[str], Any]) -> str:
    """Send the file's rows to the database, piece by piece; the print of the file."""
    communes, problems, lines, size = _codes(), list[Problem](), 0, 0
    for line, piece in forms.pieces(path):
        kept, wrong = forms.checked(piece, line, communes)
        problems += wrong
        lines, size = lines + len(piece), size + len(kept)
        if not problems:
            with cursor.copy("COPY told_crime FROM STDIN (FORMAT csv)") as copy:
                copy.write(kept.write_csv(include_header=False).encode())
        say(_now("Lignes lues : %(lines)s…") % {"lines": f"{lines:,}".replace(",", "\u202f")})
        if len(problems) >= MOST_PROBLEMS:
            break
    if not lines:
        problems.append(Problem(None, _now("Ce fichier ne contient aucune ligne.")))
    if not problems:
        cursor.execute("ANALYZE told_crime")
        cursor.execute(TWICE, [MOST_PROBLEMS])
        twice = _now("cette commune a déjà, à la ligne %(line)s, un nombre pour cet indicateur et cette année.")
        problems += [Problem(line, twice % {"line": first}) for first, line in cursor.fetchall()]
        cursor.execute(TWO_UNITS, [MOST_PROBLEMS])
        units = _now("l’indicateur « %(name)s » a plusieurs unités de compte dans ce fichier.")
        problems += [Problem(line, units % {"name": name}) for line, name in cursor.fetchall()]
    if problems:
        raise UnusableList(problems)
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _codes() -> pl.DataFrame:
    """Every code that leads to a commune of today: code, commune, nature."""
    today = dict(Territory.objects.existing().filter(kind="commune").values_list("code", "pk"))
    others = FormerCode.objects.exclude(code__in=today).values_list("code", "territory_id", "nature")
    rows = [*others, *((code, pk, "commune") for code, pk in today.items())]
    schema = {"code": pl.String, "commune": pl.Int64, "nature": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _write(cursor: Any, vintage: int, say: Callable[[str], Any]) -> tuple[Changes, int]:
    cursor.execute(JOINED)
    cursor.execute("CREATE INDEX ON known_crime (indicator, year, commune)")
    cursor.execute("ANALYZE known_crime")
    cursor.execute(SERIES, {"vintage": vintage})
    cursor.execute("SELECT year, count(*) FROM known_crime GROUP BY year ORDER BY year")
    years = cursor.fetchall()
    added = changed = removed = 0
    for year, rows in years:
        say(_now("Année %(year)s : %(rows)s nombres…") % {"year": year, "rows": f"{rows:,}".replace(",", "\u202f")})
        cursor.execute(GONE, {"year": year})
        removed += cursor.rowcount
        cursor.execute(WRITTEN, {"year": year})
        new, other = cursor.fetchone()
        added, changed = added + new, changed + other
    # An indicator that a year no longer has.
    CrimeSeries.objects.filter(year__in=[year for year, _rows in years]).exclude(
        pk__in=RecordedCrime.objects.filter(series__year__in=[year for year, _rows in years]).values("series")
    ).delete()
    if added or changed or removed:
        cursor.execute("ANALYZE territories_recordedcrime")
    return Changes(added, changed, removed), sum(rows for _year, rows in years)
