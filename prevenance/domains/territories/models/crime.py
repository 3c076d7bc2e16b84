"""Recorded crime by commune, as the ministry's statistical service (SSMSI) publishes it once a year.

What police and gendarmerie recorded, which is neither what took place nor what was reported. A figure that is not
published is not known: neither zero nor small.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from prevenance.core.row_security import READ
from prevenance.domains.territories.models.territories import Territory

VICTIMS = "Victime"  # how units that count people harmed begin: « Victime », « Victime entendue »


class CrimeSeriesQuerySet(models.QuerySet["CrimeSeries"]):
    def visible_to(self, actor: object) -> CrimeSeriesQuerySet:
        """Everything: these are published figures."""
        return self

    def of_victims(self) -> CrimeSeriesQuerySet:
        """Those that count people harmed: not facts, vehicles, nor people suspected."""
        return self.filter(unit__startswith=VICTIMS)


class CrimeSeries(models.Model):
    """One indicator in one year; figures of two units are never added.

    `published`: communes with a figure, zero included; `withheld`: those of which the publisher gives none, because not
    more than five facts were recorded in each of three successive years. `vintage`: year of the communes' codes.
    """

    database_rights = READ

    indicator = models.CharField(_("indicateur"), max_length=120)
    unit = models.CharField(_("unité de compte"), max_length=40)
    year = models.PositiveSmallIntegerField(_("année"))
    vintage = models.PositiveSmallIntegerField(_("millésime géographique"))
    published = models.PositiveIntegerField(_("communes publiées"))
    withheld = models.PositiveIntegerField(_("communes non publiées"))

    objects = CrimeSeriesQuerySet.as_manager()

    class Meta:
        verbose_name = _("série de délinquance enregistrée")
        verbose_name_plural = _("séries de délinquance enregistrée")
        ordering = ["indicator", "-year"]
        constraints = [models.UniqueConstraint(fields=["indicator", "year"], name="crime_series")]

    def __str__(self) -> str:
        return f"{self.indicator}, {self.year}"


class RecordedCrimeQuerySet(models.QuerySet["RecordedCrime"]):
    def visible_to(self, actor: object) -> RecordedCrimeQuerySet:
        """Everything: these are published figures."""
        return self


class RecordedCrime(models.Model):
    """What was recorded in a commune of today; no `value` when it is not published.

    Ten years of fifteen indicators are five million rows: the key gives one commune of a series, or all of it, without
    reading the rest.
    """

    database_rights = READ

    pk = models.CompositePrimaryKey("series", "commune")
    series = models.ForeignKey(CrimeSeries, models.CASCADE, related_name="+", db_index=False, verbose_name=_("série"))
    # No index of its own: communes are closed, never deleted, and nothing asks for all that is known of one.
    commune = models.ForeignKey(Territory, models.CASCADE, related_name="+", db_index=False, verbose_name=_("commune"))
    value = models.PositiveIntegerField(_("nombre"), null=True)

    objects = RecordedCrimeQuerySet.as_manager()

    class Meta:
        verbose_name = _("délinquance enregistrée dans une commune")
