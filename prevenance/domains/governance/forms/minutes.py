"""What is typed in minutes."""

import re

from django import forms
from django.utils.translation import gettext_lazy as _

PART = re.compile(r"(opening|closing|correction_reason|section-\d{1,18})")


class PartForm(forms.Form):
    """One part of the minutes: which, its text, the edit number that the screen shows."""

    part = forms.RegexField(PART.pattern + "$")
    text = forms.CharField(required=False, strip=False, max_length=200_000)
    edit = forms.IntegerField(min_value=1)

    def clean_text(self):
        return self.cleaned_data["text"].replace("\r\n", "\n")

    def clean(self):
        typed = super().clean()
        if typed.get("part") == "correction_reason" and len(typed.get("text", "")) > 300:
            self.add_error("text", _("Le motif ne peut dépasser 300 caractères."))
        return typed


def typed_parts(data) -> dict[str, tuple[int, str]]:
    """Every part of a whole page sent at once: {"opening": (edit seen, text), …}. Raises ValidationError."""
    parts = {}
    for name in data:
        if name.startswith("text-") and PART.fullmatch(name[5:]):
            part = name[5:]
            form = PartForm({"part": part, "text": data[name], "edit": data.get(f"edit-{part}")})
            if not form.is_valid():
                raise forms.ValidationError([error for errors in form.errors.values() for error in errors])
            parts[part] = (form.cleaned_data["edit"], form.cleaned_data["text"])
    return parts


class SectionForm(forms.Form):
    title = forms.CharField(label=_("Intitulé du point abordé en séance"), max_length=200)


class CorrectionForm(forms.Form):
    reason = forms.CharField(
        label=_("Motif de la correction"), max_length=300, help_text=_("Il sera lisible sur la nouvelle version.")
    )


class ApprovalForm(forms.Form):
    seen = forms.CharField(max_length=40)
