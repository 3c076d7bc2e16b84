"""Minutes and decisions. Once approved, the database itself refuses to change their text (migration 0002)."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.row_security import APPEND
from prevenance.domains.accounts.models import Person
from prevenance.domains.governance.models.councils import Council, held_by, is_held_by, open_to, reached_by
from prevenance.domains.governance.models.meetings import AgendaItem, Meeting, label_of


class MinutesQuerySet(models.QuerySet["Minutes"]):
    def visible_to(self, actor, of=None):
        """Approved minutes for all in reach, of a nominative body for its members; drafts for those who prepare.

        `of` is a meeting that the actor was found to see, its council in hand: no join is needed then.
        """
        if of is not None:
            return self.of_meeting(of.pk, held=is_held_by(of.council, actor))
        rows = reached_by(self, actor, path="meeting__council")
        approved = Q(approved_at__isnull=False) & open_to(actor, path="meeting__body", council="meeting__council")
        return rows.filter(approved | held_by(actor, path="meeting__council"))

    def of_meeting(self, meeting, *, held):
        """Those of a meeting that somebody was found to see; `held`: they prepare for its council."""
        return self.filter(Q() if held else Q(approved_at__isnull=False), meeting=meeting)


class Minutes(models.Model):
    """A version of a meeting's minutes. A correction is a new version; the earlier one stays readable."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="minutes", verbose_name=_("réunion"))
    version = models.PositiveIntegerField(_("version"), default=1)
    opening = models.TextField(_("ouverture"), blank=True)
    closing = models.TextField(_("clôture"), blank=True)
    attendance = models.TextField(
        _("présences"),
        blank=True,
        default="",
        db_default="",
        help_text=_("Liste des présences, figée à l’approbation."),
    )
    quorum = models.CharField(
        _("quorum"), max_length=400, blank=True, default="", db_default="",
        help_text=_("Ce que le règlement intérieur demandait et qui était là, figé à l’approbation."),
    )  # fmt: skip
    correction_reason = models.CharField(_("motif de la correction"), max_length=300, blank=True)
    edit = models.PositiveIntegerField(_("rang d’enregistrement"), default=1)
    approved_at = models.DateTimeField(_("approuvé le"), null=True, blank=True)
    approved_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("approuvé par")
    )

    objects = MinutesQuerySet.as_manager()

    class Meta:
        verbose_name = _("compte rendu")
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "version"], name="minutes_version"),
            models.UniqueConstraint(fields=["meeting"], condition=Q(approved_at=None), name="minutes_one_draft"),
            models.CheckConstraint(
                condition=Q(approved_at=None, approved_by=None)
                | Q(approved_at__isnull=False, approved_by__isnull=False),
                name="minutes_approved_by_someone",
            ),
        ]


class MinutesSection(models.Model):
    """What was said on one point. The title is copied, so that the agenda may not rewrite the minutes."""

    minutes = models.ForeignKey(Minutes, models.CASCADE, related_name="sections", verbose_name=_("compte rendu"))
    item = models.ForeignKey(
        AgendaItem, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("point")
    )
    position = models.PositiveIntegerField(_("ordre"))
    title = models.CharField(_("intitulé"), max_length=200)
    text = models.TextField(_("texte"), blank=True)
    edit = models.PositiveIntegerField(_("rang d’enregistrement"), default=1)

    class Meta:
        verbose_name = _("partie du compte rendu")
        ordering = ["position", "id"]


