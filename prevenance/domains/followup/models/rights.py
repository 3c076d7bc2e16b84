"""Rights of the person followed: notices, requests; and what holds or opens a file whose follow-up has ended."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.row_security import APPEND
from prevenance.core.vault import SealedField
from prevenance.domains.accounts.models import Person
from prevenance.domains.followup.models.compartments import opened
from prevenance.domains.followup.models.files import COORDINATION, Kept, KeptQuerySet


class Notice(Kept):
    """The individual notice, printed for the person or a representative, handed over on a day; an objection to it."""

    addressee = SealedField(_("destinataire"), length=40)
    printed_on = models.DateField(_("imprimée le"))
    printed_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("imprimée par"))
    handed_on = models.DateField(_("remise le"), null=True, blank=True)
    objected_on = models.DateField(_("opposition le"), null=True, blank=True)
    objection = SealedField(_("suite donnée à l’opposition"), length=40)

    class Meta:
        verbose_name = _("information individuelle")
        ordering = ["printed_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(handed_on=None) | Q(handed_on__gte=F("printed_on")), name="notice_printed_then_handed"
            ),
        ]


class RightsRequest(Kept):
    """A request of the person or their representatives, answered before a dated deadline."""

    kind = SealedField(_("demande"), length=40)
    asked_by = SealedField(_("demandée par"), length=40)
    received_on = models.DateField(_("reçue le"))
    due_on = models.DateField(_("réponse avant le"))
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("saisie par"))
    answered_on = models.DateField(_("répondue le"), null=True, blank=True)
    answered_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("répondue par")
    )
    answer = SealedField(_("réponse"), length=40)
    refusal = SealedField(_("motif du refus"), length=40)

    class Meta:
        verbose_name = _("demande d’exercice de droits")
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_on=None, answered_by=None)
                | Q(answered_on__gte=F("received_on"), answered_by__isnull=False),
                name="request_answered_by_somebody",
            ),
        ]


class Hold(Kept):
    """A legal hold: the clock waits until a day, for a reason of a closed list."""

    database_rights = "SELECT, INSERT, UPDATE (lifted_on)"
    clock_rights = "SELECT (followup_id, until, lifted_on)"

    reason = SealedField(_("motif"), length=40)
    set_on = models.DateField(_("posée le"))
    set_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("posée par"))
    until = models.DateField(_("jusqu’au"))
    lifted_on = models.DateField(_("levée le"), null=True, blank=True)

    class Meta:
        verbose_name = _("conservation imposée")
        ordering = ["set_on", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("set_on")), name="hold_ends"),
            models.UniqueConstraint(fields=["followup"], condition=Q(lifted_on=None), name="hold_one_at_a_time"),
        ]


class ArchiveAccessQuerySet(KeptQuerySet):
    def visible_to(self, actor, of=None):
        """Who was let in, for the coordination of the group; one's own."""
        mine = self.filter(opened(actor))
        if actor.role not in COORDINATION:
            mine = mine.filter(person_id=actor.person_id)
        return mine if of is None else mine.filter(followup=of)


class ArchiveAccess(Kept):
    """A single access to an archived file, for a reason of a closed list, that ends by itself."""

    database_rights = APPEND

    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("lecteur"))
    reason = SealedField(_("motif"), length=40)
    granted_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("accordé par"))
    granted_at = models.DateTimeField(_("accordé le"), default=timezone.now, editable=False)
    until = models.DateTimeField(_("jusqu’à"))

    objects = ArchiveAccessQuerySet.as_manager()

    class Meta:
        verbose_name = _("accès à l’archive")
        ordering = ["-granted_at", "-id"]
        constraints = [models.CheckConstraint(condition=Q(until__gt=F("granted_at")), name="archive_access_ends")]


class EndNotice(models.Model):
    """A mail that told somebody which files end soon, by number: at most one a week, which the database holds."""

    database_rights = "SELECT, INSERT, DELETE"

    person = models.ForeignKey(Person, models.CASCADE, related_name="+", verbose_name=_("destinataire"))
    week = models.DateField(_("semaine du"), help_text=_("Lundi de la semaine."))
    sent_at = models.DateTimeField(_("envoyé le"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("annonce d’effacement envoyée")
        constraints = [models.UniqueConstraint(fields=["person", "week"], name="end_notice_once_a_week")]
