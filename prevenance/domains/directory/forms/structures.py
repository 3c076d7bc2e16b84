"""A structure, its closing, the filters of their list."""

import re
from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from prevenance.core.refusals import Refused
from prevenance.core.widgets import DateInput
from prevenance.domains.accounts.models import Organisation
from prevenance.domains.directory.actions.structures import Told
from prevenance.domains.directory.rules.contacts import phone_number, siret_number
from prevenance.domains.directory.rules.hours import check_hours
from prevenance.domains.directory.rules.services import check_place_not_told
from prevenance.domains.territories.forms import TerritoryField

HIDDEN = _("Lieu qui protège des personnes : l’adresse n’est alors pas gardée, la commune seule est dite.")


HOURS = _("Syntaxe d’OpenStreetMap. Exemple : « Mo-Fr 09:00-12:00,14:00-17:00; PH off », PH pour les jours fériés.")
CLOSURES = _("Une période par ligne : 01/08/2027 – 31/08/2027 congés d’été")
PERIOD = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})\s*(?:-|–|au)?\s*(\d{1,2})/(\d{1,2})/(\d{4})\b[\s:,–-]*(.*)")


class ClosuresField(forms.CharField):
    """Periods, one a line. Cleans to [(first day, last day, why)]."""

    def __init__(self, **options):
        options.setdefault("widget", forms.Textarea(attrs={"rows": 2}))
        super().__init__(required=False, max_length=4000, help_text=CLOSURES, **options)

    def clean(self, value):
        return [self.period(line.strip()) for line in super().clean(value).splitlines() if line.strip()]

    def period(self, line):
        found = PERIOD.fullmatch(line)
        try:
            day, month, year, day_to, month_to, year_to = map(int, found.groups()[:6])
            return date(year, month, day), date(year_to, month_to, day_to), found[7][:100].strip()
        except (AttributeError, ValueError) as wrong:
            raise forms.ValidationError(
                _("« %(line)s » n’est pas une période : écrivez deux dates, puis le motif.") % {"line": line[:60]}
            ) from wrong


def closures_of(place):
    """How the form shows the closures of a structure or a service."""
    return "\n".join(
        f"{closure.starts_on:%d/%m/%Y} – {closure.ends_on:%d/%m/%Y} {closure.note}".strip()
        for closure in place.closures.all()
    )


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

    def clean_hours(self):
        try:
            check_hours(self.cleaned_data["hours"])
        except Refused as refusal:
            raise forms.ValidationError(refusal.reason) from refusal
        return self.cleaned_data["hours"]

    def check_point(self):
        """Both coordinates or none."""
        one, other = self.cleaned_data.get("longitude"), self.cleaned_data.get("latitude")
        if (one is None) != (other is None) and not {"longitude", "latitude"} & set(self.errors):
            self.add_error("latitude", _("Donnez la longitude et la latitude, ou aucune des deux."))

    WHERE = ("address", "address_more", "postcode", "longitude", "latitude", "siret", "access_link")
    forgotten = False  # whether an address was typed that will not be kept

    def forget_address(self):
        """A hidden address goes back to nobody, not even to whoever typed it by mistake."""
        data = self.data.copy()
        for name in self.WHERE:
            if name in self.fields:
                self.forgotten = self.forgotten or bool(data.get(name, "").strip())
                data[name] = ""
                self.cleaned_data[name] = self.fields[name].clean("")
        self.data = data

    def secret_told(self, *texts):
        """Whether the address that will not be kept is also in a text: said without repeating it."""
        try:
            check_place_not_told(True, self.data.get("address", ""), texts)
        except Refused as refusal:
            self.add_error("description", refusal.reason)


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
    website = forms.URLField(label=_("Site"), max_length=2083, required=False, assume_scheme="https")
    hours = forms.CharField(label=_("Horaires d’accueil"), max_length=1000, required=False, help_text=HOURS)
    closures = ClosuresField(label=_("Fermetures"))
    longitude = forms.FloatField(label=_("Longitude"), min_value=-180, max_value=180, required=False)
    latitude = forms.FloatField(label=_("Latitude"), min_value=-90, max_value=90, required=False)
    access_link = forms.URLField(
        label=_("Fiche d’accessibilité"), max_length=2083, required=False, assume_scheme="https",
        help_text=_("L’adresse de la page du lieu sur Acceslibre."),
    )  # fmt: skip
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def clean_siret(self):
        try:
            return siret_number(self.cleaned_data["siret"])
        except Refused as refusal:
            raise forms.ValidationError(refusal.reason) from refusal

    def clean(self):
        values = super().clean()
        self.check_point()
        if values.get("address_hidden"):
            self.secret_told(values.get("name", ""), values.get("description", ""))
            self.forget_address()
        return values

    def told(self):
        return Told(**{name: value for name, value in self.cleaned_data.items() if name != "seen"})


def values_of(structure):
    """What the form shows of a structure."""
    names = [name for name in StructureForm.base_fields if name not in ("seen", "closures")]
    told = {name: getattr(structure, name) for name in names}
    return told | {"seen": structure.edit, "closures": closures_of(structure)}


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
        chosen, structures = self.cleaned_data, structures.filter(merged_into=None)
        if chosen.get("q"):
            structures = structures.matching(chosen["q"])
        if chosen.get("where"):
            structures = structures.filter(commune__containers__container=chosen["where"])
        if chosen.get("kind"):
            structures = structures.filter(kind=chosen["kind"])
        if chosen.get("state") == "closed":
            return structures.filter(closed_on__isnull=False)
        return structures if chosen.get("state") == "all" else structures.filter(closed_on=None)
