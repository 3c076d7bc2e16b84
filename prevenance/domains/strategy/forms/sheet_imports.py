"""A plan's table: what its columns are. The table itself and the consent are asked as governance asks them."""

from django import forms
from django.utils.translation import gettext_lazy as _

from prevenance.domains.governance.forms.imports import ColumnsForm, ConsentForm, SourceForm
from prevenance.domains.strategy.rules.sheet_imports import LABELS

__all__ = ["ConsentForm", "SheetColumnsForm", "SourceForm"]


class SheetColumnsForm(ColumnsForm):
    """One choice a column of the table; an empty choice ignores the column."""

    def __init__(self, draft, data=None):
        initial = {f"column_{place}": field for place, field in draft.mapping.items()}
        forms.Form.__init__(self, data, initial=initial)
        choices = [("", _("Ignorer cette colonne")), *LABELS.items()]
        for place, header in enumerate(draft.headers):
            examples = [str(row[place + 1]) for row in draft.rows if place + 1 < len(row) and row[place + 1]][:3]
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=header, required=False, choices=choices, help_text=" · ".join(text[:40] for text in examples)
            )
