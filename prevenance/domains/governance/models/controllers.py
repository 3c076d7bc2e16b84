"""Who answers for a file before the law, and the texts that allow a body to hold one."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.row_security import READ
from prevenance.domains.accounts.models import Person, Scope


class ExchangeText(models.Model):
    """A dated text that allows a kind of body to exchange facts about named persons (data/governance/exchange_texts).

    The application reads it; only the owner, at each migration, writes what the data file says.
    """

    database_rights = READ

    council_kind = models.CharField(_("nature du conseil"), max_length=12)
    body_kind = models.CharField(_("formation"), max_length=12)
    article = models.CharField(_("article"), max_length=120)
    valid_from = models.DateField(_("depuis le"))
    valid_to = models.DateField(_("jusqu’au"), null=True, blank=True)
    zones = ArrayField(models.CharField(max_length=5), verbose_name=_("zones"))
    source = models.CharField(_("source"), max_length=300)

    class Meta:
        verbose_name = _("texte sur l’échange nominatif")
        ordering = ["council_kind", "body_kind", "valid_from"]


class ControllerQuerySet(models.QuerySet["Controller"]):
    def visible_to(self, actor):
        """The controller of one's own scope; for who prepares a council or a group, that of its holder."""
        if not actor.can("see_register"):
            return self.none()
        mine = Q(scope_id=actor.scope_id) | Q(scope__held=actor.scope_id) | Q(scope__held__held=actor.scope_id)
        return self.filter(mine).distinct()


class Controller(models.Model):
    """The record that must be complete before a body of this commune, EPCI or département may hold a file.

    Nothing is presumed: the basis is stated, in particular by an EPCI, whose competence comes from a text of its own.
    """

    database_rights = "SELECT, INSERT, UPDATE"

    scope = models.OneToOneField(Scope, models.PROTECT, related_name="controller", verbose_name=_("responsable"))
    basis = models.CharField(_("fondement de la compétence"), max_length=300, blank=True)
    officer_name = models.CharField(_("délégué à la protection des données"), max_length=160, blank=True)
    officer_email = models.EmailField(_("adresse du délégué"), blank=True)
    register_reference = models.CharField(_("référence au registre des traitements"), max_length=80, blank=True)
    registered_on = models.DateField(_("date d’inscription au registre"), null=True, blank=True)
    impact_assessed_on = models.DateField(_("date de l’analyse d’impact"), null=True, blank=True)
    hosted_elsewhere = models.BooleanField(_("hébergé par un autre organisme"), null=True, blank=True)
    host_name = models.CharField(_("hébergeur"), max_length=160, blank=True)
    processor_agreement_on = models.DateField(_("date du contrat de sous-traitance"), null=True, blank=True)
    left_on = models.DateField(_("départ de la plateforme le"), null=True, blank=True)
    edit = models.PositiveIntegerField(_("rang d’enregistrement"), default=1)
    updated_at = models.DateTimeField(_("mis à jour le"), default=timezone.now)
    updated_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("mis à jour par")
    )

    objects = ControllerQuerySet.as_manager()

    class Meta:
        verbose_name = _("responsable de traitement")
        verbose_name_plural = _("responsables de traitement")
        constraints = [
            models.CheckConstraint(
                condition=Q(host_name="", processor_agreement_on=None) | Q(hosted_elsewhere=True),
                name="controller_host_when_hosted",
            ),
        ]

    def __str__(self):
        return self.scope.label


class ControllerExportQuerySet(models.QuerySet["ControllerExport"]):
    def visible_to(self, actor):
        """For whoever chairs in the controller's own scope: it holds working documents too."""
        if not (actor.can("approve") and actor.can("see_register")):
            return self.none()
        return self.filter(controller__scope_id=actor.scope_id)


class ControllerExport(models.Model):
    """All that a controller has here, as a file readable without the platform: asked, being made, ready, erased."""

    class State(models.TextChoices):
        WAITING = "waiting", _("En préparation")
        READY = "ready", _("Prêt")
        FAILED = "failed", _("Interrompu")
        ERASED = "erased", _("Effacé")

    controller = models.ForeignKey(Controller, models.PROTECT, related_name="exports", verbose_name=_("responsable"))
    key = models.UUIDField(_("clé"), default=uuid.uuid4, unique=True, editable=False)
    requested_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("demandé par"))
    requested_at = models.DateTimeField(_("demandé le"), default=timezone.now, editable=False)
    state = models.CharField(_("état"), max_length=8, choices=State, default=State.WAITING)
    done = models.PositiveIntegerField(_("étapes faites"), default=0)
    total = models.PositiveIntegerField(_("étapes"), default=0)
    size = models.PositiveBigIntegerField(_("taille en octets"), default=0)
    sha256 = models.CharField(_("empreinte"), max_length=64, blank=True)
    finished_at = models.DateTimeField(_("prêt le"), null=True, blank=True)
    missing = models.PositiveIntegerField(_("fichiers perdus"), default=0, db_default=0)
    downloaded_at = models.DateTimeField(_("téléchargé le"), null=True, blank=True)

    objects = ControllerExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("export d’un responsable")
        ordering = ["-requested_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["controller"], condition=Q(state="waiting"), name="controller_export_one_at_a_time"
            ),
        ]
