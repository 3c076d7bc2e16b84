"""What a police problem-solving group works on: a problem in a place, its partners, the response. Never a name."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.row_security import APPEND
from prevenance.domains.accounts.models import Organisation, Person
from prevenance.domains.governance.models.councils import Body, Council, held_by, is_held_by, reached_by


class ProblemQuerySet(models.QuerySet["Problem"]):
    def visible_to(self, actor, of=None):
        """For the group itself: its members and whoever holds it. Reaching the group from above is not enough.

        `of` is a group that the actor was found to see, in hand: no join is needed then.
        """
        if of is not None:
            ours = of.scope_id == actor.scope_id or is_held_by(of, actor)
            return self.filter(council=of) if ours else self.none()
        ours = Q(council__scope_id=actor.scope_id) | held_by(actor)
        return reached_by(self, actor).filter(ours)


class Problem(models.Model):
    """A problem of a place, numbered within its group and the year."""

    class State(models.TextChoices):
        OPEN = "open", _("Ouvert")
        ANSWERED = "answered", _("Réponse engagée")
        SOLVED = "solved", _("Résolu")
        DROPPED = "dropped", _("Sans suite")

    council = models.ForeignKey(Council, models.CASCADE, related_name="problems", verbose_name=_("groupe"))
    year = models.PositiveSmallIntegerField(_("année"))
    rank = models.PositiveIntegerField(_("numéro"))
    theme = models.CharField(_("nature"), max_length=40)
    place = models.CharField(_("lieu"), max_length=160)
    description = models.CharField(_("problème"), max_length=1000)
    partners = models.ManyToManyField(Organisation, blank=True, related_name="+", verbose_name=_("partenaires"))
    response = models.CharField(_("réponse"), max_length=1000, blank=True)
    state = models.CharField(_("état"), max_length=8, choices=State, default=State.OPEN)
    opened_on = models.DateField(_("ouvert le"), default=timezone.localdate)
    closed_on = models.DateField(_("clos le"), null=True, blank=True)
    edit = models.PositiveIntegerField(_("rang d’enregistrement"), default=1)

    objects = ProblemQuerySet.as_manager()

    class Meta:
        verbose_name = _("problème")
        verbose_name_plural = _("problèmes")
        ordering = ["-year", "-rank"]
        constraints = [
            models.UniqueConstraint(fields=["council", "year", "rank"], name="problem_number"),
            models.CheckConstraint(
                condition=Q(closed_on=None, state__in=["open", "answered"])
                | Q(closed_on__gte=F("opened_on"), state__in=["solved", "dropped"]),
                name="problem_closed_on_a_day",
            ),
        ]

    @property
    def number(self):
        return f"{self.year}-{self.rank:03d}"

    def __str__(self):
        return f"{self.number} – {self.place}"


class HandOverQuerySet(models.QuerySet["HandOver"]):
    def visible_to(self, actor):
        """That something is to be looked at: for those who prepare the group told, and for its own mandates."""
        ours = held_by(actor, path="body__council") | Q(body__scope_id=actor.scope_id, body__scope__isnull=False)
        return reached_by(self, actor, path="body__council").filter(ours)


class HandOver(models.Model):
    """A problem was handed to a thematic group, which is told one thing: to be looked at."""

    database_rights = APPEND

    problem = models.ForeignKey(Problem, models.PROTECT, related_name="handovers", verbose_name=_("problème"))
    body = models.ForeignKey(Body, models.PROTECT, related_name="+", verbose_name=_("groupe thématique"))
    at = models.DateTimeField(_("transmis le"), default=timezone.now, editable=False)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("par"))

    objects = HandOverQuerySet.as_manager()

    class Meta:
        verbose_name = _("transmission à un groupe")
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(fields=["problem", "body"], name="handover_once")]
