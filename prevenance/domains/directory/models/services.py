"""A service: what a structure does, for whom, where, how one gets in. Names of data.inclusion v1 are beside ours."""

import uuid
from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Case, F, Q, When
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.text import plain, sort_key
from prevenance.domains.accounts.models import Organisation, Person
from prevenance.domains.directory.models.lists import kind_label, labels
from prevenance.domains.directory.models.structures import (
    PHONE,
    WHERE_IT_IS,
    Structure,
    address_lines,
    nothing_of,
    on_earth,
    phone_shown,
    point_of,
)
from prevenance.domains.territories.models import Containment, Territory

KEY_LENGTH = 500


def search_key(name: str, structure: str, kind: str, commune: str) -> str:
    """What words are looked for in: names of the service, of its structure and commune, and what it is.

    Each word follows a space, so that one condition finds the beginnings of words.
    """
    return f" {plain(' '.join((name, structure, kind_label(kind), commune)))}"[:KEY_LENGTH]


class ServiceQuerySet(models.QuerySet["Service"]):
    def visible_to(self, actor):
        """Every service of the country for whoever is signed in; the public pages will have their own door."""
        return self if actor.signed_in else self.none()

    def confirmed_before(self, day: date, months: int | None) -> "ServiceQuerySet":
        """Those with this review period that nobody confirmed since a day: here or, for what comes from a source, in
        it."""
        told_by_source = Case(When(~Q(source=""), then=F("updated_on")))
        known = self.annotate(confirmed=Greatest("verified_on", told_by_source)).filter(review_months=months)
        return known.filter(Q(confirmed=None) | Q(confirmed__lt=day))

    def reported(self) -> "ServiceQuerySet":
        """Those of which somebody said that something is wrong, and nobody has looked yet."""
        return self.filter(reports__isnull=False, reports__settled_on=None).distinct()

    def offered(self, on: date | None = None) -> "ServiceQuerySet":
        """The door of the public pages: those open on a day that one may turn to oneself; where nothing is said, one
        may. No page of a signed-in person reads by it."""
        return self.open(on).filter(Q(reached_by=[]) | Q(reached_by__contains=["usagers"]))

    def open(self, on: date | None = None) -> "ServiceQuerySet":
        """Those that receive people on a day."""
        day = on or timezone.localdate()
        begun = Q(opened_on=None) | Q(opened_on__lte=day)
        return self.filter(begun, Q(closed_on=None) | Q(closed_on__gt=day))

    def near(self, territory: Territory) -> "ServiceQuerySet":
        """Those for people of a territory: a zone of theirs contains it, lies in it or crosses it. Where the service
        itself is does not matter: some are rendered next door and to others. Near the nation, all of them.
        """
        if territory.kind == Territory.Kind.NATION:
            return self
        around = Containment.objects.filter(contained_id=territory.pk).order_by().values("container_id")
        inside = Containment.objects.filter(container_id=territory.pk).order_by().values("contained_id")
        served = Service.zones.through.objects.filter(territory_id__in=around.union(inside))
        return self.filter(pk__in=served.values("service_id"))

    def placed(self) -> "ServiceQuerySet":
        """With `x` and `y`, where each may be told to be: as `Service.point`, None when only the commune is known."""
        own = Q(address_hidden=False, longitude__isnull=False)
        at_structure = Q(address="", address_hidden=False, commune=F("structure__commune")) & Q(
            structure__address_hidden=False, structure__longitude__isnull=False
        )
        x, y = (
            Case(When(own, then=F(name)), When(at_structure, then=F(f"structure__{name}")), default=None)
            for name in ("longitude", "latitude")
        )
        return self.annotate(x=x, y=y)

    def for_professionals(self) -> "ServiceQuerySet":
        """Those that a professional may turn to for somebody; where nothing is said, they may."""
        return self.filter(Q(reached_by=[]) | Q(reached_by__contains=["professionnels"]))

    def matching(self, text: str) -> "ServiceQuerySet":
        """Those that hold every word of `text`, from the beginning of a word; accents do not matter."""
        found = self
        for word in plain(text[:100]).split():
            found = found.filter(search_key__contains=f" {word}")
        return found


