"""A country's worth of plans: one in force a council, with its sheets and five years of accepted values.

Written inside the database, set by set: eleven million values do not pass through Python. Keys of the table of values
are checked once, when it is full.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

from django.db import connection
from psycopg import sql

from prevenance.domains.pages.seeds.database import without_trigger
from prevenance.domains.strategy.actions import totals
from prevenance.domains.strategy.analysis.totals import periods_reported
from prevenance.domains.strategy.models import Indicator, IndicatorValue

SHEETS, INDICATORS, PERIODS = 40, 12, 20  # a plan, a sheet, quarters: 11.5 million values with 1,200 plans
FOLLOWED = "Suivi national"  # how the labels of the national indicators that are seeded begin

NATION = """
INSERT INTO strategy_plan (kind, title, sort_title, territory_id, scope_id, strategy_id, compatibility, begins, ends,
    in_force_from, created_by_id, created_at, edit)
SELECT 'national', 'Plan national inventé', 'plan national invente', s.territory_id, s.id, y.id, '', %(first)s,
    %(first)s + 2555, %(first)s, (SELECT min(id) FROM accounts_person), now(), 1
FROM accounts_scope s, strategy_strategy y
WHERE s.kind = 'nation' AND y.key = '2020-2024'
    AND NOT EXISTS (SELECT FROM strategy_plan p WHERE p.kind = 'national' AND p.in_force_from IS NOT NULL)
"""
PLANS = """
WITH author AS (SELECT min(id) AS id FROM accounts_person),
     parent AS (SELECT min(id) AS id FROM strategy_plan WHERE kind = 'national' AND in_force_from IS NOT NULL)
INSERT INTO strategy_plan (kind, title, sort_title, territory_id, scope_id, council_id, strategy_id, parent_id,
    compatibility, begins, ends, in_force_from, created_by_id, created_at, edit)
SELECT 'local_plan', 'Plan d’actions du ' || c.name, 'plan d actions du ' || c.sort_name, c.territory_id, s.holder_id,
    c.id, (SELECT id FROM strategy_strategy WHERE key = '2020-2024'), parent.id, '', %(first)s,
    %(first)s + 2555, %(first)s, author.id, now(), 1
FROM governance_council c JOIN accounts_scope s ON s.id = c.scope_id, author, parent
WHERE c.kind IN ('CLSPD', 'CISPD') AND NOT EXISTS (SELECT FROM strategy_plan p WHERE p.council_id = c.id)
"""
AMENDMENTS = """
INSERT INTO strategy_amendment (plan_id, number, title, reason, state, published_as, in_force_from, prepared_by_id,
    created_at, edit)
SELECT p.id, 0, 'Texte initial', '', 'in_force', 'Délibération inventée', p.in_force_from, p.created_by_id, now(), 1
FROM strategy_plan p WHERE p.in_force_from IS NOT NULL
    AND NOT EXISTS (SELECT FROM strategy_amendment a WHERE a.plan_id = p.id)
"""
PROVISIONS = """
INSERT INTO strategy_provision (plan_id, anchor, part, position, text, brought_by_id, since)
SELECT a.plan_id, gen_random_uuid(), part.key, n, 'Paragraphe inventé ' || n || ' : ' || part.key
    || '. Les partenaires partagent ce constat. Ils en tirent une priorité.', a.id, a.in_force_from
FROM strategy_amendment a JOIN strategy_plan p ON p.id = a.plan_id,
    unnest(ARRAY['preamble', 'diagnosis', 'priorities', 'steering']) AS part(key), generate_series(1, 6) n
WHERE p.kind = 'local_plan' AND a.title = 'Texte initial'
    AND NOT EXISTS (SELECT FROM strategy_provision v WHERE v.plan_id = p.id)
"""
SHEET_ROWS = """
INSERT INTO strategy_sheet (plan_id, key, number, title, sort_title, state, brought_by_id, audiences, begins, ends,
    expected, reached, created_by_id, created_at, edit)
SELECT p.id, gen_random_uuid(), n, 'Fiche ' || n || ' : ' || words.word, 'fiche ' || n || ' ' || words.word,
    (ARRAY['planned', 'under_way', 'under_way', 'under_way', 'paused', 'done', 'done', 'dropped'])[1 + (p.id + n) %% 8],
    a.id, '{}', p.in_force_from + n * 7, p.in_force_from + n * 7 + 200 + ((p.id * n) %% 1800)::int, 50, 20,
    p.created_by_id, now(), 1
FROM strategy_plan p JOIN strategy_amendment a ON a.plan_id = p.id AND a.number = 0, generate_series(1, %(sheets)s) n,
    LATERAL (SELECT (ARRAY['mediation', 'parentalite', 'chantiers', 'ecole', 'transports'])[1 + n %% 5]) words(word)
WHERE p.kind = 'local_plan' AND NOT EXISTS (SELECT FROM strategy_sheet s WHERE s.plan_id = p.id)
"""
SERVES = """
INSERT INTO strategy_sheet_serves (sheet_id, strategyaction_id)
SELECT DISTINCT s.id, a.id FROM strategy_sheet s JOIN strategy_plan p ON p.id = s.plan_id AND p.kind = 'local_plan',
    generate_series(0, 1) k, strategy_strategyaction a
WHERE a.strategy_id = p.strategy_id AND a.rank = 1 + (s.id * 7 + k * 31) %% 121
ON CONFLICT DO NOTHING
"""
STEPS = """
INSERT INTO strategy_sheetstep (sheet_id, position, label, due_on, done_on)
SELECT s.id, k, 'Étape ' || k, s.begins + k * 45,
    CASE WHEN s.begins + k * 45 < %(today)s AND (s.id + k) %% 9 > 0 THEN s.begins + k * 45 END
