"""What the national view keeps, so that France is not read again at each visit."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from prevenance.domains.territories.models import Territory


class ExpectationReadingQuerySet(models.QuerySet["ExpectationReading"]):
    def visible_to(self, actor: object) -> ExpectationReadingQuerySet:
        """Everything: these are counts of communes."""
        return self


class ExpectationReading(models.Model):
    """France read once against the texts of one day.

    Worth keeping until the end of the day when it was computed, since councils are declared every day, and only while
    `state`, the fingerprint of the reference lists and of the law, stays the same. See `analysis.kept_reading`.
    """

    database_rights = "SELECT, INSERT, DELETE"

    day = models.DateField(_("date des réponses"), unique=True)
    state = models.CharField(_("empreinte des références"), max_length=64)
    computed_at = models.DateTimeField(_("calculé le"))

    objects = ExpectationReadingQuerySet.as_manager()

    class Meta:
        verbose_name = _("lecture nationale")
        verbose_name_plural = _("lectures nationales")


class ExpectationCountQuerySet(models.QuerySet["ExpectationCount"]):
    def visible_to(self, actor: object) -> ExpectationCountQuerySet:
        """Everything: these are counts of communes."""
        return self


class ExpectationCount(models.Model):
    """Communes of a département that have one answer to one rule; an answer that no commune has leaves no row."""

    database_rights = "SELECT, INSERT, DELETE"

    pk = models.CompositePrimaryKey("reading", "rule", "departement", "answer")
    reading = models.ForeignKey(
        ExpectationReading, models.CASCADE, related_name="counts", db_index=False, verbose_name=_("lecture")
    )
    rule = models.CharField(_("règle"), max_length=40)
    departement = models.ForeignKey(
        Territory, models.CASCADE, related_name="+", db_index=False, verbose_name=_("département")
    )
    answer = models.CharField(_("réponse"), max_length=12)  # a value of the engine's Answer
    communes = models.PositiveIntegerField(_("communes"))

    objects = ExpectationCountQuerySet.as_manager()

    class Meta:
        verbose_name = _("nombre de communes par réponse")
