"""Support of a family: how it begins, each of its stages."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.widgets import DateInput
from prevenance.domains.followup.forms.registers import DayForm, listed, question
from prevenance.domains.followup.rules import registers
from prevenance.domains.followup.rules.families import FAMILIES

# What is chosen at a stage: the closed list, its label, one code or several.
CHOSEN = {
    "avis": ("opinions", _("Avis"), False),
    "information": ("informed", _("Informés"), True),
    "attestation": ("commitments", _("Engagements des parents"), True),
    "fin": ("ends", _("Motif de fin"), False),
}


class BeginForm(forms.Form):
    measure = question(_("Une mesure d’assistance éducative est-elle en cours ?"))
    origin = forms.ChoiceField(label=_("Origine"))
    checked_on = forms.DateField(label=_("Vérifié le"), widget=DateInput, initial=timezone.localdate)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["origin"].choices = listed(FAMILIES, "origins")


class FamilyStageForm(DayForm):
    def __init__(self, *args, stage, **kwargs):
        super().__init__(*args, **kwargs)
        self.several = False
        if stage in CHOSEN:
            name, label, self.several = CHOSEN[stage]
            kind, widget = (
                (forms.MultipleChoiceField, forms.CheckboxSelectMultiple)
                if self.several
                else (forms.ChoiceField, forms.RadioSelect)
            )
            self.fields["codes"] = kind(label=label, widget=widget, choices=registers.choices(FAMILIES, name))

    def codes(self):
        chosen = self.cleaned_data.get("codes", [])
        return list(chosen) if self.several else [chosen] if chosen else []
