"""What the form of an act asks, its signatures, opinions, copy and end."""

import re

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from prevenance.core.text import sort_key
from prevenance.core.uploads import Kind, UploadField
from prevenance.core.widgets import DateInput
from prevenance.domains.governance.actions.acts import Draft
from prevenance.domains.governance.models import Act, ActConsultation
from prevenance.domains.territories.models import Territory


class CommunesField(forms.CharField):
    """Communes, one a line, by Insee code or exact name. Its cleaned value is the list of territories."""

    widget = forms.Textarea(attrs={"rows": 4})

    def clean(self, value):
        typed = [word.strip() for word in re.split(r"[\n,;]", super().clean(value) or "") if word.strip()]
        codes = {word.upper() for word in typed if re.fullmatch(r"[0-9][0-9ABab][0-9]{3}", word)}
        keys = {sort_key(word): word for word in typed if word.upper() not in codes}
        communes = Territory.objects.visible_to(None).existing().filter(kind=Territory.Kind.COMMUNE)
        found = list(communes.filter(code__in=codes))
        by_name = {}
        for commune in communes.filter(sort_name__in=keys):
            by_name.setdefault(commune.sort_name, []).append(commune)
        unknown = sorted(codes - {commune.code for commune in found}) + [
            word for key, word in keys.items() if key not in by_name
        ]
        if unknown:
            raise forms.ValidationError(now_("Commune inconnue : %(names)s.") % {"names": ", ".join(unknown)})
        for key, several in by_name.items():
            if len(several) > 1:
                choices = ", ".join(sorted(commune.code for commune in several))
                raise forms.ValidationError(
                    now_("Plusieurs communes se nomment %(name)s : donnez le code (%(codes)s).")
                    % {"name": keys[key], "codes": choices}
                )
            found += several
        return sorted({commune.pk: commune for commune in found}.values(), key=lambda commune: commune.sort_name)


class ActForm(forms.Form):
    """The questions of a form of act, in its order. `draft` is what `actions.acts` takes."""

    def __init__(self, form, *args, seen="", **kwargs):
        super().__init__(*args, **kwargs)
        self.act_form = form
        if form.about is not None:
            self._ask_person(form.about)
        for question in form.questions:
            getattr(self, f"_ask_{question.type}")(question)
        if form.ends != "none":
            self.fields["ends_on"] = forms.DateField(
                label=_("Dernier jour"), widget=DateInput, required=form.ends == "required",
                help_text="" if form.ends == "required" else _("Laissez vide s’il n’en dit pas."),
            )  # fmt: skip
        if seen:
            self.fields["seen"] = forms.CharField(widget=forms.HiddenInput, initial=seen)

    def _ask_person(self, about):
        self.fields["given_name"] = forms.CharField(label=_("Prénom"), max_length=80, help_text=about.help)
        self.fields["family_name"] = forms.CharField(label=_("Nom"), max_length=80)
        self.fields["email"] = forms.EmailField(
            label=_("Adresse électronique"),
            help_text=_(
                "Celle par laquelle cette personne entre ici. Une adresse connue garde le nom de son titulaire."
            ),
        )
        choices = [(capacity, capacity) for capacity in about.capacities]
        self.fields["person_title"] = forms.ChoiceField(label=_("Qualité"), choices=choices)

    def _ask_line(self, question):
        self.fields[question.name] = forms.CharField(
            label=question.label, required=question.required, help_text=question.help, max_length=160
        )

    def _ask_text(self, question):
        self.fields[question.name] = forms.CharField(
            label=question.label, required=question.required, help_text=question.help, max_length=4000,
            widget=forms.Textarea(attrs={"rows": 4}),
        )  # fmt: skip

    def _ask_choices(self, question):
        self.fields[question.name] = forms.MultipleChoiceField(
            label=question.label, required=question.required, help_text=question.help,
            widget=forms.CheckboxSelectMultiple,
            choices=[(choice.key, _said(choice)) for choice in question.choices],
        )  # fmt: skip

    def _ask_shares(self, question):
        for choice in question.choices:
            # What the text leaves to one level only is shown, and nothing else is accepted.
            self.fields[f"{question.name}_{choice.key}"] = forms.ChoiceField(
                label=_said(choice), choices=[(level, question.levels[level]) for level in choice.levels]
            )

    def _ask_communes(self, question):
        self.fields[question.name] = CommunesField(
            label=question.label, required=question.required, help_text=question.help
        )

    def draft(self):
        """The answers, once valid."""
        answers, values, communes = self.cleaned_data, {}, ()
        for question in self.act_form.questions:
            if question.type == "communes":
                communes = answers[question.name]
            elif question.type == "shares":
                values[question.name] = {
                    choice.key: answers[f"{question.name}_{choice.key}"] for choice in question.choices
                }
            else:
                values[question.name] = answers[question.name]
        person = None
        if self.act_form.about is not None:
            person = (answers["email"], answers["given_name"], answers["family_name"])
            values["person_title"] = answers["person_title"]
        return Draft(values, person, communes, answers.get("ends_on"))


