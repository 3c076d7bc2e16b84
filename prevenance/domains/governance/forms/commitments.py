"""Partners and what they commit to, as typed and filtered."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.text import plain
from prevenance.core.widgets import DateInput
from prevenance.domains.accounts.models import Organisation
from prevenance.domains.governance.actions.commitments import Committed


class PartnerFilters(forms.Form):
    """Filters in the address of the list of partners."""

    WRITTEN = [("", _("Tous")), ("yes", _("Avec un engagement en cours")), ("no", _("Sans engagement en cours"))]

    q = forms.CharField(label=_("Nom de l’organisme"), required=False, max_length=80)
    kind = forms.ChoiceField(label=_("Nature"), required=False, choices=[("", _("Toutes")), *Organisation.Kind.choices])
    written = forms.ChoiceField(label=_("Engagement écrit"), required=False, choices=WRITTEN)

    def chosen(self):
        """What narrows the list; an unknown value narrows nothing."""
        self.is_valid()
        typed = self.cleaned_data
        return {
            "words": plain(typed.get("q") or ""), "kind": typed.get("kind", ""), "written": typed.get("written", ""),
        }  # fmt: skip


class CommitmentForm(forms.Form):
    """What a partner commits to. `edit` tells whether it was saved elsewhere since it was shown."""

    text = forms.CharField(
        label=_("Engagement"), max_length=5000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Ce que le partenaire fera, avec quels moyens. Aucun nom de personne accompagnée."),
    )  # fmt: skip
    body = forms.ModelChoiceField(None, label=_("Formation"), required=False, empty_label=_("Le conseil entier"))
    valid_from = forms.DateField(label=_("À compter du"), widget=DateInput)
    valid_to = forms.DateField(label=_("Jusqu’au"), widget=DateInput, required=False)
    document = forms.ModelChoiceField(
        None, label=_("Document signé"), required=False, empty_label=_("Aucun"),
        help_text=_("À choisir parmi les documents déposés dans le conseil."),
    )  # fmt: skip
    edit = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, bodies, documents, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["body"].queryset = bodies
        self.fields["document"].queryset = documents

    def clean(self):
        typed = super().clean()
        if typed.get("valid_to") and typed.get("valid_from") and typed["valid_to"] < typed["valid_from"]:
            self.add_error("valid_to", _("Un engagement ne peut finir avant d’avoir commencé."))
        return typed

    def committed(self):
        return Committed(**{name: value for name, value in self.cleaned_data.items() if name != "edit"})


def values_of(commitment=None):
    """What the form shows of a commitment as it is now; of a new one, today's date."""
    if commitment is None:
        return {"valid_from": timezone.localdate()}
    return {
        "text": commitment.text,
        "body": commitment.body_id,
        "valid_from": commitment.valid_from,
        "valid_to": commitment.valid_to,
        "document": commitment.document_id,
        "edit": commitment.edit,
    }
