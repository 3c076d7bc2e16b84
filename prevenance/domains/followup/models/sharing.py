"""What leaves a file: parts shown to another signatory, a hand-over to another group, what is sent to a service."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.vault import SealedField
from prevenance.domains.accounts.models import Mandate, Person
from prevenance.domains.followup.models.compartments import opened
from prevenance.domains.followup.models.files import FollowUp, Kept, KeptQuerySet
from prevenance.domains.governance.models import Body

WHOLE = "handover"  # the only part of a share that serves to copy a file that is handed over: it is shown to nobody


class ShareQuerySet(KeptQuerySet):
    def visible_to(self, actor, of=None):
        """Those of the files one reads, and what was shared with oneself while it lasts."""
        if not actor.signed_in:
            return self.none()
        given = Q(followup__in=FollowUp.objects.visible_to(actor).values("pk"))
        mine = self.filter(given | Q(pk__in=self.model.objects.received_by(actor).values("pk")))
        return mine if of is None else mine.filter(followup=of)

    def running(self):
        """Not withdrawn, and not over: unreadable the second after."""
        return self.filter(withdrawn_at=None, until__gt=timezone.now())

    def received_by(self, actor):
        """Running shares with the actor, as a signatory of the group in which they receive."""
        mine = self.filter(opened(actor, "as_body_id"), to_person_id=actor.person_id).running()
        return mine.exclude(parts__contains=[WHOLE])


class Share(Kept):
    """Parts of a file that a named signatory reads for a purpose, until a moment. Withdrawn, it is unreadable at once.

    `as_body` is the group whose texts the recipient signed: the file's own, or the one it is handed over to.
    """

    database_rights = "SELECT, INSERT, UPDATE (withdrawn_at)"

    to_person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("destinataire"))
    as_body = models.ForeignKey(Body, models.PROTECT, related_name="+", verbose_name=_("au titre du groupe"))
    parts = ArrayField(models.CharField(max_length=40), verbose_name=_("parties"))
    purpose = SealedField(_("finalité"), length=40)
    shared_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("partagé par"))
    shared_at = models.DateTimeField(_("partagé le"), default=timezone.now, editable=False)
    until = models.DateTimeField(_("jusqu’à"))
    withdrawn_at = models.DateTimeField(_("retiré le"), null=True, blank=True)

    objects = ShareQuerySet.as_manager()

    class Meta:
        verbose_name = _("partage")
        ordering = ["-shared_at", "-id"]
        indexes = [models.Index(fields=["to_person", "until"], name="share_recipient")]
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("shared_at")), name="share_ends"),
            models.CheckConstraint(condition=Q(parts__len__gt=0), name="share_of_something"),
        ]


class HandoverQuerySet(KeptQuerySet):
    def visible_to(self, actor, of=None):
        """For whoever reads the file, and for the coordination of the group that is asked to take it."""
        if not actor.signed_in:
            return self.none()
        given = Q(followup__in=FollowUp.objects.visible_to(actor).values("pk"))
        asked = opened(actor, "to_body_id") if actor.can("hold_files") else Q(pk__in=[])
        mine = self.filter(given | asked)
        return mine if of is None else mine.filter(followup=of)


class Handover(Kept):
    """A file proposed to another group when the person moves, with their written agreement; accepted or declined.

    While it waits, and no longer (migration 0007), shares of `WHOLE` let whoever coordinates that group copy the file.
    """

    to_body = models.ForeignKey(Body, models.PROTECT, related_name="+", verbose_name=_("groupe destinataire"))
    share = models.ForeignKey(
        Share, models.DO_NOTHING, null=True, db_constraint=False, related_name="+", verbose_name=_("partage")
    )
    agreed_by = SealedField(_("accord donné par"), length=40)
    agreed_on = models.DateField(_("accord écrit du"))
    outcome = SealedField(_("situation à ce jour"), length=20)
    proposed_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("proposé par"))
    # Under it, checked again, the file that was copied is ended.
    mandate = models.ForeignKey(Mandate, models.PROTECT, null=True, related_name="+", verbose_name=_("sous le mandat"))
    proposed_at = models.DateTimeField(_("proposé le"), default=timezone.now, editable=False)
    until = models.DateTimeField(_("à accepter avant"))
    answered_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("répondu par")
    )
    accepted_at = models.DateTimeField(_("accepté le"), null=True, blank=True)
    declined_at = models.DateTimeField(_("décliné le"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("retiré le"), null=True, blank=True)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        verbose_name = _("passage de relais")
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["followup"],
                condition=Q(accepted_at=None, declined_at=None, withdrawn_at=None),
                name="handover_one_at_a_time",
            ),
            models.CheckConstraint(condition=~Q(to_body=F("body")), name="handover_elsewhere"),
            models.CheckConstraint(
                condition=Q(accepted_at=None, declined_at=None)
                | Q(accepted_at=None, withdrawn_at=None)
                | Q(declined_at=None, withdrawn_at=None),
                name="handover_one_answer",
            ),
        ]


class Orientation(Kept):
    """What was sent to a service, as the person or their representatives were shown it and agreed in writing.

    The service is sealed too: its trade alone would say something of the person.
    """

    service = SealedField(_("service"), length=20)
    service_name = SealedField(_("nom du service"), length=200)
    sent = SealedField(_("ce qui est transmis"), length=1000)
    agreed_by = SealedField(_("accord donné par"), length=40)
    agreed_on = models.DateField(_("accord écrit du"))
    sent_on = models.DateField(_("transmise le"))
    sent_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("transmise par"))
    answer = SealedField(_("réponse"), length=40)
    answered_on = models.DateField(_("réponse du"), null=True, blank=True)
    result = SealedField(_("résultat"), length=40)
    ended_on = models.DateField(_("terminée le"), null=True, blank=True)

    class Meta:
        verbose_name = _("orientation")
        ordering = ["-sent_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(agreed_on__lte=F("sent_on")), name="orientation_agreed_first"),
        ]
