"""What one would write by hand, with the driver alone: the SQL of each measured page, and a bare page with its rows.

The SQL does what the page does and no less: it identifies the session, the person and the mandate in force, says the
mandate to row security, and brings the rows that are shown. Pages built later than this file are compared as soon as
their SQL is added to PAGES.
"""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

Rows = list[tuple[Any, ...]]

# Session, person, second factor, and every mandate in force (the switch at the top shows them), in one statement.
IDENTITY = """
SELECT s.session_data, p.id, p.given_name, p.family_name, d.id, m.id, m.role, c.id, c.kind, c.label, c.territory_id,
       set_config('prevenance.mandate', m.id::text, true)
FROM accounts_session s
JOIN accounts_person p ON p.id = s.person_id AND p.is_active
JOIN otp_totp_totpdevice d ON d.user_id = p.id AND d.confirmed
JOIN accounts_mandate m ON m.person_id = p.id AND m.valid_from <= current_date
     AND (m.valid_to IS NULL OR m.valid_to >= current_date) AND m.withdrawn_at IS NULL
JOIN accounts_scope c ON c.id = m.scope_id
WHERE s.session_key = %s AND s.expire_date > now()
ORDER BY m.id DESC
"""
COUNCILS = """
SELECT c.id, c.name, c.last_plenary_on, c.ended_on, c.scope_id, t.id, t.name, c.kind
FROM governance_council c
JOIN governance_councilreach r ON r.council_id = c.id AND r.scope_id = %s
JOIN territories_territory t ON t.id = c.territory_id
WHERE c.ended_on IS NULL ORDER BY c.sort_name, c.id LIMIT 50
"""
COUNCILS_IN_ALL = """
SELECT count(*) FROM governance_council c
JOIN governance_councilreach r ON r.council_id = c.id AND r.scope_id = %s WHERE c.ended_on IS NULL
"""
DEPARTEMENTS_OF = """
SELECT i.contained_id, d.name FROM territories_containment i
JOIN territories_territory d ON d.id = i.container_id AND d.kind = 'departement'
WHERE i.contained_id = ANY(%s) ORDER BY d.code
"""
COORDINATORS = """
SELECT m.scope_id, m.withdrawn_at, p.given_name, p.family_name FROM accounts_mandate m
JOIN accounts_person p ON p.id = m.person_id
WHERE m.scope_id = ANY(%s) AND m.role = 'coordinator' AND m.valid_from <= current_date
  AND (m.valid_to IS NULL OR m.valid_to >= current_date) ORDER BY m.id
"""
DEPARTEMENTS = """
SELECT d.code, d.name FROM territories_territory d WHERE d.kind = 'departement' AND d.until IS NULL ORDER BY d.code
"""
MEETING = """
SELECT m.id, m.title, m.starts_at, m.ends_at, m.place, m.state, m.convened_at, m.version,
       c.id, c.name, c.territory_id, b.name
FROM governance_meeting m
JOIN governance_council c ON c.id = m.council_id
JOIN governance_body b ON b.id = m.body_id
WHERE m.id = %s AND c.scope_id = %s
"""
ITEMS = """
SELECT i.id, i.title, i.kind, i.presenter, i.minutes, array_agg(u.name) FILTER (WHERE u.id IS NOT NULL)
FROM governance_agendaitem i
LEFT JOIN governance_agendaitem_documents l ON l.agendaitem_id = i.id
LEFT JOIN governance_upload u ON u.id = l.upload_id
WHERE i.meeting_id = %s GROUP BY i.id ORDER BY i.position, i.id
"""
ATTENDANCES = """
SELECT a.id, a.sent_at, a.answer, a.presence, a.represented_by, p.given_name, p.family_name, m.title, o.name
FROM governance_attendance a
JOIN governance_membership m ON m.id = a.membership_id
JOIN accounts_person p ON p.id = m.person_id
LEFT JOIN accounts_organisation o ON o.id = m.organisation_id
WHERE a.meeting_id = %s ORDER BY a.id
"""
VERSIONS = """
SELECT v.id, v.version, v.correction_reason, v.approved_at, p.given_name, p.family_name,
       (SELECT count(*) FROM governance_minutessection s WHERE s.minutes_id = v.id AND s.text <> '')
FROM governance_minutes v LEFT JOIN accounts_person p ON p.id = v.approved_by_id
WHERE v.meeting_id = %s ORDER BY v.version DESC
"""
DECISIONS = """
SELECT d.id, d.year, d.rank, d.text, d.state, d.due_on, d.owner_label, p.given_name, p.family_name
FROM governance_minutes v
JOIN governance_decision d ON d.minutes_id = v.id
LEFT JOIN accounts_person p ON p.id = d.owner_id
WHERE v.meeting_id = %s ORDER BY d.rank, d.id
"""
SEARCH = """
SELECT t.kind, t.code, t.name, d.name FROM (
    SELECT id, kind, code, name, legal_kind, search_name, weight, sort_name FROM territories_territory
    WHERE search_name LIKE %s AND until IS NULL
    ORDER BY search_name <> %s, weight DESC, sort_name LIMIT %s
) t
LEFT JOIN territories_containment i ON i.contained_id = t.id AND NOT i.partial AND t.kind <> 'departement'
     AND i.container_id IN (SELECT id FROM territories_territory WHERE kind = 'departement')
LEFT JOIN territories_territory d ON d.id = i.container_id
ORDER BY t.search_name <> %s, t.weight DESC, t.sort_name
"""

