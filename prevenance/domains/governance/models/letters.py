"""Letters that a préfet's office writes to the councils of its département, from the round of them."""

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.row_security import APPEND
from prevenance.domains.accounts.models import Person, Scope
from prevenance.domains.governance.models.councils import Council, held_by


class LetterQuerySet(models.QuerySet["Letter"]):
    def visible_to(self, actor):
        """For the office that wrote, and for those who hold a council it was written to."""
        if not actor.can("see_council"):
            return self.none()
        # Two lists put together: asked as one condition, they had every letter of the country read.
        received = LetterRecipient.objects.filter(held_by(actor)).order_by().values("letter")
        if actor.can("write_to_councils"):
            received = Letter.objects.filter(scope_id=actor.scope_id).order_by().values("pk").union(received)
        return self.filter(pk__in=received)


class Letter(models.Model):
    """What was written, to which councils, by whom. Never changed once sent."""

    database_rights = APPEND

    scope = models.ForeignKey(Scope, models.PROTECT, related_name="+", verbose_name=_("au nom de"))
    written_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("écrit par"))
    key = models.UUIDField(_("clé d’envoi"), default=uuid.uuid4, unique=True)  # a second click finds the first letter
    subject = models.CharField(_("objet"), max_length=160)
    text = models.TextField(_("texte"))
    written_at = models.DateTimeField(_("écrit le"), default=timezone.now, editable=False)

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = _("lettre aux conseils")
        verbose_name_plural = _("lettres aux conseils")
        ordering = ["-written_at", "-id"]
        indexes = [models.Index(fields=["scope", "-written_at", "-id"], name="letter_scope_written")]

    def __str__(self):
        return self.subject


class LetterRecipient(models.Model):
    """Someone written to for a council: its coordination and whoever chairs it. `sent_at` once the mail has left."""

    database_rights = "SELECT, INSERT, UPDATE (sent_at)"

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="recipients", verbose_name=_("lettre"))
    council = models.ForeignKey(Council, models.PROTECT, related_name="+", verbose_name=_("conseil"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("destinataire"))
    sent_at = models.DateTimeField(_("parti le"), null=True, blank=True)

    class Meta:
        verbose_name = _("destinataire d’une lettre")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["letter", "council", "person"], name="letter_recipient_once")]
