"""The signature of a composition act, as declared."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.widgets import DateInput


class SignatureForm(forms.Form):
    """What the signed paper says. `seen` is the digest of the text that was shown."""

    reference = forms.CharField(label=_("Référence de l’acte"), max_length=80, help_text=_("Numéro de l’arrêté."))
    signed_on = forms.DateField(label=_("Signé le"), widget=DateInput)
    signed_by = forms.CharField(label=_("Signataire"), max_length=160)
    in_force_from = forms.DateField(
        label=_("En vigueur le"), widget=DateInput, required=False, help_text=_("Par défaut, le jour de la signature.")
    )
    seen = forms.CharField(widget=forms.HiddenInput)

    def clean(self):
        cleaned = super().clean()
        signed_on = cleaned.get("signed_on")
        if signed_on and signed_on > timezone.localdate():
            self.add_error("signed_on", _("Cette date est à venir : déclarez l’acte une fois signé."))
        cleaned["in_force_from"] = cleaned.get("in_force_from") or signed_on
        if signed_on and cleaned["in_force_from"] < signed_on:
            self.add_error("in_force_from", _("Un acte n’entre pas en vigueur avant d’être signé."))
        return cleaned
