"""Alert devices: what is stated of a month, what the table shows."""

from datetime import date

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.dates import date_format
from prevenance.domains.directory.models.devices import FIGURES, device_kinds, months_back
from prevenance.domains.directory.rules.devices import MOST, Counts
from prevenance.domains.territories.forms import TerritoryField
from prevenance.domains.territories.models import Territory


def months(today):
    """[(« 2026-11 », « novembre 2026 »)] that may be stated, the last first."""
    found = []
    for back in range(months_back(today)):
        year, month = divmod(today.year * 12 + today.month - 1 - back, 12)
        first = date(year, month + 1, 1)
        found.append((f"{first:%Y-%m}", date_format(first, "F Y")))
    return found


def first_day(word):
    year, month = word.split("-")
    return date(int(year), int(month), 1)


def count(label, help_text="", *, required=True):
    return forms.IntegerField(label=label, min_value=0, max_value=MOST, required=required, help_text=help_text)


class StatementForm(forms.Form):
    """Counts alone. The place of a device, or who has one, has no field here."""

    kind = forms.ChoiceField(label=_("Dispositif"), choices=lambda: [("", _("Choisissez")), *device_kinds().items()])
    month = forms.ChoiceField(label=_("Mois"))
    court = TerritoryField(
        kinds=("commune",), label=_("Siège du tribunal judiciaire"), required=False,
        help_text=_("Vide : tout le département. Un mois se déclare d’une façon ou de l’autre, pas des deux."),
    )  # fmt: skip
    stock = count(_("En stock, attribués ou non"))
    allocated = count(_("Attribués"), _("Remis à une personne, en service ou non."))
    in_use = count(_("En service"))
    waiting = count(_("Demandes en attente"))
    overseas_need = count(
        _("Besoin exprimé outre-mer"), _("Appareils qui manquent au territoire, dits à part du stock."), required=False
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data=None, *, departement, **options):
        super().__init__(data, **options)
        self.departement = departement
        self.fields["month"].choices = months(timezone.localdate())
        if departement.zone == Territory.Zone.METROPOLE:
            del self.fields["overseas_need"]

    def told(self):
        values = self.cleaned_data
        return {
            "kind": values["kind"], "month": first_day(values["month"]), "court": values["court"],
            "counts": Counts(**{name: values.get(name) for name in FIGURES}),
        }  # fmt: skip


class DeviceFilters(forms.Form):
    """Filters in the address; what is not understood is left out. `latest`: the last month that anybody stated."""

    kind = forms.ChoiceField(label=_("Dispositif"), required=False, choices=lambda: list(device_kinds().items()))
    month = forms.ChoiceField(label=_("Mois"), required=False)

    def __init__(self, data, *, latest=None):
        known = months(timezone.localdate())
        words = {word for word, _label in known}
        last = f"{latest:%Y-%m}" if latest else ""
        word = next((one for one in (data.get("month"), last) if one in words), known[0][0])
        kind = data.get("kind") if data.get("kind") in device_kinds() else next(iter(device_kinds()))
        super().__init__({"kind": kind, "month": word})
        self.fields["month"].choices = known
        self.chosen, self.first_day = kind, first_day(word)
