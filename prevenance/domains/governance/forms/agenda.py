"""What is ticked, typed and arranged when an agenda is prepared."""

import re
from collections.abc import Collection

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.domains.governance.models import AgendaItem

# « Questions diverses 10 min »: a duration at the end of a line.
DURATION = re.compile(r"[\s\u00a0\u202f,(–-]+([0-9]{1,3})[\s\u00a0\u202f]*(?:min|mn|minutes?)\.?\)?$", re.IGNORECASE)
LONGEST = 600  # minutes


class Ticks(forms.MultipleChoiceField):
    """What is ticked, whatever became of it since the page was shown: what is settled is passed over."""

    def valid_value(self, value):
        return True


class CarryOverForm(forms.Form):
    """The four lists that wait for an agenda, and points typed one a line."""

    law = Ticks(required=False)
    items = Ticks(required=False)
    proposals = Ticks(required=False)
    decisions = Ticks(required=False)
    typed = forms.CharField(
        label=_("Autres points, un par ligne"), required=False, max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("La durée peut suivre : « Questions diverses 10 min »."),
    )  # fmt: skip

    def clean_typed(self):
        """[(title, minutes or None)]"""
        points = []
        for line in self.cleaned_data["typed"].splitlines():
            line = line.strip(" \t\u00a0•*-–")
            found = DURATION.search(line)
            title, minutes = (line[: found.start()].strip(), int(found[1])) if found else (line, None)
            if len(title) > 200 or (minutes is not None and not 0 < minutes <= LONGEST):
                raise forms.ValidationError(
                    _now("« %(title)s… » : un intitulé a 200 caractères au plus, une durée 600 minutes au plus.")
                    % {"title": title[:40]}
                )
            if title:
                points.append((title, minutes))
        return points

    def clean(self):
        typed = super().clean()
        if not self.errors and not any(typed.values()):
            raise forms.ValidationError(_now("Cochez au moins un point, ou écrivez-en un."))
        return typed


class DismissForm(forms.Form):
    reason = forms.CharField(
        label=_("Pourquoi ce point est écarté"), max_length=300, help_text=_("Le motif est gardé avec la proposition.")
    )


class ArrangeForm(forms.Form):
    """Place, kind and minutes of every point; `seen` is the stamp of the agenda shown."""

    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args, items: Collection[AgendaItem], seen: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.agenda = list(items)
        self.fields["seen"].initial = seen
        for place, item in enumerate(self.agenda, 1):
            self.fields[f"place-{item.pk}"] = forms.IntegerField(
                label=_("Ordre"), min_value=0, max_value=999, initial=place
            )
            self.fields[f"kind-{item.pk}"] = forms.ChoiceField(
                label=_("Nature"), choices=AgendaItem.Kind, initial=item.kind
            )
            self.fields[f"minutes-{item.pk}"] = forms.IntegerField(
                label=_("Minutes"), min_value=1, max_value=LONGEST, required=False, initial=item.minutes
            )

    def rows(self):
        """(item, place, kind, minutes) as bound fields, in the order of the agenda."""
        for item in self.agenda:
            yield item, self[f"place-{item.pk}"], self[f"kind-{item.pk}"], self[f"minutes-{item.pk}"]

    def arranged(self, up: int = 0, down: int = 0) -> list[tuple[int, str, int | None]]:
        """[(id, kind, minutes)] in the order typed, then one point moved by one place.

        A point given the place of another goes before it when it comes up, after it when it goes down.
        """
        typed, order = self.cleaned_data, []
        for place, item in enumerate(self.agenda, 1):
            wanted = typed[f"place-{item.pk}"]
            order.append((wanted, (wanted > place) - (wanted < place), place, item.pk))
        keys = [pk for *_rank, pk in sorted(order)]
        moved = keys.index(up or down) if (up or down) in keys else None
        if moved is not None:
            other = moved - 1 if up else moved + 1
            if 0 <= other < len(keys):
                keys[moved], keys[other] = keys[other], keys[moved]
        return [(pk, typed[f"kind-{pk}"], typed[f"minutes-{pk}"]) for pk in keys]
