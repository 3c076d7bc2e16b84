"""Legal holds on entries of the mayor's registers, their figures, and the delegation that opens the registers."""

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from prevenance.core.audit import MACHINE
from prevenance.core.refusals import Refused
from prevenance.core.row_security import CLOCK, STATISTICS, act_as, as_role
from prevenance.domains.accounts.acting import actor_of
from prevenance.domains.followup import jobs, statistics
from prevenance.domains.followup.actions import calls, registers
from prevenance.domains.followup.actions.tallies import count_registers
from prevenance.domains.followup.analysis.registers import holds_of
from prevenance.domains.followup.models import CallToOrder, RegisterCount, RegisterHold, RegisterTally, Transaction
from prevenance.domains.followup.rules.registers import holds as holds_registers
from prevenance.domains.governance.actions import acts
from prevenance.domains.governance.rules import acts as act_rules
from prevenance.domains.governance.rules.councils import Stale
from tests.factories import actor, scope_of, territory
from tests.factories.registers import IDENTITY, NOTHING, Register

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
LATER = TODAY + dt.timedelta(days=400)


@pytest.fixture
def here():
    return Register()


def due(entry):
    """Its date is today, as if months had gone by: an open entry's may come nearer."""
    type(entry).objects.filter(pk=entry.pk).update(purge_on=TODAY)


def select_all(role, table):
    with as_role(role), connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")


def held(entry, by, until=LATER):
    return registers.hold_entry(entry=entry, reason="court", until=until, by=by)


@pytest.mark.parametrize("kind", ["call", "transaction"])
def test_a_hold_stops_the_clock_until_its_day_or_its_lifting(here, kind):
    entry = getattr(here, kind)()
    due(entry)
    hold = held(entry, here.mayor)
    ((row, why, runs),) = holds_of(entry)
    assert (row, why, runs) == (hold, "Réquisition ou demande d’un juge", True)
    list(jobs.erase_due())
    here.acting(here.mayor)
    assert type(entry).objects.filter(pk=entry.pk).exists()
    registers.release_entry(entry=entry, by=here.mayor)
    assert [runs for _row, _why, runs in holds_of(entry)] == [False]
    assert (("calls" if kind == "call" else "transactions"), 1) in list(jobs.erase_due())
    here.acting(here.mayor)
    assert not type(entry)._base_manager.filter(pk=entry.pk).exists()
    assert not RegisterHold._base_manager.exists()  # it goes with its entry


def test_a_hold_of_which_the_day_has_passed_stops_nothing(here):
    entry = here.call()
    due(entry)
    RegisterHold.objects.create(
        scope=here.scope, call=entry, set_on=TODAY - dt.timedelta(days=9), set_by=here.mayor.person, until=TODAY
    )
    assert ("calls", 1) in list(jobs.erase_due())


def test_an_entry_that_ended_may_be_held_and_stays_as_it_was(here):
    entry = here.call(state="ended")
    held(entry, here.mayor)
    assert CallToOrder.objects.get(pk=entry.pk).purge_on == entry.purge_on


def test_a_hold_has_a_reason_of_the_list_an_end_and_one_at_a_time(here):
    entry = here.call()
    with pytest.raises(Refused, match="dans la liste"):
        registers.hold_entry(entry=entry, reason="because", until=LATER, by=here.mayor)
    with pytest.raises(Refused, match="plus tard"):
        held(entry, here.mayor, until=TODAY)
    with pytest.raises(Stale, match="déjà levée"):
        registers.release_entry(entry=entry, by=here.mayor)
    held(entry, here.mayor)
    with pytest.raises(Stale, match="déjà imposée"):
        held(entry, here.mayor)
    for who in (here.delegate(["see_council"]), Register("42187").mayor):
        with pytest.raises(Refused, match="tenus par le maire"):
            registers.release_entry(entry=entry, by=who)


