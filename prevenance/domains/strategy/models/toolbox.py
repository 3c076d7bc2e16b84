"""The toolbox (volume 2 of the strategy), experiments, and actions proposed as successes."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVectorField, TrigramWordSimilarity
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.row_security import APPEND
from prevenance.core.text import plain, sort_key
from prevenance.domains.accounts.models import Person
from prevenance.domains.governance.models import Decision
from prevenance.domains.strategy.models.catalogue import StrategyAction
from prevenance.domains.strategy.models.indicators import Indicator
from prevenance.domains.strategy.models.plans import held_plan, read_plans
from prevenance.domains.strategy.models.sheets import Sheet

FRENCH = "strategy_french"  # migration 0002
SHORTEST_BEGINNING = 4  # letters; shorter ones begin too many words
ALIKE = 0.5  # of 1: « mediasion » and « médiation » come to 0.6


class ToolSheetQuerySet(models.QuerySet["ToolSheet"]):
    def visible_to(self, actor):
        """Published sheets are for whoever reads plans; drafts and withdrawn ones for the national secretariat."""
        if not actor.can("see_plans"):
            return self.none()
        return self if actor.can("keep_toolbox") else self.filter(state=ToolSheet.State.PUBLISHED)

    def matching(self, text: str) -> "ToolSheetQuerySet":
        """Sheets that hold every word of `text`, best first. Accents, plurals and capitals do not matter; quotes keep
        words together, a minus leaves a word out."""
        query = SearchQuery(text, config=FRENCH, search_type="websearch")
        found = self.filter(words=query).annotate(rank=SearchRank(F("words"), query))
        return found.order_by("-rank", "sort_title", "id")

    def close_to(self, text: str) -> "ToolSheetQuerySet":
        """For when none matches: sheets that hold a word which begins as one of `text` does, or whose title holds one
        spelt nearly so, best first."""
        asked = [word for word in plain(text).split() if len(word) >= SHORTEST_BEGINNING]
        if not asked:
            return self.none()
        query = SearchQuery(" | ".join(f"{word}:*" for word in asked), config=FRENCH, search_type="raw")
        alike = Greatest(Value(0.0), *(TrigramWordSimilarity(word, "sort_title") for word in asked))
        found = self.annotate(rank=SearchRank(F("words"), query), alike=alike)
        return found.filter(Q(words=query) | Q(alike__gte=ALIKE)).order_by("-rank", "-alike", "sort_title", "id")


class ToolSheet(models.Model):
    """A way of acting that others may take up: problem, steps, partners, cost, and what is known of its effect.

    `audiences` and `partner_roles` are keys of data/strategies/words.yaml.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("En préparation")
        PUBLISHED = "published", _("Publiée")
        WITHDRAWN = "withdrawn", _("Retirée")

    key = models.SlugField(_("clé"), max_length=60, unique=True)
    title = models.CharField(_("intitulé"), max_length=160)
    sort_title = models.CharField(_("clé de tri"), max_length=160, editable=False)
    state = models.CharField(_("état"), max_length=10, choices=State, default=State.DRAFT)
    problem = models.TextField(_("problème"))
    audience = models.CharField(_("public"), max_length=300)
    audiences = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("publics"))
    steps = ArrayField(models.CharField(max_length=300), default=list, verbose_name=_("étapes"))
    partners = models.CharField(_("partenaires"), max_length=500, blank=True)
    partner_roles = ArrayField(
        models.CharField(max_length=40), default=list, blank=True, verbose_name=_("partenaires (liste)")
    )
    cost_low = models.PositiveIntegerField(_("coût, à partir de (euros)"), null=True, blank=True)
    cost_high = models.PositiveIntegerField(_("jusqu’à (euros)"), null=True, blank=True)
    cost_unit = models.CharField(_("par"), max_length=60, blank=True)
    cost_note = models.CharField(_("ce que le coût comprend"), max_length=300, blank=True)
    contact = models.CharField(_("contact"), max_length=200, blank=True)
    source = models.CharField(_("source"), max_length=300)
    serves = models.ManyToManyField(
        StrategyAction, blank=True, related_name="+", verbose_name=_("actions de la stratégie")
    )
    success = models.OneToOneField(
        "Success", models.PROTECT, null=True, blank=True, related_name="tool", verbose_name=_("réussite d’origine")
    )
    # Written by a trigger (migration 0002): French words without accents nor plurals, the title first.
    words = SearchVectorField(_("mots"), null=True, editable=False)
    edit = models.PositiveIntegerField(_("modification"), default=1)

    objects = ToolSheetQuerySet.as_manager()

    class Meta:
        verbose_name = _("fiche outil")
        verbose_name_plural = _("fiches outils")
        ordering = ["sort_title", "id"]
        indexes = [GinIndex(fields=["words"], name="tool_words")]
        constraints = [
            models.CheckConstraint(
                condition=Q(cost_low=None) | Q(cost_high=None) | Q(cost_high__gte=F("cost_low")), name="tool_cost"
            )
        ]

    def __str__(self):
        return self.title

    def save(self, **kwargs):
        self.sort_title = sort_key(self.title)
        super().save(**kwargs)


