"""What is typed in the mayor's registers: who, what the law keeps out, and each step."""

from datetime import datetime

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.widgets import DateInput, TimeInput
from prevenance.domains.followup.actions.calls import Possible
from prevenance.domains.followup.actions.transactions import Offer
from prevenance.domains.followup.models import Transaction
from prevenance.domains.followup.rules import registers

YES_NO = [("no", _("Non")), ("yes", _("Oui"))]
IDENTITY = ("family_name", "given_name", "birth_date", "address", "parents", "parents_address")


CHOOSE = _("Choisissez")


def listed(register, name, blank=CHOOSE, on=None):
    return [("", blank), *registers.choices(register, name, on)]


def question(label):
    return forms.ChoiceField(label=label, choices=YES_NO, widget=forms.RadioSelect)


class SeenForm(forms.Form):
    """A step of an entry: `seen` says which version the page showed."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)


class DayForm(SeenForm):
    day = forms.DateField(label=_("Date"), widget=DateInput)


class ConfirmForm(SeenForm):
    """Nothing to type: the page says what the step does."""


class IdentityForm(SeenForm):
    family_name = forms.CharField(label=_("Nom"), max_length=100)
    given_name = forms.CharField(label=_("Prénom"), max_length=100)
    birth_date = forms.DateField(label=_("Date de naissance"), widget=DateInput)
    address = forms.CharField(
        label=_("Adresse"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def identity(self):
        """Values to seal, as text."""
        values = self.cleaned_data
        return {
            field: values[field].isoformat() if field == "birth_date" else values[field]
            for field in IDENTITY
            if field in self.fields
        }


class ParentsForm(IdentityForm):
    parents = forms.CharField(
        label=_("Parents ou représentants légaux"), max_length=200, required=False,
        help_text=_("Pour un mineur : prénoms et noms."),
    )  # fmt: skip
    parents_address = forms.CharField(
        label=_("Leur adresse"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class CallForm(ParentsForm):
    """Is it possible, what happened, who: in that order, so that no name is typed for nothing."""

    crime = question(_("Les faits peuvent-ils être un crime ou un délit ?"))
    complaint = question(_("Une plainte a-t-elle été déposée ?"))
    procedure = question(_("Une procédure judiciaire est-elle en cours ?"))
    facts = forms.ChoiceField(label=_("Faits"))
    facts_on = forms.DateField(label=_("Date des faits"), widget=DateInput)
    field_order = ("crime", "complaint", "procedure", "facts", "facts_on", *IDENTITY)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["facts"].choices = listed(registers.CALLS, "facts")

    def possible(self):
        return Possible(**{name: self.cleaned_data[name] == "yes" for name in ("crime", "complaint", "procedure")})


class AnswerForm(SeenForm):
    """The prosecutor's answer; silence is offered where the protocol lets it stand."""

    answer = forms.ChoiceField(label=_("Réponse"), widget=forms.RadioSelect)
    day = forms.DateField(label=_("Date de la réponse"), widget=DateInput, required=False)

    def __init__(self, *args, silence=False, **kwargs):
        super().__init__(*args, **kwargs)
        choices = [("clear", _("Pas d’obstacle")), ("objects", _("Le procureur s’y oppose"))]
        if silence:
            choices.append(("silence", _("Aucune réponse dans le délai")))
        self.fields["answer"].choices = choices

    def clean(self):
        values = super().clean()
        if values.get("answer") in ("clear", "objects") and not values.get("day") and "day" not in self.errors:
            self.add_error("day", _("Indiquez la date de la réponse."))
        return values


