"""A table pasted or sent, and what its columns are."""

from django import forms
from django.utils.translation import gettext_lazy as _

from prevenance.core.documents.spreadsheet import MAX_ROWS, UnreadableTable, parse_pasted, read_table
from prevenance.core.uploads import TABLES, UploadField
from prevenance.domains.governance.rules.import_columns import LABELS


class SourceForm(forms.Form):
    """A table, pasted or as a file. After `is_valid`, `headers` and `rows` hold it; each row begins with its line."""

    most_rows = MAX_ROWS

    pasted = forms.CharField(
        label=_("Coller le tableau"), required=False, strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text=_("Dans votre tableur, sélectionnez les cellules, titres compris, copiez, puis collez ici."),
    )  # fmt: skip
    file = UploadField(
        label=_("ou envoyer un fichier"), required=False, kinds=TABLES, help_text=_("Excel, LibreOffice ou CSV.")
    )

    def clean(self):
        cleaned = super().clean()
        file, pasted = cleaned.get("file"), cleaned.get("pasted") or ""
        if self.errors:
            return cleaned
        if bool(file) == bool(pasted.strip()):
            raise forms.ValidationError(
                _("Collez un tableau ou choisissez un fichier, pas les deux.")
                if file
                else _("Collez un tableau, ou choisissez un fichier.")
            )
        try:
            most = self.most_rows
            table = read_table(file.read(), file.name, most=most) if file else parse_pasted(pasted, most=most)
        except UnreadableTable as problem:
            self.add_error("file" if file else "pasted", str(problem))
            return cleaned
        self.headers, self.rows = under_title(list(table.headers), table.numbers, [list(row) for row in table.rows])
        return cleaned


def under_title(headers, numbers, rows):
    """(headers, rows with their lines) of a sheet whose first lines are a title alone in its cell.

    Unnamed columns were given a name when the table was read: what tells a title is the emptiness of the others.
    """
    lines = [[number, *row] for number, row in zip(numbers, rows, strict=True)]
    while len(headers) > 2 and len(lines) > 1 and alone(headers) and sum(bool(cell) for cell in lines[0][1:]) > 1:
        headers, lines = (
            [str(cell) or name for cell, name in zip(lines[0][1:], generic(headers), strict=True)],
            lines[1:],
        )
    return headers, lines


def generic(headers):
    return [_("Colonne %(place)s") % {"place": place} for place in range(1, len(headers) + 1)]


def alone(headers):
    """Whether one column only has a name of its own."""
    return sum(header != name for header, name in zip(headers, generic(headers), strict=True)) == 1


class ColumnsForm(forms.Form):
    """One choice a column of the table; an empty choice ignores the column."""

    def __init__(self, draft, data=None):
        super().__init__(data, initial={f"column_{place}": field for place, field in draft.mapping.items()})
        choices = [("", _("Ignorer cette colonne")), *LABELS[draft.subject].items()]
        for place, header in enumerate(draft.headers):
            examples = [str(row[place + 1]) for row in draft.rows if place + 1 < len(row) and row[place + 1]][:3]
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=header, required=False, choices=choices, help_text=" · ".join(text[:40] for text in examples)
            )

    def clean(self):
        cleaned = super().clean()
        chosen = {}
        for name, field in list(cleaned.items()):
            if field and field in chosen:
                self.add_error(
                    name,
                    _("« %(what)s » est déjà la colonne « %(other)s » : choisissez-en une seule.")
                    % {"what": dict(self.fields[name].choices)[field], "other": self.fields[chosen[field]].label},
                )
            elif field:
                chosen[field] = name
        return cleaned

    def mapping(self):
        return {name.removeprefix("column_"): field for name, field in self.cleaned_data.items() if field}


class ConsentForm(forms.Form):
    """The number of rows that the person was shown, and agrees to write."""

    rows = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
