"""One's meetings in one's own calendar, by an address that is told once and that one can close."""

import datetime as dt

import icalendar
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from prevenance.core.models import AuditRow
from prevenance.domains.governance.actions.feeds import close_feed, renew_feed
from prevenance.domains.governance.models import CalendarFeed, Meeting
from tests.domains.governance.council_that_meets import CouncilThatMeets
from tests.factories import MembershipFactory, actor, scope_of, territory
from tests.house.test_no_names import NominativeGroup

pytestmark = pytest.mark.django_db


def read(secret):
    """(response, entries) of a program without an account."""
    response = Client().get(reverse("governance:feed", args=[secret]))
    if response.status_code != 200:
        return response, None
    return response, icalendar.Calendar.from_ical(response.content).walk("VEVENT")


def member(ours, number=0):
    return actor("group_member", ours.council.scope, person=ours.person(number))


def test_the_address_is_told_once_and_gives_the_meetings_of_its_person_alone(sign_in):
    ours = CouncilThatMeets()
    convened, draft = ours.convened(), ours.prepared()
    client = sign_in(member(ours))
    told = client.post(reverse("governance:feed_renew")).content.decode()
    feed = CalendarFeed.objects.get()
    secret = told.split("/conseils/agenda/")[1].split(".ics")[0]
    response, events = read(secret)
    assert [str(event["uid"]) for event in events] == [f"{convened.uid}@prevenance"]
    assert str(draft.uid) not in response.content.decode()
    assert secret not in client.get(reverse("governance:feed_page")).content.decode()
    assert secret not in repr(vars(feed))
    assert secret not in "".join(map(str, AuditRow.objects.values_list("detail", flat=True)))
    assert "no-store" in response["Cache-Control"]
    assert "set-cookie" not in {name.lower() for name in response.headers}


def test_a_stranger_gets_nothing_of_it():
    CouncilThatMeets().convened()
    other = actor("trainer", scope_of(territory("commune", "42187")))
    assert read(renew_feed(by=other))[1] == []


def test_whoever_holds_a_council_has_its_meetings_and_a_member_who_left_has_them_no_more():
    ours = CouncilThatMeets()
    ours.convened()
    assert len(read(renew_feed(by=ours.coordinator))[1]) == 1
    assert len(read(renew_feed(by=ours.mayor))[1]) == 1
    leaver = member(ours)
    secret = renew_feed(by=leaver)
    assert len(read(secret)[1]) == 1
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    ours.members[0].valid_to = yesterday
    ours.members[0].save()
    assert read(secret)[1] == []


def test_another_address_closes_the_former_one_and_a_closed_or_invented_one_is_404():
    by = member(CouncilThatMeets())
    first = renew_feed(by=by)
    second = renew_feed(by=by)
    assert read(first)[0].status_code == 404
    assert read(second)[0].status_code == 200
    close_feed(by=by)
    assert read(second)[0].status_code == 404
    assert read("invented")[0].status_code == 404


def test_a_person_whose_account_is_closed_is_read_no_more():
    by = member(CouncilThatMeets())
    secret = renew_feed(by=by)
    by.person.is_active = False
    by.person.save()
    assert read(secret)[0].status_code == 404


def test_of_a_nominative_group_it_says_when_and_where_and_nothing_else():
    ours = NominativeGroup()
    meeting = ours.convened()
    _response, (event,) = read(renew_feed(by=ours.member()))
    assert str(event["summary"]).startswith("Réunion de groupe")
    assert "Point inventé" not in event.to_ical().decode()
    assert meeting.title not in event.to_ical().decode()


def test_one_or_ten_meetings_cost_the_same():
    ours = CouncilThatMeets()
    ours.convened()
    secret = renew_feed(by=member(ours))
    with CaptureQueriesContext(connection) as few:
        read(secret)
    for _rank in range(9):
        ours.convened()
    with CaptureQueriesContext(connection) as many:
        assert len(read(secret)[1]) == 10
    assert len(many) == len(few)
    Meeting.objects.update(starts_at=timezone.now() - dt.timedelta(days=400))
    assert read(secret)[1] == []


def test_the_same_body_twice_over_gives_one_entry():
    ours = CouncilThatMeets()
    ours.convened()
    MembershipFactory(body=ours.plenary, person=ours.coordinator.person)
    assert len(read(renew_feed(by=ours.coordinator))[1]) == 1
