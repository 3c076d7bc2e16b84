"""A what-if that was kept by name: which posts one would open, for whom, in which département."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.domains.accounts.models import Person, Scope
from prevenance.domains.territories.models import Territory


class ScenarioQuerySet(models.QuerySet["Scenario"]):
    def visible_to(self, actor):
        """For those who act in the scope that kept it: what one thinks of opening is not yet said to others."""
        if not actor.can("see_coverage"):
            return self.none()
        return self.filter(scope=actor.scope_id)


class Scenario(models.Model):
    """`posts` are words of rules.coverage.Post; figures are never kept: they are computed when it is opened."""

    scope = models.ForeignKey(Scope, models.PROTECT, related_name="+", verbose_name=_("périmètre"))
    name = models.CharField(_("nom"), max_length=80)
    departement = models.ForeignKey(Territory, models.PROTECT, related_name="+", verbose_name=_("département"))
    kind = models.CharField(_("nature"), max_length=40, blank=True)
    need = models.CharField(_("victimes de"), max_length=30, blank=True)
    audience = models.CharField(_("public"), max_length=60, blank=True)
    language = models.CharField(_("langue"), max_length=3, blank=True)
    posts = ArrayField(models.CharField(max_length=40), verbose_name=_("permanences"))
    created_at = models.DateTimeField(_("enregistré le"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("enregistré par"))

    objects = ScenarioQuerySet.as_manager()

    class Meta:
        verbose_name = _("essai de couverture")
        verbose_name_plural = _("essais de couverture")
        ordering = ["-created_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["scope", "name"], name="scenario_name")]

    def __str__(self):
        return self.name
