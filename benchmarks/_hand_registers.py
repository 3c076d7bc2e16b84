"""The SQL that one would write by hand for the registers of the directory (see _hand.py)."""

from collections.abc import Callable
from typing import Any

from benchmarks._hand import Rows, identity, one

REACHED = """(t.id IN (SELECT container_id FROM territories_containment WHERE contained_id = %s)
    OR t.id IN (SELECT contained_id FROM territories_containment WHERE container_id = %s))"""
DEPARTEMENTS = """
SELECT t.id, t.code, t.name, t.weight, r.confirmed_on,
    EXISTS (SELECT FROM territories_containment i WHERE i.container_id = t.id AND i.contained_id = %s)
FROM territories_territory t LEFT JOIN directory_stationregister r ON r.departement_id = t.id
WHERE t.kind = 'departement' AND t.until IS NULL AND {} ORDER BY t.sort_name, t.code
"""
POSTS = """
SELECT s.id, s.station, s.force, s.employer, s.weekly_hours, s.opened_on, s.vacant_since, s.closed_on, s.departement_id,
    c.name, c.code
FROM directory_stationpost s JOIN territories_territory c ON c.id = s.commune_id
WHERE s.departement_id = ANY(%s) ORDER BY s.sort_name, s.id
"""
TERMS = """
SELECT post_id, signed_on, starts_on, ends_on FROM directory_stationagreement WHERE post_id = ANY(%s) ORDER BY starts_on
"""
FUNDINGS = "SELECT post_id, total, state FROM directory_stationfunding WHERE post_id = ANY(%s) AND year = %s"
ROUNDS = """
SELECT r.id, r.name, r.vehicle, r.starts_on, r.ends_on, s.id, s.name, t.name, c.name,
    (SELECT count(*) FROM directory_door d WHERE d.round_id = r.id)
FROM directory_round r JOIN directory_service s ON s.id = r.service_id AND NOT s.address_hidden
JOIN directory_structure t ON t.id = s.structure_id JOIN territories_territory c ON c.id = s.commune_id
ORDER BY r.name, r.id LIMIT 50
"""
ROUNDS_IN_ALL = """
SELECT count(*) FROM directory_round r JOIN directory_service s ON s.id = r.service_id AND NOT s.address_hidden
"""
DOORS = """
SELECT d.id, d.place, d.hours, d.round_id, d.starts_on, d.ends_on, r.name, s.id, s.name, s.structure_id, s.address,
    t.name, c.name, c.code
FROM directory_door d JOIN territories_territory c ON c.id = d.commune_id
JOIN directory_service s ON s.id = d.service_id JOIN directory_structure t ON t.id = s.structure_id
LEFT JOIN directory_round r ON r.id = d.round_id
WHERE {} AND NOT s.address_hidden AND d.starts_on <= current_date AND (d.ends_on IS NULL OR d.ends_on >= current_date)
AND (r.id IS NULL OR (r.starts_on <= current_date AND (r.ends_on IS NULL OR r.ends_on >= current_date)))
AND (s.closed_on IS NULL OR s.closed_on > current_date) AND (s.opened_on IS NULL OR s.opened_on <= current_date)
ORDER BY c.sort_name, s.sort_name, d.rank, d.id
"""
INSIDE = "d.commune_id IN (SELECT contained_id FROM territories_containment WHERE container_id = %s)"
ASKED = "SELECT id, kind, code, name FROM territories_territory WHERE kind = 'departement' AND code = '42'"
CLOSURES = """
SELECT service_id, structure_id, starts_on, ends_on FROM directory_closure
WHERE service_id = ANY(%s) OR structure_id = ANY(%s) ORDER BY starts_on
"""
IN_FORCE = "(a.ends_on IS NULL OR a.ends_on >= current_date)"
AGREEMENTS = f"""
SELECT a.id, a.name, a.object, a.signed_on, a.starts_on, a.ends_on, t.name FROM directory_partnersagreement a
JOIN territories_territory t ON t.id = a.departement_id
WHERE a.departement_id = ANY(%s) AND {IN_FORCE} ORDER BY a.ends_on, a.id LIMIT 50
"""
AGREEMENTS_IN_ALL = f"""
SELECT count(*) FROM directory_partnersagreement a WHERE a.departement_id = ANY(%s) AND {IN_FORCE}
"""
PARTIES = "SELECT agreement_id, name FROM directory_agreementparty WHERE agreement_id = ANY(%s) ORDER BY id"
OWN = """
SELECT t.id, t.code, t.name FROM territories_territory t WHERE t.kind = 'departement' AND {}
ORDER BY t.weight DESC, t.id
"""
CURRENT = """c.departement_id = ANY(%s) AND c.valid_from IS NOT NULL
    AND (c.valid_to IS NULL OR c.valid_to > current_date OR c.valid_from > current_date)"""
