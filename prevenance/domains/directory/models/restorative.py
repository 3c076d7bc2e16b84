"""Restorative-justice programmes: people by a code drawn at random, consent to each stage, nothing after a withdrawal.

Why here, and why behind row security. The directory names who runs such a measure, and the action is its own; no name
is held, so that there is no compartment to open, no key and no referent as followup has: its wall opens by groups
(CSI, article L. 132-5), and no group has anything to do with this. But a code with a role says that somebody suffered
or committed an offence (RGPD, article 10): who runs the programme can tell who it is. So the rows are behind the same
kind of wall as files are, keyed on the acting mandate: victim support, of the organisation that runs the programme, in
the scope where it does (migration 0010). No condition of ours has to be remembered for that.
"""

from datetime import date
from functools import cache
from typing import Any

import yaml
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from prevenance.domains.accounts.models import Organisation, Person, Scope
from prevenance.domains.directory.models.services import Service
from prevenance.domains.territories.models import Territory

CODE = r"^[A-HJ-NP-Z2-9]{3}-[A-HJ-NP-Z2-9]{3}$"  # no letter that is read as a digit


@cache
def _lists() -> dict[str, Any]:
    lists: dict[str, Any] = yaml.safe_load(
        (settings.DATA / "directory" / "restorative.yaml").read_text(encoding="utf-8")
    )
    return lists


def restorative_list(name: str) -> dict[str, str]:
    """{key: label} of kinds, roles, stages or forms, in the order of the file."""
    return {key: one["label"] if isinstance(one, dict) else one for key, one in _lists()[name].items()}


def restorative_terms(on: date) -> dict[str, Any]:
    """The record of data/directory/restorative.yaml that applies on a day: how long a programme is, when one counts."""
    found: list[dict[str, Any]] = [record for record in _lists()["terms"] if record["from"] <= on]
    return max(found, key=lambda record: record["from"])


def stage_before(stage: str) -> str:
    """The stage that must have been held before one consents to this one; none for the first."""
    found: str = _lists()["stages"][stage].get("after", "")
    return found


class ProgrammeQuerySet(models.QuerySet["Programme"]):
    def visible_to(self, actor):
        """Those that one's organisation runs, in one's scope: the wall says the same by itself."""
        if not actor.can("hold_programmes") or actor.mandate.organisation_id is None:
            return self.none()
        return self.filter(scope_id=actor.scope_id, organisation_id=actor.mandate.organisation_id)


class Programme(models.Model):
    """A measure run by an organisation of victim support, under a court, for a while."""

    clock_rights = "SELECT (id, purge_on), DELETE"
    statistics_rights = "SELECT (id, departement_id, organisation_id)"

    scope = models.ForeignKey(Scope, models.PROTECT, related_name="+", verbose_name=_("périmètre"))
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("organisme qui le tient")
    )
    service = models.ForeignKey(
        Service, models.PROTECT, related_name="+", verbose_name=_("service de l’annuaire qui le rend")
    )
    kind = models.CharField(_("mesure"), max_length=20)
    # Seat of the judicial court: a commune of the reference data, so that nothing is typed.
    court = models.ForeignKey(Territory, models.PROTECT, related_name="+", verbose_name=_("siège du tribunal"))
    departement = models.ForeignKey(Territory, models.PROTECT, related_name="+", verbose_name=_("département"))
    starts_on = models.DateField(_("du"))
    ends_on = models.DateField(_("au"))
    purge_on = models.DateField(_("effacé le"))  # ends_on, and what data/retention.yaml says
    opened_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("ouvert par"))
    edit = models.PositiveIntegerField(_("rang d’enregistrement"), default=1)

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        verbose_name = _("programme de justice restaurative")
        verbose_name_plural = _("programmes de justice restaurative")
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="programme_in_order"),
            models.CheckConstraint(condition=Q(purge_on__gt=F("ends_on")), name="programme_ends_one_day"),
        ]

    def __str__(self):
        return restorative_list("kinds").get(self.kind, self.kind)


class OfProgrammeQuerySet(models.QuerySet):
    """Rows of programmes, each by its own way to it."""

    def visible_to(self, actor):
        return self.filter(**{f"{self.model.WAY}__in": Programme.objects.visible_to(actor)})


