"""An agreement between partners, and the filters of their list."""

from django import forms
from django.utils.translation import gettext_lazy as _

from prevenance.core.text import sort_key
from prevenance.core.uploads import Kind, UploadField
from prevenance.core.widgets import DateInput
from prevenance.domains.directory.actions.agreements import Told
from prevenance.domains.directory.rules.agreements import ending_before, subjects

STATES = [
    ("", _("En cours ou à venir")), ("ending", _("Finissent bientôt")), ("over", _("Finies")), ("all", _("Toutes")),
]  # fmt: skip


class AgreementForm(forms.Form):
    departement = forms.ChoiceField(label=_("Département"))
    object = forms.ChoiceField(label=_("Objet"), choices=lambda: [("", _("Choisissez")), *subjects().items()])
    name = forms.CharField(label=_("Intitulé"), min_length=5, max_length=200)
    parties = forms.CharField(
        label=_("Signataires"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "Un organisme par ligne, jamais une personne. Écrit comme dans l’annuaire, il mène à sa fiche."
        ),
    )  # fmt: skip
    signed_on = forms.DateField(label=_("Signée le"), widget=DateInput)
    starts_on = forms.DateField(label=_("À compter du"), widget=DateInput)
    ends_on = forms.DateField(
        label=_("Jusqu’au"), required=False, widget=DateInput, help_text=_("Vide : sans fin prévue.")
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, departements, **options):
        super().__init__(*args, **options)
        self.fields["departement"].choices = [(one.code, f"{one.name} ({one.code})") for one in departements]
        if len(departements) == 1:
            self.fields["departement"].widget = forms.HiddenInput()

    def clean_parties(self):
        """Names, each once."""
        lines = [line.strip() for line in self.cleaned_data["parties"].splitlines() if line.strip()]
        if any(len(line) > 160 for line in lines):
            raise forms.ValidationError(_("Un signataire s’écrit en 160 caractères au plus."))
        return tuple({sort_key(line): line for line in lines}.values())

    def told(self):
        return Told(**{n: v for n, v in self.cleaned_data.items() if n not in ("seen", "departement")})


def values_of(agreement):
    """What the form shows of an agreement."""
    names = ("object", "name", "signed_on", "starts_on", "ends_on")
    parties = "\n".join(party.name for party in agreement.parties.all())
    values = {name: getattr(agreement, name) for name in names}
    return values | {"departement": agreement.departement.code, "parties": parties, "seen": agreement.edit}


class DocumentForm(forms.Form):
    """The document of an agreement. `seen`: the one that was there when the form was shown, 0 for none."""

    file = UploadField(
        label=_("Document signé"), kinds=(Kind.PDF, Kind.ODT, Kind.DOCX), help_text=_("Un seul, en PDF, ODT ou DOCX.")
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)


class AgreementFilters(forms.Form):
    """In the address. What is not understood is left out; without a département, the one acted in."""

    departement = forms.ChoiceField(label=_("Département"), required=False)
    object = forms.ChoiceField(label=_("Objet"), required=False, choices=lambda: [("", _("Tous")), *subjects().items()])
    state = forms.ChoiceField(label=_("État"), required=False, choices=STATES)

    def __init__(self, data, *, departements, own):
        super().__init__({name: data.get(name) or {"departement": own}.get(name, "") for name in self.base_fields})
        empty = [] if own else [("", _("Tous ceux que je lis"))]
        self.fields["departement"].choices = empty + [(one.code, f"{one.name} ({one.code})") for one in departements]
        self.is_valid()
        code = self.cleaned_data.get("departement") or own
        self.departement = next((one for one in departements if one.code == code), None)

    def narrow(self, agreements, today):
        chosen = self.cleaned_data
        if self.departement is not None:
            agreements = agreements.filter(departement=self.departement)
        if chosen.get("object"):
            agreements = agreements.filter(object=chosen["object"])
        match chosen.get("state"):
            case "ending":
                return agreements.filter(ends_on__gte=today, ends_on__lte=ending_before(today))
            case "over":
                return agreements.filter(ends_on__lt=today)
            case "all":
                return agreements
        return agreements.exclude(ends_on__lt=today)
