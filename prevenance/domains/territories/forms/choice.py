"""A form field in which one types a territory, with or without the help of the list of suggestions."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.urls import reverse_lazy
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from prevenance.domains.territories.models import Territory

CHOSEN = re.compile(r".*\(([a-zé]+) ([0-9A-Z]{2,9})\)")  # how `Territory.choice` writes it


class TerritoryInput(forms.TextInput):
    """A text input that suggests territories as one types (js/territory-search.js); plain text works too."""

    template_name = "territories/input.html"
    search_url = reverse_lazy("territories:search")

    def __init__(self, kinds: tuple[str, ...] = (), attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.kinds = kinds

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"] |= {"search_url": self.search_url, "kinds": self.kinds, "list_id": f"{attrs['id']}-liste"}
        return context

    def _render(self, template_name: str, context: dict[str, Any], renderer: Any = None) -> SafeString:
        # The templates of the project, not those of Django's form renderer: this one holds translated text.
        return mark_safe(render_to_string(template_name, context))  # noqa: S308


class TerritoryField(forms.CharField):
    """`TerritoryField(kinds=("commune", "epci"))`: cleans to a Territory, or None when empty and not required.

    Takes a suggestion, a code, or a name that only one territory bears.
    """

    def __init__(self, *, kinds: tuple[str, ...] = (), **options: Any) -> None:
        options.setdefault("widget", TerritoryInput(kinds))
        super().__init__(max_length=250, **options)
        self.kinds = kinds

    def prepare_value(self, value: Any) -> Any:
        return value.choice if isinstance(value, Territory) else value

    def clean(self, value: Any) -> Territory | None:
        text = super().clean(value)
        if not text:
            return None
        territories = Territory.objects.visible_to(None).existing()
        if self.kinds:
            territories = territories.filter(kind__in=self.kinds)
        chosen = CHOSEN.fullmatch(text)
        if chosen:
            found = territories.filter(kind=chosen[1].replace("é", "e"), code=chosen[2]).first()
            if found:
                return found
        found = territories.matching(text, 2)
        best = [territory for territory in found if territory.rank == 0]
        if len(best) == 1 or (len(found) == 1 and found[0].rank in (1, 2)):
            return (best or found)[0]
        if found:
            raise ValidationError(
                _("Plusieurs territoires répondent à « %(text)s » : choisissez dans la liste, ou écrivez le code."),
                "several",
                {"text": text},
            )
        raise ValidationError(
            _("Aucun territoire ne répond à « %(text)s » : écrivez un nom, un code postal ou un code Insee."),
            "unknown",
            {"text": text},
        )
