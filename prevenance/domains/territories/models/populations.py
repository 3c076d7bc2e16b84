"""Inhabitants: figures of several definitions and vintages, kept apart."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core.row_security import READ
from prevenance.domains.territories.models.territories import Territory


class PopulationSeries(models.Model):
    """One way of counting inhabitants in one vintage; figures of two series are never added nor compared.

    Names, years and sources are dated data: prevenance/data/territories/populations.yaml.
    """

    database_rights = READ

    class Definition(models.TextChoices):
        TOTAL = "total", _("Population totale")
        MUNICIPAL = "municipal", _("Population municipale")
        UNSPECIFIED = "unspecified", _("Population de définition non précisée")

    definition = models.CharField(_("définition"), max_length=11, choices=Definition)
    year = models.PositiveSmallIntegerField(_("millésime"), null=True, blank=True)  # empty: the source is silent
    name = models.CharField(_("nom"), max_length=120)
    note = models.TextField(_("remarque"), blank=True)
    source = models.TextField(_("source"))

    class Meta:
        verbose_name = _("série de population")
        verbose_name_plural = _("séries de population")
        constraints = [
            models.UniqueConstraint(fields=["definition", "year"], name="population_series", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def vintage(self) -> str:
        return str(self.year) if self.year else _now("millésime non précisé")

    @property
    def rank(self) -> tuple[int, int]:
        """Order of display: the definition that laws mean first, and the latest vintage of each first."""
        return list(self.Definition.values).index(self.definition), -(self.year or 0)


class PopulationQuerySet(models.QuerySet["Population"]):
    def visible_to(self, actor: object) -> PopulationQuerySet:
        """Everything: these are published figures."""
        return self

    def of(self, territory: Territory) -> list[Population]:
        """Every figure of a territory, with its series, in the order of display."""
        found = self.filter(territory=territory).select_related("series")
        return sorted(found, key=lambda population: population.series.rank)


class Population(models.Model):
    """Inhabitants of a territory in one series; above the commune, the sum of its communes.

    `missing` counts the communes whose figure the series lacks: the sum is then a lower bound, and is shown so.
    """

    database_rights = READ

    pk = models.CompositePrimaryKey("territory", "series")
    territory = models.ForeignKey(
        Territory, models.CASCADE, related_name="populations", db_index=False, verbose_name=_("territoire")
    )
    series = models.ForeignKey(PopulationSeries, models.CASCADE, related_name="+", verbose_name=_("série"))
    value = models.PositiveIntegerField(_("habitants"))
    missing = models.PositiveIntegerField(_("communes sans chiffre"), default=0)

    objects = PopulationQuerySet.as_manager()

    class Meta:
        verbose_name = _("population")
