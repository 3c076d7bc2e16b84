"""Calls to order: what the law keeps out, each step in its order, each deadline, and who may do it."""

import datetime as dt

import pytest
import time_machine
from django.db import connection

from prevenance.core import vault
from prevenance.core.refusals import Refused
from prevenance.domains.followup.actions import calls, registers
from prevenance.domains.followup.analysis.registers import deadlines, said_of
from prevenance.domains.followup.models import CallToOrder, RegisterTerm
from prevenance.domains.followup.rules import registers as rules
from prevenance.domains.governance.rules.councils import Stale
from tests.factories import actor, coordinator_of, scope_of, territory
from tests.factories.followup import Compartment
from tests.factories.registers import IDENTITY, MINOR, NOTHING, PARENTS, Register, fresh

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 25)
NOW = dt.datetime(2026, 11, 25, 9, tzinfo=dt.UTC)


@pytest.fixture
def here():
    with time_machine.travel(NOW, tick=False):
        yield Register()


def on(day):
    return time_machine.travel(dt.datetime.combine(day, dt.time(9), tzinfo=dt.UTC), tick=False)


def test_its_path_to_its_end(here):
    call = here.call(state="ended")
    said = said_of(call)
    assert (said["family_name"], said["facts"], said["reminded"]) == ("Inventé-Zéphyr", "noise", "quiet")
    assert call.number == "2026-001"
    assert str(call) == "Rappel à l’ordre\u00a02026-001"
    assert (call.held_by_id, call.informed_on, call.ended_on) == (here.mayor.person_id, TODAY, TODAY)
    assert call.purge_on == dt.date(2027, 5, 25)  # six months, from the data file
    assert here.call().number == "2026-002"
    assert Register("42187").call().number == "2026-001"


@pytest.mark.parametrize(
    ("which", "sentence"),
    [("crime", "crime ou un délit"), ("complaint", "Une plainte"), ("procedure", "Une procédure judiciaire")],
)
def test_what_the_law_keeps_out_is_refused_and_leaves_nothing(here, which, sentence):
    possible = calls.Possible(**({"crime": False, "complaint": False, "procedure": False} | {which: True}))
    with pytest.raises(Refused, match=sentence):
        here.call(possible=possible)
    assert not CallToOrder.objects.exists()
    assert list(vault.known()) == []  # not even a key


def test_codes_and_dates_are_checked(here):
    with pytest.raises(Refused, match="dans la liste"):
        here.call(facts="robbery")
    with pytest.raises(Refused, match="à venir"):
        here.call(facts_on=TODAY + dt.timedelta(days=1))
    with pytest.raises(Refused, match="naissance est à venir"):
        here.call(identity={"birth_date": "2026-12-01"})


def test_only_the_mayor_and_a_delegate_of_the_registers(here):
    group = Compartment()
    others = [
        here.delegate(["see_council"]), group.coordinator, coordinator_of(group.council), Register("42187").mayor,
        actor("prefect_office", scope_of(territory("departement", "42"))),
        actor("epci_president", scope_of(territory("epci", "244200770"))),
    ]  # fmt: skip
    for who in others:
        with pytest.raises(Refused, match="tenus par le maire"):
            calls.open_call(
                scope=here.scope, possible=NOTHING, facts="noise", facts_on=TODAY, identity=IDENTITY, by=who
            )
        with pytest.raises(Refused):
            registers.declare_protocol(
                scope=here.scope, signed_on=TODAY, check_required=False, delay_days=0, silence_allows=False, by=who
            )
    delegate = here.acting(here.delegate(["hold_register"]))
    opened = calls.open_call(
        scope=here.scope, possible=NOTHING, facts="noise", facts_on=TODAY, identity=IDENTITY, by=delegate
    )
    assert opened.opened_by == delegate.person