def _said(choice):
    return f"{choice.label} ({choice.article})" if choice.article else choice.label


def answers_of(act, form, communes):
    """Initial values of `ActForm` for an act already prepared; `communes` are the territories that it names."""
    given = {"ends_on": act.ends_on, "person_title": act.values.get("person_title", "")}
    if act.person is not None:
        given |= {
            "given_name": act.person.given_name, "family_name": act.person.family_name, "email": act.person.email
        }  # fmt: skip
    for question in form.questions:
        if question.type == "communes":
            given[question.name] = "\n".join(commune.name for commune in communes)
        elif question.type == "shares":
            shares = act.values.get(question.name, {})
            given |= {f"{question.name}_{key}": level for key, level in shares.items()}
        else:
            given[question.name] = act.values.get(question.name, "")
    return given


class SignatureForm(forms.Form):
    """What the signed paper says. `seen` is the digest of the text that was shown."""

    name = forms.CharField(label=_("Signataire"), max_length=160)
    signed_on = forms.DateField(label=_("Signé le"), widget=DateInput)
    reference = forms.CharField(label=_("Référence de l’acte"), max_length=80, help_text=_("Numéro de l’acte."))
    in_force_from = forms.DateField(
        label=_("En vigueur le"), widget=DateInput, required=False, help_text=_("Par défaut, le jour de la signature.")
    )
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args, last, **kwargs):
        """`last`: no other signature is awaited, so that the act takes its number and its date."""
        super().__init__(*args, **kwargs)
        if not last:
            del self.fields["reference"], self.fields["in_force_from"]

    def clean(self):
        cleaned = super().clean()
        signed_on, in_force_from = cleaned.get("signed_on"), cleaned.get("in_force_from")
        if signed_on and signed_on > timezone.localdate():
            self.add_error("signed_on", _("Cette date est à venir : déclarez l’acte une fois signé."))
        if signed_on and in_force_from and in_force_from < signed_on:
            self.add_error("in_force_from", _("Un acte n’entre pas en vigueur avant d’être signé."))
        return cleaned


class OpinionForm(forms.Form):
    """An opinion asked, and given."""

    asked_on = forms.DateField(label=_("Demandé le"), widget=DateInput, required=False)
    answered_on = forms.DateField(label=_("Rendu le"), widget=DateInput, required=False)
    opinion = forms.ChoiceField(
        label=_("Avis"), required=False, choices=[("", _("Pas encore rendu")), *ActConsultation.Opinion.choices]
    )
    reference = forms.CharField(
        label=_("Référence"), max_length=120, required=False, help_text=_("Numéro de la délibération ou du courrier.")
    )

    def clean(self):
        cleaned = super().clean()
        asked, answered = cleaned.get("asked_on"), cleaned.get("answered_on")
        if bool(answered) != bool(cleaned.get("opinion")):
            self.add_error(
                "opinion" if answered else "answered_on", _("Un avis rendu a sa date, et une date son avis.")
            )
        if asked and answered and answered < asked:
            self.add_error("answered_on", _("Un avis n’est pas rendu avant d’être demandé."))
        for name in ("asked_on", "answered_on"):
            if cleaned.get(name) and cleaned[name] > timezone.localdate():
                self.add_error(name, _("Cette date est à venir."))
        return cleaned


class CopyForm(forms.Form):
    """The copy of what was signed."""

    file = UploadField(
        label=_("Exemplaire signé"), kinds=(Kind.PDF, Kind.PNG, Kind.JPEG),
        help_text=_("PDF ou image. Il est joint une fois et ne change plus."),
    )  # fmt: skip


class EndForm(forms.Form):
    """The last day of an act, and why."""

    on = forms.DateField(label=_("Dernier jour"), widget=DateInput)
    reason = forms.CharField(label=_("Motif"), max_length=200)


class ActFilter(forms.Form):
    """Filters of the list of acts; an unknown value filters nothing."""

    nature = forms.ChoiceField(label=_("Nature"), required=False, choices=[("", _("Toutes")), *Act.Kind.choices])
    etat = forms.ChoiceField(label=_("État"), required=False, choices=[("", _("Tous")), *Act.State.choices])
    conseil = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data):
        super().__init__(data)
        self.full_clean()
