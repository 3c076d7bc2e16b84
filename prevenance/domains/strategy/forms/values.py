"""The grid of a period: one small form a row, read together."""

from django import forms
from django.utils.translation import gettext_lazy as _

from prevenance.domains.strategy.rules import figures
from prevenance.domains.strategy.rules.values import Line


class NumberField(forms.CharField):
    """A number as the French write it, four decimals at most."""

    def __init__(self, **options):
        attrs = {"inputmode": "decimal", "autocomplete": "off"} | options.pop("attrs", {})
        super().__init__(max_length=24, widget=forms.TextInput(attrs=attrs), **options)

    def clean(self, value):
        text = super().clean(value)
        try:
            return figures.number_of(text)
        except ValueError as wrong:
            raise forms.ValidationError(str(wrong)) from wrong

    def prepare_value(self, value):
        return value if isinstance(value, str) else figures.typed(value)


class RowForm(forms.Form):
    """One row. `entry` says what it reports (analysis.followed.Entry)."""

    value = NumberField(label=_("Valeur"), required=False)
    denominator = NumberField(label=_("Rapportée à"), required=False)
    estimated = forms.BooleanField(label=_("Estimée"), required=False)
    note = forms.CharField(label=_("Précision"), max_length=300, required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data, entry):
        shown = entry.waiting
        initial = {"seen": entry.token}
        if shown is not None:
            initial |= {
                "value": shown.numerator, "denominator": shown.denominator, "estimated": shown.estimated,
                "note": shown.note,
            }  # fmt: skip
        super().__init__(data, prefix=entry.key, initial=initial)
        self.entry = entry
        if entry.indicator.nature != "ratio":
            del self.fields["denominator"]
        for name, field in self.fields.items():
            field.label = f"{field.label} – {entry.label}"
            field.widget.attrs |= {"class": "" if name == "estimated" else "fr-input", "data-column": name}

    def clean(self):
        told = super().clean()
        if told.get("value") is None and "value" not in self.errors and (told.get("denominator") or told.get("note")):
            self.add_error("value", _("La valeur manque : écrivez 0 si rien n’a été compté."))
        return told

    def line(self, starts):
        told, entry = self.cleaned_data, self.entry
        return Line(
            indicator=entry.indicator, territory=entry.territory_id, starts=starts, numerator=told["value"],
            denominator=told.get("denominator"), part=entry.part.pk if entry.part else None, sheet=entry.row.sheet_id,
            category=entry.category, estimated=told["estimated"], note=told["note"],
        )  # fmt: skip


class Grid:
    """The rows that may be typed, as forms; those that may not, as they are."""

    def __init__(self, data, entries):
        self.lines = [(entry, RowForm(data, entry) if entry.open else None) for entry in entries]
        self.forms = [form for _entry, form in self.lines if form is not None]
        self.refusals = []

    def is_valid(self):
        valid = [form.is_valid() for form in self.forms]  # every one, so that all the errors are said
        return all(valid)

    def non_form_errors(self):
        return self.refusals

    def told(self, starts):
        """(lines, tokens of what was shown)."""
        return [form.line(starts) for form in self.forms], [form.cleaned_data["seen"] for form in self.forms]


class CorrectionForm(forms.Form):
    """Another figure in place of an accepted one."""

    value = NumberField(label=_("Nouvelle valeur"))
    denominator = NumberField(label=_("Rapportée à"))
    estimated = forms.BooleanField(label=_("Estimée"), required=False)
    note = forms.CharField(
        label=_("Pourquoi"), max_length=300, required=False, help_text=_("Ce qui a été découvert. Jamais un nom.")
    )

    def __init__(self, data, value):
        initial = {
            "value": value.numerator, "denominator": value.denominator, "estimated": value.estimated,
            "note": value.note,
        }  # fmt: skip
        super().__init__(data, initial=initial)
        self.replaced = value
        if value.indicator.nature != "ratio":
            del self.fields["denominator"]

    def line(self):
        told, old = self.cleaned_data, self.replaced
        return Line(
            indicator=old.indicator, territory=old.territory_id, starts=old.starts_on, numerator=told["value"],
            denominator=told.get("denominator"), part=old.part_id, sheet=old.sheet_id, category=old.category,
            former_code=old.former_code, estimated=told["estimated"], note=told["note"],
        )  # fmt: skip


class ReturnForm(forms.Form):
    reason = forms.CharField(
        label=_("Ce qui est à revoir"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Lu par ceux qui tiennent le plan. Jamais le nom d’une personne accompagnée."),
    )  # fmt: skip
