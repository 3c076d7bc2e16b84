"""What a group's rulebook says of its files, and which groups a mandate opens: the database answers that."""

from datetime import date

from django.db import models
from django.db.models import Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.row_security import APPEND, READ
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Person
from prevenance.domains.governance.models import Body, Rulebook


class Duration(models.Model):
    """How long, or until what age: dated (data/followup/durations.yaml). Only the owner writes, at each migration."""

    class Unit(models.TextChoices):
        DAYS = "days", _("jours")
        MONTHS = "months", _("mois")
        YEARS = "years", _("ans")

    database_rights = READ

    what = models.CharField(_("objet"), max_length=40)
    valid_from = models.DateField(_("depuis le"))
    valid_to = models.DateField(_("jusqu’au"), null=True, blank=True)
    amount = models.PositiveSmallIntegerField(_("durée"))
    unit = models.CharField(_("unité"), max_length=6, choices=Unit)
    source = models.CharField(_("source"), max_length=400)

    class Meta:
        verbose_name = _("durée")
        ordering = ["what", "valid_from"]
        constraints = [models.UniqueConstraint(fields=["what", "valid_from"], name="duration_once")]

    @classmethod
    def of(cls, what: str, on: date | None = None) -> "Duration":
        """The entry that applies on a day. Raises Duration.DoesNotExist: nothing is presumed."""
        return cls.applying(what, on).latest("valid_from")

    @classmethod
    def applying(cls, what: str, on: date | None = None) -> "models.QuerySet[Duration]":
        """The entries that apply on a day, the last first: for a query that asks for more than a duration."""
        day = on or timezone.localdate()
        found = cls.objects.filter(Q(valid_to=None) | Q(valid_to__gt=day), what=what, valid_from__lte=day)
        return found.order_by("-valid_from")


def among(path: str, function: str, actor: Actor) -> Q:
    """Condition `path = ANY (function(mandate))`: the function runs once a query, and the index of `path` serves.

    The functions are those of the wall (migration 0002), asked about the actor's mandate: one rule, said once.
    """
    if actor.mandate_id is None:
        return Q(pk__in=[])
    mandate = models.Value(actor.mandate_id, models.BigIntegerField())
    return Q(
        Func(
            models.F(path), mandate, output_field=models.BooleanField(),
            arg_joiner=f" = ANY ((SELECT {function}(", template="(%(expressions)s))::bigint[]))",
        )
    )  # fmt: skip


def opened(actor: Actor, path: str = "body_id") -> Q:
    """Condition: the row's group is one whose texts in force the actor signed, and where they sit today."""
    return among(path, "followup_bodies", actor)


def read_whole(actor: Actor, path: str = "body_id") -> Q:
    """Condition: the actor reads every file of the row's group, by their role there or by its rulebook."""
    return among(path, "followup_whole_bodies", actor)


class TermsQuerySet(models.QuerySet["Terms"]):
    def visible_to(self, actor):
        return self.filter(opened(actor, "rulebook__body_id"))


class Terms(models.Model):
    """What a rulebook in force says of the files of its group, and in which article. Declared once a version.

    Where nothing was declared the strictest applies: one reads where one takes part, and nothing is archived.
    """

    class Reads(models.TextChoices):
        CONCERNED = "concerned", _("Chaque membre lit les dossiers où il intervient")
        ALL = "all", _("Chaque membre signataire lit tous les dossiers du groupe")

    database_rights = APPEND

    rulebook = models.OneToOneField(Rulebook, models.PROTECT, related_name="+", verbose_name=_("règlement"))
    reads = models.CharField(_("qui lit"), max_length=10, choices=Reads, default=Reads.CONCERNED)
    reads_article = models.CharField(_("article qui le dit"), max_length=60)
    archive_months = models.PositiveSmallIntegerField(_("archive intermédiaire, en mois"), default=0)
    archive_article = models.CharField(_("article sur l’archive"), max_length=60, blank=True)
    declared_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("déclaré par"))
    declared_at = models.DateTimeField(_("déclaré le"), default=timezone.now, editable=False)

    objects = TermsQuerySet.as_manager()

    class Meta:
        verbose_name = _("ce que dit le règlement des dossiers")
        constraints = [
            models.CheckConstraint(condition=Q(reads__in=["concerned", "all"]), name="terms_reads"),
            models.CheckConstraint(
                condition=Q(archive_months=0) | (Q(archive_months__lte=36) & ~Q(archive_article="")),
                name="terms_archive_by_an_article",
            ),
        ]


class FileKey(models.Model):
    """A key in use, by its name alone. Files refer to it, so that one in use cannot be forgotten here (migration 0003).

    What the key store holds and this table does not is a key without a file: the nightly sweep destroys it.
    """

    database_rights = "SELECT, INSERT"
    clock_rights = "SELECT, DELETE"

    key = models.UUIDField(_("clé"), primary_key=True)

    class Meta:
        verbose_name = _("clé en usage")


class NumberSeries(models.Model):
    """The last file number given in a group, year by year: a number never serves twice, purged or not."""

    database_rights = "SELECT, INSERT, UPDATE (last)"

    body = models.ForeignKey(Body, models.PROTECT, related_name="+", verbose_name=_("groupe"))
    year = models.PositiveSmallIntegerField(_("année"))
    last = models.PositiveIntegerField(_("dernier rang"), default=0)

    class Meta:
        verbose_name = _("suite des numéros de dossier")
        constraints = [models.UniqueConstraint(fields=["body", "year"], name="number_series_once")]

    @classmethod
    def next_for(cls, body: Body, day: date) -> str:
        """The next number of the group for the year, never given before. Inside the transaction that opens the file."""
        series, _made = cls.objects.select_for_update().get_or_create(body=body, year=day.year)
        series.last += 1
        series.save(update_fields=["last"])
        return f"{day.year}-{series.last:03d}"