class DecisionQuerySet(models.QuerySet["Decision"]):
    def visible_to(self, actor, of=None):
        """Decisions of approved minutes or of an earlier record for all in reach; the others for those who prepare.

        `of` is a meeting that the actor was found to see, its council in hand: only its minutes are joined then.
        """
        if of is not None:
            return self.of_meeting(of.pk, held=is_held_by(of.council, actor))
        approved = Q(minutes__approved_at__isnull=False) & open_to(actor, path="minutes__meeting__body")
        return reached_by(self, actor).filter(Q(minutes=None) | approved | held_by(actor))

    def of_meeting(self, meeting, *, held):
        """Those of a meeting that somebody was found to see; `held`: they prepare for its council."""
        return self.filter(Q() if held else Q(minutes__approved_at__isnull=False), minutes__meeting=meeting)

    def open(self):
        return self.filter(state__in=[Decision.State.OPEN, Decision.State.STARTED])

    def followed(self):
        """Those whose text is locked: of approved minutes, or brought in from an earlier record."""
        return self.filter(Q(minutes=None) | Q(minutes__approved_at__isnull=False))


class Decision(models.Model):
    """What was decided, who carries it, for when. Numbered within the council and the year (2026-07)."""

    class State(models.TextChoices):
        OPEN = "open", _("À faire")
        STARTED = "started", _("Engagée")
        DONE = "done", _("Faite")
        DROPPED = "dropped", _("Abandonnée")

    council = models.ForeignKey(Council, models.CASCADE, related_name="decisions", verbose_name=_("conseil"))
    minutes = models.ForeignKey(
        Minutes, models.PROTECT, null=True, blank=True, related_name="decisions", verbose_name=_("compte rendu")
    )
    section = models.ForeignKey(
        MinutesSection, models.PROTECT, null=True, blank=True, related_name="decisions", verbose_name=_("point")
    )
    year = models.PositiveSmallIntegerField(_("année"))
    # Given at approval, so that a decision removed from a draft leaves no hole in the numbers.
    rank = models.PositiveIntegerField(_("numéro"), null=True, blank=True)
    text = models.TextField(_("décision"))
    owner = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("portée par")
    )
    owner_label = models.CharField(_("structure chargée"), max_length=160, blank=True)
    due_on = models.DateField(_("échéance"), null=True, blank=True)
    # Current state, as the last progress row says; kept here so that lists are one indexed read.
    state = models.CharField(_("état"), max_length=8, choices=State, default=State.OPEN)
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("rectifie la décision")
    )

    get_state_display = label_of("state", State)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("décision")
        ordering = ["-year", "-rank", "-id"]
        indexes = [
            models.Index(fields=["council", "state", "due_on"], name="decision_council_due"),
            models.Index(fields=["owner", "state", "due_on"], name="decision_owner_due"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["council", "year", "rank"], name="decision_number"),
            models.CheckConstraint(
                condition=Q(rank__isnull=False) | Q(minutes__isnull=False), name="decision_numbered_unless_drafted"
            ),
        ]

    @property
    def number(self):
        return f"{self.year}-{self.rank:02d}" if self.rank else _("numéro à l’approbation")

    def __str__(self):
        return str(self.number)


class DecisionProgress(models.Model):
    """What happened to a decision, row after row; no row is ever changed or removed."""

    database_rights = APPEND

    decision = models.ForeignKey(Decision, models.PROTECT, related_name="progress", verbose_name=_("décision"))
    state = models.CharField(_("état"), max_length=8, choices=Decision.State)
    note = models.CharField(_("note"), max_length=500, blank=True)
    at = models.DateTimeField(_("date"), default=timezone.now, editable=False)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("par"))

    class Meta:
        verbose_name = _("avancement")
        ordering = ["at", "id"]


class DecisionReminder(models.Model):
    """A reminder sent to someone who carries decisions: at most one a week, which the database holds."""

    database_rights = "SELECT, INSERT, DELETE"  # erased after their retention

    person = models.ForeignKey(Person, models.CASCADE, related_name="+", verbose_name=_("destinataire"))
    week = models.DateField(_("semaine du"), help_text=_("Lundi de la semaine."))
    sent_at = models.DateTimeField(_("envoyé le"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("rappel de décisions")
        constraints = [models.UniqueConstraint(fields=["person", "week"], name="reminder_once_a_week")]
