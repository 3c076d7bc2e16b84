"""Keep what figures come to: totals of an indicator, progress of measures, who is to report. Run by jobs, any number
of times."""

from datetime import date

from django.db import connection
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import Identity, action
from prevenance.domains.strategy.analysis import totals as analysis
from prevenance.domains.strategy.models import Indicator
from prevenance.domains.strategy.rules.indicators import REPORTING
from prevenance.engines.rollup import NONE

# Both in one statement: whoever reads meanwhile sees the totals of before or those of after. What is already right is
# not written again.
REPLACE_TOTALS = """
WITH found AS (
    SELECT * FROM unnest(%(container)s::bigint[], %(category)s::text[], %(numerator)s::numeric[],
                         %(denominator)s::numeric[], %(reported)s::int[], %(estimated)s::int[])
        AS t(territory_id, category, numerator, denominator, reported, estimated)
), gone AS (
    DELETE FROM strategy_indicatortotal t
    WHERE t.indicator_id = %(indicator)s AND t.starts_on = %(starts)s AND NOT EXISTS (
        SELECT FROM found f WHERE f.territory_id = t.territory_id AND f.category = t.category)
)
INSERT INTO strategy_indicatortotal AS t
    (indicator_id, territory_id, category, starts_on, numerator, denominator, reported, estimated, computed_at)
SELECT %(indicator)s, territory_id, category, %(starts)s, numerator, denominator, reported, estimated, now() FROM found
ON CONFLICT (indicator_id, territory_id, starts_on, category) DO UPDATE
    SET numerator = excluded.numerator, denominator = excluded.denominator, reported = excluded.reported,
        estimated = excluded.estimated, computed_at = excluded.computed_at
    WHERE (t.numerator, t.denominator, t.reported, t.estimated)
        IS DISTINCT FROM (excluded.numerator, excluded.denominator, excluded.reported, excluded.estimated)
"""

# A plan of a body across départements is counted in each of them, and once in what holds them. A sheet is late as
# rules.sheets.is_late says: itself, or one of its steps.
COUNT_PROGRESS = """
WITH behind AS (
    SELECT DISTINCT sheet_id FROM strategy_sheetstep WHERE done_on IS NULL AND due_on < %(today)s
), served AS (
    SELECT DISTINCT a.measure_id, s.id AS sheet, s.plan_id, p.territory_id, s.state,
           s.state NOT IN ('done', 'dropped')
               AND (coalesce(s.ends < %(today)s, false) OR o.sheet_id IS NOT NULL) AS late
    FROM strategy_sheet s
    LEFT JOIN behind o ON o.sheet_id = s.id
    JOIN strategy_plan p ON p.id = s.plan_id
    JOIN strategy_amendment b ON b.id = s.brought_by_id AND b.state = 'in_force'
    LEFT JOIN strategy_amendment w ON w.id = s.withdrawn_by_id AND w.state = 'in_force'
    JOIN strategy_sheet_serves v ON v.sheet_id = s.id
    JOIN strategy_strategyaction a ON a.id = v.strategyaction_id
    WHERE p.in_force_from <= %(today)s AND coalesce(p.ended_on, 'infinity') >= %(today)s
      AND w.id IS NULL AND s.state <> 'dropped'
), here AS (
    SELECT measure_id, territory_id, plan_id, count(*) AS sheets,
           count(*) FILTER (WHERE state = 'under_way') AS under_way,
           count(*) FILTER (WHERE state = 'done') AS done, count(*) FILTER (WHERE late) AS late
    FROM served GROUP BY 1, 2, 3
), found AS (
    SELECT h.measure_id, c.container_id AS territory_id, count(*) AS plans, sum(h.sheets) AS sheets,
           sum(h.under_way) AS under_way, sum(h.done) AS done, sum(h.late) AS late
    FROM here h JOIN territories_containment c ON c.contained_id = h.territory_id
    GROUP BY 1, 2
), gone AS (
    DELETE FROM strategy_measureprogress t WHERE NOT EXISTS (
        SELECT FROM found f WHERE f.measure_id = t.measure_id AND f.territory_id = t.territory_id)
)
INSERT INTO strategy_measureprogress AS t
    (measure_id, territory_id, plans, sheets, under_way, done, late, counted_at)
SELECT measure_id, territory_id, plans, sheets, under_way, done, late, now() FROM found
ON CONFLICT (measure_id, territory_id) DO UPDATE
    SET plans = excluded.plans, sheets = excluded.sheets, under_way = excluded.under_way, done = excluded.done,
        late = excluded.late, counted_at = excluded.counted_at
    WHERE (t.plans, t.sheets, t.under_way, t.done, t.late)
        IS DISTINCT FROM (excluded.plans, excluded.sheets, excluded.under_way, excluded.done, excluded.late)
"""

