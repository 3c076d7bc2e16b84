"""Meetings: agenda, convocation, attendance."""

import uuid
from functools import cache

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.row_security import APPEND
from prevenance.domains.accounts.models import Person
from prevenance.domains.governance.models.councils import (
    Body,
    Council,
    Membership,
    Upload,
    held_by,
    is_held_by,
    open_to,
    reached_by,
)

FILE_NUMBER = r"^[0-9]{4}-[0-9]{3,6}$"  # year and rank: what stands for a person in all that leaves a group


def label_of(field, choices):
    """A `get_…_display` that asks the choices, once each: Django's own builds a dictionary of all the labels at each
    call, and a lazy text looks itself up each time it is drawn. There is one language (settings.LANGUAGES)."""

    @cache
    def label(value):
        return str(choices(value).label)

    def display(self):
        return label(getattr(self, field))

    return display


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def visible_to(self, actor):
        """Meetings of the councils in reach; those not convened yet are for those who prepare, and those of a
        nominative body for its members."""
        convened = ~Q(state=Meeting.State.DRAFT) & open_to(actor)
        return reached_by(self, actor).filter(convened | held_by(actor))


class Meeting(models.Model):
    """A sitting of a body, from its preparation to its approved minutes."""

    class State(models.TextChoices):
        DRAFT = "draft", _("En préparation")
        CONVENED = "convened", _("Convoquée")
        HELD = "held", _("Tenue")
        APPROVED = "approved", _("Compte rendu approuvé")
        CANCELLED = "cancelled", _("Annulée")

    council = models.ForeignKey(Council, models.CASCADE, related_name="meetings", verbose_name=_("conseil"))
    body = models.ForeignKey(Body, models.PROTECT, related_name="meetings", verbose_name=_("formation"))
    title = models.CharField(_("intitulé"), max_length=160)
    starts_at = models.DateTimeField(_("début"))
    ends_at = models.DateTimeField(_("fin"))
    place = models.CharField(_("lieu"), max_length=200, blank=True)
    state = models.CharField(_("état"), max_length=12, choices=State, default=State.DRAFT)
    uid = models.UUIDField(_("identifiant de calendrier"), default=uuid.uuid4, unique=True, editable=False)
    sequence = models.PositiveIntegerField(_("rang d’envoi au calendrier"), default=0, editable=False)
    convened_at = models.DateTimeField(_("convoquée le"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    get_state_display = label_of("state", State)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("réunion")
        ordering = ["-starts_at", "-id"]
        indexes = [
            models.Index(fields=["council", "-starts_at"], name="meeting_council_start"),
            models.Index(fields=["-starts_at", "-id"], name="meeting_start"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="meeting_ends_after_it_begins",
                violation_error_message=_("La réunion doit finir après avoir commencé."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "cancelled"]) | Q(convened_at__isnull=False),
                name="meeting_convened_first",
            ),
        ]

    def __str__(self):
        return self.title


class AgendaItem(models.Model):
    """A point on the agenda, and where members find what they need to read before."""

    class Kind(models.TextChoices):
        INFORMATION = "information", _("Information")
        DEBATE = "debate", _("Débat")
        DECISION = "decision", _("Décision")

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="items", verbose_name=_("réunion"))
    position = models.PositiveIntegerField(_("ordre"))
    kind = models.CharField(_("nature"), max_length=12, choices=Kind, default=Kind.INFORMATION)
    title = models.CharField(_("intitulé"), max_length=200)
    file_number = models.CharField(_("numéro de dossier"), max_length=12, blank=True, default="", db_default="")
    presenter = models.CharField(_("présenté par"), max_length=160, blank=True)
    minutes = models.PositiveSmallIntegerField(_("durée en minutes"), null=True, blank=True)
    documents = models.ManyToManyField(Upload, blank=True, related_name="+", verbose_name=_("documents"))
    follows = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="followed_by", verbose_name=_("reprend le point")
    )
    law_key = models.CharField(
        _("au titre de"), max_length=40, blank=True, default="", db_default="",
        help_text=_("Clé de ce qu’un texte demande chaque année (data/governance/yearly_items.yaml)."),
    )  # fmt: skip

    get_kind_display = label_of("kind", Kind)

    class Meta:
        verbose_name = _("point de l’ordre du jour")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "position"], name="item_position", deferrable=models.Deferrable.DEFERRED
            ),
            models.CheckConstraint(
                condition=Q(file_number="") | Q(file_number__regex=FILE_NUMBER), name="item_file_number"
            ),
        ]

    def __str__(self):
        return self.title


