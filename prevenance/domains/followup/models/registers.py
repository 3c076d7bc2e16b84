"""The mayor's registers: calls to order and transactions. Each entry is behind its own wall (migration 0006) and key.

A register is that of a commune; the mayor and an elected member to whom it was delegated reach it, and nobody else.
"""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.row_security import APPEND, READ
from prevenance.core.vault import SealedField, SealedRow
from prevenance.domains.accounts.models import Person, Scope
from prevenance.domains.followup.models.compartments import among
from prevenance.domains.governance.models.meetings import FILE_NUMBER


class RegisterTerm(models.Model):
    """A deadline or a limit of the registers: dated (data/followup/calls.yaml, transactions.yaml).

    Only the owner writes, at each migration; the database's own checks read it.
    """

    class Unit(models.TextChoices):
        DAYS = "days", _("jours")
        MONTHS = "months", _("mois")
        YEARS = "years", _("ans")
        HOURS = "hours", _("heures")

    database_rights = READ

    what = models.CharField(_("objet"), max_length=40)
    valid_from = models.DateField(_("depuis le"))
    valid_to = models.DateField(_("jusqu’au"), null=True, blank=True)
    amount = models.PositiveSmallIntegerField(_("durée"))
    unit = models.CharField(_("unité"), max_length=6, choices=Unit)
    article = models.CharField(_("article"), max_length=100, blank=True)
    source = models.CharField(_("source"), max_length=400)

    class Meta:
        verbose_name = _("délai ou limite des registres")
        ordering = ["what", "valid_from"]
        constraints = [models.UniqueConstraint(fields=["what", "valid_from"], name="register_term_once")]


class RegisterQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """Rows of the register that the actor holds: the wall's own answer."""
        if not actor.can("hold_register"):
            return self.none()
        return self.filter(among("scope_id", "followup_registers", actor))

    def open(self):
        return self.filter(ended_on=None)


class RegisterSeries(models.Model):
    """The last number given in a register, year by year. Behind the wall as well: it counts."""

    database_rights = "SELECT, INSERT, UPDATE (last)"

    scope = models.ForeignKey(Scope, models.PROTECT, related_name="+", verbose_name=_("commune"))
    register = models.CharField(_("registre"), max_length=12)
    year = models.PositiveSmallIntegerField(_("année"))
    last = models.PositiveIntegerField(_("dernier rang"), default=0)

    class Meta:
        verbose_name = _("suite des numéros d’un registre")
        constraints = [models.UniqueConstraint(fields=["scope", "register", "year"], name="register_series_once")]

    @classmethod
    def next_for(cls, scope: Scope, register: str, day: date) -> str:
        """The next number of the year, never given before. Inside the transaction that opens the entry."""
        series, _made = cls.objects.select_for_update().get_or_create(scope=scope, register=register, year=day.year)
        series.last += 1
        series.save(update_fields=["last"])
        return f"{day.year}-{series.last:03d}"


class CallProtocol(models.Model):
    """What the mayor and the prosecutor agreed on about calls to order. The latest one signed applies."""

    database_rights = APPEND

    scope = models.ForeignKey(Scope, models.PROTECT, related_name="+", verbose_name=_("commune"))
    signed_on = models.DateField(_("signé le"))
    check_required = models.BooleanField(_("le procureur est consulté avant chaque rappel à l’ordre"))
    delay_days = models.PositiveSmallIntegerField(_("délai de sa réponse, en jours"), default=0)
    silence_allows = models.BooleanField(_("passé ce délai, son silence permet de poursuivre"), default=False)
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("déclaré par"))
    recorded_at = models.DateTimeField(_("déclaré le"), default=timezone.now, editable=False)

    objects = RegisterQuerySet.as_manager()

    class Meta:
        verbose_name = _("protocole avec le parquet")
        ordering = ["-signed_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(check_required=False, silence_allows=False) | Q(check_required=True, delay_days__gt=0),
                name="protocol_check_has_a_delay",
            ),
        ]


class RegisterEntry(SealedRow):
    """What both registers hold of a person: who, sealed; and in clear a number, dates and where it is.

    `key` is that of every sealed column; destroying it is what erases backups. `purge_on` is always set.
    """

    clock_rights = "SELECT (id, scope_id, number, ended_on, purge_on, key), DELETE"

    scope = models.ForeignKey(Scope, models.PROTECT, related_name="+", verbose_name=_("commune"))
    number = models.CharField(_("numéro"), max_length=12)
    opened_on = models.DateField(_("ouvert le"))
    opened_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("ouvert par"))
    facts_on = models.DateField(_("faits du"))
    ended_on = models.DateField(_("terminé le"), null=True, blank=True)
    purge_on = models.DateField(_("effacé le"))
    key = models.UUIDField(_("clé"), unique=True, editable=False)
    edit = models.PositiveIntegerField(_("rang d’enregistrement"), default=1)
    family_name = SealedField(_("nom"), length=100)
    given_name = SealedField(_("prénom"), length=100)
    birth_date = SealedField(_("date de naissance"), length=10)
    address = SealedField(_("adresse"), length=300)
    end_reason = SealedField(_("motif de fin"), length=40)

    objects = RegisterQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def is_open(self):
        return self.ended_on is None

    @property
    def trail(self):
        """The audit chain of its register: readings and acts alike."""
        return f"register:{self.scope_id}"


