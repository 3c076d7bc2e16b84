"""The only exit for figures of restorative justice: counts of a year that is over, never lines, small ones hidden.

Counting is done as the statistics' role, which sees that somebody took part in a stage, and neither codes nor roles. A
year is counted once, and kept as it is shown: see `YearlyCount`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection

from prevenance.core.row_security import STATISTICS, as_role
from prevenance.domains.directory.models import YearlyCount
from prevenance.domains.directory.models.restorative import restorative_list
from prevenance.domains.strategy.rules.hidden_counts import SUM, hidden
from prevenance.domains.strategy.rules.small_counts import threshold

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
    """Years that may be shown: those that are over."""
    return list(range(today.year - 1, today.year - 6, -1))


def counted(year: int) -> list[YearlyCount]:
    """Counts of a year as they may be shown, one a stage by département, then for all of them. Nothing is written."""
    with as_role(STATISTICS), connection.cursor() as cursor:
        cursor.execute(COUNTED, [date(year, 1, 1), date(year + 1, 1, 1)])
        rows = cursor.fetchall()
    stages = list(restorative_list("stages"))
    places = sorted({pk for pk, _stage, _people, _organisations in rows})
    cells = {(str(pk), stage): 0 for pk in places for stage in stages}
    runners: dict[tuple[str, str], set[int]] = {}
    for pk, stage, people, organisations in rows:
        cells[str(pk), stage], runners[str(pk), stage] = people, set(organisations)
    gone = _hidden(cells, runners)
    found = [
        YearlyCount(
            year=year, departement_id=pk, stage=stage,
            people=None if (str(pk), stage) in gone else cells[str(pk), stage],
        )
        for pk in places for stage in stages
    ]  # fmt: skip
    for stage in stages:
        people = sum(count for (_place, column), count in cells.items() if column == stage)
        found.append(YearlyCount(year=year, stage=stage, people=None if (SUM, stage) in gone else people))
    return found


def _hidden(cells: dict[tuple[str, str], int], runners: dict[tuple[str, str], set[int]]) -> set[tuple[str, str]]:
    """A count that comes from too few organisations goes too: each knows its own people. So does a sum, when too few
    made what it would give away."""
    least = threshold().units
    few = {cell for cell, those in runners.items() if len(those) < least}
    gone = hidden(cells, {place: least for place, _stage in cells}, besides=few)
    for stage in {stage for _place, stage in cells}:
        behind = set[int]().union(
            *(those for cell, those in runners.items() if cell[1] == stage and cell in gone),
        )
        if 0 < len(behind) < least:
            gone.add((SUM, stage))
    return gone


def lines(rows: Iterable[YearlyCount]) -> list[Line]:
    """Rows of a year by département, then those of all; empty when it is not counted, or nobody took part."""
    stages = list(restorative_list("stages"))
    of: dict[tuple[bool, str, str, str], dict[str, int | None]] = {}
    for row in rows:
        place = row.departement
        key = (False, place.sort_name, place.name, place.code) if place else (True, "", "", "")
        of.setdefault(key, {})[row.stage] = row.people
    found = [
        Line(name, code, tuple(counts.get(stage, 0) for stage in stages))
        for (_sum, _sort, name, code), counts in sorted(of.items(), key=lambda one: one[0])
    ]
    return found if len(found) > 1 else []
