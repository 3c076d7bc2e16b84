"""The SQL that one would write by hand for files of people followed (see _hand.py).

The wall is in the database and stays: rows of other groups are not there to be read. What is written here is the finer
rule, whole groups by one's role there or the files where one takes part, and the rows that are shown. Readings are
recorded as the page records them.
"""

from collections.abc import Callable
from typing import Any

from benchmarks._hand import LATE_SHEETS, TO_ANSWER, Rows, identity, one, texts

NOW = """{0}.accepted_at IS NOT NULL AND {0}.valid_from <= current_date
  AND ({0}.valid_to IS NULL OR {0}.valid_to >= current_date)"""
REFERENT = f"i.kind = 'referent' AND i.valid_to IS NULL AND {NOW.format('i')}"
MINE = f"SELECT w.followup_id FROM followup_involvement w WHERE w.person_id = %s AND {NOW.format('w')}"
COORDINATES = f"(f.body_id = ANY ((SELECT followup_whole_bodies(%s))::bigint[]) OR f.id IN ({MINE}))"
TAKES_PART = f"""(f.body_id = ANY ((SELECT followup_whole_bodies(%s))::bigint[]) AND f.category <> 'victim'
    OR f.id IN ({MINE}))"""
STILL_READ = "(f.archived_on IS NULL OR f.archived_on > current_date)"

