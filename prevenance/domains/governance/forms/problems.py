"""A problem of a police group."""

from django import forms
from django.utils.translation import gettext_lazy as _

from prevenance.domains.governance.actions.problems import Told
from prevenance.domains.governance.models import Problem
from prevenance.domains.governance.rules.problems import themes

NO_NAME = _("Jamais un nom ni des initiales : un lieu, des faits, des heures.")


class ProblemForm(forms.Form):
    theme = forms.ChoiceField(label=_("Nature"))
    place = forms.CharField(label=_("Lieu"), max_length=160, help_text=_("Place, rue, arrêt, parking…"))
    description = forms.CharField(
        label=_("Ce qui se passe"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}), help_text=NO_NAME
    )
    response = forms.CharField(
        label=_("Réponse apportée"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Qui fait quoi, pour quand."),
    )  # fmt: skip
    partners = forms.MultipleChoiceField(
        label=_("Partenaires"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Organismes qui siègent au groupe."),
    )  # fmt: skip
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data=None, *, partners, **options):
        super().__init__(data, **options)
        self.fields["theme"].choices = [("", _("Choisissez")), *themes().items()]
        self.partners = {str(partner.pk): partner for partner in partners}
        self.fields["partners"].choices = [(key, partner.name) for key, partner in self.partners.items()]
        if not partners:
            del self.fields["partners"]

    def told(self):
        values = self.cleaned_data
        return Told(
            theme=values["theme"], place=values["place"], description=values["description"],
            response=values["response"], partners=[self.partners[key] for key in values.get("partners", ())],
        )  # fmt: skip


class ProblemFilters(forms.Form):
    state = forms.ChoiceField(label=_("État"), required=False)
    theme = forms.ChoiceField(label=_("Nature"), required=False)

    def __init__(self, data):
        super().__init__(data)
        states = [("", _("En cours")), ("all", _("Tous")), *Problem.State.choices]
        self.fields["state"].choices = states
        self.fields["theme"].choices = [("", _("Toutes")), *themes().items()]

    def narrow(self, problems):
        self.is_valid()
        state, theme = self.cleaned_data.get("state"), self.cleaned_data.get("theme")
        if state != "all":
            problems = problems.filter(state__in=[state] if state else [Problem.State.OPEN, Problem.State.ANSWERED])
        return problems.filter(theme=theme) if theme else problems
