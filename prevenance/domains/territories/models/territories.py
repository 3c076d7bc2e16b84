"""A territory, where it lies, what contains it, the codes that lead to it."""

from __future__ import annotations

import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from prevenance.core.row_security import READ
from prevenance.domains.territories.models.matching import matching

WRITTEN = {"departement": "département", "region": "région"}  # kinds whose word has an accent, where it is read


class TerritoryQuerySet(models.QuerySet["Territory"]):
    def visible_to(self, actor: object) -> TerritoryQuerySet:
        """Everything: these are public reference data, readable without an account."""
        return self

    def existing(self, on: datetime.date | None = None) -> TerritoryQuerySet:
        """Territories that exist today, or existed on the day `on`."""
        if on is None:
            return self.filter(until=None)
        began = models.Q(since=None) | models.Q(since__lte=on)
        return self.filter(began, models.Q(until=None) | models.Q(until__gt=on))

    def inside(self, territory: Territory) -> TerritoryQuerySet:
        """What `territory` contains at any depth, wholly or partly, without itself."""
        return self.filter(containers__container=territory).exclude(pk=territory.pk)

    def around(self, territory: Territory) -> TerritoryQuerySet:
        """What contains `territory` at any height, wholly or partly, without itself."""
        return self.filter(contents__contained=territory).exclude(pk=territory.pk)

    def with_codes(self) -> TerritoryQuerySet:
        """Adds `postal_list`, `former_list` and `arrondissement_list`: the codes, sorted, that lead to each."""
        postal = PostalCode.objects.filter(territory=models.OuterRef("pk")).order_by("code").values("code")
        other = FormerCode.objects.filter(territory=models.OuterRef("pk")).order_by("code").values("code")
        return self.annotate(
            postal_list=ArraySubquery(postal),
            former_list=ArraySubquery(other.filter(nature=FormerCode.Nature.FORMER)),
            arrondissement_list=ArraySubquery(other.filter(nature=FormerCode.Nature.ARRONDISSEMENT)),
        )

    def matching(self, text: str, limit: int = 10) -> list[Territory]:
        """The best `limit` territories for what a person types: see `matching`."""
        return matching(self, text, limit)

    def at(self, kind: str, code: str) -> Territory:
        """The territory of a kind and code; for a code of before, the commune that it leads to today.

        Raises Territory.DoesNotExist when no territory ever had it.
        """
        found = list(self.filter(kind=kind, code=code))
        if kind == Territory.Kind.COMMUNE and not (found and found[0].until is None):
            found = list(self.filter(former_codes__code=code)) or found
        if not found:
            raise Territory.DoesNotExist
        return found[0]


