"""The file of a person followed: what is in clear (number, group, category, sex, age band, dates), and what is sealed.

A sealed column holds what the file's own key wrote (core.vault): whoever reads the database alone reads nothing there.
"""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.vault import SealedField, SealedRow
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Person
from prevenance.domains.followup.models.compartments import opened, read_whole
from prevenance.domains.governance.models import Body
from prevenance.domains.governance.models.meetings import FILE_NUMBER


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def visible_to(self, actor: Actor, at: datetime | None = None) -> "FollowUpQuerySet":
        """Files of the groups that the actor opens: all of them by role or rulebook, else where they take part.

        A protected file (victim of trafficking) is read by the coordination and by those who take part, whatever the
        rulebook. What is archived is read by whoever was given a single access. A share opens parts, not a file: see
        Share. `at` is now, for a query that is put together once.
        """
        if not actor.can("see_files"):
            return self.none()
        part = Involvement.objects.filter(person_id=actor.person_id).current().values("followup_id")
        coordination = actor.role in COORDINATION
        whole = read_whole(actor) if coordination else read_whole(actor) & ~Q(category=FollowUp.Category.VICTIM)
        unlocked = ~FollowUp.archived() | Q(pk__in=single_accesses(actor, at or timezone.now()))
        return self.filter(opened(actor), whole | Q(pk__in=part), unlocked)

    def open(self):
        return self.filter(closed_on=None)

    def followed_by(self, person):
        """Those of a referent, or of none when `person` is None."""
        rows = Involvement.objects.filter(kind=Involvement.Kind.REFERENT, valid_to=None).current()
        if person is None:
            return self.exclude(pk__in=rows.values("followup_id"))
        return self.filter(pk__in=rows.filter(person_id=person).values("followup_id"))

    def locked(self, followup):
        """The file as it is now, kept for the transaction: what a rule is asked about before a write."""
        return self.select_for_update(of=("self",)).select_related("body__council").get(pk=followup.pk)

    def in_archive_of(self, actor):
        """Archived files of the groups that the actor holds: what may be told of them is their number, no more."""
        if not actor.can("hold_files"):
            return self.none()
        return self.filter(opened(actor)).filter(FollowUp.archived())


COORDINATION = ("coordinator", "deputy")


def single_accesses(actor, at):
    """Files of the archive to which the actor has an access that has not ended at a moment."""
    from prevenance.domains.followup.models.rights import ArchiveAccess

    granted = ArchiveAccess.objects.filter(person_id=actor.person_id, until__gt=at)
    return granted.values("followup_id")


