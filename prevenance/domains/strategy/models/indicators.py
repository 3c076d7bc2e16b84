"""Indicators: what is counted, how it adds up over time and over territories, and the values that are reported."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.text import sort_key
from prevenance.domains.accounts.models import Person
from prevenance.domains.strategy.models.catalogue import StrategyAction
from prevenance.domains.strategy.models.plans import Plan, held_plan, read_plans, read_with
from prevenance.domains.strategy.models.sheets import Sheet
from prevenance.domains.territories.models import Containment, Territory

WIDE = ("departement", "region", "nation")  # kinds of territory whose totals every reader of plans reads


class IndicatorQuerySet(models.QuerySet["Indicator"]):
    def visible_to(self, actor, within=None):
        """Those of the plans that one reads; those of a national plan are everybody's."""
        rows = self if within is None else self.filter(plan=within)
        return rows if within is not None and within.was_found_for(actor) else read_plans(rows, actor)


class Indicator(models.Model):
    """The definition of an indicator. It belongs to a plan; the plans under it inherit it.

    Time and territory add up by two separate rules. A ratio keeps its numerator and denominator apart and is derived
    again at each level, never averaged.
    """

    class Nature(models.TextChoices):
        STOCK = "stock", _("Stock (à une date)")
        FLOW = "flow", _("Flux (sur une période)")
        RATIO = "ratio", _("Rapport")

    class TimeRule(models.TextChoices):
        SUM = "sum", _("s’additionne")
        LAST = "last", _("dernière valeur connue")
        MEAN = "mean", _("moyenne")

    class TerritoryRule(models.TextChoices):
        SUM = "sum", _("s’additionne")
        MEAN = "mean", _("moyenne des territoires")
        NONE = "none", _("ne se cumule pas")

    class Period(models.TextChoices):
        MONTH = "month", _("Mois")
        QUARTER = "quarter", _("Trimestre")
        HALF_YEAR = "half_year", _("Semestre")
        YEAR = "year", _("Année civile")
        SCHOOL_YEAR = "school_year", _("Année scolaire")

    class Level(models.TextChoices):
        LOCAL = "local", _("Commune, ou intercommunalité à sa place")
        DEPARTEMENT = "departement", _("Département")
        REGION = "region", _("Région")
        NATION = "nation", _("Nation")

    class Split(models.TextChoices):
        NONE = "none", _("Aucune")
        SEX = "sex", _("Filles et garçons")
        AGE = "age", _("Âges")

    class Direction(models.TextChoices):
        UP = "up", _("doit augmenter")
        DOWN = "down", _("doit diminuer")
        NONE = "none", _("se suit sans visée")

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="indicators", verbose_name=_("plan"))
    label = models.CharField(_("intitulé"), max_length=200)
    sort_label = models.CharField(_("clé de tri"), max_length=200, editable=False)
    definition = models.CharField(_("définition"), max_length=1000, blank=True)
    unit = models.CharField(_("unité"), max_length=40)
    nature = models.CharField(_("nature"), max_length=5, choices=Nature)
    numerator_label = models.CharField(_("ce qui est compté"), max_length=160, blank=True)
    denominator_label = models.CharField(_("rapporté à"), max_length=160, blank=True)
    time_rule = models.CharField(_("dans le temps"), max_length=4, choices=TimeRule)
    territory_rule = models.CharField(_("entre territoires"), max_length=4, choices=TerritoryRule)
    period = models.CharField(_("période"), max_length=12, choices=Period)
    level = models.CharField(_("niveau de collecte"), max_length=12, choices=Level)
    split = models.CharField(_("ventilation"), max_length=4, choices=Split, default=Split.NONE)
    direction = models.CharField(_("sens"), max_length=4, choices=Direction, default=Direction.NONE)
    source = models.CharField(_("source"), max_length=200)
    due_days = models.PositiveSmallIntegerField(_("à saisir dans les jours qui suivent la période"), default=30)
    serves = models.ManyToManyField(
        StrategyAction, blank=True, related_name="+", verbose_name=_("actions de la stratégie")
    )
    begins = models.DateField(_("première période"), null=True, blank=True)
    retired_on = models.DateField(_("abandonné le"), null=True, blank=True)
    edit = models.PositiveIntegerField(_("modification"), default=1)

    objects = IndicatorQuerySet.as_manager()

    class Meta:
        verbose_name = _("indicateur")
        ordering = ["sort_label", "id"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "label"], name="indicator_label"),
            models.CheckConstraint(
                condition=Q(nature="ratio") & ~Q(denominator_label="") | ~Q(nature="ratio") & Q(denominator_label=""),
                name="indicator_ratio_of_something",
            ),
            # People followed at the end of each month do not add up to those followed in the year.
            models.CheckConstraint(condition=~Q(nature="stock", time_rule="sum"), name="indicator_stock_not_summed"),
        ]

    def __str__(self):
        return self.label

    def save(self, **kwargs):
        self.sort_label = sort_key(self.label)
        super().save(**kwargs)


