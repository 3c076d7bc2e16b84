"""A structure: who renders services, where, and how it is reached. Field names of data.inclusion v1 are beside ours."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.text import sort_key
from prevenance.domains.accounts.models import Organisation, Person
from prevenance.domains.directory.models.lists import labels
from prevenance.domains.territories.models import Territory

PHONE = r"^\+?[0-9]{2,15}$"


def phone_shown(phone: str) -> str:
    """A number as it is read aloud: « 01 99 00 12 34 », « 39 19 », « 116 006 »."""
    size = {4: 2, 6: 3, 10: 2}.get(len(phone))
    if size is None or phone.startswith("+"):
        return phone
    return "\u00a0".join(phone[place : place + size] for place in range(0, len(phone), size))


# What would say where a hidden place is. `kept` holds what a file said besides: nobody knows what is in it.
WHERE_IT_IS = {
    "address": "", "address_more": "", "postcode": "", "longitude": None, "latitude": None, "source_link": "",
    "kept": {},
}  # fmt: skip
# The number of an establishment leads to its address in a public register; a page on a place's access describes it.
WHERE_A_STRUCTURE_IS = WHERE_IT_IS | {"siret": "", "access_link": ""}


def nothing_of(where: dict[str, object]) -> Q:
    """Condition of a row: of a hidden place, nothing is kept that says where it is, so that nothing can show it."""
    empty = {name: value for name, value in where.items() if value is not None}
    return ~Q(address_hidden=True) | Q(**empty, **{f"{name}__isnull": True for name in where if name not in empty})


def point_of(place):
    """(longitude, latitude) of a place on a map, or None: its own point, or else its commune's."""
    if not place.address_hidden and place.longitude is not None and place.latitude is not None:
        return place.longitude, place.latitude
    commune = place.commune
    return None if commune.longitude is None else (commune.longitude, commune.latitude)


def on_earth() -> Q:
    """Condition of a row: both coordinates or none, in degrees."""
    return Q(longitude=None, latitude=None) | Q(
        longitude__gte=-180, longitude__lte=180, latitude__gte=-90, latitude__lte=90
    )


class StructureQuerySet(models.QuerySet["Structure"]):
    def visible_to(self, actor):
        """Known to whoever is signed in; the public pages will have their own door."""
        return self if actor.signed_in else self.none()

    def matching(self, text: str) -> "StructureQuerySet":
        """Those whose name holds every word of `text`, from the beginning of a word; accents do not matter."""
        found = self
        for word in sort_key(text[:100]).split():
            found = found.filter(Q(sort_name__startswith=word) | Q(sort_name__contains=f" {word}"))
        return found