class FollowUp(models.Model):
    """A person followed by a group. Nothing here names them, and nothing scores them.

    `purge_on` is always set: the month when they turn 25 at the latest, sooner once the follow-up has ended. `key` is
    that of every sealed column and attachment of the file; destroying it is what erases backups.
    """

    class Category(models.TextChoices):
        EXPOSED = "exposed", _("Jeune exposé à la délinquance (prévention secondaire)")
        REOFFENDING = "reoffending", _("Prévention de la récidive (prévention tertiaire)")
        VICTIM = "victim", _("Victime de traite (dossier protégé)")
        FAMILY = "family", _("Accompagnement de la famille (CDDF)")

    class Sex(models.TextChoices):
        FEMALE = "f", _("Féminin")
        MALE = "m", _("Masculin")
        UNSAID = "u", _("Non précisé")

    class AgeBand(models.TextChoices):
        UNDER_13 = "0-12", _("Moins de 13 ans")
        TEEN = "13-15", _("13 à 15 ans")
        NEARLY = "16-17", _("16 ou 17 ans")
        YOUNG = "18-20", _("18 à 20 ans")
        ADULT = "21-24", _("21 à 24 ans")

    # Only the clock's role deletes, and only what is due (migration 0002).
    database_rights = (
        "SELECT, INSERT, UPDATE (category, sex, age_band, closed_on, archived_on, purge_on, next_review_on, edit)"
    )

    clock_rights = "SELECT (id, body_id, number, closed_on, archived_on, purge_on, key), DELETE"

    body = models.ForeignKey(Body, models.PROTECT, related_name="+", verbose_name=_("groupe"))
    number = models.CharField(_("numéro"), max_length=12)
    category = models.CharField(_("catégorie"), max_length=12, choices=Category)
    sex = models.CharField(_("sexe"), max_length=1, choices=Sex)
    age_band = models.CharField(_("tranche d’âge"), max_length=5, choices=AgeBand)
    opened_on = models.DateField(_("ouvert le"))
    opened_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("ouvert par"))
    closed_on = models.DateField(_("terminé le"), null=True, blank=True)
    archived_on = models.DateField(_("archivé le"), null=True, blank=True)
    purge_on = models.DateField(_("effacé le"))
    next_review_on = models.DateField(_("prochain point le"), null=True, blank=True)
    key = models.UUIDField(_("clé"), unique=True, editable=False)
    # What the form that opened it was given: sent twice, it opens one file.
    asked = models.UUIDField(_("demande d’ouverture"), unique=True, null=True, editable=False)
    edit = models.PositiveIntegerField(_("rang d’enregistrement"), default=1)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        verbose_name = _("dossier de suivi")
        verbose_name_plural = _("dossiers de suivi")
        ordering = ["body_id", "-opened_on", "-id"]
        indexes = [
            models.Index(fields=["body", "-opened_on", "-id"], name="followup_body_opened"),
            models.Index(fields=["purge_on"], name="followup_purge"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["body", "number"], name="followup_number"),
            models.UniqueConstraint(fields=["id", "body"], name="followup_in_its_body"),
            models.CheckConstraint(condition=Q(number__regex=FILE_NUMBER), name="followup_number_form"),
            models.CheckConstraint(
                condition=Q(category__in=["exposed", "reoffending", "victim", "family"]), name="followup_category"
            ),
            models.CheckConstraint(condition=Q(sex__in=["f", "m", "u"]), name="followup_sex"),
            models.CheckConstraint(
                condition=Q(age_band__in=["0-12", "13-15", "16-17", "18-20", "21-24"]), name="followup_age_band"
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None, archived_on=None)
                | Q(closed_on__gte=F("opened_on"), archived_on=None)
                | Q(closed_on__gte=F("opened_on"), archived_on__gte=F("closed_on")),
                name="followup_closes_then_is_archived",
            ),
        ]

    def __str__(self):
        return _("Dossier\u00a0%(number)s") % {"number": self.number}

    @staticmethod
    def archived():
        """Condition: in the intermediate archive today."""
        return Q(archived_on__isnull=False, archived_on__lte=timezone.localdate())

    @property
    def is_open(self):
        return self.closed_on is None

    @property
    def is_archived(self):
        return self.archived_on is not None and self.archived_on <= timezone.localdate()

    @property
    def trail(self):
        """The audit chain of its group: readings and acts alike."""
        return f"followup:{self.body_id}"


class KeptQuerySet(models.QuerySet):
    def visible_to(self, actor, of=None):
        """Rows of the files that the actor reads. `of` is a file that they were found to read, in hand."""
        if of is not None:
            return self.filter(followup=of)
        return self.filter(followup__in=FollowUp.objects.visible_to(actor).values("pk"))


class Kept(SealedRow):
    """A row of a file. It carries its group, which the wall reads, and goes with the file (keys of migration 0002)."""

    database_rights = "SELECT, INSERT, UPDATE"

    followup = models.ForeignKey(
        FollowUp, models.DO_NOTHING, db_constraint=False, related_name="%(class)s_rows", verbose_name=_("dossier")
    )
    body = models.ForeignKey(Body, models.PROTECT, related_name="+", verbose_name=_("groupe"))

    objects = KeptQuerySet.as_manager()

    class Meta:
        abstract = True


class Identity(Kept):
    """Who the person is, field by field as the law allows (AU-038, art. 3), and no other."""

    family_name = SealedField(_("nom"), length=100)
    given_name = SealedField(_("prénom"), length=100)
    birth_date = SealedField(_("date de naissance"), length=10)
    address = SealedField(_("adresse"), length=300)
    phone = SealedField(_("téléphone"), length=30)
    email = SealedField(_("courriel"), length=200)
    schooling = SealedField(_("niveau scolaire ou situation professionnelle"), length=40)
    edit = models.PositiveIntegerField(_("rang d’enregistrement"), default=1)

    class Meta:
        verbose_name = _("identité")
        constraints = [models.UniqueConstraint(fields=["followup"], name="identity_once")]


