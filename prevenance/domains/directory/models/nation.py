"""Coverage of the nation, counted by a job and kept: one line a département, need and audience."""

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.domains.territories.models import Containment, Territory


class CoverageRunQuerySet(models.QuerySet["CoverageRun"]):
    def visible_to(self, actor):
        """For those who read coverage for the whole country."""
        return self if actor.can("see_coverage") and actor.scope_kind == Territory.Kind.NATION else self.none()


class CoverageRun(models.Model):
    """One count of all the départements, on one day; taken up where it stopped, since each département says its run.

    `state_counted` changes whenever what is counted does: the directory, the territories, the parameters.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("En cours")
        DONE = "done", _("Terminé")
        STOPPED = "stopped", _("Interrompu")

    day = models.DateField(_("compté pour le"))
    state_counted = models.CharField(_("état de ce qui est compté"), max_length=64)
    state = models.CharField(_("état"), max_length=7, choices=State, default=State.RUNNING)
    done = models.PositiveSmallIntegerField(_("départements comptés"), default=0)
    total = models.PositiveSmallIntegerField(_("départements à compter"))
    resumed = models.PositiveSmallIntegerField(_("reprises"), default=0)
    begun_at = models.DateTimeField(_("commencé le"), default=timezone.now, editable=False)
    beat_at = models.DateTimeField(_("dernier signe"), default=timezone.now, editable=False)
    ended_at = models.DateTimeField(_("terminé le"), null=True, blank=True)

    objects = CoverageRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("compte national de la couverture")
        verbose_name_plural = _("comptes nationaux de la couverture")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=Q(state="running"), name="coverage_one_run_at_a_time")
        ]

    @property
    def going(self):
        return self.state == self.State.RUNNING


class DepartementCoverageQuerySet(models.QuerySet["DepartementCoverage"]):
    def visible_to(self, actor):
        """For those who read coverage for the whole country."""
        return self if actor.can("see_coverage") and actor.scope_kind == Territory.Kind.NATION else self.none()

    def with_regions(self):
        """Adds `regions`: identifiers of what each département lies in."""
        around = Containment.objects.filter(
            contained=OuterRef("departement"), container__kind=Territory.Kind.REGION
        ).order_by()
        return self.annotate(regions=ArraySubquery(around.values("container_id")))


class DepartementCoverage(models.Model):
    """What a département's page says of its whole, for those who look for help with a need, of an audience; "" is all.

    `beyond`: inhabitants beyond each of `bands`, minutes. `median`: minutes that half of the inhabitants need at most;
    none when half have nothing within reach. `hours`: a week, for a thousand inhabitants. No address is here, hidden or
    not: only sums of a département.
    """

    departement = models.ForeignKey(Territory, models.CASCADE, related_name="+", verbose_name=_("département"))
    need = models.CharField(_("victimes de"), max_length=30, blank=True)
    audience = models.CharField(_("public"), max_length=60, blank=True)
    run = models.ForeignKey(CoverageRun, models.PROTECT, related_name="lines", verbose_name=_("compte"))
    inhabitants = models.PositiveIntegerField(_("habitants"))
    places = models.PositiveIntegerField(_("lieux d’accueil"))
    bands = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("seuils en minutes"))
    beyond = ArrayField(models.PositiveIntegerField(), verbose_name=_("habitants au-delà de chaque seuil"))
    median = models.FloatField(_("minutes médianes"), null=True)
    hours = models.FloatField(_("heures par semaine pour 1 000 habitants"))

    objects = DepartementCoverageQuerySet.as_manager()

    class Meta:
        verbose_name = _("couverture d’un département")
        verbose_name_plural = _("couverture des départements")
        constraints = [models.UniqueConstraint(fields=["need", "audience", "departement"], name="departement_coverage")]
