"""A clinic or a stop, a round, their last day, the filters of their list."""

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from prevenance.core.refusals import Refused
from prevenance.core.widgets import DateInput, TimeInput
from prevenance.domains.directory.actions.doors import RoundTold, Told
from prevenance.domains.directory.models import kind_choices
from prevenance.domains.directory.rules.hours import check_hours
from prevenance.domains.directory.rules.rhythms import Rhythm, rhythm_of
from prevenance.domains.territories.forms import TerritoryField

EVERY = [
    ("weekly", _("Toutes les semaines")), ("even", _("Les semaines paires")), ("odd", _("Les semaines impaires")),
    ("1", _("Le premier du mois")), ("2", _("Le deuxième du mois")), ("3", _("Le troisième du mois")),
    ("4", _("Le quatrième du mois")), ("-1", _("Le dernier du mois")),
]  # fmt: skip
DAYS = [
    ("", _("Choisissez")), ("0", _("Lundi")), ("1", _("Mardi")), ("2", _("Mercredi")), ("3", _("Jeudi")),
    ("4", _("Vendredi")), ("5", _("Samedi")), ("6", _("Dimanche")),
]  # fmt: skip
RHYTHM = ("every", "day", "begins", "ends")


class DoorForm(forms.Form):
    """Hours by a rhythm, or in OSM syntax for what no rhythm says: typed, the latter counts."""

    place = forms.CharField(
        label=_("Lieu d’accueil"), min_length=3, max_length=150,
        help_text=_("Par exemple : mairie annexe, place du marché."),
    )  # fmt: skip
    commune = TerritoryField(kinds=("commune",), label=_("Commune"))
    address = forms.CharField(label=_("Adresse"), max_length=200, required=False)
    longitude = forms.FloatField(label=_("Longitude"), min_value=-180, max_value=180, required=False)
    latitude = forms.FloatField(label=_("Latitude"), min_value=-90, max_value=90, required=False)
    every = forms.ChoiceField(label=_("Rythme"), choices=EVERY, required=False, initial="weekly")
    day = forms.ChoiceField(label=_("Jour"), choices=DAYS, required=False)
    begins = forms.TimeField(label=_("De"), required=False, widget=TimeInput)
    ends = forms.TimeField(label=_("À"), required=False, widget=TimeInput)
    hours = forms.CharField(
        label=_("Autres horaires"), max_length=300, required=False,
        help_text=_("Ce qu’un rythme ne dit pas, dans la syntaxe d’OpenStreetMap : « Tu[1,3] 14:00-17:00; PH off »."),
    )  # fmt: skip
    starts_on = forms.DateField(label=_("Premier jour"), widget=DateInput)
    ends_on = forms.DateField(
        label=_("Dernier jour"), required=False, widget=DateInput, help_text=_("Vide : sans fin prévue.")
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    PARTS = [
        (_("Où"), ("place", "commune", "address", "longitude", "latitude")),
        (_("Quand"), ("every", "day", "begins", "ends", "hours")),
        (_("Du premier au dernier jour"), ("starts_on", "ends_on")),
    ]

    @property
    def parts(self):
        return [(heading, [self[name] for name in names]) for heading, names in self.PARTS]

    def clean_hours(self):
        try:
            check_hours(self.cleaned_data["hours"])
        except Refused as refusal:
            raise forms.ValidationError(refusal.reason) from refusal
        return self.cleaned_data["hours"]

    def clean(self):
        told = super().clean()
        one, other = told.get("longitude"), told.get("latitude")
        if (one is None) != (other is None) and not {"longitude", "latitude"} & set(self.errors):
            self.add_error("latitude", _("Donnez la longitude et la latitude, ou aucune des deux."))
        if told.get("hours") or "hours" in self.errors:
            return told
        if not {"day", "begins", "ends"} & set(self.errors):
            day, begins, ends = told.get("day"), told.get("begins"), told.get("ends")
            if not day or begins is None or ends is None:
                self.add_error("day", _("Dites le jour et les heures, ou d’autres horaires."))
            elif ends <= begins:
                self.add_error("ends", _("L’heure de fin vient après celle du début."))
            else:
                told["hours"] = Rhythm(told.get("every") or "weekly", int(day), begins, ends).syntax
        return told

    def told(self):
        return Told(**{name: value for name, value in self.cleaned_data.items() if name not in ("seen", *RHYTHM)})


def values_of(door):
    """What the form shows of a place: its rhythm when its hours are one, else its hours as they are written."""
    names = ("place", "commune", "address", "longitude", "latitude", "hours", "starts_on", "ends_on")
    values = {name: getattr(door, name) for name in names} | {"seen": door.edit}
    rhythm = rhythm_of(door.hours)
    if rhythm is None:
        return values
    chosen = {"every": rhythm.every, "day": str(rhythm.day), "begins": rhythm.starts, "ends": rhythm.ends}
    # « ; PH off » is what a rhythm writes: hours that say otherwise are shown as they are.
    return values | chosen | {"hours": ""} if rhythm.syntax == door.hours else values


class RoundForm(forms.Form):
    name = forms.CharField(label=_("Nom de la tournée"), min_length=3, max_length=120)
    vehicle = forms.CharField(
        label=_("Véhicule"), max_length=80, required=False, help_text=_("Par exemple : minibus, camping-car aménagé.")
    )
    starts_on = forms.DateField(label=_("Premier jour"), widget=DateInput)
    ends_on = forms.DateField(
        label=_("Dernier jour"), required=False, widget=DateInput, help_text=_("Vide : sans fin prévue.")
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def told(self):
        return RoundTold(**{name: value for name, value in self.cleaned_data.items() if name != "seen"})


class EndForm(forms.Form):
    on = forms.DateField(label=_("Dernier jour"), widget=DateInput)


class DoorFilters(forms.Form):
    """Filters in the address. What is not understood is left out, but for a place: the field says what is wrong."""

    KINDS = [("", _("Permanences et arrêts")), ("clinic", _("Permanences")), ("stop", _("Arrêts de tournée"))]
    STATES = [("", _("En cours")), ("coming", _("À venir")), ("over", _("Terminés")), ("all", _("Tous"))]

    where = TerritoryField(label=_("Où"), required=False, help_text=_("Vide : toute la France."))
    form = forms.ChoiceField(label=_("Forme"), required=False, choices=KINDS)
    kind = forms.ChoiceField(
        label=_("Nature du service"), required=False, choices=lambda: [("", _("Toutes")), *kind_choices()]
    )
    state = forms.ChoiceField(label=_("État"), required=False, choices=STATES)

    def narrow(self, doors, today):
        if not self.is_valid() and "where" in self.errors:
            return doors.none()
        chosen = self.cleaned_data
        if chosen.get("where"):
            doors = doors.filter(commune__containers__container=chosen["where"])
        if chosen.get("form"):
            doors = doors.filter(round__isnull=chosen["form"] == "clinic")
        if chosen.get("kind"):
            doors = doors.filter(service__kind=chosen["kind"])
        match chosen.get("state"):
            case "coming":
                return doors.filter(starts_on__gt=today)
            case "over":
                return doors.filter(Q(ends_on__lt=today) | Q(round__ends_on__lt=today))
            case "all":
                return doors
        return doors.open(today)