class PlanIndicator(models.Model):
    """A plan follows an indicator, its own or one that it inherits, for itself or for one of its sheets."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="followed", verbose_name=_("plan"))
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+", verbose_name=_("indicateur"))
    sheet = models.ForeignKey(
        Sheet, models.PROTECT, null=True, blank=True, related_name="followed", verbose_name=_("fiche")
    )
    baseline = models.DecimalField(_("valeur de départ"), max_digits=18, decimal_places=4, null=True, blank=True)
    baseline_on = models.DateField(_("au"), null=True, blank=True)
    target = models.DecimalField(_("cible"), max_digits=18, decimal_places=4, null=True, blank=True)
    target_on = models.DateField(_("pour le"), null=True, blank=True)

    class QuerySet(models.QuerySet["PlanIndicator"]):
        def visible_to(self, actor, within=None):
            """With the plan, and with the sheet where it is followed for one: a draft's is for those who hold it."""
            if within is None:
                brought = Q(sheet__brought_by__state="in_force")
            else:  # forty sheets, found by their plan: joined, every sheet of the country may be read
                sheets = Sheet.objects.filter(plan=within, brought_by__state="in_force")
                brought = Q(sheet__in=sheets.order_by().values("pk"))
            return read_with(self, actor, Q(sheet=None) | brought, within=within)

    objects = QuerySet.as_manager()

    class Meta:
        verbose_name = _("indicateur suivi")
        verbose_name_plural = _("indicateurs suivis")
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "indicator", "sheet"], nulls_distinct=False, name="plan_indicator_once"
            ),
            models.CheckConstraint(
                condition=(Q(baseline=None) | Q(baseline_on__isnull=False))
                & (Q(target=None) | Q(target_on__isnull=False)),
                name="plan_indicator_dated",
            ),
        ]


def contained(actor):
    """The territories inside the one acted in, that one too."""
    return Containment.objects.filter(container_id=actor.territory_id).order_by().values_list("contained_id", flat=True)


def inside(actor):
    """Condition: the territory is inside the one acted in. Everything is inside the nation."""
    return Q() if actor.scope_kind == "nation" else Q(territory_id__in=contained(actor))


def reach(actor):
    """Whose totals the actor reads: (kinds of territory read everywhere, territories read whatever their kind), or None
    for all of them. One rule for totals that are kept and for those computed on the way (analysis.series).

    Below the département, a total may be one plan's own value: those of the territory acted in for whoever holds a plan
    there, those inside for the level that accepts them. From the département up, all.
    """
    if not actor.can("see_plans"):
        return (), []
    if actor.can("accept_values"):
        return None if actor.scope_kind == "nation" else (WIDE, contained(actor))
    return WIDE, [actor.territory_id] if actor.can("hold_plan") else []


def sent_to(actor):
    """Condition of a value: sent from inside to the actor, whose level accepts it."""
    if not actor.can("accept_values"):
        return Q(pk__in=[])
    return Q(state__in=["submitted", "returned", "accepted"]) & inside(actor)


