"""A reporting circuit: which one, a step of it, the day when it begins or ends, what a list is narrowed to."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.widgets import DateInput
from prevenance.domains.directory.models import Service, Structure, numbers_on
from prevenance.domains.directory.models.circuits import bases_on, circuit_list
from prevenance.domains.directory.rules.circuits import Step

FOUND = 20  # services, then structures, that words bring; more words narrow them


def choices(name, empty):
    return lambda: [("", empty), *circuit_list(name).items()]


class CircuitForm(forms.Form):
    departement = forms.ChoiceField(label=_("Département"))
    situation = forms.ChoiceField(label=_("Situation"), choices=choices("situations", _("Choisissez")))
    people = forms.ChoiceField(label=_("Personne concernée"), choices=choices("people", _("Choisissez")))

    def __init__(self, data=None, *, departements, **options):
        super().__init__(data, **options)
        self.departements = {one.code: one for one in departements}
        self.fields["departement"].choices = [(one.code, f"{one.name} ({one.code})") for one in departements]

    def told(self):
        values = self.cleaned_data
        return {
            "departement": self.departements[values["departement"]], "situation": values["situation"],
            "people": values["people"],
        }  # fmt: skip


class StepForm(forms.Form):
    """One list holds institutions, national numbers and what the words typed bring from the directory."""

    who = forms.ChoiceField(label=_("Qui signale"))
    words = forms.CharField(
        label=_("Mots pour chercher dans l’annuaire"), max_length=100, required=False,
        help_text=_("Un service ou une structure : tapez son nom, puis « Chercher dans l’annuaire »."),
    )  # fmt: skip
    whom = forms.ChoiceField(label=_("Qui est prévenu"))
    means = forms.ChoiceField(label=_("Par quel moyen"), choices=choices("means", _("Choisissez")))
    delay = forms.ChoiceField(label=_("Dans quel délai"), choices=choices("delays", _("Choisissez")))
    basis = forms.ChoiceField(label=_("Texte"), required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data=None, *, actor, circuit, steps, step=None, **options):
        super().__init__(data, **options)
        self.actor, self.circuit = actor, circuit
        self.steps = {one.pk: one for one in steps if step is None or one.rank < step.rank}
        self.fields["who"].choices = self.tellers()
        self.found = self.places()
        self.fields["whom"].choices = self.ones_told()
        today = timezone.localdate()
        self.fields["basis"].choices = [
            ("", _("Aucun texte particulier")), *((one.key, f"{one.text} : {one.says}") for one in bases_on(today))
        ]  # fmt: skip

    def tellers(self):
        groups = [("", _("Choisissez")), (_("Un professionnel"), [
            (f"who:{key}", label) for key, label in circuit_list("professionals").items()
        ])]  # fmt: skip
        if self.steps:
            after = [(f"after:{one.pk}", f"{one.rank}. {one.told_label}") for one in self.steps.values()]
            groups.append((_("Qui a été prévenu à l’étape"), after))
        return groups

    def places(self):
        """{choice: service or structure} that the words bring, and what is chosen already."""
        words = (self["words"].value() or "").strip()
        chosen = self["whom"].value() or ""
        found = {}
        services = Service.objects.visible_to(self.actor).open().near(self.circuit.departement)
        structures = Structure.objects.visible_to(self.actor).filter(
            closed_on=None, commune__containers__container=self.circuit.departement_id
        )
        if words:
            for service in services.matching(words).order_by("sort_name", "pk")[:FOUND]:
                found[f"service:{service.pk}"] = service
            for structure in structures.matching(words).order_by("sort_name", "pk")[:FOUND]:
                found[f"structure:{structure.pk}"] = structure
        kind, _colon, pk = chosen.partition(":")
        if chosen not in found and pk.isdecimal() and kind in ("service", "structure"):
            kept = (services if kind == "service" else structures).filter(pk=pk).first()
            if kept is not None:
                found[chosen] = kept
        return found

    def ones_told(self):
        today = timezone.localdate()
        groups = [
            ("", _("Choisissez")),
            (_("Institutions"), [(f"institution:{k}", label) for k, label in circuit_list("institutions").items()]),
            (_("Numéros nationaux"), [(f"number:{n.key}", f"{n.name}, {n.shown}") for n in numbers_on(today)]),
        ]
        if self.found:
            groups.insert(1, (_("Annuaire"), [(choice, one.name) for choice, one in self.found.items()]))
        return groups

    def told(self):
        values = self.cleaned_data
        kind, _colon, word = values["whom"].partition(":")
        teller, _colon, who = values["who"].partition(":")
        whom = {kind: self.found[values["whom"]] if kind in ("service", "structure") else word}
        said = {"who": who} if teller == "who" else {"after": self.steps[int(who)]}
        return Step(means=values["means"], delay=values["delay"], basis=values["basis"], **said, **whom)


def values_of(step):
    """What the form shows of a step."""
    who = f"after:{step.after_id}" if step.after_id else f"who:{step.who}"
    return {"who": who, "whom": step.told, "means": step.means, "delay": step.delay, "basis": step.basis}


class DayForm(forms.Form):
    on = forms.DateField(label=_("À partir du"), widget=DateInput)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)


class CircuitFilters(forms.Form):
    """Filters in the address; what is not understood is left out."""

    STATES = [("", _("En vigueur")), ("draft", _("En préparation")), ("all", _("Toutes les versions"))]

    departement = forms.ChoiceField(label=_("Département"), required=False)
    situation = forms.ChoiceField(label=_("Situation"), required=False, choices=choices("situations", _("Toutes")))
    people = forms.ChoiceField(label=_("Personne concernée"), required=False, choices=choices("people", _("Toutes")))
    state = forms.ChoiceField(label=_("Version"), required=False, choices=STATES)

    def __init__(self, data, *, departements, drafts):
        super().__init__(data)
        self.fields["departement"].choices = [
            ("", _("Tous les miens")), *((one.code, f"{one.name} ({one.code})") for one in departements)
        ]  # fmt: skip
        if len(departements) < 2:
            del self.fields["departement"]
        if not drafts:
            self.fields["state"].choices = [one for one in self.STATES if one[0] != "draft"]

    def narrow(self, circuits):
        self.is_valid()
        chosen = self.cleaned_data
        for name, path in (("departement", "departement__code"), ("situation", "situation"), ("people", "people")):
            if chosen.get(name):
                circuits = circuits.filter(**{path: chosen[name]})
        match chosen.get("state"):
            case "draft":
                return circuits.filter(valid_from=None)
            case "all":
                return circuits
        # What begins later is already to be known.
        return circuits.in_force() | circuits.filter(valid_from__gt=timezone.localdate())
