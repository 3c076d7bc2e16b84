"""Priority neighbourhoods, and whether the list that would name them was loaded."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.row_security import READ
from prevenance.domains.territories.models.references import ReferenceImport
from prevenance.domains.territories.models.territories import Territory


@dataclass(frozen=True)
class KnownNeighbourhoods:
    """What can be told of a territory: `vintage` is None when no list that covers it was loaded.

    An empty `listed` means « there is none » only when there is a vintage.
    """

    vintage: int | None
    listed: tuple[PriorityNeighbourhood, ...]


class PriorityNeighbourhoodQuerySet(models.QuerySet["PriorityNeighbourhood"]):
    def visible_to(self, actor: object) -> PriorityNeighbourhoodQuerySet:
        """Everything: the list is public."""
        return self

    def known_in(self, territory: Territory, on: datetime.date | None = None) -> KnownNeighbourhoods:
        """The neighbourhoods of a commune, or of the communes of a territory, in the list of the day `on`."""
        vintage = vintage_covering(territory, on)
        if vintage is None:
            return KnownNeighbourhoods(None, ())
        found = self.filter(vintage=vintage, communes__containers__container=territory).distinct().order_by("code")
        return KnownNeighbourhoods(vintage, tuple(found))


def vintage_covering(territory: Territory, on: datetime.date | None = None) -> int | None:
    """Vintage of the latest list loaded that was not of the future on that day and covers the territory's zone.

    A list without a single neighbourhood overseas says nothing of overseas: `zones` is what it did cover. The nation
    is covered by a list of both the hexagone and the overseas départements.
    """
    year = (on or timezone.localdate()).year
    lists = ReferenceImport.objects.filter(kind=ReferenceImport.Kind.NEIGHBOURHOODS, vintage__lte=year)
    needed = {territory.zone} if territory.zone else {Territory.Zone.METROPOLE.value, Territory.Zone.DROM.value}
    for vintage, zones in lists.order_by("-vintage").values_list("vintage", "zones"):
        if needed <= set(zones.split()):
            return vintage
    return None


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

    objects = PriorityNeighbourhoodQuerySet.as_manager()

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