def test_the_prosecutor_check_binds_where_the_protocol_says(here):
    here.protocol()
    call = here.call()
    with pytest.raises(Refused, match="consulter d’abord le procureur"):
        here.convened(call)
    call = calls.ask_prosecutor(call=call, asked_on=TODAY, seen=call.edit, by=here.mayor)
    assert call.answer_due_on == TODAY + dt.timedelta(days=10)
    with pytest.raises(Stale):
        here.convened(call)
    with on(TODAY + dt.timedelta(days=30)), pytest.raises(Refused, match="ne permet pas de poursuivre"):
        calls.record_answer(call=call, objects=False, answered_on=None, seen=call.edit, by=here.mayor)
    call = calls.record_answer(call=call, objects=False, answered_on=TODAY, seen=call.edit, by=here.mayor)
    assert here.convened(call).state == "convened"


def test_without_a_protocol_nobody_is_asked(here):
    call = here.call()
    with pytest.raises(Refused, match="Aucun protocole"):
        calls.ask_prosecutor(call=call, asked_on=TODAY, seen=call.edit, by=here.mayor)
    here.protocol()
    here.protocol(signed_on=dt.date(2026, 1, 1), check_required=False)  # a later one says no check
    assert here.convened(call).state == "convened"


def test_silence_stands_only_after_its_delay_where_the_protocol_says(here):
    here.protocol(silence_allows=True)
    call = here.call()
    call = calls.ask_prosecutor(call=call, asked_on=TODAY, seen=call.edit, by=here.mayor)
    with on(call.answer_due_on), pytest.raises(Refused, match="n’est pas passé"):
        calls.record_answer(call=call, objects=False, answered_on=None, seen=call.edit, by=here.mayor)
    assert fresh(call).state == "asked"


def test_silence_lets_it_go_on_once_the_delay_has_passed(here):
    """The database compares with its own clock: the delay lies in a past that is past for it too."""
    with on(dt.date(2026, 11, 2)):
        here.protocol(silence_allows=True)
        call = here.call()
        call = calls.ask_prosecutor(call=call, asked_on=call.opened_on, seen=call.edit, by=here.mayor)
    call = calls.record_answer(call=call, objects=False, answered_on=None, seen=call.edit, by=here.mayor)
    assert (call.state, call.answered_on) == ("cleared", None)
    assert here.convened(call).state == "convened"


def test_an_objection_ends_it(here):
    here.protocol()
    call = here.call()
    call = calls.ask_prosecutor(call=call, asked_on=TODAY, seen=call.edit, by=here.mayor)
    call = calls.record_answer(call=call, objects=True, answered_on=TODAY, seen=call.edit, by=here.mayor)
    assert (call.state, call.ended_on, said_of(call)["end_reason"]) == ("objected", TODAY, "prosecutor")
    with pytest.raises(Stale):
        here.convened(call)


def test_a_minor_comes_with_their_parents_unless_impossible(here):
    call = here.call(identity={"birth_date": MINOR})
    with pytest.raises(Refused, match="avec ses parents"):
        here.convened(call)
    call = here.convened(call, identity=PARENTS)
    with pytest.raises(Refused, match="Un mineur est reçu"):
        here.held(call)
    call = here.held(call, presence="parents")
    assert said_of(call)["parents"] == PARENTS["parents"]
    alone = here.convened(here.call(identity={"birth_date": MINOR}), no_parents="away")
    assert said_of(alone)["no_parents"] == "away"
    assert here.held(alone, presence="impossible").state == "held"
    adult = here.convened(here.call())
    with pytest.raises(Refused, match="majeure"):
        here.held(adult, presence="parents")


def test_majority_is_that_of_the_day_of_the_interview(here):
    eighteen = here.call(identity={"birth_date": "2008-11-25"})
    assert here.convened(eighteen).state == "convened"
    nearly = here.call(identity={"birth_date": "2008-11-26"})
    with pytest.raises(Refused, match="avec ses parents"):
        here.convened(nearly)


