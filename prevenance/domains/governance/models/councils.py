"""Councils, the scopes that reach them, their bodies and members."""

import uuid
from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.text import sort_key
from prevenance.domains.accounts.models import Organisation, Person, Scope
from prevenance.domains.territories.models import Territory


def reached_by(queryset, actor, path="council"):
    """Narrow `queryset` to rows whose council the actor's scope reaches: a join, never a subquery.

    `path` leads from the row to its council ("" for a council itself).
    """
    if not actor.can("see_council"):
        return queryset.none()
    prefix = f"{path}__" if path else ""
    if actor.scope_kind == "council":
        return queryset.filter(**{f"{prefix}scope_id": actor.scope_id})  # it reaches itself and no other
    return queryset.filter(**{f"{prefix}reaches__scope_id": actor.scope_id})


def held_by(actor, path="council"):
    """Condition: the council is the actor's own to prepare. Reaching it is not enough: a mayor reaches the CISPD.

    Own means the council that a mandate bears on, or those held by the commune, EPCI or département that one chairs.
    """
    prefix = f"{path}__" if path else ""
    if not actor.can("see_drafts"):
        return Q(pk__in=[])
    if actor.scope_kind == "council":
        return Q(**{f"{prefix}scope_id": actor.scope_id})
    return Q(**{f"{prefix}scope__holder_id": actor.scope_id})


def is_held_by(council, actor):
    """`held_by`, for one council in hand: no join is needed."""
    if not actor.can("see_drafts"):
        return False
    if actor.scope_kind == "council":
        return actor.scope_id == council.scope_id
    return actor.scope_id == council.scope.holder_id


def open_to(actor, path="body", council="council"):
    """Condition: the body never exchanged anything about named persons, or the actor sits in it or holds its council.

    What a nominative body says, even by file number, is for those who sit there: not for the plenary, nor the
    préfecture, and no more so once the exchange or the group is closed. `path` leads from the row to the body,
    `council` to its council.
    """
    seats = Membership.objects.filter(person_id=actor.person_id).current()
    return (
        Q(**{f"{path}__exchanged": False})
        | held_by(actor, path=council)
        | Q(**{f"{path}__in": seats.values("body_id")})
    )


class CouncilQuerySet(models.QuerySet["Council"]):
    def visible_to(self, actor):
        """The councils that the actor's scope reaches: their own, their territory's, their département's, all."""
        return reached_by(self, actor, path="")

    def inside(self, territory_id):
        """Councils of a territory and of all that it contains, wholly or partly (a CISPD across two départements)."""
        return self.filter(territory__containers__container_id=territory_id)

    def covering(self, territory_id):
        """Councils of a territory and of what contains it: a commune's own and its intercommunal one."""
        return self.filter(territory__contents__contained_id=territory_id)


class Council(models.Model):
    """A council of prevention in a real territory. What each kind follows in law is dated data (data/law)."""

    class Kind(models.TextChoices):
        CLSPD = "CLSPD", _("Conseil local de sécurité et de prévention de la délinquance (CLSPD)")
        CISPD = "CISPD", _("Conseil intercommunal de sécurité et de prévention de la délinquance (CISPD)")
        CMSPD = "CMSPD", _("Conseil métropolitain de sécurité et de prévention de la délinquance (CMSPD)")
        CPSPD = "CPSPD", _("Conseil parisien de sécurité et de prévention de la délinquance")
        CDPDR = "CDPDR", _("Conseil départemental de prévention de la délinquance et de la radicalisation (CDPDR)")
        CDDF = "CDDF", _("Conseil pour les droits et devoirs des familles (CDDF)")
        CLAV = "CLAV", _("Comité local d’aide aux victimes")
        FUNDERS = "FUNDERS", _("Comité départemental des financeurs")
        ETHICS = "ETHICS", _("Comité d’éthique de la vidéoprotection")
        GPDS = "GPDS", _("Groupe de prévention du décrochage scolaire")
        GPO = "GPO", _("Groupe de partenariat opérationnel de la police nationale")

    kind = models.CharField(_("nature"), max_length=12, choices=Kind)
    name = models.CharField(_("nom"), max_length=200)
    sort_name = models.CharField(_("clé de tri"), max_length=200, editable=False)
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="+", verbose_name=_("territoire"))
    scope = models.OneToOneField(Scope, models.PROTECT, related_name="+", verbose_name=_("périmètre"))
    founded_on = models.DateField(_("créé le"), null=True, blank=True)
    ended_on = models.DateField(_("dissous le"), null=True, blank=True)
    last_plenary_on = models.DateField(_("dernière plénière"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("inscrit le"), default=timezone.now, editable=False)

    objects = CouncilQuerySet.as_manager()

    class Meta:
        verbose_name = _("conseil")
        verbose_name_plural = _("conseils")
        ordering = ["sort_name", "id"]
        indexes = [models.Index(fields=["sort_name", "id"], name="council_sort")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "territory"], condition=Q(ended_on=None) & ~Q(kind__in=["GPDS", "GPO"]),
                name="council_one_of_a_kind",
                violation_error_message=_("Ce territoire a déjà un conseil de cette nature."),
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(founded_on=None) | Q(ended_on__gte=F("founded_on")),
                name="council_ends_after_it_begins",
            ),
        ]  # fmt: skip

    def __str__(self):
        return self.name

    def save(self, **kwargs):
        self.sort_name = sort_key(self.name)
        super().save(**kwargs)


