"""The wall of the mayor's registers by SQL as the application role, and the law that the database itself holds."""

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from prevenance.core import vault
from prevenance.core.row_security import CLOCK, STATISTICS, act_as, as_role
from prevenance.domains.followup.analysis.clock import due_entries
from prevenance.domains.followup.jobs import purge
from prevenance.domains.followup.models import (
    CallProtocol,
    CallToOrder,
    RegisterCount,
    RegisterHold,
    RegisterSeries,
    Transaction,
)
from prevenance.domains.followup.models.registers import RegisterQuerySet
from prevenance.domains.followup.rules import calls as call_rules
from prevenance.domains.followup.rules import transactions as transaction_rules
from tests.factories import actor, scope_of, territory
from tests.factories.followup import Compartment
from tests.factories.registers import Register, fresh

pytestmark = pytest.mark.django_db

WALLED = (CallToOrder, Transaction, CallProtocol, RegisterSeries)
FORCED = (*WALLED, RegisterHold, RegisterCount)


@pytest.fixture
def here():
    return Register()


def refused(statement, values=(), match=None):
    with pytest.raises(DatabaseError, match=match), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def counts():
    """What the database gives of each table, with no condition of ours."""
    return [model._base_manager.count() for model in WALLED]


def test_every_table_is_forced_behind_the_wall():
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        forced = {row[0] for row in cursor.fetchall()}
    assert {model._meta.db_table for model in FORCED} <= forced


def test_the_mayor_and_the_delegate_reach_it_and_nobody_else(here, monkeypatch):
    here.protocol(check_required=False)
    here.call()
    here.transaction()
    own = [1, 1, 1, 2]
    for who in (here.mayor, here.delegate(None), here.delegate(["see_council", "hold_register"])):
        here.acting(who)
        assert counts() == own
    monkeypatch.setattr(RegisterQuerySet, "visible_to", lambda self, actor: self)  # the wall alone
    elsewhere = Register("42187")
    group = Compartment()
    strangers = [
        elsewhere.mayor, here.delegate(["see_council"]), group.coordinator, group.members[0],
        actor("deputy", group.council.scope), actor("epci_president", scope_of(territory("epci", "244200770"))),
        actor("prefect_office", scope_of(territory("departement", "42"))),
        actor("prosecutor_office", scope_of(territory("departement", "42"))),
        actor("data_protection_officer", here.scope), actor("evaluator", here.scope), actor("mediator", here.scope),
        actor("victim_support", here.scope), actor("national_secretariat", scope_of(territory("nation", "FR"))),
    ]  # fmt: skip
    for who in strangers:
        here.acting(who)
        assert counts() == [0, 0, 0, 0], who.role
        assert not CallToOrder.objects.visible_to(who).exists()
    act_as(None)
    assert counts() == [0, 0, 0, 0]


def test_a_mandate_that_ended_or_was_withdrawn_reaches_nothing(here):
    here.call()
    mandate = here.mayor.mandate
    type(mandate).objects.filter(pk=mandate.pk).update(valid_to=timezone.localdate() - dt.timedelta(days=1))
    assert counts() == [0, 0, 0, 0]
    type(mandate).objects.filter(pk=mandate.pk).update(valid_to=None)
    assert counts()[0] == 1
    type(mandate).objects.filter(pk=mandate.pk).update(withdrawn_at=timezone.now())
    assert counts() == [0, 0, 0, 0]


def test_nothing_is_written_in_another_communes_register(here):
    entry = here.call()
    elsewhere = Register("42187")
    refused("UPDATE followup_calltoorder SET scope_id = %s", [elsewhere.scope.pk], "permission denied")
    refused(
        "INSERT INTO followup_callprotocol (scope_id, signed_on, check_required, delay_days, silence_allows,"
        " recorded_by_id, recorded_at) VALUES (%s, now(), false, 0, false, %s, now())",
        [here.scope.pk, elsewhere.mayor.person_id], "row-level security",
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("UPDATE followup_calltoorder SET facts_on = facts_on WHERE id = %s", [entry.pk])
        assert cursor.rowcount == 0


def test_nothing_nominative_is_in_clear(here):
    entries = [here.call(state="held"), here.transaction(state="offered", hours=10)]
    for entry in entries:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT t::text FROM {entry._meta.db_table} t WHERE id = %s", [entry.pk])
            row = cursor.fetchone()[0]
        for word in (
            "Inventé",
            "Zéphyr",
            "Noé",
            "1988",
            "Nulle-Part",
            "noise",
            "quiet",
            "R635",
            "furniture",
            "cleaning",
        ):
            assert word not in row
            assert word.encode().hex() not in row


@pytest.mark.parametrize(
    ("function", "following"),
    [("followup_call_next", call_rules.NEXT), ("followup_transaction_next", transaction_rules.NEXT)],
)
def test_the_database_and_the_rules_hold_the_same_states(function, following):
    for state, after in following.items():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [str(state)])
            assert cursor.fetchone()[0] == [str(one) for one in after], state
    model = CallToOrder if "call" in function else Transaction
    assert set(following) == set(model.State.values)


