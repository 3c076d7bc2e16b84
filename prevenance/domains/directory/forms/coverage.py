"""What is looked at of coverage, a post that one tries, how many to place, the name of a what-if."""

from itertools import groupby

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from prevenance.domains.directory.models import closed_list, kind_choices
from prevenance.domains.directory.rules.coverage import Post, post_of, terms_on

ASKED = ("kind", "need", "audience", "language")
SCENARIOS = ("a", "b")


def bands():
    return [(str(band), _("%(band)d minutes") % {"band": band}) for band in terms_on(timezone.localdate()).bands]


def by_indicator(series):
    """Groups of choices, one an indicator, the latest year first."""
    groups = groupby(series, lambda one: one.indicator)
    return [(indicator, [(str(one.pk), str(one)) for one in some]) for indicator, some in groups]


class CoverageFilters(forms.Form):
    """In the address. What is not understood is left out; without a département, the one acted in."""

    departement = forms.ChoiceField(label=_("Département"), required=False)
    kind = forms.ChoiceField(label=_("Nature"), required=False, choices=lambda: [("", _("Toutes")), *kind_choices()])
    need = forms.ChoiceField(
        label=_("Victimes de"), required=False, choices=lambda: [("", _("Tout")), *closed_list("needs").items()]
    )
    audience = forms.ChoiceField(
        label=_("Public"), required=False, choices=lambda: [("", _("Tous")), *closed_list("publics").items()]
    )
    language = forms.ChoiceField(
        label=_("Langue"), required=False,
        choices=lambda: [
            ("", _("Français")), ("lsf", _("Langue des signes française")), *closed_list("languages").items()
        ],
    )  # fmt: skip
    within = forms.ChoiceField(label=_("À plus de"), required=False, choices=bands)
    weight = forms.ChoiceField(label=_("Communes pesées par"), required=False)

    def __init__(self, data, *, departements, own, series):
        """`departements`: territories; `own` is the code of the one acted in, or nothing; `series`: of recorded
        victims, not asked for when there is none."""
        default = {"departement": own, "within": str(terms_on(timezone.localdate()).bands[1])}
        super().__init__({name: data.get(name) or default.get(name, "") for name in self.base_fields})
        empty = [] if own else [("", _("Choisissez"))]
        self.fields["departement"].choices = empty + [(one.code, f"{one.name} ({one.code})") for one in departements]
        if series:
            self.fields["weight"].choices = [("", _("Leurs habitants")), *by_indicator(series)]
        else:
            del self.fields["weight"]
        self.is_valid()
        told = {name: self.cleaned_data.get(name) or default.get(name, "") for name in self.base_fields}
        self.departement = next((one for one in departements if one.code == told["departement"]), None)
        self.asked = {name: told[name] for name in ASKED}
        self.series = next((one for one in series if str(one.pk) == told["weight"]), None)
        self.within = int(told["within"])
        self.told = told | {"within": str(self.within)}

    def address(self, **more):
        """The filters, and what else, as the end of an address; lists give one part each."""
        return "?" + urlencode({name: value for name, value in (self.told | more).items() if value}, doseq=True)


class PostForm(forms.Form):
    """One post more: in a commune of the list, or at a point of the map."""

    into = forms.ChoiceField(label=_("Dans"), choices=[("a", _("L’essai A")), ("b", _("L’essai B"))])
    commune = forms.ChoiceField(label=_("Commune"), required=False)
    point = forms.CharField(
        label=_("Ou point de la carte"), required=False, max_length=40,
        help_text=_("Latitude, longitude. Un clic sur la carte le remplit."),
        error_messages={"invalid": _("Écrivez deux nombres, par exemple 45.434, 4.390.")},
    )  # fmt: skip
    hours = forms.DecimalField(
        label=_("Heures par semaine"), min_value=1, decimal_places=2, initial=7,
        help_text=_("Toutes personnes confondues."),
    )  # fmt: skip

    def __init__(self, data=None, *, communes, most_hours, **options):
        super().__init__(data, **options)
        self.fields["commune"].choices = [("", _("Choisissez")), *((one.code, one.name) for one in communes)]
        self.fields["hours"].max_value = most_hours
        self.fields["hours"].widget.attrs["max"] = most_hours
        self.most_hours = most_hours

    def clean_hours(self):
        hours = self.cleaned_data["hours"]
        if hours > self.most_hours:
            raise ValidationError(_("Au plus %(most)d heures par semaine."), params={"most": self.most_hours})
        return hours

    def clean(self):
        told = super().clean()
        commune, point, hours = told.get("commune"), (told.get("point") or "").strip(), told.get("hours")
        if self.errors:
            return told
        if not commune and not point:
            self.add_error("commune", _("Choisissez une commune, ou un point de la carte."))
        elif point:
            try:
                north, east = (float(part) for part in point.split(","))
                told["post"] = post_of(Post(float(hours), longitude=east, latitude=north).word)
            except ValueError:
                self.add_error("point", self.fields["point"].error_messages["invalid"])
        else:
            told["post"] = Post(float(hours), commune)
        return told


def posts_in(data, name, communes, terms):
    """Posts that an address tries under a name; words that say none, or a commune of elsewhere, are left out."""
    known = {commune.code for commune in communes}
    found = []
    for word in data.getlist(name)[: terms.most_posts]:
        try:
            post = post_of(word)
        except ValueError:
            continue
        if 0 < post.hours <= terms.most_hours and (not post.commune or post.commune in known):
            found.append(post)
    return found


class PlacementForm(forms.Form):
    """How many posts to place; what is not understood counts for three."""

    number = forms.ChoiceField(label=_("Permanences à placer"), required=False)

    def __init__(self, data, *, most):
        super().__init__({"number": data.get("number") or "3"})
        self.fields["number"].choices = [(str(number), str(number)) for number in range(1, most + 1)]
        self.number = int(self.cleaned_data["number"]) if self.is_valid() else 3


class NameForm(forms.Form):
    saved = forms.ChoiceField(choices=[(name, name) for name in SCENARIOS], widget=forms.HiddenInput)
    name = forms.CharField(
        label=_("Nom de l’essai"), min_length=3, max_length=80,
        help_text=_("Par exemple : deux permanences dans les monts du Pilat. Aucun nom de personne."),
    )  # fmt: skip
