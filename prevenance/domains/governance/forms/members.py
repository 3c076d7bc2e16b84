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


class SeatChoice(forms.ModelChoiceField):
    """A member to choose, by name and organisation."""

    def label_from_instance(self, member):
        return ", ".join(part for part in (member.person.name, str(member.organisation or "")) if part)


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
    purpose = forms.CharField(
        label=_("Ce que cette personne apporte ici"), required=False, max_length=300,
        help_text=_("Par exemple : « Repère les élèves absents et propose un suivi »."),
    )  # fmt: skip
    alternate_of = SeatChoice(None, label=_("Suppléant de"), required=False, empty_label=_("Membre titulaire"))
    valid_from = forms.DateField(label=_("Membre depuis le"), widget=DateInput, required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, of_right, organisations=(), titulars=None, contact_is_ours=True, **kwargs):
        """`of_right` is what the law names: [(key, title)]; `organisations` are names to suggest; `titulars`, seats."""
        super().__init__(*args, **kwargs)
        if titulars is None:
            del self.fields["alternate_of"]
        else:
            self.fields["alternate_of"].queryset = titulars
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
        "purpose": membership.purpose,
        "alternate_of": membership.alternate_of_id,
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


class ReplacementForm(forms.Form):
    """Who takes a seat, from when."""

    given_name = forms.CharField(label=_("Prénom"), max_length=80)
    family_name = forms.CharField(label=_("Nom"), max_length=80)
    email = forms.EmailField(label=_("Adresse électronique"), max_length=254)
    phone = forms.CharField(label=_("Téléphone"), required=False, max_length=30)
    title = forms.CharField(label=_("Fonction"), required=False, max_length=160)
    on = forms.DateField(label=_("À compter du"), widget=DateInput)

    def member(self):
        return Member(**{name: value for name, value in self.cleaned_data.items() if name != "on"})


class SeatsChoice(forms.ModelMultipleChoiceField):
    label_from_instance = SeatChoice.label_from_instance


class TakeForm(forms.Form):
    """Which members of the council come into a group."""

    members = SeatsChoice(
        None, label=_("Membres du conseil"), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Cochez au moins une personne.")},
    )  # fmt: skip
    on = forms.DateField(label=_("À compter du"), widget=DateInput)

    def __init__(self, *args, members, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["members"].queryset = members