CIRCUITS = f"""
SELECT c.id, t.name, c.situation, c.people, c.version, c.valid_from, c.valid_to,
    (SELECT count(*) FROM directory_circuitstep s WHERE s.circuit_id = c.id)
FROM directory_circuit c JOIN territories_territory t ON t.id = c.departement_id
WHERE {CURRENT} ORDER BY t.sort_name, c.situation, c.people, c.version DESC LIMIT 50
"""
CIRCUITS_IN_ALL = f"SELECT count(*) FROM directory_circuit c WHERE {CURRENT}"
SENT = """o.scope_id = %s AND (o.sender_id = %s
    OR o.organisation_id = (SELECT organisation_id FROM accounts_mandate WHERE id = %s))"""
ORIENTATIONS = f"""
SELECT o.id, o.code, o.state, o.need, o.audience, o.wish, o.made_at, o.expires_at, o.answered_at, o.withdrawn_at,
    o.assessed_on, s.id, s.name, t.name, c.name, p.given_name, p.family_name, g.name
FROM directory_orientationlink o JOIN directory_service s ON s.id = o.service_id
JOIN directory_structure t ON t.id = s.structure_id JOIN territories_territory c ON c.id = s.commune_id
JOIN accounts_person p ON p.id = o.sender_id LEFT JOIN accounts_organisation g ON g.id = o.organisation_id
WHERE {SENT} ORDER BY o.made_at DESC, o.id DESC LIMIT 20
"""
ORIENTATIONS_IN_ALL = f"SELECT count(*) FROM directory_orientationlink o WHERE {SENT}"
ANSWERS = """
SELECT orientation_id, answer, day, wait, reason, answered_at FROM directory_orientationanswer
WHERE orientation_id = ANY(%s) ORDER BY answered_at DESC, id DESC
"""
USUAL = """
SELECT service_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY answered_at - made_at), count(*)
FROM directory_orientationlink WHERE service_id = ANY(%s) AND answered_at IS NOT NULL AND made_at >= current_date - 365
GROUP BY service_id HAVING count(*) >= 5
"""
SIGNED = f"""
SELECT a.id, a.name, a.object, a.ends_on, array_agg(p.name ORDER BY p.id) FROM directory_partnersagreement a
LEFT JOIN directory_agreementparty p ON p.agreement_id = a.id
WHERE a.departement_id = %s AND a.starts_on <= current_date AND {IN_FORCE} GROUP BY a.id ORDER BY a.object, a.ends_on
"""
COMMUNES = """
SELECT t.id, t.code, t.name, t.longitude, t.latitude, n.value, around.them FROM territories_containment i
JOIN territories_territory t ON t.id = i.contained_id AND t.kind = 'commune' AND t.until IS NULL
LEFT JOIN LATERAL (
    SELECT p.value FROM territories_population p JOIN territories_populationseries y ON y.id = p.series_id
    WHERE p.territory_id = t.id AND y.definition = 'unspecified'
    ORDER BY y.year DESC LIMIT 1
) n ON true
CROSS JOIN LATERAL (
    SELECT array_agg(container_id) AS them FROM territories_containment WHERE contained_id = t.id
) around
WHERE i.container_id = %s ORDER BY t.sort_name, t.code
"""
SERVING = """
SELECT s.id, s.kind, s.name, s.modes, s.capacity_hours, s.longitude, s.latitude, t.longitude, t.latitude, c.longitude,
    c.latitude, zones.them, doors.them
FROM directory_service s JOIN directory_structure t ON t.id = s.structure_id
JOIN territories_territory c ON c.id = s.commune_id
CROSS JOIN LATERAL (SELECT array_agg(territory_id) AS them FROM directory_service_zones WHERE service_id = s.id) zones
CROSS JOIN LATERAL (
    SELECT array_agg(ARRAY[d.id, d.weekly_hours, coalesce(d.longitude, m.longitude), coalesce(d.latitude, m.latitude)])
        AS them
    FROM directory_door d JOIN territories_territory m ON m.id = d.commune_id
    WHERE d.service_id = s.id AND d.starts_on <= current_date AND (d.ends_on IS NULL OR d.ends_on >= current_date)
) doors
WHERE s.id IN (SELECT service_id FROM directory_service_zones WHERE territory_id IN (
    SELECT container_id FROM territories_containment WHERE contained_id = %s
    UNION SELECT contained_id FROM territories_containment WHERE container_id = %s))
AND (s.closed_on IS NULL OR s.closed_on > current_date) AND (s.opened_on IS NULL OR s.opened_on <= current_date)
ORDER BY s.id
"""
SCHEMES = "SELECT id, title FROM strategy_plan WHERE kind = 'victims' AND territory_id = %s ORDER BY id DESC"


