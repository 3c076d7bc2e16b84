"""Parts shared with a member of the group; a file handed over to a group elsewhere."""

from django import forms
from django.utils.translation import gettext_lazy as _

from prevenance.core.widgets import DateInput
from prevenance.domains.followup.models import Line
from prevenance.domains.followup.rules import lists

CHOOSE = ("", _("Choisissez"))


class ShareForm(forms.Form):
    person = forms.TypedChoiceField(
        label=_("Avec"), coerce=int, help_text=_("Un membre du groupe, signataire de ses textes.")
    )
    parts = forms.MultipleChoiceField(
        label=_("Parties partagées"), widget=forms.CheckboxSelectMultiple,
        help_text=_("Seulement ce qui est nécessaire : le reste du dossier reste fermé."),
    )  # fmt: skip
    purpose = forms.ChoiceField(label=_("Finalité"))
    until = forms.DateField(label=_("Jusqu’au"), widget=DateInput)

    def __init__(self, data=None, *, people, last_day):
        super().__init__(data)
        self.fields["person"].choices = [CHOOSE, *((one.pk, one.name) for one in people)]
        self.fields["parts"].choices = lists.choices("share_parts")
        purposes = [one for one in lists.choices("share_purposes") if one[0] != "handover"]
        self.fields["purpose"].choices = [CHOOSE, *purposes]
        self.fields["until"].widget.attrs["max"] = last_day.isoformat()


class CommuneForm(forms.Form):
    """Where the person goes to live: words of a commune, then one of those found."""

    q = forms.CharField(label=_("Commune où la personne s’installe"), max_length=100, required=False)


class HandoverForm(forms.Form):
    body = forms.TypedChoiceField(label=_("Groupe qui reprendrait le suivi"), coerce=int, widget=forms.RadioSelect)
    agreed_by = forms.ChoiceField(label=_("Accord écrit donné par"), widget=forms.RadioSelect)
    agreed_on = forms.DateField(label=_("Signé le"), widget=DateInput)
    outcome = forms.ChoiceField(
        label=_("Situation de la personne à ce jour"), widget=forms.RadioSelect,
        help_text=_("Gardée comme situation à la sortie de votre groupe, une fois le relais accepté."),
    )  # fmt: skip

    def __init__(self, data=None, *, groups, addressees):
        super().__init__(data)
        self.fields["body"].choices = [(one.pk, f"{one.name}, {one.council.name}") for one in groups]
        self.fields["agreed_by"].choices = [one for one in lists.choices("addressees") if one[0] in addressees]
        self.fields["outcome"].choices = Line.Outcome.choices
