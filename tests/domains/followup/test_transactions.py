"""Transactions: what the law keeps out, each step in its order, each deadline, and who homologates."""

import datetime as dt

import pytest
import time_machine

from prevenance.core.refusals import Refused
from prevenance.domains.followup.actions import transactions as actions
from prevenance.domains.followup.analysis.registers import deadlines, measure, said_of, why_referred
from prevenance.domains.followup.models import Transaction
from prevenance.domains.followup.rules import registers
from prevenance.domains.followup.rules import transactions as rules
from prevenance.domains.governance.rules.councils import Stale
from tests.factories.registers import IDENTITY, Register

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 25)


def on(day):
    return time_machine.travel(dt.datetime.combine(day, dt.time(9), tzinfo=dt.UTC), tick=False)


def days(count, start=TODAY):
    return start + dt.timedelta(days=count)


@pytest.fixture
def here():
    with on(TODAY):
        yield Register()


def test_a_repair_to_its_end(here):
    entry = here.transaction(state="reported")
    assert (entry.state, entry.homologated_by, entry.ended_on) == ("ended", "prosecutor", TODAY)
    assert entry.offer_due_on == dt.date(2026, 12, 25)
    assert entry.answer_due_on == dt.date(2026, 12, 10)
    assert entry.execute_by == dt.date(2026, 12, 25)
    assert entry.purge_on == dt.date(2027, 5, 25)
    assert measure(entry, said_of(entry)) == "réparation du préjudice, soit 120,50\u00a0€"


def test_work_is_homologated_by_the_judge(here):
    entry = here.transaction(state="reported", hours=30)
    assert entry.homologated_by == "judge"
    assert rules.judge_label(entry, TODAY) == "Juge du tribunal de police"
    assert rules.judge_label(entry, dt.date(2029, 6, 1)) == "Président du tribunal contraventionnel"
    assert "30 heures" in measure(entry, said_of(entry))


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"prosecuted": True}, "action publique est déjà"),
        ({"contravention": "R610-5"}, "dans la liste"),
        ({"property": "private"}, "dans la liste"),
        ({"pv_on": days(1)}, "à venir"),
        ({"facts_on": TODAY, "pv_on": days(-1)}, "précède"),
        ({"facts_on": days(-40), "pv_on": days(-32)}, "délai pour proposer une transaction est passé"),
        ({"identity": IDENTITY | {"birth_date": "2008-11-26"}}, "mineure au jour des faits"),
    ],
)
def test_what_the_law_keeps_out_is_refused_and_leaves_nothing(here, values, sentence):
    with pytest.raises(Refused, match=sentence):
        here.transaction(**values)
    assert not Transaction.objects.exists()


def test_the_doubt_about_minors_is_said(here):
    with pytest.raises(Refused, match="Les sources ne disent pas toutes"):
        here.transaction(identity=IDENTITY | {"birth_date": "2010-01-01"})
    assert here.transaction(identity=IDENTITY | {"birth_date": "2008-11-25"}).state == "recorded"


def test_a_contravention_is_that_of_the_day_of_the_facts(here):
    before = dict(registers.choices("transactions", "contraventions", dt.date(2019, 1, 1)))
    assert "R634-2" not in before
    assert "R634-2" in dict(registers.choices("transactions", "contraventions", TODAY))


@pytest.mark.parametrize(
    ("offer", "sentence"),
    [
        ({"amount": "100", "work": "cleaning", "hours": 3}, "l’une des deux"),
        ({}, "l’une des deux"),
        ({"work": "cleaning", "hours": 31}, "ne peut dépasser 30 heures"),
        ({"work": "cleaning", "hours": 0}, "ne peut dépasser 30 heures"),
        ({"work": "", "hours": 3}, "dans la liste"),
        ({"amount": "beaucoup"}, "montant"),
        ({"amount": "-5"}, "montant"),
        ({"amount": "NaN"}, "montant"),
        ({"amount": "10", "execute_days": 0}, "au moins un jour"),
    ],
)
def test_an_offer_is_a_repair_or_at_most_thirty_hours(here, offer, sentence):
    entry = here.transaction()
    with pytest.raises(Refused, match=sentence):
        here.offered(entry, offer=actions.Offer(**({"execute_days": 30} | offer)))


def test_an_offer_is_made_within_a_month_of_the_record(here):
    entry = here.transaction()
    with on(dt.date(2026, 12, 25)):
        assert here.offered(entry).state == "offered"
    other = here.transaction(contravention="R632-1")
    with on(dt.date(2026, 12, 26)):
        with pytest.raises(Refused, match="25 décembre 2026 au plus tard"):
            here.offered(other)
        lines = {line.entry.pk: line for line in deadlines(here.mayor)}
        assert "procès-verbal à transmettre" in lines[other.pk].what
        assert lines[other.pk].late


def test_the_end_of_a_short_month_is_its_last_day(here):
    with on(dt.date(2027, 1, 31)):
        assert here.transaction().offer_due_on == dt.date(2027, 2, 28)


