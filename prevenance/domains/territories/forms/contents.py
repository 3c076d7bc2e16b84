"""Filters of the list of what a territory contains, kept in the address."""

from django import forms
from django.utils.translation import gettext_lazy as _

from prevenance.domains.territories.models import Territory


class ContentsFilter(forms.Form):
    """`values` always holds something usable: what cannot be read in the address is left out."""

    nature = forms.ChoiceField(label=_("Nature"), required=False)
    nom = forms.CharField(label=_("Nom contenant"), required=False, max_length=100)
    tri = forms.ChoiceField(
        label=_("Classer par"),
        required=False,
        choices=[("nom", _("Nom")), ("population", _("Population, la plus grande d’abord")), ("code", _("Code"))],
    )

    def __init__(self, data, *, kinds: tuple[str, ...]) -> None:
        super().__init__(data)
        labels = dict(Territory.Kind.choices)
        self.kinds = kinds
        self.fields["nature"].choices = [(kind, labels[kind]) for kind in kinds]

    @property
    def values(self) -> dict[str, str]:
        self.is_valid()
        given = self.cleaned_data
        return {
            "nature": given.get("nature") or (self.kinds[0] if self.kinds else ""),
            "nom": given.get("nom", ""),
            "tri": given.get("tri") or "nom",
        }
