"""What people type, parsed. Nothing is saved here."""

from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from prevenance.core.widgets import DateInput
from prevenance.domains.accounts.models import Mandate, Organisation, Person
from prevenance.domains.accounts.roles import ROLES

CODE = {"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": "7", "pattern": "[0-9 ]*"}


class SignInForm(forms.Form):
    username = forms.EmailField(
        label=_("Adresse électronique"), widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(
        label=_("Mot de passe"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


class CodeForm(forms.Form):
    """The six digits of the application, with or without a space in the middle."""

    code = forms.CharField(label=_("Code à six chiffres"), widget=forms.TextInput(attrs=CODE))

    def clean_code(self):
        return "".join(self.cleaned_data["code"].split())


class RecoveryCodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code de secours"),
        max_length=40,
        help_text=_("Douze lettres et chiffres, par exemple abcd-efgh-jkmn. Chaque code sert une fois."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )


class AddressForm(forms.Form):
    email = forms.EmailField(
        label=_("Adresse électronique"), widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )


class PersonForm(forms.Form):
    """A form about the `person` whose password it is."""

    def __init__(self, *args, person, **kwargs):
        super().__init__(*args, **kwargs)
        self.person = person


class NewPasswordForm(PersonForm):
    """A password, twice. One that is like the person's name is refused."""

    password = forms.CharField(
        label=_("Nouveau mot de passe"),
        strip=False,
        help_text=_("Au moins douze caractères. Une phrase que vous seul ou seule connaissez convient bien."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("Le même, une seconde fois"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self):
        given = super().clean()
        password, again = given.get("password"), given.get("again")
        if password and again:
            if password != again:
                self.add_error("again", now_("Les deux mots de passe sont différents."))
            try:
                password_validation.validate_password(password, self.whom(given))
            except ValidationError as problem:
                self.add_error("password", problem)
        return given

    def whom(self, given):
        return self.person


class OwnPasswordForm(PersonForm):
    """The password that one has, asked again before an act that matters."""

    current = forms.CharField(
        label=_("Mot de passe actuel"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def clean_current(self):
        if not self.person.check_password(self.cleaned_data["current"]):
            raise ValidationError(now_("Ce n’est pas votre mot de passe actuel."))
        return self.cleaned_data["current"]


class ChangePasswordForm(OwnPasswordForm, NewPasswordForm):
    field_order = ["current", "password", "again"]


class AcceptForm(NewPasswordForm):
    """Names confirmed and password chosen, when an invitation is accepted."""

    given_name = forms.CharField(
        label=_("Prénom"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    family_name = forms.CharField(
        label=_("Nom"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "family-name"})
    )
    field_order = ["given_name", "family_name", "password", "again"]

    def whom(self, given):
        """Compared with the names as they are being confirmed, not as they were."""
        return Person(
            email=self.person.email, given_name=given.get("given_name", ""), family_name=given.get("family_name", "")
        )


class OwnDetailsForm(forms.Form):
    given_name = forms.CharField(
        label=_("Prénom"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    family_name = forms.CharField(
        label=_("Nom"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "family-name"})
    )
    phone = forms.RegexField(
        r"^\+?[0-9 .()-]{6,30}$",
        label=_("Téléphone professionnel"),
        required=False,
        error_messages={"invalid": _("Donnez un numéro de téléphone, par exemple 04 00 00 00 00.")},
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )


class PeopleFilter(forms.Form):
    """Filters of the list of people, in the address."""

    name = forms.CharField(
        label=_("Nom"), required=False, max_length=80, help_text=_("Le début du nom de famille suffit.")
    )
    role = forms.ChoiceField(
        label=_("Rôle"),
        required=False,
        choices=lambda: [("", now_("Tous")), *((key, role.label) for key, role in ROLES.items())],
    )
    state = forms.ChoiceField(
        label=_("Mandat"), required=False, choices=lambda: [("", now_("Tous")), *Mandate.State.choices]
    )


class InviteForm(forms.Form):
    """Who is granted what, where, from when to when. `roles` and `scopes` are those the actor may grant (rules)."""

    email = forms.EmailField(label=_("Adresse électronique professionnelle"))
    given_name = forms.CharField(label=_("Prénom"), max_length=80)
    family_name = forms.CharField(label=_("Nom"), max_length=80)
    role = forms.ChoiceField(label=_("Rôle"))
    scope = forms.ModelChoiceField(None, label=_("Périmètre"), empty_label=None)
    organisation = forms.CharField(label=_("Organisme"), max_length=160, required=False)
    kind = forms.ChoiceField(
        label=_("Nature de l’organisme"),
        required=False,
        choices=[("", _("Non précisée")), *Organisation.Kind.choices],
    )
    valid_from = forms.DateField(label=_("À compter du"), widget=DateInput())
    valid_to = forms.DateField(
        label=_("Jusqu’au"),
        required=False,
        widget=DateInput(),
        help_text=_("Dernier jour compris. Vide : sans terme fixé."),
    )
    act = forms.CharField(
        label=_("Acte"), max_length=200, required=False, help_text=_("Délibération, arrêté, lettre de mission…")
    )

    def __init__(self, *args, roles, scopes, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(key, ROLES[key].label) for key in roles]
        self.fields["scope"].queryset = scopes
        self.fields["scope"].label_from_instance = lambda scope: f"{scope.label} ({scope.get_kind_display().lower()})"

    def clean(self):
        given = super().clean()
        if given.get("valid_from") and given.get("valid_to") and given["valid_to"] < given["valid_from"]:
            self.add_error("valid_to", now_("Un mandat ne peut finir avant d’avoir commencé."))
        return given


class EndMandateForm(forms.Form):
    """When a mandate ends: a last day, or now."""

    NOW, ON = "now", "on"
    how = forms.ChoiceField(
        label=_("Quand le mandat finit-il ?"),
        choices=[(ON, _("À la fin d’un jour donné")), (NOW, _("Tout de suite : l’accès est coupé maintenant"))],
        widget=forms.RadioSelect,
        initial=ON,
    )
    last_day = forms.DateField(label=_("Dernier jour"), required=False, widget=DateInput(), initial=timezone.localdate)

    def clean(self):
        given = super().clean()
        if given.get("how") == self.ON and "last_day" not in self.errors and not given.get("last_day"):
            self.add_error("last_day", now_("Donnez le dernier jour du mandat."))
        return given


class ScopeSearch(forms.Form):
    q = forms.CharField(
        label=_("Commune, intercommunalité, département, région ou conseil"),
        min_length=2,
        max_length=80,
        error_messages={"min_length": _("Donnez au moins deux lettres.")},
    )
