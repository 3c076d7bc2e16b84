"""Opening a file, who the person is, their representatives, what was observed."""

import uuid

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core.widgets import DateInput
from prevenance.domains.followup.models import FollowUp, Identity, Representative
from prevenance.domains.followup.rules import lists

CHOOSE = ("", _("Choisissez"))
SITUATIONS = 3  # asked when the file opens; others are added on its page


def sealed_text(model, name, label="", required=False, **options):
    """A field that may hold as much as its sealed column."""
    column = model._meta.get_field(name)
    kind = forms.EmailField if name == "email" else forms.CharField
    return kind(label=label or column.verbose_name.capitalize(), max_length=column.length, required=required, **options)


class StartForm(forms.Form):
    """In which group, and for what: the closed lists follow the category."""

    groupe = forms.ChoiceField(label=_("Groupe"))
    categorie = forms.ChoiceField(label=_("Catégorie"), widget=forms.RadioSelect)

    def __init__(self, data=None, *, bodies):
        super().__init__(data)
        self.bodies = {str(body.pk): body for body in bodies}
        self.fields["groupe"].choices = [
            (key, f"{body.name}, {body.council.name}") for key, body in self.bodies.items()
        ]
        kinds = {body.council.kind == "CDDF" for body in bodies}
        family = FollowUp.Category.FAMILY
        self.fields["categorie"].choices = [
            (value, label) for value, label in FollowUp.Category.choices if (value == family) in kinds
        ]


class PersonForm(forms.Form):
    """Who the person is: the fields that the law allows, and no other."""

    given_name = sealed_text(Identity, "given_name", required=True)
    family_name = sealed_text(Identity, "family_name", required=True)
    birth_date = forms.DateField(label=_("Date de naissance"), widget=DateInput)
    sex = forms.ChoiceField(label=_("Sexe"), choices=[CHOOSE, *FollowUp.Sex.choices])
    address = sealed_text(Identity, "address")
    phone = sealed_text(Identity, "phone")
    email = sealed_text(Identity, "email")
    schooling = forms.ChoiceField(
        label=_("Niveau scolaire ou situation professionnelle"), choices=[CHOOSE], required=False
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["schooling"].choices = [CHOOSE, *lists.choices("schooling")]

    def identity(self):
        """What goes sealed, the birth date aside."""
        names = ("given_name", "family_name", "address", "phone", "email", "schooling")
        return {name: self.cleaned_data[name] for name in names}


class RepresentativeForm(forms.Form):
    """One legal representative; left empty, nobody."""

    link = forms.ChoiceField(label=_("Qualité"), required=False)
    given_name = sealed_text(Representative, "given_name")
    family_name = sealed_text(Representative, "family_name")
    address = sealed_text(Representative, "address", help_text=_("Si elle diffère de celle de la personne."))
    phone = sealed_text(Representative, "phone")
    email = sealed_text(Representative, "email")

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["link"].choices = [CHOOSE, *lists.choices("links")]

    def clean(self):
        values = super().clean()
        if any(values.values()):
            for name in ("link", "family_name"):
                if not values.get(name) and name not in self.errors:
                    self.add_error(name, _("Précisez-le, ou videz les autres cases de ce représentant."))
        return values


def representatives(forms_of):
    """What two forms say, those left empty out."""
    return [form.cleaned_data for form in forms_of if any(form.cleaned_data.values())]


class IdentityForm(PersonForm):
    """Correcting who the person is."""

    category = forms.ChoiceField(label=_("Catégorie"))
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, family, **options):
        super().__init__(*args, **options)
        self.fields["category"].choices = [
            (value, label)
            for value, label in FollowUp.Category.choices
            if (value == FollowUp.Category.FAMILY) == family
        ]


class ReportForm(PersonForm):
    """All that opens a file but its representatives. `asked` makes a second click harmless."""

    origin = forms.ChoiceField(label=_("Origine du signalement"), widget=forms.RadioSelect)
    received_on = forms.DateField(label=_("Signalement reçu le"), widget=DateInput)
    reported_by = forms.ChoiceField(
        label=_("Signalé par"), required=False,
        help_text=_("Le membre du groupe qui signale lit le dossier et y note ce qu’il fait."),
    )  # fmt: skip
    asked = forms.UUIDField(widget=forms.HiddenInput)
    confirmed = forms.BooleanField(label=_("J’ai vérifié : ce n’est aucune des personnes déjà suivies"), required=False)

    def __init__(self, data=None, *, category, members, actor):
        initial = {"asked": uuid.uuid4(), "received_on": timezone.localdate(), "reported_by": ""}
        super().__init__(data, initial=initial)
        self.category = category
        self.fields["origin"].choices = lists.choices("origins")
        others = [(str(member.seat.person_id), member.said) for member in members]
        others = [pair for pair in others if pair[0] != str(actor.person_id)]
        self.fields["reported_by"].choices = [("", _now("Moi-même")), *others]
        situations = [CHOOSE, *lists.choices("situations", category)]
        for rank in range(1, SITUATIONS + 1):
            label = _now("Situation observée %(rank)d") % {"rank": rank}
            self.fields[f"situation_{rank}"] = forms.ChoiceField(label=label, choices=situations, required=False)
            label = _now("Observée le (situation %(rank)d)") % {"rank": rank}
            self.fields[f"observed_{rank}"] = forms.DateField(label=label, widget=DateInput, required=False)

    def clean(self):
        values = super().clean()
        for rank in range(1, SITUATIONS + 1):
            situation, day = values.get(f"situation_{rank}"), values.get(f"observed_{rank}")
            if situation and not day and f"observed_{rank}" not in self.errors:
                self.add_error(f"observed_{rank}", _("Datez l’observation : un fait a un jour."))
            if day and not situation and f"situation_{rank}" not in self.errors:
                self.add_error(f"situation_{rank}", _("Choisissez la situation observée ce jour-là."))
        if not values.get("situation_1") and not self.errors:
            self.add_error("situation_1", _("Choisissez au moins une situation : un suivi s’ouvre sur un fait."))
        return values

    def situations(self):
        pairs = ((self.cleaned_data[f"situation_{n}"], self.cleaned_data[f"observed_{n}"]) for n in self.ranks())
        return [pair for pair in pairs if pair[0]]

    @staticmethod
    def ranks():
        return range(1, SITUATIONS + 1)

    # How the page groups what it asks.
    def about_report(self):
        return [self[name] for name in ("origin", "received_on", "reported_by")]

    def about_person(self):
        names = ("given_name", "family_name", "birth_date", "sex", "schooling", "address", "phone", "email")
        return [self[name] for name in names]

    def about_situations(self):
        return [self[f"{name}_{rank}"] for rank in self.ranks() for name in ("situation", "observed")]


class FactForm(forms.Form):
    situation = forms.ChoiceField(label=_("Situation observée"))
    observed_on = forms.DateField(label=_("Observée le"), widget=DateInput)

    def __init__(self, data=None, *, category):
        super().__init__(data, initial={"observed_on": timezone.localdate()}, prefix="fait")
        self.fields["situation"].choices = [CHOOSE, *lists.choices("situations", category)]


class EndFactForm(forms.Form):
    ended_on = forms.DateField(label=_("Ne l’est plus depuis le"), widget=DateInput)

    def __init__(self, data=None):
        super().__init__(data, initial={"ended_on": timezone.localdate()})
