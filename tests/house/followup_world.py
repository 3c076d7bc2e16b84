"""A nominative group with a file and one of each thing that hangs on it; what fills in addresses of followup.

Roles that may be members sit and signed: coordination and deputy, referent (of the file), group member (concerned by
it), mayor, prosecutor's office and victim support (members whom the file does not concern). The others are outside.
"""

import datetime as dt

from django.utils import timezone

from prevenance.core import vault
from prevenance.domains.followup.analysis.reading import sealed
from prevenance.domains.followup.models import Contact, Fact, Goal, Involvement, Step
from tests.factories import scope_of, territory
from tests.factories.followup import Compartment
from tests.factories.registers import Register

TAKES_PART = {"referent": Involvement.Kind.REFERENT, "group_member": Involvement.Kind.CONCERNED}


class FollowupWorld:
    """`council` is the world's; `column` the role looked at, `actor` who it is here (None: the world's own)."""

    def __init__(self, council, column):
        self.group = Compartment(council=council, kind=council.kind)
        scopes = {
            "coordinator": council.scope, "deputy": council.scope, "group_member": self.group.body.scope,
            "referent": self.group.body.scope, "mayor": council.scope.holder,
            "prosecutor_office": scope_of(territory("departement", "42")),
            "victim_support": scope_of(territory("departement", "42")),
        }  # fmt: skip
        self.actor = self.group.member(column, scopes[column]) if column in scopes else None
        self.file = self.group.file()
        self.fill()
        if column in TAKES_PART:
            self.takes_part(TAKES_PART[column])
        self.registers()

    def registers(self):
        """The registers of the town, whose mayor the role looked at may be: an interview to hold, an offer to answer.

        Made at the end: the database is then asked under their mayor's mandate.
        """
        register = Register()
        self.call, self.entry = register.call(state="convened"), register.transaction(state="offered")

    def takes_part(self, kind):
        Involvement.objects.create(
            followup=self.file, body=self.group.body, person=self.actor.person, kind=kind,
            proposed_by=self.group.coordinator.person, accepted_at=timezone.now(), valid_from=timezone.localdate(),
        )  # fmt: skip

    def fill(self):
        key, today, by = vault.open(self.file.key), timezone.localdate(), self.group.members[0].person
        of = {"followup": self.file, "body": self.group.body}
        self.goal = sealed(Goal(**of, set_on=today, set_by=by), key, theme="school", words="Reprendre", state="aimed")
        self.goal.save()
        self.step = sealed(Step(**of, goal=self.goal, due_on=today + dt.timedelta(days=7)), key, kind="meeting")
        self.step.save()
        self.contact = sealed(Contact(**of, day=today, by=by), key, kind="call", whom="person", outcome="reached")
        self.contact.save()
        self.fact = sealed(Fact(**of, observed_on=today, observed_by=by), key, situation="public_space")
        self.fact.save()
        self.part = Involvement.objects.create(
            **of, person=by, kind=Involvement.Kind.CONCERNED, proposed_by=by, accepted_at=timezone.now(),
            valid_from=today,
        )  # fmt: skip

    def value(self, argument):
        """Argument `argument` of an address of followup."""
        return {
            "file": self.file.pk, "body": self.group.body.pk, "goal": self.goal.pk, "step": self.step.pk,
            "contact": self.contact.pk, "fact": self.fact.pk, "part": self.part.pk, "what": "concerned",
            "call": self.call.pk, "stage": "entretien", "paper": "convocation",
            "entry": self.entry.pk, "phase": "reponse", "family": "consultation", "letter": "offre",
        }[argument]  # fmt: skip