class AttendanceQuerySet(models.QuerySet["Attendance"]):
    def visible_to(self, actor, of=None):
        """Every line for those who prepare; one's own for a member.

        `of` is a meeting that the actor was found to see, its council in hand: no join is needed then.
        """
        if not actor.signed_in:
            return self.none()
        if of is not None:
            return self.of_meeting(of.pk, actor, held=is_held_by(of.council, actor))
        own = Q(membership__person_id=actor.person_id)
        return reached_by(self, actor, path="meeting__council").filter(own | held_by(actor, path="meeting__council"))

    def of_meeting(self, meeting, actor, *, held):
        """Those of a meeting that the actor was found to see; `held`: the actor prepares for its council."""
        return self.filter(Q() if held else Q(membership__person_id=actor.person_id), meeting=meeting)


class Attendance(models.Model):
    """One line a convened member: what was sent, what they answered, whether they came.

    Someone who came without being convened is a line too, with a name (`guest`) in place of a membership.
    """

    class Answer(models.TextChoices):
        NONE = "", _("Sans réponse")
        YES = "yes", _("Viendra")
        NO = "no", _("Ne viendra pas")

    class Presence(models.TextChoices):
        UNKNOWN = "", _("Non pointé")
        PRESENT = "present", _("Présent")
        EXCUSED = "excused", _("Excusé")
        REPRESENTED = "represented", _("Représenté")
        ABSENT = "absent", _("Absent")

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="attendances", verbose_name=_("réunion"))
    membership = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("membre")
    )
    guest = models.CharField(
        _("personne venue sans être convoquée"), max_length=160, blank=True, default="", db_default=""
    )
    sent_at = models.DateTimeField(_("convocation envoyée le"), null=True, blank=True)
    answer = models.CharField(_("réponse"), max_length=4, choices=Answer, blank=True, default=Answer.NONE)
    answered_at = models.DateTimeField(_("réponse le"), null=True, blank=True)
    presence = models.CharField(_("présence"), max_length=12, choices=Presence, blank=True, default=Presence.UNKNOWN)
    represented_by = models.CharField(_("représenté par"), max_length=160, blank=True)
    marked_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("pointé par")
    )

    get_answer_display = label_of("answer", Answer)
    get_presence_display = label_of("presence", Presence)

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("présence")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "membership"], name="attendance_once"),
            models.CheckConstraint(
                condition=Q(represented_by="") | Q(presence="represented"), name="attendance_represented_by"
            ),
            models.CheckConstraint(
                condition=Q(guest="", membership__isnull=False) | (Q(membership=None) & ~Q(guest="")),
                name="attendance_member_or_guest",
            ),
        ]

    @property
    def name(self):
        """Who the line is about."""
        return self.membership.person.name if self.membership else self.guest

    @property
    def title(self):
        """In what capacity: function and organisation, when known."""
        if not self.membership:
            return _("Venu sans être convoqué")
        parts = (self.membership.title, self.membership.organisation.name if self.membership.organisation else "")
        return ", ".join(part for part in parts if part)


class PostponementQuerySet(models.QuerySet["Postponement"]):
    def visible_to(self, actor, of=None):
        """To whoever sees the meeting. `of` is one that the actor was found to see: no join is needed then."""
        if of is not None:
            return self.filter(meeting=of)
        return self.filter(meeting__in=Meeting.objects.visible_to(actor))


class Postponement(models.Model):
    """A meeting convened for one day was put off to another: the day that members had read stays readable."""

    database_rights = APPEND

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="postponements", verbose_name=_("réunion"))
    sequence = models.PositiveIntegerField(_("rang d’envoi au calendrier"))
    was_at = models.DateTimeField(_("était prévue le"))
    reason = models.CharField(_("motif"), max_length=300)
    at = models.DateTimeField(_("reportée le"), default=timezone.now, editable=False)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("par"))

    objects = PostponementQuerySet.as_manager()

    class Meta:
        verbose_name = _("report de réunion")
        verbose_name_plural = _("reports de réunions")
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "sequence"], name="postponement_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="postponement_says_why"),
        ]
