"""Social workers in police and gendarmerie stations: posts of a département, what employs and pays them. No name."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.text import sort_key
from prevenance.domains.accounts.models import Person
from prevenance.domains.directory.models.services import Service
from prevenance.domains.governance.models import Upload
from prevenance.domains.territories.models import Containment, Territory


def in_reach(actor, path: str) -> Q:
    """Rows whose département contains, or lies in, the territory that one acts in; the nation sees all of them."""
    if actor.scope_kind == Territory.Kind.NATION:
        return Q()
    around = Containment.objects.filter(contained_id=actor.territory_id).order_by().values("container_id")
    inside = Containment.objects.filter(container_id=actor.territory_id).order_by().values("contained_id")
    return Q(**{f"{path}__in": around}) | Q(**{f"{path}__in": inside})


def seen_by(rows, actor, path: str):
    """Registers of a département are read by those who read its coverage, and by nobody else."""
    return rows.filter(in_reach(actor, path)) if actor.can("see_coverage") else rows.none()


class StationPostQuerySet(models.QuerySet["StationPost"]):
    def visible_to(self, actor):
        return seen_by(self, actor, "departement")

    def open(self, on: date | None = None) -> "StationPostQuerySet":
        """Those that exist on a day, somebody holding them or not."""
        day = on or timezone.localdate()
        return self.filter(opened_on__lte=day).filter(Q(closed_on=None) | Q(closed_on__gt=day))

    def filled(self, on: date | None = None) -> "StationPostQuerySet":
        """Those that somebody holds on a day."""
        day = on or timezone.localdate()
        return self.open(day).filter(Q(vacant_since=None) | Q(vacant_since__gt=day))


class StationPost(models.Model):
    """A post of social worker in a station. Who holds it is not written here: one reaches the service."""

    class Force(models.TextChoices):
        POLICE = "police", _("Police nationale")
        GENDARMERIE = "gendarmerie", _("Gendarmerie nationale")
        BOTH = "both", _("Police et gendarmerie")

    class Employer(models.TextChoices):
        DEPARTEMENT = "departement", _("Département")
        COMMUNE = "commune", _("Commune ou CCAS")
        EPCI = "epci", _("Intercommunalité")
        ASSOCIATION = "association", _("Association")
        OTHER = "other", _("Autre")

    departement = models.ForeignKey(Territory, models.PROTECT, related_name="+", verbose_name=_("département"))
    commune = models.ForeignKey(Territory, models.PROTECT, related_name="+", verbose_name=_("commune"))
    station = models.CharField(_("commissariat ou brigade"), max_length=150)
    sort_name = models.CharField(_("clé de tri"), max_length=150, editable=False)
    force = models.CharField(_("force"), max_length=12, choices=Force)
    employer_kind = models.CharField(_("nature de l’employeur"), max_length=12, choices=Employer)
    employer = models.CharField(_("employeur"), max_length=160)
    weekly_hours = models.DecimalField(
        _("heures par semaine"), max_digits=4, decimal_places=2, null=True, blank=True
    )  # null: not said
    service = models.ForeignKey(
        Service, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("service qui le joint")
    )
    opened_on = models.DateField(_("ouvert le"))
    vacant_since = models.DateField(_("vacant depuis le"), null=True, blank=True)
    closed_on = models.DateField(_("fermé le"), null=True, blank=True)
    updated_on = models.DateField(_("mis à jour le"), default=timezone.localdate)
    created_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("inscrit par"))
    edit = models.PositiveIntegerField(_("rang d’enregistrement"), default=1)

    objects = StationPostQuerySet.as_manager()

    class Meta:
        verbose_name = _("poste d’intervenant social")
        verbose_name_plural = _("postes d’intervenants sociaux")
        ordering = ["sort_name", "id"]
        indexes = [models.Index(fields=["departement", "sort_name", "id"], name="station_post_sort")]
        constraints = [
            models.CheckConstraint(
                condition=Q(weekly_hours=None) | Q(weekly_hours__gt=0, weekly_hours__lte=60), name="station_post_hours"
            ),
            models.CheckConstraint(
                condition=Q(vacant_since=None) | Q(vacant_since__gte=F("opened_on")), name="station_post_vacant_after"
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(closed_on__gte=F("opened_on")), name="station_post_closes_after"
            ),
        ]

    def __str__(self):
        return f"{self.station} ({self.commune.name})"

    def save(self, **kwargs):
        self.sort_name = sort_key(self.station)
        super().save(**kwargs)

    @property
    def state(self):
        """What it is today: planned, filled, vacant or closed."""
        today = timezone.localdate()
        if self.closed_on is not None and self.closed_on <= today:
            return "closed"
        if self.opened_on > today:
            return "planned"
        return "vacant" if self.vacant_since is not None and self.vacant_since <= today else "filled"


class OfPostQuerySet(models.QuerySet["StationAgreement"]):
    def visible_to(self, actor):
        """As the post itself."""
        return seen_by(self, actor, "post__departement")


class StationAgreement(models.Model):
    """The agreement by which partners pay for a post, from a day to another. The earliest is the first one."""

    post = models.ForeignKey(StationPost, models.CASCADE, related_name="agreements", verbose_name=_("poste"))
    signed_on = models.DateField(_("signée le"))
    starts_on = models.DateField(_("à compter du"))
    ends_on = models.DateField(_("jusqu’au"))
    document = models.OneToOneField(
        Upload, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("document")
    )

    objects = OfPostQuerySet.as_manager()

    class Meta:
        verbose_name = _("convention d’un poste")
        verbose_name_plural = _("conventions de postes")
        ordering = ["starts_on", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="station_agreement_in_order"),
            models.UniqueConstraint(fields=["post", "starts_on"], name="station_agreement_once"),
        ]

    def __str__(self):
        return f"{self.starts_on} – {self.ends_on}"


class StationFunding(models.Model):
    """What a post costs in a year and what the State pays of it, in euros; what nobody said is null, never nought."""

    post = models.ForeignKey(StationPost, models.CASCADE, related_name="fundings", verbose_name=_("poste"))
    year = models.PositiveSmallIntegerField(_("année"))
    total = models.DecimalField(_("coût du poste"), max_digits=9, decimal_places=2, null=True, blank=True)
    state = models.DecimalField(_("part de l’État"), max_digits=9, decimal_places=2, null=True, blank=True)

    objects = OfPostQuerySet.as_manager()

    class Meta:
        verbose_name = _("financement d’un poste")
        verbose_name_plural = _("financements de postes")
        ordering = ["-year", "id"]
        constraints = [
            models.UniqueConstraint(fields=["post", "year"], name="station_funding_once"),
            models.CheckConstraint(condition=Q(total=None) | Q(total__gt=0), name="station_funding_total"),
            models.CheckConstraint(condition=Q(state=None) | Q(state__gte=0), name="station_funding_state"),
            models.CheckConstraint(
                condition=Q(state=None) | Q(total=None) | Q(state__lte=F("total")), name="station_funding_state_within"
            ),
        ]

    def __str__(self):
        return str(self.year)


class StationRegisterQuerySet(models.QuerySet["StationRegister"]):
    def visible_to(self, actor):
        return seen_by(self, actor, "departement")


class StationRegister(models.Model):
    """The day on which somebody said that every post of a département is inscribed. Without it, a post that is not
    there may only be a post that nobody inscribed."""

    departement = models.OneToOneField(Territory, models.PROTECT, related_name="+", verbose_name=_("département"))
    confirmed_on = models.DateField(_("dit complet le"))
    confirmed_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("dit complet par"))

    objects = StationRegisterQuerySet.as_manager()

    class Meta:
        verbose_name = _("registre d’intervenants sociaux")
        verbose_name_plural = _("registres d’intervenants sociaux")

    def __str__(self):
        return f"{self.departement} {self.confirmed_on}"