# Rights by column: number, commune, opening and key never change. Sealed columns are those of the class above.
ENTRY_COLUMNS = "state, facts_on, ended_on, purge_on, edit, family_name, given_name, birth_date, address, end_reason"


class CallToOrder(RegisterEntry):
    """A call to order (CSI, article L132-7): spoken, by the mayor or an elected delegate. What is written is short."""

    class State(models.TextChoices):
        REPORTED = "reported", _("Faits portés à la connaissance du maire")
        ASKED = "asked", _("Procureur consulté")
        CLEARED = "cleared", _("Sans obstacle du procureur")
        OBJECTED = "objected", _("Arrêté : le procureur s’y oppose")
        CONVENED = "convened", _("Convocation faite")
        HELD = "held", _("Entretien tenu")
        INFORMED = "informed", _("Procureur informé")
        ENDED = "ended", _("Terminé")
        DROPPED = "dropped", _("Sans suite")

    database_rights = (
        f"SELECT, INSERT, UPDATE ({ENTRY_COLUMNS}, asked_on, answer_due_on, answered_on, convened_on, meets_at,"
        " held_on, held_by_id, informed_on, parents, parents_address, no_parents, facts, presence, reminded, follow_up)"
    )

    state = models.CharField(_("état"), max_length=10, choices=State, default=State.REPORTED)
    asked_on = models.DateField(_("procureur consulté le"), null=True, blank=True)
    answer_due_on = models.DateField(_("réponse attendue avant le"), null=True, blank=True)
    answered_on = models.DateField(_("réponse du"), null=True, blank=True)
    convened_on = models.DateField(_("convocation du"), null=True, blank=True)
    meets_at = models.DateTimeField(_("entretien fixé au"), null=True, blank=True)
    held_on = models.DateField(_("entretien tenu le"), null=True, blank=True)
    held_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("entretien tenu par")
    )
    informed_on = models.DateField(_("procureur informé le"), null=True, blank=True)
    parents = SealedField(_("représentants légaux"), length=200)
    parents_address = SealedField(_("adresse des représentants légaux"), length=300)
    no_parents = SealedField(_("présence des parents impossible"), length=40)
    facts = SealedField(_("faits"), length=40)
    presence = SealedField(_("présents"), length=40)
    reminded = SealedField(_("règles rappelées"), length=200)
    follow_up = SealedField(_("suite"), length=40)

    class Meta:
        verbose_name = _("rappel à l’ordre")
        verbose_name_plural = _("rappels à l’ordre")
        ordering = ["-opened_on", "-id"]
        indexes = [
            models.Index(fields=["scope", "-opened_on", "-id"], name="call_scope_opened"),
            models.Index(fields=["purge_on"], name="call_purge"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["scope", "number"], name="call_number"),
            models.UniqueConstraint(fields=["id", "scope"], name="call_in_its_commune"),
            models.CheckConstraint(condition=Q(number__regex=FILE_NUMBER), name="call_number_form"),
            models.CheckConstraint(condition=Q(facts_on__lte=F("opened_on")), name="call_facts_before"),
            models.CheckConstraint(
                condition=Q(state__in=["ended", "dropped", "objected"], ended_on__isnull=False)
                | (~Q(state__in=["ended", "dropped", "objected"]) & Q(ended_on=None)),
                name="call_ends_when_its_state_does",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["convened", "held", "informed", "ended"])
                | Q(convened_on__isnull=False, meets_at__isnull=False),
                name="call_convened_first",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["held", "informed", "ended"])
                | Q(held_on__gte=F("convened_on"), held_by__isnull=False),
                name="call_held_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["informed", "ended"]) | Q(informed_on__gte=F("held_on")),
                name="call_prosecutor_informed",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["asked", "cleared", "objected"]) | Q(answer_due_on__gt=F("asked_on")),
                name="call_asked_with_a_delay",
            ),
        ]

    def __str__(self):
        return _("Rappel à l’ordre\u00a0%(number)s") % {"number": self.number}