class Representative(Kept):
    """A legal representative of a minor."""

    database_rights = "SELECT, INSERT, UPDATE, DELETE"

    rank = models.PositiveSmallIntegerField(_("rang"))
    link = SealedField(_("qualité"), length=40)
    family_name = SealedField(_("nom"), length=100)
    given_name = SealedField(_("prénom"), length=100)
    address = SealedField(_("adresse"), length=300)
    phone = SealedField(_("téléphone"), length=30)
    email = SealedField(_("courriel"), length=200)

    class Meta:
        verbose_name = _("représentant légal")
        ordering = ["rank"]
        constraints = [
            models.UniqueConstraint(fields=["followup", "rank"], name="representative_rank"),
            models.CheckConstraint(condition=Q(rank__in=[1, 2]), name="representative_two_at_most"),
        ]


class Report(Kept):
    """What the file was opened from: an origin ticked in a closed list, by whom and when."""

    origin = SealedField(_("origine"), length=40)
    received_on = models.DateField(_("signalé le"))
    reported_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("signalé par")
    )
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("saisi par"))

    class Meta:
        verbose_name = _("signalement")
        ordering = ["received_on", "id"]


class Fact(Kept):
    """A situation of a closed list, observed by a professional on a day. Never a risk, nor a level."""

    situation = SealedField(_("situation observée"), length=60)
    observed_on = models.DateField(_("observée le"))
    observed_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("observée par"))
    ended_on = models.DateField(_("ne l’est plus depuis le"), null=True, blank=True)

    class Meta:
        verbose_name = _("situation observée")
        ordering = ["-observed_on", "-id"]


class InvolvementQuerySet(KeptQuerySet):
    def visible_to(self, actor, of=None):
        """Of the files that one reads; and what is proposed to oneself, before one reads anything."""
        if of is not None:
            return self.filter(followup=of)
        given = Q(followup__in=FollowUp.objects.visible_to(actor).values("pk"))
        return self.filter(given | Q(pk__in=self.model.objects.proposed_to(actor).values("pk")))

    def waiting(self) -> "InvolvementQuerySet":
        """Proposed, and neither accepted nor declined."""
        return self.filter(accepted_at=None, declined_at=None)

    def proposed_to(self, actor):
        """What the actor has to answer or declined, in the groups that they open."""
        return self.filter(opened(actor), person_id=actor.person_id, accepted_at=None)

    def current(self) -> "InvolvementQuerySet":
        """In force today; a hand-over that waits for acceptance gives nothing yet."""
        day = timezone.localdate()
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=day), accepted_at__isnull=False, valid_from__lte=day)


class Involvement(Kept):
    """A member takes part in a file: its referent, who covers an absence, who reported, who is concerned.

    A referent begins when they accept. `replaces` is the one whom they take over from.
    """

    class Kind(models.TextChoices):
        REFERENT = "referent", _("Référent ou référente de parcours")
        COVER = "cover", _("Remplace pendant une absence")
        REPORTER = "reporter", _("A signalé la situation")
        CONCERNED = "concerned", _("Intervient auprès de la personne")

    clock_rights = "SELECT (followup_id, person_id, kind, accepted_at, valid_from, valid_to)"

    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("membre"))
    kind = models.CharField(_("qualité"), max_length=10, choices=Kind)
    replaces = models.ForeignKey(
        "self", models.DO_NOTHING, null=True, blank=True, db_constraint=False, related_name="+",
        verbose_name=_("prend la suite de"),
    )  # fmt: skip
    proposed_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("proposé par"))
    proposed_at = models.DateTimeField(_("proposé le"), default=timezone.now, editable=False)
    accepted_at = models.DateTimeField(_("accepté le"), null=True, blank=True)
    declined_at = models.DateTimeField(_("décliné le"), null=True, blank=True)
    valid_from = models.DateField(_("à compter du"))
    valid_to = models.DateField(_("jusqu’au"), null=True, blank=True)

    objects = InvolvementQuerySet.as_manager()

    class Meta:
        verbose_name = _("participation au suivi")
        ordering = ["valid_from", "id"]
        indexes = [models.Index(fields=["person", "valid_to"], name="involvement_person")]
        constraints = [
            models.UniqueConstraint(
                fields=["followup"],
                condition=Q(kind="referent", accepted_at__isnull=False, valid_to=None),
                name="involvement_one_referent",
            ),
            models.UniqueConstraint(
                fields=["followup", "person", "kind"],
                condition=Q(valid_to=None, declined_at=None),
                name="involvement_once",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="involvement_ends_after_it_begins"
            ),
            models.CheckConstraint(condition=Q(accepted_at=None) | Q(declined_at=None), name="involvement_one_answer"),
            models.CheckConstraint(
                condition=~Q(kind="cover") | Q(valid_to__isnull=False), name="involvement_cover_ends"
            ),
        ]
