"""Hours of clinics and stops: from a rhythm to OSM syntax and words, their next days, their mean."""

import datetime as dt

import pytest

from prevenance.domains.directory.rules.rhythms import Rhythm, coming, in_words, rhythm_of, weekly_mean

TOWN = "42218"
NINE, NOON = dt.time(9), dt.time(12, 30)


@pytest.mark.parametrize(
    "every, day, syntax, words",
    [
        ("weekly", 1, "Tu 09:00-12:30; PH off", "le mardi, de 9 h à 12 h 30"),
        ("even", 2, "week 02-52/2 We 09:00-12:30; PH off", "le mercredi des semaines paires, de 9 h à 12 h 30"),
        ("odd", 2, "week 01-53/2 We 09:00-12:30; PH off", "le mercredi des semaines impaires, de 9 h à 12 h 30"),
        ("1", 1, "Tu[1] 09:00-12:30; PH off", "le premier mardi du mois, de 9 h à 12 h 30"),
        ("-1", 6, "Su[-1] 09:00-12:30; PH off", "le dernier dimanche du mois, de 9 h à 12 h 30"),
    ],
)
def test_a_rhythm_is_written_read_and_said(every, day, syntax, words):
    rhythm = Rhythm(every, day, NINE, NOON)
    assert rhythm.syntax == syntax
    assert rhythm_of(syntax) == rhythm
    assert in_words(syntax).replace("\u00a0", " ") == words


@pytest.mark.parametrize(
    "hours", ["Tu[1,3] 14:00-17:00", "Mo-Fr 09:00-12:00", "Tu 09:00-12:00,14:00-17:00", "Tu 99:00-12:00"]
)
def test_what_no_rhythm_says_stays_as_it_is_written(hours):
    assert rhythm_of(hours) is None
    assert in_words(hours) == hours


def test_the_first_tuesday_of_each_month():
    days = [day for day, _openings in coming("Tu[1] 14:00-17:00", TOWN, [], dt.date(2026, 12, 2), None, 3)]
    assert days == [dt.date(2027, 1, 5), dt.date(2027, 2, 2), dt.date(2027, 3, 2)]


def test_every_other_week_but_days_off_and_closures():
    hours = Rhythm("odd", 4, NINE, NOON).syntax  # Fridays; 1 January 2027, of week 53, is a day off
    shut = [(dt.date(2027, 1, 4), dt.date(2027, 1, 10))]  # week 1
    days = [day for day, _openings in coming(hours, TOWN, shut, dt.date(2026, 12, 14), None, 2)]
    assert days == [dt.date(2026, 12, 18), dt.date(2027, 1, 22)]


def test_nothing_comes_after_the_last_day():
    assert coming("Tu 14:00-17:00", TOWN, [], dt.date(2026, 12, 2), dt.date(2026, 12, 14), 5) == [
        (dt.date(2026, 12, 8), ["14\u00a0h – 17\u00a0h"])
    ]
    assert coming("n’importe quoi", TOWN, [], dt.date(2026, 12, 2), None, 5) == []


def test_the_mean_of_a_week_is_that_of_a_year():
    first = dt.date(2026, 1, 5)
    assert weekly_mean("Tu 14:00-17:00", TOWN, first) == pytest.approx(3)
    assert weekly_mean("week 02-52/2 Tu 14:00-17:00", TOWN, first) == pytest.approx(1.5)
    assert weekly_mean("Tu[1] 14:00-17:00", TOWN, first) == pytest.approx(12 * 3 / 52)
    # Days off are not worked: a Monday loses Easter Monday and Whit Monday.
    assert weekly_mean("Mo 14:00-17:00; PH off", TOWN, first) == pytest.approx(50 * 3 / 52)
    assert weekly_mean("2020 Tu 14:00-17:00", TOWN, first) == 0