REACHED = "JOIN governance_councilreach r ON r.council_id = c.id AND r.scope_id = %s"
TO_ANSWER = """
SELECT a.id, m.id, m.title, m.starts_at, c.name FROM governance_membership s
JOIN governance_attendance a ON a.membership_id = s.id AND a.answer = ''
JOIN governance_meeting m ON m.id = a.meeting_id AND m.state = 'convened' AND m.ends_at > now()
JOIN governance_council c ON c.id = m.council_id
{}
WHERE s.person_id = %s ORDER BY m.starts_at, a.id LIMIT 8
"""
DUE = """
SELECT d.id, d.year, d.rank, d.text, d.state, d.due_on, d.owner_label, c.name, p.given_name, p.family_name
FROM governance_decision d
JOIN governance_council c ON c.id = d.council_id
LEFT JOIN accounts_person p ON p.id = d.owner_id
LEFT JOIN governance_minutes v ON v.id = d.minutes_id
{}
WHERE {} = %s AND d.state IN ('open', 'started') AND d.due_on <= current_date + 21
  AND (d.minutes_id IS NULL OR v.approved_at IS NOT NULL)
ORDER BY d.due_on, d.id LIMIT 8
"""
TO_PREPARE = """
SELECT m.id, m.title, m.starts_at, m.state, c.name, b.name FROM governance_council c
JOIN governance_meeting m ON m.council_id = c.id AND m.state IN ('draft', 'convened')
JOIN governance_body b ON b.id = m.body_id
WHERE c.scope_id = %s ORDER BY m.starts_at, m.id LIMIT 8
"""
TO_FINISH = """
SELECT m.id, m.title, m.starts_at, c.name, b.name, v.id FROM governance_council c
JOIN governance_meeting m ON m.council_id = c.id AND m.state = 'held'
JOIN governance_body b ON b.id = m.body_id
LEFT JOIN governance_minutes v ON v.meeting_id = m.id
WHERE c.scope_id = %s ORDER BY m.starts_at, m.id LIMIT 8
"""
WATCHED = """
SELECT c.id, c.name, c.last_plenary_on, EXISTS (
    SELECT FROM accounts_mandate m WHERE m.scope_id = c.scope_id AND m.role = 'coordinator'
    AND m.valid_from <= current_date AND (m.valid_to IS NULL OR m.valid_to >= current_date)
    AND coalesce(m.withdrawn_at, 'infinity') = 'infinity'
) FROM governance_council c
JOIN governance_councilreach r ON r.council_id = c.id AND r.scope_id = %s
WHERE c.ended_on IS NULL ORDER BY c.last_plenary_on NULLS FIRST, c.sort_name, c.id LIMIT 16
"""


