"""The meetings of a year to come, proposed from those of the year before, from each body's rhythm and from the law."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta

import holidays

WEEK = timedelta(days=7)
NEAR = timedelta(days=21)  # a meeting already set this close is the one that would be proposed
USUAL = (time(14, 0), time(16, 0))
TUESDAY, SATURDAY, AUGUST = 1, 5, 8

# Codes of communes and départements to the holidays of their place; the rest of the nation has the common ones.
PLACES = {
    "57": "57", "67": "6AE", "68": "6AE", "971": "971", "972": "972", "973": "973", "974": "974", "975": "PM",
    "976": "976", "977": "BL", "978": "MF", "986": "WF", "987": "PF", "988": "NC",
}  # fmt: skip


@dataclass(frozen=True)
class Slot:
    """A day, two times and a room for a meeting of a body."""

    body: int
    title: str
    day: date
    start: time
    end: time
    place: str = ""


def public_holidays(codes: Collection[str], year: int) -> frozenset[date]:
    """Days off in any of the places whose codes are given (communes or départements), that year."""
    found: set[date] = set(holidays.country_holidays("FR", years=year))
    for code in codes:
        place = PLACES.get(code[:3] if code.startswith(("97", "98")) else code[:2])
        if place:
            found |= set(holidays.country_holidays("FR", subdiv=place, years=year))
    return frozenset(found)


def propose(
    body: int, title: str, year: int, count: int, *,
    last: Sequence[Slot], known: Collection[date], off: Collection[date],
) -> list[Slot]:  # fmt: skip
    """Up to `count` meetings of a body in `year`, less those already `known` there, in the order of days.

    Those of the year before come back on the same weekday, hour and place, 52 weeks later: before twelve months are
    over, as the law counts them for a plenary. What lacks is spread over the year. No day is off, a Saturday or a
    Sunday; two are never the same.
    """
    again = sorted({slot.day: slot for slot in last}.values(), key=lambda slot: slot.day)
    wanted = [replace(slot, day=slot.day + 52 * WEEK) for slot in again if (slot.day + 52 * WEEK).year == year]
    lacking = max(0, count - len(wanted))
    pattern = wanted[0] if wanted else Slot(body, title, date(year, 1, 1), *USUAL)
    wanted += [replace(pattern, day=day) for day in spread(year, lacking, pattern.day.weekday() if wanted else TUESDAY)]
    taken: set[date] = set(known)
    proposed: list[Slot] = []
    already = sorted(known)
    for slot in sorted(wanted, key=lambda slot: slot.day):
        near = next((day for day in already if abs(day - slot.day) <= NEAR), None)
        if near is not None:
            already.remove(near)
            continue
        day = open_day(slot.day, year, taken | set(off))
        if day is not None and len(proposed) + len(known) < max(count, len(wanted)):
            taken.add(day)
            proposed.append(replace(slot, body=body, day=day))
    return sorted(proposed, key=lambda slot: slot.day)


def spread(year: int, count: int, weekday: int) -> list[date]:
    """Days at even distances in a year, on one weekday, out of August."""
    first, length = date(year, 1, 1), 365
    days: list[date] = []
    for rank in range(count):
        day = first + timedelta(days=int((rank + 0.5) * length / count))
        day += timedelta(days=(weekday - day.weekday()) % 7)
        while day.month == AUGUST or day in days:
            day += WEEK
        days.append(min(day, date(year, 12, 31)))
    return days


def open_day(day: date, year: int, closed: Collection[date]) -> date | None:
    """The day itself, or the same weekday of the nearest week, earlier first; None when none of the year will do."""
    if day.weekday() >= SATURDAY:
        day -= timedelta(days=day.weekday() - 4)
    for distance in range(54):
        for other in (day - distance * WEEK, day + distance * WEEK):
            if other.year == year and other not in closed:
                return other
    return None
