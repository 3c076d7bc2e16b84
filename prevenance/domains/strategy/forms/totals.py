"""Which indicators are listed, and which totals are looked at."""

from django import forms
from django.utils.translation import gettext_lazy as _

from prevenance.domains.strategy.analysis.series import targets_of
from prevenance.domains.strategy.models import Indicator
from prevenance.domains.strategy.rules.indicators import REPORTING, SIZES
from prevenance.domains.territories.models import Territory


class IndicatorFilters(forms.Form):
    q = forms.CharField(label=_("Intitulé contient"), required=False)
    level = forms.ChoiceField(
        label=_("Niveau de collecte"), required=False, choices=[("", _("Tous")), *Indicator.Level.choices]
    )
    period = forms.ChoiceField(
        label=_("Période"), required=False, choices=[("", _("Toutes")), *Indicator.Period.choices]
    )

    def narrow(self, rows):
        self.is_valid()
        told = self.cleaned_data
        if told.get("q"):
            rows = rows.filter(label__icontains=told["q"])
        for name in ("level", "period"):
            if told.get(name):
                rows = rows.filter(**{name: told[name]})
        return rows


class TotalsForm(forms.Form):
    """Level, length of the period, and whether only inside the territory acted in. What is not asked has a default."""

    niveau = forms.ChoiceField(label=_("Niveau"), required=False)
    duree = forms.ChoiceField(label=_("Durée"), required=False)
    ou = forms.ChoiceField(label=_("Où"), required=False)

    def __init__(self, data, *, indicator, actor):
        smallest = min(SIZES.index(kind) for kind in REPORTING[indicator.level])
        kinds = [kind for kind in SIZES[smallest:] if kind != Territory.Kind.EPT]
        lengths, here = targets_of(indicator), actor.scope_kind != "nation"
        places = [("ici", _("Dans %(where)s") % {"where": actor.scope_label}), ("partout", _("Partout en France"))]
        default = {
            "niveau": "departement" if "departement" in kinds else kinds[0], "duree": lengths[0], "ou": "partout",
        }  # fmt: skip
        super().__init__({name: data.get(name) or value for name, value in default.items()})
        self.fields["niveau"].choices = [(kind, Territory.Kind(kind).label) for kind in kinds]
        self.fields["duree"].choices = [(kind, Indicator.Period(kind).label) for kind in lengths]
        self.fields["ou"].choices = places if here else places[1:]
        self.is_valid()
        told = {name: self.cleaned_data.get(name) or value for name, value in default.items()}
        self.level, self.target, self.here = told["niveau"], told["duree"], told["ou"] == "ici"
