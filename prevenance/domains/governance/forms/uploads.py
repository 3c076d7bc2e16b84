"""A document to keep."""

from django import forms
from django.utils.translation import gettext_lazy as _

from prevenance.core.uploads import UploadField


class UploadForm(forms.Form):
    """A file and whether the members may read it."""

    file = UploadField(
        label=_("Fichier"), help_text=_("PDF, texte, tableau ou image. Les classeurs à macros ne sont pas acceptés.")
    )
    shared = forms.BooleanField(
        label=_("Communiquer aux membres dès maintenant"),
        required=False,
        help_text=_("Sinon, seules la coordination et la présidence le lisent."),
    )
