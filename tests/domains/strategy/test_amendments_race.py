"""Two people put in force at the same moment, in real transactions."""

import datetime as dt
import threading

import pytest
from django.db import connection, connections

from prevenance.core.refusals import Refused
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.strategy.actions import amendments as actions
from prevenance.domains.strategy.models import Provision
from prevenance.domains.strategy.rules.amendments import digest
from tests import database
from tests.domains.strategy.acts import sign
from tests.factories import CouncilFactory, actor, coordinator_of
from tests.factories.strategy import PlanFactory

TODAY = dt.date.today()


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


def at_once(*calls):
    """Errors of calls made at the same moment, None for one that went through."""
    start, results = threading.Barrier(len(calls)), [None] * len(calls)

    def run(rank, call):
        try:
            start.wait(timeout=20)
            call()
        except Exception as error:  # noqa: BLE001  (shown by the test, in its own thread)
            results[rank] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def test_one_takes_effect_once_and_two_plans_of_a_kind_never_together(committed):
    council = CouncilFactory()
    mayor, lead = actor("mayor", council.scope.holder), coordinator_of(council)
    ready = []
    for _rank in range(2):
        plan = PlanFactory(council=council, scope=council.scope.holder, territory=council.territory)
        first = plan.amendments.get()
        actions.write_part(amendment=first, part="preamble", text="Un.", seen=digest(""), by=mayor)
        sign(actions.prepare_act(amendment=first, by=mayor), mayor)
        ready.append(first)
    results = at_once(
        lambda: actions.take_effect(amendment=ready[0], by=mayor),
        lambda: actions.take_effect(amendment=ready[0], by=lead),
        lambda: actions.take_effect(amendment=ready[1], by=mayor),
    )
    assert results.count(None) == 1, results
    assert all(isinstance(one, Refused) for one in results if one is not None), results
    assert Provision.objects.count() == 1


def test_three_tabs_write_a_part_once(committed):
    council = CouncilFactory()
    plan = PlanFactory(council=council, scope=council.scope.holder, territory=council.territory)
    mayor, first = actor("mayor", council.scope.holder), plan.amendments.get()

    def write(text):
        return lambda: actions.write_part(amendment=first, part="preamble", text=text, seen=digest(""), by=mayor)

    results = at_once(write("Un."), write("Deux."), write("Trois."))
    assert results.count(None) == 1, results
    assert all(isinstance(one, Stale) for one in results if one is not None), results
    assert first.changes.count() == 1