class ValueQuerySet(models.QuerySet["IndicatorValue"]):
    def visible_to(self, actor, within=None):
        """Those of the plans that the actor holds, and for the level that accepts them, what was sent from inside.

        A value may count very few persons: others read totals, where small ones are hidden (rules.small_counts).
        """
        if not actor.can("see_plans"):
            return self.none()
        if within is None:
            return self.filter(sent_to(actor) | held_plan(actor))
        rows = self.filter(plan=within)
        if not within.was_found_for(actor):
            return rows.filter(sent_to(actor) | held_plan(actor))
        return rows if within.is_held_by(actor) else rows.filter(sent_to(actor))

    def accepted_for(self, actor):
        """Those accepted that the actor sees: a plan reports where it is, so its own lie where it is held. Without the
        plan, a million values of an indicator are counted in the index."""
        found = self.filter(state=IndicatorValue.State.ACCEPTED)
        if actor.can("see_plans") and actor.can("accept_values"):
            return found.filter(inside(actor))
        return found.filter(territory=actor.territory_id) if actor.can("hold_plan") else self.none()

    def current(self):
        return self.filter(superseded_at=None)


class IndicatorValue(models.Model):
    """One reported value: an indicator, a territory, a period. Zero is a value; what is missing has no row.

    `starts_on` is the first day of the period (the indicator says how long it lasts). `part` is the département that
    the figure is about when an EPCI lies across several. `former_code` is the commune of before that reported, when it
    has merged since. `denominator` only for a ratio. Accepted, a row never changes but to say when it was replaced.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Brouillon")
        SUBMITTED = "submitted", _("Transmise")
        RETURNED = "returned", _("À revoir")
        ACCEPTED = "accepted", _("Acceptée")

    database_rights = "SELECT, INSERT, UPDATE, DELETE"

    indicator = models.ForeignKey(
        Indicator, models.PROTECT, related_name="values", db_index=False, verbose_name=_("indicateur")
    )
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+", db_index=False, verbose_name=_("plan"))
    sheet = models.ForeignKey(
        Sheet, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("fiche")
    )
    territory = models.ForeignKey(
        Territory, models.PROTECT, related_name="+", db_index=False, verbose_name=_("territoire")
    )
    part = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("partie dans le département"),
    )  # fmt: skip
    former_code = models.CharField(_("commune d’avant"), max_length=5, blank=True, default="", db_default="")
    category = models.CharField(_("ventilation"), max_length=8, blank=True, default="", db_default="")
    starts_on = models.DateField(_("période commençant le"))
    numerator = models.DecimalField(_("valeur"), max_digits=18, decimal_places=4)
    denominator = models.DecimalField(_("rapportée à"), max_digits=18, decimal_places=4, null=True, blank=True)
    estimated = models.BooleanField(_("estimée"), default=False, db_default=False)
    note = models.CharField(_("précision"), max_length=300, blank=True, default="", db_default="")
    state = models.CharField(_("état"), max_length=10, choices=State, default=State.DRAFT)
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("corrige")
    )
    superseded_at = models.DateTimeField(_("remplacée le"), null=True, blank=True)
    entered_by = models.ForeignKey(
        Person, models.PROTECT, related_name="+", db_index=False, verbose_name=_("saisie par")
    )
    entered_at = models.DateTimeField(_("saisie le"), default=timezone.now)
    settled_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("acceptée ou rendue par"),
    )  # fmt: skip
    settled_at = models.DateTimeField(_("acceptée ou rendue le"), null=True, blank=True)
    reason = models.CharField(_("motif"), max_length=300, blank=True, default="", db_default="")

    objects = ValueQuerySet.as_manager()

    class Meta:
        verbose_name = _("valeur")
        ordering = ["starts_on", "id"]
        indexes = [
            models.Index(fields=["plan", "starts_on"], name="value_plan_period"),
            models.Index(fields=["territory"], condition=Q(state="submitted"), name="value_submitted"),
            # Removing a draft asks whether another value corrects it: few do.
            models.Index(fields=["corrects"], condition=Q(corrects__isnull=False), name="value_corrects"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "starts_on", "territory", "sheet", "part", "former_code", "category"],
                condition=Q(state="accepted", superseded_at=None), nulls_distinct=False, name="value_one_accepted",
            ),
            models.UniqueConstraint(
                fields=["indicator", "starts_on", "territory", "sheet", "part", "former_code", "category"],
                condition=~Q(state="accepted"), nulls_distinct=False, name="value_one_waiting",
            ),
            models.CheckConstraint(
                condition=Q(state="accepted", settled_at__isnull=False)
                | Q(state="returned", settled_at__isnull=False, superseded_at=None) & ~Q(reason="")
                | Q(state__in=["draft", "submitted"], superseded_at=None),
                name="value_settled_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(denominator=None) | Q(denominator__gt=0), name="value_denominator_positive"
            ),
        ]  # fmt: skip


class IndicatorTotal(models.Model):
    """What the accepted values of an indicator come to for a territory and a period of its own length: rolled up again
    whenever one is accepted (engines/rollup), so that a page sums nothing.

    `reported` counts the reporting units below it, `estimated` those of them that estimated.
    """

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="totals", verbose_name=_("indicateur"))
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="+", verbose_name=_("territoire"))
    category = models.CharField(_("ventilation"), max_length=8, blank=True, default="", db_default="")
    starts_on = models.DateField(_("période commençant le"))
    numerator = models.DecimalField(_("valeur"), max_digits=22, decimal_places=4)
    denominator = models.DecimalField(_("rapportée à"), max_digits=22, decimal_places=4, null=True, blank=True)
    reported = models.PositiveIntegerField(_("unités qui ont répondu"))
    estimated = models.PositiveIntegerField(_("dont estimées"), default=0)
    computed_at = models.DateTimeField(_("calculé le"), default=timezone.now)

    class QuerySet(models.QuerySet["IndicatorTotal"]):
        def visible_to(self, actor):
            if (read := reach(actor)) is None:
                return self
            kinds, places = read
            return self.filter(Q(territory__kind__in=kinds) | Q(territory__in=places))

    objects = QuerySet.as_manager()

    class Meta:
        verbose_name = _("total")
        verbose_name_plural = _("totaux")
        constraints = [
            models.UniqueConstraint(fields=["indicator", "territory", "starts_on", "category"], name="total_once")
        ]
        # Totals of one period are rewritten together, and compared between territories.
        indexes = [models.Index(fields=["indicator", "starts_on"], name="total_period")]


class MeasureProgress(models.Model):
    """How many sheets of plans in force serve a measure in a territory, by state: kept so that France is one read."""

    database_rights = "SELECT, INSERT, UPDATE, DELETE"

    measure = models.ForeignKey("Measure", models.CASCADE, related_name="+", db_index=False, verbose_name=_("mesure"))
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="+", verbose_name=_("territoire"))
    plans = models.PositiveIntegerField(_("plans"), default=0)
    sheets = models.PositiveIntegerField(_("fiches"), default=0)
    under_way = models.PositiveIntegerField(_("en cours"), default=0)
    done = models.PositiveIntegerField(_("terminées"), default=0)
    late = models.PositiveIntegerField(_("en retard"), default=0)
    counted_at = models.DateTimeField(_("compté le"), default=timezone.now)

    class QuerySet(models.QuerySet["MeasureProgress"]):
        def visible_to(self, actor):
            """Counts of sheets, without a name: for whoever reads plans."""
            return self if actor.can("see_plans") else self.none()

    objects = QuerySet.as_manager()

    class Meta:
        verbose_name = _("avancement d’une mesure")
        verbose_name_plural = _("avancement des mesures")
        constraints = [
            models.UniqueConstraint(fields=["measure", "territory"], name="progress_once"),
            models.CheckConstraint(condition=Q(sheets__gte=F("done")), name="progress_counts"),
        ]


class Reporters(models.Model):
    """How many territories inside one are to report an indicator: a plan in force there follows it, at the level that
    it is collected at. Kept so that a page of totals does not go through every plan of the country."""

    database_rights = "SELECT, INSERT, UPDATE, DELETE"

    indicator = models.ForeignKey(
        Indicator, models.CASCADE, related_name="+", db_index=False, verbose_name=_("indicateur")
    )
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="+", verbose_name=_("territoire"))
    expected = models.PositiveIntegerField(_("territoires attendus"))

    class QuerySet(models.QuerySet["Reporters"]):
        def visible_to(self, actor):
            """Counts of plans in force, which are public: for whoever reads plans."""
            return self if actor.can("see_plans") else self.none()

    objects = QuerySet.as_manager()

    class Meta:
        verbose_name = _("territoires attendus d’un indicateur")
        verbose_name_plural = _("territoires attendus des indicateurs")
        constraints = [models.UniqueConstraint(fields=["indicator", "territory"], name="reporters_once")]
