"""Filters of the list of files, and a name looked for in one group."""

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.domains.followup.models import FollowUp
from prevenance.domains.followup.rules import lists

STATES = (
    ("", _("En cours")),
    ("review", _("En cours, point à faire")),
    ("ended", _("Terminé")),
    ("all", _("Tous")),
)


class FileFilters(forms.Form):
    group = forms.ChoiceField(label=_("Groupe"), required=False)
    category = forms.ChoiceField(
        label=_("Catégorie"), required=False, choices=[("", _("Toutes")), *FollowUp.Category.choices]
    )
    referent = forms.ChoiceField(label=_("Référent"), required=False)
    state = forms.ChoiceField(label=_("Suivi"), required=False, choices=STATES)

    def __init__(self, data, *, bodies, referents, actor):
        super().__init__(data)
        self.actor = actor
        self.fields["group"].choices = [
            ("", _("Tous")), *((str(body.pk), f"{body.name}, {body.council.name}") for body in bodies)
        ]  # fmt: skip
        if len(bodies) < 2:
            del self.fields["group"]
        others = [(str(pk), name) for pk, name in referents if pk != actor.person_id]
        self.fields["referent"].choices = [
            ("", _("Tous")), ("me", _("Moi")), ("none", _("Sans référent")), *others
        ]  # fmt: skip

    @property
    def asked(self):
        """Whether anything is asked but running files."""
        return any(self.data.get(name) for name in self.fields)

    def narrow(self, files):
        self.is_valid()
        values = self.cleaned_data
        if values.get("group"):
            files = files.filter(body_id=values["group"])
        if values.get("category"):
            files = files.filter(category=values["category"])
        if asked := values.get("referent"):
            files = files.followed_by(self.actor.person_id if asked == "me" else None if asked == "none" else asked)
        state = values.get("state")
        if state == "ended":
            return files.filter(closed_on__isnull=False)
        if state == "review":
            return files.open().filter(Q(next_review_on__lte=timezone.localdate()))
        return files if state == "all" else files.open()


class ReasonField(forms.ChoiceField):
    """Why one reads names outside one's own files."""

    def __init__(self, **options):
        super().__init__(
            label=_("Motif"), choices=[("", _("Choisissez")), *lists.choices("reading_reasons")], **options
        )


class NamesForm(forms.Form):
    """Show the names of the page; a reason is asked when some are not one's own files."""

    why = ReasonField()

    def __init__(self, data=None, *, outside):
        super().__init__(data)
        if not outside:
            del self.fields["why"]


class SearchForm(forms.Form):
    """A name, in one group. It is sent in the body of the request: an address would be kept by those in between."""

    group = forms.ChoiceField(label=_("Groupe"))
    name = forms.CharField(
        label=_("Nom ou prénom"), max_length=100,
        help_text=_("Le début suffit ; ni accents ni majuscules ne comptent."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    why = ReasonField(required=False, help_text=_("Demandé quand des dossiers cherchés ne sont pas les vôtres."))

    def __init__(self, data=None, *, bodies):
        super().__init__(data)
        self.bodies = {str(body.pk): body for body in bodies}
        self.fields["group"].choices = [(key, f"{body.name}, {body.council.name}") for key, body in self.bodies.items()]
