"""Words typed freely are looked at before they are kept: what should not be written is shown, with what to put instead.

A warning, and no wall: whoever writes may confirm that it is meant and necessary. The audit then keeps the categories,
never a word (`guard=kept`).
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core.wording import lexicon
from prevenance.engines.wording import examine

LABELS = {
    "offence": _("Infraction, justice ou police"),
    "health": _("Santé"),
    "origin": _("Origine ou nationalité"),
    "religion": _("Religion ou opinion"),
    "third": _("Nom d’une autre personne"),
}


@dataclass(frozen=True)
class Warned:
    """A passage, where it stands, why it is shown and what to write instead."""

    label: str
    passage: str
    kind: str
    advice: str


class Guarded(forms.Form):
    """A form whose fields named in `free` are examined once typed.

    Warned once about these very words, one ticks « C’est volontaire et nécessaire » and sends them again; changed words
    are examined anew. `guard` is what the action records: the categories kept, or nothing.
    """

    free: tuple[str, ...] = ("words",)

    kept = forms.BooleanField(label=_("C’est volontaire et nécessaire"), required=False)
    about = forms.CharField(required=False, widget=forms.HiddenInput)

    @cached_property
    def warned(self) -> list[Warned]:
        found = []
        for name in self.free:
            for finding in examine(self._typed(name), lexicon()):
                advice = lexicon().advice[finding.advice_key]
                label = str(self.fields[name].label)
                found.append(Warned(label, finding.passage, str(LABELS[finding.category]), advice))
        return found

    def _typed(self, name: str) -> str:
        return str(self.data.get(self.add_prefix(name), "")).strip() if self.is_bound else ""

    @property
    def digest(self) -> str:
        """The words warned about: confirming those confirms no others."""
        return hashlib.sha256("\n".join(self._typed(name) for name in self.free).encode()).hexdigest()[:16]

    @property
    def guard(self) -> str:
        codes = {str(label): code for code, label in LABELS.items()}
        return "+".join(sorted({codes[one.kind] for one in self.warned}))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if self.warned and not (values.get("kept") and values.get("about") == self.digest):
            raise ValidationError(
                _now("Avant d’enregistrer, relisez les passages signalés : changez-les, ou confirmez-les."),
                code="guard",
            )
        return values

    def written(self) -> list[forms.BoundField]:
        """Fields to draw, without those of the guard: the template `followup/_guard.html` draws these."""
        return [bound for bound in self if bound.name not in ("kept", "about")]
