"""The national strategies: axes, measures, actions. Reference data (data/strategies), read by everybody."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from prevenance.core.row_security import READ


class PublicQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """Everything: the strategy is a public text."""
        return self


class Strategy(models.Model):
    """A national strategy between two days. Plans keep the one that they were made on."""

    database_rights = READ

    key = models.CharField(_("clé"), max_length=20, unique=True)  # "2020-2024"
    label = models.CharField(_("intitulé"), max_length=200)
    begins = models.DateField(_("à compter du"))
    ends = models.DateField(_("jusqu’au"))
    source = models.TextField(_("source"))

    objects = PublicQuerySet.as_manager()

    class Meta:
        verbose_name = _("stratégie")
        ordering = ["-begins"]

    def __str__(self):
        return self.label


class Axis(models.Model):
    database_rights = READ

    strategy = models.ForeignKey(Strategy, models.CASCADE, related_name="axes", verbose_name=_("stratégie"))
    number = models.PositiveSmallIntegerField(_("numéro"))
    label = models.CharField(_("intitulé"), max_length=200)

    objects = PublicQuerySet.as_manager()

    class Meta:
        verbose_name = _("axe")
        verbose_name_plural = _("axes")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["strategy", "number"], name="axis_number")]

    def __str__(self):
        return self.label


class Measure(models.Model):
    database_rights = READ

    strategy = models.ForeignKey(Strategy, models.CASCADE, related_name="measures", verbose_name=_("stratégie"))
    axis = models.ForeignKey(Axis, models.CASCADE, related_name="measures", verbose_name=_("axe"))
    number = models.PositiveSmallIntegerField(_("numéro"))
    label = models.CharField(_("intitulé"), max_length=200)

    objects = PublicQuerySet.as_manager()

    class Meta:
        verbose_name = _("mesure")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["strategy", "number"], name="measure_number")]

    def __str__(self):
        return f"{self.number}. {self.label}"


class StrategyAction(models.Model):
    """An action of a measure: its number is the strategy's ("34.1"), its wording ours.

    `audiences`, `leads` and `partners` are keys of data/strategies/words.yaml.
    """

    database_rights = READ

    strategy = models.ForeignKey(Strategy, models.CASCADE, related_name="actions", verbose_name=_("stratégie"))
    measure = models.ForeignKey(Measure, models.CASCADE, related_name="actions", verbose_name=_("mesure"))
    number = models.CharField(_("numéro"), max_length=8)
    rank = models.PositiveSmallIntegerField(_("rang"))  # in the strategy, from 1: "10.2" comes after "9.1"
    label = models.CharField(_("intitulé"), max_length=200)
    text = models.CharField(_("contenu"), max_length=400)
    audiences = ArrayField(models.CharField(max_length=40), verbose_name=_("publics"), default=list)
    leads = ArrayField(models.CharField(max_length=40), verbose_name=_("pilotes"), default=list)
    partners = ArrayField(models.CharField(max_length=40), verbose_name=_("partenaires"), default=list)
    law = ArrayField(models.CharField(max_length=80), verbose_name=_("références juridiques"), default=list)
    domain = models.CharField(_("domaine"), max_length=20)
    capability = models.CharField(_("ce qui la porte ici"), max_length=250)

    objects = PublicQuerySet.as_manager()

    class Meta:
        verbose_name = _("action de la stratégie")
        verbose_name_plural = _("actions de la stratégie")
        ordering = ["rank"]
        constraints = [models.UniqueConstraint(fields=["strategy", "number"], name="strategy_action_number")]

    def __str__(self):
        return f"{self.number} {self.label}"


class Correspondence(models.Model):
    """What an action of a strategy became in another one."""

    database_rights = READ

    class Kind(models.TextChoices):
        SAME = "same", _("reprise")
        SPLIT = "split", _("partagée")
        MERGED = "merged", _("réunie à d’autres")
        DROPPED = "dropped", _("abandonnée")

    before = models.ForeignKey(StrategyAction, models.CASCADE, related_name="+", verbose_name=_("action d’avant"))
    after = models.ForeignKey(
        StrategyAction, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("action d’après")
    )
    kind = models.CharField(_("nature"), max_length=8, choices=Kind)

    class Meta:
        verbose_name = _("correspondance")
        constraints = [
            models.UniqueConstraint(fields=["before", "after"], nulls_distinct=False, name="correspondence_once"),
            models.CheckConstraint(
                condition=models.Q(kind="dropped", after=None)
                | (~models.Q(kind="dropped") & models.Q(after__isnull=False)),
                name="correspondence_to_something",
            ),
        ]
