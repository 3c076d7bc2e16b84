"""Who follows, covers or takes part: a member of the group."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core.widgets import DateInput


class MemberForm(forms.Form):
    """A member of the group; those whom the strategy proposes first come first, and it is said why."""

    person = forms.ChoiceField(label=_("Membre du groupe"))

    def __init__(self, data=None, *, members, prefix, says=""):
        super().__init__(data, prefix=prefix)
        first = [pair(member) for member in members if member.natural and member.opens]
        others = [pair(member) for member in members if not member.natural and member.opens]
        if first and says:
            groups = [(_now("Proposés d’abord"), first), (_now("Autres membres"), others)]
            self.fields["person"].choices = [("", _("Choisissez")), *(group for group in groups if group[1])]
            self.fields["person"].help_text = says
        else:
            self.fields["person"].choices = [("", _("Choisissez")), *first, *others]


def pair(member):
    return str(member.seat.person_id), member.said


class CoverForm(MemberForm):
    begins = forms.DateField(label=_("Du"), widget=DateInput)
    ends = forms.DateField(label=_("Au"), widget=DateInput)

    def __init__(self, data=None, **options):
        super().__init__(data, **options)
        self.fields["begins"].initial = timezone.localdate()
