"""Calendar files (iCalendar, RFC 5545) that any agenda opens, sent with a convocation or subscribed to."""

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import icalendar

PARIS = ZoneInfo("Europe/Paris")
CONTENT_TYPE = "text/calendar; charset=utf-8"
Method = Literal["PUBLISH", "REQUEST", "CANCEL"]

# Anything that a reader might take for the end of a line, and what has no place in a text.
LINE_ENDS = re.compile("\r\n|[\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")
CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
ADDRESS = re.compile(r"[^\s@<>\"',;:\\]+@[^\s@<>\"',;:\\]+")
LINK = re.compile(r"https?://[^\s\"<>\\^`{|}]+")


@dataclass(frozen=True)
class Event:
    """One meeting. Dates are aware and shown in Paris time; `uid` never changes, `sequence` grows at each change."""

    uid: str
    starts_at: datetime
    ends_at: datetime
    summary: str
    place: str = ""
    description: str = ""
    sequence: int = 0
    cancelled: bool = False
    organiser_name: str = ""
    organiser_email: str = ""
    url: str = ""
    attendees: tuple[tuple[str, str], ...] = ()
    """(name, address) of those invited: normally the sole recipient, so that no one learns of the others."""


def calendar(events: Iterable[Event], *, name: str, stamp: datetime, method: Method = "PUBLISH") -> bytes:
    """The file holding `events`, called `name`; `stamp` (aware) is the moment it is made.

    REQUEST invites and CANCEL withdraws: both then need an organiser's address (RFC 5546), and CANCEL marks every
    event as cancelled. Raises ValueError for a naive date, an end before its start, a malformed address or link.
    """
    file = icalendar.Calendar()
    file.add("prodid", "-//Prevenance//Prevenance//FR")
    file.add("version", "2.0")
    file.add("calscale", "GREGORIAN")
    file.add("method", method)
    file.add("name", one_line(name))
    file.add("x-wr-calname", one_line(name))  # the name that Outlook and Apple read
    file.add_component(paris_time())
    for event in events:
        file.add_component(component(event, stamp=stamp, method=method))
    written: bytes = file.to_ical()
    return written


def component(event: Event, *, stamp: datetime, method: Method) -> icalendar.Event:
    """The VEVENT of `event`."""
    if any(moment.tzinfo is None for moment in (stamp, event.starts_at, event.ends_at)):
        raise ValueError(f"{event.uid}: a date needs its time zone")
    if event.ends_at < event.starts_at:
        raise ValueError(f"{event.uid}: it ends before it starts")
    if method != "PUBLISH" and not event.organiser_email:
        raise ValueError(f"{event.uid}: {method} needs the organiser's address")
    cancelled = event.cancelled or method == "CANCEL"

    written = icalendar.Event()
    written.add("uid", one_line(event.uid))
    written.add("dtstamp", stamp.astimezone(ZoneInfo("UTC")))
    written.add("dtstart", event.starts_at.astimezone(PARIS))
    written.add("dtend", event.ends_at.astimezone(PARIS))
    written.add("summary", one_line(event.summary))
    written.add("sequence", event.sequence)
    written.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    written.add("transp", "TRANSPARENT" if cancelled else "OPAQUE")
    if event.place:
        written.add("location", one_line(event.place))
    if event.description:
        written.add("description", several_lines(event.description))
    if event.url:
        if not LINK.fullmatch(event.url):
            raise ValueError(f"{event.uid}: not a web link: {event.url!r}")
        written.add("url", event.url)
    if event.organiser_email:
        written.add("organizer", person(event.organiser_name, event.organiser_email))
    for attendee_name, attendee_email in event.attendees:
        attendee = person(attendee_name, attendee_email)
        attendee.params["ROLE"] = "REQ-PARTICIPANT"
        attendee.params["PARTSTAT"] = "NEEDS-ACTION"
        attendee.params["RSVP"] = "TRUE"
        written.add("attendee", attendee)
    return written


def person(name: str, email: str) -> icalendar.vCalAddress:
    """A calendar address with its name, which quotes would end: they become apostrophes (RFC 5545, 3.2)."""
    if not ADDRESS.fullmatch(email):
        raise ValueError(f"not a mail address: {email!r}")
    address = icalendar.vCalAddress(f"mailto:{email}")
    if name:
        address.params["CN"] = one_line(name).replace('"', "’")
    return address


def one_line(text: str) -> str:
    """`text` without a line end or a control character, so that a name cannot write a line of its own."""
    return CONTROLS.sub("", LINE_ENDS.sub(" ", text)).strip()


def several_lines(text: str) -> str:
    return CONTROLS.sub("", LINE_ENDS.sub("\n", text).replace("\t", " ")).strip()


@functools.cache
def paris_time() -> icalendar.Timezone:
    """The zone's rule since 1996 (directive 2000/84/CE), in five lines where a table of dates would take hundreds."""
    zone = icalendar.Timezone()
    zone.add("tzid", "Europe/Paris")
    summer, winter = timedelta(hours=2), timedelta(hours=1)
    for kind, name, before, after, start in (
        (icalendar.TimezoneDaylight, "CEST", winter, summer, datetime(1996, 3, 31, 2)),
        (icalendar.TimezoneStandard, "CET", summer, winter, datetime(1996, 10, 27, 3)),
    ):
        part = kind()
        part.add("dtstart", start)
        part.add("rrule", {"freq": "yearly", "bymonth": start.month, "byday": "-1SU"})
        part.add("tzname", name)
        part.add("tzoffsetfrom", before)
        part.add("tzoffsetto", after)
        zone.add_component(part)
    return zone
