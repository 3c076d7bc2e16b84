"""Plans, sheets, indicators, tools for tests, plainly invented."""

import datetime as dt
import uuid

import factory
from factory.django import DjangoModelFactory

from prevenance.domains.accounts.models import Scope
from prevenance.domains.strategy.models import (
    Amendment,
    Change,
    Experiment,
    Indicator,
    IndicatorValue,
    Plan,
    PlanIndicator,
    Provision,
    Sheet,
    Strategy,
    Success,
    ToolSheet,
)
from tests.factories import PersonFactory, scope_of, territory

SINCE = dt.date(2025, 1, 6)


class PlanFactory(DjangoModelFactory):
    """A local strategy of Saint-Étienne, draft; its first text is amendment 0. `in_force(plan)` gives it effect."""

    class Meta:
        model = Plan
        skip_postgeneration_save = True

    kind = Plan.Kind.LOCAL_STRATEGY
    title = factory.Sequence(lambda n: f"Stratégie inventée {n}")
    territory = factory.LazyFunction(lambda: territory("commune", "42218"))
    scope = factory.LazyAttribute(lambda o: scope_of(o.territory))
    strategy = factory.LazyFunction(lambda: Strategy.objects.get(key="2020-2024"))
    begins = dt.date(2025, 1, 1)
    ends = dt.date(2029, 12, 31)
    created_by = factory.SubFactory(PersonFactory)

    @factory.post_generation
    def first_text(self, create, extracted, **kwargs):
        Amendment.objects.create(plan=self, number=0, title="Texte initial", prepared_by=self.created_by)


def national_plan():
    """A national plan in force, held by the nation."""
    nation = territory("nation", "FR")
    scope = Scope.objects.get_or_create(kind="nation", territory=nation, defaults={"label": nation.name})[0]
    return in_force(PlanFactory(kind=Plan.Kind.NATIONAL, title="Plan national inventé", territory=nation, scope=scope))


def write(plan, part, text, amendment=None):
    """Add a paragraph to a draft amendment (the first text unless told otherwise)."""
    amendment = amendment or plan.amendments.get(number=0)
    return Change.objects.create(
        amendment=amendment, kind="insert", anchor=uuid.uuid4(), part=part, text=text,
        position=Change.objects.filter(amendment=amendment, part=part).count() + 1,
    )  # fmt: skip


def in_force(plan, on=SINCE):
    """Give effect to the first text, as its act would: by publication, straight to the tables."""
    amendment = plan.amendments.get(number=0)
    amendment.state, amendment.in_force_from, amendment.published_as = "in_force", on, "Acte inventé n° 1"
    changes = list(amendment.changes.all())
    amendment.save()
    Provision.objects.bulk_create(
        Provision(
            plan=plan, anchor=change.anchor, part=change.part, position=change.position, text=change.text,
            brought_by=amendment, since=on,
        )
        for change in changes
    )  # fmt: skip
    plan.in_force_from = on
    plan.save()
    return plan


class SheetFactory(DjangoModelFactory):
    class Meta:
        model = Sheet

    plan = factory.LazyFunction(lambda: in_force(PlanFactory()))
    number = factory.LazyAttribute(lambda o: o.plan.sheets.count() + 1)
    title = factory.Sequence(lambda n: f"Fiche inventée {n}")
    state = Sheet.State.PLANNED
    brought_by = factory.LazyAttribute(lambda o: o.plan.amendments.get(number=0))
    created_by = factory.SubFactory(PersonFactory)


class IndicatorFactory(DjangoModelFactory):
    """A quarterly flow of people, counted by communes and added up."""

    class Meta:
        model = Indicator

    plan = factory.LazyFunction(lambda: in_force(PlanFactory()))
    label = factory.Sequence(lambda n: f"Indicateur inventé {n}")
    unit = "personnes"
    nature = Indicator.Nature.FLOW
    time_rule = Indicator.TimeRule.SUM
    territory_rule = Indicator.TerritoryRule.SUM
    period = Indicator.Period.QUARTER
    level = Indicator.Level.LOCAL
    source = "Saisie inventée"


class PlanIndicatorFactory(DjangoModelFactory):
    class Meta:
        model = PlanIndicator

    indicator = factory.SubFactory(IndicatorFactory)
    plan = factory.LazyAttribute(lambda o: o.indicator.plan)


class ValueFactory(DjangoModelFactory):
    """A draft value; `accepted(value)` locks it."""

    class Meta:
        model = IndicatorValue

    indicator = factory.SubFactory(IndicatorFactory)
    plan = factory.LazyAttribute(lambda o: o.indicator.plan)
    territory = factory.LazyAttribute(lambda o: o.plan.territory)
    starts_on = dt.date(2025, 1, 1)
    numerator = 12
    entered_by = factory.SubFactory(PersonFactory)


def accepted(value, at=dt.datetime(2025, 5, 2, 9, tzinfo=dt.UTC)):
    value.state, value.settled_at, value.settled_by = "accepted", at, PersonFactory()
    value.save()
    return value


class ToolSheetFactory(DjangoModelFactory):
    class Meta:
        model = ToolSheet

    key = factory.Sequence(lambda n: f"outil-invente-{n}")
    title = factory.Sequence(lambda n: f"Outil inventé {n}")
    state = ToolSheet.State.PUBLISHED
    problem = "Un problème inventé."
    audience = "Un public inventé"
    steps = ["Commencer.", "Finir."]
    source = "Inventée"


class SuccessFactory(DjangoModelFactory):
    class Meta:
        model = Success

    sheet = factory.SubFactory(SheetFactory, state="done")
    what_worked = "Ce qui a marché, inventé."
    conditions = "À des conditions inventées."
    proposed_by = factory.SubFactory(PersonFactory)


class ExperimentFactory(DjangoModelFactory):
    class Meta:
        model = Experiment

    sheet = factory.SubFactory(SheetFactory)
    hypothesis = "Une hypothèse inventée"
    comparison = "Une comparaison inventée"
    ends_on = dt.date(2027, 6, 30)
