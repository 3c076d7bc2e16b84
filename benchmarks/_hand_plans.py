"""The SQL that one would write by hand for plans, sheets and what plans follow (see _hand.py)."""

from collections.abc import Callable
from typing import Any

from benchmarks._hand import Rows, identity, one

STRATEGIES = "SELECT id, key, label FROM strategy_strategy ORDER BY begins DESC"
MEASURES = "SELECT id, number, label FROM strategy_measure WHERE strategy_id = %s ORDER BY number"
PROGRESS = """
SELECT t.name, m.number, g.counted_at, g.plans, g.sheets, g.under_way, g.done, g.late FROM strategy_measureprogress g
JOIN strategy_measure m ON m.id = g.measure_id
JOIN territories_territory t ON t.id = g.territory_id AND t.kind = 'departement'
WHERE g.measure_id = %s ORDER BY t.sort_name, t.id LIMIT 50
"""
PROGRESS_IN_ALL = """
SELECT count(*) FROM strategy_measureprogress g
JOIN territories_territory t ON t.id = g.territory_id AND t.kind = 'departement' WHERE g.measure_id = %s
"""
PROGRESS_HERE = """
SELECT measure_id, plans, sheets, under_way, done, late, counted_at FROM strategy_measureprogress
WHERE territory_id = %s
"""
ACTIONS = """
SELECT a.id, a.label, a.number, a.text, a.domain, a.capability, m.id, m.number, m.label, x.id, x.number, x.label
FROM strategy_strategyaction a
JOIN strategy_measure m ON m.id = a.measure_id
JOIN strategy_axis x ON x.id = m.axis_id
WHERE a.strategy_id = %s ORDER BY a.rank
"""

