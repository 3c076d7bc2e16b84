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
