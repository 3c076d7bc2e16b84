"""Why one reads a file outside one's own."""

from django import forms
from django.utils.translation import gettext_lazy as _

from prevenance.domains.followup.rules import lists


class ReasonForm(forms.Form):
    why = forms.ChoiceField(label=_("Pourquoi lisez-vous ce dossier ?"), widget=forms.RadioSelect)

    def __init__(self, data=None):
        super().__init__(data)
        self.fields["why"].choices = lists.choices("reading_reasons")