GROUPS = """
SELECT b.id, b.name, c.name, c.scope_id FROM governance_body b JOIN governance_council c ON c.id = b.council_id
WHERE b.id = ANY ((SELECT followup_bodies(%s))::bigint[]) ORDER BY c.sort_name, b.name, b.id
"""
LIST = f"""
SELECT f.id, f.number, f.category, f.sex, f.age_band, f.opened_on, f.next_review_on, f.purge_on, b.name,
       p.given_name, p.family_name
FROM (
    SELECT * FROM followup_followup f WHERE f.closed_on IS NULL AND {{read}}
    ORDER BY f.opened_on DESC, f.id DESC LIMIT 50
) f
JOIN governance_body b ON b.id = f.body_id
LEFT JOIN followup_involvement i ON i.followup_id = f.id AND {REFERENT}
LEFT JOIN accounts_person p ON p.id = i.person_id
ORDER BY f.opened_on DESC, f.id DESC
"""
IN_ALL = "SELECT count(*) FROM followup_followup f WHERE f.closed_on IS NULL AND {read}"
REFERENTS = f"""
SELECT DISTINCT p.sort_name, p.id, p.given_name, p.family_name FROM followup_followup f
JOIN followup_involvement i ON i.followup_id = f.id AND {REFERENT}
JOIN accounts_person p ON p.id = i.person_id
WHERE {{read}} AND {STILL_READ} ORDER BY p.sort_name, p.id
"""
PART_OF = f"""
SELECT i.followup_id FROM followup_involvement i
WHERE i.person_id = %s AND i.followup_id = ANY(%s) AND {NOW.format("i")}
"""
PROPOSED = """
SELECT i.id, f.number, b.name, i.kind, i.proposed_at, p.given_name, p.family_name FROM followup_involvement i
JOIN followup_followup f ON f.id = i.followup_id
JOIN governance_body b ON b.id = i.body_id
JOIN accounts_person p ON p.id = i.proposed_by_id
WHERE i.person_id = %s AND i.accepted_at IS NULL AND i.declined_at IS NULL ORDER BY i.proposed_at, i.id
"""
FILE = f"""
SELECT f.id, f.number, f.body_id, f.category, f.sex, f.age_band, f.opened_on, f.closed_on, f.purge_on,
       f.next_review_on, f.key, f.edit, b.name, b.scope_id, c.name
FROM followup_followup f
JOIN governance_body b ON b.id = f.body_id JOIN governance_council c ON c.id = b.council_id
WHERE f.id = %s AND {TAKES_PART} AND {STILL_READ}
"""
PEOPLE = f"""
SELECT i.id, i.kind, i.valid_from, i.valid_to, p.id, p.given_name, p.family_name FROM followup_involvement i
JOIN accounts_person p ON p.id = i.person_id WHERE i.followup_id = %s AND {NOW.format("i")} ORDER BY i.valid_from, i.id
"""
RECORDED = """
INSERT INTO core_auditrow (scope, person, mandate, action, subject, detail)
SELECT 'followup:' || %s, %s, %s, %s, 'followup.followup:' || told, %s FROM unnest(%s::bigint[]) AS told
RETURNING seq
"""
WHO = """
SELECT family_name, given_name, birth_date, address, phone, email, schooling, edit, (
    SELECT amount FROM followup_duration WHERE what = 'majority' AND valid_from <= current_date
    AND (valid_to IS NULL OR valid_to > current_date) ORDER BY valid_from DESC LIMIT 1
) FROM followup_identity WHERE followup_id = %s
"""
REPRESENTATIVES = """
SELECT rank, link, family_name, given_name, address, phone, email FROM followup_representative
WHERE followup_id = %s ORDER BY rank
"""
FACTS = """
SELECT t.id, t.situation, t.observed_on, t.ended_on, p.given_name, p.family_name FROM followup_fact t
JOIN accounts_person p ON p.id = t.observed_by_id WHERE t.followup_id = %s ORDER BY t.observed_on DESC, t.id DESC
"""
REPORTS = """
SELECT r.id, r.origin, r.received_on, p.given_name, p.family_name, q.given_name, q.family_name FROM followup_report r
LEFT JOIN accounts_person p ON p.id = r.reported_by_id JOIN accounts_person q ON q.id = r.recorded_by_id
WHERE r.followup_id = %s ORDER BY r.received_on, r.id
"""
GOALS = """
SELECT g.id, g.theme, g.words, g.family_part, g.state, g.set_on, g.due_on, g.ended_on, p.given_name, p.family_name
FROM followup_goal g JOIN accounts_person p ON p.id = g.set_by_id WHERE g.followup_id = %s ORDER BY g.set_on, g.id
"""
STEPS = """
SELECT s.id, s.goal_id, s.kind, s.words, s.due_on, s.done_on, s.result, s.carried_by_id, p.given_name, p.family_name
FROM followup_step s LEFT JOIN accounts_person p ON p.id = s.carried_by_id
WHERE s.followup_id = %s ORDER BY s.due_on, s.id
"""
CONTACTS = """
SELECT c.id, c.day, c.kind, c.whom, c.outcome, c.words, c.recorded_at, c.by_id, p.given_name, p.family_name,
       count(*) OVER ()
FROM followup_contact c JOIN accounts_person p ON p.id = c.by_id
WHERE c.followup_id = %s ORDER BY c.day DESC, c.id DESC LIMIT 50
"""
ALERTS = """
SELECT a.id, a.duty, a.done_on, p.given_name, p.family_name FROM followup_alert a
JOIN accounts_person p ON p.id = a.done_by_id WHERE a.followup_id = %s ORDER BY a.done_on DESC, a.id DESC
"""
READINGS = """
SELECT r.at, r.person, r.detail, count(*) OVER () FROM core_auditrow r
WHERE r.subject = 'followup.followup:' || %s AND r.scope = 'followup:' || %s
  AND r.action IN ('followup.record_reading', 'followup.record_list') AND r.at >= %s - 1
ORDER BY r.at DESC, r.seq DESC LIMIT 50
"""
FUNCTIONS = """
SELECT m.person_id, m.title, m.quality, o.name FROM governance_membership m
LEFT JOIN accounts_organisation o ON o.id = m.organisation_id
WHERE m.body_id = %s AND m.person_id = ANY(%s) ORDER BY m.id
"""
# The names of a group's files with what opens them: whose files they are decides what is recorded.
NAMES = f"""
SELECT f.id, f.number, f.key, f.category, f.closed_on, n.family_name, n.given_name, f.id IN ({MINE})
FROM followup_followup f JOIN followup_identity n ON n.followup_id = f.id
WHERE f.body_id = %s AND {COORDINATES} AND {STILL_READ} ORDER BY f.id
"""
KEPT_REASON = "UPDATE accounts_session SET session_data = session_data, last_seen_at = now() WHERE session_key = %s"
KEPT_REASON += " RETURNING session_key"
GAUGE = """
SELECT y.starts_on, sum(y.followed), sum(y.groups) FROM followup_tally y
JOIN territories_territory t ON t.id = y.territory_id AND t.kind = 'nation'
WHERE y.starts_on = (SELECT max(z.starts_on) FROM followup_tally z JOIN territories_territory u
                     ON u.id = z.territory_id AND u.kind = 'nation')
GROUP BY y.starts_on
"""
LINES = """
SELECT l.body_id, b.name, l.category, l.sex, count(*), count(l.left_month),
       count(*) FILTER (WHERE l.left_month IS NULL), count(*) FILTER (WHERE l.left_month IS NULL AND l.referent_named)
FROM followup_line l JOIN governance_body b ON b.id = l.body_id GROUP BY l.body_id, b.name, l.category, l.sex
"""
QUARTERS = "SELECT DISTINCT starts_on FROM followup_tally ORDER BY starts_on DESC LIMIT 12"
TALLIES = """
SELECT t.id, t.name, y.category, sum(y.followed), max(y.groups) FROM followup_tally y
JOIN territories_territory t ON t.id = y.territory_id AND t.kind = 'departement'
WHERE y.starts_on = %s GROUP BY t.id, t.name, t.code, y.category ORDER BY t.code
"""
REACHED_BY = """
SELECT c.id, c.name FROM governance_council c JOIN governance_councilreach r ON r.council_id = c.id AND r.scope_id = %s
"""
OWNED = """
SELECT d.id, d.year, d.rank, d.text, d.state, d.due_on, d.council_id FROM governance_decision d
LEFT JOIN governance_minutes v ON v.id = d.minutes_id
WHERE d.council_id = ANY(%s) AND d.owner_id = %s AND d.state IN ('open', 'started')
  AND d.due_on <= current_date + 21 AND (d.minutes_id IS NULL OR v.approved_at IS NOT NULL)
ORDER BY d.due_on, d.id LIMIT 8
"""
FILES_OF_THE_DAY = f"""
SELECT f.id, f.number, f.purge_on, b.name, i.kind, i.accepted_at, c.day, s.due_on, h.id, h.starts_at
FROM followup_involvement i
JOIN followup_followup f ON f.id = i.followup_id AND f.closed_on IS NULL
JOIN governance_body b ON b.id = i.body_id
LEFT JOIN LATERAL (SELECT max(day) AS day FROM followup_contact WHERE followup_id = i.followup_id) c ON true
LEFT JOIN LATERAL (
    SELECT min(s.due_on) AS due_on FROM followup_step s
    JOIN followup_goal g ON g.id = s.goal_id AND g.ended_on IS NULL
    WHERE s.followup_id = i.followup_id AND s.done_on IS NULL AND (s.carried_by_id = i.person_id
        OR s.carried_by_id IS NULL AND i.kind IN ('referent', 'cover'))
) s ON true
LEFT JOIN LATERAL (
    SELECT m.id, m.starts_at FROM governance_meeting m
    JOIN governance_agendaitem a ON a.meeting_id = m.id AND a.file_number = f.number
    WHERE m.body_id = i.body_id AND m.state = 'convened' AND m.ends_at >= now() ORDER BY m.starts_at LIMIT 1
) h ON true
WHERE i.person_id = %s AND (i.accepted_at IS NULL AND i.declined_at IS NULL OR {NOW.format("i")})
ORDER BY i.accepted_at IS NOT NULL, least(s.due_on, h.starts_at::date) NULLS LAST, f.number, f.id LIMIT 200
"""
NOTICE = """
SELECT amount FROM followup_duration WHERE what = 'purge_notice' AND unit = 'days' AND valid_from <= current_date
  AND (valid_to IS NULL OR valid_to > current_date) ORDER BY valid_from DESC LIMIT 1
"""
GROUPS_OF_THE_DAY = f"""
SELECT b.id, b.name, n.due, n.alone FROM governance_body b
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE f.next_review_on <= current_date) AS due,
           count(*) FILTER (WHERE i.id IS NULL) AS alone
    FROM followup_followup f LEFT JOIN followup_involvement i ON i.followup_id = f.id AND {REFERENT}
    WHERE f.body_id = b.id AND f.closed_on IS NULL
) n ON true
WHERE b.id = ANY ((SELECT followup_bodies(%s))::bigint[]) ORDER BY b.name, b.id
"""

