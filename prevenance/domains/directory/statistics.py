"""The only exit for figures of restorative justice: counts of a year that is over, never lines, small ones hidden.

Counting is done as the statistics' role, which sees that somebody took part in a stage, and neither codes nor roles.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db import connection

from prevenance.core.row_security import STATISTICS, as_role
from prevenance.domains.directory.models.restorative import restorative_list
from prevenance.domains.strategy.rules.hidden_counts import SUM, hidden
from prevenance.domains.territories.models import Territory

COUNTED = """
SELECT p.departement_id, s.stage, count(DISTINCT s.participant_id), array_agg(DISTINCT p.organisation_id)
FROM directory_stageheld s
JOIN directory_participant a ON a.id = s.participant_id
JOIN directory_programme p ON p.id = a.programme_id
WHERE s.held_on >= %s AND s.held_on < %s
GROUP BY p.departement_id, s.stage
"""


@dataclass(frozen=True)
class Line:
    """People who took part in each stage, in the order of the list; None: too few to be shown."""

    name: str
    code: str
    counts: tuple[int | None, ...]


def years(today: date) -> list[int]:
    """Years that may be shown: those that are over, of which nothing moves from one day to the next."""
    return list(range(today.year - 1, today.year - 6, -1))


def people_by_stage(year: int) -> list[Line]:
    """By département, then for all of them; empty when nobody took part in anything."""
    with as_role(STATISTICS), connection.cursor() as cursor:
        cursor.execute(COUNTED, [date(year, 1, 1), date(year + 1, 1, 1)])
        rows = cursor.fetchall()
    stages = list(restorative_list("stages"))
    found = {pk for pk, _stage, _people, _organisations in rows}
    places = {one.pk: one for one in Territory.objects.filter(pk__in=found).order_by("sort_name", "pk")}
    cells = {(str(pk), stage): 0 for pk in places for stage in stages}
    runners: dict[str, set[int]] = defaultdict(set)
    for pk, stage, people, organisations in rows:
        cells[str(pk), stage] = people
        runners[str(pk)] |= set(organisations)
    gone = hidden(cells, {place: len(those) for place, those in runners.items()})

    def shown(place: str) -> tuple[int | None, ...]:
        of = [
            sum(n for (row, column), n in cells.items() if column == stage and place in (row, SUM)) for stage in stages
        ]
        return tuple(None if (place, stage) in gone else count for stage, count in zip(stages, of, strict=True))

    lines = [Line(place.name, place.code, shown(str(pk))) for pk, place in places.items()]
    return [*lines, Line("", "", shown(SUM))] if lines else []