class CouncilReach(models.Model):
    """A scope whose mandates may see a council: its own, its territory, its EPCI, its départements, the nation.

    Written when the council is created, so that reading is one join (stack.md §10).
    """

    council = models.ForeignKey(Council, models.CASCADE, related_name="reaches", verbose_name=_("conseil"))
    scope = models.ForeignKey(Scope, models.PROTECT, related_name="+", verbose_name=_("périmètre"))

    class Meta:
        verbose_name = _("portée")
        constraints = [models.UniqueConstraint(fields=["scope", "council"], name="reach_once")]


class BodyQuerySet(models.QuerySet["Body"]):
    def visible_to(self, actor, of=None):
        """`of` is a council that the actor was found to see: no join is needed then."""
        return reached_by(self, actor) if of is None else self.filter(council=of)

    def open(self, on: date | None = None) -> "BodyQuerySet":
        """Those that are not closed on a day."""
        return self.filter(Q(closed_on=None) | Q(closed_on__gt=on or timezone.localdate()))


class Body(models.Model):
    """Plenary, restricted council, thematic or territorial group, or the one sitting of a committee: what meets.

    `nominative`: facts about named persons may be exchanged there. The database refuses it where no dated text allows
    it, and before the controller's record is complete (migration 0004). `exchanged`: they were, one day or another;
    what was said stays with its members for good (migration 0014).
    """

    class Kind(models.TextChoices):
        PLENARY = "plenary", _("Formation plénière")
        RESTRICTED = "restricted", _("Formation restreinte")
        GROUP = "group", _("Groupe de travail")
        COMMITTEE = "committee", _("Formation unique")

    # What the council itself is when it has but one sitting: its members are the council's.
    MAIN = (Kind.PLENARY, Kind.COMMITTEE)

    council = models.ForeignKey(Council, models.CASCADE, related_name="bodies", verbose_name=_("conseil"))
    kind = models.CharField(_("formation"), max_length=12, choices=Kind, default=Kind.PLENARY)
    name = models.CharField(_("nom"), max_length=160)
    scope = models.OneToOneField(
        Scope, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("périmètre")
    )
    theme = models.CharField(_("thème"), max_length=40, blank=True, default="", db_default="")
    purpose = models.CharField(_("objet"), max_length=500, blank=True, default="", db_default="")
    areas = models.ManyToManyField(
        Territory, blank=True, related_name="+", verbose_name=_("communes ou quartiers concernés")
    )
    opened_on = models.DateField(_("ouvert le"), null=True, blank=True)
    closed_on = models.DateField(_("fermé le"), null=True, blank=True)
    meetings_per_year = models.PositiveSmallIntegerField(_("réunions par an"), null=True, blank=True)
    nominative = models.BooleanField(_("échange nominatif"), default=False, db_default=False)
    nominative_since = models.DateField(_("échange ouvert le"), null=True, blank=True)
    exchanged = models.BooleanField(_("a échangé des noms"), default=False, db_default=False, editable=False)

    objects = BodyQuerySet.as_manager()

    class Meta:
        verbose_name = _("formation")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["council"], condition=Q(kind="plenary"), name="body_one_plenary"),
            models.UniqueConstraint(fields=["council"], condition=Q(kind="restricted"), name="body_one_restricted"),
            models.UniqueConstraint(fields=["council"], condition=Q(kind="committee"), name="body_one_committee"),
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(opened_on=None) | Q(closed_on__gte=F("opened_on")),
                name="body_closes_after_it_opens",
            ),
            models.CheckConstraint(
                condition=Q(nominative=False, nominative_since=None)
                | Q(nominative=True, nominative_since__isnull=False, kind__in=["group", "committee"]),
                name="body_nominative_in_group_or_committee",
            ),
            models.CheckConstraint(condition=Q(nominative=False) | Q(exchanged=True), name="body_exchanged_for_good"),
        ]

    def __str__(self):
        return self.name


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self, on: date | None = None) -> "MembershipQuerySet":
        day = on or timezone.localdate()
        return self.filter(valid_from__lte=day).filter(Q(valid_to=None) | Q(valid_to__gte=day))

    def visible_to(self, actor, of=None):
        """Members are known to whoever may see the council: they sit there in a public capacity.

        `of` is a body of a council that the actor was found to see: no join is needed then.
        """
        return reached_by(self, actor, path="body__council") if of is None else self.filter(body=of)


