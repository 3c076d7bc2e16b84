"""A commune's registers, their mayor, and entries brought to a state by their own doors: plainly invented."""

import datetime as dt

from django.utils import timezone

from prevenance.core.row_security import act_as
from prevenance.domains.accounts.acting import actor_of
from prevenance.domains.followup.actions import calls, registers, transactions
from prevenance.domains.followup.models import CallToOrder, Transaction
from tests.factories import MandateFactory, PersonFactory, scope_of, territory

ADULT, MINOR = "1988-05-17", "2012-02-29"
IDENTITY = {"family_name": "Inventé-Zéphyr", "given_name": "Noé", "birth_date": ADULT, "address": "1 rue de Nulle-Part"}
PARENTS = {"parents": "Iris et Léo Inventé-Zéphyr", "parents_address": "2 rue de Nulle-Part"}
NOTHING = calls.Possible(crime=False, complaint=False, procedure=False)


class Register:
    """The registers of a commune; the database is asked under its mayor's mandate from then on."""

    def __init__(self, commune="42218"):
        self.scope = scope_of(territory("commune", commune))
        mandate = MandateFactory(role="mayor", scope=self.scope, person=PersonFactory())
        self.mayor = self.acting(actor_of(mandate.person, mandate.pk))

    @staticmethod
    def acting(who):
        act_as(who.mandate_id if who else None)
        return who

    def delegate(self, allows):
        """An elected member to whom the mayor delegated; `allows` as a mandate's."""
        mandate = MandateFactory(
            role="mayor", scope=self.scope, person=PersonFactory(), delegated_from=self.mayor.mandate, allows=allows
        )
        return actor_of(mandate.person, mandate.pk)

    def protocol(self, **terms):
        given = {"signed_on": dt.date(2025, 3, 3), "check_required": True, "delay_days": 10, "silence_allows": False}
        return registers.declare_protocol(scope=self.scope, by=self.mayor, **(given | terms))

    # ------------------------------------------------------------------------------------------- calls to order

    def call(self, state="reported", identity=None, **values):
        """A call to order, brought to a state day after day as the mayor would, today being its last day."""
        given = {"facts": "noise", "facts_on": timezone.localdate(), "possible": NOTHING}
        call = calls.open_call(
            scope=self.scope, by=self.mayor, identity=IDENTITY | (identity or {}), **(given | values)
        )
        path = ["reported", "convened", "held", "informed", "ended"]
        for step in path[1 : path.index(state) + 1]:
            call = getattr(self, step)(call)
        return call

    def convened(self, call, **values):
        today = timezone.localdate()
        given = {
            "meets_at": dt.datetime.combine(today, dt.time(17), tzinfo=timezone.get_current_timezone()),
            "identity": {"address": IDENTITY["address"]}, "no_parents": "",
        }  # fmt: skip
        return calls.convene_call(call=call, seen=call.edit, by=self.mayor, **(given | values))

    def held(self, call, **values):
        given = {
            "held_on": timezone.localdate(), "held_by": self.mayor.person, "presence": "alone", "reminded": ["quiet"],
            "follow_up": "none",
        }  # fmt: skip
        return calls.hold_call(call=call, seen=call.edit, by=self.mayor, **(given | values))

    def informed(self, call, day=None):
        day = day or timezone.localdate()
        return calls.inform_prosecutor(call=call, informed_on=day, seen=call.edit, by=self.mayor)

    def ended(self, call):
        return calls.end_call(call=call, seen=call.edit, by=self.mayor)

    # --------------------------------------------------------------------------------------------- transactions

    def transaction(self, state="recorded", hours=None, **values):
        """A transaction, brought to a state, everything done today."""
        today = timezone.localdate()
        given = {
            "contravention": "R635-1", "property": "furniture", "facts_on": today, "pv_on": today, "prosecuted": False,
            "identity": IDENTITY,
        }  # fmt: skip
        entry = transactions.open_transaction(scope=self.scope, by=self.mayor, **(given | values))
        path = ["recorded", "offered", "accepted", "submitted", "homologated", "executed", "reported"]
        steps = [
            lambda one: self.offered(one, hours=hours), self.accepted, self.submitted, self.homologated, self.executed,
            self.reported,
        ]  # fmt: skip
        for step in steps[: path.index(state)]:
            entry = step(entry)
        return entry

    def offered(self, entry, hours=None, **values):
        offer = transactions.Offer(
            execute_days=30, **({"work": "cleaning", "hours": hours} if hours else {"amount": "120,50"})
        )
        given = {"offer": offer, "offered_on": timezone.localdate(), "delivery": "receipt"}
        return transactions.offer_transaction(entry=entry, seen=entry.edit, by=self.mayor, **(given | values))

    def accepted(self, entry, accepted=True, day=None):
        return transactions.answer_transaction(
            entry=entry, accepted=accepted, answered_on=day or timezone.localdate(), seen=entry.edit, by=self.mayor
        )

    def submitted(self, entry):
        return transactions.submit_transaction(
            entry=entry, submitted_on=timezone.localdate(), seen=entry.edit, by=self.mayor
        )

    def homologated(self, entry, homologated=True):
        return transactions.decide_transaction(
            entry=entry, homologated=homologated, decided_on=timezone.localdate(), seen=entry.edit, by=self.mayor
        )

    def executed(self, entry):
        return transactions.execute_transaction(
            entry=entry, executed_on=timezone.localdate(), seen=entry.edit, by=self.mayor
        )

    def reported(self, entry):
        return transactions.report_transaction(
            entry=entry, reported_on=timezone.localdate(), seen=entry.edit, by=self.mayor
        )


def fresh(entry):
    """The row as the database has it now."""
    return type(entry)._base_manager.get(pk=entry.pk)


ENTRIES = (CallToOrder, Transaction)
