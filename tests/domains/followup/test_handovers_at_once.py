"""Two coordinators take a file at the same moment, in two real transactions: one has it, the other is told so."""

import threading

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from prevenance.core.row_security import act_as
from prevenance.domains.followup import actions
from prevenance.domains.followup.models import FollowUp, Handover
from prevenance.domains.governance.rules.councils import Stale
from tests import database
from tests.factories.followup import Compartment


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


def test_of_two_who_accept_at_once_one_takes_the_file(committed):
    with transaction.atomic():
        here, there = Compartment(), Compartment("42187")
        deputy = there.member("deputy", there.council.scope)
        file = here.file()
        here.takes_part(file, here.members[0])
        handover = actions.propose_handover(
            followup=file, body=there.body, agreed_by="person", agreed_on=timezone.localdate(), outcome="same",
            by=here.members[0],
        )  # fmt: skip
    start, taken, told = threading.Barrier(2), [], []

    def accept(who):
        try:
            with transaction.atomic():
                act_as(who.mandate_id)
                mine = Handover.objects.get(pk=handover.pk)
                start.wait(timeout=20)
                taken.append(actions.accept_handover(handover=mine, by=who).pk)
        except Stale as stale:
            told.append(stale.reason)
        finally:
            connection.close()

    threads = [threading.Thread(target=accept, args=(who,)) for who in (there.coordinator, deputy)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(taken) == 1
    assert told == ["Ce passage de relais est déjà accepté."]
    with transaction.atomic():
        there.acting(there.coordinator)
        assert list(FollowUp.objects.filter(body=there.body).values_list("pk", flat=True)) == taken
