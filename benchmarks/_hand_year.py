"""The SQL that one would write by hand for a council's year (see _hand.py): what it decided, its partners, its
calendar, the agenda being prepared, who signed."""

from collections.abc import Callable
from typing import Any

from benchmarks._hand import Rows, identity, one
from benchmarks._hand_lists import BODY_NAMES, OWN_COUNCIL

YEARS = """
SELECT DISTINCT d.year FROM governance_decision d LEFT JOIN governance_minutes v ON v.id = d.minutes_id
WHERE d.council_id = %s AND d.rank IS NOT NULL ORDER BY d.year DESC
"""
RECORD = """
SELECT d.id, d.text, d.year, d.rank, d.owner_label, d.due_on, d.state, p.given_name, p.family_name, m.starts_at, b.name
FROM governance_decision d
LEFT JOIN accounts_person p ON p.id = d.owner_id
LEFT JOIN governance_minutes v ON v.id = d.minutes_id
LEFT JOIN governance_meeting m ON m.id = v.meeting_id
LEFT JOIN governance_body b ON b.id = m.body_id
WHERE d.council_id = %s AND d.year = %s AND d.rank IS NOT NULL AND (d.minutes_id IS NULL OR NOT b.exchanged)
  AND NOT EXISTS (SELECT FROM governance_decision r WHERE r.replaces_id = d.id AND r.rank IS NOT NULL)
ORDER BY d.rank LIMIT 50
"""
LAST_PROGRESS = """
SELECT DISTINCT ON (decision_id) decision_id, state, note, at FROM governance_decisionprogress
WHERE decision_id = ANY(%s) ORDER BY decision_id, at DESC, id DESC
"""
SEATED = """(
    SELECT m.organisation_id FROM governance_body b JOIN governance_membership m ON m.body_id = b.id
    WHERE b.council_id = %s
)"""
PARTNERS = f"""
SELECT id, name, kind FROM accounts_organisation WHERE id IN {SEATED} ORDER BY sort_name, id LIMIT 50
"""
PARTNERS_IN_ALL = f"SELECT count(*) FROM accounts_organisation WHERE id IN {SEATED}"
REPRESENTED = """
SELECT m.organisation_id, p.given_name, p.family_name FROM governance_body b
JOIN governance_membership m ON m.body_id = b.id AND m.organisation_id = ANY(%s)
     AND m.valid_from <= current_date AND (m.valid_to IS NULL OR m.valid_to >= current_date)
JOIN accounts_person p ON p.id = m.person_id WHERE b.council_id = %s ORDER BY p.sort_name, m.id
"""
COMMITTED = """
SELECT organisation_id, count(*) FROM governance_commitment WHERE council_id = %s AND organisation_id = ANY(%s)
  AND valid_from <= current_date AND (valid_to IS NULL OR valid_to >= current_date) GROUP BY organisation_id
"""
OPEN_BODIES = """
SELECT id, name, kind, meetings_per_year FROM governance_body
WHERE council_id = %s AND (closed_on IS NULL OR closed_on > current_date) ORDER BY id
"""
TWO_YEARS = """
SELECT id, body_id, title, starts_at, ends_at, place FROM governance_meeting WHERE council_id = %s
  AND state <> 'cancelled' AND starts_at >= date_trunc('year', now()) - interval '1 year'
  AND starts_at < date_trunc('year', now()) + interval '2 years' ORDER BY starts_at DESC, id DESC
"""
DRAFT = """
SELECT m.id, m.title, m.starts_at, m.ends_at, m.place, m.state, m.body_id, c.id, c.name, c.kind, b.name, b.kind
FROM governance_meeting m JOIN governance_council c ON c.id = m.council_id JOIN governance_body b ON b.id = m.body_id
WHERE m.id = %s AND c.scope_id = %s
"""
ON_AGENDA = "SELECT title FROM governance_agendaitem WHERE meeting_id = %s"
TO_FOLLOW = """
SELECT d.id, d.text, d.year, d.rank, d.due_on, d.state, d.owner_label, p.given_name, p.family_name
FROM governance_decision d
LEFT JOIN governance_minutes v ON v.id = d.minutes_id
LEFT JOIN governance_meeting m ON m.id = v.meeting_id
LEFT JOIN governance_body b ON b.id = m.body_id
LEFT JOIN accounts_person p ON p.id = d.owner_id
WHERE d.council_id = %s AND d.state IN ('open', 'started')
  AND (d.minutes_id IS NULL OR v.approved_at IS NOT NULL AND v.meeting_id <> %s AND (NOT b.exchanged OR b.id = %s))
ORDER BY d.due_on, d.id LIMIT 101
"""
BEFORE = """
SELECT m.id, m.state, m.starts_at, EXISTS (SELECT FROM governance_minutes v WHERE v.meeting_id = m.id)
FROM governance_meeting m WHERE m.body_id = %s AND m.starts_at < %s AND m.state IN ('held', 'approved', 'cancelled')
ORDER BY m.starts_at DESC, m.id DESC LIMIT 100
"""
LEFT_OVER = """
SELECT i.id, i.title, i.kind, i.minutes, m.starts_at, m.state FROM governance_agendaitem i
JOIN governance_meeting m ON m.id = i.meeting_id
WHERE i.meeting_id = ANY(%s) AND NOT EXISTS (
    SELECT FROM governance_minutessection s JOIN governance_minutes v ON v.id = s.minutes_id
    WHERE s.item_id = i.id AND v.meeting_id = m.id
      AND (s.text <> '' OR EXISTS (SELECT FROM governance_decision d WHERE d.section_id = s.id))
) AND NOT EXISTS (
    SELECT FROM governance_agendaitem t JOIN governance_meeting n ON n.id = t.meeting_id
    WHERE t.follows_id = i.id AND n.state <> 'cancelled'
) ORDER BY m.starts_at, i.position
"""
PROPOSED = """
SELECT a.id, a.title, a.kind, a.details, a.origin, a.origin_path, a.proposed_at, p.given_name, p.family_name
FROM governance_agendaproposal a JOIN accounts_person p ON p.id = a.proposed_by_id
WHERE a.body_id = %s AND a.state = 'waiting' ORDER BY a.proposed_at, a.id
"""
BY_LAW = """
SELECT DISTINCT i.law_key FROM governance_meeting m JOIN governance_agendaitem i ON i.meeting_id = m.id
WHERE m.council_id = %s AND m.state <> 'cancelled' AND i.law_key <> ''
  AND m.starts_at >= date_trunc('year', %s::timestamptz) AND m.starts_at < date_trunc('year', %s::timestamptz)
      + interval '1 year'
"""
RULEBOOK = """
SELECT k.id, k.text, k.kind, k.version, k.state, k.adopted_on, k.body_id, b.name, c.name FROM governance_rulebook k
JOIN governance_body b ON b.id = k.body_id JOIN governance_council c ON c.id = b.council_id
WHERE k.id = %s AND c.scope_id = %s
"""
SIGNED = "SELECT membership_id, withdrawn, at FROM governance_signature WHERE rulebook_id = %s ORDER BY rank"
SIGNATORIES = """
SELECT s.id, p.family_name, p.given_name, s.title, o.name, EXISTS (
    SELECT FROM accounts_mandate m LEFT JOIN accounts_invitation i ON i.mandate_id = m.id
    WHERE m.person_id = p.id AND m.withdrawn_at IS NULL AND m.valid_from <= current_date
      AND (m.valid_to IS NULL OR m.valid_to >= current_date) AND (i.id IS NULL OR i.accepted_at IS NOT NULL)
) AND p.is_active
FROM governance_membership s
JOIN accounts_person p ON p.id = s.person_id
LEFT JOIN accounts_organisation o ON o.id = s.organisation_id
WHERE s.body_id = %s AND s.valid_from <= current_date AND (s.valid_to IS NULL OR s.valid_to >= current_date)
ORDER BY p.sort_name, s.id
"""
VERSIONS_OF = "SELECT id, version, state, adopted_on FROM governance_rulebook WHERE body_id = %s AND kind = %s"


