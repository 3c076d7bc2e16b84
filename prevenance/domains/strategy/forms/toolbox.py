"""The sheets of the toolbox: searched, written, taken up into a plan."""

import re

from django import forms
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from prevenance.domains.strategy.actions.toolbox import Tool
from prevenance.domains.strategy.models import ToolEvidence, ToolSheet
from prevenance.domains.strategy.rules.catalogue import words

Level = ToolEvidence.Level
STEP = 200  # characters: what a step of an action sheet holds


class ToolFilters(forms.Form):
    q = forms.CharField(
        label=_("Ce que vous cherchez"), required=False, max_length=200,
        help_text=_("Quelques mots : « nuit bruit », « collège exclusion »…"),
    )  # fmt: skip
    public = forms.ChoiceField(label=_("Public"), required=False)
    mesure = forms.ChoiceField(label=_("Mesure"), required=False)
    preuve = forms.ChoiceField(label=_("Ce que l’on en sait"), required=False)
    etat = forms.ChoiceField(label=_("État"), required=False)

    def __init__(self, data, *, measures, keeps):
        super().__init__(data)
        self.fields["public"].choices = [("", _("Tous")), *words()["audiences"].items()]
        self.fields["mesure"].choices = [("", _("Toutes")), *((str(measure.pk), str(measure)) for measure in measures)]
        known = [(level.value, level.label) for level in Level if level != Level.UNKNOWN]
        self.fields["preuve"].choices = [("", _("Indifférent")), *known]
        self.fields["etat"].choices = [("", _("Tous")), *ToolSheet.State.choices]
        if not keeps:
            del self.fields["etat"]
        self.is_valid()

    def narrow(self, tools):
        """The sheets that the choices keep; what is searched is not applied here."""
        asked = self.cleaned_data
        if public := asked.get("public"):
            tools = tools.filter(audiences__contains=[public])
        if measure := asked.get("mesure"):
            tools = tools.filter(serves__measure=measure).distinct()
        if level := asked.get("preuve"):
            tools = tools.filter(evidence__level=level).distinct()
        if state := asked.get("etat"):
            tools = tools.filter(state=state)
        return tools


