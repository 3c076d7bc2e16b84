"""Finding help by hand: what the public page reads of a search, nearest first by a straight line."""

from typing import Any

from benchmarks._hand import Rows, one

TERRITORY = """SELECT id, code, name, zone, longitude, latitude FROM territories_territory
 WHERE kind = 'commune' AND code = %s AND until IS NULL"""
AROUND = "SELECT container_id FROM territories_containment WHERE contained_id = %s"
CANDIDATES = """SELECT s.id, s.name, s.ways, s.modes, s.address_hidden, s.sort_name, s.longitude, s.latitude,
 t.longitude, t.latitude, c.longitude, c.latitude
 FROM directory_service s JOIN directory_structure t ON t.id = s.structure_id
 JOIN territories_territory c ON c.id = s.commune_id
 WHERE s.id IN (SELECT service_id FROM directory_service_zones WHERE territory_id = ANY(%s))
 AND (s.opened_on IS NULL OR s.opened_on <= current_date) AND (s.closed_on IS NULL OR s.closed_on > current_date)
 AND (s.reached_by = '{}' OR s.reached_by @> '{usagers}')
 AND (s.needs @> '{haine}' OR (s.needs = '{}' AND s.kind = ANY(%s)))
 ORDER BY (coalesce(s.longitude, t.longitude, c.longitude) - %s) ^ 2
 + (coalesce(s.latitude, t.latitude, c.latitude) - %s) ^ 2, s.id"""
DOORS = """SELECT d.id, d.service_id, d.longitude, d.latitude, c.longitude, c.latitude, d.commune_id
 FROM directory_door d JOIN territories_territory c ON c.id = d.commune_id
 LEFT JOIN directory_round r ON r.id = d.round_id
 WHERE d.service_id = ANY(%s) AND d.starts_on <= current_date AND (d.ends_on IS NULL OR d.ends_on >= current_date)
 AND (r.id IS NULL OR (r.starts_on <= current_date AND (r.ends_on IS NULL OR r.ends_on >= current_date)))"""
SHOWN = """SELECT s.*, t.*, c.* FROM directory_service s JOIN directory_structure t ON t.id = s.structure_id
 JOIN territories_territory c ON c.id = s.commune_id WHERE s.id = ANY(%s)"""
CLOSURES = """SELECT service_id, structure_id, starts_on, ends_on FROM directory_closure
 WHERE service_id = ANY(%s) OR structure_id IN (SELECT structure_id FROM directory_service WHERE id = ANY(%s))"""
OUTLINES = """SELECT t.code, t.name, o.geometry FROM territories_containment b
 JOIN territories_containment i ON i.container_id = b.container_id
 JOIN territories_territory k ON k.id = b.container_id AND k.kind IN ('epci', 'ept')
 JOIN territories_territory t ON t.id = i.contained_id AND t.kind = 'commune'
 JOIN territories_contour o ON o.territory_id = t.id WHERE b.contained_id = %s"""
STATE = (
    "SELECT vintage, digest FROM territories_referenceimport WHERE kind = 'territories' ORDER BY vintage DESC LIMIT 1"
)
KINDS = ["victim_support", "iscg", "complaint_place", "access_to_law", "forensic_unit", "psychotrauma", "social_work"]
PER_LIST = 6


def search(cursor: Any, key: str, subject: str) -> list[Rows]:
    """For the commune whose code is `subject`; nobody is signed in."""
    town = one(cursor, TERRITORY, subject)[0]
    around = [row[0] for row in one(cursor, AROUND, town[0])]
    found = one(cursor, CANDIDATES, around, KINDS, town[4], town[5])
    away = [row for row in found if row[4] or row[2] == ["telephone"]]
    here = [row for row in found if not row[4] and row[2] != ["telephone"]]
    shown = [row[0] for part in (here, away) for row in part[:PER_LIST]]
    return [
        [town], found, one(cursor, DOORS, [row[0] for row in found]), one(cursor, SHOWN, shown),
        one(cursor, CLOSURES, shown, shown), one(cursor, OUTLINES, town[0]), one(cursor, STATE),
    ]  # fmt: skip


READ = {"help": search}
