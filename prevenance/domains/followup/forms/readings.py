"""The period that the data protection officer looks at."""

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.widgets import DateInput


class PeriodForm(forms.Form):
    begins = forms.DateField(label=_("Du"), widget=DateInput, required=False)
    ends = forms.DateField(label=_("Au"), widget=DateInput, required=False)

    def clean(self):
        values = super().clean()
        begins, ends = values.get("begins"), values.get("ends")
        if begins and ends and ends < begins:
            self.add_error("ends", _("La fin précède le début."))
        return values

    def period(self):
        """The two days asked; by default the last three months."""
        today = timezone.localdate()
        values = self.cleaned_data if self.is_valid() else {}
        ends = values.get("ends") or today
        return values.get("begins") or ends - timedelta(days=91), ends
