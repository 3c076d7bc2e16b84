"""A structure of the world's town and a service of it; what fills in addresses of the directory."""

import datetime as dt

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from prevenance.domains.accounts.models import digest_of
from prevenance.domains.directory.models import Circuit, Exchange, OrientationKey, OrientationLink, Scenario
from prevenance.domains.directory.rules.exchanges import place_of
from tests.factories import coordinator_of, territory
from tests.factories.directory import (
    CircuitFactory,
    DocumentFactory,
    DoorFactory,
    PartnersAgreementFactory,
    RoundFactory,
    ServiceFactory,
    StationAgreementFactory,
    StationPostFactory,
    StructureFactory,
    in_force,
)
from tests.factories.restorative import Runner

TOKEN = "lien-invente"


class DirectoryWorld:
    def __init__(self, council, town, actor):
        self.structure = StructureFactory(commune=town)
        self.service = ServiceFactory(structure=self.structure)
        self.second = StructureFactory(commune=town)
        self.service_second = ServiceFactory(structure=self.structure)
        by = coordinator_of(council)
        # A file to take, asked for by whoever coordinates the council: others do not see it.
        self.exchange = Exchange.objects.create(
            direction="out", state="done", finished_at=timezone.now(), requested_by=by.person, mandate_id=by.mandate_id
        )
        default_storage.save(place_of(self.exchange), ContentFile(b"zip"))
        # A what-if that the council's scope kept: others do not see it.
        self.scenario = Scenario.objects.create(
            scope=council.scope, name="Essai inventé", departement=territory("departement", "42"), posts=["42207:14"],
            created_by=by.person,
        )  # fmt: skip
        # Registers of the département: a post and its agreement, partners' agreement, a clinic, a round and its stop.
        self.post = StationPostFactory(commune=town)
        self.post_agreement = StationAgreementFactory(post=self.post, document=DocumentFactory())
        self.agreement = PartnersAgreementFactory(document=DocumentFactory())
        self.door = DoorFactory(service=self.service)
        self.round = RoundFactory(service=self.service)
        self.stop = DoorFactory(round=self.round)
        # Somebody turned to the service by the role looked at when it may, or else by the council's coordination.
        self.token = f"{TOKEN}-{self.service.pk}"
        sender = actor if actor is not None and actor.can("orient") else by
        self.orientation = OrientationLink.objects.create(
            code=f"BKT-{100 + self.service.pk % 900}", service=self.service, scope_id=sender.scope_id,
            sender=sender.person, wish="semaine",
            expires_at=timezone.now() + dt.timedelta(days=9),
        )  # fmt: skip
        OrientationKey.objects.create(orientation=self.orientation, digest=digest_of(self.token))

        # A circuit in force, and another being prepared.
        known = Circuit.objects.filter(departement__code="42")  # another world of the same département may have them
        self.shown = known.filter(people="minors").first() or in_force(CircuitFactory())
        self.draft = known.filter(people="adults").first() or CircuitFactory(people="adults")
        # A programme that the victim-support worker looked at runs; anybody else is somebody else.
        helps = actor is not None and actor.role == "victim_support"
        self.programme = (Runner.of(actor) if helps else Runner()).programme()

    def value(self, name, argument):
        """Argument `argument` of address `name` of the directory."""
        if argument == "agreement" and name.startswith("directory:station_"):
            return self.post_agreement.pk
        if argument == "key":
            return self.service.key
        if argument == "token":
            return self.token
        if name == "directory:device_statements":
            return "42"
        if name.startswith("directory:circuit"):
            prepared = name.removeprefix("directory:circuit").startswith(("_step", "_publish", "_delete"))
            circuit = self.draft if prepared else self.shown
            return circuit.steps.get().pk if argument == "step" else circuit.pk
        rows = "service" if name.startswith("directory:services_") else "structure"
        row = {"first": rows, "second": "service_second" if rows == "service" else "second"}.get(argument, argument)
        return getattr(self, row).pk
