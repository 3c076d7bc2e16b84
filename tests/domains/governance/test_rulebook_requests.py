"""Members are asked by mail to sign: at the adoption, then on Mondays, at most once a week."""

import datetime as dt

import pytest
from django.utils import timezone

from prevenance.core.refusals import Refused
from prevenance.domains.governance import jobs
from prevenance.domains.governance.actions import rulebooks as actions
from prevenance.domains.governance.analysis.rulebooks import unsigned_people
from tests.domains.governance.jobs import run_jobs
from tests.domains.governance.rulebook_of_a_group import GroupWithRulebook
from tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def group():
    return GroupWithRulebook()


def test_adoption_asks_each_member_once_a_week_and_stops_when_signed(group, mailoutbox, monkeypatch):
    book = group.adopted()
    assert run_jobs() == 3
    assert sorted(mail.to[0] for mail in mailoutbox) == sorted(seat.person.email for seat in group.seats)
    assert "/reglements/" in mailoutbox[0].body
    actions.ask_signatures(rulebook=book, by=group.coordinator)
    run_jobs()
    assert len(mailoutbox) == 3  # once a week
    group.sign(book, 0)
    next_week = timezone.localdate() + dt.timedelta(days=7)
    monkeypatch.setattr(jobs.timezone, "localdate", lambda: next_week)
    jobs.remind_signatories.func(timestamp=0)
    run_jobs()
    assert len(mailoutbox) == 5
    assert group.seats[0].person.email not in {mail.to[0] for mail in mailoutbox[3:]}


def test_nobody_without_an_account_nor_of_a_council_that_ended_is_written_to(group, mailoutbox):
    seat = MembershipFactory(body=group.group)
    book = group.adopted()
    assert seat.person_id not in unsigned_people([book])
    group.council.ended_on = timezone.localdate()
    group.council.save()
    run_jobs()
    assert mailoutbox == []


def test_only_who_holds_the_council_asks_for_signatures(group):
    book = group.adopted()
    with pytest.raises(Refused):
        actions.ask_signatures(rulebook=book, by=group.member(0))
    with pytest.raises(Refused, match="pas encore adopté"):
        actions.ask_signatures(rulebook=group.proposed(kind="charter"), by=group.coordinator)
