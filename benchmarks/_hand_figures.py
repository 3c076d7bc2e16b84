"""The SQL that one would write by hand for indicators, what waits to be accepted and the toolbox (see _hand.py)."""

from collections.abc import Callable
from typing import Any

from benchmarks._hand import Rows, identity, one

INDICATOR = """
SELECT i.id, i.label, i.definition, i.unit, i.nature, i.numerator_label, i.denominator_label, i.time_rule,
       i.territory_rule, i.period, i.level, i.split, i.direction, i.source, i.due_days, i.begins, i.retired_on, p.id,
       p.title, t.name, c.scope_id,
       ARRAY(SELECT a.number || ' ' || a.label FROM strategy_indicator_serves l
             JOIN strategy_strategyaction a ON a.id = l.strategyaction_id WHERE l.indicator_id = i.id ORDER BY a.rank)
FROM strategy_indicator i
JOIN strategy_plan p ON p.id = i.plan_id AND p.in_force_from IS NOT NULL
JOIN territories_territory t ON t.id = p.territory_id
LEFT JOIN governance_council c ON c.id = p.council_id
WHERE i.id = %s
"""
PERIODS = """
WITH RECURSIVE reported(starts) AS (
    (SELECT starts_on FROM strategy_indicatorvalue
     WHERE indicator_id = %s AND state = 'accepted' AND superseded_at IS NULL ORDER BY starts_on DESC LIMIT 1)
    UNION ALL
    SELECT (SELECT v.starts_on FROM strategy_indicatorvalue v
            WHERE v.indicator_id = %s AND v.state = 'accepted' AND v.superseded_at IS NULL
              AND v.starts_on < r.starts ORDER BY v.starts_on DESC LIMIT 1)
    FROM reported r WHERE r.starts IS NOT NULL
)
SELECT starts FROM reported WHERE starts IS NOT NULL
"""
TOTALS = """
SELECT t.id, t.name, t.code, g.category, g.numerator, g.denominator, g.reported, g.estimated
FROM strategy_indicatortotal g
JOIN territories_territory t ON t.id = g.territory_id AND t.kind = 'departement' AND t.until IS NULL
WHERE g.indicator_id = %s AND g.starts_on = %s ORDER BY t.sort_name, t.code
"""
DEPARTEMENTS = "SELECT id, code, name FROM territories_territory WHERE kind = 'departement' AND until IS NULL"
EXPECTED = "SELECT territory_id, expected FROM strategy_reporters WHERE indicator_id = %s AND territory_id = ANY(%s)"
VINTAGE = "SELECT vintage, id FROM territories_referenceimport WHERE kind = %s ORDER BY vintage DESC LIMIT 1"
SERIES = """
SELECT starts_on, category, numerator, denominator, reported, estimated FROM strategy_indicatortotal
WHERE indicator_id = %s AND territory_id = %s ORDER BY starts_on, category
"""
FOLLOWED_HERE = """
SELECT f.id, f.baseline, f.baseline_on, f.target, f.target_on, t.name FROM strategy_plan p
JOIN strategy_planindicator f ON f.plan_id = p.id AND f.indicator_id = %s AND f.sheet_id IS NULL
JOIN territories_territory t ON t.id = p.territory_id
WHERE p.territory_id = %s AND p.in_force_from IS NOT NULL ORDER BY f.id LIMIT 1
"""
REPORTED = """
SELECT v.id, t.name, v.numerator, v.denominator, v.category, v.former_code, v.estimated, v.note, v.state, v.entered_at,
       v.settled_at, p.id, p.title, p.scope_id, c.scope_id, s.number, s.title, d.name
FROM strategy_indicatorvalue v
JOIN territories_territory t ON t.id = v.territory_id
JOIN strategy_plan p ON p.id = v.plan_id
LEFT JOIN governance_council c ON c.id = p.council_id
LEFT JOIN strategy_sheet s ON s.id = v.sheet_id
LEFT JOIN territories_territory d ON d.id = v.part_id
WHERE v.indicator_id = %s AND v.starts_on = %s AND v.state = 'accepted' AND v.superseded_at IS NULL
ORDER BY t.kind, t.sort_name, t.code, s.number, v.category, v.id LIMIT 50
"""
REPORTED_IN_ALL = """
SELECT count(*) FROM strategy_indicatorvalue
WHERE indicator_id = %s AND starts_on = %s AND state = 'accepted' AND superseded_at IS NULL
"""
TOOLS = """
SELECT k.id, k.title, k.key, k.problem, k.audience, k.audiences, k.steps, k.partners, k.cost_low, k.cost_high,
       k.cost_unit, ts_rank(k.words, q) FROM strategy_toolsheet k, websearch_to_tsquery('strategy_french', %s) q
WHERE k.state = 'published' AND k.words @@ q ORDER BY 12 DESC, k.sort_title, k.id LIMIT 20
"""
SERVED_BY_TOOLS = """
SELECT v.toolsheet_id, a.number, a.label FROM strategy_toolsheet_serves v
JOIN strategy_strategyaction a ON a.id = v.strategyaction_id WHERE v.toolsheet_id = ANY(%s) ORDER BY a.rank
"""
EVIDENCE = "SELECT tool_id, heading, level, text, source FROM strategy_toolevidence WHERE tool_id = ANY(%s)"
MEASURES_OF_TOOLS = """
SELECT DISTINCT m.number, m.id, m.label FROM strategy_toolsheet k
JOIN strategy_toolsheet_serves v ON v.toolsheet_id = k.id
JOIN strategy_strategyaction a ON a.id = v.strategyaction_id
JOIN strategy_measure m ON m.id = a.measure_id WHERE k.state = 'published' ORDER BY m.number
"""
SUBMITTED = """
FROM strategy_indicatorvalue v
JOIN strategy_plan p ON p.id = v.plan_id
JOIN territories_territory t ON t.id = p.territory_id
LEFT JOIN governance_council c ON c.id = p.council_id
WHERE v.state = 'submitted' AND p.scope_id <> %s AND (c.scope_id IS NULL OR c.scope_id <> %s) AND (v.part_id = %s
    OR v.part_id IS NULL AND v.territory_id IN (
        SELECT contained_id FROM territories_containment
        WHERE container_id = %s AND NOT partial AND contained_id <> container_id))
"""
WAITING = f"""
SELECT p.id, p.title, t.name, count(*), min(v.starts_on), max(v.entered_at) {SUBMITTED}
GROUP BY p.id, t.name ORDER BY 5, p.sort_title, p.id LIMIT 50
"""
WAITING_IN_ALL = f"SELECT count(DISTINCT p.id) {SUBMITTED}"


