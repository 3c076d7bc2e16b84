"""Filters of the round of councils, and the letter written from there."""

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from prevenance.core.text import plain
from prevenance.domains.governance.rules.kinds import latest, with_plenary

LACKS = {
    "": _("Tous"),
    "plenary": _("Plénière trop ancienne ou non déclarée"),
    "coordinator": _("Coordination non déclarée"),
    "rulebook": _("Règlement intérieur non déclaré en vigueur"),
    "group": _("Aucun groupe réuni depuis un an"),
}

# What a letter begins with, by what was looked for. The person corrects it before sending.
OPENINGS = {
    "plenary": _("Je vous remercie de me faire connaître la date envisagée pour la prochaine séance plénière."),
    "coordinator": _("Je vous remercie de me faire connaître la personne qui assure la coordination du conseil."),
    "rulebook": _("Je vous remercie de me faire connaître où en est le règlement intérieur du conseil."),
    "group": _("Je vous remercie de me faire connaître les groupes de travail que le conseil entend réunir."),
}


class RoundFilters(forms.Form):
    """Filters in the address. What is not understood is left out rather than refused."""

    q = forms.CharField(label=_("Nom commençant par"), required=False, max_length=80)
    kind = forms.ChoiceField(label=_("Nature"), required=False)
    lacks = forms.ChoiceField(label=_("À regarder"), required=False, choices=list(LACKS.items()))

    def __init__(self, data):
        super().__init__(data)
        kinds = [(kind, latest()[kind].short) for kind in with_plenary()]
        self.fields["kind"].choices = [("", _("Toutes")), *kinds]

    def values(self):
        """(words of the name, kind, what is lacking), each empty when not asked."""
        self.is_valid()
        chosen = self.cleaned_data
        return plain(chosen.get("q") or ""), chosen.get("kind") or "", chosen.get("lacks") or ""


class LetterForm(forms.Form):
    subject = forms.CharField(label=_("Objet"), max_length=160)
    text = forms.CharField(
        label=_("Texte"), max_length=8000, widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("Jamais le nom d’une personne aidée ou suivie. Votre adresse figure pour la réponse."),
    )  # fmt: skip
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