class Membership(models.Model):
    """A person sits in a body, for an organisation, of right or designated, from a day to another.

    Who sits and where never change on a row: a person who is replaced leaves, and another one `follows`. An alternate
    sits in the same body as the member they stand in for, who is not an alternate (migration 0006).
    """

    class Quality(models.TextChoices):
        CHAIR = "chair", _("Préside")
        OF_RIGHT = "of_right", _("Membre de droit")
        DESIGNATED = "designated", _("Membre désigné")
        INVITED = "invited", _("Invité permanent")

    body = models.ForeignKey(Body, models.CASCADE, related_name="memberships", verbose_name=_("formation"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("personne"))
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("organisme")
    )
    title = models.CharField(_("fonction"), max_length=160, blank=True)
    quality = models.CharField(_("qualité"), max_length=12, choices=Quality, default=Quality.DESIGNATED)
    of_right_as = models.CharField(
        _("au titre de"), max_length=60, blank=True, help_text=_("Clé de la règle de droit : préfet, procureur…")
    )
    purpose = models.CharField(
        _("pour quoi faire"), max_length=300, blank=True, default="", db_default="",
        help_text=_("Ce que cette personne apporte ici et ce qu’elle y fait."),
    )  # fmt: skip
    alternate_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="alternates", verbose_name=_("suppléant de")
    )
    follows = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="followed_by", verbose_name=_("succède à")
    )
    valid_from = models.DateField(_("à compter du"))
    valid_to = models.DateField(_("jusqu’au"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membre")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["body", "person"], condition=Q(valid_to=None), name="membership_once",
                violation_error_message=_("Cette personne est déjà membre de cette formation."),
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="membership_ends_after_it_begins"
            ),
        ]  # fmt: skip

    def __str__(self):
        return f"{self.person} · {self.title or self.get_quality_display()}"


class UploadQuerySet(models.QuerySet["Upload"]):
    def visible_to(self, actor):
        """Working documents are for those who prepare; the others see what was shared with the members."""
        return reached_by(self, actor).filter(Q(shared=True) | held_by(actor))


class Upload(models.Model):
    """A file kept outside the web root under a name of ours, served by a view that asks `visible_to`."""

    # A file never changes once stored: a correction is another file.
    database_rights = "SELECT, INSERT, UPDATE (shared), DELETE"

    # None for the copy of an act signed between communes that have no council, or for the document of an agreement of
    # the directory: read through the act or the agreement alone.
    council = models.ForeignKey(
        Council, models.CASCADE, null=True, blank=True, related_name="uploads", verbose_name=_("conseil")
    )
    key = models.UUIDField(_("clé"), default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("nom du fichier"), max_length=120)
    content_type = models.CharField(_("type"), max_length=100)
    size = models.PositiveIntegerField(_("taille en octets"))
    sha256 = models.CharField(_("empreinte"), max_length=64)
    shared = models.BooleanField(_("communiqué aux membres"), default=False)
    added_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("déposé par"))
    added_at = models.DateTimeField(_("déposé le"), default=timezone.now, editable=False)

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        ordering = ["-added_at", "-id"]

    def __str__(self):
        return self.name
