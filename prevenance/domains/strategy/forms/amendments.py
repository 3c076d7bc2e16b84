"""An amendment: what it is called and why, a part of its text, the day it takes effect."""

from django import forms
from django.utils.translation import gettext_lazy as _

from prevenance.core.widgets import DateInput

PART_LENGTH = 60_000  # some twenty pages a part


class AmendmentForm(forms.Form):
    title = forms.CharField(label=_("Objet"), max_length=200, help_text=_("En quelques mots : l’acte le reprendra."))
    reason = forms.CharField(
        label=_("Pourquoi"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Ce qui a changé, ce qui a été demandé et par qui. Jamais le nom d’une personne accompagnée."),
    )  # fmt: skip
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)


class PartForm(forms.Form):
    text = forms.CharField(
        label=_("Texte"), max_length=PART_LENGTH, required=False, strip=False,
        widget=forms.Textarea(attrs={"rows": 22}),
        help_text=_(
            "Une ligne vide sépare deux paragraphes. « # » en début de ligne fait un titre, « - » une puce. "
            "Jamais le nom d’une personne accompagnée."
        ),
    )  # fmt: skip
    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class EffectForm(forms.Form):
    """`published` asks for the publication, where no act of ours gives effect."""

    published_as = forms.CharField(
        label=_("Publication"), max_length=200, help_text=_("Recueil, date et numéro, ou l’instance qui l’a adopté.")
    )
    on = forms.DateField(label=_("En vigueur le"), widget=DateInput)

    def __init__(self, data=None, *, published, **options):
        super().__init__(data, **options)
        if not published:
            self.fields["published_as"].required = False
            self.fields["published_as"].help_text = _("Si l’acte a paru quelque part : recueil, date et numéro.")
