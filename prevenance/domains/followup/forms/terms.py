"""What the rulebook in force says of files."""

from django import forms
from django.utils.translation import gettext_lazy as _

from prevenance.domains.followup.models import Terms

ARTICLE = _("Son numéro dans le règlement en vigueur : « Article 4 ».")


class TermsForm(forms.Form):
    reads = forms.ChoiceField(label=_("Qui lit les dossiers"), choices=Terms.Reads.choices, widget=forms.RadioSelect)
    reads_article = forms.CharField(label=_("Article qui le dit"), max_length=60, help_text=ARTICLE)
    archive_months = forms.IntegerField(
        label=_("Archive intermédiaire après la fin, en mois"), min_value=0, initial=0,
        help_text=_("Zéro : le dossier s’efface trois mois après la fin du suivi."),
    )  # fmt: skip
    archive_article = forms.CharField(
        label=_("Article sur l’archive"), max_length=60, required=False, help_text=_("Si une archive est prévue.")
    )
