"""The SQL that one would write by hand for the lists of a council and of a préfet's office (see _hand.py)."""

from collections.abc import Callable
from typing import Any

from benchmarks._hand import COORDINATORS, Rows, identity, one

COUNCIL = """
SELECT c.id, c.name, c.kind, c.ended_on, t.kind, t.name, s.holder_id FROM governance_council c
JOIN territories_territory t ON t.id = c.territory_id
JOIN accounts_scope s ON s.id = c.scope_id
JOIN governance_councilreach r ON r.council_id = c.id AND r.scope_id = %s
WHERE c.id = %s
"""
OWN_COUNCIL = COUNCIL.replace(
    "JOIN governance_councilreach r ON r.council_id = c.id AND r.scope_id = %s\n", ""
).replace("WHERE", "WHERE c.scope_id = %s AND")
ROUND = """
SELECT c.id, c.name, c.kind, c.scope_id, c.last_plenary_on, t.name, t.code FROM governance_council c
JOIN governance_councilreach r ON r.council_id = c.id AND r.scope_id = %s
JOIN territories_territory t ON t.id = c.territory_id
WHERE c.ended_on IS NULL AND c.kind IN ('CLSPD', 'CISPD', 'CMSPD', 'CPSPD')
ORDER BY c.last_plenary_on NULLS FIRST, c.sort_name, c.id LIMIT 50
"""
ROUND_IN_ALL = """
SELECT count(*) FROM governance_council c
JOIN governance_councilreach r ON r.council_id = c.id AND r.scope_id = %s
WHERE c.ended_on IS NULL AND c.kind IN ('CLSPD', 'CISPD', 'CMSPD', 'CPSPD')
"""
GROUPS = """
SELECT b.council_id, count(DISTINCT b.id), count(DISTINCT m.body_id) FROM governance_body b
LEFT JOIN governance_meeting m ON m.body_id = b.id AND m.state IN ('held', 'approved')
     AND m.starts_at >= current_date - interval '1 year'
WHERE b.council_id = ANY(%s) AND b.kind = 'group' AND (b.closed_on IS NULL OR b.closed_on > current_date)
GROUP BY b.council_id
"""
IN_FORCE = """
SELECT b.council_id, k.adopted_on FROM governance_rulebook k JOIN governance_body b ON b.id = k.body_id
WHERE b.council_id = ANY(%s) AND k.state = 'adopted' AND k.kind = 'rules' ORDER BY k.adopted_on
"""
BODIES = """
SELECT b.id, b.name, b.theme, b.closed_on, b.nominative, s.members, m.last_met FROM governance_body b
LEFT JOIN LATERAL (
    SELECT count(*) AS members FROM governance_membership WHERE body_id = b.id AND valid_from <= current_date
    AND (valid_to IS NULL OR valid_to >= current_date)
) s ON true
LEFT JOIN LATERAL (
    SELECT max(starts_at) AS last_met FROM governance_meeting WHERE body_id = b.id AND state IN ('held', 'approved')
) m ON true
WHERE b.council_id = %s ORDER BY b.closed_on, b.id LIMIT 50
"""
BODIES_IN_ALL = "SELECT count(*) FROM governance_body WHERE council_id = %s"
BODY = "SELECT id, name, kind, closed_on, nominative FROM governance_body WHERE id = %s AND council_id = %s"
MEMBERS = """
SELECT s.id, p.family_name, p.given_name, p.email, p.phone, s.title, s.quality, s.purpose, s.valid_from, s.valid_to,
       o.name, q.given_name, q.family_name
FROM governance_membership s
JOIN accounts_person p ON p.id = s.person_id
LEFT JOIN accounts_organisation o ON o.id = s.organisation_id
LEFT JOIN governance_membership a ON a.id = s.alternate_of_id
LEFT JOIN accounts_person q ON q.id = a.person_id
WHERE s.body_id = %s AND s.valid_from <= current_date AND (s.valid_to IS NULL OR s.valid_to >= current_date)
ORDER BY p.sort_name, s.id LIMIT 50
"""
MEMBERS_IN_ALL = """
SELECT count(*) FROM governance_membership s
WHERE s.body_id = %s AND s.valid_from <= current_date AND (s.valid_to IS NULL OR s.valid_to >= current_date)
"""
NEAR = """
SELECT id FROM governance_act WHERE scope_id = %s
UNION SELECT act_id FROM governance_actsignature WHERE scope_id = %s
UNION SELECT a.id FROM governance_act a
      JOIN governance_councilreach r ON r.council_id = a.council_id AND r.scope_id = %s
"""
INSIDE = """
UNION SELECT a.id FROM governance_act a JOIN accounts_scope s ON s.id = a.scope_id
      JOIN territories_containment i ON i.contained_id = s.territory_id AND i.container_id = %s
      WHERE a.council_id IS NULL
"""
ACTS = """
SELECT a.id, a.title, a.kind, a.reference, a.signed_on, a.submitted_at, a.in_force_from, a.ends_on, a.ended_on,
       c.name, s.label, m.valid_to, m.withdrawn_at
FROM ({near}) near
JOIN governance_act a ON a.id = near.id
JOIN accounts_scope s ON s.id = a.scope_id
LEFT JOIN governance_council c ON c.id = a.council_id
LEFT JOIN accounts_scope h ON h.id = c.scope_id
LEFT JOIN accounts_mandate m ON m.id = a.mandate_id
WHERE {readable} ORDER BY a.created_at DESC, a.id DESC LIMIT 25
"""
ACTS_IN_ALL = """
SELECT count(*) FROM ({near}) near JOIN governance_act a ON a.id = near.id
LEFT JOIN governance_council c ON c.id = a.council_id
LEFT JOIN accounts_scope h ON h.id = c.scope_id WHERE {readable}
"""
READABLE = """(a.signed_on IS NOT NULL OR {held} OR a.scope_id = %s OR a.submitted_at IS NOT NULL
    AND a.id IN (SELECT act_id FROM governance_actsignature WHERE scope_id = %s))"""
