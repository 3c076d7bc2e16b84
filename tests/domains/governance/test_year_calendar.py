"""The calendar of a year is proposed from the year before, the rhythms and the law, then prepared in one go."""

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from prevenance.core.refusals import Refused
from prevenance.domains.governance.actions import bodies
from prevenance.domains.governance.actions.calendar import Planned, plan_year
from prevenance.domains.governance.analysis.calendar import proposed_year
from prevenance.domains.governance.models import Body, Meeting
from prevenance.domains.governance.rules.calendar import USUAL, Slot, propose, public_holidays
from tests.factories import CouncilFactory, MeetingFactory, actor, coordinator_of, scope_of, territory

PARIS = timezone.get_default_timezone()
YEAR = 2027


def slot(day):
    return Slot(7, "Plénière", day, dt.time(9, 30), dt.time(11, 30), "Mairie")


def proposals(count, last=(), known=(), off=frozenset()):
    return propose(7, "Plénière", YEAR, count, last=[slot(day) for day in last], known=known, off=off)


# ------------------------------------------------------------------------------------------------- the rule

days_of_last_year = st.lists(st.dates(dt.date(YEAR - 1, 1, 1), dt.date(YEAR - 1, 12, 31)), max_size=8)
days_of_the_year = st.lists(st.dates(dt.date(YEAR, 1, 1), dt.date(YEAR, 12, 31)), max_size=4, unique=True)


@settings(max_examples=200)
@given(st.integers(0, 12), days_of_last_year, days_of_the_year)
def test_each_proposal_is_a_working_day_of_the_year_once_and_no_more_than_asked(count, last, known):
    off = public_holidays(["42218"], YEAR)
    found = proposals(count, last, known, off)
    days = [one.day for one in found]
    assert len(set(days)) == len(days)
    assert all(day.year == YEAR and day.weekday() < 5 and day not in off for day in days)
    assert not set(days) & set(known)
    assert len(days) + len(known) <= max(count, len(set(last)), len(known))
    assert days == sorted(days)


@given(st.integers(1, 12))
def test_without_a_past_a_rhythm_gives_as_many_meetings_and_none_in_august(count):
    found = proposals(count)
    assert len(found) == count
    assert not [one for one in found if one.day.month == 8]
    assert {(one.start, one.end) for one in found} == {USUAL}


@given(st.dates(dt.date(YEAR - 1, 1, 4), dt.date(YEAR - 1, 12, 31)))
def test_last_year_comes_back_on_the_same_weekday_within_twelve_months(day):
    if day.weekday() > 4 or (day + dt.timedelta(days=364)).year != YEAR:
        return
    (found,) = proposals(1, [day], off=public_holidays([], YEAR))
    assert found.day.weekday() == day.weekday()
    # Twelve months are never exceeded, but in the first days of January, when no earlier week is of the year.
    assert found.day - day <= dt.timedelta(days=364) or found.day.timetuple().tm_yday < 15
    assert (found.start, found.place) == (dt.time(9, 30), "Mairie")


def test_a_holiday_moves_it_a_week_earlier():
    # 52 weeks after 16 July 2026 is 15 July; after 15 July 2026, a Wednesday, is 14 July 2027.
    (found,) = proposals(1, [dt.date(2026, 7, 15)], off=public_holidays([], YEAR))
    assert found.day == dt.date(2027, 7, 7)


def test_what_is_already_set_nearby_is_not_proposed_again():
    assert proposals(1, [dt.date(2026, 6, 9)], known=[dt.date(2027, 6, 15)]) == []
    (found,) = proposals(2, [dt.date(2026, 3, 3), dt.date(2026, 10, 6)], known=[dt.date(2027, 10, 12)])
    assert found.day == dt.date(2027, 3, 2)


def test_holidays_are_those_of_the_place():
    """Published: in 2027 Good Friday is 26 March (Alsace-Moselle), abolition is 20 December at La Réunion."""
    common = public_holidays(["42218"], YEAR)
    assert dt.date(2027, 5, 6) in common  # Ascension
    assert dt.date(2027, 3, 26) not in common
    assert dt.date(2027, 3, 26) in public_holidays(["67482"], YEAR)
    assert dt.date(2027, 12, 20) in public_holidays(["97411"], YEAR)
    assert {dt.date(2027, 3, 26), dt.date(2027, 12, 20)} <= public_holidays(["57", "974"], YEAR)


# --------------------------------------------------------------------------------------------- of a council


@pytest.fixture
def autumn():
    with time_machine.travel(dt.datetime(2026, 11, 10, 9, 0, tzinfo=PARIS), tick=False):
        yield


@pytest.fixture
def council(autumn, db):
    council = CouncilFactory()
    plenary = council.bodies.get(kind="plenary")
    start = dt.datetime(2026, 3, 17, 14, 30, tzinfo=PARIS)
    MeetingFactory(
        body=plenary, title="Plénière de 2026", starts_at=start, ends_at=start + dt.timedelta(hours=2), state="held",
        convened_at=start,
    )  # fmt: skip
    return council


def by_body(council, year=YEAR):
    return {body.name: slots for body, slots in proposed_year(council, year)}


