"""Objects for tests, plainly invented. Built directly: what a test examines goes through the actions."""

import datetime as dt

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from prevenance.domains.accounts.acting import actor_of
from prevenance.domains.accounts.models import Mandate, Organisation, Person, Scope
from prevenance.domains.governance.models import (
    Act,
    ActSignature,
    Body,
    Council,
    CouncilReach,
    Meeting,
    Membership,
)
from prevenance.domains.territories.models import Territory


def territory(kind, code):
    """A real territory of France, e.g. territory("commune", "42218")."""
    return Territory.objects.get(kind=kind, code=code)


def scope_of(where):
    """The scope of a territory, made when missing; an EPT is chaired like an EPCI."""
    kind = "epci" if where.kind == "ept" else where.kind
    return Scope.objects.get_or_create(kind=kind, territory=where, defaults={"label": where.name})[0]


class PersonFactory(DjangoModelFactory):
    class Meta:
        model = Person

    given_name = "Camille"
    family_name = factory.Sequence(lambda n: f"Exemple-{n}")
    email = factory.Sequence(lambda n: f"camille.{n}@exemple.invalid")


class OrganisationFactory(DjangoModelFactory):
    class Meta:
        model = Organisation

    name = factory.Sequence(lambda n: f"Association inventée {n}")
    kind = Organisation.Kind.ASSOCIATION


class MandateFactory(DjangoModelFactory):
    class Meta:
        model = Mandate

    person = factory.SubFactory(PersonFactory)
    role = "coordinator"
    valid_from = dt.date(2024, 1, 1)


class CouncilFactory(DjangoModelFactory):
    """A CLSPD of Saint-Étienne unless told otherwise, with its scope, reaches and plenary."""

    class Meta:
        model = Council
        skip_postgeneration_save = True

    kind = Council.Kind.CLSPD
    territory = factory.LazyFunction(lambda: territory("commune", "42218"))
    name = factory.LazyAttribute(lambda o: f"{o.kind} de {o.territory.name}")
    scope = factory.LazyAttribute(
        lambda o: Scope.objects.create(
            kind="council", territory=o.territory, label=o.name, holder=scope_of(o.territory)
        )
    )

    @factory.post_generation
    def surroundings(self, create, extracted, **kwargs):
        scopes = [self.scope, scope_of(self.territory), *(extracted or [])]
        CouncilReach.objects.bulk_create([CouncilReach(council=self, scope=scope) for scope in scopes])
        Body.objects.create(council=self, kind=Body.Kind.PLENARY, name="Formation plénière")


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    person = factory.SubFactory(PersonFactory)
    title = "Membre inventé"
    valid_from = dt.date(2024, 1, 1)


class MeetingFactory(DjangoModelFactory):
    class Meta:
        model = Meeting

    title = "Plénière d’automne"
    # To come, whatever today is, and always at the same hour.
    starts_at = factory.LazyFunction(
        lambda: dt.datetime.combine(timezone.localdate() + dt.timedelta(days=10), dt.time(9, 0), tzinfo=dt.UTC)
    )
    ends_at = factory.LazyAttribute(lambda o: o.starts_at + dt.timedelta(hours=2))
    place = "Salle du conseil"
    council = factory.LazyAttribute(lambda o: o.body.council)


def signed_act(scope, signed_on=dt.date(2026, 1, 5), scan=None, **values):
    """An act signed by the one who had to: written as a draft, which the database asks, then signed."""
    act = Act.objects.create(scope=scope, **values)
    ActSignature.objects.create(
        act=act, rank=1, capacity="La présidence", scope=scope, name="Une signature inventée", signed_on=signed_on
    )
    act.signed_on = act.in_force_from = signed_on
    act.signed_by, act.scan = "Une signature inventée", scan
    act.save()
    return act


def coordinator_of(council, **kwargs):
    """The actor who coordinates `council`."""
    return actor_of(MandateFactory(role="coordinator", scope=council.scope, **kwargs).person)


def actor(role, scope, **kwargs):
    """An actor holding `role` in `scope`."""
    return actor_of(MandateFactory(role=role, scope=scope, **kwargs).person)
