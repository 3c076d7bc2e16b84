"""Turning somebody to a service outside a follow-up: a code, a link that expires, what the service answers."""

from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.domains.accounts.models import Organisation, Person, Scope
from prevenance.domains.directory.models.lists import labels
from prevenance.domains.directory.models.services import Service


class OrientationLinkQuerySet(models.QuerySet["OrientationLink"]):
    def visible_to(self, actor: Any) -> "OrientationLinkQuerySet":
        """For who sent it, and for those of their organisation who turn people under the same scope."""
        if not actor.can("orient"):
            return self.none()
        here = self.filter(scope=actor.scope_id)
        if actor.mandate.organisation_id is None:
            return here.filter(sender=actor.person_id)
        return here.filter(Q(sender=actor.person_id) | Q(organisation=actor.mandate.organisation_id))

    def open(self, at: datetime | None = None) -> "OrientationLinkQuerySet":
        """Those whose links may still be answered."""
        return self.filter(withdrawn_at=None, expires_at__gt=at or timezone.now())

    def sent_by(self, actor: Any) -> "OrientationLinkQuerySet":
        """Their own, under the scope that they act in: of what is visible to them, what waits for them alone."""
        return self.filter(scope=actor.scope_id, sender=actor.person_id) if actor.can("orient") else self.none()

    def unanswered_since(self, day: date, at: datetime | None = None) -> "OrientationLinkQuerySet":
        """Those made on a day or before, still open, and to which nobody answered. `at` is now, for a query that is put
        together once."""
        return self.open(at).filter(answered_at=None, made_at__date__lte=day)