# Sheets that stand, of the plans of a territory that whoever keeps a council reads.
STANDING = """
JOIN strategy_amendment b ON b.id = s.brought_by_id
LEFT JOIN strategy_amendment w ON w.id = s.withdrawn_by_id AND w.state = 'in_force'
"""
SERVED_HERE = f"""
SELECT v.strategyaction_id, count(*) FROM strategy_plan p
LEFT JOIN governance_council c ON c.id = p.council_id
JOIN strategy_sheet s ON s.plan_id = p.id {STANDING}
JOIN strategy_sheet_serves v ON v.sheet_id = s.id
WHERE p.territory_id = %s AND w.id IS NULL AND (b.state = 'in_force' OR b.state = 'draft' AND c.scope_id = %s)
GROUP BY v.strategyaction_id
"""
OWN = "(p.scope_id = %s OR c.scope_id = %s)"  # two scopes of the actor
# The fifty first, then what is shown of them.
PLANS = f"""
SELECT p.id, p.title, p.kind, p.begins, p.ends, p.in_force_from, p.ended_on, t.name, c.name, h.label, f.own,
       EXISTS (SELECT FROM strategy_amendment a WHERE a.plan_id = p.id AND a.number > 0 AND a.state = 'draft'),
       (SELECT count(*) FROM strategy_sheet s {STANDING}
        WHERE s.plan_id = p.id AND b.state = 'in_force' AND w.id IS NULL)
FROM (
    SELECT p.id, {OWN} AS own FROM strategy_plan p LEFT JOIN governance_council c ON c.id = p.council_id
    WHERE p.ended_on IS NULL AND (p.in_force_from IS NOT NULL OR {OWN}) AND NOT EXISTS (
        SELECT FROM strategy_amendment a WHERE a.plan_id = p.id AND a.number = 0 AND a.state = 'dropped')
    ORDER BY {OWN} DESC, p.sort_title, p.id LIMIT 50
) f
JOIN strategy_plan p ON p.id = f.id
JOIN territories_territory t ON t.id = p.territory_id
JOIN accounts_scope h ON h.id = p.scope_id
LEFT JOIN governance_council c ON c.id = p.council_id
ORDER BY f.own DESC, p.sort_title, p.id
"""
PLANS_IN_ALL = f"""
SELECT count(*) FROM strategy_plan p LEFT JOIN governance_council c ON c.id = p.council_id
WHERE p.ended_on IS NULL AND (p.in_force_from IS NOT NULL OR {OWN})
  AND NOT EXISTS (SELECT FROM strategy_amendment a WHERE a.plan_id = p.id AND a.number = 0 AND a.state = 'dropped')
"""
# A plan that one reads: one's own, or in force inside or around the territory acted in.
READ_BY = f"""({OWN} OR p.in_force_from IS NOT NULL AND EXISTS (
    SELECT FROM territories_containment i WHERE i.container_id = %s AND i.contained_id = p.territory_id
    UNION ALL
    SELECT FROM territories_containment i WHERE i.contained_id = %s AND i.container_id = p.territory_id))
"""
PLAN = f"""
SELECT p.id, p.title, p.kind, p.begins, p.ends, p.in_force_from, p.ended_on, p.parent_id, p.compatibility, p.edit,
       p.territory_id, t.name, t.kind, c.id, c.name, c.scope_id, h.label, y.label, {OWN}
FROM strategy_plan p
JOIN territories_territory t ON t.id = p.territory_id
JOIN accounts_scope h ON h.id = p.scope_id
JOIN strategy_strategy y ON y.id = p.strategy_id
LEFT JOIN governance_council c ON c.id = p.council_id
WHERE p.id = %s AND {READ_BY}
"""
AROUND = f"""
SELECT p.id, p.title, p.kind, p.parent_id, t.name FROM strategy_plan p
JOIN territories_territory t ON t.id = p.territory_id
LEFT JOIN governance_council c ON c.id = p.council_id
WHERE (p.id = %s OR p.parent_id = %s) AND {READ_BY} ORDER BY p.sort_title, p.id LIMIT 100
"""
AMENDMENTS = """
SELECT a.id, a.title, a.number, a.state, a.in_force_from, a.reason, a.published_as, k.id, k.title, k.reference,
       k.signed_on
FROM strategy_amendment a LEFT JOIN governance_act k ON k.id = a.act_id
WHERE a.plan_id = %s AND (a.state = 'in_force' OR %s) ORDER BY a.number DESC
"""
COUNTED = f"""
SELECT count(*) FILTER (WHERE b.state = 'in_force'), count(*) FILTER (WHERE b.state = 'draft') FROM strategy_sheet s
{STANDING} WHERE s.plan_id = %s AND w.id IS NULL
"""
FOLLOWED_IN_ALL = """
SELECT count(*) FROM (SELECT id FROM strategy_indicator WHERE plan_id = %s
                      UNION SELECT indicator_id FROM strategy_planindicator WHERE plan_id = %s) i
"""
PARTS = """
SELECT part FROM strategy_change WHERE amendment_id = %s
UNION SELECT part FROM strategy_provision WHERE plan_id = %s AND until IS NULL
"""
VERSIONS = """
SELECT v.id, split_part(v.text, '.', 1), v.text, v.anchor, v.part, v.position, v.since, v.until, b.number, r.number
FROM strategy_provision v
JOIN strategy_amendment b ON b.id = v.brought_by_id
LEFT JOIN strategy_amendment r ON r.id = v.replaced_by_id
WHERE v.plan_id = %s ORDER BY v.part, v.position, v.id
"""
SHEETS = f"""
SELECT s.id, s.title, s.number, s.state, s.begins, s.ends, s.expected, s.reached, b.number, o.name, n.given_name,
       n.family_name, e.late, e.awaited, e.done
FROM strategy_sheet s {STANDING}
LEFT JOIN accounts_organisation o ON o.id = s.lead_id
LEFT JOIN accounts_person n ON n.id = s.lead_person_id
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE done_on IS NULL AND due_on < current_date) AS late,
           count(*) FILTER (WHERE done_on IS NULL) AS awaited, count(done_on) AS done
    FROM strategy_sheetstep WHERE sheet_id = s.id
) e ON true
WHERE s.plan_id = %s AND b.state = 'in_force' AND w.id IS NULL ORDER BY s.number LIMIT 50
"""
SHEETS_IN_ALL = f"""
SELECT count(*) FROM strategy_sheet s {STANDING} WHERE s.plan_id = %s AND b.state = 'in_force' AND w.id IS NULL
"""
SERVED_BY_PLAN = """
SELECT DISTINCT m.number, m.label FROM strategy_sheet s
JOIN strategy_sheet_serves v ON v.sheet_id = s.id
JOIN strategy_strategyaction a ON a.id = v.strategyaction_id
JOIN strategy_measure m ON m.id = a.measure_id
WHERE s.plan_id = %s ORDER BY m.number
"""
LEADS = """
SELECT DISTINCT o.sort_name, o.id, o.name FROM strategy_sheet s JOIN accounts_organisation o ON o.id = s.lead_id
WHERE s.plan_id = %s ORDER BY o.sort_name
"""
SHEET = """
SELECT s.id, s.title, s.number, s.state, s.audiences, s.age_from, s.age_to, s.expected_girls, s.expected_boys,
       s.expected, s.reached_girls, s.reached_boys, s.reached, s.begins, s.ends, s.edit, p.id, p.title, p.in_force_from,
       p.ended_on, t.name, c.name, c.scope_id, b.number, b.state, w.number, w.state, o.name, n.given_name,
       n.family_name, k.title,
       (SELECT max(number) FROM strategy_amendment a WHERE a.plan_id = p.id AND a.state = 'draft'),
       ARRAY(SELECT g.name FROM strategy_sheet_partners l JOIN accounts_organisation g ON g.id = l.organisation_id
             WHERE l.sheet_id = s.id ORDER BY g.sort_name),
       ARRAY(SELECT row_to_json(u) FROM (
             SELECT u.key, u.name FROM strategy_sheet_documents l JOIN governance_upload u ON u.id = l.upload_id
             JOIN governance_council q ON q.id = u.council_id WHERE l.sheet_id = s.id AND q.scope_id = %s
             ORDER BY u.added_at DESC) u),
       ARRAY(SELECT row_to_json(u) FROM (
             SELECT l.id, g.name, l.label, l.longitude, l.latitude FROM strategy_sheetsite l
             JOIN territories_territory g ON g.id = l.territory_id WHERE l.sheet_id = s.id ORDER BY g.sort_name) u),
       ARRAY(SELECT row_to_json(u) FROM (
             SELECT id, kind, label, quantity, unit FROM strategy_sheetresource WHERE sheet_id = s.id ORDER BY id) u),
       ARRAY(SELECT row_to_json(u) FROM (
             SELECT id, year, side, label, planned, actual FROM strategy_budgetline WHERE sheet_id = s.id
             ORDER BY year, side, id) u),
       (SELECT row_to_json(u) FROM (
             SELECT count(*), sum(attended), sum(girls), sum(boys), count(peers) FROM strategy_preventionsession
             WHERE sheet_id = s.id) u(sessions, attended, girls, boys, by_peers))
FROM strategy_sheet s
JOIN strategy_plan p ON p.id = s.plan_id
JOIN territories_territory t ON t.id = p.territory_id
JOIN strategy_amendment b ON b.id = s.brought_by_id
LEFT JOIN governance_council c ON c.id = p.council_id
LEFT JOIN strategy_amendment w ON w.id = s.withdrawn_by_id
LEFT JOIN accounts_organisation o ON o.id = s.lead_id
LEFT JOIN accounts_person n ON n.id = s.lead_person_id
LEFT JOIN strategy_toolsheet k ON k.id = s.origin_id
WHERE s.id = %s AND c.scope_id = %s
"""
STEPS = """
SELECT e.id, e.label, e.due_on, e.done_on, n.given_name, n.family_name FROM strategy_sheetstep e
LEFT JOIN accounts_person n ON n.id = e.owner_id WHERE e.sheet_id = %s ORDER BY e.position, e.id
"""
WORDS = """
SELECT part, text FROM strategy_provision
WHERE plan_id = %s AND part = ANY(%s) AND since <= current_date AND (until IS NULL OR until > current_date)
ORDER BY part, position, id
"""
SERVED = """
SELECT a.id, a.number, a.label, m.number, m.label FROM strategy_sheet_serves v
JOIN strategy_strategyaction a ON a.id = v.strategyaction_id
JOIN strategy_measure m ON m.id = a.measure_id WHERE v.sheet_id = %s ORDER BY a.rank
"""
JOURNAL = """
SELECT j.at, n.given_name, n.family_name, j.text, '', j.id FROM strategy_sheetnote j
JOIN accounts_person n ON n.id = j.by_id WHERE j.sheet_id = %s
UNION ALL
SELECT j.at, n.given_name, n.family_name, j.reason, j.state, j.id FROM strategy_sheetstatechange j
JOIN accounts_person n ON n.id = j.by_id WHERE j.sheet_id = %s
"""
FOLLOWED = """
SELECT f.id, i.label, i.id, i.unit, i.nature, i.period, i.level, i.split, i.due_days, i.begins, i.retired_on, i.plan_id,
       f.baseline, f.baseline_on, f.target, f.target_on, s.id, s.number, s.title
FROM strategy_planindicator f
JOIN strategy_indicator i ON i.id = f.indicator_id
LEFT JOIN strategy_sheet s ON s.id = f.sheet_id AND s.plan_id = f.plan_id
WHERE f.plan_id = %s {} LIMIT {}
"""
LISTED = FOLLOWED.format("ORDER BY i.sort_label, i.id, s.number, f.id", 50)
ENTERED = FOLLOWED.format("AND i.period = 'quarter' ORDER BY s.number, i.sort_label, i.id, f.id", "ALL")
FOLLOWS = "SELECT count(*) FROM strategy_planindicator WHERE plan_id = %s"
VALUES = """
SELECT indicator_id, sheet_id, starts_on, state, numerator, denominator FROM strategy_indicatorvalue
WHERE plan_id = %s AND indicator_id = ANY(%s) AND superseded_at IS NULL ORDER BY starts_on
"""
CROSSED = """
SELECT d.id, d.name FROM territories_containment i
JOIN territories_territory d ON d.id = i.container_id AND d.kind = 'departement'
WHERE i.contained_id = %s AND i.partial ORDER BY d.code
"""
LAST_QUARTER = """
SELECT starts_on FROM strategy_indicatorvalue WHERE plan_id = %s AND state = 'accepted' ORDER BY starts_on DESC LIMIT 1
"""
TYPED = """
SELECT id, indicator_id, sheet_id, part_id, category, numerator, denominator, estimated, note, state, corrects_id,
       reason
FROM strategy_indicatorvalue
WHERE plan_id = %s AND starts_on = %s AND territory_id = %s AND former_code = '' AND superseded_at IS NULL
ORDER BY id
"""
OTHERS = """
SELECT count(*) FROM strategy_indicatorvalue v
JOIN strategy_indicator i ON i.id = v.indicator_id AND i.period = 'quarter'
WHERE v.plan_id = %s AND v.starts_on = %s AND v.territory_id <> %s AND v.state IN ('draft', 'returned')
"""


