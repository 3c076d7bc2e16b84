"""The département that a page is about."""

from django import forms
from django.utils.translation import gettext_lazy as _


class SchemeFilter(forms.Form):
    """In the address. Without a département, the one acted in."""

    departement = forms.ChoiceField(label=_("Département"), required=False)

    def __init__(self, data, *, departements, own):
        super().__init__({"departement": data.get("departement") or own})
        empty = [] if own else [("", _("Choisissez"))]
        self.fields["departement"].choices = empty + [(one.code, f"{one.name} ({one.code})") for one in departements]
        self.is_valid()
        code = self.cleaned_data.get("departement") or own
        self.departement = next((one for one in departements if one.code == code), None)