def departements(cursor: Any, who: tuple[Any, ...]) -> Rows:
    """Those that one reads registers of."""
    if who[8] == "nation":
        return one(cursor, DEPARTEMENTS.format("true"), who[10])
    return one(cursor, DEPARTEMENTS.format(REACHED), who[10], who[10], who[10])


def of_posts(cursor: Any, found: Rows) -> list[Rows]:
    keys = [row[0] for row in found]
    year = one(cursor, "SELECT extract(year FROM current_date)::int - 1")[0][0]
    return [one(cursor, TERMS, keys), one(cursor, FUNDINGS, keys, year)]


def stations(cursor: Any, key: str, subject: int) -> list[Rows]:
    """Of the département acted in."""
    who = identity(cursor, key)
    every = departements(cursor, who)
    found = one(cursor, POSTS, [who[10]])
    return [[who], found, every, *of_posts(cursor, found)]


def stations_of_france(cursor: Any, key: str, subject: int) -> list[Rows]:
    who = identity(cursor, key)
    every = departements(cursor, who)
    found = one(cursor, POSTS, [row[0] for row in every])
    return [[who], [row[1:3] for row in every], found, *of_posts(cursor, found)]


def rounds(cursor: Any, key: str, subject: int) -> list[Rows]:
    return [[identity(cursor, key)], one(cursor, ROUNDS), one(cursor, ROUNDS_IN_ALL)]


def doors(cursor: Any, key: str, subject: int) -> list[Rows]:
    """Of a département, fifty a page, with what closes their services."""
    who, place = identity(cursor, key), one(cursor, ASKED)
    found = one(cursor, DOORS.format(INSIDE) + " LIMIT 50", place[0][0])
    counted = one(cursor, f"SELECT count(*) FROM ({DOORS.format(INSIDE)}) every", place[0][0])
    closed = one(cursor, CLOSURES, [row[7] for row in found], [row[9] for row in found])
    return [[who], found, place, counted, closed]


def agreements(cursor: Any, key: str, subject: int) -> list[Rows]:
    """Of the département acted in, or of France."""
    who = identity(cursor, key)
    every = departements(cursor, who)
    asked = [row[0] for row in every] if who[8] == "nation" else [who[10]]
    found = one(cursor, AGREEMENTS, asked)
    parties = one(cursor, PARTIES, [row[0] for row in found])
    return [[who], found, every, one(cursor, AGREEMENTS_IN_ALL, asked), parties]


def circuits(cursor: Any, key: str, subject: int) -> list[Rows]:
    who = identity(cursor, key)
    nation = who[8] == "nation"
    own = one(cursor, OWN.format("true" if nation else REACHED), *([] if nation else [who[10]] * 2))
    keys = [row[0] for row in own]
    return [[who], one(cursor, CIRCUITS, keys), own, one(cursor, CIRCUITS_IN_ALL, keys)]


def orientations(cursor: Any, key: str, subject: int) -> list[Rows]:
    who = identity(cursor, key)
    sent = (who[7], who[1], who[5])
    found = one(cursor, ORIENTATIONS, *sent)
    return [
        [who], found, one(cursor, ORIENTATIONS_IN_ALL, *sent), one(cursor, ANSWERS, [row[0] for row in found]),
        one(cursor, USUAL, [row[11] for row in found]),
    ]  # fmt: skip


def scheme(cursor: Any, key: str, subject: int) -> list[Rows]:
    """Of the département acted in: all that is read before anything is computed."""
    who = identity(cursor, key)
    every, place = departements(cursor, who), who[10]
    posts = one(cursor, POSTS, [place])
    return [
        [who], posts, every, *of_posts(cursor, posts), one(cursor, DOORS.format(INSIDE), place),
        one(cursor, SIGNED, place), one(cursor, COMMUNES, place), one(cursor, SERVING, place, place),
        one(cursor, SCHEMES, place),
    ]  # fmt: skip


READ: dict[str, Callable[[Any, str, int], list[Rows]]] = {
    "stations": stations,
    "stations_of_france": stations_of_france,
    "rounds": rounds,
    "doors": doors,
    "agreements": agreements,
    "circuits": circuits,
    "orientations": orientations,
    "scheme": scheme,
}
