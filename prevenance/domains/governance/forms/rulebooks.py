"""Rulebooks and charters, as typed, dated and signed."""

from django import forms
from django.utils.translation import gettext_lazy as _

from prevenance.core.dates import date_format
from prevenance.core.widgets import DateInput
from prevenance.domains.governance.models import Rulebook
from prevenance.domains.governance.rules.rulebooks import QUORUMS


class RulebookFilters(forms.Form):
    """Filters in the address of the list of a council's texts."""

    STATES = [("", _("En cours et en vigueur")), ("past", _("Remplacés et retirés")), ("all", _("Tous"))]

    body = forms.ChoiceField(label=_("Formation"), required=False)
    kind = forms.ChoiceField(label=_("Nature"), required=False, choices=[("", _("Toutes")), *Rulebook.Kind.choices])
    state = forms.ChoiceField(label=_("État"), required=False, choices=STATES)

    def __init__(self, *args, bodies, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["body"].choices = [("", _("Toutes")), *((body.pk, body.name) for body in bodies)]

    def narrow(self, books):
        self.is_valid()
        chosen = self.cleaned_data
        past = [Rulebook.State.REPLACED, Rulebook.State.WITHDRAWN]
        if chosen.get("body"):
            books = books.filter(body_id=chosen["body"])
        if chosen.get("kind"):
            books = books.filter(kind=chosen["kind"])
        if chosen.get("state") == "past":
            return books.filter(state__in=past)
        return books if chosen.get("state") == "all" else books.exclude(state__in=past)


class RulebookStartForm(forms.Form):
    kind = forms.ChoiceField(label=_("Nature du texte"), choices=Rulebook.Kind.choices, widget=forms.RadioSelect)
    body = forms.ModelChoiceField(
        None, label=_("Formation"), empty_label=None,
        help_text=_("La formation plénière pour un texte qui vaut pour le conseil entier."),
    )  # fmt: skip

    def __init__(self, *args, bodies, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["body"].queryset = bodies


class RulebookForm(forms.Form):
    """The draft. `edit` tells whether it was saved elsewhere since it was shown."""

    text = forms.CharField(
        label=_("Texte"), strip=False, max_length=200_000, widget=forms.Textarea(attrs={"rows": 24}),
        help_text=_("Une ligne qui commence par « # » est un titre, par « - » un élément de liste."),
    )  # fmt: skip
    quorum = forms.ChoiceField(
        label=_("Quorum"), required=False,
        choices=[
            ("", _("Aucun")), ("half_passed", _("Plus de la moitié des membres")),
            ("half", _("La moitié des membres au moins")), ("third", _("Le tiers des membres au moins")),
            ("quarter", _("Le quart des membres au moins")), ("two_thirds", _("Les deux tiers des membres au moins")),
        ],
        help_text=_("Part des membres qui doivent être présents. Elle est comptée à chaque réunion."),
    )  # fmt: skip
    change_note = forms.CharField(
        label=_("Ce qui change"), required=False, max_length=300,
        help_text=_("Une phrase pour les signataires : ce que cette version apporte."),
    )  # fmt: skip
    edit = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args, first=True, **kwargs):
        super().__init__(*args, **kwargs)
        if first:
            del self.fields["change_note"]

    def clean_text(self):
        return self.cleaned_data["text"].replace("\r\n", "\n").strip("\n")

    def written(self):
        """What the action takes."""
        typed = self.cleaned_data
        return {
            "text": typed["text"],
            "change_note": typed.get("change_note", ""),
            "quorum": QUORUMS.get(typed["quorum"]),
            "edit": typed["edit"],
        }


def values_of(rulebook):
    """What the form shows of a draft as it is now."""
    share = (rulebook.quorum_numerator, rulebook.quorum_denominator, rulebook.quorum_strict)
    return {
        "text": rulebook.text,
        "change_note": rulebook.change_note,
        "quorum": next((key for key, value in QUORUMS.items() if value == share), ""),
        "edit": rulebook.edit,
    }


class ProposalForm(forms.Form):
    on = forms.DateField(
        label=_("Proposé le"), widget=DateInput, help_text=_("Le jour où la formation a arrêté sa proposition.")
    )
    edit = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class MeetingChoice(forms.ModelChoiceField):
    def label_from_instance(self, meeting):
        return f"{meeting.title}, {date_format(meeting.starts_at, 'j F Y')}"


class AdoptionForm(forms.Form):
    meeting = MeetingChoice(None, label=_("Réunion qui l’a adopté"), widget=forms.RadioSelect, empty_label=None)

    def __init__(self, *args, meetings, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["meeting"].queryset = meetings


class WithdrawalForm(forms.Form):
    on = forms.DateField(label=_("Retiré le"), widget=DateInput)


class SignForm(forms.Form):
    """`seen` is the digest of the text that was on the screen."""

    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)
    read = forms.BooleanField(label=_("J’ai lu ce texte et je m’engage, en mon nom, à le respecter."))
