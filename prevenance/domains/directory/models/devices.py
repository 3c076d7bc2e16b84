"""Alert devices, counted: what a département has, by month. Never a place, a name, nor a row a device."""

from functools import cache
from typing import Any

import yaml
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.row_security import APPEND
from prevenance.domains.accounts.models import Person
from prevenance.domains.territories.models import Territory

FIGURES = ("stock", "allocated", "in_use", "waiting", "overseas_need")


@cache
def _lists() -> dict[str, Any]:
    lists: dict[str, Any] = yaml.safe_load((settings.DATA / "directory" / "devices.yaml").read_text(encoding="utf-8"))
    return lists


def device_kinds() -> dict[str, str]:
    kinds: dict[str, str] = _lists()["kinds"]
    return kinds


def months_back(on) -> int:
    """How many months back one may state, on a day."""
    applying = [record for record in _lists()["months_back"] if record["from"] <= on]
    return int(max(applying, key=lambda record: record["from"])["months"])


class DeviceStatementQuerySet(models.QuerySet["DeviceStatement"]):
    def visible_to(self, actor):
        """For who reads indicators; which figures are shown as they are, and where, is rules.devices' business."""
        return self if actor.can("see_plans") else self.none()

    def latest_told(self) -> "DeviceStatementQuerySet":
        """Of each place, device and month, the last statement: a correction is a new one."""
        return self.filter(corrected_by=None)


class DeviceStatement(models.Model):
    """What somebody stated, on a day, of one kind of device in a place and a month. It never changes: what corrects it
    is another, which says which one it replaces."""

    database_rights = APPEND

    departement = models.ForeignKey(Territory, models.PROTECT, related_name="+", verbose_name=_("département"))
    # Seat of the judicial court; none: the whole département.
    court = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("siège du tribunal")
    )
    kind = models.CharField(_("dispositif"), max_length=10)
    month = models.DateField(_("mois"))
    stock = models.PositiveIntegerField(_("en stock, attribués ou non"))
    allocated = models.PositiveIntegerField(_("attribués"))
    in_use = models.PositiveIntegerField(_("en service"))
    waiting = models.PositiveIntegerField(_("demandes en attente"))
    # Overseas only (action 17.6): devices that the territory says it lacks, which no stock of the mainland answers.
    overseas_need = models.PositiveIntegerField(_("besoin exprimé outre-mer"), null=True, blank=True)
    corrects = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="corrected_by",
        verbose_name=_("corrige la déclaration"),
    )
    stated_on = models.DateField(_("déclaré le"), default=timezone.localdate, editable=False)
    stated_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("déclaré par"))

    objects = DeviceStatementQuerySet.as_manager()

    class Meta:
        verbose_name = _("déclaration de dispositifs d’alerte")
        verbose_name_plural = _("déclarations de dispositifs d’alerte")
        ordering = ["-month", "-id"]
        indexes = [models.Index(fields=["kind", "month", "departement"], name="device_month")]
        constraints = [
            # One chain a place, a device and a month: its first statement corrects none.
            models.UniqueConstraint(
                fields=["departement", "court", "kind", "month"], condition=Q(corrects=None), nulls_distinct=False,
                name="device_stated_once",
            ),
            models.CheckConstraint(
                condition=Q(in_use__lte=F("allocated"), allocated__lte=F("stock")), name="device_counts_in_order"
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="device_of_a_month"),
        ]  # fmt: skip

    @property
    def kind_label(self):
        return device_kinds().get(self.kind, self.kind)

    @property
    def is_corrected(self):
        return hasattr(self, "corrected_by")
