"""What mandates are about and for whom: scopes and organisations."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from prevenance.core.text import sort_key
from prevenance.domains.territories.models import Territory


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def visible_to(self, actor):
        """Legal persons and services: known to whoever is signed in."""
        return self if actor.signed_in else self.none()


class Organisation(models.Model):
    """A legal person or a State service that members come from."""

    class Kind(models.TextChoices):
        COMMUNE = "commune", _("Commune")
        EPCI = "epci", _("Intercommunalité")
        DEPARTEMENT = "departement", _("Conseil départemental")
        STATE = "state", _("Service de l’État")
        JUSTICE = "justice", _("Justice")
        POLICE = "police", _("Police nationale, gendarmerie, police municipale")
        SCHOOL = "school", _("Éducation nationale, établissement scolaire")
        HEALTH = "health", _("Santé")
        HOUSING = "housing", _("Bailleur social")
        TRANSPORT = "transport", _("Transport")
        INTEGRATION = "integration", _("Mission locale, insertion")
        ASSOCIATION = "association", _("Association")
        BUSINESS = "business", _("Entreprise, commerce")
        SPORT = "sport", _("Sport")
        SOLIDARITY = "solidarity", _("Économie sociale et solidaire")
        RESIDENTS = "residents", _("Conseil citoyen, habitants")
        OTHER = "other", _("Autre")

    name = models.CharField(_("nom"), max_length=160)
    sort_name = models.CharField(_("clé de tri"), max_length=160, editable=False, db_index=True)
    kind = models.CharField(_("nature"), max_length=20, choices=Kind, default=Kind.OTHER)
    siret = models.CharField(_("SIRET"), max_length=14, blank=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organisme")
        verbose_name_plural = _("organismes")
        ordering = ["sort_name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["siret"], condition=~Q(siret=""), name="organisation_siret_unique"),
            models.CheckConstraint(
                condition=Q(siret="") | Q(siret__regex=r"^\d{14}$"), name="organisation_siret_digits"
            ),
        ]

    def __str__(self):
        return self.name

    def save(self, **kwargs):
        self.sort_name = sort_key(self.name)
        super().save(**kwargs)


class ScopeQuerySet(models.QuerySet["Scope"]):
    def visible_to(self, actor):
        """Those that the mandate bears on; every one for who opens accounts everywhere."""
        if actor.can("manage_people") and actor.scope_kind in ("platform", "nation"):
            return self
        return self.filter(pk__in=actor.reach)


class Scope(models.Model):
    """What a mandate bears on. Territories have one each when needed; every council and body owns its own."""

    class Kind(models.TextChoices):
        PLATFORM = "platform", _("Plateforme")
        NATION = "nation", _("France entière")
        REGION = "region", _("Région")
        DEPARTEMENT = "departement", _("Département")
        EPCI = "epci", _("Intercommunalité")
        COMMUNE = "commune", _("Commune")
        COUNCIL = "council", _("Conseil")
        BODY = "body", _("Formation d’un conseil")

    kind = models.CharField(_("nature"), max_length=12, choices=Kind)
    territory = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("territoire")
    )
    label = models.CharField(_("intitulé"), max_length=200)
    # The commune, EPCI or département of whoever chairs a council; the council of a group.
    holder = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="held", verbose_name=_("périmètre qui le tient")
    )

    objects = ScopeQuerySet.as_manager()

    class Meta:
        verbose_name = _("périmètre")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "territory"],
                condition=Q(kind__in=["nation", "region", "departement", "epci", "commune"]),
                name="scope_one_per_territory",
            ),
            models.UniqueConstraint(fields=["kind"], condition=Q(kind="platform"), name="scope_one_platform"),
            models.CheckConstraint(
                condition=Q(kind="platform", territory=None) | (~Q(kind="platform") & Q(territory__isnull=False)),
                name="scope_territory_unless_platform",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["council", "body"], holder__isnull=False)
                | (~Q(kind__in=["council", "body"]) & Q(holder=None)),
                name="scope_held_when_council_or_body",
            ),
        ]

    def __str__(self):
        return self.label
