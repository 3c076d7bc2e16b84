"""The statistical line of a follow-up: what is counted of it, and what stays of it."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from prevenance.domains.followup.models.compartments import opened
from prevenance.domains.followup.models.files import COORDINATION, FollowUp
from prevenance.domains.governance.models import Body


class LineQuerySet(models.QuerySet["Line"]):
    def visible_to(self, actor):
        """Of the groups whose files one opens; those of protected files for the coordination alone. Counts for others
        come from `statistics`, never from lines."""
        mine = self.filter(opened(actor))
        return mine if actor.role in COORDINATION else mine.exclude(category=FollowUp.Category.VICTIM)


class Line(models.Model):
    """The statistical line: what is counted of a follow-up, by months. It stays, anonymous, when the file is purged.

    `followup` links it to the file while there is one; the purge empties it. Exit and outcomes live here, in clear.
    """

    class Reason(models.TextChoices):
        ACHIEVED = "achieved", _("Objectifs atteints")
        RELAYED = "relayed", _("Relais pris par un service de droit commun")
        MOVED = "moved", _("Départ, suivi repris ailleurs")
        LEFT = "left", _("Départ sans reprise connue")
        OBJECTED = "objected", _("Opposition de la personne ou de ses représentants")
        LOST = "lost", _("Contact perdu")
        AGE = "age", _("Limite d’âge")
        OTHER = "other", _("Autre fin")

    class Outcome(models.TextChoices):
        SCHOOL = "school", _("En scolarité ou en formation")
        WORK = "work", _("En emploi ou en insertion")
        SUPPORTED = "supported", _("Accompagné par un service de droit commun")
        SAME = "same", _("Sans changement constaté")
        UNKNOWN = "unknown", _("Sans réponse")

    database_rights = (
        "SELECT, INSERT, UPDATE (category, left_month, reason, outcome, outcome_later, referent_named, age_band, sex)"
    )

    statistics_rights = (
        "SELECT (id, body_id, category, sex, age_band, entered_month, left_month, reason, outcome, outcome_later,"
        " referent_named)"
    )

    followup = models.OneToOneField(
        FollowUp, models.DO_NOTHING, null=True, db_constraint=False, related_name="line", verbose_name=_("dossier")
    )
    body = models.ForeignKey(Body, models.PROTECT, related_name="+", verbose_name=_("groupe"))
    category = models.CharField(_("catégorie"), max_length=12, choices=FollowUp.Category)
    sex = models.CharField(_("sexe"), max_length=1, choices=FollowUp.Sex)
    age_band = models.CharField(_("tranche d’âge à l’entrée"), max_length=5, choices=FollowUp.AgeBand)
    entered_month = models.DateField(_("mois d’entrée"))
    left_month = models.DateField(_("mois de sortie"), null=True, blank=True)
    referent_named = models.BooleanField(_("référent désigné"), default=False)
    reason = models.CharField(_("motif de fin"), max_length=10, choices=Reason, blank=True)
    outcome = models.CharField(_("situation à la sortie"), max_length=10, choices=Outcome, blank=True)
    outcome_later = models.CharField(_("situation trois mois après"), max_length=10, choices=Outcome, blank=True)

    objects = LineQuerySet.as_manager()

    class Meta:
        verbose_name = _("ligne statistique")
        indexes = [models.Index(fields=["body", "entered_month"], name="line_body_month")]
        constraints = [
            models.CheckConstraint(
                condition=Q(left_month=None, reason="", outcome="", outcome_later="")
                | (Q(left_month__gte=F("entered_month")) & ~Q(reason="") & ~Q(outcome="")),
                name="line_leaves_with_a_reason",
            ),
        ]
