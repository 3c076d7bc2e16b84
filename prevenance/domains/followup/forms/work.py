"""What is done with the person: closed lists first, words as the exception and looked at (forms.guarded)."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.uploads import DOCUMENTS, UploadField
from prevenance.core.widgets import DateInput
from prevenance.domains.followup.forms.guarded import Guarded
from prevenance.domains.followup.rules import lists

CHOOSE = ("", _("Choisissez"))
# What a guard of words cannot know: said before anybody types.
NECESSARY = _("Seulement ce qui est nécessaire au suivi : ni infraction, ni santé, ni origine, ni nom d’un tiers.")


def long_words(**options):
    return forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), **options)


class GoalForm(Guarded):
    free = ("words", "family_part")

    theme = forms.ChoiceField(label=_("Thème"))
    words = long_words(label=_("Ce que l’on vise"), max_length=300, help_text=NECESSARY)
    family_part = long_words(
        label=_("Part de la famille"),
        max_length=300,
        required=False,
        help_text=_("Ce que la famille accepte de faire."),
    )
    due_on = forms.DateField(label=_("Échéance"), required=False, widget=DateInput)
    state = forms.ChoiceField(label=_("État"), help_text=_("Un objectif qui n’est plus en cours ne change plus."))
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data=None, *, new, **options):
        super().__init__(data, **options)
        self.fields["theme"].choices = [CHOOSE, *lists.choices("themes")]
        self.fields["state"].choices = lists.choices("goal_states")
        if new:
            del self.fields["state"], self.fields["seen"]


class StepForm(Guarded):
    kind = forms.ChoiceField(label=_("Nature"))
    words = forms.CharField(label=_("Précision"), max_length=300, required=False, help_text=NECESSARY)
    carried_by = forms.TypedChoiceField(
        label=_("Portée par"), coerce=int, empty_value=None, required=False,
        help_text=_("Un membre qui intervient dans le suivi."),
    )  # fmt: skip
    due_on = forms.DateField(label=_("Pour le"), required=False, widget=DateInput)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data=None, *, people, new, **options):
        super().__init__(data, **options)
        self.fields["kind"].choices = [CHOOSE, *lists.choices("steps")]
        self.fields["carried_by"].choices = [("", _("La personne, sa famille"))] + [
            (one.pk, one.name) for one in people
        ]
        if new:
            del self.fields["seen"]


class ResultForm(forms.Form):
    """A code of a closed list and the day: what a step gave, what a service answered, what came of it."""

    code = forms.ChoiceField(widget=forms.RadioSelect)
    day = forms.DateField(label=_("Le"), widget=DateInput)

    def __init__(self, data=None, *, names, label):
        super().__init__(data, initial={"day": timezone.localdate()})
        self.fields["code"].choices = lists.choices(names)
        self.fields["code"].label = label


class ContactForm(Guarded):
    """How, with whom, what came of it. The buttons of the screen send the outcome, which saves."""

    kind = forms.ChoiceField(label=_("Comment ?"), widget=forms.RadioSelect)
    whom = forms.ChoiceField(label=_("Avec qui ?"), widget=forms.RadioSelect)
    outcome = forms.ChoiceField(label=_("Et alors ?"), error_messages={"required": _("Touchez la suite du contact.")})
    day = forms.DateField(label=_("Le"), widget=DateInput)
    words = long_words(label=_("Précision"), max_length=500, required=False, help_text=NECESSARY)

    def __init__(self, data=None, *, initial=None):
        super().__init__(data, initial={"day": timezone.localdate()} | (initial or {}))
        self.fields["kind"].choices = lists.choices("contact_kinds")
        self.fields["whom"].choices = lists.choices("contact_with")
        self.fields["outcome"].choices = lists.choices("contact_outcomes")


class FirstFocused(forms.RadioSelect):
    """Choices where the keyboard begins: from one situation to the next, no key is lost."""

    def create_option(self, name, value, label, selected, index, subindex=None, attrs=None):
        option = super().create_option(name, value, label, selected, index, subindex, attrs)
        if index == 0:
            option["attrs"]["autofocus"] = True
        return option


class ReviewForm(Guarded):
    decision = forms.ChoiceField(label=_("Suite décidée"), widget=FirstFocused)
    next_on = forms.DateField(label=_("Prochain point le"), required=False, widget=DateInput)
    words = long_words(label=_("Précision"), max_length=500, required=False, help_text=NECESSARY)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data=None, *, initial=None):
        super().__init__(data, initial=initial)
        self.fields["decision"].choices = lists.choices("review_decisions")


class AlertForm(forms.Form):
    duty = forms.ChoiceField(label=_("Obligation accomplie"), widget=forms.RadioSelect)
    done_on = forms.DateField(label=_("Le"), widget=DateInput)

    def __init__(self, data=None):
        super().__init__(data, initial={"done_on": timezone.localdate()})
        self.fields["duty"].choices = lists.choices("duties")


class FilesForm(forms.Form):
    """Files to put on an agenda."""

    files = forms.MultipleChoiceField(label=_("Dossiers à inscrire"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, data=None, *, offered, ticked=()):
        super().__init__(data, initial={"files": [str(pk) for pk in ticked]})
        self.fields["files"].choices = offered


class ServiceSearch(forms.Form):
    """Which services are offered: words of their names, of what they are, of their commune."""

    q = forms.CharField(label=_("Chercher un service"), max_length=100, required=False)

    def narrow(self, services):
        words = self.cleaned_data.get("q", "") if self.is_valid() else ""
        return services.matching(words) if words else services


class OrientationForm(forms.Form):
    fields_sent = forms.MultipleChoiceField(label=_("Ce qui est transmis"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, data=None, *, offered):
        super().__init__(data)
        self.fields["fields_sent"].choices = offered


class AgreementForm(forms.Form):
    """The written agreement to what was shown, and nothing else."""

    agreed_by = forms.ChoiceField(label=_("Accord écrit donné par"), widget=forms.RadioSelect)
    agreed_on = forms.DateField(label=_("Signé le"), widget=DateInput)
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, data=None, *, initial=None):
        super().__init__(data, initial=initial)
        self.fields["agreed_by"].choices = lists.choices("addressees")


class AttachmentForm(forms.Form):
    kind = forms.ChoiceField(label=_("Nature"))
    file = UploadField(
        label=_("Document"), kinds=DOCUMENTS,
        help_text=_("Chiffré avec la clé du dossier avant d’être rangé, effacé avec lui."),
    )  # fmt: skip

    def __init__(self, data=None, files=None):
        super().__init__(data, files)
        self.fields["kind"].choices = [CHOOSE, *lists.choices("attachment_kinds")]
