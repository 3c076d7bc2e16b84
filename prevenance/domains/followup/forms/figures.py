"""What figures of follow-ups are asked for: a quarter, a level, a measure."""

from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

MEASURES = (
    ("followed", _("Suivis à la fin du trimestre")),
    ("entered", _("Entrées du trimestre")),
    ("left", _("Sorties du trimestre")),
    ("with_referent", _("Suivis avec référent désigné")),
)


class FigureFilters(forms.Form):
    """`quarters` are those counted, newest first; `levels` the kinds of territory that the actor may read."""

    trimestre = forms.ChoiceField(label=_("Trimestre"), required=False)
    compte = forms.ChoiceField(label=_("Ce qui est compté"), choices=MEASURES, required=False)
    niveau = forms.ChoiceField(label=_("Par"), required=False)

    def __init__(self, data, *, quarters, levels):
        super().__init__(data)
        self.fields["trimestre"].choices = [
            (
                day.isoformat(),
                _("%(quarter)s\u1d49 trimestre %(year)s") % {"quarter": (day.month + 2) // 3, "year": day.year},
            )
            for day in quarters
        ]
        self.fields["niveau"].choices = levels

    def chosen(self) -> tuple[date, str, str]:
        """(quarter, measure, level): what was asked, or the first of each."""
        self.is_valid()
        asked = self.cleaned_data if hasattr(self, "cleaned_data") else {}

        def of(name):
            return asked.get(name) or self.fields[name].choices[0][0]

        return date.fromisoformat(of("trimestre")), of("compte"), of("niveau")


class RegisterFigureFilters(forms.Form):
    """A year of the mayors' registers; for who oversees, which register and which kind of territory."""

    annee = forms.ChoiceField(label=_("Année"), required=False)
    registre = forms.ChoiceField(label=_("Registre"), required=False)
    niveau = forms.ChoiceField(label=_("Par"), required=False)

    def __init__(self, data, *, years, registers=(), levels=()):
        super().__init__(data)
        self.fields["annee"].choices = [(str(year), str(year)) for year in years]
        for name, choices in (("registre", registers), ("niveau", levels)):
            self.fields[name].choices = list(choices)
            if not self.fields[name].choices:
                del self.fields[name]

    def chosen(self) -> tuple[int, str, str]:
        """(year, register, level): what was asked, or the first of each."""
        self.is_valid()
        asked = self.cleaned_data if hasattr(self, "cleaned_data") else {}

        def of(name):
            return asked.get(name) or self.fields[name].choices[0][0] if name in self.fields else ""

        return int(of("annee")), of("registre"), of("niveau")
