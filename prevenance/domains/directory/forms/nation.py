"""What is looked at of the coverage of the nation."""

from django import forms
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from prevenance.domains.directory.forms.coverage import bands
from prevenance.domains.directory.models import closed_list
from prevenance.domains.directory.rules.coverage import terms_on

ORDERS = {"habitants": _("Habitants"), "part": _("Part"), "nom": _("Nom")}


class NationFilters(forms.Form):
    """In the address. What is not understood is left out."""

    need = forms.ChoiceField(
        label=_("Victimes de"), required=False, choices=lambda: [("", _("Tout")), *closed_list("needs").items()]
    )
    audience = forms.ChoiceField(
        label=_("Public"), required=False, choices=lambda: [("", _("Tous")), *closed_list("publics").items()]
    )
    within = forms.ChoiceField(label=_("À plus de"), required=False, choices=bands)
    region = forms.ChoiceField(label=_("Région"), required=False)
    order = forms.ChoiceField(label=_("D’abord"), required=False, choices=lambda: list(ORDERS.items()))

    def __init__(self, data, *, regions):
        default = {"within": str(terms_on(timezone.localdate()).bands[1]), "order": "habitants"}
        super().__init__({name: data.get(name) or default.get(name, "") for name in self.base_fields})
        self.fields["region"].choices = [("", _("Toutes")), *((one.code, one.name) for one in regions)]
        self.is_valid()
        self.told = {name: self.cleaned_data.get(name) or default.get(name, "") for name in self.base_fields}
        self.region = next((one for one in regions if one.code == self.told["region"]), None)
        self.within = int(self.told["within"])

    @property
    def address(self):
        """What a département's page is asked with."""
        told = {name: self.told[name] for name in ("need", "audience", "within") if self.told[name]}
        return "?" + urlencode(told | {"departement": "CODE"})
