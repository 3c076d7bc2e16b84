"""Counts of follow-ups by territory and quarter, for summing: no row of theirs comes from fewer lines than it says."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from prevenance.domains.followup.models.files import FollowUp
from prevenance.domains.territories.models import Territory


class TallyQuerySet(models.QuerySet["Tally"]):
    def visible_to(self, actor):
        """For who oversees a département, a region or the nation: their own and what it holds. Small figures are
        hidden when shown (strategy.rules.hidden_counts), never when summed."""
        if not actor.can("oversee"):
            return self.none()
        if actor.scope_kind == "nation":
            return self
        return self.filter(territory__containers__container_id=actor.territory_id)


class Tally(models.Model):
    """What was counted of the groups of a territory over a quarter, by category, sex and age band at entry."""

    database_rights = "SELECT, INSERT, DELETE"

    territory = models.ForeignKey(Territory, models.PROTECT, related_name="+", verbose_name=_("territoire"))
    starts_on = models.DateField(_("trimestre du"))
    category = models.CharField(_("catégorie"), max_length=12, choices=FollowUp.Category)
    sex = models.CharField(_("sexe"), max_length=1, choices=FollowUp.Sex)
    age_band = models.CharField(_("tranche d’âge à l’entrée"), max_length=5, choices=FollowUp.AgeBand)
    groups = models.PositiveIntegerField(_("groupes"))
    entered = models.PositiveIntegerField(_("entrées"))
    left = models.PositiveIntegerField(_("sorties"))
    followed = models.PositiveIntegerField(_("suivis à la fin"))
    with_referent = models.PositiveIntegerField(_("dont avec référent"))
    months = models.PositiveIntegerField(_("mois de suivi des sorties"))
    outcomes = models.JSONField(_("situations à la sortie"), default=dict)
    outcomes_later = models.JSONField(_("situations trois mois après"), default=dict)

    objects = TallyQuerySet.as_manager()

    class Meta:
        verbose_name = _("compte des suivis")
        ordering = ["territory_id", "starts_on"]
        indexes = [models.Index(fields=["starts_on", "territory"], name="tally_quarter")]
        constraints = [
            models.UniqueConstraint(
                fields=["territory", "starts_on", "category", "sex", "age_band"], name="tally_once"
            ),
            models.CheckConstraint(
                condition=Q(with_referent__lte=models.F("followed")), name="tally_referents_of_those_followed"
            ),
        ]