class ToolForm(forms.Form):
    title = forms.CharField(label=_("Intitulé"), max_length=160)
    problem = forms.CharField(
        label=_("Problème"), max_length=4000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Ce qui se passe, pour qui, où. Jamais un nom."),
    )  # fmt: skip
    audience = forms.CharField(label=_("Public"), max_length=300)
    audiences = forms.MultipleChoiceField(
        label=_("Publics de la stratégie"), required=False, widget=forms.CheckboxSelectMultiple
    )
    steps = forms.CharField(
        label=_("Étapes"), widget=forms.Textarea(attrs={"rows": 8}), help_text=_("Une par ligne, dans l’ordre.")
    )
    partners = forms.CharField(
        label=_("Partenaires"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    serves = forms.CharField(
        label=_("Actions de la stratégie servies"), required=False, max_length=300,
        help_text=_("Leurs numéros, séparés par des virgules : 23.1, 23.2."),
    )  # fmt: skip
    cost_low = forms.IntegerField(
        label=_("Coût, à partir de (euros)"), required=False, min_value=0, max_value=2_000_000_000,
        help_text=_("Laissez vide si personne ne le sait : la fiche dira « inconnu »."),
    )  # fmt: skip
    cost_high = forms.IntegerField(label=_("Jusqu’à (euros)"), required=False, min_value=0, max_value=2_000_000_000)
    cost_unit = forms.CharField(
        label=_("Par"), required=False, max_length=60, help_text=_("An, séance, poste, jeune accueilli…")
    )
    cost_note = forms.CharField(label=_("Ce que le coût comprend"), required=False, max_length=300)
    contact = forms.CharField(
        label=_("Contact"), required=False, max_length=200,
        help_text=_("Un service ou une structure que l’on peut joindre, pas une personne."),
    )  # fmt: skip
    source = forms.CharField(label=_("Source"), max_length=300, help_text=_("D’où vient cette manière d’agir."))
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data=None, *, actions, **options):
        """`actions`: {number: action} of the strategy that the sheet speaks of."""
        super().__init__(data, **options)
        self.known_actions = actions
        self.fields["audiences"].choices = list(words()["audiences"].items())
        for heading in ToolEvidence.Heading:
            # Each label says its heading: read alone, or in the list of errors, it is understood.
            said = {"heading": heading.label}
            self.fields[f"{heading}_level"] = forms.ChoiceField(
                label=now("%(heading)s : niveau de preuve") % said, choices=Level.choices, initial=Level.UNKNOWN
            )
            self.fields[f"{heading}_text"] = forms.CharField(
                label=now("%(heading)s : ce que l’on sait") % said, required=False, max_length=600,
                widget=forms.Textarea(attrs={"rows": 3}),
            )  # fmt: skip
            self.fields[f"{heading}_source"] = forms.CharField(
                label=now("%(heading)s : source") % said, required=False, max_length=300
            )

    @property
    def description(self):
        """The fields that are not about evidence, in order."""
        told = {f"{heading}_{part}" for heading in ToolEvidence.Heading for part in ("level", "text", "source")}
        return [bound for bound in self if bound.name not in told]

    @property
    def evidence(self):
        """(label of the heading, its three fields)."""
        return [
            (heading.label, [self[f"{heading}_{part}"] for part in ("level", "text", "source")])
            for heading in ToolEvidence.Heading
        ]

    def clean_steps(self):
        steps = [step for line in self.cleaned_data["steps"].splitlines() if (step := line.strip())]
        if long := next((step for step in steps if len(step) > STEP), ""):
            raise forms.ValidationError(
                _("« %(step)s… » dépasse 200 caractères : coupez cette étape en deux."), params={"step": long[:40]}
            )
        return steps

    def clean_serves(self):
        numbers = [number for number in re.split(r"[\s,;]+", self.cleaned_data["serves"]) if number]
        if unknown := [number for number in numbers if number not in self.known_actions]:
            raise forms.ValidationError(
                _("Numéro inconnu de la stratégie : %(numbers)s."), params={"numbers": ", ".join(unknown)}
            )
        return [self.known_actions[number] for number in dict.fromkeys(numbers)]

    def clean(self):
        values = super().clean()
        low, high = values.get("cost_low"), values.get("cost_high")
        if low is not None and high is not None and high < low:
            self.add_error("cost_high", _("Le plus haut coût ne peut pas être sous le plus bas."))
        for heading in ToolEvidence.Heading:
            if values.get(f"{heading}_level", Level.UNKNOWN) == Level.UNKNOWN:
                continue
            for part in ("text", "source"):
                if not values.get(f"{heading}_{part}"):
                    self.add_error(
                        f"{heading}_{part}",
                        _("« %(heading)s » : dites ce que l’on sait et sa source, ou répondez « Inconnu ».")
                        % {"heading": heading.label},
                    )
        return values

    def told(self):
        values = self.cleaned_data
        names = (
            "title", "problem", "audience", "audiences", "steps", "partners", "serves", "cost_low", "cost_high",
            "cost_unit", "cost_note", "contact", "source",
        )  # fmt: skip
        evidence = {
            heading.value: {part: values[f"{heading}_{part}"] for part in ("level", "text", "source")}
            for heading in ToolEvidence.Heading
        }
        return Tool(**{name: values[name] for name in names}, evidence=evidence)


class AdoptForm(forms.Form):
    amendment = forms.ChoiceField(label=_("Dans quel texte en préparation"), widget=forms.RadioSelect)

    def __init__(self, data=None, *, drafts):
        super().__init__(data)
        self.drafts = {str(draft.pk): draft for draft in drafts}
        self.fields["amendment"].choices = [
            (key, f"{draft.plan.title} – {draft}") for key, draft in self.drafts.items()
        ]
        if len(self.drafts) == 1:
            self.fields["amendment"].initial = next(iter(self.drafts))

    def chosen(self):
        return self.drafts[self.cleaned_data["amendment"]]
