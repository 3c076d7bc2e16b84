"""Hours of a clinic or of a stop: a rhythm one chooses, in OSM syntax and in words; next days, mean of a week."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext as _
from opening_hours import State

from prevenance.domains.directory.rules.hours import Period, read, week, zone_of

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
YEAR = 364  # days, a whole number of weeks and of pairs of weeks
SIMPLE = re.compile(
    r"(?:week (?P<pair>0[12])-5[23]/2 )?(?P<day>Mo|Tu|We|Th|Fr|Sa|Su)(?:\[(?P<rank>-1|[1-4])\])?"
    r" (?P<from>\d{2}:\d{2})-(?P<to>\d{2}:\d{2})(?:; PH off)?"
)


@dataclass(frozen=True)
class Rhythm:
    """`every`: weekly, odd or even (weeks of the year), 1 to 4 or -1 (of the month); `day`: 0 for Monday."""

    every: str
    day: int
    starts: time
    ends: time

    @property
    def syntax(self) -> str:
        """In OSM syntax; nobody is received on a day off, unless the hours are typed otherwise."""
        weeks = {"odd": "week 01-53/2 ", "even": "week 02-52/2 "}.get(self.every, "")
        rank = f"[{self.every}]" if self.every in MONTHLY else ""
        return f"{weeks}{DAYS[self.day]}{rank} {self.starts:%H:%M}-{self.ends:%H:%M}; PH off"


def day_names() -> tuple[str, ...]:
    return _("lundi"), _("mardi"), _("mercredi"), _("jeudi"), _("vendredi"), _("samedi"), _("dimanche")


def rank_words() -> dict[str, str]:
    """Of a day in its month."""
    return {
        "1": _("le premier %(day)s du mois"), "2": _("le deuxième %(day)s du mois"),
        "3": _("le troisième %(day)s du mois"), "4": _("le quatrième %(day)s du mois"),
        "-1": _("le dernier %(day)s du mois"),
    }  # fmt: skip


MONTHLY = ("1", "2", "3", "4", "-1")


def rhythm_of(hours: str) -> Rhythm | None:
    """The rhythm that hours say, None when they say more than one rhythm does."""
    found = SIMPLE.fullmatch(hours.strip())
    if found is None or (found["pair"] and found["rank"]):
        return None
    every = {"01": "odd", "02": "even"}[found["pair"]] if found["pair"] else found["rank"] or "weekly"
    try:
        starts, ends = time.fromisoformat(found["from"]), time.fromisoformat(found["to"])
    except ValueError:
        return None
    return Rhythm(every, DAYS.index(found["day"]), starts, ends)


def in_words(hours: str) -> str:
    """« le premier mardi du mois, de 14 h à 17 h »; hours of another form as they are written."""
    rhythm = rhythm_of(hours)
    if rhythm is None:
        return hours
    day = day_names()[rhythm.day]
    when = {
        "weekly": _("le %(day)s"), "odd": _("le %(day)s des semaines impaires"),
        "even": _("le %(day)s des semaines paires"),
    } | rank_words()  # fmt: skip
    told = {"starts": clock(rhythm.starts), "ends": clock(rhythm.ends)}
    return f"{when[rhythm.every] % {'day': day}}, {_('de %(starts)s à %(ends)s') % told}"


def clock(moment: time) -> str:
    """« 9 h », « 12 h 30 »."""
    return f"{moment.hour}\u00a0h" + (f"\u00a0{moment.minute:02d}" if moment.minute else "")


def coming(
    hours: str, commune: str, closures: Collection[Period], first: date, last: date | None, count: int
) -> list[tuple[date, list[str]]]:
    """The next days, at most `count` within a year, on which it is open, each with its openings in words."""
    found: list[tuple[date, list[str]]] = []
    start, end = first, first + timedelta(days=YEAR)
    while start < end and len(found) < count:
        for day, openings in week(hours, commune, closures, start):
            if openings and (last is None or day <= last):
                found.append((day, openings))
        start += timedelta(days=7)
    return found[:count]


def weekly_mean(hours: str, commune: str, first: date) -> float:
    """Hours a week, the mean of the year that begins on a day, days off left out as the hours say."""
    known = read(hours, commune)
    if known is None:
        return 0.0
    start = datetime.combine(first, time(), zone_of(commune))
    periods = known.intervals(start, start + timedelta(days=YEAR))
    seconds = sum((ends - begins).total_seconds() for begins, ends, state, _said in periods if state == State.OPEN)
    return float(seconds) / 3600 / (YEAR / 7)