BODY_NAMES = "SELECT id, name FROM governance_body WHERE council_id = %s ORDER BY id"
RULEBOOKS = """
SELECT k.id, b.name, k.kind, k.version, k.state, k.proposed_on, k.adopted_on, k.body_id FROM governance_body b
JOIN governance_rulebook k ON k.body_id = b.id
WHERE b.council_id = %s AND k.state NOT IN ('replaced', 'withdrawn') ORDER BY k.body_id, k.kind, k.version DESC LIMIT 50
"""
RULEBOOKS_IN_ALL = """
SELECT count(*) FROM governance_body b JOIN governance_rulebook k ON k.body_id = b.id
WHERE b.council_id = %s AND k.state NOT IN ('replaced', 'withdrawn')
"""
OFFICE_LETTERS = """
SELECT id FROM governance_letter WHERE scope_id = %s
UNION SELECT r.letter_id FROM accounts_scope s JOIN governance_council c ON c.scope_id = s.id
      JOIN governance_letterrecipient r ON r.council_id = c.id WHERE s.holder_id = %s
"""
LETTERS = f"""
SELECT l.id, l.subject, l.written_at, s.label FROM ({OFFICE_LETTERS}) near
JOIN governance_letter l ON l.id = near.id
JOIN accounts_scope s ON s.id = l.scope_id ORDER BY l.written_at DESC, l.id DESC LIMIT 50
"""
LETTERS_IN_ALL = f"SELECT count(*) FROM ({OFFICE_LETTERS}) near"
PROBLEMS = """
SELECT id, place, year, rank, theme, state, opened_on FROM governance_problem
WHERE council_id = %s ORDER BY year DESC, rank DESC LIMIT 50
"""
PROBLEMS_IN_ALL = "SELECT count(*) FROM governance_problem WHERE council_id = %s"


def tour(cursor: Any, key: str, subject: int) -> list[Rows]:
    who = identity(cursor, key)
    rows = one(cursor, ROUND, who[7])
    keys = [row[0] for row in rows]
    return [
        [who],
        rows,
        one(cursor, ROUND_IN_ALL, who[7]),
        one(cursor, COORDINATORS, [row[3] for row in rows]),
        one(cursor, GROUPS, keys),
        one(cursor, IN_FORCE, keys),
    ]


def bodies(cursor: Any, key: str, subject: int) -> list[Rows]:
    who = identity(cursor, key)
    return [
        [who],
        one(cursor, BODIES, subject),
        one(cursor, BODIES_IN_ALL, subject),
        one(cursor, OWN_COUNCIL, who[7], subject),
    ]


def members(cursor: Any, key: str, subject: int) -> list[Rows]:
    who = identity(cursor, key)
    council = one(cursor, "SELECT council_id FROM governance_body WHERE id = %s", subject)[0][0]
    return [
        [who],
        one(cursor, MEMBERS, subject),
        one(cursor, MEMBERS_IN_ALL, subject),
        one(cursor, OWN_COUNCIL, who[7], council),
        one(cursor, BODY, subject, council),
    ]


def acts(cursor: Any, key: str, subject: int) -> list[Rows]:
    """Of whoever keeps one council."""
    who = identity(cursor, key)
    readable, values = READABLE.format(held="c.scope_id = %s"), [who[7]] * 6
    return [
        [who],
        one(cursor, ACTS.format(near=NEAR, readable=readable), *values),
        one(cursor, ACTS_IN_ALL.format(near=NEAR, readable=readable), *values),
    ]


def office_acts(cursor: Any, key: str, subject: int) -> list[Rows]:
    """Of whoever sees a whole département."""
    who = identity(cursor, key)
    readable, near = READABLE.format(held="h.holder_id = %s"), NEAR + INSIDE
    values = [who[7]] * 3 + [who[10]] + [who[7]] * 3
    return [
        [who],
        one(cursor, ACTS.format(near=near, readable=readable), *values),
        one(cursor, ACTS_IN_ALL.format(near=near, readable=readable), *values),
    ]


def rulebooks(cursor: Any, key: str, subject: int) -> list[Rows]:
    from benchmarks._hand import STANDINGS

    who = identity(cursor, key)
    rows = one(cursor, RULEBOOKS, subject)
    binding = [row[0] for row in rows if row[4] == "adopted"]
    return [
        [who],
        rows,
        one(cursor, RULEBOOKS_IN_ALL, subject),
        one(cursor, OWN_COUNCIL, who[7], subject),
        one(cursor, BODY_NAMES, subject),
        one(cursor, STANDINGS, binding, binding),
    ]


def letters(cursor: Any, key: str, subject: int) -> list[Rows]:
    who = identity(cursor, key)
    return [
        [who],
        one(cursor, LETTERS, who[7], who[7]),
        one(cursor, LETTERS_IN_ALL, who[7], who[7]),
    ]


def problems(cursor: Any, key: str, subject: int) -> list[Rows]:
    who = identity(cursor, key)
    return [
        [who],
        one(cursor, PROBLEMS, subject),
        one(cursor, PROBLEMS_IN_ALL, subject),
        one(cursor, COUNCIL, who[7], subject),
    ]


READ: dict[str, Callable[[Any, str, int], list[Rows]]] = {
    "tour": tour,
    "bodies": bodies,
    "members": members,
    "acts": acts,
    "office_acts": office_acts,
    "rulebooks": rulebooks,
    "letters": letters,
    "problems": problems,
}