class Transaction(RegisterEntry):
    """A transaction offered by the mayor (CPP, articles 44-1 and R15-33-61 to -66). Hours are in clear: they are
    checked by the database."""

    class State(models.TextChoices):
        RECORDED = "recorded", _("Procès-verbal reçu")
        OFFERED = "offered", _("Proposée")
        ACCEPTED = "accepted", _("Acceptée")
        REFUSED = "refused", _("Refusée, ou sans réponse")
        SUBMITTED = "submitted", _("Soumise à homologation")
        HOMOLOGATED = "homologated", _("Homologuée, en cours d’exécution")
        DENIED = "denied", _("Homologation refusée")
        EXECUTED = "executed", _("Exécutée")
        FAILED = "failed", _("Non exécutée à temps")
        REFERRED = "referred", _("Transmise au procureur")
        ENDED = "ended", _("Terminée, procureur informé")
        DROPPED = "dropped", _("Sans suite")

    class Delivery(models.TextChoices):
        REGISTERED = "registered", _("Lettre recommandée avec avis de réception")
        RECEIPT = "receipt", _("Remise contre récépissé")

    class Judge(models.TextChoices):
        PROSECUTOR = "prosecutor", _("Procureur de la République")
        JUDGE = "judge", _("Juge")

    database_rights = (
        f"SELECT, INSERT, UPDATE ({ENTRY_COLUMNS}, pv_on, offer_due_on, offered_on, delivery, received_on,"
        " answer_due_on, answered_on, submitted_on, homologated_by, decided_on, execute_days, execute_by, executed_on,"
        " reported_on, work_hours, contravention, property, amount, work)"
    )

    state = models.CharField(_("état"), max_length=12, choices=State, default=State.RECORDED)
    pv_on = models.DateField(_("procès-verbal du"))
    offer_due_on = models.DateField(_("à proposer avant le"))
    offered_on = models.DateField(_("proposée le"), null=True, blank=True)
    delivery = models.CharField(_("envoi"), max_length=10, choices=Delivery, blank=True)
    received_on = models.DateField(_("remise ou présentée le"), null=True, blank=True)
    answer_due_on = models.DateField(_("réponse avant le"), null=True, blank=True)
    answered_on = models.DateField(_("réponse du"), null=True, blank=True)
    submitted_on = models.DateField(_("soumise à homologation le"), null=True, blank=True)
    homologated_by = models.CharField(_("homologuée par"), max_length=10, choices=Judge, blank=True)
    decided_on = models.DateField(_("décision du"), null=True, blank=True)
    execute_days = models.PositiveSmallIntegerField(_("délai d’exécution, en jours"), null=True, blank=True)
    execute_by = models.DateField(_("à exécuter avant le"), null=True, blank=True)
    executed_on = models.DateField(_("exécutée le"), null=True, blank=True)
    reported_on = models.DateField(_("procureur informé le"), null=True, blank=True)
    work_hours = models.PositiveSmallIntegerField(_("heures de travail"), null=True, blank=True)
    contravention = SealedField(_("contravention"), length=40)
    property = SealedField(_("bien de la commune"), length=40)
    amount = SealedField(_("montant de la réparation"), length=12)
    work = SealedField(_("nature du travail"), length=40)

    class Meta:
        verbose_name = _("transaction")
        ordering = ["-opened_on", "-id"]
        indexes = [
            models.Index(fields=["scope", "-opened_on", "-id"], name="transaction_scope_opened"),
            models.Index(fields=["purge_on"], name="transaction_purge"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["scope", "number"], name="transaction_number"),
            models.UniqueConstraint(fields=["id", "scope"], name="transaction_in_its_commune"),
            models.CheckConstraint(condition=Q(number__regex=FILE_NUMBER), name="transaction_number_form"),
            models.CheckConstraint(
                condition=Q(facts_on__lte=F("pv_on")) & Q(pv_on__lte=F("opened_on")), name="transaction_record_first"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["referred", "denied", "ended", "dropped"], ended_on__isnull=False)
                | (~Q(state__in=["referred", "denied", "ended", "dropped"]) & Q(ended_on=None)),
                name="transaction_ends_when_its_state_does",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["recorded", "referred", "dropped"])
                | (Q(offered_on__gte=F("pv_on"), execute_days__gt=0) & Q(delivery__in=["registered", "receipt"])),
                name="transaction_offered_first",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "submitted", "homologated", "denied", "executed", "ended"])
                | Q(answered_on__gte=F("received_on"), answered_on__lte=F("answer_due_on")),
                name="transaction_accepted_in_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["homologated", "executed", "ended"])
                | Q(homologated_by="judge", work_hours__isnull=False, decided_on__gte=F("submitted_on"))
                | Q(homologated_by="prosecutor", work_hours=None, decided_on__gte=F("submitted_on")),
                name="transaction_homologated_by_who_may",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["executed", "ended"])
                | Q(executed_on__gte=F("decided_on"), executed_on__lte=F("execute_by")),
                name="transaction_executed_in_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["ended", "referred"]) | Q(reported_on__isnull=False),
                name="transaction_prosecutor_told",
            ),
        ]

    def __str__(self):
        return _("Transaction\u00a0%(number)s") % {"number": self.number}