class OrientationLink(models.Model):
    """Somebody turned to a service. Nothing here names them: they hold the code, and give it at the door.

    `state` is the last answer, `answered_at` the moment of the first one: what the service took to answer. `mailed`:
    the link is sent to the service's own address, rather than told by the sender; `mailed_at`: when it left.
    """

    class State(models.TextChoices):
        SENT = "sent", _("Sans réponse")
        ACCEPTED = "accepted", _("Acceptée")
        WAITING = "waiting", _("En attente")
        REFUSED = "refused", _("Refusée")

    code = models.CharField(_("code remis à la personne"), max_length=7, unique=True, editable=False)
    service = models.ForeignKey(Service, models.PROTECT, related_name="orientations", verbose_name=_("service"))
    scope = models.ForeignKey(Scope, models.PROTECT, related_name="+", verbose_name=_("périmètre"))
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("organisme")
    )
    sender = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("orientée par"))
    need = models.CharField(_("victime de"), max_length=30, blank=True)  # of needs; empty: not said
    audience = models.CharField(_("public"), max_length=60, blank=True)  # of publics; empty: not said
    wish = models.CharField(_("délai souhaité"), max_length=20)  # of wishes
    assessment = models.BooleanField(_("pour l’évaluation personnalisée de ses besoins"), default=False)
    assessed_on = models.DateField(_("évaluation faite le"), null=True, blank=True)
    mailed = models.BooleanField(_("envoyée par courriel"), default=False)
    mailed_at = models.DateTimeField(_("courriel parti le"), null=True, blank=True)
    state = models.CharField(_("réponse"), max_length=10, choices=State, default=State.SENT)
    made_at = models.DateTimeField(_("faite le"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expire le"))
    answered_at = models.DateTimeField(_("première réponse le"), null=True, blank=True)
    reminded_on = models.DateField(_("service relancé le"), null=True, blank=True)
    told_on = models.DateField(_("silence signalé le"), null=True, blank=True)  # to the sender
    withdrawn_at = models.DateTimeField(_("retirée le"), null=True, blank=True)

    objects = OrientationLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("orientation par un lien")
        verbose_name_plural = _("orientations par un lien")
        ordering = ["-made_at", "-id"]
        indexes = [
            models.Index(fields=["scope", "sender", "-made_at", "-id"], name="orientation_of_sender"),
            models.Index(fields=["scope", "organisation", "-made_at", "-id"], name="orientation_of_organisation"),
            models.Index(fields=["service", "answered_at"], name="orientation_of_service"),
            models.Index(fields=["expires_at"], name="orientation_end"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(code__regex=r"^[A-Z]{3}-[0-9]{3}$"), name="orientation_code"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="orientation_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(state="sent", answered_at=None) | (~Q(state="sent") & Q(answered_at__isnull=False)),
                name="orientation_answered_once_it_is",
            ),
            models.CheckConstraint(
                condition=Q(assessed_on=None) | Q(assessment=True), name="orientation_assessed_when_asked"
            ),
        ]

    def __str__(self):
        return self.code

    @property
    def is_open(self):
        """As `OrientationLinkQuerySet.open`, now, for one in hand."""
        return self.withdrawn_at is None and self.expires_at > timezone.now()

    @property
    def need_label(self):
        return ", ".join(labels("needs", [self.need] if self.need else []))

    @property
    def audience_label(self):
        return ", ".join(labels("publics", [self.audience] if self.audience else []))

    @property
    def wish_label(self):
        return ", ".join(labels("wishes", [self.wish]))

    @property
    def days_to_answer(self):
        """From the day when it was made to that of the first answer; None while there is none."""
        if self.answered_at is None:
            return None
        return (timezone.localdate(self.answered_at) - timezone.localdate(self.made_at)).days


class OrientationKeyQuerySet(models.QuerySet["OrientationKey"]):
    def made_on(self, day: date) -> "OrientationKeyQuerySet":
        return self.annotate(day=TruncDate("made_at")).filter(day=day)


class OrientationKey(models.Model):
    """A link that opens an orientation: one a mail and one each time that it is shown. Only its digest is kept."""

    database_rights = "SELECT, INSERT, DELETE"

    orientation = models.ForeignKey(OrientationLink, models.CASCADE, related_name="keys", verbose_name=_("orientation"))
    digest = models.CharField(_("empreinte du lien"), max_length=64, unique=True)
    made_at = models.DateTimeField(_("fait le"), default=timezone.now, editable=False)

    objects = OrientationKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("lien d’une orientation")
        verbose_name_plural = _("liens d’une orientation")


class OrientationAnswerQuerySet(models.QuerySet["OrientationAnswer"]):
    def visible_to(self, actor: Any) -> "OrientationAnswerQuerySet":
        """With the orientation that they answer."""
        return self.filter(orientation__in=OrientationLink.objects.visible_to(actor))

    def made_on(self, day: date) -> "OrientationAnswerQuerySet":
        return self.annotate(day_told=TruncDate("answered_at")).filter(day_told=day)


class OrientationAnswer(models.Model):
    """What the service answered: each change is another row. Nothing is kept of who opened the link."""

    database_rights = "SELECT, INSERT, DELETE"  # never changed; erased with its orientation

    class Answer(models.TextChoices):
        ACCEPTED = "accepted", _("Nous recevrons la personne")
        WAITING = "waiting", _("Il faut attendre")
        REFUSED = "refused", _("Nous ne pouvons pas la recevoir")
        ASSESSED = "assessed", _("L’évaluation personnalisée a eu lieu")

    orientation = models.ForeignKey(
        OrientationLink, models.CASCADE, related_name="answers", verbose_name=_("orientation")
    )
    answer = models.CharField(_("réponse"), max_length=10, choices=Answer)
    day = models.DateField(_("date"), null=True, blank=True)  # received from; assessed on
    wait = models.CharField(_("attente"), max_length=20, blank=True)  # of waits
    reason = models.CharField(_("motif"), max_length=20, blank=True)  # of reasons
    answered_at = models.DateTimeField(_("répondu le"), default=timezone.now, editable=False)

    objects = OrientationAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("réponse à une orientation")
        verbose_name_plural = _("réponses à une orientation")
        ordering = ["-answered_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answer__in=["accepted", "assessed"], day__isnull=False, wait="", reason="")
                | Q(answer="waiting", day=None, reason="") & ~Q(wait="")
                | Q(answer="refused", day=None, wait="") & ~Q(reason=""),
                name="orientation_answer_whole",
            )
        ]

    @property
    def wait_label(self):
        return ", ".join(labels("waits", [self.wait] if self.wait else []))

    @property
    def reason_label(self):
        return ", ".join(labels("reasons", [self.reason] if self.reason else []))
