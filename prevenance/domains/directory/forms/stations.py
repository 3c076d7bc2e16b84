"""A post of social worker in a station, its agreements and its funding, the filters of the register."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.text import sort_key
from prevenance.core.widgets import DateInput
from prevenance.domains.directory.actions.stations import Told
from prevenance.domains.directory.models import StationPost
from prevenance.domains.territories.forms import TerritoryField

STATES = [
    ("", _("Ouverts")), ("filled", _("Pourvus")), ("vacant", _("Vacants")), ("ending", _("Convention à renouveler")),
    ("closed", _("Fermés")), ("all", _("Tous")),
]  # fmt: skip


class PostForm(forms.Form):
    station = forms.CharField(
        label=_("Commissariat ou brigade"), min_length=3, max_length=150,
        help_text=_("Par exemple : Commissariat de Saint-Chamond. Aucun nom de personne."),
    )  # fmt: skip
    commune = TerritoryField(kinds=("commune",), label=_("Commune"))
    force = forms.ChoiceField(label=_("Force"), choices=[("", _("Choisissez")), *StationPost.Force.choices])
    employer_kind = forms.ChoiceField(
        label=_("Nature de l’employeur"), choices=[("", _("Choisissez")), *StationPost.Employer.choices]
    )
    employer = forms.CharField(label=_("Employeur"), min_length=2, max_length=160)
    weekly_hours = forms.DecimalField(
        label=_("Heures par semaine"), min_value=1, max_value=60, decimal_places=2, required=False,
        help_text=_("35 pour un temps plein. Vide : on ne sait pas."),
    )  # fmt: skip
    opened_on = forms.DateField(label=_("Premier jour"), widget=DateInput)
    vacant_since = forms.DateField(
        label=_("Vacant depuis le"), required=False, widget=DateInput, help_text=_("Vide : le poste est pourvu.")
    )
    service = forms.ModelChoiceField(
        queryset=None, label=_("Service qui le joint"), required=False, empty_label=_("Aucun"),
        help_text=_("Sa fiche de l’annuaire : on joint le service, jamais une personne par son nom."),
    )  # fmt: skip
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, services, **options):
        """`services`: those of the directory that may reach a post."""
        super().__init__(*args, **options)
        self.fields["service"].queryset = services
        self.fields["service"].label_from_instance = lambda service: f"{service.name} – {service.commune.name}"

    def told(self):
        return Told(**{name: value for name, value in self.cleaned_data.items() if name != "seen"})


def values_of(post):
    """What the form shows of a post."""
    names = [name for name in PostForm.base_fields if name != "seen"]
    return {name: getattr(post, name) for name in names} | {"seen": post.edit}


class ClosePostForm(forms.Form):
    on = forms.DateField(label=_("Date de fermeture"), widget=DateInput)


class StationAgreementForm(forms.Form):
    signed_on = forms.DateField(label=_("Signée le"), widget=DateInput)
    starts_on = forms.DateField(label=_("À compter du"), widget=DateInput)
    ends_on = forms.DateField(
        label=_("Jusqu’au"), widget=DateInput, help_text=_("La stratégie demande des conventions de trois ans.")
    )


class FundingForm(forms.Form):
    year = forms.IntegerField(label=_("Année"), min_value=2006, max_value=2100)
    total = forms.DecimalField(
        label=_("Coût du poste, en euros"), min_value=1, max_digits=9, decimal_places=2, required=False,
        help_text=_("Vide : on ne sait pas."),
    )  # fmt: skip
    state = forms.DecimalField(
        label=_("Part de l’État, en euros"), min_value=0, max_digits=9, decimal_places=2, required=False,
        help_text=_("0 quand l’État ne paie rien ; vide quand on ne sait pas."),
    )  # fmt: skip


class StationFilters(forms.Form):
    """In the address. What is not understood is left out; without a département, the one acted in."""

    departement = forms.ChoiceField(label=_("Département"), required=False)
    q = forms.CharField(label=_("Commissariat, brigade"), required=False, max_length=100)
    force = forms.ChoiceField(label=_("Force"), required=False, choices=[("", _("Toutes")), *StationPost.Force.choices])
    state = forms.ChoiceField(label=_("État"), required=False, choices=STATES)

    def __init__(self, data, *, departements, own):
        """`departements`: those that one may read; `own`: the code of the one acted in, or nothing."""
        super().__init__({name: data.get(name) or {"departement": own}.get(name, "") for name in self.base_fields})
        empty = [] if own else [("", _("Choisissez"))]
        self.fields["departement"].choices = empty + [(one.code, f"{one.name} ({one.code})") for one in departements]
        self.is_valid()
        code = self.cleaned_data.get("departement") or own
        self.departement = next((one for one in departements if one.code == code), None)

    def narrow(self, lines):
        """Of lines of a département (analysis.stations): some tens, all read since its figures count them."""
        chosen, found = self.cleaned_data, lines
        for word in sort_key(chosen.get("q", "")).split():
            found = [line for line in found if f" {word}" in f" {line.post.sort_name}"]
        if chosen.get("force"):
            # One that is of both is of each.
            found = [line for line in found if line.post.force in (chosen["force"], StationPost.Force.BOTH)]
        match chosen.get("state"):
            case "filled" | "vacant" | "closed" as state:
                return [line for line in found if line.post.state == state]
            case "ending":
                return [line for line in found if line.ending and line.post.state != "closed"]
            case "all":
                return found
        return [line for line in found if line.post.state != "closed"]


def year_of(data):
    """The year that an address speaks of, the last one that has ended when it says none."""
    typed = data.get("year", "")
    return int(typed) if typed.isdecimal() and len(typed) == 4 else timezone.localdate().year - 1
