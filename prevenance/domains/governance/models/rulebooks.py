"""Rulebooks and charters, and who signed them. The database itself keeps what was proposed and signed unchanged."""

import hashlib
from fractions import Fraction

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.row_security import APPEND
from prevenance.domains.accounts.models import Person
from prevenance.domains.governance.models.councils import (
    Body,
    Membership,
    held_by,
    is_held_by,
    reached_by,
)
from prevenance.domains.governance.models.meetings import Meeting


class RulebookQuerySet(models.QuerySet["Rulebook"]):
    def visible_to(self, actor, of=None):
        """From its proposal, for all in reach: the plenary reads what it is asked to adopt. A draft is for those who
        prepare, and for the members of the body that will propose it.

        `of` is a body of a council that the actor was found to see, in hand: whoever holds it sees all, by no join.
        """
        if not actor.can("see_council"):
            return self.none()
        if of is not None and is_held_by(of.council, actor):
            return self.filter(body=of)
        bodies = Membership.objects.current().filter(person=actor.person_id).order_by().values("body_id")
        known = ~Q(state=Rulebook.State.DRAFT) | held_by(actor, path="body__council") | Q(body_id__in=bodies)
        if of is not None:
            return self.filter(known, body=of)
        return reached_by(self, actor, path="body__council").filter(known)

    def in_force(self):
        return self.filter(state=Rulebook.State.ADOPTED)


class Rulebook(models.Model):
    """A version of the rulebook (règlement intérieur) or charter of a body; of the council itself by its plenary.

    Written as a draft, proposed by the body on a day, adopted in a meeting of the council, then replaced by the next
    version or withdrawn. Its text and quorum never change once proposed (migration 0006).
    """

    class Kind(models.TextChoices):
        RULES = "rules", _("Règlement intérieur")
        CHARTER = "charter", _("Charte")

    class State(models.TextChoices):
        DRAFT = "draft", _("Projet")
        PROPOSED = "proposed", _("Proposé")
        ADOPTED = "adopted", _("Adopté, en vigueur")
        REPLACED = "replaced", _("Remplacé")
        WITHDRAWN = "withdrawn", _("Retiré")

    body = models.ForeignKey(Body, models.PROTECT, related_name="rulebooks", verbose_name=_("formation"))
    kind = models.CharField(_("nature"), max_length=8, choices=Kind, default=Kind.RULES)
    version = models.PositiveIntegerField(_("version"))
    text = models.TextField(_("texte"))
    change_note = models.CharField(_("ce qui change"), max_length=300, blank=True)
    # A quorum of two thirds is 2/3; « plus de la moitié » is 1/2 and strict.
    quorum_numerator = models.PositiveSmallIntegerField(_("quorum, numérateur"), null=True, blank=True)
    quorum_denominator = models.PositiveSmallIntegerField(_("quorum, dénominateur"), null=True, blank=True)
    quorum_strict = models.BooleanField(_("quorum à dépasser"), default=False)
    state = models.CharField(_("état"), max_length=10, choices=State, default=State.DRAFT)
    edit = models.PositiveIntegerField(_("rang d’enregistrement"), default=1)
    digest = models.CharField(_("empreinte du texte"), max_length=64, blank=True, editable=False)
    proposed_on = models.DateField(_("proposé le"), null=True, blank=True)
    adopted_in = models.ForeignKey(
        Meeting, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("adopté en réunion")
    )
    adopted_on = models.DateField(_("adopté le"), null=True, blank=True)
    ended_on = models.DateField(_("remplacé ou retiré le"), null=True, blank=True)
    created_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("rédigé par"))
    created_at = models.DateTimeField(_("ouvert le"), default=timezone.now, editable=False)

    objects = RulebookQuerySet.as_manager()

    class Meta:
        verbose_name = _("règlement ou charte")
        verbose_name_plural = _("règlements et chartes")
        ordering = ["body_id", "kind", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["body", "kind", "version"], name="rulebook_version"),
            models.UniqueConstraint(
                fields=["body", "kind"], condition=Q(state__in=["draft", "proposed"]), name="rulebook_one_on_the_way"
            ),
            models.UniqueConstraint(
                fields=["body", "kind"], condition=Q(state="adopted"), name="rulebook_one_in_force"
            ),
            models.CheckConstraint(
                condition=Q(quorum_numerator=None, quorum_denominator=None, quorum_strict=False)
                | Q(quorum_numerator__gt=0, quorum_denominator__gte=models.F("quorum_numerator")),
                name="rulebook_quorum_is_a_share",
            ),
            models.CheckConstraint(
                condition=Q(state="draft", proposed_on=None, digest="")
                | (~Q(state="draft") & Q(proposed_on__isnull=False) & ~Q(digest="")),
                name="rulebook_proposed_on_a_day",
            ),
            models.CheckConstraint(
                condition=Q(adopted_in=None, adopted_on=None, state__in=["draft", "proposed", "withdrawn"])
                | Q(
                    adopted_in__isnull=False,
                    adopted_on__gte=models.F("proposed_on"),
                    state__in=["adopted", "replaced", "withdrawn"],
                ),
                name="rulebook_adopted_in_a_meeting",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None, state__in=["draft", "proposed", "adopted"])
                | Q(ended_on__isnull=False, state__in=["replaced", "withdrawn"]),
                name="rulebook_ended_on_a_day",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} – {self.body.name}"

    @property
    def quorum_share(self) -> Fraction | None:
        """The share of the members that must be there, reached, or passed when `quorum_strict`."""
        if not self.quorum_numerator or not self.quorum_denominator:
            return None
        return Fraction(self.quorum_numerator, self.quorum_denominator)

    def written(self) -> str:
        """All that a signature covers, as the database writes it too (governance_rulebook_digest)."""
        quorum = f"{self.quorum_numerator}/{self.quorum_denominator}" if self.quorum_numerator else ""
        strict = "true" if self.quorum_strict else "false"
        return "\n".join([str(self.body_id), self.kind, str(self.version), quorum, strict, self.text])

    def computed_digest(self) -> str:
        return hashlib.sha256(self.written().encode()).hexdigest()


