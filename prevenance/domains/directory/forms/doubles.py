"""Where doubles are looked for."""

from django import forms
from django.utils.translation import gettext_lazy as _

from prevenance.domains.directory.models import ErrorReport
from prevenance.domains.territories.forms import TerritoryField


class PlaceForm(forms.Form):
    where = TerritoryField(label=_("Territoire"), help_text=_("Une commune, une intercommunalité ou un département."))


class ReportForm(forms.Form):
    what = forms.ChoiceField(
        label=_("Qu’est-ce qui n’est pas juste ?"), choices=ErrorReport.What.choices, widget=forms.RadioSelect
    )