# Of the files that one follows or holds: `read` is the finer rule, asked with (mandate, person), three times.
DUE_OF_THE_DAY = f"""
(SELECT 'request', r.id, r.followup_id, f.number, r.due_on FROM followup_rightsrequest r
 JOIN followup_followup f ON f.id = r.followup_id
 WHERE r.answered_on IS NULL AND {STILL_READ} AND {{read}} ORDER BY r.due_on, r.id LIMIT 20)
UNION ALL
(SELECT 'left', h.id, h.followup_id, f.number, h.accepted_at::date FROM followup_handover h
 JOIN followup_followup f ON f.id = h.followup_id AND f.closed_on IS NULL
 WHERE h.accepted_at IS NOT NULL AND {{read}} ORDER BY h.accepted_at, h.id LIMIT 20)
UNION ALL
(SELECT 'later', l.id, l.followup_id, f.number, f.closed_on FROM followup_line l
 JOIN followup_followup f ON f.id = l.followup_id AND f.closed_on <= current_date - interval '2 months'
 WHERE l.outcome_later = '' AND {STILL_READ} AND {{read}} ORDER BY f.closed_on, l.id LIMIT 20)
"""
FOLLOWS = f"(%s IS NOT NULL AND f.id IN ({MINE} AND w.kind IN ('referent', 'cover')))"
ASKED_OF_THE_DAY = """
SELECT h.id, c.name, h.until::date FROM followup_handover h
JOIN governance_body b ON b.id = h.body_id JOIN governance_council c ON c.id = b.council_id
WHERE h.to_body_id = ANY ((SELECT followup_bodies(%s))::bigint[]) AND h.accepted_at IS NULL AND h.declined_at IS NULL
  AND h.withdrawn_at IS NULL AND h.until > now() ORDER BY h.until, h.id LIMIT 20
"""
SILENT_OF_THE_DAY = """
SELECT id, code, expires_at::date FROM directory_orientationlink
WHERE sender_id = %s AND scope_id = %s AND answered_at IS NULL AND withdrawn_at IS NULL AND expires_at > now()
  AND made_at::date <= current_date - 5 ORDER BY expires_at, id LIMIT 20
"""


