"""What partners commit to in writing."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.domains.accounts.models import Organisation, Person
from prevenance.domains.governance.models.councils import Body, Council, Upload, reached_by


class CommitmentQuerySet(models.QuerySet["Commitment"]):
    def visible_to(self, actor):
        """Known to whoever may see the council: partners commit to all of it."""
        return reached_by(self, actor)

    def current(self, on: date | None = None) -> "CommitmentQuerySet":
        day = on or timezone.localdate()
        return self.filter(valid_from__lte=day).filter(Q(valid_to=None) | Q(valid_to__gte=day))


class Commitment(models.Model):
    """What an organisation commits to do for the council or one of its groups, from a day to another, in a document."""

    council = models.ForeignKey(Council, models.CASCADE, related_name="commitments", verbose_name=_("conseil"))
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name=_("organisme"))
    body = models.ForeignKey(Body, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("formation"))
    text = models.TextField(_("engagement"))
    valid_from = models.DateField(_("à compter du"))
    valid_to = models.DateField(_("jusqu’au"), null=True, blank=True)
    document = models.ForeignKey(
        Upload, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("document signé")
    )
    edit = models.PositiveIntegerField(_("rang d’enregistrement"), default=1)
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("inscrit par"))
    recorded_at = models.DateTimeField(_("inscrit le"), default=timezone.now, editable=False)

    objects = CommitmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("engagement de partenaire")
        verbose_name_plural = _("engagements de partenaires")
        ordering = ["organisation__sort_name", "-valid_from", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="commitment_ends_after_it_begins",
                violation_error_message=_("Un engagement ne peut finir avant d’avoir commencé."),
            ),
        ]

    def __str__(self):
        return f"{self.organisation} · {self.valid_from}"
