"""A table brought in by hand: kept as read until the person has matched its columns and said yes."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.domains.accounts.models import Person
from prevenance.domains.governance.models.councils import Council, held_by, reached_by


class ImportQuerySet(models.QuerySet["Import"]):
    def visible_to(self, actor):
        """For those who hold the council only: the rows may hold anything."""
        return reached_by(self, actor).filter(held_by(actor)) if actor.can("hold_council") else self.none()


class Import(models.Model):
    """Rows pasted or uploaded, waiting to be checked on screen. Deleted once imported or after its retention."""

    class Subject(models.TextChoices):
        MEMBERS = "members", _("Membres et contacts")
        DECISIONS = "decisions", _("Décisions en cours")

    council = models.ForeignKey(Council, models.CASCADE, related_name="+", verbose_name=_("conseil"))
    subject = models.CharField(_("contenu"), max_length=10, choices=Subject)
    headers = models.JSONField(_("colonnes"))
    rows = models.JSONField(_("lignes"))
    mapping = models.JSONField(_("correspondance"), default=dict, blank=True)
    created_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("par"))
    created_at = models.DateTimeField(_("reçu le"), default=timezone.now, editable=False)
    imported_at = models.DateTimeField(_("importé le"), null=True, blank=True)
    imported_count = models.PositiveIntegerField(_("lignes importées"), default=0)

    objects = ImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        ordering = ["-created_at"]
