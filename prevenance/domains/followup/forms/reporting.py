"""Opening a channel, naming who reports, and the closed form of a report."""

import uuid

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core.widgets import DateInput
from prevenance.domains.followup.forms.files import CHOOSE, sealed_text
from prevenance.domains.followup.models import FollowUp, SentReport
from prevenance.domains.followup.rules import lists
from prevenance.domains.followup.rules import reporting as rules

SITUATIONS = 3


class ChannelForm(forms.Form):
    name = forms.CharField(
        label=_("Groupe qui signale"), max_length=120,
        help_text=_("Par exemple « GPDS du collège Inventé ». Le nom d’un établissement, jamais celui d’une personne."),
    )  # fmt: skip
    purpose = forms.ChoiceField(label=_("Pour quoi"), widget=forms.RadioSelect)
    agreed_on = forms.DateField(label=_("Convention signée le"), widget=DateInput)
    until = forms.DateField(label=_("Jusqu’au"), widget=DateInput)

    def __init__(self, data=None, *, body):
        super().__init__(data)
        self.fields["purpose"].choices = rules.purposes(body)


class ReporterForm(forms.Form):
    email = forms.EmailField(
        label=_("Adresse électronique"),
        help_text=_("Celle par laquelle ce professionnel entre ici. Il ne lira aucun dossier."),
    )  # fmt: skip


class SentReportForm(forms.Form):
    """Who, in which class, what was observed and when, who was told. No word is free but the name."""

    given_name = sealed_text(SentReport, "given_name", required=True)
    family_name = sealed_text(SentReport, "family_name", required=True)
    birth_date = forms.DateField(label=_("Date de naissance"), widget=DateInput)
    sex = forms.ChoiceField(label=_("Sexe"), choices=[CHOOSE, *FollowUp.Sex.choices])
    schooling = forms.ChoiceField(label=_("Niveau scolaire ou situation professionnelle"), required=False)
    told = forms.ChoiceField(label=_("Qui est informé de ce signalement"), widget=forms.RadioSelect)
    asked = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data=None, *, channel):
        super().__init__(data, initial={"asked": uuid.uuid4()})
        self.fields["schooling"].choices = [CHOOSE, *lists.choices("schooling")]
        self.fields["told"].choices = lists.choices("report_told")
        choices = [CHOOSE, *rules.situations(channel.purpose, channel.body)]
        for rank in range(1, min(SITUATIONS, len(choices) - 1) + 1):
            label = _now("Situation observée %(rank)d") % {"rank": rank}
            self.fields[f"situation_{rank}"] = forms.ChoiceField(label=label, choices=choices, required=rank == 1)
            label = _now("Observée le (situation %(rank)d)") % {"rank": rank}
            self.fields[f"observed_{rank}"] = forms.DateField(label=label, widget=DateInput, required=rank == 1)

    def pairs(self):
        """Which situations were asked."""
        return [rank for rank in range(1, SITUATIONS + 1) if f"situation_{rank}" in self.fields]

    def clean(self):
        values = super().clean()
        for rank in self.pairs():
            situation, day = f"situation_{rank}", f"observed_{rank}"
            if values.get(situation) and not values.get(day) and day not in self.errors:
                self.add_error(day, _("Datez l’observation : un fait a un jour."))
            if values.get(day) and not values.get(situation) and situation not in self.errors:
                self.add_error(situation, _("Choisissez la situation observée ce jour-là."))
        return values

    def values(self):
        """Arguments of actions.send_report."""
        given = self.cleaned_data
        found = ((given[f"situation_{rank}"], given[f"observed_{rank}"]) for rank in self.pairs())
        return {
            "identity": {name: given[name] for name in ("given_name", "family_name", "sex", "schooling")},
            "birth_date": given["birth_date"], "told": given["told"], "asked": given["asked"],
            "situations": [pair for pair in found if pair[0]],
        }  # fmt: skip


class AcceptForm(forms.Form):
    confirmed = forms.BooleanField(label=_("J’ai vérifié : ce n’est aucune des personnes déjà suivies"))

    def __init__(self, data=None, *, doubles):
        super().__init__(data)
        if not doubles:
            del self.fields["confirmed"]


class DeclineForm(forms.Form):
    reason = forms.ChoiceField(label=_("Motif"), widget=forms.RadioSelect)

    def __init__(self, data=None):
        super().__init__(data)
        self.fields["reason"].choices = lists.choices("report_refusals")
