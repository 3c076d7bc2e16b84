"""What somebody in need is asked: a commune, and what they wish to say besides. Always sent, never in the address."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from prevenance.domains.directory.analysis.finding import Asked
from prevenance.domains.directory.models import closed_list, help_words
from prevenance.domains.territories.forms import TerritoryField
from prevenance.domains.territories.models import Territory

CODE = re.compile(r"\d{5}|2[AB]\d{3}")  # Insee's or postal
PROPOSED = 8  # communes that bear the name typed
NOT_SUGGESTED = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}  # nothing stays in the browser


class CommuneField(TerritoryField):
    """A commune as one types it. No list of suggestions: each letter would be asked of the server in an address."""

    def __init__(self, **options: Any) -> None:
        super().__init__(kinds=("commune",), widget=forms.TextInput(NOT_SUGGESTED), **options)

    def clean(self, value: Any) -> Territory | None:
        """A code that leads to one commune is found in one query; the rest as everywhere."""
        code = str(value or "").strip().upper()
        if CODE.fullmatch(code):
            communes = Territory.objects.visible_to(None).existing().filter(kind="commune")
            # Three indexes, each by itself: an OR over joins reads every commune.
            own = communes.filter(code=code).values("pk")
            leading = own.union(
                communes.filter(postal_codes__code=code).values("pk"),
                communes.filter(former_codes__code=code).values("pk"),
            )
            found = list(communes.filter(pk__in=leading).order_by("pk")[:2])
            if len(found) == 1:
                return found[0]
        return super().clean(value)


class CommuneForm(forms.Form):
    commune = CommuneField(
        label=_("Votre commune"), help_text=_("Nom ou code postal."),
        error_messages={"required": _("Écrivez votre commune, ou une commune voisine.")},
    )  # fmt: skip

    @property
    def proposed(self) -> list[Territory]:
        """Communes that answer to what was typed, when several do."""
        if not self.is_bound or not self.has_error("commune", "several"):
            return []
        communes = Territory.objects.visible_to(None).filter(kind="commune")
        return communes.matching(str(self["commune"].value()), PROPOSED)


class HelpForm(CommuneForm):
    WHEN = [("", _("Le plus près d’abord")), ("now", _("Ouvert maintenant")), ("next", _("Le premier qui ouvre"))]

    need = forms.ChoiceField(
        label=_("Ce qui se passe"), required=False,
        choices=lambda: [("", _("Je ne sais pas, ou autre chose")), *closed_list("needs").items()],
    )  # fmt: skip
    audience = forms.ChoiceField(
        label=_("Pour qui"), required=False,
        choices=lambda: [("", _("Tout le monde"))]
        + [(key, label) for key, label in closed_list("publics").items() if key != "tous-publics"],
    )  # fmt: skip
    language = forms.ChoiceField(
        label=_("Langue parlée"), required=False,
        choices=lambda: [
            ("", _("Français")), ("lsf", _("Langue des signes française")), *closed_list("languages").items(),
        ],
    )  # fmt: skip
    when = forms.ChoiceField(label=_("Ouverture"), required=False, choices=WHEN)

    @property
    def asked(self) -> Asked:
        return Asked(**{name: self.cleaned_data.get(name, "") for name in ("need", "audience", "language", "when")})


class EasyHelpForm(CommuneForm):
    """The easy-to-read version asks two things, in short words."""

    need = forms.ChoiceField(
        label=_("Que se passe-t-il ?"), required=False, widget=forms.RadioSelect,
        choices=lambda: [*help_words()["easy_needs"].items(), ("", _("Autre chose"))],
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["commune"].label = _("Où habitez-vous ?")
        self.fields["commune"].help_text = _("Écrivez le nom de la ville ou du village.")

    @property
    def asked(self) -> Asked:
        return Asked(need=self.cleaned_data.get("need", ""))


class PosterForm(CommuneForm):
    SHAPES = [("poster", _("Affiche : les numéros, en grand")), ("leaflet", _("Dépliant : numéros et services"))]

    shape = forms.ChoiceField(label=_("Document"), choices=SHAPES, initial="poster", widget=forms.RadioSelect)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["commune"].label = _("Commune")


class UnansweredFilter(forms.Form):
    """A département and a finished quarter, kept in the address."""

    departement = forms.ChoiceField(label=_("Département"), required=False)
    quarter = forms.ChoiceField(label=_("Trimestre"), required=False)

    def __init__(self, data: Any, *, departements: list[tuple[str, str]], quarters: list[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["departement"].choices = departements  # type: ignore[attr-defined]
        self.fields["quarter"].choices = quarters  # type: ignore[attr-defined]