class Territory(models.Model):
    """A commune, an intercommunal body, a département, a region, or France.

    A commune that disappears from a new vintage is closed by `until`, never deleted: councils point to it.
    """

    class Kind(models.TextChoices):
        """From the smallest; values are the words of the addresses."""

        COMMUNE = "commune", _("Commune")
        EPT = "ept", _("Établissement public territorial")
        EPCI = "epci", _("Intercommunalité")
        DEPARTEMENT = "departement", _("Département")
        REGION = "region", _("Région")
        NATION = "nation", _("Nation")

    class Zone(models.TextChoices):
        METROPOLE = "metro", _("France métropolitaine")
        DROM = "drom", _("Département ou région d’outre-mer")
        COM = "com", _("Collectivité d’outre-mer")

    class LegalKind(models.TextChoices):
        CC = "CC", _("Communauté de communes")
        CA = "CA", _("Communauté d’agglomération")
        CU = "CU", _("Communauté urbaine")
        METRO = "METRO", _("Métropole")
        MET69 = "MET69", _("Métropole de Lyon, collectivité à statut particulier")
        EPT = "EPT", _("Établissement public territorial du Grand Paris")

    class PointKind(models.TextChoices):
        TOWN_HALL = "town hall", _("mairie")
        INSIDE = "inside", _("point à l’intérieur du territoire")

    kind = models.CharField(_("nature"), max_length=12, choices=Kind)
    code = models.CharField(_("code officiel"), max_length=9)  # Insee's, or the SIREN of an EPCI or EPT
    name = models.CharField(_("nom"), max_length=200)
    sort_name = models.CharField(_("clé de tri"), max_length=200)
    search_name = models.CharField(_("clé de recherche"), max_length=250)
    # A population used to put results in order, never to be shown: a figure shown belongs to a series.
    weight = models.PositiveIntegerField(_("poids dans les résultats"), default=0)
    zone = models.CharField(_("zone"), max_length=5, choices=Zone, blank=True)
    siren = models.CharField(_("SIREN"), max_length=9, blank=True)
    legal_kind = models.CharField(_("forme juridique"), max_length=5, choices=LegalKind, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)  # degrees, EPSG:4326
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    point_kind = models.CharField(_("nature du point"), max_length=9, choices=PointKind, blank=True)
    since = models.DateField(_("existe depuis"), null=True, blank=True)  # empty: before the first vintage loaded
    until = models.DateField(_("a cessé d’exister le"), null=True, blank=True)  # first day without it

    objects = TerritoryQuerySet.as_manager()
    database_rights = READ

    class Meta:
        verbose_name = _("territoire")
        verbose_name_plural = _("territoires")
        constraints = [models.UniqueConstraint(fields=["kind", "code"], name="territory_kind_code")]
        indexes = [
            models.Index(fields=["kind", "sort_name", "code"], name="territory_order"),
            models.Index(fields=["code"], name="territory_code", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["search_name"], name="territory_name_start", opclasses=["varchar_pattern_ops"]),
            GinIndex(fields=["search_name"], name="territory_name_words", opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("pages:territory", args=[self.kind, self.code])

    @property
    def choice(self) -> str:
        """How it is written in a form field, so that the same text leads back to it: « Bron (commune 69029) »."""
        return f"{self.name} ({WRITTEN.get(self.kind, self.kind)} {self.code})"

    @property
    def nature(self) -> str:
        """What it is, in words: the legal form when there is one."""
        # Not get_…_display: Django builds a dictionary of all the labels at each call, and lists ask it of each line.
        return str((self.LegalKind(self.legal_kind) if self.legal_kind else self.Kind(self.kind)).label)


class Containment(models.Model):
    """One territory in another, at any depth: the transitive closure of the graph, each territory in itself.

    A territory is in another when they share communes; it is `partial` when the inner one goes beyond (an EPCI
    across two départements). `direct` marks the links that the law writes: commune to EPCI, EPT and département,
    EPT to the métropole, EPCI to the départements it crosses, département to region, region to nation.
    Being reflexive, one join on `containers` finds everything in a scope, the scope included.
    """

    database_rights = READ

    pk = models.CompositePrimaryKey("container", "contained")
    container = models.ForeignKey(
        Territory, models.CASCADE, related_name="contents", db_index=False, verbose_name=_("contenant")
    )
    contained = models.ForeignKey(Territory, models.CASCADE, related_name="containers", verbose_name=_("contenu"))
    direct = models.BooleanField(_("lien direct"))
    partial = models.BooleanField(_("en partie seulement"))

    class Meta:
        verbose_name = _("appartenance")


class PostalCode(models.Model):
    """A postal code of a commune; a code serves several communes and a commune may have several codes."""

    database_rights = READ

    pk = models.CompositePrimaryKey("code", "territory")
    code = models.CharField(_("code postal"), max_length=5)
    territory = models.ForeignKey(Territory, models.CASCADE, related_name="postal_codes", verbose_name=_("territoire"))

    class Meta:
        verbose_name = _("code postal")
        indexes = [models.Index(fields=["code"], name="postal_code", opclasses=["varchar_pattern_ops"])]

    def __str__(self) -> str:
        return self.code


class FormerCode(models.Model):
    """Another code that leads to a commune of today.

    Either the commune had it before a merger or a change of département, or it is the code of a municipal
    arrondissement of Paris, Lyon or Marseille, which lists made elsewhere name as if it were a commune.
    """

    database_rights = READ

    class Nature(models.TextChoices):
        FORMER = "former", _("ancien code")
        ARRONDISSEMENT = "arrondissement", _("arrondissement municipal")

    code = models.CharField(_("ancien code"), max_length=5, primary_key=True)
    territory = models.ForeignKey(Territory, models.CASCADE, related_name="former_codes", verbose_name=_("territoire"))
    nature = models.CharField(_("nature"), max_length=14, choices=Nature, default=Nature.FORMER)

    class Meta:
        verbose_name = _("ancien code")

    def __str__(self) -> str:
        return self.code


class Contour(models.Model):
    """Simplified outline of a territory, for maps only (never for measuring).

    `geometry` is the text of a GeoJSON geometry, EPSG:4326 at four decimals; it is text because it is only ever
    concatenated into an answer. West, south, east and north are degrees.
    """

    database_rights = READ

    territory = models.OneToOneField(
        Territory, models.CASCADE, primary_key=True, related_name="contour", verbose_name=_("territoire")
    )
    geometry = models.TextField(_("géométrie"))
    west = models.FloatField(_("ouest"))
    south = models.FloatField(_("sud"))
    east = models.FloatField(_("est"))
    north = models.FloatField(_("nord"))

    class Meta:
        verbose_name = _("contour")
