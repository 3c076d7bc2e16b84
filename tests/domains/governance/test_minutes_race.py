"""Two approvals of one council at the same moment, in two real transactions: numbers follow, none is given twice."""

import threading

import pytest
from django.db import connection, connections

from prevenance.domains.governance.actions import minutes as actions
from prevenance.domains.governance.models import Decision
from prevenance.domains.governance.rules.minutes import digest
from tests import database
from tests.domains.governance.council_that_meets import CouncilThatMeets


@pytest.fixture
def committed(django_db_setup, django_db_blocker):
    """A database of one's own where everything is committed, so that two connections see each other."""
    settings = connections["default"].settings_dict
    shared = settings["NAME"]
    with database.copy_of(database.france()) as name, django_db_blocker.unblock():
        connection.close()
        settings["NAME"] = name
        try:
            yield
        finally:
            connection.close()
            settings["NAME"] = shared


def test_two_approvals_at_once_number_without_double_nor_hole(committed):
    ours = CouncilThatMeets()
    drafts = [(draft, digest(draft)) for draft in (ours.written() for _ in range(4))]
    start, errors = threading.Barrier(len(drafts)), []

    def approve(draft, seen):
        try:
            start.wait(timeout=20)
            actions.approve(minutes=draft, seen=seen, by=ours.mayor)
        except Exception as error:  # noqa: BLE001  (shown by the assertion below, in the test's own thread)
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=approve, args=pair) for pair in drafts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert errors == []
    assert sorted(Decision.objects.values_list("rank", flat=True)) == [1, 2, 3, 4]


def test_two_clicks_at_once_call_each_member_once(committed):
    from procrastinate.contrib.django.models import ProcrastinateJob

    from prevenance.domains.governance.actions import convocations
    from prevenance.domains.governance.rules.councils import Stale

    ours = CouncilThatMeets()
    meeting = ours.prepared()
    start, outcomes = threading.Barrier(2), []

    def convene():
        try:
            start.wait(timeout=20)
            outcomes.append(convocations.convene(meeting=meeting, by=ours.coordinator))
        except Stale:
            outcomes.append("stale")
        finally:
            connection.close()

    threads = [threading.Thread(target=convene) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(map(str, outcomes)) == ["3", "stale"]
    assert meeting.attendances.count() == 3
    assert ProcrastinateJob.objects.count() == 1  # one job writes to every member


def test_two_clicks_at_once_sign_once(committed):
    from django.db import transaction

    from prevenance.core.row_security import act_as
    from prevenance.domains.governance.actions import rulebooks
    from prevenance.domains.governance.models import Signature
    from prevenance.domains.governance.rules.councils import Stale
    from tests.domains.governance.rulebook_of_a_group import GroupWithRulebook

    ours = GroupWithRulebook()
    book, member = ours.adopted(), ours.member(0)
    start, outcomes = threading.Barrier(2), []

    def sign():
        try:
            start.wait(timeout=20)
            with transaction.atomic():
                act_as(member.mandate_id)
                outcomes.append(rulebooks.sign(rulebook=book, seen=book.digest, by=member).rank)
        except Stale:
            outcomes.append("stale")
        finally:
            connection.close()

    threads = [threading.Thread(target=sign) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(map(str, outcomes)) == ["1", "stale"]
    assert Signature.objects.count() == 1


def test_a_signature_and_a_replacement_at_once_leave_no_signature_on_a_replaced_text_given_after(committed):
    """Whichever comes first, the row says a text that was in force when it was signed."""
    from django.db import transaction
    from django.utils import timezone

    from prevenance.core.refusals import Refused
    from prevenance.core.row_security import act_as
    from prevenance.domains.governance.actions import rulebooks
    from prevenance.domains.governance.models import Rulebook, Signature
    from tests.domains.governance.rulebook_of_a_group import TEXT, GroupWithRulebook

    ours = GroupWithRulebook()
    first, member = ours.adopted(), ours.member(0)
    second = rulebooks.draft(body=ours.group, kind="rules", by=ours.coordinator)
    second = rulebooks.write(
        rulebook=second, edit=1, text=TEXT + "\nPlus.", change_note="", quorum=None, by=ours.coordinator
    )
    rulebooks.propose(rulebook=second, edit=2, on=timezone.localdate(), by=ours.coordinator)
    start, outcomes = threading.Barrier(2), []

    def together(act):
        try:
            start.wait(timeout=20)
            with transaction.atomic():
                act_as(member.mandate_id)
                act()
                outcomes.append("done")
        except Refused:
            outcomes.append("refused")
        finally:
            connection.close()

    acts = [
        lambda: rulebooks.sign(rulebook=first, seen=first.digest, by=member),
        lambda: rulebooks.adopt(rulebook=second, meeting=first.adopted_in, by=ours.mayor),
    ]
    threads = [threading.Thread(target=together, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert "done" in outcomes
    assert len(outcomes) == 2
    assert Rulebook.objects.in_force().get() == second
    assert Signature.objects.filter(rulebook=first).count() == outcomes.count("done") - 1


def test_two_clicks_at_once_open_one_calendar_address(committed):
    from prevenance.domains.governance.actions.feeds import renew_feed
    from prevenance.domains.governance.models import CalendarFeed
    from prevenance.domains.governance.rules.feeds import person_of

    by = CouncilThatMeets().coordinator
    start, secrets, errors = threading.Barrier(12), [], []

    def click():
        try:
            start.wait(timeout=20)
            secrets.append(renew_feed(by=by))
        except Exception as error:  # noqa: BLE001  (shown by the assertion below, in the test's own thread)
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert errors == []
    assert CalendarFeed.objects.count() == 1
    assert [person_of(secret) for secret in secrets].count(by.person) == 1
