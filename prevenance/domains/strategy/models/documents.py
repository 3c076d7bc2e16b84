"""The whole plan as a file, made by a job: asked, being made, ready, erased."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.domains.accounts.models import Person
from prevenance.domains.strategy.models.plans import Amendment, Plan, read_with


class PlanDocumentQuerySet(models.QuerySet["PlanDocument"]):
    def visible_to(self, actor, within=None):
        """For whoever reads the plan; the text that a draft would give, for those who hold it."""
        return read_with(self, actor, Q(amendment=None), within=within)


class PlanDocument(models.Model):
    """A PDF of the plan as it was on a day or, with `amendment`, as it would be once this draft has taken effect."""

    class State(models.TextChoices):
        WAITING = "waiting", _("En préparation")
        READY = "ready", _("Prêt")
        FAILED = "failed", _("Interrompu")
        ERASED = "erased", _("Effacé")

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+", verbose_name=_("plan"))
    amendment = models.ForeignKey(
        Amendment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("avenant en préparation")
    )
    on = models.DateField(_("texte du"))
    key = models.UUIDField(_("clé"), default=uuid.uuid4, unique=True, editable=False)
    requested_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("demandé par"))
    requested_at = models.DateTimeField(_("demandé le"), default=timezone.now, editable=False)
    state = models.CharField(_("état"), max_length=8, choices=State, default=State.WAITING)
    done = models.PositiveIntegerField(_("pages faites"), default=0)
    total = models.PositiveIntegerField(_("pages attendues"), default=0)
    size = models.PositiveBigIntegerField(_("taille en octets"), default=0)
    sha256 = models.CharField(_("empreinte"), max_length=64, blank=True)
    finished_at = models.DateTimeField(_("prêt le"), null=True, blank=True)

    objects = PlanDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document d’un plan")
        verbose_name_plural = _("documents d’un plan")
        ordering = ["-requested_at", "-id"]
        indexes = [models.Index(fields=["finished_at"], condition=Q(state="ready"), name="plan_document_ready")]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "amendment", "on"], condition=Q(state="waiting"), nulls_distinct=False,
                name="plan_document_one_at_a_time",
            )
        ]  # fmt: skip
