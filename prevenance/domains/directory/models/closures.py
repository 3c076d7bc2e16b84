"""Days on which a structure or a service receives nobody: summer, works, training."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from prevenance.core.composed import composed
from prevenance.domains.directory.models.services import Service
from prevenance.domains.directory.models.structures import Structure


@composed
def periods_of(services: list[int], structures: list[int]) -> Any:
    """(service or None, structure or None, first day, last day) of the closures of some services and structures."""
    rows = Closure.objects.filter(Q(service__in=services) | Q(structure__in=structures))
    return rows.order_by("starts_on", "ends_on", "pk").values_list("service", "structure", "starts_on", "ends_on")


class ClosureQuerySet(models.QuerySet["Closure"]):
    def visible_to(self, actor):
        """As the directory itself."""
        return self if actor.signed_in else self.none()

    def on(self, day: date) -> "ClosureQuerySet":
        return self.filter(starts_on__lte=day, ends_on__gte=day)

    @staticmethod
    def of(services: Collection[Service]) -> dict[int, list[tuple[date, date]]]:
        """{id of a service: its periods and, when it is rendered there, its structure's}, in one query."""
        found: dict[int, list[tuple[date, date]]] = {service.pk: [] for service in services}
        there: dict[int, list[int]] = {}
        for service in services:
            if service.at_structure:
                there.setdefault(service.structure_id, []).append(service.pk)
        for service_id, structure_id, starts, ends in periods_of(list(found), list(there)):
            for pk in [service_id] if service_id else there[structure_id]:
                found[pk].append((starts, ends))
        return found


class Closure(models.Model):
    """A period, both days included. Of a structure, it closes all that it renders at its own place."""

    structure = models.ForeignKey(
        Structure, models.CASCADE, null=True, blank=True, related_name="closures", verbose_name=_("structure")
    )
    service = models.ForeignKey(
        Service, models.CASCADE, null=True, blank=True, related_name="closures", verbose_name=_("service")
    )
    starts_on = models.DateField(_("premier jour fermé"))
    ends_on = models.DateField(_("dernier jour fermé"))
    note = models.CharField(_("motif"), max_length=100, blank=True)

    objects = ClosureQuerySet.as_manager()

    class Meta:
        verbose_name = _("période de fermeture")
        verbose_name_plural = _("périodes de fermeture")
        ordering = ["starts_on", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="closure_in_order"),
            models.CheckConstraint(
                condition=Q(structure=None, service__isnull=False) | Q(structure__isnull=False, service=None),
                name="closure_of_one",
            ),
        ]

    def __str__(self):
        return f"{self.starts_on} – {self.ends_on}"
