"""Who runs restorative-justice programmes, and what they write, by the actions themselves: the wall lets no other."""

import datetime as dt

from django.utils import timezone

from prevenance.core.row_security import act_as
from prevenance.domains.accounts.acting import actor_of
from prevenance.domains.accounts.models import Mandate
from prevenance.domains.directory.actions import restorative as actions
from tests.factories import MandateFactory, OrganisationFactory, scope_of, territory
from tests.factories.directory import ServiceFactory, StructureFactory

TOWN = "42218"


class Runner:
    """An association of victim support in a département, and a worker of it; `acting` tells the database who asks."""

    def __init__(self, code="42", town=TOWN, organisation=None, scope=None):
        self.scope = scope or scope_of(territory("departement", code))
        self.town = territory("commune", town)
        self.organisation = organisation or OrganisationFactory()
        self.worker = self.colleague()
        self.acting()

    @classmethod
    def of(cls, worker):
        """The organisation of a worker who has none yet."""
        organisation = OrganisationFactory()
        Mandate.objects.filter(pk=worker.mandate_id).update(organisation=organisation)
        found = cls(organisation=organisation, scope=worker.mandate.scope)
        found.worker = actor_of(worker.person, worker.mandate_id)
        found.acting()
        return found

    def colleague(self, **values):
        mandate = MandateFactory(role="victim_support", scope=self.scope, organisation=self.organisation, **values)
        return actor_of(mandate.person, mandate.pk)

    def acting(self, who=None):
        act_as((who or self.worker).mandate_id)

    def service(self):
        return ServiceFactory(structure=StructureFactory(commune=self.town), kind="restorative_justice",
                              zones=[territory("departement", self.town.code[:2])])  # fmt: skip

    def programme(self, *, days=40, **values):
        today = timezone.localdate()
        told = {
            "service": self.service(), "kind": "mediation", "court": self.town,
            "starts_on": today - dt.timedelta(days=days), "ends_on": today + dt.timedelta(days=days),
        }  # fmt: skip
        self.acting()
        return actions.open_programme(**told | values, by=self.worker)

    def person(self, programme, role="victim"):
        programme.refresh_from_db()
        return actions.add_participant(programme=programme, role=role, seen=programme.edit, by=self.worker)

    def consent(self, person, stage="information", ago=10):
        on = timezone.localdate() - dt.timedelta(days=ago)
        return actions.record_consent(participant=person, stage=stage, given_on=on, form="signed", by=self.worker)

    def held(self, person, stage="information", ago=9):
        on = timezone.localdate() - dt.timedelta(days=ago)
        return actions.record_stage(participant=person, stage=stage, held_on=on, by=self.worker)

    def far_along(self, programme, role="victim"):
        """Somebody informed, prepared, who agreed to a meeting."""
        person = self.person(programme, role)
        for ago, stage in ((30, "information"), (20, "preparation"), (10, "meeting")):
            self.consent(person, stage, ago)
            if stage != "meeting":
                self.held(person, stage, ago - 1)
        return person