class Participant(models.Model):
    """Somebody, by a code that the platform draws; who it is, only those who run the programme know, on paper.

    The keys of this table and of the next ones are those of migration 0010: what is of a programme goes with it, and a
    stage cannot be without its consent.
    """

    WAY = "programme"
    database_rights = "SELECT, INSERT, DELETE"  # never changed: a code that changed would be two people
    statistics_rights = "SELECT (id, programme_id)"

    programme = models.ForeignKey(
        Programme, models.CASCADE, db_constraint=False, related_name="participants", verbose_name=_("programme")
    )
    code = models.CharField(_("code"), max_length=7)
    role = models.CharField(_("qualité"), max_length=10)

    objects = OfProgrammeQuerySet.as_manager()

    class Meta:
        verbose_name = _("participant d’un programme")
        verbose_name_plural = _("participants d’un programme")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "code"], name="participant_code"),
            models.CheckConstraint(condition=Q(code__regex=CODE), name="participant_code_drawn"),
        ]

    @property
    def role_label(self):
        return restorative_list("roles").get(self.role, self.role)


class Consent(models.Model):
    """That a participant agreed to a stage, on a day, in a form. Without it the stage cannot be written (0010)."""

    WAY = "participant__programme"
    database_rights = "SELECT, INSERT, DELETE"

    participant = models.ForeignKey(
        Participant, models.CASCADE, db_constraint=False, related_name="consents", verbose_name=_("participant")
    )
    stage = models.CharField(_("étape"), max_length=12)
    given_on = models.DateField(_("donné le"))
    form = models.CharField(_("forme"), max_length=12)

    objects = OfProgrammeQuerySet.as_manager()

    class Meta:
        verbose_name = _("consentement à une étape")
        verbose_name_plural = _("consentements aux étapes")
        ordering = ["given_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["participant", "stage"], name="consent_once_a_stage"),
        ]

    @property
    def form_label(self):
        return restorative_list("forms").get(self.form, self.form)


class StageHeld(models.Model):
    """That a participant took part in a stage, on a day."""

    WAY = "participant__programme"
    database_rights = "SELECT, INSERT, DELETE"
    statistics_rights = "SELECT (participant_id, stage, held_on)"

    participant = models.ForeignKey(
        Participant, models.CASCADE, db_constraint=False, related_name="stages", verbose_name=_("participant")
    )
    stage = models.CharField(_("étape"), max_length=12)
    held_on = models.DateField(_("tenue le"))

    objects = OfProgrammeQuerySet.as_manager()

    class Meta:
        verbose_name = _("étape tenue")
        verbose_name_plural = _("étapes tenues")
        ordering = ["held_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["participant", "stage", "held_on"], name="stage_held_once_a_day")
        ]


class Withdrawal(models.Model):
    """That somebody withdrew, in a month. Neither who, nor in what quality, nor from which stage."""

    WAY = "programme"
    database_rights = "SELECT, INSERT"

    programme = models.ForeignKey(
        Programme, models.CASCADE, db_constraint=False, related_name="withdrawals", verbose_name=_("programme")
    )
    month = models.DateField(_("mois"))

    objects = OfProgrammeQuerySet.as_manager()

    class Meta:
        verbose_name = _("retrait d’un programme")
        verbose_name_plural = _("retraits d’un programme")
        ordering = ["month", "id"]
        constraints = [models.CheckConstraint(condition=Q(month__day=1), name="withdrawal_of_a_month")]


class YearlyCountQuerySet(models.QuerySet["YearlyCount"]):
    def visible_to(self, actor):
        """For who reads indicators: nothing small is in it."""
        return self if actor.can("see_plans") else self.none()


class YearlyCount(models.Model):
    """People who took part in a stage over a year, counted once, protected before it is kept.

    Counted each time that it is read, it would tell by the difference between two readings who withdrew meanwhile, and
    how many were in the programme that was erased.
    """

    database_rights = "SELECT, INSERT"

    year = models.PositiveSmallIntegerField(_("année"))
    departement = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("département")
    )  # null: all of them
    stage = models.CharField(_("étape"), max_length=12)
    people = models.PositiveIntegerField(_("personnes"), null=True, blank=True)  # null: too few to be shown, nor kept

    objects = YearlyCountQuerySet.as_manager()

    class Meta:
        verbose_name = _("compte annuel de justice restaurative")
        verbose_name_plural = _("comptes annuels de justice restaurative")
        ordering = ["-year", "departement", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "departement", "stage"], nulls_distinct=False, name="restorative_year_counted_once"
            )
        ]