class Structure(models.Model):
    """An organisation, or a place of it, that renders services.

    `address_hidden`: the place protects people (a shelter). Its address is then not kept: the commune alone is said.
    """

    key = models.UUIDField(_("clé publique"), default=uuid.uuid4, unique=True, editable=False)  # id
    name = models.CharField(_("nom"), max_length=150)  # nom
    sort_name = models.CharField(_("clé de tri"), max_length=150, editable=False)
    kind = models.CharField(_("nature"), max_length=20, choices=Organisation.Kind, default=Organisation.Kind.OTHER)
    siret = models.CharField(_("SIRET"), max_length=14, blank=True)  # siret
    description = models.TextField(_("présentation"), max_length=2000, blank=True)  # description
    commune = models.ForeignKey(Territory, models.PROTECT, related_name="+", verbose_name=_("commune"))  # code_insee
    postcode = models.CharField(_("code postal"), max_length=5, blank=True)  # code_postal
    address = models.TextField(_("adresse"), blank=True)  # adresse
    address_more = models.TextField(_("complément d’adresse"), blank=True)  # complement_adresse
    address_hidden = models.BooleanField(_("adresse tenue secrète"), default=False)  # prevenance_adresse_masquee
    longitude = models.FloatField(_("longitude"), null=True, blank=True)  # longitude, degrees, EPSG:4326
    latitude = models.FloatField(_("latitude"), null=True, blank=True)  # latitude
    phone = models.CharField(_("téléphone"), max_length=16, blank=True)  # telephone
    email = models.EmailField(_("adresse électronique"), blank=True)  # courriel
    website = models.URLField(_("site"), max_length=2083, blank=True)  # site_web
    hours = models.CharField(_("horaires d’accueil"), max_length=1000, blank=True)  # horaires_accueil, OSM syntax
    access_link = models.URLField(_("fiche Acceslibre"), max_length=2083, blank=True)  # accessibilite_lieu
    networks = ArrayField(
        models.CharField(max_length=60), default=list, blank=True, verbose_name=_("réseaux porteurs")
    )  # reseaux_porteurs
    source = models.CharField(_("source"), max_length=60, blank=True)  # source; empty: inscribed here
    source_id = models.CharField(_("identifiant de la source"), max_length=250, blank=True)  # id
    source_link = models.URLField(_("page de la source"), max_length=2083, blank=True)  # lien_source
    # {field of the file: value} of what no column holds, or holds otherwise: given back as it came.
    kept = models.JSONField(_("reçu et rendu tel quel"), default=dict, blank=True)
    received = models.CharField(_("empreinte de la ligne reçue"), max_length=32, blank=True, editable=False)
    closed_on = models.DateField(_("fermée le"), null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", verbose_name=_("réunie à")
    )
    updated_on = models.DateField(_("mise à jour le"), default=timezone.localdate)  # date_maj
    created_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("inscrite par"))
    edit = models.PositiveIntegerField(_("rang d’enregistrement"), default=1)

    objects = StructureQuerySet.as_manager()

    class Meta:
        verbose_name = _("structure")
        verbose_name_plural = _("structures")
        ordering = ["sort_name", "id"]
        indexes = [
            models.Index(fields=["sort_name", "id"], name="structure_sort", include=["closed_on"]),
            GinIndex(fields=["sort_name"], name="structure_words", opclasses=["gin_trgm_ops"]),
            models.Index(fields=["siret"], name="structure_siret", condition=~Q(siret="")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(siret="") | Q(siret__regex=r"^\d{14}$"), name="structure_siret_digits"),
            models.CheckConstraint(condition=Q(phone="") | Q(phone__regex=PHONE), name="structure_phone"),
            models.CheckConstraint(condition=nothing_of(WHERE_A_STRUCTURE_IS), name="structure_hidden_not_kept"),
            models.CheckConstraint(condition=on_earth(), name="structure_on_earth"),
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(closed_on__isnull=False), name="structure_merged_is_closed"
            ),
            models.CheckConstraint(
                condition=Q(source="", source_id="") | (~Q(source="") & ~Q(source_id="")),
                name="structure_source_and_id",
            ),
            models.UniqueConstraint(fields=["source_id"], condition=~Q(source_id=""), name="structure_source_id"),
        ]

    def __str__(self):
        return self.name

    def save(self, **kwargs):
        self.sort_name = sort_key(self.name)
        super().save(**kwargs)

    @property
    def is_open(self):
        return self.closed_on is None or self.closed_on > timezone.localdate()

    @property
    def kind_label(self):
        return Organisation.Kind(self.kind).label

    @property
    def phone_shown(self):
        return phone_shown(self.phone)

    @property
    def siret_shown(self):
        """« 123 456 789 00012 », as official papers write it."""
        digits = self.siret
        return f"{digits[:3]}\u00a0{digits[3:6]}\u00a0{digits[6:9]}\u00a0{digits[9:]}" if digits else ""

    @property
    def address_lines(self):
        """What may be shown of where it is: never more than the commune when the address is hidden."""
        return address_lines(self)

    @property
    def network_labels(self):
        return labels("reseaux_porteurs", self.networks)

    @property
    def point(self):
        """Where it is put on a map: its commune's point when its own is hidden or not known."""
        return point_of(self)


def address_lines(place):
    """Lines of an address, the commune last; of a hidden one the commune alone, whatever the row holds."""
    lines = [] if place.address_hidden else [line for line in (place.address, place.address_more) if line]
    postcode = "" if place.address_hidden else place.postcode
    return [*lines, f"{postcode} {place.commune.name}".strip()]
