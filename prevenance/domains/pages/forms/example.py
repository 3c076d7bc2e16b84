"""The form of the living page of components."""

from django import forms
from django.utils.translation import gettext_lazy as _

from prevenance.core.widgets import DateInput, DateTimeInput


class Example(forms.Form):
    """One field of each kind, for the living page of components; nothing is done with it."""

    name = forms.CharField(label=_("Intitulé"), max_length=80, help_text=_("Ce que liront les membres du conseil."))
    email = forms.EmailField(label=_("Adresse électronique"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    phone = forms.CharField(label=_("Téléphone"), required=False, widget=forms.TextInput(attrs={"autocomplete": "tel"}))
    day = forms.DateField(label=_("Date de la séance"), widget=DateInput)
    moment = forms.DateTimeField(label=_("Convocation à envoyer le"), widget=DateTimeInput, required=False)
    body = forms.ChoiceField(
        label=_("Formation"),
        choices=[("", _("Choisissez")), ("plenary", _("Plénière")), ("restricted", _("Formation restreinte"))],
    )
    place = forms.ChoiceField(
        label=_("Tenue de la séance"),
        widget=forms.RadioSelect,
        choices=[("room", _("En salle")), ("remote", _("À distance")), ("both", _("Les deux"))],
        help_text=_("Le règlement intérieur doit permettre la séance à distance."),
    )
    invited = forms.MultipleChoiceField(
        label=_("Invités"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        choices=[("school", _("Éducation nationale")), ("landlord", _("Bailleurs sociaux")), ("court", _("Parquet"))],
    )
    text = forms.CharField(label=_("Ordre du jour"), widget=forms.Textarea(attrs={"rows": 4}), required=False)
    act = forms.FileField(
        label=_("Acte de composition"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "application/pdf"}),
        help_text=_("PDF."),
    )
    sent = forms.BooleanField(label=_("M’envoyer une copie de la convocation"), required=False)
