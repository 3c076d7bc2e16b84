"""What hangs on an action sheet, one form a kind; `told()` gives the keywords of its action."""

from django import forms
from django.utils.translation import gettext_lazy as _

from prevenance.core.uploads import UploadField
from prevenance.core.widgets import DateInput
from prevenance.domains.strategy.forms.sheets import NO_NAME
from prevenance.domains.strategy.models import BudgetLine, PreventionSession, SheetResource
from prevenance.domains.strategy.rules.catalogue import session_themes
from prevenance.domains.territories.forms import TerritoryField


class PartForm(forms.Form):
    """`seen` is the sheet's edit that the form showed; `people` are those who may be asked."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data=None, *, people=(), **options):
        super().__init__(data, **options)
        self.people = {str(person.pk): person for person in people}

    def values(self):
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}

    def told(self):
        return {"values": self.values()}


class StepForm(PartForm):
    label = forms.CharField(label=_("Étape"), max_length=200, help_text=NO_NAME)
    due_on = forms.DateField(label=_("Pour le"), required=False, widget=DateInput)
    owner = forms.ChoiceField(
        label=_("Qui s’en charge"), required=False, help_text=_("Une étape en retard apparaît dans sa journée.")
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        named = ((key, person.name) for key, person in self.people.items())
        self.fields["owner"].choices = [("", _("Personne pour l’instant")), *named]

    def told(self):
        return self.values() | {"owner": self.people.get(self.cleaned_data["owner"])}


class SiteForm(PartForm):
    territory = TerritoryField(kinds=("commune",), label=_("Commune"))
    label = forms.CharField(
        label=_("Lieu"), max_length=160, required=False, help_text=_("Équipement, quartier, rue. ") + NO_NAME
    )
    latitude = forms.FloatField(
        label=_("Latitude"), required=False, min_value=-90, max_value=90, localize=True,
        help_text=_("En degrés, par exemple 45,4397. Facultative : sans point, la carte montre la commune."),
    )  # fmt: skip
    longitude = forms.FloatField(
        label=_("Longitude"), required=False, min_value=-180, max_value=180, localize=True,
        help_text=_("En degrés, par exemple 4,3872."),
    )  # fmt: skip

    def told(self):
        return self.values()


class ResourceForm(PartForm):
    kind = forms.ChoiceField(
        label=_("Nature"), choices=SheetResource.Kind,
        help_text=_("La présence humaine et la technologie sont comptées à part."),
    )  # fmt: skip
    label = forms.CharField(label=_("Moyen"), max_length=200)
    quantity = forms.DecimalField(
        label=_("Quantité"), required=False, min_value=0, max_digits=10, decimal_places=2, localize=True
    )
    unit = forms.CharField(label=_("Unité"), max_length=40, required=False, help_text=_("Poste, heure, caméra…"))


class LineForm(PartForm):
    year = forms.IntegerField(label=_("Année"), min_value=2000, max_value=2100)
    side = forms.ChoiceField(label=_("Sens"), choices=BudgetLine.Side)
    label = forms.CharField(label=_("Intitulé"), max_length=160)
    planned = forms.DecimalField(label=_("Prévu (euros)"), min_value=0, max_digits=12, decimal_places=2, localize=True)
    actual = forms.DecimalField(
        label=_("Réalisé (euros)"), required=False, min_value=0, max_digits=12, decimal_places=2, localize=True,
        help_text=_("Laissez vide tant qu’il n’est pas connu : zéro veut dire que rien n’a été dépensé ni reçu."),
    )  # fmt: skip


class SessionForm(PartForm):
    held_on = forms.DateField(label=_("Tenue le"), widget=DateInput)
    setting = forms.ChoiceField(label=_("Cadre"))
    theme = forms.ChoiceField(label=_("Thème"))
    age_band = forms.ChoiceField(label=_("Âges"))
    girls = forms.IntegerField(label=_("Filles et femmes"), required=False, min_value=0, max_value=100_000)
    boys = forms.IntegerField(label=_("Garçons et hommes"), required=False, min_value=0, max_value=100_000)
    attended = forms.IntegerField(
        label=_("Présents, en tout"), required=False, min_value=0, max_value=100_000,
        help_text=_("Calculé quand les deux nombres au-dessus sont donnés. On compte, on ne nomme personne."),
    )  # fmt: skip
    peers = forms.IntegerField(
        label=_("Pairs formés qui intervenaient"), required=False, min_value=1, max_value=1000,
        help_text=_("Jeunes formés pour parler à d’autres jeunes. Laissez vide s’il n’y en avait pas."),
    )  # fmt: skip

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        first = [("", _("Choisissez"))]
        self.fields["setting"].choices = first + PreventionSession.Setting.choices
        self.fields["age_band"].choices = first + PreventionSession.AgeBand.choices
        self.fields["theme"].choices = first + list(session_themes().items())
        for name in ("girls", "boys", "attended", "peers"):
            self.fields[name].widget.attrs["inputmode"] = "numeric"

    def clean(self):
        cleaned = super().clean()
        girls, boys, attended = (cleaned.get(name) for name in ("girls", "boys", "attended"))
        if girls is not None and boys is not None and attended is None:
            cleaned["attended"] = girls + boys
        elif attended is None and "attended" not in self.errors:
            self.add_error("attended", _("Dites combien de personnes étaient là."))
        elif attended is not None and (girls or 0) + (boys or 0) > attended:
            self.add_error("attended", _("Le total est plus petit que ses parties : vérifiez les nombres."))
        return cleaned


class SessionFilters(forms.Form):
    """Filters in the address; what is not understood is left out."""

    setting = forms.ChoiceField(label=_("Cadre"), required=False)
    theme = forms.ChoiceField(label=_("Thème"), required=False)
    year = forms.IntegerField(label=_("Année"), required=False, min_value=2000, max_value=2100)
    peers = forms.BooleanField(label=_("Avec des pairs formés"), required=False)

    def __init__(self, data):
        super().__init__(data)
        self.fields["setting"].choices = [("", _("Tous")), *PreventionSession.Setting.choices]
        self.fields["theme"].choices = [("", _("Tous")), *session_themes().items()]

    def narrow(self, sessions):
        self.is_valid()
        chosen = self.cleaned_data
        if chosen.get("setting"):
            sessions = sessions.filter(setting=chosen["setting"])
        if chosen.get("theme"):
            sessions = sessions.filter(theme=chosen["theme"])
        if chosen.get("year"):
            sessions = sessions.filter(held_on__year=chosen["year"])
        return sessions.exclude(peers=None) if chosen.get("peers") else sessions


class DocumentsForm(forms.Form):
    """Documents of the plan's council, to point to; or a new one, kept among them."""

    documents = forms.MultipleChoiceField(
        label=_("Documents du conseil"), required=False, widget=forms.CheckboxSelectMultiple
    )
    file = UploadField(label=_("ou déposer un document"), required=False, help_text=_("PDF, texte, tableau ou image."))
    shared = forms.BooleanField(
        label=_("Le communiquer aux membres du conseil"), required=False,
        help_text=_("Sinon, seules la coordination et la présidence le lisent."),
    )  # fmt: skip

    def __init__(self, data=None, files=None, *, uploads, **options):
        super().__init__(data, files, **options)
        self.uploads = {str(upload.pk): upload for upload in uploads}
        self.fields["documents"].choices = [(key, upload.name) for key, upload in self.uploads.items()]
        if not self.uploads:
            del self.fields["documents"]

    def chosen(self):
        return [self.uploads[key] for key in self.cleaned_data.get("documents", ())]
