"""Opening hours in OSM syntax, read where the place is: its time, its days off, its closures.

The syntax: https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification, read by opening-hours-py.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from django.conf import settings
from django.utils.translation import gettext as _
from opening_hours import OpeningHours, State
from opening_hours import ParserError as Unreadable  # type: ignore[attr-defined]  # its stubs forget it

from prevenance.core.refusals import Refused

OFF_ON_HOLIDAYS = re.compile(r"(?:^|;)\s*(?:[A-Z][a-z]-?,?)*,?PH\s+(?:off|closed)\b")
FAR = 400  # days after which nothing is looked for: a place that opens later opens no longer
Period = tuple[date, date]  # both days included


@cache
def _words() -> Any:
    return yaml.safe_load((settings.DATA / "directory" / "hours.yaml").read_text(encoding="utf-8"))


def _longest(by_code: Mapping[str, Any], code: str, otherwise: Any) -> Any:
    return next((by_code[code[:size]] for size in range(len(code), 1, -1) if code[:size] in by_code), otherwise)


@cache
def zone_of(commune: str) -> ZoneInfo:
    """The time zone of a commune, by its Insee code."""
    zones = _words()["zones"]
    return ZoneInfo(_longest(zones["by_code"], commune, zones["default"]))


def check_hours(hours: str) -> None:
    if hours and read(hours, "") is None:
        raise Refused(_("Ces horaires ne se lisent pas. Écrivez par exemple : Mo-Fr 09:00-12:00,14:00-17:00; PH off"))


@lru_cache(maxsize=20_000)
def read(hours: str, commune: str) -> OpeningHours | None:
    """Hours as they are understood in a commune, None when they are not."""
    days = _longest(_words()["local_days"]["by_code"], commune, ())
    if days and OFF_ON_HOLIDAYS.search(hours):
        hours = "; ".join([hours.rstrip("; "), *(f"{day} off" for day in days)])
    try:
        return OpeningHours(hours, timezone=zone_of(commune), country="FR", auto_country=False, auto_timezone=False)
    except Unreadable:
        return None


@dataclass(frozen=True)
class Opening:
    """Whether a place receives people at a moment; `until`: when it closes, if it is open; `opens`: when it next opens.

    `state`: open, closed, or unknown, when nothing is known of its hours or when they say so.
    """

    state: str
    until: datetime | None = None
    opens: datetime | None = None

    @property
    def until_there(self) -> datetime | None:
        """As the clocks of the place show it, so that a page does not turn it into the time of Paris."""
        return self.until and self.until.replace(tzinfo=None)

    @property
    def opens_there(self) -> datetime | None:
        return self.opens and self.opens.replace(tzinfo=None)


UNKNOWN = Opening("unknown")


def opening(hours: str, commune: str, closures: Collection[Period], at: datetime) -> Opening:
    """The state of a place of `commune` (Insee code) at an aware moment; times given are the place's.

    `closures` count even where hours are not known: closed is closed.
    """
    zone = zone_of(commune)
    now = at.astimezone(zone)
    shut = _shut(closures, now.date())
    known = read(hours, commune) if hours else None
    if known is None:
        return Opening("closed") if shut else UNKNOWN
    state = State.CLOSED if shut else known.state(now)[0]
    if state == State.OPEN:
        return Opening("open", until=_end(known, closures, now, zone))
    opens = _next(known, closures, now, zone)
    return Opening("unknown" if state == State.UNKNOWN else "closed", opens=opens)


def _shut(closures: Iterable[Period], day: date) -> date | None:
    """The last day of the closures that hold `day`."""
    return max((ends for starts, ends in closures if starts <= day <= ends), default=None)


def _end(known: OpeningHours, closures: Iterable[Period], now: datetime, zone: ZoneInfo) -> datetime | None:
    ends = known.next_change(now)
    shuts = [datetime.combine(starts, time(), zone) for starts, _ends in closures if starts > now.date()]
    return min([moment for moment in (ends, *shuts) if moment is not None], default=None)


def _next(known: OpeningHours, closures: Collection[Period], now: datetime, zone: ZoneInfo) -> datetime | None:
    """The next moment at which it opens, past the closures; None when it does not within FAR days."""
    moment, limit = now, now + timedelta(days=FAR)
    while moment < limit:
        last = _shut(closures, moment.date())
        if last is not None:
            moment = datetime.combine(last + timedelta(days=1), time(), zone)
        elif moment > now and known.is_open(moment):
            return moment
        else:
            changes = known.next_change(moment)
            if changes is None:
                return None
            moment = changes
    return None


def week(hours: str, commune: str, closures: Collection[Period], first: date) -> list[tuple[date, list[str]]]:
    """The seven days from `first`, each with its openings as « 9 h – 12 h 30 »; [] for hours not understood."""
    known = read(hours, commune) if hours else None
    if known is None:
        return []
    zone = zone_of(commune)
    days: dict[date, list[str]] = {first + timedelta(days=offset): [] for offset in range(7)}
    start = datetime.combine(first, time(), zone)
    for begins, ends, state, _comment in known.intervals(start, start + timedelta(days=7)):
        if state != State.OPEN:
            continue
        for day, from_, to in _by_day(begins, ends):
            if day in days and _shut(closures, day) is None:
                days[day].append(f"{_told(from_)} – {_told(to)}")
    return list(days.items())


def _by_day(begins: datetime, ends: datetime) -> Iterable[tuple[date, time, time]]:
    """An interval cut at midnight; the end of a day is time(0)."""
    day = begins.date()
    while day < ends.date():
        yield day, (begins.time() if day == begins.date() else time()), time()
        day += timedelta(days=1)
    if ends.time() != time():
        yield day, (begins.time() if day == begins.date() else time()), ends.time()


def _told(moment: time) -> str:
    """« 9 h », « 12 h 30 »; midnight at the end of a day is « minuit » in both cases."""
    if moment == time():
        return _("minuit")
    return f"{moment.hour}\u00a0h" + (f"\u00a0{moment.minute:02d}" if moment.minute else "")
