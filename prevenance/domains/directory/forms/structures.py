"""A structure, its closing, the filters of their list."""

from django import forms
from django.utils.translation import gettext_lazy as _

from prevenance.core.refusals import Refused
from prevenance.core.widgets import DateInput
from prevenance.domains.accounts.models import Organisation
from prevenance.domains.directory.actions.structures import Told
from prevenance.domains.directory.rules.contacts import phone_number, siret_number
from prevenance.domains.territories.forms import TerritoryField

HIDDEN = _("Lieu qui protège des personnes : l’adresse n’est alors pas gardée, la commune seule est dite.")


class AddressMixin(forms.Form):
    """An address that may not be kept, and a telephone number that must be one."""

    def clean_postcode(self):
        code = self.cleaned_data["postcode"].replace(" ", "")
        if code and not (code.isdecimal() and len(code) == 5):
            raise forms.ValidationError(_("Un code postal a cinq chiffres."))
        return code

    def clean_phone(self):
        try:
            return phone_number(self.cleaned_data["phone"])
        except Refused as refusal:
            raise forms.ValidationError(refusal.reason) from refusal

    forgotten = False  # whether an address was typed that will not be kept

    def forget_address(self):
        """A hidden address goes back to nobody, not even to whoever typed it by mistake."""
        data = self.data.copy()
        for name in ("address", "address_more", "postcode"):
            self.forgotten = self.forgotten or bool(data.get(name, "").strip())
            self.cleaned_data[name] = data[name] = ""
        self.data = data


class StructureForm(AddressMixin):
    name = forms.CharField(label=_("Nom"), max_length=150, min_length=3)
    kind = forms.ChoiceField(label=_("Nature"), choices=[("", _("Choisissez")), *Organisation.Kind.choices])
    siret = forms.CharField(
        label=_("SIRET"), max_length=20, required=False, help_text=_("Quatorze chiffres, si vous le connaissez.")
    )
    description = forms.CharField(
        label=_("Présentation"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    commune = TerritoryField(kinds=("commune",), label=_("Commune"))
    address_hidden = forms.BooleanField(label=_("Adresse tenue secrète"), required=False, help_text=HIDDEN)
    address = forms.CharField(label=_("Adresse"), max_length=200, required=False, help_text=_("Numéro et voie."))
    address_more = forms.CharField(
        label=_("Complément d’adresse"), max_length=200, required=False, help_text=_("Bâtiment, étage, entrée.")
    )
    postcode = forms.CharField(label=_("Code postal"), max_length=8, required=False)
    phone = forms.CharField(label=_("Téléphone"), max_length=25, required=False)
    email = forms.EmailField(label=_("Adresse électronique"), required=False)
    website = forms.URLField(label=_("Site"), max_length=300, required=False, assume_scheme="https")
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def clean_siret(self):
        try:
            return siret_number(self.cleaned_data["siret"])
        except Refused as refusal:
            raise forms.ValidationError(refusal.reason) from refusal

    def clean(self):
        values = super().clean()
        if values.get("address_hidden"):
            self.forget_address()
        return values

    def told(self):
        return Told(**{name: value for name, value in self.cleaned_data.items() if name != "seen"})


def values_of(structure):
    """What the form shows of a structure."""
    names = [name for name in StructureForm.base_fields if name != "seen"]
    return {name: getattr(structure, name) for name in names} | {"seen": structure.edit}


class CloseForm(forms.Form):
    on = forms.DateField(label=_("Date de fermeture"), widget=DateInput)


class StructureFilters(forms.Form):
    """Filters in the address. What is not understood is left out rather than refused: an address may be old."""

    STATES = [("", _("Ouvertes")), ("closed", _("Fermées")), ("all", _("Toutes"))]

    q = forms.CharField(label=_("Nom"), required=False, max_length=100)
    where = TerritoryField(label=_("Où"), required=False, help_text=_("Vide : toute la France."))
    kind = forms.ChoiceField(label=_("Nature"), required=False, choices=[("", _("Toutes")), *Organisation.Kind.choices])
    state = forms.ChoiceField(label=_("État"), required=False, choices=STATES)

    def narrow(self, structures):
        if not self.is_valid() and "where" in self.errors:
            return structures.none()  # the field says which place was not understood; all of France would mislead
        chosen = self.cleaned_data
        if chosen.get("q"):
            structures = structures.matching(chosen["q"])
        if chosen.get("where"):
            structures = structures.filter(commune__containers__container=chosen["where"])
        if chosen.get("kind"):
            structures = structures.filter(kind=chosen["kind"])
        if chosen.get("state") == "closed":
            return structures.filter(closed_on__isnull=False)
        return structures if chosen.get("state") == "all" else structures.filter(closed_on=None)
