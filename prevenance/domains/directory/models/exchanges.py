"""Files of data.inclusion that come in and go out: done by a job, whose progress is read here and taken up again."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.domains.accounts.models import Mandate, Person
from prevenance.domains.territories.models import Territory


class ExchangeQuerySet(models.QuerySet["Exchange"]):
    def visible_to(self, actor):
        """For those who act in the scope that asked."""
        if not actor.can("keep_directory"):
            return self.none()
        return self.filter(mandate__scope=actor.scope_id)

    def held(self, pk):
        """One that goes on, as it is now, kept for this transaction; None when it has ended."""
        return self.select_for_update().filter(pk=pk, state__in=["waiting", "running"]).first()


class Exchange(models.Model):
    """One file of structures, one of services, or both, in one direction.

    `done_…` records were read (or written) of about `size_…` bytes (or rows); a job that stopped in the middle is taken
    up from there. The files sent are erased once it has ended.
    """

    class Direction(models.TextChoices):
        IN = "in", _("Import")
        OUT = "out", _("Export")

    class State(models.TextChoices):
        WAITING = "waiting", _("En attente")
        RUNNING = "running", _("En cours")
        DONE = "done", _("Terminé")
        STOPPED = "stopped", _("Interrompu")
        ERASED = "erased", _("Effacé")

    class Format(models.TextChoices):
        JSON = "json", _("JSON")
        CSV = "csv", _("CSV")

    key = models.UUIDField(_("clé"), default=uuid.uuid4, unique=True, editable=False)
    direction = models.CharField(_("sens"), max_length=3, choices=Direction)
    format = models.CharField(_("format"), max_length=4, choices=Format, default=Format.JSON)
    source = models.CharField(_("source"), max_length=60, blank=True)
    territory = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("territoire")
    )
    files = models.JSONField(_("fichiers présents"), default=list)  # of STRUCTURES and SERVICES
    state = models.CharField(_("état"), max_length=8, choices=State, default=State.WAITING)
    done_structures = models.PositiveIntegerField(_("structures lues"), default=0)
    done_services = models.PositiveIntegerField(_("services lus"), default=0)
    total_structures = models.PositiveIntegerField(_("structures attendues"), default=0)
    total_services = models.PositiveIntegerField(_("services attendus"), default=0)
    created = models.PositiveIntegerField(_("ajoutés"), default=0)
    updated = models.PositiveIntegerField(_("modifiés"), default=0)
    same = models.PositiveIntegerField(_("inchangés"), default=0)
    left = models.PositiveIntegerField(_("laissés"), default=0)
    absent = models.PositiveIntegerField(_("absents du fichier"), default=0)
    resumed = models.PositiveSmallIntegerField(_("reprises"), default=0)
    reason = models.CharField(_("pourquoi il s’est arrêté"), max_length=300, blank=True)
    size = models.PositiveBigIntegerField(_("taille en octets"), default=0)
    requested_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("demandé par"))
    mandate = models.ForeignKey(Mandate, models.PROTECT, related_name="+", verbose_name=_("au titre de"))
    requested_at = models.DateTimeField(_("demandé le"), default=timezone.now, editable=False)
    beat_at = models.DateTimeField(_("dernier signe"), default=timezone.now, editable=False)
    finished_at = models.DateTimeField(_("terminé le"), null=True, blank=True)

    objects = ExchangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("échange de l’annuaire")
        verbose_name_plural = _("échanges de l’annuaire")
        ordering = ["-requested_at", "-id"]
        indexes = [
            models.Index(fields=["beat_at"], condition=Q(state__in=["waiting", "running"]), name="exchange_going"),
            models.Index(fields=["source", "id"], condition=Q(direction="in"), name="exchange_source"),
        ]
        constraints = [
            # Two files of one source at once would undo one another.
            models.UniqueConstraint(
                fields=["source"], condition=Q(direction="in", state__in=["waiting", "running"]),
                name="exchange_one_at_a_time",
            )
        ]  # fmt: skip

    @property
    def going(self):
        return self.state in (self.State.WAITING, self.State.RUNNING)

    @property
    def done(self):
        return self.done_structures + self.done_services

    @property
    def total(self):
        return self.total_structures + self.total_services


class ExchangeProblemQuerySet(models.QuerySet["ExchangeProblem"]):
    def visible_to(self, actor):
        return self.filter(exchange__in=Exchange.objects.visible_to(actor))


class ExchangeProblem(models.Model):
    """What was wrong with a record, never with what it held: it may say where a hidden place is."""

    exchange = models.ForeignKey(Exchange, models.CASCADE, related_name="problems", verbose_name=_("échange"))
    file = models.CharField(_("fichier"), max_length=10)
    number = models.PositiveIntegerField(_("rang dans le fichier"))
    ref = models.CharField(_("identifiant"), max_length=250, blank=True)
    field = models.CharField(_("champ"), max_length=100, blank=True)
    sentence = models.CharField(_("ce qui ne va pas"), max_length=300)
    is_left = models.BooleanField(_("ligne laissée"))

    objects = ExchangeProblemQuerySet.as_manager()

    class Meta:
        verbose_name = _("problème d’un échange")
        verbose_name_plural = _("problèmes d’un échange")
        ordering = ["file", "number", "id"]
        indexes = [models.Index(fields=["exchange", "is_left", "file", "number"], name="exchange_problem_order")]
