"""Other open doors of a service: clinics of some hours in another commune, and stops of a round on the road.

A service whose address is kept secret has none: each would be a place where those whom it protects are met. In a file,
they are the field `prevenance_permanences` of their service (rules.inclusion.doors).
"""

from datetime import date

from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.domains.accounts.models import Person
from prevenance.domains.directory.models.services import Service
from prevenance.domains.directory.models.structures import on_earth, point_of
from prevenance.domains.territories.models import Territory


def lasting(day: date, path: str = "") -> Q:
    """Of what has a first and perhaps a last day, what holds on a day."""
    begun = Q(**{f"{path}starts_on__lte": day})
    return begun & (Q(**{f"{path}ends_on": None}) | Q(**{f"{path}ends_on__gte": day}))


class RoundQuerySet(models.QuerySet["Round"]):
    def visible_to(self, actor):
        """As the directory itself."""
        return self.filter(service__address_hidden=False) if actor.signed_in else self.none()

    def running(self, on: date | None = None) -> "RoundQuerySet":
        return self.filter(lasting(on or timezone.localdate()))

    def listed(self) -> "RoundQuerySet":
        """What a list and its file say, with `size`, how many stops."""
        stops = Door.objects.filter(round=OuterRef("pk")).order_by().values("round").annotate(count=Count("pk"))
        found = self.select_related("service__structure").annotate(size=Coalesce(Subquery(stops.values("count")), 0))
        shown = ("name", "vehicle", "starts_on", "ends_on", "service__name", "service__structure__name")
        return found.only(*shown).order_by("name", "pk")


class Round(models.Model):
    """A vehicle in which a structure renders a service from place to place, in the order of its stops."""

    service = models.ForeignKey(Service, models.PROTECT, related_name="rounds", verbose_name=_("service"))
    name = models.CharField(_("nom"), max_length=120)
    vehicle = models.CharField(_("véhicule"), max_length=80, blank=True)
    starts_on = models.DateField(_("premier jour"))
    ends_on = models.DateField(_("dernier jour"), null=True, blank=True)
    updated_on = models.DateField(_("mise à jour le"), default=timezone.localdate)
    created_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("inscrite par"))
    edit = models.PositiveIntegerField(_("rang d’enregistrement"), default=1)

    objects = RoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("tournée")
        verbose_name_plural = _("tournées")
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="round_in_order"),
        ]

    def __str__(self):
        return self.name

    @property
    def is_over(self):
        return self.ends_on is not None and self.ends_on < timezone.localdate()


class DoorQuerySet(models.QuerySet["Door"]):
    def visible_to(self, actor):
        """As the directory itself; of a service whose address is kept secret, none."""
        return self.shown() if actor.signed_in else self.none()

    def shown(self) -> "DoorQuerySet":
        """The door of the public pages too: nothing of a service that hides."""
        return self.filter(service__address_hidden=False)

    def open(self, on: date | None = None) -> "DoorQuerySet":
        """Those of open services in whose season a day is, those of a round while the round runs."""
        day = on or timezone.localdate()
        still = Q(service__closed_on=None) | Q(service__closed_on__gt=day)
        begun = Q(service__opened_on=None) | Q(service__opened_on__lte=day)
        return self.shown().filter(lasting(day), Q(round=None) | lasting(day, "round__"), still, begun)


class Door(models.Model):
    """A place, its hours in OSM syntax, from a day to another. `round`: it is a stop of it, of the same service."""

    service = models.ForeignKey(Service, models.PROTECT, related_name="doors", verbose_name=_("service"))
    round = models.ForeignKey(
        Round, models.CASCADE, null=True, blank=True, related_name="stops", verbose_name=_("tournée")
    )
    rank = models.PositiveSmallIntegerField(_("rang dans la tournée"), default=0)  # 0: of no round
    place = models.CharField(_("lieu d’accueil"), max_length=150)
    commune = models.ForeignKey(Territory, models.PROTECT, related_name="+", verbose_name=_("commune"))
    address = models.CharField(_("adresse"), max_length=200, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)  # degrees, EPSG:4326
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    hours = models.CharField(_("horaires"), max_length=300)  # OSM syntax
    weekly_hours = models.FloatField(_("heures par semaine, en moyenne"))  # counted from `hours` over a year
    starts_on = models.DateField(_("premier jour"))
    ends_on = models.DateField(_("dernier jour"), null=True, blank=True)
    updated_on = models.DateField(_("mis à jour le"), default=timezone.localdate)
    created_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("inscrit par"))
    edit = models.PositiveIntegerField(_("rang d’enregistrement"), default=1)

    objects = DoorQuerySet.as_manager()

    class Meta:
        verbose_name = _("permanence ou arrêt")
        verbose_name_plural = _("permanences et arrêts")
        ordering = ["rank", "id"]
        indexes = [models.Index(fields=["commune"], name="door_commune")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="door_in_order"),
            models.CheckConstraint(condition=Q(weekly_hours__gte=0), name="door_hours_not_negative"),
            models.CheckConstraint(condition=on_earth(), name="door_on_earth"),
            models.CheckConstraint(
                condition=Q(round=None, rank=0) | Q(round__isnull=False, rank__gt=0), name="door_ranked_in_its_round"
            ),
        ]

    def __str__(self):
        return f"{self.place}, {self.commune.name}"

    address_hidden = False  # of a service that hides there is none: see the module

    @property
    def point(self):
        """Where it is put on a map: its own point, or else its commune's."""
        return point_of(self)

    @property
    def address_lines(self):
        return [line for line in (self.place, self.address, self.commune.name) if line]

    @property
    def is_over(self):
        return self.ends_on is not None and self.ends_on < timezone.localdate()
