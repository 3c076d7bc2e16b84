"""An action sheet: what is told of it, its state, its notes, dates that slip, filters of the list."""

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from prevenance.core.text import plain, sort_key
from prevenance.core.widgets import DateInput
from prevenance.domains.strategy.actions.sheets import PLAIN, Told
from prevenance.domains.strategy.models import Sheet
from prevenance.domains.strategy.rules import sheets as rules
from prevenance.domains.strategy.rules.catalogue import words

NO_NAME = _("Jamais un nom ni des initiales d’une personne accompagnée.")
PARAGRAPHS = _("Une ligne vide sépare deux paragraphes.")
COUNTS = (("expected_girls", "expected_boys", "expected"), ("reached_girls", "reached_boys", "reached"))


def number(label, **options):
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=10_000_000, **options)


class SheetForm(forms.Form):
    """Everything that a sheet says of itself but its lines. Without `texts`, the problem and the objective are in force
    and are not asked."""

    title = forms.CharField(label=_("Intitulé"), max_length=200)
    problem = forms.CharField(
        label=_("Problème"), required=False, max_length=8000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Ce que l’on constate, où, depuis quand. ") + PARAGRAPHS,
    )  # fmt: skip
    objective = forms.CharField(
        label=_("Objectif"), required=False, max_length=8000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Ce qui aura changé à la fin. ") + PARAGRAPHS,
    )  # fmt: skip
    lead = forms.CharField(
        label=_("Pilote"), max_length=160, required=False, help_text=_("Organisme qui mène l’action.")
    )
    lead_person = forms.ChoiceField(
        label=_("Personne chargée du suivi"), required=False, help_text=_("Elle retrouve la fiche dans sa journée.")
    )
    partners = forms.CharField(
        label=_("Partenaires"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Un organisme par ligne."),
    )  # fmt: skip
    begins = forms.DateField(label=_("Début prévu"), required=False, widget=DateInput)
    ends = forms.DateField(label=_("Fin prévue"), required=False, widget=DateInput)
    age_from = number(_("Âge, de"), help_text=_("En années."))
    age_to = number(_("à"), help_text=_("En années."))
    expected_girls = number(_("Filles et femmes attendues"))
    expected_boys = number(_("Garçons et hommes attendus"))
    expected = number(_("Personnes attendues, en tout"))
    reached_girls = number(_("Filles et femmes touchées"))
    reached_boys = number(_("Garçons et hommes touchés"))
    reached = number(_("Personnes touchées, en tout"))
    audiences = forms.MultipleChoiceField(label=_("Publics"), required=False, widget=forms.CheckboxSelectMultiple)
    serves = forms.MultipleChoiceField(
        label=_("Actions de la stratégie servies"), required=False, widget=forms.CheckboxSelectMultiple
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, data=None, *, actions, people, organisations=(), texts=True, **options):
        """`actions` of the plan's strategy, `people` who may be asked, `organisations` to suggest by name."""
        super().__init__(data, **options)
        self.initial.setdefault("key", uuid.uuid4())
        self.actions = {str(action.pk): action for action in actions}
        self.people = {str(person.pk): person for person in people}
        self.suggestions = [organisation.name for organisation in organisations]
        self.fields["serves"].choices = [(key, str(action)) for key, action in self.actions.items()]
        self.fields["audiences"].choices = list(words()["audiences"].items())
        self.fields["lead_person"].choices = [
            ("", _("Personne pour l’instant")), *((key, person.name) for key, person in self.people.items())
        ]  # fmt: skip
        if self.suggestions:
            self.fields["lead"].widget.attrs["list"] = "organismes"
        if not texts:
            del self.fields["problem"], self.fields["objective"]

    def clean(self):
        cleaned = super().clean()
        begins, ends = cleaned.get("begins"), cleaned.get("ends")
        if begins and ends and ends < begins:
            self.add_error("ends", _("Une action ne peut finir avant d’avoir commencé."))
        low, high = cleaned.get("age_from"), cleaned.get("age_to")
        if low is not None and high is not None and high < low:
            self.add_error("age_to", _("L’âge le plus haut vient en second."))
        for name in ("age_from", "age_to"):
            if (cleaned.get(name) or 0) > 120:
                self.add_error(name, _("Un âge se compte en années."))
        for girls, boys, total in COUNTS:
            add_up(self, cleaned, girls, boys, total)
        for name in cleaned.get("partners", "").splitlines():
            if len(name.strip()) > 160:
                self.add_error("partners", _("Un nom d’organisme dépasse 160 caractères : un organisme par ligne."))
        return cleaned

    def served(self):
        """[(measure, its boxes, whether one is ticked)], for the screen."""
        groups = {}
        chosen = {str(value) for value in (self["serves"].value() or ())}
        for action, box in zip(self.actions.values(), self["serves"], strict=True):
            group = groups.setdefault(action.measure_id, {"measure": action.measure, "boxes": [], "ticked": 0})
            group["boxes"].append(box)
            group["ticked"] += str(action.pk) in chosen
        return list(groups.values())

    def told(self):
        values = self.cleaned_data
        partners = {plain(name): name.strip() for name in values["partners"].splitlines() if name.strip()}
        return Told(
            title=values["title"], problem=values.get("problem"), objective=values.get("objective"),
            audiences=values["audiences"], lead=values["lead"], lead_person=self.people.get(values["lead_person"]),
            partners=list(partners.values()), serves=[self.actions[key] for key in values["serves"]],
            values={name: values[name] for name in PLAIN},
        )  # fmt: skip


def add_up(form, cleaned, girls, boys, total):
    """Both told and no total: it is their sum. A total smaller than its parts is asked again."""
    one, other, every = cleaned.get(girls), cleaned.get(boys), cleaned.get(total)
    if one is not None and other is not None and every is None:
        cleaned[total] = one + other
    elif every is not None and (one or 0) + (other or 0) > every:
        form.add_error(total, _("Le total est plus petit que ses parties : vérifiez les nombres."))


class MoveForm(forms.Form):
    """The state that a sheet takes, and why."""

    state = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Motif"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Il reste dans l’histoire de la fiche. ") + NO_NAME,
    )  # fmt: skip


