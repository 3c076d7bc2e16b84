"""What is done with the person: plan, steps, contacts, points at meetings, alerts as done, attachments."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.vault import SealedField
from prevenance.domains.accounts.models import Person
from prevenance.domains.followup.models.files import Kept
from prevenance.domains.governance.models import Meeting


class Goal(Kept):
    """What the person, their family and the group aim at, in a theme of a closed list."""

    theme = SealedField(_("thème"), length=40)
    words = SealedField(_("objectif"), length=300)
    family_part = SealedField(_("part de la famille"), length=300)
    state = SealedField(_("état"), length=20)
    set_on = models.DateField(_("fixé le"))
    set_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("fixé par"))
    due_on = models.DateField(_("échéance"), null=True, blank=True)
    ended_on = models.DateField(_("clos le"), null=True, blank=True)
    edit = models.PositiveIntegerField(_("rang d’enregistrement"), default=1)

    class Meta:
        verbose_name = _("objectif")
        ordering = ["set_on", "id"]


class Step(Kept):
    """A thing to do towards a goal, by whom and for when, then done with its result."""

    goal = models.ForeignKey(
        Goal, models.DO_NOTHING, db_constraint=False, related_name="steps", verbose_name=_("objectif")
    )
    kind = SealedField(_("nature"), length=40)
    words = SealedField(_("précision"), length=300)
    carried_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("portée par")
    )
    due_on = models.DateField(_("pour le"), null=True, blank=True)
    done_on = models.DateField(_("faite le"), null=True, blank=True)
    result = SealedField(_("résultat"), length=40)
    edit = models.PositiveIntegerField(_("rang d’enregistrement"), default=1)

    class Meta:
        verbose_name = _("étape")
        ordering = ["due_on", "id"]


class Contact(Kept):
    """A contact with the person, their family or a professional: four taps on a phone, words as the exception."""

    day = models.DateField(_("date"))
    by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("par"))
    kind = SealedField(_("nature"), length=40)
    whom = SealedField(_("avec"), length=40)
    outcome = SealedField(_("suite"), length=40)
    words = SealedField(_("précision"), length=500)
    recorded_at = models.DateTimeField(_("saisi le"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("contact")
        ordering = ["-day", "-id"]

    @property
    def recorded_today(self) -> bool:
        """Until the end of the day, its author may correct it."""
        return timezone.localdate(self.recorded_at) == timezone.localdate()


class Review(Kept):
    """A point on the situation, at a meeting of the group where only the number is said, or between two."""

    day = models.DateField(_("date"))
    meeting = models.ForeignKey(
        Meeting, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("réunion")
    )
    by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("noté par"))
    decision = SealedField(_("suite décidée"), length=40)
    words = SealedField(_("précision"), length=500)

    class Meta:
        verbose_name = _("point d’étape")
        ordering = ["-day", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["followup", "meeting"], condition=Q(meeting__isnull=False), name="review_once_a_meeting"
            )
        ]


class Alert(Kept):
    """A duty of alert that a professional fulfilled outside the platform: which, when, never what was said."""

    duty = SealedField(_("obligation"), length=40)
    done_on = models.DateField(_("accomplie le"))
    done_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("accomplie par"))

    class Meta:
        verbose_name = _("alerte accomplie")
        ordering = ["-done_on", "-id"]


class Attachment(Kept):
    """A document sealed under the file's key, kept outside the web root under a name of ours."""

    database_rights = "SELECT, INSERT, DELETE"  # never changed: a correction is another document

    stored_as = models.UUIDField(_("rangé sous"), default=uuid.uuid4, unique=True, editable=False)
    name = SealedField(_("nom du fichier"), length=120)
    kind = SealedField(_("nature"), length=40)
    content_type = models.CharField(_("type"), max_length=100)
    size = models.PositiveIntegerField(_("taille en octets"))
    added_on = models.DateField(_("déposé le"))
    added_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("déposé par"))

    class Meta:
        verbose_name = _("pièce jointe")
        ordering = ["added_on", "id"]
        constraints = [models.CheckConstraint(condition=Q(size__gt=0), name="attachment_not_empty")]

    @staticmethod
    def folder(key: uuid.UUID) -> str:
        """Where the sealed documents of a file are kept, in the default storage: under the name of its key, so that
        what no file names any more is found without reading any."""
        return f"suivis/{key}"

    @property
    def place(self) -> str:
        """What ties the sealed content to this row: put under another one's name, it does not open."""
        return f"followup_attachment.content:{self.stored_as}"

    def path(self) -> str:
        return f"{self.folder(self.followup.key)}/{self.stored_as}"