FROM strategy_sheet s JOIN strategy_plan p ON p.id = s.plan_id AND p.kind = 'local_plan', generate_series(1, 4) k
WHERE NOT EXISTS (SELECT FROM strategy_sheetstep t WHERE t.sheet_id = s.id)
"""
INDICATOR_ROWS = """
INSERT INTO strategy_indicator (plan_id, label, sort_label, definition, unit, nature, numerator_label,
    denominator_label, time_rule, territory_rule, period, level, split, direction, source, due_days, begins, edit)
SELECT min(p.id), %(label)s || ' ' || n, 'suivi national ' || n, '', 'personnes',
    CASE WHEN n %% 4 = 0 THEN 'ratio' WHEN n %% 4 = 3 THEN 'stock' ELSE 'flow' END, 'personnes',
    CASE WHEN n %% 4 = 0 THEN 'personnes attendues' ELSE '' END, CASE WHEN n %% 4 = 3 THEN 'last' ELSE 'sum' END,
    'sum', 'quarter', 'local', 'none', 'up', 'Saisie inventée', 30, %(first)s, 1
FROM strategy_plan p, generate_series(1, %(indicators)s) n
WHERE p.kind = 'national' AND p.in_force_from IS NOT NULL GROUP BY n
"""
FOLLOWS = """
INSERT INTO strategy_planindicator (plan_id, indicator_id, sheet_id)
SELECT s.plan_id, i.id, s.id FROM strategy_sheet s JOIN strategy_plan p ON p.id = s.plan_id AND p.kind = 'local_plan',
    strategy_indicator i WHERE i.label LIKE %(like)s AND p.created_at >= transaction_timestamp()
UNION ALL SELECT i.plan_id, i.id, NULL FROM strategy_indicator i WHERE i.label LIKE %(like)s
"""
VALUES = """
INSERT INTO strategy_indicatorvalue (indicator_id, plan_id, sheet_id, territory_id, part_id, starts_on, numerator,
    denominator, state, entered_by_id, entered_at, settled_by_id, settled_at)
SELECT i.id, s.plan_id, s.id, p.territory_id, part.id, (%(first)s + make_interval(months => 3 * q))::date,
    (s.id * 13 + i.id * 7 + q * 3) %% 60, CASE WHEN i.nature = 'ratio' THEN 60 END, 'accepted', p.created_by_id, now(),
    p.created_by_id, now()
FROM strategy_indicator i, strategy_sheet s
JOIN strategy_plan p ON p.id = s.plan_id AND p.kind = 'local_plan' AND p.created_at >= transaction_timestamp()
LEFT JOIN LATERAL (
    -- A body across départements reports by the first of its parts.
    SELECT min(d.id) AS id FROM territories_containment c JOIN territories_territory d ON d.id = c.container_id
    WHERE c.contained_id = p.territory_id AND d.kind = 'departement' AND c.partial
) part ON true,
generate_series(0, %(periods)s - 1) q
WHERE i.label LIKE %(like)s
ORDER BY i.id, q, s.id
"""


def build(first: date, today: date, say: Callable[[str], None]) -> int:
    """Write plans, sheets and values for every council that has none; how many values."""
    values = {
        "first": first, "today": today, "sheets": SHEETS, "indicators": INDICATORS, "periods": PERIODS,
        "label": FOLLOWED, "like": f"{FOLLOWED} %",
    }  # fmt: skip
    with (
        without_trigger("strategy_amendment", "strategy_amendment_locked"),
        without_trigger("strategy_provision", "strategy_provision_locked"),
        without_trigger("strategy_indicatorvalue", "strategy_value_begins"),
        connection.cursor() as cursor,
    ):
        for statement in (NATION, PLANS, AMENDMENTS, PROVISIONS, SHEET_ROWS, SERVES, STEPS, INDICATOR_ROWS, FOLLOWS):
            cursor.execute(statement, values)
        say("plans et fiches")
        with filled_at_once(IndicatorValue._meta.db_table):
            cursor.execute(VALUES, values)
            written = cursor.rowcount
        say(f"{written} valeurs d’indicateurs")
        for table in ("plan", "sheet", "sheet_serves", "indicator", "planindicator", "indicatorvalue", "provision"):
            cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(f"strategy_{table}")))
    return int(written)


def total(today: date, say: Callable[[str], None]) -> None:
    """What jobs do after acceptances: totals of each indicator, progress of measures, who reports."""
    for indicator in Indicator.objects.order_by("pk"):
        for starts in periods_reported(indicator):
            totals.roll_up_indicator(indicator=indicator, starts=starts)
    totals.recount_progress(on=today)
    totals.recount_reporters(on=today)
    say("totaux")


@contextmanager
def filled_at_once(table: str) -> Iterator[None]:
    """Take away the keys and indexes of a table for the block, but its primary key; all is made and checked again."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND contype = 'f'",
            [table],
        )
        keys = cursor.fetchall()
        cursor.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
            " WHERE indrelid = %s::regclass AND NOT indisprimary",
            [table],
        )
        indexes = cursor.fetchall()
        name = sql.Identifier(table)
        for key, _definition in keys:
            cursor.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(name, sql.Identifier(key)))
        for index, _definition in indexes:
            cursor.execute(sql.SQL("DROP INDEX {}").format(sql.SQL(index)))
        yield
        for _index, definition in indexes:
            cursor.execute(definition)
        for key, definition in keys:
            cursor.execute(
                sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} ").format(name, sql.Identifier(key)) + sql.SQL(definition)
            )
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
