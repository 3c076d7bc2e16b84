"""Reporting in: a school's drop-out prevention group tells a nominative group of a situation, and reads no file.

A channel says who may report, to which group, for what, until when. A report is sealed under a key of its own: whoever
sent it does not read it again, the coordination of the group does until it answers, and the clock erases it.
"""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.row_security import APPEND
from prevenance.core.vault import SealedField, SealedRow
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Person
from prevenance.domains.followup.models.compartments import among, opened
from prevenance.domains.governance.models import Body


class ChannelQuerySet(models.QuerySet["Channel"]):
    def visible_to(self, actor):
        """Those of the groups whose files the actor holds."""
        return self.filter(opened(actor)) if actor.can("hold_files") else self.none()

    def reported_in(self, actor: Actor) -> "ChannelQuerySet":
        """Those by which the actor may report today: the wall's own answer."""
        return self.filter(among("pk", "followup_channels", actor))


class Channel(models.Model):
    """A named exchange between a drop-out prevention group and a nominative group, for one purpose, until a day."""

    database_rights = "SELECT, INSERT, UPDATE (closed_on)"

    body = models.ForeignKey(Body, models.PROTECT, related_name="+", verbose_name=_("groupe"))
    name = models.CharField(_("groupe qui signale"), max_length=120)
    purpose = models.CharField(_("finalité"), max_length=12)
    agreed_on = models.DateField(_("convention du"))
    until = models.DateField(_("jusqu’au"))
    opened_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("ouvert par"))
    opened_on = models.DateField(_("ouvert le"), default=timezone.localdate)
    closed_on = models.DateField(_("fermé le"), null=True, blank=True)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        verbose_name = _("circuit de signalement")
        ordering = ["-opened_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["id", "body"], name="channel_in_its_body"),
            models.CheckConstraint(
                condition=Q(agreed_on__lte=F("opened_on"), until__gt=F("opened_on")), name="channel_ends"
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def is_open(self):
        return self.closed_on is None and self.until >= timezone.localdate()

    @property
    def trail(self):
        return f"followup:{self.body_id}"


class ReporterQuerySet(models.QuerySet["Reporter"]):
    def visible_to(self, actor):
        return self.filter(opened(actor)) if actor.can("hold_files") else self.none()


class Reporter(models.Model):
    """A professional named in a channel: they report by it, and that opens nothing else."""

    database_rights = "SELECT, INSERT, UPDATE (removed_on)"

    channel = models.ForeignKey(
        Channel, models.DO_NOTHING, db_constraint=False, related_name="reporters", verbose_name=_("circuit")
    )
    body = models.ForeignKey(Body, models.PROTECT, related_name="+", verbose_name=_("groupe"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("personne"))
    added_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("ajoutée par"))
    added_on = models.DateField(_("ajoutée le"), default=timezone.localdate)
    removed_on = models.DateField(_("retirée le"), null=True, blank=True)

    objects = ReporterQuerySet.as_manager()

    class Meta:
        verbose_name = _("personne qui signale")
        ordering = ["added_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "person"], condition=Q(removed_on=None), name="reporter_once_a_channel"
            ),
        ]


class SentReportQuerySet(models.QuerySet["SentReport"]):
    def visible_to(self, actor):
        """Those received by the groups whose files the actor holds. Other members read the file, if one opens."""
        return self.filter(opened(actor)) if actor.can("hold_files") else self.none()

    def sent_by(self, actor):
        """One's own: that they were sent, never what they say nor what became of them."""
        return self.filter(sent_by_id=actor.person_id)

    def waiting(self):
        return self.filter(state=SentReport.State.WAITING)


class SentReport(SealedRow):
    """A situation told by a channel. Who it is about is sealed; `purge_on` is always set, and comes nearer once it is
    answered."""

    class State(models.TextChoices):
        WAITING = "waiting", _("À examiner")
        ACCEPTED = "accepted", _("Retenu")
        DECLINED = "declined", _("Écarté")

    database_rights = f"{APPEND}, UPDATE (state, answered_by_id, answered_on, purge_on, refusal)"
    clock_rights = "SELECT (id, body_id, purge_on, key), DELETE"

    channel = models.ForeignKey(
        Channel, models.DO_NOTHING, db_constraint=False, related_name="reports", verbose_name=_("circuit")
    )
    body = models.ForeignKey(Body, models.PROTECT, related_name="+", verbose_name=_("groupe"))
    sent_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("signalé par"))
    sent_on = models.DateField(_("signalé le"))
    state = models.CharField(_("état"), max_length=8, choices=State, default=State.WAITING)
    answered_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("examiné par")
    )
    answered_on = models.DateField(_("examiné le"), null=True, blank=True)
    purge_on = models.DateField(_("effacé le"))
    key = models.UUIDField(_("clé"), unique=True, editable=False)
    # What the form was given: sent twice, it is one report.
    asked = models.UUIDField(_("demande d’envoi"), unique=True, editable=False)
    family_name = SealedField(_("nom"), length=100)
    given_name = SealedField(_("prénom"), length=100)
    birth_date = SealedField(_("date de naissance"), length=10)
    sex = SealedField(_("sexe"), length=1)
    schooling = SealedField(_("niveau scolaire ou situation professionnelle"), length=40)
    situations = SealedField(_("situations observées"), length=200)
    told = SealedField(_("qui en est informé"), length=40)
    refusal = SealedField(_("motif"), length=40)

    objects = SentReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("signalement reçu")
        verbose_name_plural = _("signalements reçus")
        ordering = ["sent_on", "id"]
        indexes = [
            models.Index(fields=["body", "state"], name="sent_report_body"),
            models.Index(fields=["purge_on"], name="sent_report_purge"),
            models.Index(fields=["sent_by"], name="sent_report_sender"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", answered_on=None, answered_by=None)
                | Q(state__in=["accepted", "declined"], answered_on__gte=F("sent_on"), answered_by__isnull=False),
                name="sent_report_answered_once",
            ),
        ]

    def __str__(self):
        return _("Signalement du %(day)s") % {"day": self.sent_on.strftime("%d/%m/%Y")}

    @property
    def trail(self):
        return f"followup:{self.body_id}"
