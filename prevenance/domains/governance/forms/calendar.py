"""The proposed meetings of a year, each to be kept, changed or left."""

from django import forms
from django.utils.translation import gettext_lazy as _

from prevenance.core.widgets import DateInput, TimeInput
from prevenance.domains.governance.forms.meetings import with_moments

MOST = 200  # lines of a year: eight bodies that meet every fortnight


class SlotForm(forms.Form):
    """One meeting. A line that is not kept is not checked."""

    keep = forms.BooleanField(label=_("Préparer cette réunion"), required=False)
    body = forms.IntegerField(widget=forms.HiddenInput)
    title = forms.CharField(label=_("Intitulé"), max_length=160)
    day = forms.DateField(label=_("Jour"), widget=DateInput)
    start = forms.TimeField(label=_("Début"), widget=TimeInput)
    end = forms.TimeField(label=_("Fin"), widget=TimeInput)
    place = forms.CharField(label=_("Lieu"), max_length=200, required=False)

    def full_clean(self):
        super().full_clean()
        if self.is_bound and not self.cleaned_data.get("keep"):
            self._errors = forms.utils.ErrorDict()

    def clean(self):
        return with_moments(self, super().clean())


SlotFormSet = forms.formset_factory(SlotForm, extra=0, max_num=MOST, absolute_max=MOST)