def due_of_the_day(cursor: Any, who: tuple[Any, ...]) -> list[Rows]:
    """What whoever coordinates has to answer and to tell."""
    due = one(cursor, DUE_OF_THE_DAY.format(read=COORDINATES), *[who[5], who[1]] * 3)
    return [due, one(cursor, ASKED_OF_THE_DAY, who[5]), one(cursor, SILENT_OF_THE_DAY, who[1], who[7])]


def listed(read: str) -> Callable[[Any, str, Any], list[Rows]]:
    """The list of files for a finer rule."""

    def files(cursor: Any, key: str, subject: Any) -> list[Rows]:
        who = identity(cursor, key)
        mandate, person = who[5], who[1]
        rows = one(cursor, LIST.format(read=read), mandate, person)
        return [
            [who],
            rows,
            one(cursor, GROUPS, mandate),
            one(cursor, IN_ALL.format(read=read), mandate, person),
            one(cursor, REFERENTS.format(read=read), mandate, person),
            one(cursor, PART_OF, person, [row[0] for row in rows]),
            one(cursor, PROPOSED, person),
        ]

    return files


def of_file(part: str, *shown: str) -> Callable[[Any, str, Any], list[Rows]]:
    """A page of one file: found, its people, its reading recorded, then what is shown of it."""

    def page(cursor: Any, key: str, subject: Any) -> list[Rows]:
        who = identity(cursor, key)
        file = one(cursor, FILE, subject, who[5], who[1])
        people = one(cursor, PEOPLE, subject)
        record(cursor, who, file[0][2], [subject], part)
        return [[who], people, file, *(one(cursor, sql, subject) for sql in shown)]

    return page