class ConveneForm(SeenForm):
    day = forms.DateField(label=_("Jour de l’entretien"), widget=DateInput)
    hour = forms.TimeField(label=_("Heure"), widget=TimeInput)
    address = forms.CharField(
        label=_("Adresse"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    parents = forms.CharField(label=_("Parents ou représentants légaux"), max_length=200, required=False)
    parents_address = forms.CharField(
        label=_("Leur adresse"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    no_parents = forms.ChoiceField(label=_("Si leur présence est impossible"), required=False)

    def __init__(self, *args, minor=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["no_parents"].choices = listed(registers.CALLS, "no_parents", _("Leur présence est possible"))
        if not minor:
            for name in ("parents", "parents_address", "no_parents"):
                del self.fields[name]

    def meets_at(self):
        return timezone.make_aware(datetime.combine(self.cleaned_data["day"], self.cleaned_data["hour"]))

    def identity(self):
        return {name: self.cleaned_data.get(name, "") for name in ("address", "parents", "parents_address")}


class HeldForm(SeenForm):
    """The short record: closed lists alone."""

    day = forms.DateField(label=_("Date de l’entretien"), widget=DateInput)
    held_by = forms.ChoiceField(label=_("Tenu par"))
    presence = forms.ChoiceField(label=_("Présents"), widget=forms.RadioSelect)
    reminded = forms.MultipleChoiceField(label=_("Règles rappelées"), widget=forms.CheckboxSelectMultiple)
    follow_up = forms.ChoiceField(label=_("Suite"))

    def __init__(self, *args, holders=(), minor=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.holders = {str(person.pk): person for person in holders}
        self.fields["held_by"].choices = [(key, person.name) for key, person in self.holders.items()]
        presence = registers.choices(registers.CALLS, "presence")
        self.fields["presence"].choices = [one for one in presence if (one[0] == "alone") != minor]
        self.fields["reminded"].choices = registers.choices(registers.CALLS, "reminded")
        self.fields["follow_up"].choices = listed(registers.CALLS, "follow_ups")


class DropForm(SeenForm):
    reason = forms.ChoiceField(label=_("Motif"))

    def __init__(self, *args, register="", **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [
            one for one in listed(register, "ends") if one[0] != "prosecutor"
        ]  # said by its own step


class ProtocolForm(forms.Form):
    signed_on = forms.DateField(label=_("Signé le"), widget=DateInput)
    check_required = forms.BooleanField(
        label=_("Le procureur est consulté avant chaque rappel à l’ordre"), required=False
    )
    delay_days = forms.IntegerField(label=_("Délai de sa réponse, en jours"), min_value=1, max_value=90, required=False)
    silence_allows = forms.BooleanField(label=_("Passé ce délai, son silence permet de poursuivre"), required=False)

    def terms(self):
        return self.cleaned_data | {"delay_days": self.cleaned_data["delay_days"] or 0}


# ---------------------------------------------------------------------------------------------------- transactions


class TransactionForm(IdentityForm):
    prosecuted = question(_("L’action publique est-elle déjà mise en mouvement ?"))
    contravention = forms.ChoiceField(
        label=_("Contravention"), help_text=_("Celles que la police municipale constate et qui lèsent la commune.")
    )
    property = forms.ChoiceField(label=_("Bien de la commune"))
    facts_on = forms.DateField(label=_("Date des faits"), widget=DateInput)
    pv_on = forms.DateField(label=_("Date du procès-verbal"), widget=DateInput)
    field_order = ("prosecuted", "contravention", "property", "facts_on", "pv_on", *IDENTITY)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        self.fields["contravention"].choices = listed(registers.TRANSACTIONS, "contraventions", on=today)
        self.fields["property"].choices = listed(registers.TRANSACTIONS, "property")


class OfferForm(SeenForm):
    amount = forms.CharField(
        label=_("Réparation, en euros"), max_length=12, required=False,
        help_text=_("Le coût pour la commune. Laissez vide pour proposer un travail."),
    )  # fmt: skip
    hours = forms.IntegerField(label=_("Ou travail non rémunéré, en heures"), required=False, min_value=1)
    work = forms.ChoiceField(label=_("Nature du travail"), required=False)
    execute_days = forms.IntegerField(
        label=_("Délai pour l’exécuter, en jours"), min_value=1, max_value=365, initial=60,
        help_text=_("Compté de l’homologation."),
    )  # fmt: skip
    day = forms.DateField(label=_("Date de l’envoi ou de la remise"), widget=DateInput)
    delivery = forms.ChoiceField(label=_("Comment"), choices=Transaction.Delivery, widget=forms.RadioSelect)

    def __init__(self, *args, most=0, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["work"].choices = listed(registers.TRANSACTIONS, "work", _("Sans objet"))
        self.fields["hours"].help_text = _("%(most)d heures au plus.") % {"most": most}

    def offer(self):
        values = self.cleaned_data
        return Offer(
            execute_days=values["execute_days"], amount=values["amount"], work=values["work"], hours=values["hours"]
        )


class ReplyForm(SeenForm):
    answer = forms.ChoiceField(
        label=_("Réponse"), widget=forms.RadioSelect,
        choices=[("yes", _("Acceptée")), ("no", _("Refusée")), ("silence", _("Aucune réponse dans le délai"))],
    )  # fmt: skip
    day = forms.DateField(label=_("Date de la réponse"), widget=DateInput, required=False)

    def clean(self):
        values = super().clean()
        if values.get("answer") in ("yes", "no") and not values.get("day") and "day" not in self.errors:
            self.add_error("day", _("Indiquez la date de la réponse."))
        return values


class DecisionForm(DayForm):
    decision = forms.ChoiceField(
        label=_("Décision"), widget=forms.RadioSelect, choices=[("yes", _("Homologuée")), ("no", _("Refusée"))]
    )
    field_order = ("decision", "day")


class EntryFilters(forms.Form):
    """Which entries of a register are listed."""

    state = forms.ChoiceField(label=_("État"), required=False)

    def __init__(self, data, model):
        super().__init__(data)
        self.fields["state"].choices = [("", _("En cours")), ("all", _("Tous")), *model.State.choices]

    def narrow(self, entries):
        self.is_valid()
        state = self.cleaned_data.get("state")
        if state == "all":
            return entries
        return entries.filter(state=state) if state else entries.open()
