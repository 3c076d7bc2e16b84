"""A calendar file opens in any agenda, at the right hour, and no text can write a line of its own in it."""

import dataclasses
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prevenance.core.documents.calendar import Event, calendar

STAMP = datetime(2026, 2, 3, 8, 0, tzinfo=UTC)
PLENARY = Event(
    uid="reunion-12@prevenance.invalid",
    starts_at=datetime(2026, 3, 12, 14, 0, tzinfo=ZoneInfo("Europe/Paris")),
    ends_at=datetime(2026, 3, 12, 16, 30, tzinfo=ZoneInfo("Europe/Paris")),
    summary="Assemblée plénière ; l’ordre du jour, « suite »",
    place="Salle d’honneur, 1, place de l’Hôtel-de-Ville",
    description="1. Accueil\n2. Bilan ; perspectives\\retour",
    sequence=2,
    organiser_name="Camille D’Exemple, coordonnatrice",
    organiser_email="camille@exemple.invalid",
    url="https://exemple.invalid/reunions/12?a=1&b=2",
    attendees=(("Dominique Fictif", "dominique@exemple.invalid"),),
)


def written(*events, method="PUBLISH", name="Conseil d’Essai"):
    return calendar(events or [PLENARY], name=name, stamp=STAMP, method=method)


def read(data):
    return icalendar.Calendar.from_ical(data)


def event_of(data):
    (event,) = read(data).walk("VEVENT")
    return event


def test_what_was_written_is_read_back():
    event = event_of(written())
    assert str(event["summary"]) == PLENARY.summary
    assert str(event["location"]) == PLENARY.place
    assert str(event["description"]) == PLENARY.description
    assert str(event["uid"]) == PLENARY.uid
    assert str(event["url"]) == PLENARY.url
    assert event["sequence"] == 2
    assert event["status"] == "CONFIRMED"
    assert str(event["organizer"]) == "mailto:camille@exemple.invalid"
    assert event["organizer"].params["CN"] == "Camille D’Exemple, coordonnatrice"
    assert str(event["attendee"]) == "mailto:dominique@exemple.invalid"
    assert event["attendee"].params["RSVP"] == "TRUE"


def test_the_stamp_is_the_moment_given_in_universal_time():
    assert b"DTSTAMP:20260203T080000Z" in written()


def test_the_hour_is_that_of_paris_with_its_zone_described():
    data = written()
    assert b"DTSTART;TZID=Europe/Paris:20260312T140000" in data
    zone = read(data).walk("VTIMEZONE")[0]
    assert str(zone["TZID"]) == "Europe/Paris"
    assert b"RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3" in data


@pytest.mark.parametrize("year", [1999, 2020, 2026, 2037])
def test_the_zone_described_agrees_with_the_official_table_all_year(year):
    described = read(written()).walk("VTIMEZONE")[0].to_tz(lookup_tzid=False)
    official = ZoneInfo("Europe/Paris")
    moment = datetime(year, 1, 1, 0, 30)
    while moment.year == year:
        assert moment.replace(tzinfo=described).utcoffset() == moment.replace(tzinfo=official).utcoffset(), moment
        moment += timedelta(hours=13)


@pytest.mark.parametrize("month", [1, 7])
def test_another_zone_is_converted_and_the_instant_kept(month):
    start = datetime(2026, month, 5, 9, tzinfo=timezone(timedelta(hours=-10)))
    event = event_of(written(dataclasses.replace(PLENARY, starts_at=start, ends_at=start + timedelta(hours=1))))
    assert event["dtstart"].dt == start
    assert event["dtstart"].params["TZID"] == "Europe/Paris"


def test_long_lines_are_folded_at_75_octets_and_end_with_crlf():
    data = written(dataclasses.replace(PLENARY, description="éà" * 400))
    assert data.count(b"\n") == data.count(b"\r\n")
    assert max(len(line) for line in data.split(b"\r\n")) <= 75
    assert str(event_of(data)["description"]) == "éà" * 400


def test_cancelling_says_so_in_the_file_and_in_each_event():
    file = read(written(method="CANCEL"))
    assert file["method"] == "CANCEL"
    assert [event["status"] for event in file.walk("VEVENT")] == ["CANCELLED"]
    assert event_of(written(dataclasses.replace(PLENARY, cancelled=True)))["status"] == "CANCELLED"


def test_several_meetings_share_one_file():
    other = dataclasses.replace(PLENARY, uid="reunion-13@prevenance.invalid")
    assert len(read(written(PLENARY, other)).walk("VEVENT")) == 2


INJECTION = "Réunion\r\nATTENDEE:mailto:intrus@exemple.invalid\nEND:VEVENT\rX-PIRATE:1\u2028X-B:1\x85X-C:1"


@pytest.mark.parametrize("field", ["summary", "place", "description", "organiser_name", "uid"])
def test_a_text_cannot_write_a_line_of_its_own(field):
    data = written(dataclasses.replace(PLENARY, **{field: INJECTION}))
    (event,) = read(data).walk("VEVENT")
    assert str(event["attendee"]) == "mailto:dominique@exemple.invalid"
    names = {line.split(b":")[0].split(b";")[0] for line in data.split(b"\r\n") if not line.startswith(b" ")}
    assert not any(name.startswith(b"X-") and name != b"X-WR-CALNAME" for name in names)


def test_quotes_in_a_name_do_not_end_it():
    event = event_of(written(dataclasses.replace(PLENARY, organiser_name='Dominique "Dom" Essai;X-A=1:b')))
    assert event["organizer"].params["CN"] == "Dominique ’Dom’ Essai;X-A=1:b"
    assert set(event["organizer"].params) == {"CN"}


@pytest.mark.parametrize("email", ["a b@c.invalid", "a@c.invalid\r\nX-A:1", "mailto:a@b.invalid", "personne"])
def test_a_malformed_address_is_refused(email):
    with pytest.raises(ValueError, match="not a mail address"):
        written(dataclasses.replace(PLENARY, organiser_email=email))


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://a.invalid/\r\nX-A:1", "file:///etc/passwd"])
def test_a_link_is_a_web_link(url):
    with pytest.raises(ValueError, match="not a web link"):
        written(dataclasses.replace(PLENARY, url=url))


def test_a_date_without_zone_or_an_end_before_the_start_is_refused():
    naive = datetime(2026, 3, 12, 14)
    with pytest.raises(ValueError, match="time zone"):
        written(dataclasses.replace(PLENARY, starts_at=naive))
    with pytest.raises(ValueError, match="ends before"):
        written(dataclasses.replace(PLENARY, ends_at=PLENARY.starts_at - timedelta(minutes=1)))


def test_inviting_needs_an_organiser():
    with pytest.raises(ValueError, match="organiser"):
        written(dataclasses.replace(PLENARY, organiser_email=""), method="REQUEST")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_text_stays_in_its_field(text):
    data = written(dataclasses.replace(PLENARY, summary=text, organiser_name=text, description=text), name=text)
    file = read(data)
    (event,) = file.walk("VEVENT")
    assert set(event.keys()) <= {
        "UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "SEQUENCE", "STATUS", "TRANSP", "LOCATION", "DESCRIPTION",
        "URL", "ORGANIZER", "ATTENDEE",
    }  # fmt: skip
    assert "".join(str(event["summary"]).split()) == "".join(
        c for c in text if not (c.isspace() or ord(c) < 32 or 127 <= ord(c) < 160)
    )
