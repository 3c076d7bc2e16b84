"""What the person is told, asks and is answered; the end of a follow-up and what is kept after it."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.widgets import DateInput
from prevenance.domains.followup.models import Line
from prevenance.domains.followup.rules import lists
from prevenance.domains.followup.rules import rights as rules

CHOOSE = ("", _("Choisissez"))


class NoticeForm(forms.Form):
    addressee = forms.ChoiceField(label=_("Pour qui"), widget=forms.RadioSelect)

    def __init__(self, data=None, *, addressees):
        super().__init__(data)
        self.fields["addressee"].choices = [one for one in lists.choices("addressees") if one[0] in addressees]


class DayForm(forms.Form):
    """The day of something that took place."""

    day = forms.DateField(widget=DateInput)

    def __init__(self, data=None, *, label):
        super().__init__(data, initial={"day": timezone.localdate()})
        self.fields["day"].label = label


class DemandForm(forms.Form):
    kind = forms.ChoiceField(label=_("Demande"), widget=forms.RadioSelect)
    asked_by = forms.ChoiceField(label=_("Demandée par"), widget=forms.RadioSelect)
    received_on = forms.DateField(
        label=_("Reçue le"), widget=DateInput, help_text=_("Le délai de réponse court de ce jour.")
    )

    def __init__(self, data=None, *, addressees):
        super().__init__(data, initial={"received_on": timezone.localdate()})
        self.fields["kind"].choices = lists.choices("requests")
        self.fields["asked_by"].choices = [one for one in lists.choices("addressees") if one[0] in addressees]


class AnswerForm(forms.Form):
    answer = forms.ChoiceField(label=_("Réponse"), widget=forms.RadioSelect)
    refusal = forms.ChoiceField(
        label=_("Motif du refus"), required=False,
        help_text=_("Seulement si la demande est refusée, en tout ou en partie : il est dit à la personne."),
    )  # fmt: skip
    outcome = forms.ChoiceField(
        label=_("Situation de la personne à ce jour"), required=False,
        help_text=_("Seulement si la demande est satisfaite : le suivi prend fin alors."),
    )  # fmt: skip

    def __init__(self, data=None, *, kind, ends):
        super().__init__(data)
        self.fields["answer"].choices = rules.answers(kind)
        self.fields["refusal"].choices = [CHOOSE, *lists.choices("request_refusals")]
        self.fields["outcome"].choices = [CHOOSE, *Line.Outcome.choices]
        if not ends:
            del self.fields["outcome"]


class RectifyForm(forms.Form):
    """Who the person is, corrected at their request once the follow-up has ended."""

    family_name = forms.CharField(label=_("Nom"), max_length=100)
    given_name = forms.CharField(label=_("Prénom"), max_length=100)
    birth_date = forms.DateField(label=_("Date de naissance"), widget=DateInput)
    address = forms.CharField(label=_("Adresse"), max_length=300, required=False)
    phone = forms.CharField(label=_("Téléphone"), max_length=30, required=False)
    email = forms.EmailField(label=_("Courriel"), max_length=200, required=False)
    schooling = forms.ChoiceField(label=_("Niveau scolaire ou situation professionnelle"), required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data=None, *, initial=None):
        super().__init__(data, initial=initial)
        self.fields["schooling"].choices = [CHOOSE, *lists.choices("schooling")]

    def identity(self):
        values = {name: value for name, value in self.cleaned_data.items() if name != "seen"}
        return values | {"birth_date": values["birth_date"].isoformat()}


class EndForm(forms.Form):
    reason = forms.ChoiceField(label=_("Motif de fin"), widget=forms.RadioSelect)
    outcome = forms.ChoiceField(label=_("Situation de la personne à ce jour"), widget=forms.RadioSelect)

    def __init__(self, data=None):
        super().__init__(data)
        self.fields["reason"].choices = Line.Reason.choices
        self.fields["outcome"].choices = Line.Outcome.choices


class LaterForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("Situation trois mois après"), widget=forms.RadioSelect,
        help_text=_("« Sans réponse » si la personne n’a pu être jointe : c’est compté, et montré comme tel."),
    )  # fmt: skip

    def __init__(self, data=None):
        super().__init__(data)
        self.fields["outcome"].choices = Line.Outcome.choices


class HoldForm(forms.Form):
    reason = forms.ChoiceField(label=_("Motif"), widget=forms.RadioSelect)
    until = forms.DateField(label=_("Jusqu’au"), widget=DateInput)

    def __init__(self, data=None):
        super().__init__(data)
        self.fields["reason"].choices = lists.choices("hold_reasons")


class ArchiveForm(forms.Form):
    reason = forms.ChoiceField(label=_("Pourquoi ouvrir cette archive ?"), widget=forms.RadioSelect)

    def __init__(self, data=None):
        super().__init__(data)
        self.fields["reason"].choices = lists.choices("archive_reasons")