# As many territories as report, whatever their plans and sheets: two plans of one town report for it once.
COUNT_REPORTERS = """
WITH reports AS (
    SELECT * FROM unnest(%(levels)s::text[], %(kinds)s::text[]) AS t(level, kind)
), following AS (
    SELECT DISTINCT f.indicator_id, p.territory_id
    FROM strategy_plan p
    JOIN strategy_planindicator f ON f.plan_id = p.id
    JOIN strategy_indicator i ON i.id = f.indicator_id
    JOIN territories_territory d ON d.id = p.territory_id
    JOIN reports r ON r.level = i.level AND r.kind = d.kind
    WHERE p.in_force_from <= %(today)s AND coalesce(p.ended_on, 'infinity') >= %(today)s
), found AS (
    SELECT f.indicator_id, c.container_id AS territory_id, count(*) AS expected
    FROM following f JOIN territories_containment c ON c.contained_id = f.territory_id
    GROUP BY 1, 2
), gone AS (
    DELETE FROM strategy_reporters t WHERE NOT EXISTS (
        SELECT FROM found f WHERE f.indicator_id = t.indicator_id AND f.territory_id = t.territory_id)
)
INSERT INTO strategy_reporters AS t (indicator_id, territory_id, expected)
SELECT indicator_id, territory_id, expected FROM found
ON CONFLICT (indicator_id, territory_id) DO UPDATE SET expected = excluded.expected
    WHERE t.expected <> excluded.expected
"""


@action(_("Totaux d’un indicateur"))
def roll_up_indicator(*, indicator: Indicator, starts: date, by: Identity = audit.MACHINE) -> int:
    """Compute again the totals of a period for every territory; how many there are.

    One run at a time an indicator: the second one waits for the first, then reads what is accepted by then.
    """
    indicator = Indicator.objects.select_for_update(no_key=True, of=("self",)).get(pk=indicator.pk)
    found = analysis.totals_of(indicator, [starts])
    names = analysis.categories_of(indicator)
    known = found.category < len(names)  # a category that left the list is not shown
    figures = {"indicator": indicator.pk, "starts": starts, "container": found.container[known].tolist()}
    figures |= {
        "category": [names[code] for code in found.category[known].tolist()],
        "numerator": _decimals(found.numerator[known].tolist()),
        "denominator": _decimals([None if below == NONE else below for below in found.denominator[known].tolist()]),
        "reported": found.reported[known].tolist(),
        "estimated": found.estimated[known].tolist(),
    }
    with connection.cursor() as cursor:
        cursor.execute(REPLACE_TOTALS, figures)
    audit.record(by=by, scope=indicator.plan.trail, subject=indicator, starts=starts, totals=len(found))
    return len(found)


@action(_("Avancement des mesures compté"))
def recount_progress(*, on: date, by: Identity = audit.MACHINE) -> int:
    """Count again, by territory and measure, the sheets of the plans in force on a day; how many lines changed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(7300102)")  # two counts at once would undo one another
        cursor.execute(COUNT_PROGRESS, {"today": on})
        changed = int(cursor.rowcount)
    audit.record(by=by, scope="platform", on=on, lines=changed)
    return changed


@action(_("Territoires attendus comptés"))
def recount_reporters(*, on: date, by: Identity = audit.MACHINE) -> int:
    """Count again, by territory and indicator, who is to report by the plans in force on a day; how many lines
    changed."""
    pairs = [(level, kind) for level, reporting in REPORTING.items() for kind in reporting]
    levels, kinds = zip(*pairs, strict=True)
    asked = {"today": on, "levels": [str(level) for level in levels], "kinds": [str(kind) for kind in kinds]}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(7300103)")
        cursor.execute(COUNT_REPORTERS, asked)
        changed = int(cursor.rowcount)
    audit.record(by=by, scope="platform", on=on, lines=changed)
    return changed


def _decimals(figures: list[int | None]) -> list[str | None]:
    """Ten-thousandths as the database reads them, exactly."""
    return [None if figure is None else f"{figure}e-4" for figure in figures]
