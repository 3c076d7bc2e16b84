"""Definition of an indicator, where it starts from and where it should go."""

from django import forms
from django.utils.translation import gettext_lazy as _

from prevenance.domains.strategy.actions.indicators import Aim, Definition
from prevenance.domains.strategy.forms.values import NumberField
from prevenance.domains.strategy.models import Indicator, Sheet, StrategyAction
from prevenance.domains.strategy.rules.indicators import FIXED


def day(**options):
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)


class IndicatorForm(forms.ModelForm):
    """Once a value is accepted, what figures mean is shown and no longer changes."""

    begins = day(label=_("Première période"), required=False, help_text=_("Vide : depuis le début du plan."))
    serves = forms.ModelMultipleChoiceField(
        label=_("Actions de la stratégie qu’il mesure"), queryset=None, required=False,
        widget=forms.SelectMultiple(attrs={"size": 8}), help_text=_("Ctrl + clic pour en choisir plusieurs."),
    )  # fmt: skip
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Indicator
        fields = (
            "label", "definition", "nature", "unit", "numerator_label", "denominator_label", "period", "level",
            "time_rule", "territory_rule", "split", "direction", "source", "due_days", "begins", "serves",
        )  # fmt: skip
        widgets = {"definition": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "unit": _("Ce qui se lit après le nombre : personnes, heures, %, pour 1 000 habitants…"),
            "numerator_label": _("Seulement pour un rapport : le nombre du dessus."),
            "denominator_label": _("Seulement pour un rapport : le nombre du dessous."),
            "time_rule": _("Comment les mois ou trimestres deviennent une année."),
            "territory_rule": _("Comment les communes deviennent un département. Un rapport est toujours recalculé."),
        }

    def __init__(self, data, *, actor, plan, fixed=False, **options):
        super().__init__(data, **options)
        actions = StrategyAction.objects.visible_to(actor).filter(strategy=plan.strategy_id)
        self.fields["serves"].queryset = actions
        self.fixed = fixed
        if self.instance.pk:
            self.initial["seen"] = self.instance.edit
        for name in ("nature", "period", "level", "time_rule", "territory_rule"):
            self.fields[name].choices = [
                ("", _("Choisissez")), *(pair for pair in self.fields[name].choices if pair[0]),
            ]  # fmt: skip
        for name in FIXED if fixed else ():
            self.fields[name].disabled = True

    def _post_clean(self):
        """Nothing is written on the instance here: the action does it, once its rules agree."""

    def told(self):
        names = [name for name in self._meta.fields if name != "serves"]
        return Definition(**{name: self.cleaned_data[name] for name in names})

    def serving(self):
        return list(self.cleaned_data["serves"])


class AimForm(forms.Form):
    baseline = NumberField(label=_("Valeur de départ"), required=False)
    baseline_on = day(label=_("Au"), required=False)
    target = NumberField(label=_("Cible"), required=False)
    target_on = day(label=_("Pour le"), required=False)

    def clean(self):
        told = super().clean()
        for figure, when in (("baseline", "baseline_on"), ("target", "target_on")):
            if told.get(figure) is not None and not told.get(when) and when not in self.errors:
                self.add_error(when, _("Dites de quel jour est ce nombre."))
        return told

    def aim(self):
        told = self.cleaned_data
        return Aim(
            told["baseline"], told["baseline_on"] if told["baseline"] is not None else None, told["target"],
            told["target_on"] if told["target"] is not None else None,
        )  # fmt: skip


class FollowForm(AimForm):
    """Choose an indicator among those offered, for the plan or one of its sheets."""

    indicator = forms.ModelChoiceField(label=_("Indicateur"), queryset=None, empty_label=_("Choisissez"))
    sheet = forms.ModelChoiceField(label=_("Pour"), queryset=None, required=False, empty_label=_("Le plan entier"))
    field_order = ("indicator", "sheet", "baseline", "baseline_on", "target", "target_on")

    def __init__(self, data, *, actor, plan, offered, **options):
        super().__init__(data, **options)
        self.fields["indicator"].queryset = offered
        self.fields["sheet"].queryset = Sheet.objects.visible_to(actor).standing().filter(plan=plan)


class FollowedFilters(forms.Form):
    q = forms.CharField(label=_("Intitulé contient"), required=False)
    state = forms.ChoiceField(
        label=_("Saisie"), required=False,
        choices=[("", _("Toutes")), ("late", _("En retard")), ("missing", _("À saisir")), ("returned", _("Rendues"))],
    )  # fmt: skip
    origin = forms.ChoiceField(
        label=_("Origine"), required=False,
        choices=[("", _("Toutes")), ("own", _("De ce plan")), ("inherited", _("Reçus d’un autre plan"))],
    )  # fmt: skip

    def narrow(self, rows, plan):
        """Filters that the database knows; `state` is told once periods are read."""
        self.is_valid()
        told = self.cleaned_data
        if told.get("q"):
            rows = rows.filter(indicator__label__icontains=told["q"])
        if told.get("origin"):
            rows = rows.filter(indicator__plan=plan) if told["origin"] == "own" else rows.exclude(indicator__plan=plan)
        return rows

    @property
    def state_asked(self):
        return self.cleaned_data.get("state", "")