def record(cursor: Any, who: tuple[Any, ...], body: int, files: list[int], part: str, why: str = "") -> Rows:
    act = "followup.record_list" if part == "search" else "followup.record_reading"
    detail = f'{{"acting": "{who[6]}", "part": "{part}", "why": "{why}"}}'
    return one(cursor, RECORDED, body, who[1], who[5], act, detail, files)


def readings(cursor: Any, key: str, subject: Any) -> list[Rows]:
    who = identity(cursor, key)
    file = one(cursor, FILE, subject, who[5], who[1])
    people = one(cursor, PEOPLE, subject)
    record(cursor, who, file[0][2], [subject], "rights")
    rows = one(cursor, READINGS, subject, file[0][2], file[0][6])
    return [[who], people, file, rows, one(cursor, FUNCTIONS, file[0][2], list({row[1] for row in rows}))]


def searched(cursor: Any, key: str, subject: Any) -> list[Rows]:
    """`subject`: « group file file… », the files whose name answers; opening names is not the database's work."""
    who = identity(cursor, key)
    mandate, person = who[5], who[1]
    group, *found = (int(number) for number in subject.split())
    groups = one(cursor, GROUPS, mandate)
    names = one(cursor, NAMES, person, group, mandate, person)
    record(cursor, who, group, found, "search", "meeting")
    one(cursor, KEPT_REASON, key)
    return [[who], [row for row in names if row[0] in found], groups, names]


def own_figures(cursor: Any, key: str, subject: Any) -> list[Rows]:
    who = identity(cursor, key)
    return [[who], one(cursor, LINES), one(cursor, GAUGE)]


def all_figures(cursor: Any, key: str, subject: Any) -> list[Rows]:
    who = identity(cursor, key)
    quarters = one(cursor, QUARTERS)
    return [[who], one(cursor, TALLIES, quarters[0][0]), quarters, one(cursor, GAUGE), one(cursor, LINES)]


def referent_day(cursor: Any, key: str, subject: Any) -> list[Rows]:
    who = identity(cursor, key)
    keys = [row[0] for row in one(cursor, REACHED_BY, who[7])]
    parts = one(cursor, FILES_OF_THE_DAY, who[1])
    waiting, taken = [row for row in parts if row[5] is None], [row for row in parts if row[5] is not None]
    return [
        [who],
        [*waiting, *taken[:8]],
        *texts(cursor, who[1], keys, []),
        one(cursor, TO_ANSWER, who[1], keys),
        one(cursor, OWNED, keys, who[1]),
        one(cursor, NOTICE),
        one(cursor, DUE_OF_THE_DAY.format(read=FOLLOWS), *[who[5], who[1]] * 3),
        one(cursor, SILENT_OF_THE_DAY, who[1], who[7]),
        one(cursor, LATE_SHEETS, who[1], who[1], who[7], who[7]),
    ]


READ: dict[str, Callable[[Any, str, Any], list[Rows]]] = {
    "files_held": listed(COORDINATES),
    "files_read": listed(TAKES_PART),
    "situation": of_file("situation", WHO, REPRESENTATIVES, FACTS, REPORTS),
    "file_plan": of_file("plan", GOALS, STEPS),
    "contacts": of_file("contacts", CONTACTS, ALERTS),
    "readings": readings,
    "searched": searched,
    "own_figures": own_figures,
    "all_figures": all_figures,
    "referent_day": referent_day,
}
