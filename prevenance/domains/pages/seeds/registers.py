"""A few entries of the demonstration mayor's registers, written by their own doors: what is sealed needs a key."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from prevenance.core.row_security import act_as
from prevenance.domains.accounts.acting import Actor, actor_of
from prevenance.domains.accounts.models import Person, Scope
from prevenance.domains.followup.actions import calls, transactions
from prevenance.domains.followup.actions.calls import Possible
from prevenance.domains.followup.actions.registers import declare_protocol
from prevenance.domains.followup.models import CallToOrder, Transaction

NOTHING_BARS_IT = Possible(crime=False, complaint=False, procedure=False)


def identity(given: str, family: str, birth: str, parents: str = "") -> dict[str, str]:
    return {
        "given_name": given, "family_name": family, "birth_date": birth, "address": "1, rue de l’Exemple",
        "parents": parents, "parents_address": "1, rue de l’Exemple" if parents else "",
    }  # fmt: skip


def write(email: str) -> int:
    """Entries in several states, as the mayor whose address is given. Returns how many; none where nobody is mayor."""
    person = Person.objects.filter(email=email).first()
    mayor = actor_of(person) if person else None
    if mayor is None or mayor.mandate is None:
        return 0
    act_as(mayor.mandate_id)
    written = [*write_calls(mayor, mayor.mandate.scope), *write_transactions(mayor, mayor.mandate.scope)]
    act_as(None)
    return len(written)


def write_calls(by: Actor, scope: Scope) -> list[CallToOrder]:
    today = timezone.localdate()
    since = today - timedelta(days=3)
    declare_protocol(
        scope=scope, signed_on=today - timedelta(days=400), check_required=True, delay_days=8, silence_allows=True,
        by=by,
    )  # fmt: skip
    people = [
        ("noise", identity("Sacha", "Prétexte", "1991-04-02")),
        ("dumping", identity("Gwenn", "Calque", "1979-09-12")),
        ("late_minor", identity("Élie", "Figurant", f"{today.year - 14}-02-03", "Pascale et Claude Figurant")),
    ]
    found = [
        calls.open_call(scope=scope, possible=NOTHING_BARS_IT, facts=facts, facts_on=since, identity=who, by=by)
        for facts, who in people
    ]
    asked = [calls.ask_prosecutor(call=call, asked_on=today, seen=call.edit, by=by) for call in found[1:]]
    cleared = calls.record_answer(call=asked[1], objects=False, answered_on=today, seen=asked[1].edit, by=by)
    meets_at = timezone.make_aware(datetime.combine(today + timedelta(days=6), time(17)))
    calls.convene_call(call=cleared, meets_at=meets_at, identity=people[2][1], no_parents="", seen=cleared.edit, by=by)
    return found


def write_transactions(by: Actor, scope: Scope) -> list[Transaction]:
    today = timezone.localdate()
    lines = [
        ("R635-1", "furniture", identity("Loïs", "Simulacre", "1984-06-21")),
        ("R634-2", "cleaning", identity("Ariel", "Étalon", "1996-01-30")),
    ]
    found = []
    for code, harmed, who in lines:
        who = {field: who[field] for field in ("given_name", "family_name", "birth_date", "address")}
        found.append(
            transactions.open_transaction(
                scope=scope, contravention=code, property=harmed, facts_on=today - timedelta(days=21),
                pv_on=today - timedelta(days=20), prosecuted=False, identity=who, by=by,
            )
        )  # fmt: skip
    offer = transactions.Offer(execute_days=60, work="cleaning", hours=14)
    transactions.offer_transaction(
        entry=found[1], offer=offer, offered_on=today, delivery=Transaction.Delivery.RECEIPT, seen=found[1].edit, by=by
    )
    return found
