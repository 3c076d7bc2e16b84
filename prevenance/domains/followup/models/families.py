"""The path of a family supported in a CDDF: what was checked, asked, proposed and said, each with its day."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from prevenance.core.vault import SealedField
from prevenance.domains.accounts.models import Person
from prevenance.domains.followup.models.files import Kept


class FamilyPath(Kept):
    """Support offered to parents (CASF, articles L141-1 and L141-2). The council gives an opinion; the mayor proposes.

    A day that was written stays (migration 0008); the order of the days is checked below.
    """

    DAYS = ("checked_on", "consulted_on", "proposed_on", "opinion_on", "informed_on", "attested_on", "ended_on")

    origin = SealedField(_("origine"), length=40)
    checked_on = models.DateField(_("absence de mesure d’assistance éducative vérifiée le"))
    consulted_on = models.DateField(_("conseil consulté le"), null=True, blank=True)
    proposed_on = models.DateField(_("accompagnement proposé le"), null=True, blank=True)
    proposed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("proposé par")
    )
    opinion_on = models.DateField(_("avis du président du conseil départemental du"), null=True, blank=True)
    opinion = SealedField(_("avis"), length=40)
    informed_on = models.DateField(_("services informés le"), null=True, blank=True)
    informed = SealedField(_("services informés"), length=100)
    attested_on = models.DateField(_("attestation du"), null=True, blank=True)
    attested_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("attestation de")
    )
    commitments = SealedField(_("engagements des parents"), length=200)
    ended_on = models.DateField(_("terminé le"), null=True, blank=True)
    end_reason = SealedField(_("motif de fin"), length=40)
    edit = models.PositiveIntegerField(_("rang d’enregistrement"), default=1)

    class Meta:
        verbose_name = _("accompagnement d’une famille")
        constraints = [
            models.UniqueConstraint(fields=["followup"], condition=Q(ended_on=None), name="family_path_one_at_a_time"),
            models.CheckConstraint(
                condition=Q(proposed_on=None, proposed_by=None)
                | Q(proposed_on__gte=F("checked_on"), proposed_by__isnull=False),
                name="family_checked_then_proposed",
            ),
            models.CheckConstraint(
                condition=Q(consulted_on=None) | Q(consulted_on__gte=F("checked_on")), name="family_checked_first"
            ),
            models.CheckConstraint(
                condition=Q(opinion_on=None) | Q(opinion_on__gte=F("proposed_on"), proposed_on__isnull=False),
                name="family_opinion_on_a_proposal",
            ),
            models.CheckConstraint(
                condition=Q(informed_on=None) | Q(informed_on__gte=F("opinion_on"), opinion_on__isnull=False),
                name="family_opinion_then_informed",
            ),
            models.CheckConstraint(
                condition=Q(attested_on=None, attested_by=None)
                | Q(attested_on__gte=F("informed_on"), informed_on__isnull=False, attested_by__isnull=False),
                name="family_informed_then_attested",
            ),
        ]

    def __str__(self):
        return str(_("Accompagnement de la famille"))
