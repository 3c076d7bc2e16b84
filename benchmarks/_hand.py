"""What one would write by hand, with the driver alone: the SQL of each measured page, and a bare page with its rows.

The SQL does what the page does and no less: it identifies the session, the person and the mandate in force, says the
mandate to row security, and brings the rows that are shown. Pages built later than this file are compared as soon as
their SQL is added to PAGES; that of lists is in _hand_lists.py and _hand_year.py, that of plans in _hand_plans.py
and _hand_figures.py, that of files of people followed in _hand_followup.py, that of registers in _hand_registers.py.
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

# My day: the councils in reach first, then everything else by their identifiers, which plans in half the time of joins.
OWN_COUNCIL = "SELECT id, name FROM governance_council WHERE scope_id = %s"
REACHED = """
SELECT c.id, c.name, c.sort_name, c.kind, c.ended_on, c.last_plenary_on, s.holder_id, count(m.id)
FROM governance_councilreach r
JOIN governance_council c ON c.id = r.council_id
JOIN accounts_scope s ON s.id = c.scope_id
LEFT JOIN accounts_mandate m ON m.scope_id = c.scope_id AND m.role = 'coordinator' AND m.withdrawn_at IS NULL
     AND m.valid_from <= current_date AND (m.valid_to IS NULL OR m.valid_to >= current_date)
WHERE r.scope_id = %s GROUP BY c.id, s.holder_id ORDER BY c.last_plenary_on NULLS FIRST, c.sort_name, c.id
"""
TO_ANSWER = """
SELECT a.id, m.id, m.title, m.starts_at, m.council_id FROM governance_membership s
JOIN governance_attendance a ON a.membership_id = s.id AND a.answer = ''
JOIN governance_meeting m ON m.id = a.meeting_id AND m.state = 'convened' AND m.ends_at > now()
WHERE s.person_id = %s AND m.council_id = ANY(%s) ORDER BY m.starts_at, a.id LIMIT 8
"""
DUE = """
SELECT d.id, d.year, d.rank, d.text, d.state, d.due_on, d.owner_label, d.council_id, p.given_name, p.family_name
FROM governance_decision d
LEFT JOIN accounts_person p ON p.id = d.owner_id
LEFT JOIN governance_minutes v ON v.id = d.minutes_id
WHERE (d.council_id = ANY(%s) OR (d.owner_id = %s AND d.council_id = ANY(%s)))
  AND d.state IN ('open', 'started') AND d.due_on <= current_date + 21
  AND (d.minutes_id IS NULL OR v.approved_at IS NOT NULL)
ORDER BY d.due_on, d.id LIMIT 8
"""
DUE_OF_COUNCILS = DUE.replace("(d.council_id = ANY(%s) OR (d.owner_id = %s AND d.council_id = ANY(%s)))",
                              "d.council_id = ANY(%s)")  # fmt: skip
TO_SIGN = """
SELECT k.id, k.kind, k.state, k.proposed_on, k.adopted_on, b.name, b.council_id, true FROM governance_membership s
JOIN governance_body b ON b.id = s.body_id AND b.council_id = ANY(%s)
JOIN governance_rulebook k ON k.body_id = b.id AND k.state = 'adopted'
WHERE s.person_id = %s AND s.valid_from <= current_date AND (s.valid_to IS NULL OR s.valid_to >= current_date)
  AND NOT EXISTS (SELECT FROM governance_signature g WHERE g.rulebook_id = k.id AND g.membership_id = s.id)
"""
TEXTS = (
    TO_SIGN
    + """
UNION ALL
SELECT k.id, k.kind, k.state, k.proposed_on, k.adopted_on, b.name, b.council_id, false FROM governance_body b
JOIN governance_rulebook k ON k.body_id = b.id AND k.state IN ('proposed', 'adopted')
WHERE b.council_id = ANY(%s)
"""
)
STANDINGS = """
SELECT k.id, count(*), count(*) FILTER (WHERE mod(g.signed, 2) = 1) FROM governance_rulebook k
JOIN governance_membership s ON s.body_id = k.body_id
     AND s.valid_from <= current_date AND (s.valid_to IS NULL OR s.valid_to >= current_date)
LEFT JOIN (
    SELECT rulebook_id, membership_id, max(rank) AS signed FROM governance_signature
    WHERE rulebook_id = ANY(%s) GROUP BY rulebook_id, membership_id
) g ON g.rulebook_id = k.id AND g.membership_id = s.id
WHERE k.id = ANY(%s) GROUP BY k.id
"""
MEETINGS = """
SELECT m.id, m.title, m.starts_at, m.state, m.council_id, b.name, v.id, v.version FROM governance_meeting m
JOIN governance_body b ON b.id = m.body_id
LEFT JOIN governance_minutes v ON v.meeting_id = m.id AND v.approved_at IS NULL
WHERE m.council_id = ANY(%s) AND {} ORDER BY m.starts_at, m.id
"""
TO_PREPARE = MEETINGS.format("m.state IN ('draft', 'convened', 'held')")
TO_APPROVE = MEETINGS.format("(m.state IN ('draft', 'convened', 'held') OR m.state = 'approved' AND v.id IS NOT NULL)")
ACTS_TO_SIGN = """
SELECT l.id, a.id, a.title, a.kind, a.submitted_at, c.name, s.label FROM governance_actsignature l
JOIN governance_act a ON a.id = l.act_id AND a.signed_on IS NULL AND a.submitted_at IS NOT NULL
JOIN accounts_scope s ON s.id = a.scope_id
LEFT JOIN governance_council c ON c.id = a.council_id
WHERE l.scope_id = %s AND l.signed_on IS NULL ORDER BY a.submitted_at, l.id LIMIT 8
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


