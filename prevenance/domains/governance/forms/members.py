"""Members of a council, as typed."""

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.text import plain
from prevenance.core.widgets import DateInput
from prevenance.domains.accounts.models import Organisation
from prevenance.domains.governance.actions.members import Member
from prevenance.domains.governance.models import Membership
from prevenance.domains.governance.rules.members import stamp


class MemberForm(forms.Form):
    """A member. `seen` tells whether the member changed since the form was shown."""

    given_name = forms.CharField(label=_("Prénom"), max_length=80)
    family_name = forms.CharField(label=_("Nom"), max_length=80)
    email = forms.EmailField(
        label=_("Adresse électronique"), help_text=_("Les convocations y seront envoyées."), max_length=254
    )
    phone = forms.CharField(label=_("Téléphone"), required=False, max_length=30)
    organisation = forms.CharField(
        label=_("Organisme"), required=False, max_length=160, help_text=_("Mairie, préfecture, association, bailleur…")
    )
    organisation_kind = forms.ChoiceField(
        label=_("Nature de l’organisme"), required=False, choices=Organisation.Kind.choices,
        initial=Organisation.Kind.OTHER, help_text=_("Utile seulement si l’organisme est nouveau dans ce conseil."),
    )  # fmt: skip
    title = forms.CharField(label=_("Fonction"), required=False, max_length=160)
    quality = forms.ChoiceField(
        label=_("Qualité"), choices=Membership.Quality.choices, initial=Membership.Quality.DESIGNATED
    )
    of_right_as = forms.ChoiceField(label=_("Au titre de"), required=False, help_text=_("Pour un membre de droit."))
    valid_from = forms.DateField(label=_("Membre depuis le"), widget=DateInput, required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, of_right, organisations=(), contact_is_ours=True, **kwargs):
        """`of_right` is what the law names: [(key, title)]; `organisations` are names to suggest."""
        super().__init__(*args, **kwargs)
        self.fields["of_right_as"].choices = [("", _("Sans objet")), *of_right]
        self.suggestions = list(organisations)
        if self.suggestions:
            self.fields["organisation"].widget.attrs["list"] = "organismes"
        if not contact_is_ours:
            for name in ("given_name", "family_name", "email", "phone"):
                self.fields[name].disabled = True

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("of_right_as") and cleaned.get("quality") not in ("of_right", "chair"):
            self.add_error("quality", _("Choisissez « Membre de droit » ou « Préside », ou videz « Au titre de »."))
        return cleaned

    def member(self):
        cleaned = {name: value for name, value in self.cleaned_data.items() if name != "seen"}
        cleaned["organisation_kind"] = cleaned["organisation_kind"] or Organisation.Kind.OTHER
        return Member(**cleaned)


def values_of(membership):
    """What the form shows of a member as it is now, its stamp included."""
    person, organisation = membership.person, membership.organisation
    return {
        "given_name": person.given_name,
        "family_name": person.family_name,
        "email": person.email,
        "phone": person.phone,
        "organisation": organisation.name if organisation else "",
        "organisation_kind": organisation.kind if organisation else Organisation.Kind.OTHER,
        "title": membership.title,
        "quality": membership.quality,
        "of_right_as": membership.of_right_as,
        "valid_from": membership.valid_from,
        "seen": stamp(membership),
    }


class MemberFilters(forms.Form):
    """Filters in the address of the list of members."""

    STATES = [("", _("En fonction")), ("gone", _("Partis")), ("all", _("Tous"))]

    q = forms.CharField(label=_("Nom ou organisme"), required=False, max_length=80)
    quality = forms.ChoiceField(
        label=_("Qualité"), required=False, choices=[("", _("Toutes")), *Membership.Quality.choices]
    )
    state = forms.ChoiceField(label=_("État"), required=False, choices=STATES)

    def narrow(self, members):
        self.is_valid()
        chosen = self.cleaned_data
        if words := plain(chosen.get("q") or ""):
            members = members.filter(Q(person__sort_name__contains=words) | Q(organisation__sort_name__contains=words))
        if chosen.get("quality"):
            members = members.filter(quality=chosen["quality"])
        if chosen.get("state") == "gone":
            return members.filter(valid_to__lt=timezone.localdate())
        return (
            members
            if chosen.get("state") == "all"
            else members.filter(Q(valid_to=None) | Q(valid_to__gte=timezone.localdate()))
        )
