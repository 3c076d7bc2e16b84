"""A body of a council, and the controller's record."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.widgets import DateInput
from prevenance.domains.governance.actions.bodies import Described
from prevenance.domains.governance.actions.controllers import Record
from prevenance.domains.governance.models import Body
from prevenance.domains.governance.rules.kinds import themes


class BodyForm(forms.Form):
    kind = forms.ChoiceField(label=_("Formation"))
    name = forms.CharField(
        label=_("Nom du groupe"), max_length=160, help_text=_("Jamais le nom d’une personne ni d’une famille.")
    )
    theme = forms.ChoiceField(label=_("Thème"), required=False)
    purpose = forms.CharField(
        label=_("Objet"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Ce que le groupe fait, en une ou deux phrases."),
    )  # fmt: skip
    areas = forms.ModelMultipleChoiceField(
        label=_("Communes concernées"), queryset=None, required=False,
        widget=forms.CheckboxSelectMultiple, help_text=_("Aucune cochée : tout le territoire du conseil."),
    )  # fmt: skip
    meetings_per_year = forms.IntegerField(label=_("Réunions par an"), required=False, min_value=1, max_value=52)

    def __init__(self, data=None, *, kinds, areas, **options):
        """`kinds` are those that may be opened; a body that exists keeps its own. `areas` are a CISPD's communes."""
        super().__init__(data, **options)
        self.fields["kind"].choices = [(kind, Body.Kind(kind).label) for kind in kinds]
        if len(kinds) == 1:
            self.fields["kind"].widget = forms.HiddenInput()
            self.fields["kind"].initial = kinds[0]
        self.fields["theme"].choices = [("", _("Sans thème")), *themes().items()]
        self.fields["areas"].queryset = areas
        if not areas:
            del self.fields["areas"]

    def described(self):
        values = {name: value for name, value in self.cleaned_data.items() if name != "kind"}
        return Described(**{**values, "areas": list(values.get("areas", ()))})


class ControllerForm(forms.Form):
    HOSTED = [("", _("À préciser")), ("no", _("Non, chez nous")), ("yes", _("Oui, chez un autre organisme"))]

    basis = forms.CharField(
        label=_("Fondement de la compétence"), max_length=300, required=False,
        help_text=_(
            "Pour une commune : les pouvoirs du maire (CSI L132-1 et L132-4). "
            "Une intercommunalité énonce le sien : statuts, délibération."
        ),
    )  # fmt: skip
    officer_name = forms.CharField(label=_("Délégué à la protection des données"), max_length=160, required=False)
    officer_email = forms.EmailField(label=_("Adresse électronique du délégué"), required=False)
    register_reference = forms.CharField(
        label=_("Référence au registre des traitements"), max_length=80, required=False
    )
    registered_on = forms.DateField(label=_("Inscrit au registre le"), required=False, widget=DateInput)
    impact_assessed_on = forms.DateField(
        label=_("Analyse d’impact achevée le"), required=False, widget=DateInput,
        help_text=_("Analyse d’impact relative à la protection des données (AIPD)."),
    )  # fmt: skip
    hosted_elsewhere = forms.ChoiceField(
        label=_("Les données sont-elles hébergées par un autre organisme ?"), choices=HOSTED, required=False
    )
    host_name = forms.CharField(label=_("Nom de l’hébergeur"), max_length=160, required=False)
    processor_agreement_on = forms.DateField(
        label=_("Contrat de sous-traitance signé le"), required=False, widget=DateInput,
        help_text=_("Seulement si un autre organisme héberge."),
    )  # fmt: skip
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def clean(self):
        cleaned, today = super().clean(), timezone.localdate()
        for name in ("registered_on", "impact_assessed_on", "processor_agreement_on"):
            if cleaned.get(name) and cleaned[name] > today:
                self.add_error(name, _("Cette date est à venir : inscrivez-la une fois passée."))
        return cleaned

    def record(self):
        values = {name: value for name, value in self.cleaned_data.items() if name != "seen"}
        return Record(**{**values, "hosted_elsewhere": {"yes": True, "no": False}.get(values["hosted_elsewhere"])})


def values_of(controller):
    """What the form shows of a record, or of none."""
    if controller is None:
        return {"seen": 0}
    names = [name for name in ControllerForm.base_fields if name != "seen"]
    hosted = {True: "yes", False: "no", None: ""}[controller.hosted_elsewhere]
    return {name: getattr(controller, name) for name in names} | {"hosted_elsewhere": hosted, "seen": controller.edit}
