"""A council, its end, and the filters of the list of councils."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.text import plain
from prevenance.core.widgets import DateInput
from prevenance.domains.governance.rules.kinds import latest
from prevenance.domains.territories.forms import TerritoryField


class CouncilForm(forms.Form):
    name = forms.CharField(
        label=_("Nom du conseil"), max_length=200, help_text=_("Tel qu’il figurera sur les convocations et les actes.")
    )
    founded_on = forms.DateField(
        label=_("Créé le"),
        required=False,
        widget=DateInput,
        help_text=_("Date de la délibération ou de l’arrêté, si vous la connaissez."),
    )

    def clean_founded_on(self):
        day = self.cleaned_data["founded_on"]
        if day and day > timezone.localdate():
            raise forms.ValidationError(_("Cette date est à venir : inscrivez le conseil une fois qu’il existe."))
        return day


class PlaceForm(forms.Form):
    """Where a council is created, when it is not the creator's own territory but a part of it."""

    place = TerritoryField(kinds=("commune",), label=_("Commune"), help_text=_("Commune où le groupe agit."))


class EndForm(forms.Form):
    """The day a council, or a member's seat, ends."""

    on = forms.DateField(label=_("Date de fin"), widget=DateInput)


class CouncilFilters(forms.Form):
    """Filters in the address. What is not understood is left out rather than refused: an address may be old."""

    STATES = [("", _("En fonction")), ("ended", _("Ayant pris fin")), ("all", _("Tous"))]

    q = forms.CharField(label=_("Nom commençant par"), required=False, max_length=80)
    kind = forms.ChoiceField(label=_("Nature"), required=False)
    departement = forms.ChoiceField(label=_("Département"), required=False)
    state = forms.ChoiceField(label=_("État"), required=False, choices=STATES)
    late = forms.BooleanField(label=_("Plénière trop ancienne"), required=False)

    def __init__(self, data, *, departements, months):
        """`departements` is what the actor may choose among: (id, code, name), none when there is but one.

        `months` is how often the law wants a plenary.
        """
        super().__init__(data)
        self.departements = {code: pk for pk, code, _name in departements}
        self.fields["kind"].choices = [("", _("Toutes")), *((kind.kind, kind.short) for kind in latest().values())]
        self.fields["departement"].choices = [("", _("Tous")), *((code, name) for _pk, code, name in departements)]
        self.fields["late"].label = _("Sans plénière depuis plus de %(months)d mois") % {"months": months}
        if not departements:
            del self.fields["departement"]

    def chosen(self, *, plenary_before):
        """((département, day before which a plenary is late, if asked), what else narrows the list): what
        analysis.councils is asked for."""
        self.is_valid()
        typed = self.cleaned_data
        departement = self.departements.get(typed.get("departement"))
        texts = {"words": plain(typed.get("q") or ""), "kind": typed.get("kind", ""), "state": typed.get("state", "")}
        return (departement, plenary_before if typed.get("late") else None), texts