def test_the_law_and_the_rhythms_complete_last_year(council):
    by = coordinator_of(council)
    bodies.open_body(council=council, described=bodies.Described("Jeunes", meetings_per_year=4), by=by)
    silent = bodies.open_body(council=council, described=bodies.Described("Sans rythme"), by=by)
    found = by_body(council)
    plenary = council.bodies.get(kind="plenary").name
    (again,) = found[plenary]
    assert (again.title, again.day, again.start) == ("Plénière de 2027", dt.date(2027, 3, 16), dt.time(14, 30))
    assert len(found["Jeunes"]) == 4
    assert found[silent.name] == []


def test_a_council_that_did_not_meet_is_proposed_the_plenary_that_the_law_expects(autumn, db):
    council = CouncilFactory(territory=territory("commune", "42187"))
    assert [len(slots) for slots in by_body(council).values()] == [1]


def test_the_number_of_queries_does_not_grow_with_bodies(council):
    by = coordinator_of(council)
    with CaptureQueriesContext(connection) as few:
        proposed_year(council, YEAR)
    for rank in range(6):
        bodies.open_body(council=council, described=bodies.Described(f"Groupe {rank}", meetings_per_year=3), by=by)
    with CaptureQueriesContext(connection) as many:
        proposed_year(council, YEAR)
    assert len(many) == len(few)


def form_of(page):
    """What the browser would send back, unchanged."""
    formset = page.context["formset"]
    data = {f"form-{name}": value for name, value in formset.management_form.initial.items()}
    for form in formset:
        for field in form:
            value = field.value()
            if value is True:
                data[field.html_name] = "on"
            elif value is not None:
                data[field.html_name] = value.isoformat() if isinstance(value, dt.date) else str(value)
    return data


def test_the_screen_prepares_drafts_in_one_go_and_twice_changes_nothing(council, sign_in):
    by = coordinator_of(council)
    bodies.open_body(council=council, described=bodies.Described("Jeunes", meetings_per_year=4), by=by)
    client, page = sign_in(by), reverse("governance:year_calendar", args=[council.pk])
    shown = client.get(page)
    sent = form_of(shown)
    assert client.post(page, sent).status_code == 302
    drafts = Meeting.objects.filter(council=council, state="draft")
    assert drafts.count() == 5
    assert client.post(page, sent).status_code == 302
    assert drafts.count() == 5
    assert "Tout est déjà préparé" in client.get(page).content.decode()


def test_a_wrong_line_keeps_everything_on_screen_and_a_line_left_is_not_checked(council, sign_in):
    client, page = sign_in(coordinator_of(council)), reverse("governance:year_calendar", args=[council.pk])
    sent = form_of(client.get(page)) | {"form-0-end": "08:00", "form-0-place": "Salle d’à côté"}
    refused = client.post(page, sent)
    assert refused.status_code == 422
    assert "doit finir après avoir commencé" in refused.content.decode()
    assert "Salle d’à côté" in refused.content.decode()
    left = {name: value for name, value in sent.items() if name != "form-0-keep"}
    answer = client.post(page, left)
    assert answer.status_code == 422
    assert "Cochez au moins une réunion" in answer.content.decode()
    assert Meeting.objects.filter(council=council, state="draft").count() == 0


def test_a_body_of_another_council_or_closed_is_not_planned(council, sign_in):
    other = CouncilFactory(territory=territory("commune", "42187"))
    start = dt.datetime(2027, 3, 2, 14, 0, tzinfo=PARIS)
    line = Planned(Body.objects.get(council=other), "Plénière", start, start + dt.timedelta(hours=1), "")
    with pytest.raises(Refused, match="autre conseil"):
        plan_year(council=council, planned=[line], by=coordinator_of(council))
    page = reverse("governance:year_calendar", args=[council.pk])
    client = sign_in(coordinator_of(council))
    sent = form_of(client.get(page)) | {"form-0-body": str(line.body.pk)}
    assert client.post(page, sent).status_code == 422
    assert Meeting.objects.filter(state="draft").count() == 0


def test_whoever_does_not_hold_the_council_plans_nothing(council):
    with pytest.raises(Refused):
        plan_year(council=council, planned=[], by=actor("prefect_office", scope_of(territory("departement", "42"))))


@pytest.mark.django_db
def test_a_new_meeting_is_proposed_where_and_when_its_body_last_met(sign_in):
    council = CouncilFactory(territory=territory("commune", "42187"))
    client, page = sign_in(coordinator_of(council)), reverse("governance:meeting_create", args=[council.pk])
    plenary, other = council.bodies.get(kind="plenary"), Body.objects.create(council=council, kind="group", name="G")
    assert client.get(page).context["form"].initial == {}
    for month, state, place in ((1, "approved", "Ancienne"), (3, "held", "Salle d’été"), (5, "cancelled", "Autre")):
        start = dt.datetime(2026, month, 3, 14, 30, tzinfo=PARIS)
        MeetingFactory(
            body=plenary, starts_at=start, ends_at=start + dt.timedelta(hours=2), state=state, place=place,
            convened_at=start - dt.timedelta(days=20),
        )  # fmt: skip
    proposed = {"body": plenary.pk, "start": dt.time(14, 30), "end": dt.time(16, 30), "place": "Salle d’été"}
    assert client.get(page).context["form"].initial == proposed
    assert client.get(page + f"?formation={plenary.pk}").context["form"].initial == proposed
    assert client.get(page + f"?formation={other.pk}").context["form"].initial == {"body": other.pk}
