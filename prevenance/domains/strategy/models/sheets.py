"""Action sheets: what a plan does, with whom, for whom, by when; counts without a name."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.row_security import APPEND
from prevenance.core.text import sort_key
from prevenance.domains.accounts.models import Organisation, Person
from prevenance.domains.governance.models import Upload
from prevenance.domains.strategy.models.catalogue import StrategyAction
from prevenance.domains.strategy.models.plans import Amendment, Plan, read_with
from prevenance.domains.territories.models import Territory


class SheetQuerySet(models.QuerySet["Sheet"]):
    def visible_to(self, actor, within=None):
        """Sheets that an amendment in force brought; those of a draft are for those who hold the plan."""
        return read_with(self, actor, Q(brought_by__state="in_force"), within=within)

    def standing(self):
        """Those that no amendment in force has withdrawn, nor went with an amendment that was dropped."""
        kept = Q(withdrawn_by=None) | ~Q(withdrawn_by__state="in_force")
        return self.filter(kept, ~Q(brought_by__state="dropped"))


class Sheet(models.Model):
    """An action sheet. Its problem and objective are provisions of the plan's text (part "sheet:NUMBER:…"): an
    amendment changes them; the rest is followed from day to day."""

    class State(models.TextChoices):
        IDEA = "idea", _("À préciser")
        PLANNED = "planned", _("Prévue")
        UNDER_WAY = "under_way", _("En cours")
        PAUSED = "paused", _("Suspendue")
        DONE = "done", _("Terminée")
        DROPPED = "dropped", _("Abandonnée")

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="sheets", verbose_name=_("plan"))
    key = models.UUIDField(_("clé"), default=uuid.uuid4, unique=True, editable=False)
    number = models.PositiveSmallIntegerField(_("numéro"))
    title = models.CharField(_("intitulé"), max_length=200)
    sort_title = models.CharField(_("clé de tri"), max_length=200, editable=False)
    state = models.CharField(_("état"), max_length=10, choices=State, default=State.IDEA)
    brought_by = models.ForeignKey(Amendment, models.PROTECT, related_name="sheets", verbose_name=_("apportée par"))
    withdrawn_by = models.ForeignKey(
        Amendment, models.PROTECT, null=True, blank=True, related_name="withdrawn", verbose_name=_("retirée par")
    )
    audiences = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("publics"))
    age_from = models.PositiveSmallIntegerField(_("âge, de"), null=True, blank=True)
    age_to = models.PositiveSmallIntegerField(_("à"), null=True, blank=True)
    expected_girls = models.PositiveIntegerField(_("filles et femmes attendues"), null=True, blank=True)
    expected_boys = models.PositiveIntegerField(_("garçons et hommes attendus"), null=True, blank=True)
    expected = models.PositiveIntegerField(_("personnes attendues"), null=True, blank=True)
    reached_girls = models.PositiveIntegerField(_("filles et femmes touchées"), null=True, blank=True)
    reached_boys = models.PositiveIntegerField(_("garçons et hommes touchés"), null=True, blank=True)
    reached = models.PositiveIntegerField(_("personnes touchées"), null=True, blank=True)
    lead = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("pilote")
    )
    lead_person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("personne chargée du suivi")
    )
    partners = models.ManyToManyField(Organisation, blank=True, related_name="+", verbose_name=_("partenaires"))
    serves = models.ManyToManyField(
        StrategyAction, blank=True, related_name="+", verbose_name=_("actions de la stratégie servies")
    )
    documents = models.ManyToManyField(Upload, blank=True, related_name="+", verbose_name=_("documents"))
    begins = models.DateField(_("début prévu"), null=True, blank=True)
    ends = models.DateField(_("fin prévue"), null=True, blank=True)
    origin = models.ForeignKey(
        "ToolSheet", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("fiche outil d’origine")
    )
    created_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("écrite par"))
    created_at = models.DateTimeField(_("écrite le"), default=timezone.now, editable=False)
    edit = models.PositiveIntegerField(_("modification"), default=1)

    objects = SheetQuerySet.as_manager()

    class Meta:
        verbose_name = _("fiche action")
        verbose_name_plural = _("fiches action")
        ordering = ["number"]
        indexes = [models.Index(fields=["lead_person", "state"], name="sheet_lead_person")]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="sheet_number"),
            models.CheckConstraint(
                condition=Q(begins=None) | Q(ends=None) | Q(ends__gte=F("begins")), name="sheet_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(age_from=None) | Q(age_to=None) | Q(age_to__gte=F("age_from")), name="sheet_ages"
            ),
        ]

    def __str__(self):
        return self.title

    def save(self, **kwargs):
        self.sort_title = sort_key(self.title)
        super().save(**kwargs)


class OfSheet(models.QuerySet):
    """What hangs on a sheet is seen with it."""

    def visible_to(self, actor):
        return read_with(self, actor, Q(sheet__brought_by__state="in_force"), path="sheet__plan")


class SheetStateChange(models.Model):
    """One row a change of state, with its reason; never rewritten."""

    database_rights = APPEND

    sheet = models.ForeignKey(Sheet, models.PROTECT, related_name="history", verbose_name=_("fiche"))
    state = models.CharField(_("état"), max_length=10, choices=Sheet.State)
    reason = models.CharField(_("motif"), max_length=500, blank=True)
    at = models.DateTimeField(_("le"), default=timezone.now)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("par"))

    objects = OfSheet.as_manager()

    class Meta:
        verbose_name = _("changement d’état")
        ordering = ["id"]


class SheetNote(models.Model):
    """A note of progress, dated; never rewritten, never about a person helped."""

    database_rights = APPEND

    sheet = models.ForeignKey(Sheet, models.PROTECT, related_name="notes", verbose_name=_("fiche"))
    text = models.CharField(_("note"), max_length=1000)
    at = models.DateTimeField(_("le"), default=timezone.now)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("par"))

    objects = OfSheet.as_manager()

    class Meta:
        verbose_name = _("note d’avancement")
        verbose_name_plural = _("notes d’avancement")
        ordering = ["-id"]


class SheetSite(models.Model):
    """A place where the action happens: a commune, or a point of it."""

    sheet = models.ForeignKey(Sheet, models.CASCADE, related_name="sites", verbose_name=_("fiche"))
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="+", verbose_name=_("commune"))
    label = models.CharField(_("lieu"), max_length=160, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)  # degrees, EPSG:4326
    latitude = models.FloatField(_("latitude"), null=True, blank=True)

    objects = OfSheet.as_manager()

    class Meta:
        verbose_name = _("site")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(longitude=None, latitude=None) | Q(longitude__range=(-180, 180), latitude__range=(-90, 90)),
                name="site_point",
            )
        ]


class SheetStep(models.Model):
    sheet = models.ForeignKey(Sheet, models.CASCADE, related_name="steps", verbose_name=_("fiche"))
    position = models.PositiveSmallIntegerField(_("ordre"))
    label = models.CharField(_("étape"), max_length=200)
    due_on = models.DateField(_("pour le"), null=True, blank=True)
    done_on = models.DateField(_("faite le"), null=True, blank=True)
    owner = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("qui s’en charge")
    )

    objects = OfSheet.as_manager()

    class Meta:
        verbose_name = _("étape")
        ordering = ["position", "id"]
        indexes = [
            models.Index(fields=["due_on"], condition=Q(done_on=None), name="step_due"),
            models.Index(fields=["owner"], condition=Q(done_on=None), name="step_owner"),
        ]


class SheetResource(models.Model):
    """Means, where technology and human presence are told apart (measure 25)."""

    class Kind(models.TextChoices):
        HUMAN = "human", _("Présence humaine")
        TECHNOLOGY = "technology", _("Technologie")
        PREMISES = "premises", _("Locaux")
        OTHER = "other", _("Autre")

    sheet = models.ForeignKey(Sheet, models.CASCADE, related_name="resources", verbose_name=_("fiche"))
    kind = models.CharField(_("nature"), max_length=10, choices=Kind)
    label = models.CharField(_("moyen"), max_length=200)
    quantity = models.DecimalField(_("quantité"), max_digits=10, decimal_places=2, null=True, blank=True)
    unit = models.CharField(_("unité"), max_length=40, blank=True)

    objects = OfSheet.as_manager()

    class Meta:
        verbose_name = _("moyen")
        ordering = ["id"]


class BudgetLine(models.Model):
    """Euros of one year: an expense, or what a funder brings."""

    class Side(models.TextChoices):
        EXPENSE = "expense", _("Dépense")
        INCOME = "income", _("Ressource")

    sheet = models.ForeignKey(Sheet, models.CASCADE, related_name="budget", verbose_name=_("fiche"))
    year = models.PositiveSmallIntegerField(_("année"))
    side = models.CharField(_("sens"), max_length=8, choices=Side)
    label = models.CharField(_("intitulé"), max_length=160)
    planned = models.DecimalField(_("prévu (euros)"), max_digits=12, decimal_places=2)
    actual = models.DecimalField(_("réalisé (euros)"), max_digits=12, decimal_places=2, null=True, blank=True)

    objects = OfSheet.as_manager()

    class Meta:
        verbose_name = _("ligne de budget")
        verbose_name_plural = _("lignes de budget")
        ordering = ["year", "side", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(planned__gte=0) & (Q(actual=None) | Q(actual__gte=0)), name="budget_not_negative"
            )
        ]


class PreventionSession(models.Model):
    """A session of primary prevention or an intervention by peers: who came is counted, never named."""

    class Setting(models.TextChoices):
        AFTER_SCHOOL = "after_school", _("Périscolaire")
        SCHOOL = "school", _("Établissement scolaire")
        HOLIDAY = "holiday", _("Vacances")
        WEDNESDAY = "wednesday", _("Plan mercredi")
        EDUCATION_CITY = "education_city", _("Cité éducative")
        NATIONAL_SERVICE = "national_service", _("Service national universel")
        SPORT = "sport", _("Sport")
        OTHER = "other", _("Autre cadre")

    class AgeBand(models.TextChoices):
        UNDER_6 = "0-5", _("moins de 6 ans")
        FROM_6 = "6-11", _("6 à 11 ans")
        FROM_12 = "12-15", _("12 à 15 ans")
        FROM_16 = "16-17", _("16 et 17 ans")
        FROM_18 = "18-25", _("18 à 25 ans")
        ADULTS = "26+", _("26 ans et plus")
        MIXED = "mixed", _("âges mêlés")

    sheet = models.ForeignKey(Sheet, models.CASCADE, related_name="sessions", verbose_name=_("fiche"))
    held_on = models.DateField(_("tenue le"))
    setting = models.CharField(_("cadre"), max_length=20, choices=Setting)
    theme = models.CharField(_("thème"), max_length=40)  # a key of data/strategies/session_themes.yaml
    age_band = models.CharField(_("âges"), max_length=6, choices=AgeBand)
    girls = models.PositiveIntegerField(_("filles et femmes"), null=True, blank=True)
    boys = models.PositiveIntegerField(_("garçons et hommes"), null=True, blank=True)
    attended = models.PositiveIntegerField(_("présents"))
    peers = models.PositiveSmallIntegerField(_("pairs formés qui intervenaient"), null=True, blank=True)
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("saisie par"))
    recorded_at = models.DateTimeField(_("saisie le"), default=timezone.now, editable=False)

    objects = OfSheet.as_manager()

    class Meta:
        verbose_name = _("séance")
        ordering = ["-held_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(girls=None) | Q(boys=None) | Q(attended=F("girls") + F("boys")), name="session_counts"
            )
        ]
