"""Agreements between partners who receive victims: who signed, about what, until when (measure 19)."""

from datetime import date

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import F, OuterRef, Q
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.domains.accounts.models import Person
from prevenance.domains.directory.models.doors import lasting
from prevenance.domains.directory.models.stations import seen_by
from prevenance.domains.directory.models.structures import Structure
from prevenance.domains.governance.models import Upload
from prevenance.domains.territories.models import Territory


class PartnersAgreementQuerySet(models.QuerySet["PartnersAgreement"]):
    def visible_to(self, actor):
        return seen_by(self, actor, "departement")

    def in_force(self, on: date | None = None) -> "PartnersAgreementQuerySet":
        return self.filter(lasting(on or timezone.localdate()))

    def listed(self) -> "PartnersAgreementQuerySet":
        """What a list and its file say: with `signed_by`, [{name, structure}] in the order in which they were named."""
        parties = AgreementParty.objects.filter(agreement=OuterRef("pk")).order_by("pk")
        told = parties.values(json=JSONObject(name="name", structure="structure_id"))
        found = self.select_related("departement").annotate(signed_by=ArraySubquery(told))
        shown = ("object", "name", "signed_on", "starts_on", "ends_on", "document", "departement__name")
        # Few have a document: joined, the whole table of uploads would be read to find them.
        return found.prefetch_related("document").only(*shown).order_by("ends_on", "pk")

    def of_each(self):
        """Those in force that a structure of an outer query signed, the first to end first."""
        found = self.in_force().filter(parties__structure=OuterRef("pk")).order_by("ends_on", "pk")
        return ArraySubquery(found.values(json=JSONObject(name="name", ends_on="ends_on")))


class PartnersAgreement(models.Model):
    """What partners of a département signed together; `object` is a word of data/directory/agreements.yaml."""

    departement = models.ForeignKey(Territory, models.PROTECT, related_name="+", verbose_name=_("département"))
    object = models.CharField(_("objet"), max_length=30)
    name = models.CharField(_("intitulé"), max_length=200)
    signed_on = models.DateField(_("signée le"))
    starts_on = models.DateField(_("à compter du"))
    ends_on = models.DateField(_("jusqu’au"), null=True, blank=True)
    document = models.OneToOneField(
        Upload, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("document")
    )
    updated_on = models.DateField(_("mise à jour le"), default=timezone.localdate)
    created_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("inscrite par"))
    edit = models.PositiveIntegerField(_("rang d’enregistrement"), default=1)

    objects = PartnersAgreementQuerySet.as_manager()

    class Meta:
        verbose_name = _("convention de partenaires")
        verbose_name_plural = _("conventions de partenaires")
        ordering = ["ends_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="partners_agreement_in_order"
            ),
        ]

    def __str__(self):
        return self.name


class AgreementParty(models.Model):
    """Who signed: an organisation by its name and, when the directory knows it, its structure."""

    agreement = models.ForeignKey(
        PartnersAgreement, models.CASCADE, related_name="parties", verbose_name=_("convention")
    )
    name = models.CharField(_("signataire"), max_length=160)
    structure = models.ForeignKey(
        Structure, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("structure")
    )

    class Meta:
        verbose_name = _("signataire d’une convention")
        verbose_name_plural = _("signataires de conventions")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["agreement", "name"], name="agreement_party_once")]

    def __str__(self):
        return self.name
