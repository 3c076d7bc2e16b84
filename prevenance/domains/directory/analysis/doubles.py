"""Rows that may be one, in a territory: the same SIRET, names that look alike in one commune, places side by side.

Hidden places have neither coordinates nor SIRET: their names alone are compared.
"""

from dataclasses import dataclass
from typing import Any

from django.db import connection

from prevenance.domains.accounts.acting import Actor
from prevenance.domains.directory.models import Service, Structure
from prevenance.domains.directory.rules.doubles import words
from prevenance.domains.directory.rules.keeping import check_can_keep_somewhere

HERE = "SELECT contained_id FROM territories_containment WHERE container_id = %(territory)s"
METRES = """111195 * sqrt((a.latitude - b.latitude) ^ 2
    + ((a.longitude - b.longitude) * cos(radians(a.latitude))) ^ 2)"""
STRUCTURES = f"""
WITH here AS MATERIALIZED (
    SELECT id, sort_name, siret, commune_id, longitude, latitude FROM directory_structure
    WHERE closed_on IS NULL AND commune_id IN ({HERE})
), pairs AS (
    SELECT a.id AS first, b.id AS second, similarity(a.sort_name, b.sort_name) AS likeness, {METRES} AS metres,
        a.siret <> '' AND a.siret = b.siret AS siret
    FROM here a JOIN here b ON a.commune_id = b.commune_id AND a.id < b.id
    UNION
    SELECT a.id, b.id, similarity(a.sort_name, b.sort_name), {METRES}, true
    FROM here a JOIN here b ON a.siret = b.siret AND a.siret <> '' AND a.id < b.id AND a.commune_id <> b.commune_id
)
SELECT first, second, siret, likeness, metres FROM pairs
WHERE (siret OR likeness >= %(likeness)s OR (metres <= %(metres)s AND likeness >= %(likeness_near)s))
    AND NOT EXISTS (SELECT FROM directory_distinct d WHERE d.first_id = first AND d.second_id = second)
ORDER BY siret DESC, likeness DESC, first, second LIMIT %(most)s
"""  # noqa: S608
SERVICES = f"""
SELECT a.id, b.id FROM directory_service a JOIN directory_service b
    ON a.structure_id = b.structure_id AND a.commune_id = b.commune_id AND a.sort_name = b.sort_name AND a.id < b.id
WHERE a.closed_on IS NULL AND b.closed_on IS NULL AND a.commune_id IN ({HERE})
ORDER BY a.id, b.id LIMIT %(most)s
"""  # noqa: S608


@dataclass(frozen=True)
class Pair:
    """Two rows, and why they are shown. `metres` is None when one of them has no place."""

    first: Any
    second: Any
    siret: bool = False
    metres: int | None = None


def structures(territory: int, actor: Actor) -> list[Pair]:
    """In three queries, whatever there is. Raises Refused for who keeps no directory."""
    check_can_keep_somewhere(actor)
    rows = _asked(STRUCTURES, territory)
    found = _found(Structure, rows)
    return [
        Pair(found[first], found[second], siret, None if metres is None else round(metres))
        for first, second, siret, _likeness, metres in rows
    ]


def services(territory: int, actor: Actor) -> list[Pair]:
    """Services of one name, of one structure, in one commune: what uniting two structures leaves."""
    check_can_keep_somewhere(actor)
    rows = _asked(SERVICES, territory)
    found = _found(Service, rows)
    return [Pair(found[first], found[second]) for first, second in rows]


def _asked(sql: str, territory: int) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"territory": territory, **words()})
        return cursor.fetchall()


def _found(model: Any, rows: list[Any]) -> dict[int, Any]:
    ids = {pk for row in rows for pk in row[:2]}
    links = ("commune",) if model is Structure else ("commune", "structure__commune")
    return {row.pk: row for row in model.objects.filter(pk__in=ids).select_related(*links)}