class Service(models.Model):
    """What a structure offers. `commune` is where it is rendered, `zones` whom it is for: one territory at least.

    `address`: where, when it is elsewhere than at the structure's. `address_hidden`: the place protects people; its
    address is not kept, and the structure's is not shown for it.
    """

    key = models.UUIDField(_("clé publique"), default=uuid.uuid4, unique=True, editable=False)  # id
    structure = models.ForeignKey(
        Structure, models.PROTECT, related_name="services", verbose_name=_("structure")
    )  # structure_id
    name = models.CharField(_("nom"), max_length=150)  # nom
    sort_name = models.CharField(_("clé de tri"), max_length=150, editable=False)
    search_key = models.CharField(_("clé de recherche"), max_length=KEY_LENGTH, editable=False)
    kind = models.CharField(_("nature"), max_length=40)  # prevenance_nature
    type = models.CharField(_("type"), max_length=20, blank=True)  # type
    themes = ArrayField(
        models.CharField(max_length=120), default=list, blank=True, verbose_name=_("thématiques")
    )  # thematiques; none: those of its kind, by data/directory/kinds.yaml
    description = models.TextField(_("ce qui est proposé"), max_length=2000)  # description
    audiences = ArrayField(
        models.CharField(max_length=60), default=list, blank=True, verbose_name=_("publics")
    )  # publics
    audience_note = models.TextField(_("précisions sur les publics"), blank=True)  # publics_precisions
    conditions = models.TextField(_("conditions d’accès"), blank=True)  # conditions_acces
    cost = models.CharField(_("frais"), max_length=20, blank=True)  # frais
    cost_note = models.TextField(_("précisions sur les frais"), blank=True)  # frais_precisions
    modes = ArrayField(
        models.CharField(max_length=20), default=list, blank=True, verbose_name=_("modes d’accueil")
    )  # modes_accueil
    commune = models.ForeignKey(Territory, models.PROTECT, related_name="+", verbose_name=_("commune"))  # code_insee
    postcode = models.CharField(_("code postal"), max_length=5, blank=True)  # code_postal
    address = models.TextField(_("adresse"), blank=True)  # adresse
    address_more = models.TextField(_("complément d’adresse"), blank=True)  # complement_adresse
    address_hidden = models.BooleanField(_("adresse tenue secrète"), default=False)  # prevenance_adresse_masquee
    longitude = models.FloatField(_("longitude"), null=True, blank=True)  # longitude, degrees, EPSG:4326
    latitude = models.FloatField(_("latitude"), null=True, blank=True)  # latitude
    zones = models.ManyToManyField(
        Territory, related_name="+", verbose_name=_("territoires servis")
    )  # zone_eligibilite
    phone = models.CharField(_("téléphone"), max_length=16, blank=True)  # telephone
    email = models.EmailField(_("adresse électronique"), blank=True)  # courriel
    reached_by = ArrayField(
        models.CharField(max_length=20), default=list, blank=True, verbose_name=_("qui peut s’adresser au service")
    )  # mobilisable_par
    reach_modes = ArrayField(
        models.CharField(max_length=40), default=list, blank=True, verbose_name=_("comment s’y adresser")
    )  # modes_mobilisation
    reach_link = models.URLField(_("lien pour s’y adresser"), max_length=2083, blank=True)  # lien_mobilisation
    reach_note = models.TextField(_("précisions pour s’y adresser"), blank=True)  # mobilisation_precisions
    contact = models.CharField(_("personne à contacter"), max_length=200, blank=True)  # contact_nom_prenom
    hours = models.CharField(_("horaires d’accueil"), max_length=1000, blank=True)  # horaires_accueil, OSM syntax
    weekly_hours = models.FloatField(
        _("heures par semaine pour une personne"), null=True, blank=True
    )  # volume_horaire_hebdomadaire
    weeks = models.PositiveIntegerField(_("semaines pour une personne"), null=True, blank=True)  # nombre_semaines

    # Ours, each in a file under the name beside it; lists hold words of data/directory/extension.yaml.
    needs = ArrayField(
        models.CharField(max_length=30), default=list, blank=True, verbose_name=_("victimes de")
    )  # prevenance_besoins
    schemes = ArrayField(
        models.CharField(max_length=30), default=list, blank=True, verbose_name=_("dispositifs")
    )  # prevenance_dispositifs
    stages = ArrayField(
        models.CharField(max_length=20), default=list, blank=True, verbose_name=_("moment")
    )  # prevenance_etapes
    ways = ArrayField(
        models.CharField(max_length=20), default=list, blank=True, verbose_name=_("manières de recevoir")
    )  # prevenance_modes
    languages = ArrayField(
        models.CharField(max_length=3), default=list, blank=True, verbose_name=_("langues parlées")
    )  # prevenance_langues
    sign_language = models.BooleanField(_("langue des signes française"), default=False)  # prevenance_lsf
    accessibility = ArrayField(
        models.CharField(max_length=30), default=list, blank=True, verbose_name=_("accessibilité")
    )  # prevenance_accessibilite
    age_from = models.PositiveSmallIntegerField(_("à partir de cet âge"), null=True, blank=True)  # prevenance_age_min
    age_to = models.PositiveSmallIntegerField(_("jusqu’à cet âge"), null=True, blank=True)  # prevenance_age_max
    capacity_hours = models.DecimalField(
        _("heures d’accueil par semaine"), max_digits=7, decimal_places=2, null=True, blank=True
    )  # prevenance_capacite_heures
    takes_complaints = models.BooleanField(_("on y dépose plainte"), default=False)  # prevenance_depot_plainte
    digital_mediation = models.BooleanField(_("point de médiation numérique"), default=False)  # prevenance_numerique

    source = models.CharField(_("source"), max_length=60, blank=True)  # source; empty: inscribed here
    source_id = models.CharField(_("identifiant de la source"), max_length=250, blank=True)  # id
    source_link = models.URLField(_("page de la source"), max_length=2083, blank=True)  # lien_source
    # {field of the file: value} of what no column holds, or holds otherwise: given back as it came.
    kept = models.JSONField(_("reçu et rendu tel quel"), default=dict, blank=True)
    received = models.CharField(_("empreinte de la ligne reçue"), max_length=32, blank=True, editable=False)
    opened_on = models.DateField(_("ouvert le"), null=True, blank=True)
    closed_on = models.DateField(_("fermé le"), null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", verbose_name=_("réuni à")
    )
    owner = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("tenu à jour par")
    )
    review_months = models.PositiveSmallIntegerField(_("à revoir tous les (mois)"), null=True, blank=True)
    updated_on = models.DateField(_("mis à jour le"), default=timezone.localdate)  # date_maj
    verified_on = models.DateField(_("vérifié le"), null=True, blank=True)
    verified_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("vérifié par")
    )
    created_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("inscrit par"))
    edit = models.PositiveIntegerField(_("rang d’enregistrement"), default=1)

    objects = ServiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
        ordering = ["sort_name", "id"]
        indexes = [
            # The days too, so that those that are open are counted in the index.
            models.Index(fields=["sort_name", "id"], name="service_sort", include=["opened_on", "closed_on"]),
            models.Index(fields=["kind", "sort_name", "id"], name="service_kind"),
            GinIndex(fields=["search_key"], name="service_words", opclasses=["gin_trgm_ops"]),
            GinIndex(fields=["needs"], name="service_needs"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(phone="") | Q(phone__regex=PHONE), name="service_phone"),
            models.CheckConstraint(condition=nothing_of(WHERE_IT_IS), name="service_hidden_not_kept"),
            models.CheckConstraint(condition=on_earth(), name="service_on_earth"),
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(closed_on__isnull=False), name="service_merged_is_closed"
            ),
            models.CheckConstraint(
                condition=Q(age_from=None) | Q(age_to=None) | Q(age_to__gte=F("age_from")), name="service_ages_in_order"
            ),
            models.CheckConstraint(
                condition=Q(capacity_hours=None) | Q(capacity_hours__gte=0), name="service_capacity_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(source="", source_id="") | (~Q(source="") & ~Q(source_id="")), name="service_source_and_id"
            ),
            models.UniqueConstraint(fields=["source_id"], condition=~Q(source_id=""), name="service_source_id"),
            models.CheckConstraint(
                condition=Q(opened_on=None) | Q(closed_on=None) | Q(closed_on__gte=F("opened_on")),
                name="service_closes_after_it_opens",
            ),
            models.CheckConstraint(
                condition=Q(verified_on=None, verified_by=None)
                | Q(verified_on__isnull=False, verified_by__isnull=False),
                name="service_verified_by_someone",
            ),
        ]

    def __str__(self):
        return self.name

    def save(self, **kwargs):
        self.sort_name = sort_key(self.name)
        self.search_key = search_key(self.name, self.structure.name, self.kind, self.commune.name)
        super().save(**kwargs)

    @property
    def is_open(self):
        """As `ServiceQuerySet.open`, today, for one in hand."""
        today = timezone.localdate()
        return (self.opened_on is None or self.opened_on <= today) and (
            self.closed_on is None or self.closed_on > today
        )

    @property
    def confirmed_on(self):
        """When somebody last said that it is true: here or, for what comes from a source, in it."""
        days = [day for day in (self.verified_on, self.updated_on if self.source else None) if day is not None]
        return max(days, default=None)

    @property
    def kind_label(self):
        return kind_label(self.kind)

    @property
    def audience_labels(self):
        return labels("publics", self.audiences)

    @property
    def cost_label(self):
        return ", ".join(labels("frais", [self.cost] if self.cost else []))

    @property
    def mode_labels(self):
        return labels("modes_accueil", self.modes)

    @property
    def reached_by_labels(self):
        return labels("mobilisable_par", self.reached_by)

    @property
    def reach_mode_labels(self):
        return labels("modes_mobilisation", self.reach_modes)

    @property
    def need_labels(self):
        return labels("needs", self.needs)

    @property
    def scheme_labels(self):
        return labels("schemes", self.schemes)

    @property
    def stage_labels(self):
        return labels("stages", self.stages)

    @property
    def way_labels(self):
        """How one is received: our words, or data.inclusion's when there are none."""
        return labels("ways", self.ways) or self.mode_labels

    @property
    def accessibility_labels(self):
        return labels("accessibility", self.accessibility)

    @property
    def language_labels(self):
        signs = [str(_("langue des signes française"))] if self.sign_language else []
        return labels("languages", self.languages) + signs

    @property
    def ages_shown(self):
        """« de 16 à 25 ans », « à partir de 18 ans », « jusqu’à 12 ans »; nothing when nothing is said."""
        bounds = {"low": self.age_from, "high": self.age_to}
        if self.age_from is None and self.age_to is None:
            return ""
        if self.age_to is None:
            return _("à partir de %(low)d ans") % bounds
        return (_("jusqu’à %(high)d ans") if self.age_from is None else _("de %(low)d à %(high)d ans")) % bounds

    @property
    def in_brief(self):
        """How one is received, in which languages, who for, for how much and how accessible: a few short sentences."""
        languages, audiences = ", ".join(self.language_labels), ", ".join(self.audience_labels)
        ages = self.ages_shown
        said = [
            ", ".join(self.way_labels),
            _("Langues : %(languages)s") % {"languages": languages} if languages else "",
            _("Pour : %(audiences)s") % {"audiences": f"{audiences}, {ages}" if ages else audiences}
            if audiences
            else "",
            self.cost_label,
            ", ".join(self.accessibility_labels),
        ]
        return " ".join(f"{sentence}." for sentence in said if sentence)

    @property
    def point(self):
        """Where it is put on a map: its own point; its structure's when it is there; or else its commune's."""
        return self.structure.point if self.at_structure and self.longitude is None else point_of(self)

    @property
    def hours_kept(self):
        """Its hours, or its structure's when it is rendered there."""
        return self.hours or (self.structure.hours if self.at_structure else "")

    @property
    def phone_shown(self):
        """Its number, or its structure's."""
        return phone_shown(self.phone or self.structure.phone)

    @property
    def dialled(self):
        return self.phone or self.structure.phone

    @property
    def reached_at(self):
        """The mail address to write to: its own, or its structure's."""
        return self.email or self.structure.email

    @property
    def address_lines(self):
        """Where it is: its own address, or its structure's in the same commune; the commune alone when hidden."""
        return self.structure.address_lines if self.at_structure else address_lines(self)

    @property
    def at_structure(self):
        """Whether it is rendered at its structure's: in its commune, with no address of its own."""
        return not self.address and not self.address_hidden and self.commune_id == self.structure.commune_id