LATE_SHEETS = """
SELECT s.id, s.title, s.number, s.ends, s.state, p.id, p.title, l.given_name, l.family_name, late.steps
FROM (
    SELECT id FROM strategy_sheet WHERE lead_person_id = %s
    UNION SELECT sheet_id FROM strategy_sheetstep WHERE owner_id = %s AND done_on IS NULL
    UNION SELECT x.id FROM strategy_plan q JOIN strategy_sheet x ON x.plan_id = q.id WHERE q.scope_id = %s
    UNION SELECT x.id FROM governance_council c JOIN strategy_plan q ON q.council_id = c.id
          JOIN strategy_sheet x ON x.plan_id = q.id WHERE c.scope_id = %s
) near
JOIN strategy_sheet s ON s.id = near.id AND s.state NOT IN ('done', 'dropped')
JOIN strategy_plan p ON p.id = s.plan_id AND p.ended_on IS NULL
LEFT JOIN accounts_person l ON l.id = s.lead_person_id
LEFT JOIN strategy_amendment w ON w.id = s.withdrawn_by_id AND w.state = 'in_force'
CROSS JOIN LATERAL (
    SELECT array_agg(t.label ORDER BY t.due_on) AS steps FROM strategy_sheetstep t
    WHERE t.sheet_id = s.id AND t.done_on IS NULL AND t.due_on < current_date
) late
WHERE w.id IS NULL AND (s.ends < current_date OR late.steps IS NOT NULL)
ORDER BY s.ends >= current_date, s.ends NULLS LAST, p.id, s.number LIMIT 8
"""


def coordinator_day(cursor: Any, key: str, subject: int) -> list[Rows]:
    from benchmarks._hand_followup import GROUPS_OF_THE_DAY, due_of_the_day

    who = identity(cursor, key)
    own = one(cursor, OWN_COUNCIL, who[7])
    keys = [row[0] for row in own]
    return [
        [who],
        own,
        *texts(cursor, who[1], keys, keys),
        one(cursor, TO_ANSWER, who[1], keys),
        one(cursor, DUE_OF_COUNCILS, keys),
        one(cursor, TO_PREPARE, keys),
        late_sheets(cursor, who),
        one(cursor, GROUPS_OF_THE_DAY, who[5]),
        *due_of_the_day(cursor, who),
    ]


RENEWALS = """
SELECT a.id, p.id, p.station, a.ends_on, t.name FROM directory_stationagreement a
JOIN directory_stationpost p ON p.id = a.post_id JOIN territories_territory t ON t.id = p.commune_id
WHERE p.departement_id = %s AND p.opened_on <= current_date AND (p.closed_on IS NULL OR p.closed_on > current_date)
  AND a.ends_on <= current_date + interval '6 months' AND NOT EXISTS (
    SELECT 1 FROM directory_stationagreement l WHERE l.post_id = a.post_id
      AND (l.starts_on > current_date OR l.ends_on > current_date + interval '6 months'))
ORDER BY a.ends_on, a.id LIMIT 8
"""


def prefect_day(cursor: Any, key: str, subject: int) -> list[Rows]:
    who = identity(cursor, key)
    reached = one(cursor, REACHED, who[7])
    keys, held = [row[0] for row in reached], [row[0] for row in reached if row[6] == who[7]]
    return [
        [who],
        [row for row in reached if row[4] is None and row[3] in ("CLSPD", "CISPD", "CMSPD", "CPSPD")][:16],
        *texts(cursor, who[1], keys, held),
        one(cursor, TO_ANSWER, who[1], keys),
        one(cursor, DUE, held, who[1], keys),
        one(cursor, TO_APPROVE, held) if held else [],
        one(cursor, ACTS_TO_SIGN, who[7]),
        one(cursor, RENEWALS, who[10]),
        late_sheets(cursor, who),
    ]


def late_sheets(cursor: Any, who: tuple[Any, ...]) -> Rows:
    """Late sheets of the plans that one holds, and of those that one follows or was asked a step of."""
    return one(cursor, LATE_SHEETS, who[1], who[1], who[7], who[7])


def texts(cursor: Any, person: int, reached: list[int], held: list[int]) -> list[Rows]:
    """Rulebooks and charters that await a person or the councils that they hold, and how many signed them."""
    rows = one(cursor, TEXTS, reached, person, held) if held else one(cursor, TO_SIGN, reached, person)
    binding = [row[0] for row in rows if row[2] == "adopted" and not row[7]]
    return [rows, one(cursor, STANDINGS, binding, binding) if binding else []]


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


def read(name: str) -> Callable[[Any, str, int], list[Rows]]:
    """What reads the page `name`: here, among the lists, plans or files."""
    from benchmarks import (
        _hand_figures,
        _hand_followup,
        _hand_help,
        _hand_lists,
        _hand_plans,
        _hand_registers,
        _hand_year,
    )

    every = (_hand_lists, _hand_year, _hand_plans, _hand_figures, _hand_followup, _hand_help, _hand_registers)
    return next(found[name] for found in (READ, *(part.READ for part in every)) if name in found)


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
            tables = read(self.name)(cursor, key, self.subject)
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