def progress(cursor: Any, key: str, subject: int) -> list[Rows]:
    who = identity(cursor, key)
    strategies = one(cursor, STRATEGIES)
    measures = one(cursor, MEASURES, strategies[0][0])
    measure = measures[9][0]
    return [
        [who],
        one(cursor, PROGRESS, measure),
        one(cursor, PROGRESS_IN_ALL, measure),
        strategies,
        measures,
    ]


def measures(cursor: Any, key: str, subject: int) -> list[Rows]:
    who = identity(cursor, key)
    strategies = one(cursor, STRATEGIES)
    return [
        [who],
        one(cursor, ACTIONS, strategies[0][0]),
        strategies,
        one(cursor, SERVED_HERE, who[10], who[7]),
        one(cursor, PROGRESS_HERE, who[10]),
    ]


def plans(cursor: Any, key: str, subject: int) -> list[Rows]:
    """Of whoever acts for the nation: every plan in force, and their own."""
    who = identity(cursor, key)
    own = [who[7], who[7]]
    return [[who], one(cursor, PLANS, *own, *own, *own), one(cursor, PLANS_IN_ALL, *own)]


def _plan(cursor: Any, who: tuple[Any, ...], plan: int) -> Rows:
    return one(cursor, PLAN, who[7], who[7], plan, who[7], who[7], who[10], who[10])


