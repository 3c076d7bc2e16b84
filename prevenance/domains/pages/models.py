"""What the national view keeps, so that France is not read again at each visit."""

from __future__ import annotations

import datetime
from typing import Any

from django.db import connection, models
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


class UnansweredSearchQuerySet(models.QuerySet["UnansweredSearch"]):
    def visible_to(self, actor: Any) -> UnansweredSearchQuerySet:
        """For whoever is signed in, and then only as `analysis.unanswered` shows them: never one by one."""
        return self if actor.signed_in else self.none()


class UnansweredSearch(models.Model):
    """How many searches for help found nothing, in a commune, for a need, in a month. Nothing of who, nor of when.

    Counted without the audit trail: a row of it would say the minute at which somebody asked for help (ADR 0011).
    """

    month = models.DateField(_("mois"))  # its first day
    commune = models.ForeignKey(Territory, models.PROTECT, related_name="+", verbose_name=_("commune"))
    need = models.CharField(_("besoin"), max_length=30, blank=True)  # of directory's needs; empty: none was said
    searches = models.PositiveIntegerField(_("recherches sans réponse"))

    objects = UnansweredSearchQuerySet.as_manager()

    class Meta:
        verbose_name = _("recherches sans réponse")
        verbose_name_plural = _("recherches sans réponse")
        constraints = [models.UniqueConstraint(fields=["month", "commune", "need"], name="unanswered_search")]

    @classmethod
    def count_one(cls, *, commune: Territory, need: str, on: datetime.date) -> None:
        """One more, in one statement: two at the same moment both count."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {cls._meta.db_table} (month, commune_id, need, searches) VALUES (%s, %s, %s, 1)"  # noqa: S608
                f" ON CONFLICT (month, commune_id, need) DO UPDATE SET searches = {cls._meta.db_table}.searches + 1",
                [on.replace(day=1), commune.pk, need],
            )