def test_the_database_lets_no_state_be_skipped_nor_an_end_be_undone(here):
    call, entry = here.call(), here.transaction()
    refused("UPDATE followup_calltoorder SET state = 'held'", match="does not go from reported to held")
    refused("UPDATE followup_transaction SET state = 'accepted'", match="does not go from recorded to accepted")
    with pytest.raises(DatabaseError, match="begins with what was reported"), transaction.atomic():
        CallToOrder.objects.create(
            scope=here.scope, number="2026-900", opened_on=call.opened_on, opened_by=here.mayor.person,
            facts_on=call.facts_on, purge_on=call.purge_on, key=vault.new(), state="ended", ended_on=call.opened_on,
        )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("UPDATE followup_calltoorder SET state = 'dropped', ended_on = opened_on")
        cursor.execute("UPDATE followup_transaction SET state = 'dropped', ended_on = opened_on")
    for table in ("calltoorder", "transaction"):
        refused(f"UPDATE followup_{table} SET ended_on = NULL, state = state", match="ended does not change")
        refused(f"UPDATE followup_{table} SET purge_on = purge_on + 1", match="ended does not change")
        refused(f"DELETE FROM followup_{table}", match="permission denied")
    assert fresh(call).state == fresh(entry).state == "dropped"


def test_the_database_keeps_the_clock_within_the_law(here):
    here.call()
    here.transaction()
    for table in ("calltoorder", "transaction"):
        refused(f"UPDATE followup_{table} SET purge_on = purge_on + 1", match="erased in time")
        refused(
            f"UPDATE followup_{table} SET state = 'dropped', ended_on = opened_on, purge_on = opened_on + 3650",
            match="erased in time",
        )


OFFER = "UPDATE followup_transaction SET state = 'offered', delivery = 'receipt', execute_days = 10, offered_on = "


def test_the_database_refuses_more_than_thirty_hours_or_a_late_offer(here):
    entry = here.transaction()
    refused(OFFER + "pv_on, work_hours = 31", match="longer than the law allows")
    refused(OFFER + "pv_on, work_hours = 0", match="longer than the law allows")
    refused(OFFER + "pv_on + 40", match="deadline of the offer has passed")
    refused("UPDATE followup_transaction SET offer_due_on = offer_due_on + 1", match="runs from the record")
    refused(
        OFFER + "pv_on, received_on = pv_on, answer_due_on = pv_on + 30", match="day when the offer was handed over"
    )
    with connection.cursor() as cursor:
        cursor.execute(OFFER + "pv_on, work_hours = 30")
    refused("UPDATE followup_transaction SET work_hours = 20", match="what was offered does not change")
    refused("UPDATE followup_transaction SET state = 'refused'", match="silence is a refusal once")
    assert fresh(entry).work_hours == 30


def test_the_database_knows_who_homologates_and_by_when(here):
    work = here.transaction(state="submitted", hours=12)
    move = "UPDATE followup_transaction SET state = 'homologated', decided_on = submitted_on,"
    refused(move + " homologated_by = 'prosecutor', execute_by = submitted_on + 30", match="homologated_by_who_may")
    refused(move + " homologated_by = 'judge', execute_by = submitted_on + 31", match="that of the offer")
    with connection.cursor() as cursor:
        cursor.execute(move + " homologated_by = 'judge', execute_by = submitted_on + 30")
    refused("UPDATE followup_transaction SET state = 'failed'", match="deadline of execution has not passed")
    assert fresh(work).state == "homologated"


def test_the_database_has_the_prosecutor_asked_where_the_protocol_says(here):
    here.protocol()
    here.call()
    convene = "UPDATE followup_calltoorder SET state = 'convened', convened_on = opened_on, meets_at = now()"
    refused(convene, match="prosecutor asked first")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE followup_calltoorder SET state = 'asked', asked_on = opened_on, answer_due_on = opened_on + 10"
        )
    refused("UPDATE followup_calltoorder SET state = 'cleared'", match="has not answered")


def test_the_database_lets_only_the_mayor_or_a_delegate_hold_the_interview(here):
    here.call(state="convened")
    stranger = here.delegate(["see_council"])
    here.acting(here.mayor)
    held = "UPDATE followup_calltoorder SET state = 'held', held_on = convened_on, held_by_id = %s"
    refused(held, [stranger.person_id], "nobody else")
    delegate = here.delegate(["hold_register"])
    here.acting(here.mayor)
    with connection.cursor() as cursor:
        cursor.execute(held, [delegate.person_id])


def test_the_clock_deletes_what_is_due_and_reads_no_name(here):
    due, later, paid = here.call(), here.call(), here.transaction()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE followup_calltoorder SET purge_on = opened_on WHERE id = %s", [due.pk])
        cursor.execute("UPDATE followup_transaction SET purge_on = opened_on")
    act_as(None)
    today = timezone.localdate()
    assert (due_entries("calls", today), due_entries("transactions", today)) == ([due.pk], [paid.pk])
    with transaction.atomic(), as_role(CLOCK), connection.cursor() as cursor:
        cursor.execute("DELETE FROM followup_calltoorder RETURNING id")
        assert cursor.fetchall() == [(due.pk,)]
    for column in ("family_name", "facts", "birth_date"):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), as_role(CLOCK):
            CallToOrder._base_manager.values_list(column, flat=True).first()
    for model in WALLED:
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), as_role(STATISTICS):
            model._base_manager.values_list("pk", flat=True).first()
    here.acting(here.mayor)
    assert set(CallToOrder.objects.all()) == {later}


def test_the_nightly_purge_erases_what_is_due_with_its_key(here, django_capture_on_commit_callbacks):
    due, later = here.call(), here.transaction()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE followup_calltoorder SET purge_on = opened_on")
    with django_capture_on_commit_callbacks(execute=True):
        purge(timestamp=0)
    here.acting(here.mayor)
    assert not CallToOrder.objects.exists()
    assert Transaction.objects.get() == later
    with pytest.raises(vault.KeyLost):
        vault.open(due.key)
    vault.open(later.key)
