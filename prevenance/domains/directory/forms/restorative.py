"""A restorative-justice programme: closed lists, days, codes; nothing is typed of anybody."""

from django import forms
from django.utils.translation import gettext_lazy as _

from prevenance.core.dates import date_format
from prevenance.core.widgets import DateInput
from prevenance.domains.directory.models import Service
from prevenance.domains.directory.models.restorative import restorative_list
from prevenance.domains.directory.rules.restorative import KIND
from prevenance.domains.territories.forms import TerritoryField


def choices(name):
    return lambda: [("", _("Choisissez")), *restorative_list(name).items()]


class ProgrammeForm(forms.Form):
    service = forms.ChoiceField(
        label=_("Service qui le rend"), help_text=_("Un service de justice restaurative inscrit dans l’annuaire.")
    )
    kind = forms.ChoiceField(label=_("Mesure"), choices=choices("kinds"))
    court = TerritoryField(
        kinds=("commune",), label=_("Siège du tribunal judiciaire"), help_text=_("La commune où siège le tribunal.")
    )
    starts_on = forms.DateField(label=_("Du"), widget=DateInput)
    ends_on = forms.DateField(
        label=_("Au"), widget=DateInput, help_text=_("Il pourra être prolongé. Plus tard, tout s’efface.")
    )  # fmt: skip

    def __init__(self, data=None, *, actor, **options):
        super().__init__(data, **options)
        near = Service.objects.visible_to(actor).open().filter(kind=KIND).near(actor.mandate.scope.territory)
        self.services = {str(one.pk): one for one in near.select_related("structure").order_by("sort_name", "pk")}
        self.fields["service"].choices = [
            ("", _("Choisissez")), *((pk, f"{one.name}, {one.structure.name}") for pk, one in self.services.items())
        ]  # fmt: skip

    def told(self):
        return self.cleaned_data | {"service": self.services[self.cleaned_data["service"]]}


class EndForm(forms.Form):
    ends_on = forms.DateField(label=_("Au"), widget=DateInput)
    seen = forms.IntegerField(widget=forms.HiddenInput)


class ParticipantForm(forms.Form):
    role = forms.ChoiceField(label=_("Qualité"), choices=choices("roles"))
    seen = forms.IntegerField(widget=forms.HiddenInput)


class CodeForm(forms.Form):
    """One of the programme, by its code: sent in the form, never in an address that a log would keep."""

    code = forms.ChoiceField(label=_("Code de la personne"))

    def __init__(self, data=None, *, participants, **options):
        super().__init__(data, **options)
        self.participants = {one.code: one for one in participants}
        self.fields["code"].choices = [
            ("", _("Choisissez")), *((one.code, f"{one.code}, {one.role_label}") for one in participants)
        ]  # fmt: skip
        self.fields["code"].error_messages["invalid_choice"] = _(
            "Ce code n’est plus dans le programme : rien n’y est inscrit."
        )

    @property
    def participant(self):
        return self.participants[self.cleaned_data["code"]]


class ConsentForm(CodeForm):
    stage = forms.ChoiceField(label=_("Étape à laquelle elle consent"), choices=choices("stages"))
    given_on = forms.DateField(label=_("Donné le"), widget=DateInput)
    form = forms.ChoiceField(label=_("Forme"), choices=choices("forms"))


class StageForm(CodeForm):
    stage = forms.ChoiceField(label=_("Étape"), choices=choices("stages"))
    held_on = forms.DateField(label=_("Tenue le"), widget=DateInput)


class CorrectionForm(forms.Form):
    """A date that was mistyped, chosen as it is noted: one that changed meanwhile is no longer there to be chosen."""

    noted = forms.ChoiceField(label=_("Date à corriger"))
    on = forms.DateField(label=_("Vraie date"), widget=DateInput)

    def __init__(self, data=None, *, noted, **options):
        super().__init__(data, **options)
        self.known = {one.key: one for one in noted}
        self.fields["noted"].choices = [("", _("Choisissez")), *((one.key, shown(one)) for one in noted)]
        self.fields["noted"].error_messages["invalid_choice"] = _(
            "Cette date a changé entre-temps, ou n’est plus la dernière : relisez le programme."
        )

    @property
    def chosen(self):
        return self.known[self.cleaned_data["noted"]]


def shown(noted):
    """« K7P-2MX, préparation : consenti le 3 mars 2026 »."""
    told = {
        "code": noted.code, "day": date_format(noted.day, "j F Y"),
        "stage": restorative_list("stages")[noted.stage].lower(),
    }  # fmt: skip
    if noted.is_held:
        return _("%(code)s, %(stage)s : tenue le %(day)s") % told
    return _("%(code)s, %(stage)s : consenti le %(day)s") % told


class YearForm(forms.Form):
    year = forms.TypedChoiceField(label=_("Année"), coerce=int, required=False)

    def __init__(self, data, *, years):
        super().__init__(data)
        self.years = years
        self.fields["year"].choices = [(year, str(year)) for year in years]

    @property
    def chosen(self):
        self.is_valid()
        return self.cleaned_data.get("year") or self.years[0]