class SignatureQuerySet(models.QuerySet["Signature"]):
    def visible_to(self, actor):
        """Like members, who sit in a public capacity: known to whoever may see the council."""
        return reached_by(self, actor, path="rulebook__body__council")


class Signature(models.Model):
    """A member signs a version, or takes the signature back: rows that follow one another, none ever changed.

    `rank` counts the rows of a member on a version: odd is a signature, even its withdrawal. A second click has a rank
    that is taken. The database checks the text signed, who sits there, and who is asking (migration 0006).
    """

    database_rights = APPEND

    rulebook = models.ForeignKey(Rulebook, models.PROTECT, related_name="signatures", verbose_name=_("texte signé"))
    membership = models.ForeignKey(Membership, models.PROTECT, related_name="+", verbose_name=_("membre"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("signataire"))
    rank = models.PositiveIntegerField(_("rang"), default=1)
    withdrawn = models.BooleanField(_("retrait"), default=False)
    digest = models.CharField(_("empreinte du texte signé"), max_length=64)
    at = models.DateTimeField(_("date"), default=timezone.now, editable=False)

    objects = SignatureQuerySet.as_manager()

    class Meta:
        verbose_name = _("signature")
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["rulebook", "membership", "rank"], name="signature_once"),
            models.CheckConstraint(condition=Q(rank__gte=1), name="signature_rank"),
        ]


class SignatureReminder(models.Model):
    """A mail that asked someone to sign: at most one a week, which the database holds."""

    database_rights = "SELECT, INSERT, DELETE"  # erased after their retention

    person = models.ForeignKey(Person, models.CASCADE, related_name="+", verbose_name=_("destinataire"))
    week = models.DateField(_("semaine du"), help_text=_("Lundi de la semaine."))
    sent_at = models.DateTimeField(_("envoyé le"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("demande de signature envoyée")
        constraints = [models.UniqueConstraint(fields=["person", "week"], name="signature_reminder_once_a_week")]
