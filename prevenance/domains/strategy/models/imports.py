"""A plan's sheets, or values, brought in from a table: kept as read until the person has checked it."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.domains.accounts.models import Person
from prevenance.domains.strategy.models.plans import Plan, held_plan, read_plans


class TableImportQuerySet(models.QuerySet["TableImport"]):
    def visible_to(self, actor):
        """For those who hold the plan only: the rows may hold anything."""
        return read_plans(self, actor).filter(held_plan(actor))


class TableImport(models.Model):
    """Rows of a file, waiting to be checked on screen. Deleted once imported or after its retention."""

    class Subject(models.TextChoices):
        SHEETS = "sheets", _("Fiches action")
        VALUES = "values", _("Valeurs d’indicateurs")

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="+", verbose_name=_("plan"))
    subject = models.CharField(_("contenu"), max_length=10, choices=Subject)
    headers = models.JSONField(_("colonnes"))
    rows = models.JSONField(_("lignes"))
    mapping = models.JSONField(_("correspondance"), default=dict, blank=True)
    created_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("par"))
    created_at = models.DateTimeField(_("reçu le"), default=timezone.now, editable=False)
    imported_at = models.DateTimeField(_("importé le"), null=True, blank=True)
    imported_count = models.PositiveIntegerField(_("lignes importées"), default=0)
    left_count = models.PositiveIntegerField(_("lignes laissées"), default=0)

    objects = TableImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("tableau reçu")
        verbose_name_plural = _("tableaux reçus")
        ordering = ["-created_at"]