class ToolEvidence(models.Model):
    """What is known of a tool under one of five headings, with its source; « inconnu » is an answer."""

    class Heading(models.TextChoices):
        EFFECT = "effect", _("Effet")
        MECHANISM = "mechanism", _("Par quel mécanisme")
        MODERATORS = "moderators", _("Où et pour qui")
        IMPLEMENTATION = "implementation", _("Mise en œuvre")
        ECONOMY = "economy", _("Coût")

    class Level(models.TextChoices):
        UNKNOWN = "unknown", _("Inconnu")
        PRACTICE = "practice", _("Retour de terrain")
        STUDY = "study", _("Étude")
        REVIEW = "review", _("Revue d’études")

    tool = models.ForeignKey(ToolSheet, models.CASCADE, related_name="evidence", verbose_name=_("fiche outil"))
    heading = models.CharField(_("rubrique"), max_length=14, choices=Heading)
    level = models.CharField(_("niveau de preuve"), max_length=8, choices=Level, default=Level.UNKNOWN)
    text = models.CharField(_("ce que l’on sait"), max_length=600, blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("élément de preuve")
        verbose_name_plural = _("éléments de preuve")
        constraints = [
            models.UniqueConstraint(fields=["tool", "heading"], name="evidence_once"),
            models.CheckConstraint(
                condition=Q(level="unknown") | ~Q(source="") & ~Q(text=""), name="evidence_has_a_source"
            ),
        ]


class SuccessQuerySet(models.QuerySet["Success"]):
    def visible_to(self, actor):
        """For the plan that proposes, and for the national secretariat that answers."""
        if actor.can("keep_toolbox"):
            return self
        return read_plans(self, actor, path="sheet__plan").filter(held_plan(actor, path="sheet__plan"))


class Success(models.Model):
    """A finished action proposed as a success: published as a tool sheet, or returned with reasons."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposée")
        RETURNED = "returned", _("Rendue")
        PUBLISHED = "published", _("Publiée")

    sheet = models.OneToOneField(Sheet, models.PROTECT, related_name="success", verbose_name=_("fiche action"))
    what_worked = models.TextField(_("ce qui a marché"))
    conditions = models.TextField(_("à quelles conditions"))
    proof = models.CharField(_("ce qui le montre"), max_length=600, blank=True)
    state = models.CharField(_("état"), max_length=10, choices=State, default=State.PROPOSED)
    reason = models.CharField(_("motif"), max_length=600, blank=True)
    proposed_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("proposée par"))
    proposed_at = models.DateTimeField(_("proposée le"), default=timezone.now)
    settled_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("publiée ou rendue par")
    )
    settled_at = models.DateTimeField(_("publiée ou rendue le"), null=True, blank=True)
    edit = models.PositiveIntegerField(_("modification"), default=1)

    objects = SuccessQuerySet.as_manager()

    class Meta:
        verbose_name = _("réussite proposée")
        verbose_name_plural = _("réussites proposées")
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="proposed", settled_at=None)
                | Q(state="published", settled_at__isnull=False)
                | Q(state="returned", settled_at__isnull=False) & ~Q(reason=""),
                name="success_settled_by_someone",
            )
        ]


class Experiment(models.Model):
    """An action sheet led as an experiment: what is expected, compared with what, measured how, until when."""

    class Outcome(models.TextChoices):
        NONE = "", _("En cours")
        EXTENDED = "extended", _("Prolongée")
        GENERALISED = "generalised", _("Généralisée")
        STOPPED = "stopped", _("Arrêtée")

    sheet = models.OneToOneField(Sheet, models.PROTECT, related_name="experiment", verbose_name=_("fiche action"))
    hypothesis = models.CharField(_("hypothèse"), max_length=600)
    comparison = models.CharField(_("comparée à"), max_length=600)
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("indicateur")
    )
    measured_by = models.CharField(_("mesurée par"), max_length=300, blank=True)
    ends_on = models.DateField(_("se termine le"))
    outcome = models.CharField(_("suite"), max_length=12, choices=Outcome, blank=True, default=Outcome.NONE)
    edit = models.PositiveIntegerField(_("modification"), default=1)

    class QuerySet(models.QuerySet["Experiment"]):
        def visible_to(self, actor):
            rows = read_plans(self, actor, path="sheet__plan")
            return rows.filter(Q(sheet__brought_by__state="in_force") | held_plan(actor, path="sheet__plan"))

        def going_on(self):
            """Neither generalised nor stopped."""
            return self.filter(outcome__in=["", "extended"])

        def waiting(self, today):
            """Past their end, and nothing says what follows."""
            return self.going_on().filter(ends_on__lt=today)

    objects = QuerySet.as_manager()

    class Meta:
        verbose_name = _("expérimentation")
        ordering = ["ends_on", "id"]


class ExperimentDecision(models.Model):
    """What was decided of an experiment, and why: extended to another day, generalised or stopped. Never rewritten."""

    database_rights = APPEND

    experiment = models.ForeignKey(
        Experiment, models.PROTECT, related_name="decisions", verbose_name=_("expérimentation")
    )
    outcome = models.CharField(_("suite"), max_length=12, choices=Experiment.Outcome)
    until = models.DateField(_("prolongée jusqu’au"), null=True, blank=True)
    reason = models.CharField(_("motif"), max_length=600)
    decision = models.ForeignKey(
        Decision, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("décision du conseil")
    )
    decided_on = models.DateField(_("le"))
    by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("inscrite par"))

    class Meta:
        verbose_name = _("suite d’une expérimentation")
        verbose_name_plural = _("suites d’une expérimentation")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(outcome="")
                & ~Q(reason="")
                & (Q(outcome="extended", until__isnull=False) | ~Q(outcome="extended") & Q(until=None)),
                name="experiment_decided",
            )
        ]