def test_holds_and_counts_are_behind_the_wall_and_the_reason_is_sealed(here):
    held(here.call(), here.mayor)
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM followup_registerhold t")
        assert b"court".hex() not in cursor.fetchone()[0]
    Register("42187")
    assert (RegisterHold._base_manager.count(), RegisterCount._base_manager.count()) == (0, 0)
    act_as(None)
    assert (RegisterHold._base_manager.count(), RegisterCount._base_manager.count()) == (0, 0)
    with transaction.atomic(), as_role(STATISTICS):
        assert RegisterCount._base_manager.count() == 1
    for role, table in ((STATISTICS, "registerhold"), (CLOCK, "registercount")):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            select_all(role, f"followup_{table}")


def test_a_hold_is_of_an_entry_of_its_commune_and_lifted_once(here):
    entry = here.call()
    elsewhere = Register("42187")
    hold = RegisterHold(
        scope=elsewhere.scope, call=entry, set_on=TODAY, set_by=elsewhere.mayor.person, until=LATER, reason=b""
    )
    with pytest.raises(DatabaseError, match="registerhold_of_its_calltoorder"), transaction.atomic():
        hold.save()
    here.acting(here.mayor)
    hold = held(entry, here.mayor)
    registers.release_entry(entry=entry, by=here.mayor)
    with pytest.raises(DatabaseError, match="lifted once"), transaction.atomic():
        RegisterHold.objects.filter(pk=hold.pk).update(lifted_on=None)


# ----------------------------------------------------------------------------------------------------------- figures


def test_each_step_counts_once_the_year_when_it_is_written_and_stays_after_the_purge(here):
    entry = here.call(state="convened")
    here.held(here.convened(entry))  # convened again: once
    here.transaction(state="reported")
    dropped = here.call()
    calls.drop_call(call=dropped, reason="error", seen=dropped.edit, by=here.mayor)
    found = statistics.of_registers(here.mayor, TODAY.year)
    assert found["calls"] == {"reported": 2, "convened": 1, "held": 1, "objected": 0, "dropped": 1}
    assert {state for state, count in found["transactions"].items() if count == 1} == {
        "recorded", "offered", "accepted", "homologated", "executed",
    }  # fmt: skip
    due(CallToOrder.objects.get(pk=entry.pk))
    list(jobs.erase_due())
    here.acting(here.mayor)
    assert statistics.of_registers(here.mayor, TODAY.year)["calls"]["reported"] == 2
    assert statistics.of_registers(here.mayor, TODAY.year - 1)["calls"]["reported"] == 0
    assert statistics.of_registers(Register("42187").mayor, TODAY.year)["calls"]["reported"] == 0


def counted(code, count, state="held"):
    """A commune whose register came `count` times to a state."""
    register = Register(code)
    RegisterCount.objects.create(scope=register.scope, register="calls", year=TODAY.year, state=state, count=count)
    return register


def test_those_above_read_totals_and_none_that_designates(here, sign_in):
    here.call()
    for code in ("42187", "42207", "42147"):
        counted(code, 7)
    act_as(None)
    count_registers(year=TODAY.year, by=MACHINE)
    assert count_registers(year=TODAY.year, by=MACHINE) == RegisterTally.objects.count()  # again: the same
    loire = RegisterTally.objects.get(territory=territory("departement", "42"), state="held")
    assert (loire.communes, loire.count) == (3, 21)
    office = actor("prefect_office", scope_of(territory("departement", "42")))
    table = statistics.registers_table(office, TODAY.year, "calls")
    (row,) = table.rows
    assert (row.counts["held"], row.counts["reported"], row.counts["dropped"]) == (21, None, 0)  # one call: hidden
    assert table.sums["reported"] is None
    elsewhere = actor("prefect_office", scope_of(territory("departement", "69")))
    assert statistics.registers_table(elsewhere, TODAY.year, "calls").rows == []
    page = sign_in(office).get(reverse("followup:register_figures"))
    text = page.content.decode()
    assert page.status_code == 200
    assert "21" in text
    assert "n. d." in text
    assert here.scope.label not in text
    for format in ("csv", "xlsx", "ods"):
        assert sign_in(office).get(reverse("followup:register_figures") + f"?format={format}").status_code == 200


