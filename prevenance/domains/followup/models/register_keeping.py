"""What stops the clock of an entry of the mayor's registers; what is counted of them, by commune and year."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from prevenance.core.vault import SealedField, SealedRow
from prevenance.domains.accounts.models import Person, Scope
from prevenance.domains.followup.models.registers import CallToOrder, RegisterEntry, RegisterQuerySet, Transaction
from prevenance.domains.followup.models.tallies import TallyQuerySet
from prevenance.domains.territories.models import Territory


class RegisterHoldQuerySet(RegisterQuerySet):
    def of(self, entry: RegisterEntry):
        """Those of an entry."""
        return self.filter(**{RegisterHold.link(entry): entry.pk})


class RegisterHold(SealedRow):
    """A legal hold on an entry: its clock waits until a day, for a reason of a closed list, as Hold does for a file.

    It goes with its entry, under whose key the reason is sealed; an entry that ended may be held.
    """

    database_rights = "SELECT, INSERT, UPDATE (lifted_on)"
    clock_rights = "SELECT (call_id, transaction_id, until, lifted_on)"

    scope = models.ForeignKey(Scope, models.PROTECT, related_name="+", verbose_name=_("commune"))
    call = models.ForeignKey(
        CallToOrder, models.DO_NOTHING, null=True, blank=True, db_constraint=False, related_name="holds",
        verbose_name=_("rappel à l’ordre"),
    )  # fmt: skip
    transaction = models.ForeignKey(
        Transaction, models.DO_NOTHING, null=True, blank=True, db_constraint=False, related_name="holds",
        verbose_name=_("transaction"),
    )  # fmt: skip
    reason = SealedField(_("motif"), length=40)
    set_on = models.DateField(_("posée le"))
    set_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("posée par"))
    until = models.DateField(_("jusqu’au"))
    lifted_on = models.DateField(_("levée le"), null=True, blank=True)

    objects = RegisterHoldQuerySet.as_manager()

    class Meta:
        verbose_name = _("conservation imposée à une fiche")
        ordering = ["set_on", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("set_on")), name="register_hold_ends"),
            models.CheckConstraint(
                condition=Q(call=None, transaction__isnull=False) | Q(call__isnull=False, transaction=None),
                name="register_hold_of_one_entry",
            ),
            models.UniqueConstraint(fields=["call"], condition=Q(lifted_on=None), name="register_hold_one_a_call"),
            models.UniqueConstraint(
                fields=["transaction"], condition=Q(lifted_on=None), name="register_hold_one_a_transaction"
            ),
        ]

    @staticmethod
    def link(entry: RegisterEntry) -> str:
        """The column that names an entry of its register."""
        return "call" if isinstance(entry, CallToOrder) else "transaction"


# What is counted, register by register: an entry that comes to one of these states.
COUNTED = {
    "calls": ("reported", "convened", "held", "objected", "dropped"),
    "transactions": (
        "recorded", "offered", "accepted", "refused", "homologated", "denied", "executed", "failed", "referred",
        "dropped",
    ),
}  # fmt: skip


class RegisterCount(models.Model):
    """How many entries of a commune's register came to a state in a year: a number that no entry is linked to, and
    that stays when they are erased. The year is that of the writing: one that ended changes no more.
    """

    database_rights = "SELECT, INSERT, UPDATE (count)"
    statistics_rights = "SELECT (id, scope_id, register, year, state, count)"

    scope = models.ForeignKey(Scope, models.PROTECT, related_name="+", verbose_name=_("commune"))
    register = models.CharField(_("registre"), max_length=12)
    year = models.PositiveSmallIntegerField(_("année"))
    state = models.CharField(_("étape"), max_length=12)
    count = models.PositiveIntegerField(_("nombre"), default=0)

    objects = RegisterQuerySet.as_manager()

    class Meta:
        verbose_name = _("compte d’un registre")
        ordering = ["-year", "register", "id"]
        constraints = [
            models.UniqueConstraint(fields=["scope", "register", "year", "state"], name="register_count_once"),
        ]

    @classmethod
    def add(cls, scope: Scope, register: str, state: str, year: int) -> None:
        """One more; nothing for a state that is not counted. Inside the transaction that brings the entry there."""
        if state in COUNTED[register]:
            line, _made = cls.objects.select_for_update().get_or_create(
                scope=scope, register=register, year=year, state=state
            )
            line.count += 1
            line.save(update_fields=["count"])


class RegisterTally(models.Model):
    """Counts of registers added up by département, region and nation, with how many communes each comes from."""

    database_rights = "SELECT, INSERT, DELETE"

    territory = models.ForeignKey(Territory, models.PROTECT, related_name="+", verbose_name=_("territoire"))
    register = models.CharField(_("registre"), max_length=12)
    year = models.PositiveSmallIntegerField(_("année"))
    state = models.CharField(_("étape"), max_length=12)
    communes = models.PositiveIntegerField(_("communes"))
    count = models.PositiveIntegerField(_("nombre"))

    objects = TallyQuerySet.as_manager()

    class Meta:
        verbose_name = _("compte des registres d’un territoire")
        ordering = ["territory_id", "-year"]
        indexes = [models.Index(fields=["year", "territory"], name="register_tally_year")]
        constraints = [
            models.UniqueConstraint(fields=["territory", "register", "year", "state"], name="register_tally_once"),
        ]