def identity(cursor: Any, key: str) -> tuple[Any, ...]:
    return one(cursor, IDENTITY, key)[-1]


def one(cursor: Any, sql: str, *values: Any) -> Rows:
    cursor.execute(sql, values)
    rows: Rows = cursor.fetchall()
    return rows


def councils(cursor: Any, key: str, subject: int) -> list[Rows]:
    who = identity(cursor, key)
    scope, kind = who[7], who[8]
    places = one(cursor, DEPARTEMENTS) if kind in ("nation", "region") else []
    rows = one(cursor, COUNCILS, scope)
    return [
        [who],
        rows,
        one(cursor, COUNCILS_IN_ALL, scope),
        one(cursor, DEPARTEMENTS_OF, [row[5] for row in rows]),
        one(cursor, COORDINATORS, [row[4] for row in rows]),
        places,
    ]


def meeting(cursor: Any, key: str, subject: int) -> list[Rows]:
    who = identity(cursor, key)
    return [
        [who],
        one(cursor, MEETING, subject, who[7]),
        *(one(cursor, sql, subject) for sql in (ITEMS, ATTENDANCES, VERSIONS, DECISIONS)),
    ]


def coordinator_day(cursor: Any, key: str, subject: int) -> list[Rows]:
    who = identity(cursor, key)
    mine = DUE.format("", "c.scope_id")
    own = TO_ANSWER.format("AND c.scope_id = %s")
    return [
        [who],
        one(cursor, own, who[7], who[1]),
        *(one(cursor, sql, who[7]) for sql in (mine, TO_PREPARE, TO_FINISH)),
    ]


def prefect_day(cursor: Any, key: str, subject: int) -> list[Rows]:
    who = identity(cursor, key)
    mine, own = DUE.format(REACHED, "d.owner_id"), TO_ANSWER.format(REACHED)
    return [
        [who],
        *(one(cursor, sql, who[7], who[1]) for sql in (own, mine)),
        one(cursor, WATCHED, who[7]),
    ]


def search(cursor: Any, key: str, subject: int) -> list[Rows]:
    return [[identity(cursor, key)], one(cursor, SEARCH, "saint e%", "saint e", 50, "saint e")]


def suggest(cursor: Any, key: str, subject: int) -> list[Rows]:
    return [[identity(cursor, key)], one(cursor, SEARCH, "saint e%", "saint e", 10, "saint e")]


READ: dict[str, Callable[[Any, str, int], list[Rows]]] = {
    "councils": councils,
    "meeting": meeting,
    "coordinator_day": coordinator_day,
    "prefect_day": prefect_day,
    "search": search,
    "suggest": suggest,
}


@dataclass(frozen=True)
class Bare:
    """A WSGI page without framework: a cookie, prepared statements, an f-string a row."""

    connection: Any
    name: str
    subject: int

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[[str, list[tuple[str, str]]], Any]
    ) -> list[bytes]:
        key = environ["HTTP_COOKIE"].split("=")[1]
        with self.connection.transaction(), self.connection.cursor() as cursor:
            tables = READ[self.name](cursor, key, self.subject)
        body = "".join(
            "<table>" + "".join("<tr>" + "".join(f"<td>{escape(str(v))}</td>" for v in row) + "</tr>" for row in rows)
            + "</table>" for rows in tables
        )  # fmt: skip
        start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
        return [f"<!DOCTYPE html><html lang=fr><title>nu</title><body>{body}</body></html>".encode()]


def bare(name: str, subject: int, settings: dict[str, Any]) -> Bare:
    """The bare page `name` on the database of Django's `settings`, with a connection of its own."""
    import psycopg

    connection = psycopg.connect(
        dbname=settings["NAME"], user=settings["USER"], password=settings["PASSWORD"], host=settings["HOST"],
        port=settings["PORT"], autocommit=True,
    )  # fmt: skip
    return Bare(connection, name, subject)