def plan(cursor: Any, key: str, subject: int) -> list[Rows]:
    who = identity(cursor, key)
    found = _plan(cursor, who, subject)
    amendments = one(cursor, AMENDMENTS, subject, found[0][18])
    draft = next((row[0] for row in amendments if row[3] == "draft"), None)
    return [
        [who],
        amendments,
        found,
        one(cursor, AROUND, found[0][7], subject, who[7], who[7], who[10], who[10]),
        one(cursor, COUNTED, subject),
        one(cursor, FOLLOWED_IN_ALL, subject, subject),
        one(cursor, PARTS, draft, subject) if draft else [],
    ]


def plan_text(cursor: Any, key: str, subject: int) -> list[Rows]:
    """The paragraphs of the plan's first day; their other versions say which amendment brought each sentence."""
    who = identity(cursor, key)
    found = _plan(cursor, who, subject)
    versions, day = one(cursor, VERSIONS, subject), found[0][5]
    return [
        [who],
        [row for row in versions if row[6] <= day and (row[7] is None or row[7] > day)],
        versions,
        found,
        one(cursor, AMENDMENTS, subject, False),
    ]


def sheets(cursor: Any, key: str, subject: int) -> list[Rows]:
    who = identity(cursor, key)
    return [
        [who],
        one(cursor, SHEETS, subject),
        one(cursor, SHEETS_IN_ALL, subject),
        _plan(cursor, who, subject),
        one(cursor, SERVED_BY_PLAN, subject),
        one(cursor, LEADS, subject),
    ]


