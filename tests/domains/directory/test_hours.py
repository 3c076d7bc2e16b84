"""Opening hours: read where the place is, with its days off and its closures."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from prevenance.core.refusals import Refused
from prevenance.domains.directory.rules.hours import check_hours, opening, week, zone_of

PARIS = ZoneInfo("Europe/Paris")
OFFICE = "Mo-Fr 09:00-12:00,14:00-17:00; PH off"
SAINT_ETIENNE = "42218"


def at(text, zone=PARIS):
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    "moment, state, until, opens",
    [
        ("2026-11-27T10:00", "open", "2026-11-27T12:00", None),
        ("2026-11-27T12:30", "closed", None, "2026-11-27T14:00"),
        ("2026-11-27T18:00", "closed", None, "2026-11-30T09:00"),  # a Friday evening
        ("2026-12-25T10:00", "closed", None, "2026-12-28T09:00"),  # Christmas, a Friday
    ],
)
def test_open_until_or_closed_and_when_it_opens(moment, state, until, opens):
    found = opening(OFFICE, SAINT_ETIENNE, [], at(moment))
    assert found.state == state
    assert found.until == (at(until) if until else None)
    assert found.opens == (at(opens) if opens else None)


def test_a_closure_closes_and_is_looked_past():
    summer = [(dt.date(2027, 8, 2), dt.date(2027, 8, 13)), (dt.date(2027, 8, 14), dt.date(2027, 8, 22))]
    shut = opening(OFFICE, SAINT_ETIENNE, summer, at("2027-08-05T10:00"))
    assert (shut.state, shut.opens) == ("closed", at("2027-08-23T09:00"))
    # The last open day before it, and what is always open ends when the closure begins.
    assert opening(OFFICE, SAINT_ETIENNE, summer, at("2027-07-30T18:00")).opens == at("2027-08-23T09:00")
    assert opening("24/7", SAINT_ETIENNE, summer, at("2027-08-01T10:00")).until == at("2027-08-02T00:00")
    assert opening("24/7", SAINT_ETIENNE, summer, at("2027-08-05T10:00")).opens == at("2027-08-23T00:00")


def test_what_is_not_known_is_not_said_closed():
    for hours in ("", "sur rendez-vous"):
        assert opening(hours, SAINT_ETIENNE, [], at("2026-11-27T10:00")).state == "unknown"
    today = [(dt.date(2026, 11, 27), dt.date(2026, 11, 27))]
    assert opening("", SAINT_ETIENNE, today, at("2026-11-27T10:00")).state == "closed"
    # Hours of a year that has passed open no more.
    assert opening("2020 Mo-Fr 09:00-12:00", SAINT_ETIENNE, [], at("2026-11-27T10:00")).opens is None


@pytest.mark.parametrize(
    "commune, zone",
    [
        (SAINT_ETIENNE, "Europe/Paris"), ("97105", "America/Guadeloupe"), ("97411", "Indian/Reunion"),
        ("98735", "Pacific/Tahiti"), ("98731", "Pacific/Marquesas"), ("2A004", "Europe/Paris"),
    ],
)  # fmt: skip
def test_hours_are_those_of_the_clocks_there(commune, zone):
    assert zone_of(commune) == ZoneInfo(zone)
    found = opening(OFFICE, commune, [], at("2026-11-27T09:30", ZoneInfo(zone)).astimezone(PARIS))
    assert found.state == "open"
    assert found.until_there == dt.datetime(2026, 11, 27, 12)


def test_local_days_off_close_where_they_are_off():
    abolition = "2027-05-27T10:00"  # a Thursday
    assert opening(OFFICE, "97105", [], at(abolition, zone_of("97105"))).state == "closed"
    assert opening(OFFICE, SAINT_ETIENNE, [], at(abolition)).state == "open"
    good_friday = "2027-03-26T10:00"
    assert opening(OFFICE, "67482", [], at(good_friday)).state == "closed"
    assert opening(OFFICE, SAINT_ETIENNE, [], at(good_friday)).state == "open"
    # Only where the hours say that holidays are off.
    assert opening("Mo-Fr 09:00-12:00", "67482", [], at(good_friday)).state == "open"
    assert opening("Mo-Fr 09:00-12:00; Sa,PH off", "67482", [], at(good_friday)).state == "closed"


def test_a_week_is_told_in_french():
    days = week(OFFICE, SAINT_ETIENNE, [(dt.date(2026, 12, 22), dt.date(2026, 12, 22))], dt.date(2026, 12, 21))
    told = [[text.replace("\u00a0", " ") for text in times] for _day, times in days]
    assert told[0] == ["9 h – 12 h", "14 h – 17 h"]
    assert told[1] == []  # closed that day
    assert told[4] == []  # Christmas
    night = week("Fr 20:30-02:00", SAINT_ETIENNE, [], dt.date(2026, 11, 27))
    assert [text.replace("\u00a0", " ") for _day, times in night for text in times] == [
        "20 h 30 – minuit",
        "minuit – 2 h",
    ]
    assert week("n’importe quoi", SAINT_ETIENNE, [], dt.date(2026, 11, 27)) == []


def test_hours_that_cannot_be_read_are_refused_with_an_example():
    check_hours("")
    check_hours(OFFICE)
    with pytest.raises(Refused, match="Écrivez par exemple"):
        check_hours("du lundi au vendredi")
