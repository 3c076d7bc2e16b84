"""A plan, its end, the filters of the list of plans."""

from django import forms
from django.utils.translation import gettext_lazy as _

from prevenance.core.text import plain
from prevenance.core.widgets import DateInput
from prevenance.domains.strategy.actions.plans import Told
from prevenance.domains.strategy.models import Plan
from prevenance.domains.strategy.rules.plan_kinds import latest


class PlanForm(forms.Form):
    """`kind` is a rules.plan_kinds.PlanKind; `parents` and `councils` are what may be chosen."""

    title = forms.CharField(
        label=_("Intitulé"), max_length=200, help_text=_("Tel que l’acte le nommera, par exemple avec ses années.")
    )
    begins = forms.DateField(label=_("Premier jour prévu"), widget=DateInput)
    ends = forms.DateField(label=_("Dernier jour prévu"), widget=DateInput)
    council = forms.ChoiceField(
        label=_("Conseil qui le porte"), required=False,
        help_text=_("Sa coordination prépare le plan avec vous ; son avis sera demandé avant la signature."),
    )  # fmt: skip
    parent = forms.ChoiceField(label=_("Plan dont il relève"), required=False)
    compatibility = forms.CharField(
        label=_("En quoi il est compatible avec ce plan"), max_length=1000, required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data=None, *, kind, parents, councils=(), plan=None, **options):
        super().__init__(data, **options)
        self.parents = {str(one.pk): one for one in parents}
        self.councils = {str(one.pk): one for one in councils}
        self.fields["parent"].choices = [
            ("", _("Aucun")),
            *((key, f"{one.title} ({one.territory.name})") for key, one in self.parents.items()),
        ]
        self.fields["council"].choices = [
            ("", _("Aucun")), *((key, one.name) for key, one in self.councils.items())
        ]  # fmt: skip
        if plan is not None or not councils:
            del self.fields["council"]
        if not kind.parents:
            del self.fields["parent"]
            del self.fields["compatibility"]
        elif kind.says_compatibility:
            self.fields["compatibility"].help_text = _("Fondement : %(article)s.") % {"article": kind.article}
        if plan is not None and plan.in_force_from is not None:
            for name in ("title", "begins", "ends"):
                self.fields[name].disabled = True
                self.fields[name].help_text = _("Celui de l’acte : il ne change plus.")

    def clean(self):
        values = super().clean()
        begins, ends = values.get("begins"), values.get("ends")
        if begins and ends and ends < begins:
            self.add_error("ends", _("Le dernier jour prévu précède le premier."))
        return values

    def told(self):
        values = self.cleaned_data
        return Told(
            title=values["title"], begins=values["begins"], ends=values["ends"],
            parent=self.parents.get(values.get("parent", "")), compatibility=values.get("compatibility", ""),
            council=self.councils.get(values.get("council", "")),
        )  # fmt: skip


class EndForm(forms.Form):
    on = forms.DateField(label=_("Dernier jour du plan"), widget=DateInput)


class PlanFilters(forms.Form):
    """Filters in the address. What is not understood is left out rather than refused: an address may be old."""

    q = forms.CharField(label=_("Mots de l’intitulé"), required=False, max_length=80)
    kind = forms.ChoiceField(label=_("Nature"), required=False)
    state = forms.ChoiceField(label=_("État"), required=False)

    def __init__(self, data):
        super().__init__(data)
        self.fields["kind"].choices = [("", _("Toutes")), *((key, kind.short) for key, kind in latest().items())]
        self.fields["state"].choices = [
            ("", _("En préparation ou en vigueur")), *Plan.State.choices, ("all", _("Tous")),
        ]  # fmt: skip

    def narrow(self, plans):
        self.is_valid()
        words, kind = plain(self.cleaned_data.get("q") or ""), self.cleaned_data.get("kind")
        state = self.cleaned_data.get("state")
        for word in words.split():
            plans = plans.filter(sort_title__contains=word)
        if kind:
            plans = plans.filter(kind=kind)
        if state in Plan.State.values:
            return plans.in_state(state)
        return plans if state == "all" else plans.going_on()


class DayForm(forms.Form):
    """The day whose text is read."""

    le = forms.DateField(label=_("Texte en vigueur le"), widget=DateInput, required=False)
