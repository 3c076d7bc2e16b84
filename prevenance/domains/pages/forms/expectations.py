"""What the national view shows, kept in the address."""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.widgets import DateInput
from prevenance.domains.pages.analysis import WORDS, rules_on
from prevenance.engines.obligations import Answer

COLUMNS = ("departement", "code", *WORDS, "communes")  # that the table of départements may be sorted by
AHEAD = datetime.timedelta(days=366)  # a later day would show today's facts under texts that will have changed


def rules() -> Iterable[tuple[str, str]]:
    return rules_on(timezone.localdate()).items()


class ExpectationFilter(forms.Form):
    """A rule and a day. `values` always holds something usable: today and the first rule where the address is
    silent or cannot be read; the field then says why."""

    regle = forms.ChoiceField(label=_("Ce que les textes attendent"), required=False, choices=rules)
    date = forms.DateField(label=_("À la date du"), required=False, widget=DateInput)

    def __init__(self, data: Mapping[str, str]) -> None:
        given = {name: data[name] for name in self.base_fields if data.get(name)}
        super().__init__({"date": timezone.localdate().isoformat()} | given)

    def clean_date(self) -> datetime.date:
        day: datetime.date = self.cleaned_data["date"]
        if day > timezone.localdate() + AHEAD:
            raise ValidationError(_("Choisissez une date au plus tard dans un an."))
        return day

    @property
    def values(self) -> dict[str, Any]:
        self.is_valid()
        first = next(iter(rules()))[0]
        default = {"regle": first, "date": timezone.localdate()}
        return default | {name: value for name, value in self.cleaned_data.items() if value}


class DepartementsFilter(ExpectationFilter):
    """Départements of one region or of all, the answer that the map shows, and an order: a column, « - » before it
    for the largest first."""

    region = forms.ChoiceField(label=_("Région"), required=False)
    carte = forms.ChoiceField(label=_("Réponse montrée par la carte"), required=False, choices=list(WORDS.items()))
    tri = forms.ChoiceField(
        required=False,
        widget=forms.HiddenInput,
        choices=[(f"{sign}{column}", column) for sign in ("", "-") for column in COLUMNS],
    )

    def __init__(self, data: Mapping[str, str], *, regions: Iterable[tuple[str, str]]) -> None:
        super().__init__({"carte": Answer.NOT_DECLARED} | {name: data[name] for name in data})
        self.fields["region"].choices = [("", _("Toutes les régions")), *regions]


class CommunesFilter(ExpectationFilter):
    """Communes of a département that have one answer."""

    departement = forms.ChoiceField(label=_("Département"), required=False)
    reponse = forms.ChoiceField(label=_("Réponse"), required=False, choices=list(WORDS.items()))

    def __init__(self, data: Mapping[str, str], *, departements: Iterable[tuple[str, str]]) -> None:
        super().__init__({"reponse": Answer.NOT_DECLARED} | {name: data[name] for name in data})
        self.fields["departement"].choices = [("", _("Choisissez un département")), *departements]