def test_the_nightly_count_adds_registers_up(here):
    counted("42187", 30)
    jobs.count(timestamp=0)
    assert RegisterTally.objects.get(territory__kind="nation", state="held").count == 30


def test_the_mayor_reads_and_takes_away_exact_figures(here, sign_in):
    here.call(state="held")
    desk = sign_in(here.mayor)
    page = desk.get(reverse("followup:register_figures"))
    assert page.status_code == 200
    assert "Entretien tenu" in page.content.decode()
    table = desk.get(reverse("followup:register_figures") + f"?annee={TODAY.year}&format=csv")
    assert "Entretien tenu" in table.content.decode("utf-8-sig")
    for who in (here.delegate(["see_council"]), actor("administrator", here.scope)):
        assert sign_in(who).get(reverse("followup:register_figures")).status_code == 404


# ------------------------------------------------------------------------------------------------------------ screens


@pytest.mark.parametrize(("kind", "name"), [("call", "call"), ("transaction", "transaction")])
def test_a_hold_by_its_screens(here, sign_in, kind, name):
    entry = getattr(here, kind)()
    desk, page = sign_in(here.mayor), reverse(f"followup:{name}", args=[entry.pk])
    url, lift = (reverse(f"followup:{name}_{act}", args=[entry.pk]) for act in ("hold", "release"))
    assert "Imposer la conservation" in desk.get(page).content.decode()
    assert desk.get(url).status_code == 200
    wrong = desk.post(url, {"reason": "court", "until": TODAY.isoformat()})
    assert wrong.status_code == 422
    assert "plus tard" in wrong.content.decode()
    assert desk.post(url, {"reason": "court", "until": LATER.isoformat()}).status_code == 302
    shown = desk.get(page).content.decode()
    assert "Réquisition ou demande d’un juge" in shown
    assert "Imposer la conservation" not in shown
    assert desk.post(url, {"reason": "court", "until": LATER.isoformat()}).status_code == 409
    assert "sans retour" in desk.get(lift).content.decode()
    assert desk.post(lift).status_code == 302
    assert desk.post(lift).status_code == 302  # a second click
    assert "déjà levée" in desk.get(page).content.decode()


# --------------------------------------------------------------------------------------------------------- delegation


def test_a_signed_delegation_opens_the_registers_and_its_end_closes_them(here):
    draft = acts.Draft(
        {"functions": ["call"], "person_title": "Adjoint au maire"}, ("adjointe@exemple.invalid", "Ada", "Adjointe")
    )
    act = acts.prepare(key="delegation-commune", scope=here.scope, council=None, draft=draft, by=here.mayor)
    assert "Tenir les registres du maire" in act.text
    acts.submit(act=act, seen=act_rules.digest(act), by=here.mayor)
    acts.declare_signature(
        signature=act.signatures.get(), seen=act_rules.digest(act), name="Le maire inventé", signed_on=TODAY,
        reference="2026-40", by=here.mayor,
    )  # fmt: skip
    act.refresh_from_db()
    delegate = actor_of(act.person)
    assert holds_registers(delegate)
    here.acting(delegate)
    call = calls.open_call(
        scope=here.scope, possible=NOTHING, facts="noise", facts_on=TODAY, identity=IDENTITY, by=delegate
    )
    here.acting(delegate)
    assert CallToOrder.objects.filter(pk=call.pk).exists()
    assert Transaction.objects.visible_to(delegate).count() == 0
    here.acting(here.mayor)
    acts.end(act=act, on=TODAY, reason="Rapportée", by=here.mayor)
    here.acting(delegate)
    assert CallToOrder._base_manager.count() == 0  # the wall asks at each query
