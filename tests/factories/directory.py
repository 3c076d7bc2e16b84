"""Structures and services for tests, plainly invented."""

import datetime as dt

import factory
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from factory.django import DjangoModelFactory

from prevenance.domains.directory.models import (
    Circuit,
    CircuitStep,
    Closure,
    Door,
    PartnersAgreement,
    Round,
    Service,
    StationAgreement,
    StationPost,
    Structure,
)
from prevenance.domains.governance.models import Upload
from prevenance.domains.governance.rules.councils import place_of
from tests.factories import PersonFactory, territory


class StructureFactory(DjangoModelFactory):
    class Meta:
        model = Structure

    name = factory.Sequence(lambda n: f"Structure inventée {n}")
    kind = "association"
    commune = factory.LazyFunction(lambda: territory("commune", "42218"))
    postcode = "42000"
    address = "12, rue des Essais"
    phone = "0199001234"  # 01 99 00 is kept for fiction
    email = "accueil@exemple.invalid"
    created_by = factory.SubFactory(PersonFactory)


class ShelterFactory(StructureFactory):
    """A structure whose address is hidden: it has none."""

    name = factory.Sequence(lambda n: f"Refuge inventé {n}")
    address_hidden = True
    postcode = ""
    address = ""


class ServiceFactory(DjangoModelFactory):
    """Serves its commune unless told otherwise: `ServiceFactory(zones=[…])`."""

    class Meta:
        model = Service
        skip_postgeneration_save = True

    structure = factory.SubFactory(StructureFactory)
    name = factory.Sequence(lambda n: f"Service inventé {n}")
    kind = "victim_support"
    description = "Une écoute inventée, pour essayer."
    commune = factory.LazyAttribute(lambda o: o.structure.commune)
    audiences = ["tous-publics"]
    updated_on = dt.date(2026, 3, 2)
    created_by = factory.SubFactory(PersonFactory)

    @factory.post_generation
    def zones(self, create, extracted, **kwargs):
        self.zones.set(extracted or [self.commune])


class ClosureFactory(DjangoModelFactory):
    """Of a service: `ClosureFactory(service=…)`; of a structure: `ClosureFactory(structure=…)`."""

    class Meta:
        model = Closure

    starts_on = dt.date(2027, 8, 2)
    ends_on = dt.date(2027, 8, 22)
    note = "congés d’été"


class StationPostFactory(DjangoModelFactory):
    """A post of Saint-Étienne, filled since 2020."""

    class Meta:
        model = StationPost

    departement = factory.LazyAttribute(lambda o: territory("departement", o.commune.code[:2]))
    commune = factory.LazyFunction(lambda: territory("commune", "42218"))
    station = factory.Sequence(lambda n: f"Commissariat inventé {n}")
    force = "police"
    employer_kind = "association"
    employer = "Association inventée"
    weekly_hours = 35
    opened_on = dt.date(2020, 9, 1)
    created_by = factory.SubFactory(PersonFactory)


class DocumentFactory(DjangoModelFactory):
    """The document of an agreement, with its file."""

    class Meta:
        model = Upload
        skip_postgeneration_save = True

    name = "convention-inventée.pdf"
    content_type = "application/pdf"
    size = 8
    sha256 = "0" * 64
    added_by = factory.SubFactory(PersonFactory)

    @factory.post_generation
    def file(self, create, extracted, **kwargs):
        default_storage.save(place_of(self), ContentFile(extracted or b"%PDF-1.4"))


class StationAgreementFactory(DjangoModelFactory):
    class Meta:
        model = StationAgreement

    post = factory.SubFactory(StationPostFactory)
    signed_on = dt.date(2020, 8, 20)
    starts_on = dt.date(2020, 9, 1)
    ends_on = dt.date(2023, 8, 31)


class RoundFactory(DjangoModelFactory):
    class Meta:
        model = Round

    service = factory.SubFactory(ServiceFactory)
    name = factory.Sequence(lambda n: f"Tournée inventée {n}")
    vehicle = "minibus inventé"
    starts_on = dt.date(2026, 1, 5)
    created_by = factory.SubFactory(PersonFactory)


class DoorFactory(DjangoModelFactory):
    """A clinic: `DoorFactory(service=…)`; a stop: `DoorFactory(round=…, rank=1)`."""

    class Meta:
        model = Door

    service = factory.LazyAttribute(lambda o: o.round.service if o.round else ServiceFactory())
    round = None
    rank = factory.LazyAttribute(lambda o: 1 if o.round else 0)
    place = factory.Sequence(lambda n: f"Mairie inventée {n}")
    commune = factory.LazyAttribute(lambda o: o.service.commune)
    hours = "Tu 14:00-17:00; PH off"
    weekly_hours = 3.0
    starts_on = dt.date(2026, 1, 5)
    created_by = factory.SubFactory(PersonFactory)


class PartnersAgreementFactory(DjangoModelFactory):
    class Meta:
        model = PartnersAgreement

    departement = factory.LazyFunction(lambda: territory("departement", "42"))
    object = "complaint"
    name = factory.Sequence(lambda n: f"Convention inventée {n}")
    signed_on = dt.date(2026, 1, 5)
    starts_on = dt.date(2026, 1, 5)
    ends_on = dt.date(2028, 12, 31)
    created_by = factory.SubFactory(PersonFactory)


class CircuitFactory(DjangoModelFactory):
    """Being prepared, with a step; `in_force(circuit)` puts it in force."""

    class Meta:
        model = Circuit
        skip_postgeneration_save = True

    departement = factory.LazyFunction(lambda: territory("departement", "42"))
    situation = "intrafamiliales"
    people = "minors"
    version = 1
    prepared_by = factory.SubFactory(PersonFactory)

    @factory.post_generation
    def first(self, create, extracted, **kwargs):
        if extracted is not False:
            CircuitStepFactory(circuit=self)


class CircuitStepFactory(DjangoModelFactory):
    class Meta:
        model = CircuitStep

    circuit = factory.SubFactory(CircuitFactory, first=False)
    rank = factory.LazyAttribute(lambda o: o.circuit.steps.count() + 1)
    who = factory.LazyAttribute(lambda o: "" if o.after else "teacher")
    after = None
    institution = "crip"
    means = "written"
    delay = "at_once"


def in_force(circuit, on=dt.date(2026, 1, 5)):
    circuit.valid_from, circuit.decided_by = on, circuit.prepared_by
    circuit.save()
    return circuit


def with_two_steps():
    circuit = CircuitFactory()
    CircuitStepFactory(circuit=circuit, after=circuit.steps.get(), institution="prosecutor")
    return circuit