def test_the_answer_is_due_fifteen_days_after_the_offer_was_handed_over(here):
    entry = here.offered(here.transaction(), delivery="registered")
    assert entry.answer_due_on is None
    with pytest.raises(Refused, match="Notez d’abord quand"):
        here.accepted(entry)
    with on(days(4)):
        entry = actions.receive_offer(entry=entry, received_on=days(3), seen=entry.edit, by=here.mayor)
        with pytest.raises(Stale, match="déjà notée"):
            actions.receive_offer(entry=entry, received_on=days(4), seen=entry.edit, by=here.mayor)
    assert entry.answer_due_on == days(18)
    with on(days(18)):
        with pytest.raises(Refused, match="Le silence ne vaut refus"):
            actions.answer_transaction(entry=entry, accepted=False, answered_on=None, seen=entry.edit, by=here.mayor)
        assert here.accepted(entry, day=days(18)).state == "accepted"


def test_a_late_acceptance_is_a_refusal_already(here):
    entry = here.transaction(state="offered")
    with on(days(16)), pytest.raises(Refused, match="le silence valait refus"):
        here.accepted(entry, day=days(16))


def refer(here, entry):
    return actions.refer_transaction(entry=entry, referred_on=TODAY, seen=entry.edit, by=here.mayor)


def test_a_refusal_goes_to_the_prosecutor(here):
    entry = here.accepted(here.transaction(state="offered"), accepted=False)
    (line,) = deadlines(here.mayor)
    assert line.what == "Procès-verbal à transmettre au procureur"
    entry = refer(here, entry)
    assert (entry.state, entry.reported_on, entry.ended_on) == ("referred", TODAY, TODAY)
    assert "a refusé le 25 novembre 2026" in why_referred(entry)
    with pytest.raises(Stale):
        refer(here, entry)


def test_no_offer_may_be_made_at_all(here):
    entry = refer(here, here.transaction())
    assert why_referred(entry) == "Aucune transaction n’a été proposée."


def test_homologation_may_be_denied(here):
    entry = here.homologated(here.transaction(state="submitted"), homologated=False)
    assert (entry.state, entry.ended_on) == ("denied", TODAY)
    with pytest.raises(Stale):
        here.executed(entry)


def test_execution_is_within_its_deadline_or_has_failed(here):
    entry = here.transaction(state="homologated")
    with pytest.raises(Refused, match="n’est pas passé"):
        actions.fail_transaction(entry=entry, seen=entry.edit, by=here.mayor)
    with on(days(31)):
        with pytest.raises(Refused, match="n’a pas été exécutée à temps"):
            actions.execute_transaction(entry=entry, executed_on=days(31), seen=entry.edit, by=here.mayor)
        assert deadlines(here.mayor)[0].late


def test_silence_is_a_refusal_that_goes_to_the_prosecutor(here):
    """The database compares with its own clock: the deadline lies in a past that is past for it too."""
    with on(dt.date(2026, 11, 2)):
        entry = here.transaction(state="offered")
    assert deadlines(here.mayor)[0].what == "Délai passé\u00a0: le silence vaut refus"
    entry = actions.answer_transaction(entry=entry, accepted=False, answered_on=None, seen=entry.edit, by=here.mayor)
    assert (entry.state, entry.answered_on) == ("refused", None)
    entry = refer(here, entry)
    assert "n’a pas répondu avant le 17 novembre 2026" in why_referred(entry)


def test_what_was_not_executed_goes_to_the_prosecutor(here):
    with on(dt.date(2026, 11, 2)):
        entry = here.accepted(here.offered(here.transaction(), offer=actions.Offer(execute_days=5, amount="80")))
        entry = here.homologated(here.submitted(entry))
    entry = actions.fail_transaction(entry=entry, seen=entry.edit, by=here.mayor)
    assert entry.state == "failed"
    entry = refer(here, entry)
    assert "n’a pas été exécutée dans le délai, qui finissait le 7 novembre 2026" in why_referred(entry)


def test_from_2029_work_is_done_within_three_months(here):
    offer = actions.Offer(execute_days=120, work="gardens", hours=20)
    assert here.offered(here.transaction(), offer=offer).execute_days == 120
    assert rules.longest_work(dt.date(2028, 12, 31)) is None
    assert rules.longest_work(dt.date(2029, 1, 1)) == dt.date(2029, 4, 1)
    entry = Transaction(pv_on=dt.date(2029, 1, 10), offer_due_on=dt.date(2029, 2, 10))
    with on(dt.date(2029, 1, 20)):
        with pytest.raises(Refused, match="dans les trois mois"):
            rules.check_offers(entry, dt.date(2029, 1, 15), "receipt", "", "gardens", 20, 120)
        entry.work_hours, entry.execute_days = 20, 120
        assert rules.execute_by(entry, dt.date(2029, 1, 15)) == dt.date(2029, 4, 15)


def test_articles_follow_the_renumbering_of_2029():
    assert "44-1" in registers.dated("transactions", "basis", dt.date(2028, 12, 31))["article"]
    assert "réécrit" in registers.dated("transactions", "basis", dt.date(2029, 1, 1))["article"]


def test_a_second_click_and_an_older_page_are_told(here):
    entry = here.transaction()
    here.offered(entry)
    with pytest.raises(Stale):
        here.offered(entry)
    dropped = here.transaction()
    actions.drop_transaction(entry=dropped, reason="error", seen=dropped.edit, by=here.mayor)
    with pytest.raises(Stale):
        actions.drop_transaction(entry=dropped, reason="error", seen=dropped.edit, by=here.mayor)


def test_only_who_holds_the_register_acts(here):
    entry = here.transaction()
    other = Register("42187")
    here.acting(here.mayor)
    with pytest.raises(Refused, match="tenus par le maire"):
        actions.drop_transaction(entry=entry, reason="error", seen=entry.edit, by=other.mayor)
