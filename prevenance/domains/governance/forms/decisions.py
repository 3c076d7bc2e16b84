"""What is typed about decisions."""

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.widgets import DateInput
from prevenance.domains.governance.models import Decision
from prevenance.domains.governance.rules.decisions import TRANSITIONS


class DecisionForm(forms.Form):
    """`owners`: those who may carry it, persons of the council."""

    text = forms.CharField(
        label=_("Décision"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Ce qui est décidé, sans nom de personne suivie."),
    )
    owner = forms.ModelChoiceField(None, label=_("Personne responsable"), required=False, empty_label=_("Aucune"))
    owner_label = forms.CharField(
        label=_("Ou structure chargée"),
        max_length=160,
        required=False,
        help_text=_("Si aucune personne n’est choisie."),
    )
    due_on = forms.DateField(label=_("Échéance"), required=False, widget=DateInput)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    replaces = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, owners, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = owners


class ProgressForm(forms.Form):
    """Only the states that may follow the present one are offered."""

    state = forms.ChoiceField(label=_("État"), widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("Ce qui a avancé"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Sans nom de personne suivie. Cette note ne pourra plus être modifiée."),
    )

    def __init__(self, *args, decision, **kwargs):
        super().__init__(*args, **kwargs)
        following = TRANSITIONS[decision.state]
        self.fields["state"].choices = [choice for choice in Decision.State.choices if choice[0] in following]
        if decision.state in following:
            self.fields["state"].initial = decision.state


class DecisionFilter(forms.Form):
    """Filters of the list of decisions; an unknown value filters nothing."""

    q = forms.CharField(label=_("Mots de la décision"), required=False)
    conseil = forms.IntegerField(required=False, widget=forms.HiddenInput)
    etat = forms.ChoiceField(
        label=_("État"),
        required=False,
        choices=[
            ("", _("Tous")),
            ("en-cours", _("À faire ou engagées")),
            ("retard", _("En retard")),
            *Decision.State.choices,
        ],
    )
    qui = forms.ChoiceField(
        label=_("Responsable"), required=False, choices=[("", _("Toutes et tous")), ("moi", _("Moi"))]
    )

    def narrowed(self, decisions, person_id):
        self.full_clean()
        chosen = getattr(self, "cleaned_data", {})
        if chosen.get("q"):
            decisions = decisions.filter(Q(text__icontains=chosen["q"]) | Q(owner_label__icontains=chosen["q"]))
        if chosen.get("conseil"):
            decisions = decisions.filter(council_id=chosen["conseil"])
        if chosen.get("qui") == "moi":
            decisions = decisions.filter(owner_id=person_id)
        state = chosen.get("etat")
        if state in ("en-cours", "retard"):
            decisions = decisions.open()
        elif state:
            decisions = decisions.filter(state=state)
        if state == "retard":
            decisions = decisions.filter(due_on__lt=timezone.localdate())
        return decisions