class NoteForm(forms.Form):
    text = forms.CharField(
        label=_("Ce qui a avancé"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Une note ne se réécrit pas. ") + NO_NAME,
    )  # fmt: skip


class ShiftForm(forms.Form):
    """Which sheets slip, by how many days."""

    days = forms.IntegerField(
        label=_("Décaler de (jours)"), min_value=-1500, max_value=1500,
        help_text=_("Un nombre négatif avance les dates."),
    )  # fmt: skip
    sheets = forms.MultipleChoiceField(label=_("Fiches"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, data=None, *, sheets, **options):
        super().__init__(data, **options)
        self.fields["sheets"].choices = [
            (str(sheet.pk), _("%(number)d. %(title)s") % {"number": sheet.number, "title": sheet.title})
            for sheet in sheets
        ]

    def clean_days(self):
        days = self.cleaned_data["days"]
        if not days:
            raise forms.ValidationError(_("Dites de combien de jours les dates changent."))
        return days


class ShiftReasonForm(forms.Form):
    """Why, asked beside the preview."""

    reason = forms.CharField(
        label=_("Motif"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Il est noté dans chaque fiche. ") + NO_NAME,
    )  # fmt: skip
    seen = forms.CharField(widget=forms.HiddenInput)


class SheetFilters(forms.Form):
    """Filters in the address. What is not understood is left out rather than refused: an address may be old."""

    q = forms.CharField(label=_("Intitulé contenant"), required=False, max_length=80)
    state = forms.ChoiceField(label=_("État"), required=False)
    measure = forms.ChoiceField(label=_("Mesure"), required=False)
    lead = forms.ChoiceField(label=_("Pilote"), required=False)
    late = forms.BooleanField(label=_("En retard"), required=False)

    def __init__(self, data, *, measures, leads):
        """`measures` are those that sheets of the plan serve, `leads` the organisations that lead one."""
        super().__init__(data)
        self.fields["state"].choices = [("", _("Tous")), *Sheet.State.choices]
        self.fields["measure"].choices = [("", _("Toutes")), *((str(key), label) for key, label in measures)]
        self.fields["lead"].choices = [("", _("Tous")), *((str(key), label) for key, label in leads)]
        for name, choices in (("measure", measures), ("lead", leads)):
            if not choices:
                del self.fields[name]

    def narrow(self, sheets):
        self.is_valid()
        chosen = self.cleaned_data
        if chosen.get("q"):
            sheets = sheets.filter(sort_title__contains=sort_key(chosen["q"]))
        if chosen.get("state"):
            sheets = sheets.filter(state=chosen["state"])
        if chosen.get("measure"):
            sheets = sheets.filter(serves__measure=chosen["measure"]).distinct()
        if chosen.get("lead"):
            sheets = sheets.filter(lead=chosen["lead"])
        return sheets.filter(rules.late_sheets()) if chosen.get("late") else sheets
