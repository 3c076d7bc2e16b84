"""A table of values pasted or sent, and what its columns are."""

from django import forms
from django.utils.translation import gettext_lazy as _

from prevenance.domains.governance.forms.imports import ConsentForm as ConsentForm
from prevenance.domains.governance.forms.imports import SourceForm
from prevenance.domains.strategy.rules.value_imports import LABELS, words


class ValueSourceForm(SourceForm):
    most_rows = words()["most_rows"]


class ValueColumnsForm(forms.Form):
    """One choice a column of the table; an empty choice ignores the column."""

    def __init__(self, draft, data=None):
        super().__init__(data, initial={f"column_{place}": name for place, name in draft.mapping.items()})
        choices = [("", _("Ignorer cette colonne")), *LABELS.items()]
        for place, header in enumerate(draft.headers):
            examples = [str(row[place + 1]) for row in draft.rows[:50] if place + 1 < len(row) and row[place + 1]][:3]
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=header, required=False, choices=choices, help_text=" · ".join(text[:40] for text in examples)
            )

    def clean(self):
        cleaned = super().clean()
        chosen = {}
        for name, value in list(cleaned.items()):
            if value and value in chosen:
                self.add_error(
                    name,
                    _("« %(what)s » est déjà une autre colonne : n’en choisissez qu’une.") % {"what": LABELS[value]},
                )
            elif value:
                chosen[value] = name
        return cleaned

    def mapping(self):
        return {name.removeprefix("column_"): value for name, value in self.cleaned_data.items() if value}
