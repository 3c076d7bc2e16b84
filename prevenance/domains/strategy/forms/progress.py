"""Which measure, and in which territories."""

from django import forms
from django.utils.translation import gettext_lazy as _

# What one may compare, from a territory: kinds inside it.
LEVELS = {
    "nation": ("departement", "region", "epci", "commune"),
    "region": ("departement", "epci", "commune"),
    "departement": ("epci", "commune"),
    "epci": ("commune",),
}
LABELS = {
    "region": _("Régions"), "departement": _("Départements"), "epci": _("Intercommunalités"), "commune": _("Communes"),
}  # fmt: skip


class ProgressFilters(forms.Form):
    mesure = forms.ChoiceField(label=_("Mesure"), required=False)
    niveau = forms.ChoiceField(label=_("Comparer"), required=False)

    def __init__(self, data, *, measures, scope_kind):
        super().__init__(data)
        self.measures = {str(measure.number): measure for measure in measures}
        self.levels = LEVELS.get(scope_kind, ("commune",))
        every = [(key, str(measure)) for key, measure in self.measures.items()]
        self.fields["mesure"].choices = [("", _("Toutes, pour mon territoire")), *every]
        self.fields["niveau"].choices = [(level, LABELS[level]) for level in self.levels]

    def chosen(self):
        """(the measure or None, the kind of territory compared)."""
        self.is_valid()
        measure = self.measures.get(self.cleaned_data.get("mesure") or "")
        return measure, self.cleaned_data.get("niveau") or self.levels[0]
