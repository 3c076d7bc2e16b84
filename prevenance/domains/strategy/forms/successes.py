"""What is told of a success, and why one is returned; the protocol of an experiment and what is decided of it."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.domains.strategy.actions.experiments import Outcome, Protocol
from prevenance.domains.strategy.actions.successes import Story
from prevenance.domains.strategy.models import Experiment, Success

NO_NAME = _("Jamais un nom ni des initiales de personne aidée.")
WAITING = "waiting"


def area(rows=4):
    return forms.Textarea(attrs={"rows": rows})


def day(**options):
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)


class SuccessForm(forms.Form):
    what_worked = forms.CharField(label=_("Ce qui a marché"), max_length=600, widget=area(), help_text=NO_NAME)
    conditions = forms.CharField(
        label=_("À quelles conditions"), max_length=600, widget=area(),
        help_text=_("Ce qu’il faut réunir pour que cela marche ailleurs."),
    )  # fmt: skip
    proof = forms.CharField(
        label=_("Ce qui le montre"), max_length=600, required=False, widget=area(3),
        help_text=_("Un relevé, une enquête, un indicateur. Laissez vide si rien ne le montre encore."),
    )  # fmt: skip

    def told(self):
        return Story(**self.cleaned_data)


class ReturnForm(forms.Form):
    reason = forms.CharField(
        label=_("Motif"), max_length=600, widget=area(),
        help_text=_("Ce qui manque pour publier : qui l’a proposée le lira et pourra la proposer à nouveau."),
    )  # fmt: skip
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)


class SuccessFilters(forms.Form):
    etat = forms.ChoiceField(
        label=_("État"), required=False, choices=[("", _("Tous")), *Success.State.choices]
    )  # fmt: skip

    def narrow(self, successes):
        self.is_valid()
        state = self.cleaned_data.get("etat")
        return successes.filter(state=state) if state else successes


class ExperimentForm(forms.Form):
    hypothesis = forms.CharField(
        label=_("Hypothèse"), max_length=600, widget=area(3),
        help_text=_("Ce que l’action devrait changer, et pourquoi."),
    )  # fmt: skip
    comparison = forms.CharField(
        label=_("Comparée à"), max_length=600, widget=area(3),
        help_text=_("Un lieu, une période ou un groupe sans l’action, jamais des personnes nommées."),
    )  # fmt: skip
    indicator = forms.ModelChoiceField(None, label=_("Indicateur"), required=False, empty_label=_("Aucun"))
    measured_by = forms.CharField(
        label=_("Ou mesurée par"), max_length=300, required=False,
        help_text=_("Si aucun indicateur ne convient : l’enquête, le relevé, l’étude qui mesurera."),
    )  # fmt: skip
    ends_on = day(label=_("Se termine le"), help_text=_("Ce jour-là, une suite est à décider."))
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data=None, *, indicators, **options):
        super().__init__(data, **options)
        self.fields["indicator"].queryset = indicators
        self.fields["indicator"].label_from_instance = lambda indicator: indicator.label

    def told(self):
        names = ("hypothesis", "comparison", "indicator", "measured_by", "ends_on")
        return Protocol(**{name: self.cleaned_data[name] for name in names})


class OutcomeForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("Suite"), widget=forms.RadioSelect,
        choices=[choice for choice in Experiment.Outcome.choices if choice[0]],
    )  # fmt: skip
    until = day(label=_("Prolongée jusqu’au"), required=False, help_text=_("Seulement si elle est prolongée."))
    reason = forms.CharField(
        label=_("Motif"), max_length=600, widget=area(), help_text=_("Ce que l’on a observé et ce que l’on en conclut.")
    )
    decided_on = day(label=_("Décidée le"), initial=timezone.localdate)
    decision = forms.ModelChoiceField(
        None, label=_("Décision du conseil"), required=False, empty_label=_("Aucune"),
        help_text=_("Celle du compte rendu ou du relevé, s’il y en a une."),
    )  # fmt: skip
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data=None, *, decisions, **options):
        super().__init__(data, **options)
        self.fields["decision"].queryset = decisions
        self.fields["decision"].label_from_instance = lambda decision: f"{decision.number} – {decision.text[:80]}"

    def told(self):
        names = ("outcome", "until", "reason", "decided_on", "decision")
        return Outcome(**{name: self.cleaned_data[name] for name in names})


class ExperimentFilters(forms.Form):
    etat = forms.ChoiceField(label=_("Suite"), required=False)
    ou = forms.ChoiceField(label=_("Où"), required=False)

    def __init__(self, data, *, scope_label):
        super().__init__(data)
        self.fields["etat"].choices = [
            ("", _("Toutes")), ("going", _("En cours")), (WAITING, _("Suite à décider")),
            *((outcome.value, outcome.label) for outcome in Experiment.Outcome if outcome.value),
        ]  # fmt: skip
        self.fields["ou"].choices = [("", _("Partout où je lis les plans")), ("own", scope_label)]
        self.is_valid()

    def narrow(self, experiments, actor, today):
        asked = self.cleaned_data
        state = asked.get("etat")
        if state == WAITING:
            experiments = experiments.waiting(today)
        elif state == "going":
            experiments = experiments.going_on().filter(ends_on__gte=today)
        elif state:
            experiments = experiments.filter(outcome=state)
        if asked.get("ou") == "own":
            experiments = experiments.filter(sheet__plan__territory_id=actor.territory_id)
        return experiments