def test_nobody_else_holds_the_interview(here):
    call = here.call(state="convened")
    stranger = here.delegate(["see_council"])
    here.acting(here.mayor)
    with pytest.raises(Refused, match="Seul le maire"):
        here.held(call, held_by=stranger.person)
    delegate = here.delegate(["hold_register"])
    here.acting(here.mayor)
    assert here.held(call, held_by=delegate.person).held_by == delegate.person


def test_the_record_is_from_closed_lists_and_dated(here):
    call = here.call(state="convened")
    for wrong in ({"reminded": []}, {"reminded": ["morals"]}, {"follow_up": "prison"}, {"presence": "crowd"}):
        with pytest.raises(Refused):
            here.held(call, **wrong)
    with pytest.raises(Refused, match="à venir"):
        here.held(call, held_on=TODAY + dt.timedelta(days=1))
    with pytest.raises(Refused, match="précède"):
        here.held(call, held_on=TODAY - dt.timedelta(days=1))


def test_a_second_click_and_an_older_page_are_told(here):
    call = here.call()
    here.convened(call)
    with pytest.raises(Stale):
        here.convened(call)  # the older page
    held = here.held(fresh(call))
    with pytest.raises(Stale, match="avancé"):
        here.held(held)  # a second click
    corrected = registers.correct_entry(entry=held, identity=IDENTITY, seen=held.edit, by=here.mayor)
    with pytest.raises(Stale, match="entre-temps"):
        registers.correct_entry(entry=held, identity=IDENTITY, seen=held.edit, by=here.mayor)
    ended = here.ended(here.informed(corrected))
    with pytest.raises(Stale, match="terminée"):
        registers.correct_entry(entry=ended, identity=IDENTITY, seen=ended.edit, by=here.mayor)


def test_it_may_be_dropped_with_a_reason_and_waits_for_its_clock(here):
    call = here.call()
    with pytest.raises(Refused, match="dans la liste"):
        calls.drop_call(call=call, reason="whatever", seen=call.edit, by=here.mayor)
    call = calls.drop_call(call=call, reason="error", seen=call.edit, by=here.mayor)
    assert (call.state, call.purge_on) == ("dropped", dt.date(2027, 5, 25))
    assert here.call().purge_on == dt.date(2027, 11, 25)  # left open, it goes within the year


def test_what_it_asks_and_before_when(here):
    here.call(state="held")
    (line,) = deadlines(here.mayor)
    assert (line.what, line.before, line.late) == ("Procureur à informer", dt.date(2026, 12, 10), False)
    with on(dt.date(2026, 12, 10)):
        assert not deadlines(here.mayor)[0].late
    with on(dt.date(2026, 12, 11)):
        assert deadlines(here.mayor)[0].late
    assert deadlines(here.delegate(["see_council"])) == []


def test_the_audit_holds_numbers_states_and_no_content(here):
    here.call(state="ended")
    with connection.cursor() as cursor:
        cursor.execute("SELECT action, subject, detail::text FROM core_auditrow WHERE scope = %s ORDER BY seq",
                       [f"register:{here.scope.pk}"])  # fmt: skip
        rows = cursor.fetchall()
    assert [row[0] for row in rows] == [
        "followup.open_call", "followup.convene_call", "followup.hold_call", "followup.inform_prosecutor",
        "followup.end_call",
    ]  # fmt: skip
    assert all(word not in str(rows) for word in ("noise", "quiet", "Inventé"))


def test_the_database_checks_by_the_same_law_as_the_rules():
    fields = ("what", "valid_from", "valid_to", "amount", "unit", "article", "source")
    kept = set(RegisterTerm.objects.values_list(*fields))
    assert kept == {tuple(getattr(term, field) for field in fields) for term in rules.terms()}
    assert len(kept) > 8


def test_law_is_dated():
    assert rules.dated("calls", "basis", TODAY)["article"] == "CSI, article L132-7"
    with pytest.raises(LookupError):
        rules.dated("calls", "basis", dt.date(2000, 1, 1))
