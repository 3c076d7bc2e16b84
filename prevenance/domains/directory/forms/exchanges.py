"""Files that come in, and what is asked to go out."""

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from prevenance.core.uploads import TooLarge
from prevenance.domains.directory.models import Exchange
from prevenance.domains.directory.rules.exchanges import words
from prevenance.domains.territories.forms import TerritoryField

ACCEPTED = ".json,.csv,.zip,.gz"


class RecordsField(forms.FileField):
    """A file of data.inclusion. What it holds is read later, by the job, which says what is wrong with each row."""

    def __init__(self, **options):
        widget = forms.ClearableFileInput(attrs={"accept": ACCEPTED})
        super().__init__(required=False, widget=widget, allow_empty_file=True, **options)

    def to_python(self, data):
        if isinstance(data, TooLarge):
            raise forms.ValidationError(
                _("Ce fichier dépasse %(most)d Mo. Compressez-le en .zip ou .gz, ou partagez-le par département."),
                params={"most": words()["most_megabytes"]},
            )
        if data and not data.name.lower().endswith(tuple(ACCEPTED.split(","))):
            raise forms.ValidationError(_("Envoyez un fichier JSON ou CSV, tel quel ou compressé en .zip ou .gz."))
        return super().to_python(data)


class ImportForm(forms.Form):
    source = forms.CharField(
        label=_("Source"), max_length=60,
        help_text=_("Le producteur, comme il est écrit dans le champ « source » du fichier. Exemple : dora."),
    )  # fmt: skip
    structures = RecordsField(label=_("Fichier des structures"))
    services = RecordsField(
        label=_("Fichier des services"), help_text=_("Seul, il se rattache aux structures déjà reçues de cette source.")
    )

    def clean_source(self):
        source = self.cleaned_data["source"].strip()
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", source):
            raise forms.ValidationError(_("Une source s’écrit en minuscules, sans accent ni espace."))
        return source

    def clean(self):
        values = super().clean()
        if not self.errors and not self.files_given():
            self.add_error("structures", _("Choisissez au moins un fichier."))
        return values

    def files_given(self):
        return {kind: self.cleaned_data[kind] for kind in ("structures", "services") if self.cleaned_data.get(kind)}


class ExportForm(forms.Form):
    territory = TerritoryField(label=_("Territoire"), required=False, help_text=_("Vide : toute la France."))
    source = forms.CharField(label=_("Source"), max_length=60, required=False, help_text=_("Vide : toutes."))
    format = forms.ChoiceField(label=_("Format"), choices=Exchange.Format.choices, initial="json")
