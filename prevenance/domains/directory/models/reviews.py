"""Whether what is said of a service is still true: errors reported, reminders sent, rows that are two."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.domains.accounts.models import Person
from prevenance.domains.directory.models.services import Service
from prevenance.domains.directory.models.structures import Structure


class ErrorReportQuerySet(models.QuerySet["ErrorReport"]):
    def visible_to(self, actor):
        """For those who keep the directory."""
        return self if actor.can("keep_directory") else self.none()

    def unsettled(self):
        return self.filter(settled_on=None)

    def of_each(self):
        """Words unsettled of each service of an outer query, as `reported` of its rows."""
        return ArraySubquery(self.unsettled().filter(service=OuterRef("pk")).order_by("what").values("what"))


class ErrorReport(models.Model):
    """An error that somebody saw, by a word of a list. Nothing is kept of who says it: no text, no address, no hour."""

    class What(models.TextChoices):
        PHONE = "phone", _("Le numéro ne répond pas, ou n’est pas le bon")
        PLACE = "place", _("L’adresse n’est pas la bonne")
        HOURS = "hours", _("Les horaires ne sont pas les bons")
        CLOSED = "closed", _("Le service n’existe plus")
        PUBLIC = "public", _("Le service n’est pas pour qui la page le dit")
        OTHER = "other", _("Autre chose n’est pas juste")

    service = models.ForeignKey(Service, models.CASCADE, related_name="reports", verbose_name=_("service"))
    what = models.CharField(_("ce qui n’est pas juste"), max_length=10, choices=What)
    reported_on = models.DateField(_("signalé le"), default=timezone.localdate, editable=False)
    settled_on = models.DateField(_("réglé le"), null=True, blank=True)
    settled_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("réglé par")
    )

    objects = ErrorReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("erreur signalée")
        verbose_name_plural = _("erreurs signalées")
        ordering = ["reported_on", "id"]
        indexes = [models.Index(fields=["reported_on"], name="error_report_day")]


class ReviewReminder(models.Model):
    """A reminder of services to confirm: at most one a week a person, which the database holds."""

    database_rights = "SELECT, INSERT, DELETE"  # erased after their retention

    person = models.ForeignKey(Person, models.CASCADE, related_name="+", verbose_name=_("destinataire"))
    week = models.DateField(_("semaine du"))
    sent_at = models.DateTimeField(_("envoyé le"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("rappel de services à confirmer")
        verbose_name_plural = _("rappels de services à confirmer")
        constraints = [models.UniqueConstraint(fields=["person", "week"], name="review_reminder_once_a_week")]


class DistinctQuerySet(models.QuerySet["Distinct"]):
    def visible_to(self, actor):
        return self if actor.can("keep_directory") else self.none()


class Distinct(models.Model):
    """Two structures that look like one and that somebody said are two."""

    first = models.ForeignKey(Structure, models.CASCADE, related_name="+", verbose_name=_("l’une"))
    second = models.ForeignKey(Structure, models.CASCADE, related_name="+", verbose_name=_("l’autre"))
    said_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("dit par"))
    said_on = models.DateField(_("dit le"), default=timezone.localdate)

    objects = DistinctQuerySet.as_manager()

    class Meta:
        verbose_name = _("structures distinctes")
        verbose_name_plural = _("structures distinctes")
        constraints = [
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="distinct_in_order"),
            models.UniqueConstraint(fields=["first", "second"], name="distinct_once"),
        ]
