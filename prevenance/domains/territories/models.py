"""Real territories of France."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from prevenance.core.row_security import READ


class TerritoryQuerySet(models.QuerySet["Territory"]):
    def visible_to(self, actor):
        """Public reference data."""
        return self


class Territory(models.Model):
    """A commune, EPCI, EPT, département, region or the nation."""

    database_rights = READ

    class Kind(models.TextChoices):
        COMMUNE = "commune", _("Commune")
        EPCI = "epci", _("Intercommunalité")
        EPT = "ept", _("Établissement public territorial")
        DEPARTEMENT = "departement", _("Département")
        REGION = "region", _("Région")
        NATION = "nation", _("Nation")

    kind = models.CharField(_("nature"), max_length=12, choices=Kind)
    code = models.CharField(_("code"), max_length=9)
    name = models.CharField(_("nom"), max_length=200)
    sort_name = models.CharField(_("clé de tri"), max_length=200)

    objects = TerritoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("territoire")
        constraints = [models.UniqueConstraint(fields=["kind", "code"], name="territory_code")]

    def __str__(self):
        return self.name
