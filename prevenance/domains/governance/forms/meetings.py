"""What is typed about a meeting, its agenda and its attendance."""

from datetime import datetime

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.widgets import DateInput, TimeInput
from prevenance.domains.governance.models import AgendaItem, Attendance, Meeting
from prevenance.domains.governance.models.meetings import FILE_NUMBER


class MeetingForm(forms.Form):
    """`bodies` is what may meet; left out for a meeting that exists, whose body does not change."""

    body = forms.ModelChoiceField(None, label=_("Formation réunie"), empty_label=None)
    title = forms.CharField(label=_("Intitulé"), max_length=160)
    day = forms.DateField(label=_("Jour"), widget=DateInput)
    start = forms.TimeField(label=_("Début"), widget=TimeInput)
    end = forms.TimeField(label=_("Fin"), widget=TimeInput)
    place = forms.CharField(
        label=_("Lieu"), max_length=200, required=False, help_text=_("Nécessaire pour convoquer : salle et adresse.")
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, bodies=None, **kwargs):
        super().__init__(*args, **kwargs)
        if bodies is None:
            del self.fields["body"]
        else:
            self.fields["body"].queryset = bodies
            self.fields["body"].label_from_instance = str

    def clean(self):
        return with_moments(self, super().clean())


def with_moments(form: forms.Form, typed):
    """A day and two times as `starts_at` and `ends_at`, in Paris; said on the form when they are not in order."""
    day, start, end = typed.get("day"), typed.get("start"), typed.get("end")
    if day and start and end:
        if end <= start:
            form.add_error("end", _("La réunion doit finir après avoir commencé."))
        typed["starts_at"] = timezone.make_aware(datetime.combine(day, start))
        typed["ends_at"] = timezone.make_aware(datetime.combine(day, end))
    return typed


class PostponeForm(forms.Form):
    """Another moment for a meeting, and why."""

    reason = forms.CharField(
        label=_("Motif du report"), max_length=300, help_text=_("Il figure dans le courriel aux membres.")
    )
    day = forms.DateField(label=_("Nouveau jour"), widget=DateInput)
    start = forms.TimeField(label=_("Début"), widget=TimeInput)
    end = forms.TimeField(label=_("Fin"), widget=TimeInput)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean(self):
        return with_moments(self, super().clean())


def meeting_values(meeting: Meeting) -> dict[str, object]:
    """The form's values for a meeting that exists."""
    start, end = timezone.localtime(meeting.starts_at), timezone.localtime(meeting.ends_at)
    return {
        "title": meeting.title,
        "day": start.date(),
        "start": start.time(),
        "end": end.time(),
        "place": meeting.place,
        "version": meeting.version,
    }


class ItemForm(forms.Form):
    file_number = forms.RegexField(
        FILE_NUMBER, label=_("Numéro du dossier"), max_length=12, required=False,
        help_text=_("Pour une situation individuelle : le numéro seul, jamais un nom ni des initiales."),
        error_messages={"invalid": _("Un numéro de dossier s’écrit comme 2026-014.")},
    )  # fmt: skip
    title = forms.CharField(label=_("Intitulé du point"), max_length=200)
    kind = forms.ChoiceField(label=_("Nature"), choices=AgendaItem.Kind, initial=AgendaItem.Kind.INFORMATION)
    presenter = forms.CharField(label=_("Présenté par"), max_length=160, required=False)
    minutes = forms.IntegerField(label=_("Durée en minutes"), min_value=1, max_value=600, required=False)
    documents = forms.ModelMultipleChoiceField(
        None, label=_("Documents joints"), required=False, widget=forms.CheckboxSelectMultiple
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, documents, nominative=False, **kwargs):
        """`nominative`: of a point of a body that speaks of files, by their numbers."""
        super().__init__(*args, **kwargs)
        self.fields["documents"].queryset = documents
        if not documents.exists():
            del self.fields["documents"]
        if nominative:
            self.fields["title"].required = False
        else:
            del self.fields["file_number"]

    def clean(self):
        typed = super().clean()
        if "file_number" in self.fields and not (typed.get("title") or typed.get("file_number") or self.errors):
            self.add_error("title", _("Écrivez l’intitulé du point, ou le numéro du dossier."))
        return typed


class MeetingFilter(forms.Form):
    """Filters of the list of meetings; an unknown value filters nothing."""

    q = forms.CharField(label=_("Mots de l’intitulé ou du conseil"), required=False)
    conseil = forms.IntegerField(required=False, widget=forms.HiddenInput)
    etat = forms.ChoiceField(label=_("État"), required=False, choices=[("", _("Tous")), *Meeting.State.choices])
    quand = forms.ChoiceField(
        label=_("Période"),
        required=False,
        choices=[("", _("Toutes")), ("avenir", _("À venir")), ("passees", _("Passées"))],
    )

    def narrowed(self, meetings):
        self.full_clean()
        chosen = getattr(self, "cleaned_data", {})
        if chosen.get("q"):
            meetings = meetings.filter(Q(title__icontains=chosen["q"]) | Q(council__name__icontains=chosen["q"]))
        if chosen.get("conseil"):
            meetings = meetings.filter(council_id=chosen["conseil"])
        if chosen.get("etat"):
            meetings = meetings.filter(state=chosen["etat"])
        if chosen.get("quand") == "avenir":
            meetings = meetings.filter(starts_at__gte=timezone.now())
        elif chosen.get("quand") == "passees":
            meetings = meetings.filter(starts_at__lt=timezone.now())
        return meetings


class PresenceForm(forms.Form):
    presence = forms.ChoiceField(choices=Attendance.Presence, required=False)
    represented_by = forms.CharField(max_length=160, required=False)


class AnswerForm(forms.Form):
    answer = forms.ChoiceField(choices=Attendance.Answer, required=False)


class GuestForm(forms.Form):
    name = forms.CharField(
        label=_("Personne venue sans être convoquée"), max_length=160, help_text=_("Nom, et en quelle qualité.")
    )