def totals(cursor: Any, key: str, subject: int) -> list[Rows]:
    """Of whoever acts for the nation."""
    who = identity(cursor, key)
    found, periods = one(cursor, INDICATOR, subject), one(cursor, PERIODS, subject, subject)
    rows = one(cursor, TOTALS, subject, periods[0][0])
    return [
        [who],
        rows[:50],
        found,
        periods,
        one(cursor, DEPARTEMENTS),
        one(cursor, EXPECTED, subject, [row[0] for row in rows[:50]]),
        one(cursor, VINTAGE, "territories"),
    ]


def indicator(cursor: Any, key: str, subject: int) -> list[Rows]:
    """Of whoever acts for the nation: every value accepted."""
    who = identity(cursor, key)
    found, periods = one(cursor, INDICATOR, subject), one(cursor, PERIODS, subject, subject)
    return [
        [who],
        one(cursor, REPORTED, subject, periods[0][0]),
        one(cursor, REPORTED_IN_ALL, subject, periods[0][0]),
        found,
        periods,
        one(cursor, SERIES, subject, who[10]),
        one(cursor, FOLLOWED_HERE, subject, who[10]),
    ]


def tools(cursor: Any, key: str, subject: int) -> list[Rows]:
    who = identity(cursor, key)
    rows = one(cursor, TOOLS, "jeunes")
    keys = [row[0] for row in rows]
    return [
        [who],
        rows,
        one(cursor, SERVED_BY_TOOLS, keys),
        one(cursor, EVIDENCE, keys),
        one(cursor, MEASURES_OF_TOOLS),
    ]


def waiting(cursor: Any, key: str, subject: int) -> list[Rows]:
    who = identity(cursor, key)
    values = [who[7], who[7], who[10], who[10]]
    return [[who], one(cursor, WAITING, *values), one(cursor, WAITING_IN_ALL, *values)]


READ: dict[str, Callable[[Any, str, int], list[Rows]]] = {
    "totals": totals,
    "indicator": indicator,
    "tools": tools,
    "waiting": waiting,
}
