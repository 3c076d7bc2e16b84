"""Points that somebody asks to see on the agenda of a body: they wait until taken up, or dismissed with a reason."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.domains.accounts.models import Person
from prevenance.domains.governance.models.councils import Body, held_by, reached_by
from prevenance.domains.governance.models.meetings import AgendaItem, label_of


class AgendaProposalQuerySet(models.QuerySet["AgendaProposal"]):
    def visible_to(self, actor):
        """For those who prepare the council's meetings."""
        return reached_by(self, actor, path="body__council").filter(held_by(actor, path="body__council"))

    def waiting(self):
        return self.filter(state=AgendaProposal.State.WAITING)


class AgendaProposal(models.Model):
    """A point proposed to a body, by another body or another part of the platform.

    `key` names what it comes from ("handover-12"): the same thing is proposed to a body once, however often it is
    asked. `origin_path` is where it is read, for those who may.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("À inscrire")
        TAKEN = "taken", _("Inscrite à un ordre du jour")
        DISMISSED = "dismissed", _("Écartée")

    body = models.ForeignKey(Body, models.CASCADE, related_name="proposals", verbose_name=_("formation"))
    kind = models.CharField(_("nature"), max_length=12, choices=AgendaItem.Kind, default=AgendaItem.Kind.DEBATE)
    title = models.CharField(_("intitulé"), max_length=200)
    details = models.CharField(_("précisions"), max_length=500, blank=True)
    origin = models.CharField(_("d’où vient ce point"), max_length=160, blank=True)
    origin_path = models.CharField(_("adresse de ce qui l’explique"), max_length=200, blank=True)
    key = models.CharField(_("clé"), max_length=80, blank=True)
    proposed_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("proposé par"))
    proposed_at = models.DateTimeField(_("proposé le"), default=timezone.now, editable=False)
    state = models.CharField(_("état"), max_length=10, choices=State, default=State.WAITING)
    item = models.ForeignKey(
        AgendaItem, models.SET_NULL, null=True, blank=True, related_name="proposals", verbose_name=_("point")
    )
    reason = models.CharField(_("motif"), max_length=300, blank=True)
    settled_at = models.DateTimeField(_("inscrite ou écartée le"), null=True, blank=True)
    settled_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("inscrite ou écartée par")
    )

    get_kind_display = label_of("kind", AgendaItem.Kind)

    objects = AgendaProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposition de point")
        verbose_name_plural = _("propositions de points")
        ordering = ["proposed_at", "id"]
        indexes = [models.Index(fields=["body", "state"], name="proposal_body_state")]
        constraints = [
            models.UniqueConstraint(fields=["body", "key"], condition=~Q(key=""), name="proposal_once"),
            models.CheckConstraint(
                condition=Q(state="waiting", item=None, reason="", settled_at=None, settled_by=None)
                | Q(state="taken", reason="", settled_at__isnull=False, settled_by__isnull=False)
                | (Q(state="dismissed", item=None, settled_at__isnull=False, settled_by__isnull=False) & ~Q(reason="")),
                name="proposal_settled_by_someone",
            ),
        ]

    def __str__(self):
        return self.title
