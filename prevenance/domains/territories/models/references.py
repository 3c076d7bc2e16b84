"""What was loaded, from where, under which licence."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from prevenance.core.row_security import READ


class ReferenceImportQuerySet(models.QuerySet["ReferenceImport"]):
    def visible_to(self, actor: object) -> ReferenceImportQuerySet:
        """Everything: where public data come from is public."""
        return self

    def state_of_territories(self) -> str:
        """A word that changes whenever the territories loaded change; empty before the first load."""
        last = self.filter(kind=ReferenceImport.Kind.TERRITORIES).order_by("-vintage").first()
        return f"{last.vintage}-{last.digest[:12]}" if last else ""


class ReferenceImport(models.Model):
    """A reference list that was loaded: without this row, an empty table would read as « there is none »."""

    database_rights = READ

    class Kind(models.TextChoices):
        TERRITORIES = "territories", _("Territoires du code officiel géographique")
        NEIGHBOURHOODS = "neighbourhoods", _("Quartiers prioritaires de la politique de la ville")
        CRIME = "crime", _("Délinquance enregistrée par commune")

    kind = models.CharField(_("liste"), max_length=14, choices=Kind)
    vintage = models.PositiveSmallIntegerField(_("millésime"))
    zones = models.CharField(_("zones couvertes"), max_length=20, blank=True)  # words such as "metro drom"
    source = models.TextField(_("source"))
    licence = models.TextField(_("licence"))
    digest = models.CharField(_("empreinte SHA-256 du fichier"), max_length=64)
    rows = models.PositiveIntegerField(_("lignes"))
    imported_at = models.DateTimeField(_("chargée le"))

    objects = ReferenceImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("liste de référence chargée")
        verbose_name_plural = _("listes de référence chargées")
        constraints = [models.UniqueConstraint(fields=["kind", "vintage"], name="reference_import_vintage")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.vintage})"
