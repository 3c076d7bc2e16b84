"""Priority neighbourhoods, and whether the list that would name them was loaded."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from prevenance.core.row_security import READ
from prevenance.domains.territories.models.territories import Territory


class PriorityNeighbourhood(models.Model):
    """A quartier prioritaire de la politique de la ville, in the list of one vintage."""

    database_rights = READ

    code = models.CharField(_("code"), max_length=9)
    name = models.CharField(_("nom"), max_length=200)
    vintage = models.PositiveSmallIntegerField(_("millésime"))
    communes = models.ManyToManyField(
        Territory,
        through="NeighbourhoodCommune",
        related_name="priority_neighbourhoods",
        verbose_name=_("communes"),
    )

    class Meta:
        verbose_name = _("quartier prioritaire")
        verbose_name_plural = _("quartiers prioritaires")
        constraints = [models.UniqueConstraint(fields=["code", "vintage"], name="neighbourhood_code_vintage")]

    def __str__(self) -> str:
        return self.name


class NeighbourhoodCommune(models.Model):
    """A priority neighbourhood lies in a commune, sometimes in several."""

    database_rights = READ

    pk = models.CompositePrimaryKey("neighbourhood", "commune")
    neighbourhood = models.ForeignKey(
        PriorityNeighbourhood, models.CASCADE, related_name="+", db_index=False, verbose_name=_("quartier")
    )
    commune = models.ForeignKey(Territory, models.CASCADE, related_name="+", verbose_name=_("commune"))

    class Meta:
        verbose_name = _("commune d’un quartier prioritaire")
        verbose_name_plural = _("communes des quartiers prioritaires")