def sheet(cursor: Any, key: str, subject: int) -> list[Rows]:
    """Of whoever keeps its council."""
    who = identity(cursor, key)
    found = one(cursor, SHEET, who[7], subject, who[7])
    parts = [f"sheet:{found[0][2]}:{name}" for name in ("problem", "objective")]
    return [
        [who],
        one(cursor, STEPS, subject),
        found,
        one(cursor, WORDS, found[0][16], parts),
        one(cursor, SERVED, subject),
        one(cursor, JOURNAL, subject, subject),
    ]


def followed(cursor: Any, key: str, subject: int) -> list[Rows]:
    who = identity(cursor, key)
    found, rows = _plan(cursor, who, subject), one(cursor, LISTED, subject)
    return [
        [who],
        rows,
        one(cursor, FOLLOWS, subject),
        found,
        one(cursor, VALUES, subject, list({row[2] for row in rows})),
        one(cursor, CROSSED, found[0][10]) if found[0][12] == "epci" else [],
    ]


def entry(cursor: Any, key: str, subject: int) -> list[Rows]:
    """The address says which quarter; here the last one entered is looked for, by the same index."""
    who = identity(cursor, key)
    found = _plan(cursor, who, subject)
    quarter, territory = one(cursor, LAST_QUARTER, subject)[0][0], found[0][10]
    return [
        [who],
        one(cursor, ENTERED, subject),
        found,
        one(cursor, TYPED, subject, quarter, territory),
        one(cursor, OTHERS, subject, quarter, territory),
        one(cursor, CROSSED, territory) if found[0][12] == "epci" else [],
    ]


READ: dict[str, Callable[[Any, str, int], list[Rows]]] = {
    "progress": progress,
    "measures": measures,
    "plans": plans,
    "plan": plan,
    "plan_text": plan_text,
    "sheets": sheets,
    "sheet": sheet,
    "followed": followed,
    "entry": entry,
}
