"""Reporting circuits: in a département and for a situation, who tells whom. A version in force never changes."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import yaml
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Count, F, Func, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.domains.accounts.models import Person
from prevenance.domains.directory.models.lists import closed_list
from prevenance.domains.directory.models.numbers import known_number
from prevenance.domains.directory.models.services import Service
from prevenance.domains.directory.models.stations import in_reach
from prevenance.domains.directory.models.structures import Structure
from prevenance.domains.territories.models import Containment, Territory


@dataclass(frozen=True)
class Basis:
    """A text that a step leans on, from the day when it applies to the first day without it."""

    key: str
    text: str
    says: str
    since: date
    until: date | None = None

    @property
    def shown(self) -> str:
        """Its text, whose number no line breaks: « article L. 226-4 »."""
        return self.text.replace("article ", "article\u00a0").replace("L. ", "L.\u00a0").replace("-", "\u2011")


@cache
def _lists() -> dict[str, Any]:
    lists: dict[str, Any] = yaml.safe_load((settings.DATA / "directory" / "circuits.yaml").read_text(encoding="utf-8"))
    return lists


def circuit_list(name: str) -> dict[str, str]:
    """{key: label} of people, professionals, institutions, means or delays; « situations » are the needs."""
    found: dict[str, str] = closed_list("needs") if name == "situations" else _lists()[name]
    return found


@cache
def bases() -> dict[str, Basis]:
    """Every text of the list. Raises TypeError for a word that no field of one has."""
    return {line["key"]: Basis(since=line.pop("from"), **line) for line in map(dict, _lists()["basis"])}


def bases_on(day: date) -> list[Basis]:
    """Those that apply on a day."""
    return [one for one in bases().values() if one.since <= day and (one.until is None or day < one.until)]


def departements_of(territory_id: int | None) -> models.QuerySet:
    """Ids of the départements that a territory is in, or that it contains."""
    around = Containment.objects.filter(contained_id=territory_id, container__kind=Territory.Kind.DEPARTEMENT)
    inside = Containment.objects.filter(container_id=territory_id, contained__kind=Territory.Kind.DEPARTEMENT)
    return around.order_by().values("container_id").union(inside.order_by().values("contained_id"))


class CircuitQuerySet(models.QuerySet["Circuit"]):
    def visible_to(self, actor):
        """Those of the département for each professional who acts there; what is being prepared, for who may write."""
        if not actor.signed_in or actor.territory_id is None:
            return self.none()
        found = self.filter(in_reach(actor, "departement"))
        return found if actor.can("write_circuits") else found.filter(valid_from__isnull=False)

    def in_force(self, on: date | None = None) -> "CircuitQuerySet":
        day = on or timezone.localdate()
        return self.filter(Q(valid_to=None) | Q(valid_to__gt=day), valid_from__lte=day)

    def listed(self) -> "CircuitQuerySet":
        """What a list and its file say, with `count`, how many steps."""
        steps = CircuitStep.objects.filter(circuit=OuterRef("pk")).order_by().values("circuit").annotate(n=Count("pk"))
        found = self.select_related("departement").annotate(count=Coalesce(Subquery(steps.values("n")), 0))
        found = found.only("situation", "people", "version", "valid_from", "valid_to", "departement__name")
        return found.order_by("departement__sort_name", "situation", "people", "-version")

    def alike(self, circuit: "Circuit") -> "CircuitQuerySet":
        """Every version of one circuit."""
        return self.filter(departement=circuit.departement_id, situation=circuit.situation, people=circuit.people)


class Circuit(models.Model):
    """A version of a circuit. Without `valid_from` it is being prepared; afterwards only `valid_to` is ever said, once
    (trigger of migration 0010)."""

    class State(models.TextChoices):
        DRAFT = "draft", _("En préparation")
        FUTURE = "future", _("À venir")
        CURRENT = "current", _("En vigueur")
        ENDED = "ended", _("N’est plus en vigueur")

    departement = models.ForeignKey(Territory, models.PROTECT, related_name="+", verbose_name=_("département"))
    situation = models.CharField(_("situation"), max_length=30)
    people = models.CharField(_("personne concernée"), max_length=20)
    version = models.PositiveSmallIntegerField(_("version"))
    valid_from = models.DateField(_("en vigueur depuis le"), null=True, blank=True)
    valid_to = models.DateField(_("n’est plus en vigueur le"), null=True, blank=True)  # first day without it
    prepared_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("préparé par"))
    decided_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("mis en vigueur par")
    )
    created_at = models.DateTimeField(_("préparé le"), default=timezone.now, editable=False)
    edit = models.PositiveIntegerField(_("rang d’enregistrement"), default=1)

    objects = CircuitQuerySet.as_manager()

    class Meta:
        verbose_name = _("circuit de signalement")
        verbose_name_plural = _("circuits de signalement")
        ordering = ["departement", "situation", "people", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["departement", "situation", "people", "version"], name="circuit_version"),
            models.UniqueConstraint(
                fields=["departement", "situation", "people"], condition=Q(valid_from=None), name="circuit_one_draft"
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None, valid_to=None, decided_by=None)
                | (Q(valid_from__isnull=False, decided_by__isnull=False) & Q(valid_to=None))
                | Q(valid_from__isnull=False, decided_by__isnull=False, valid_to__gte=F("valid_from")),
                name="circuit_decided_then_ended",
            ),
            ExclusionConstraint(
                name="circuit_one_at_a_time",
                condition=Q(valid_from__isnull=False),
                expressions=[
                    ("departement", RangeOperators.EQUAL),
                    ("situation", RangeOperators.EQUAL),
                    ("people", RangeOperators.EQUAL),
                    (
                        Func(F("valid_from"), F("valid_to"), models.Value("[)"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self):
        return f"{self.situation_label} ({self.people_label})"

    @property
    def situation_label(self):
        return circuit_list("situations").get(self.situation, self.situation)

    @property
    def people_label(self):
        return circuit_list("people").get(self.people, self.people)

    @property
    def state(self):
        day = timezone.localdate()
        if self.valid_from is None:
            return self.State.DRAFT
        if self.valid_to is not None and self.valid_to <= day:
            return self.State.ENDED
        return self.State.FUTURE if self.valid_from > day else self.State.CURRENT

    @property
    def is_draft(self):
        return self.valid_from is None


class CircuitStepQuerySet(models.QuerySet["CircuitStep"]):
    def visible_to(self, actor):
        return self.filter(circuit__in=Circuit.objects.visible_to(actor))

    def whole(self) -> "CircuitStepQuerySet":
        """With the names of whom each tells, in order."""
        named = ("service__structure", "structure", "after__service", "after__structure")
        return self.select_related(*named).order_by("rank")


class CircuitStep(models.Model):
    """A kind of professional (`who`), or whom an earlier step told (`after`), tells one other."""

    circuit = models.ForeignKey(Circuit, models.CASCADE, related_name="steps", verbose_name=_("circuit"))
    rank = models.PositiveSmallIntegerField(_("étape"))
    who = models.CharField(_("qui signale"), max_length=20, blank=True)
    after = models.ForeignKey(
        "self",
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="following",
        verbose_name=_("à la suite de l’étape"),
    )
    service = models.ForeignKey(
        Service, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("service prévenu")
    )
    structure = models.ForeignKey(
        Structure, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("structure prévenue")
    )
    number = models.CharField(_("numéro national"), max_length=20, blank=True)
    institution = models.CharField(_("institution prévenue"), max_length=20, blank=True)
    means = models.CharField(_("moyen"), max_length=20)
    delay = models.CharField(_("délai"), max_length=20)
    basis = models.CharField(_("texte"), max_length=20, blank=True)

    objects = CircuitStepQuerySet.as_manager()

    class Meta:
        verbose_name = _("étape d’un circuit")
        verbose_name_plural = _("étapes d’un circuit")
        ordering = ["circuit", "rank"]
        constraints = [
            models.UniqueConstraint(fields=["circuit", "rank"], name="circuit_step_rank"),
            models.CheckConstraint(
                condition=(Q(after=None) & ~Q(who="")) | Q(after__isnull=False, who=""), name="circuit_step_of_one"
            ),
            models.CheckConstraint(
                condition=Q(service__isnull=False, structure=None, number="", institution="")
                | Q(service=None, structure__isnull=False, number="", institution="")
                | (Q(service=None, structure=None, institution="") & ~Q(number=""))
                | (Q(service=None, structure=None, number="") & ~Q(institution="")),
                name="circuit_step_tells_one",
            ),
        ]

    @property
    def told(self):
        """Who is told, as one box of the drawing: the same word for the same one."""
        for name in ("service", "structure"):
            if (pk := getattr(self, f"{name}_id")) is not None:
                return f"{name}:{pk}"
        return f"number:{self.number}" if self.number else f"institution:{self.institution}"

    @property
    def told_label(self):
        if self.service_id is not None:
            return self.service.name
        if self.structure_id is not None:
            return self.structure.name
        if self.number:
            number = known_number(self.number)
            return f"{number.name}, {number.shown}" if number else self.number
        return circuit_list("institutions").get(self.institution, self.institution)

    @property
    def teller(self):
        return f"who:{self.who}" if self.after_id is None else self.after.told

    @property
    def teller_label(self):
        if self.after_id is not None:
            return self.after.told_label
        return circuit_list("professionals").get(self.who, self.who)

    def outdated(self, on: date) -> bool:
        """Whether whom it tells is closed since, or its text no longer applies: who reads it is to be told."""
        place = self.service if self.service_id is not None else self.structure
        closed = place is not None and not place.is_open
        return closed or (self.basis != "" and self.basis not in {one.key for one in bases_on(on)})

    @property
    def means_label(self):
        return circuit_list("means").get(self.means, self.means)

    @property
    def delay_label(self):
        return circuit_list("delays").get(self.delay, self.delay)

    @property
    def basis_text(self):
        return bases().get(self.basis)