def record(cursor: Any, key: str, subject: int) -> list[Rows]:
    who = identity(cursor, key)
    years = one(cursor, YEARS, subject)
    rows = one(cursor, RECORD, subject, years[0][0])
    return [
        [who],
        rows,
        years,
        one(cursor, LAST_PROGRESS, [row[0] for row in rows]),
        one(cursor, OWN_COUNCIL, who[7], subject),
        one(cursor, BODY_NAMES, subject),
    ]


def partners(cursor: Any, key: str, subject: int) -> list[Rows]:
    who = identity(cursor, key)
    rows = one(cursor, PARTNERS, subject)
    keys = [row[0] for row in rows]
    return [
        [who],
        rows,
        one(cursor, PARTNERS_IN_ALL, subject),
        one(cursor, REPRESENTED, keys, subject),
        one(cursor, COMMITTED, subject, keys),
        one(cursor, OWN_COUNCIL, who[7], subject),
    ]


def year(cursor: Any, key: str, subject: int) -> list[Rows]:
    """Last year's meetings of groups first: the page proposes them again (a plenary may be prepared already)."""
    who = identity(cursor, key)
    bodies, meetings = one(cursor, OPEN_BODIES, subject), one(cursor, TWO_YEARS, subject)
    groups = {row[0] for row in bodies if row[2] == "group"}
    return [
        [who],
        [row for row in meetings if row[1] in groups],
        meetings,
        bodies,
        one(cursor, OWN_COUNCIL, who[7], subject),
    ]


def preparing(cursor: Any, key: str, subject: int) -> list[Rows]:
    who = identity(cursor, key)
    meeting = one(cursor, DRAFT, subject, who[7])[0]
    body, council, starts = meeting[6], meeting[7], meeting[2]
    before = one(cursor, BEFORE, body, starts)
    held = next((row for row in before if row[1] != "cancelled"), None)
    again = [row[0] for row in before if row[1] == "cancelled" and (held is None or row[2] >= held[2])]
    again += [held[0]] if held and held[3] else []
    return [
        [who],
        one(cursor, TO_FOLLOW, council, subject, body),
        one(cursor, LEFT_OVER, again),
        one(cursor, PROPOSED, body),
        one(cursor, BY_LAW, council, starts, starts),
        one(cursor, ON_AGENDA, subject),
    ]


def signatures(cursor: Any, key: str, subject: int) -> list[Rows]:
    who = identity(cursor, key)
    book = one(cursor, RULEBOOK, subject, who[7])
    return [
        [who],
        one(cursor, SIGNATORIES, book[0][6]),
        one(cursor, SIGNED, subject),
        one(cursor, VERSIONS_OF, book[0][6], book[0][2]),
        book,
    ]


READ: dict[str, Callable[[Any, str, int], list[Rows]]] = {
    "record": record,
    "partners": partners,
    "year": year,
    "preparing": preparing,
    "signatures": signatures,
}
