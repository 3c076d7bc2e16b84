"""Whom to turn somebody to, what is said of them, the filters of their list, what a service answers."""

from django import forms
from django.db.models import Case, IntegerField, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.dates import quarter_label
from prevenance.core.widgets import DateInput
from prevenance.domains.directory.analysis.finding import Asked as Looked
from prevenance.domains.directory.analysis.finding import asked_for
from prevenance.domains.directory.models import OrientationAnswer, OrientationLink, closed_list
from prevenance.domains.directory.rules.orientations import Asked, Given, silent_since
from prevenance.domains.territories.forms import TerritoryField

EVERYBODY = "tous-publics"


def listed(name, empty):
    """Choices of a closed list after the one that says nothing."""
    return lambda: [("", empty), *closed_list(name).items()]


class OrientSearch(forms.Form):
    """In the address: words of lists and of names, nothing of the person. Without a place, the one acted in."""

    need = forms.ChoiceField(label=_("Victime de"), required=False, choices=listed("needs", _("Tout besoin")))
    where = TerritoryField(label=_("Habite"), required=False, help_text=_("Vide : toute la France."))
    now = forms.BooleanField(label=_("Ouverts en ce moment"), required=False)
    stage = forms.ChoiceField(label=_("Moment"), required=False, choices=listed("stages", _("Tous")))
    audience = forms.ChoiceField(label=_("Public"), required=False, choices=listed("publics", _("Tous")))
    q = forms.CharField(label=_("Mots"), required=False, max_length=100, help_text=_("Nom, structure, nature."))

    @property
    def unfolds(self):
        """Whether one of the choices that are folded is made."""
        return any(self.data.get(name) for name in ("stage", "audience", "q"))

    def narrow(self, services, today):
        """Those that a professional may turn somebody to today, those of the place first."""
        if not self.is_valid() and "where" in self.errors:
            return services.none()  # all of France instead of the place meant would mislead
        chosen = self.cleaned_data
        services = services.open(today).for_professionals().filter(merged_into=None)
        services = services.filter(asked_for(Looked(need=chosen.get("need", ""), audience=chosen.get("audience", ""))))
        if chosen.get("stage"):
            services = services.filter(Q(stages__contains=[chosen["stage"]]) | Q(stages=[]))
        if chosen.get("q"):
            services = services.matching(chosen["q"])
        where = chosen.get("where")
        if where is None:
            return services.order_by("sort_name", "pk")
        there = Case(When(commune=where, then=Value(0)), default=Value(1), output_field=IntegerField())
        return services.near(where).order_by(there, "sort_name", "pk")


class OrientForm(forms.Form):
    """Closed lists alone: nothing can be written of the person."""

    need = forms.ChoiceField(label=_("Victime de"), required=False, choices=listed("needs", _("Ne pas le dire")))
    audience = forms.ChoiceField(label=_("Public"), required=False, choices=listed("publics", _("Ne pas le dire")))
    wish = forms.ChoiceField(
        label=_("À recevoir"), choices=lambda: list(closed_list("wishes").items()), widget=forms.RadioSelect
    )
    assessment = forms.BooleanField(
        label=_("Pour l’évaluation personnalisée de ses besoins"), required=False,
        help_text=_("Article 10-5 du code de procédure pénale. Le service dira qu’elle est faite, jamais son contenu."),
    )  # fmt: skip

    def asked(self):
        return Asked(**{name: self.cleaned_data[name] for name in ("need", "audience", "wish", "assessment")})


def first_values(service, need):
    """What the form proposes: what was looked for, or the one thing that the service is for."""
    audience = service.audiences[0] if len(service.audiences) == 1 and service.audiences[0] != EVERYBODY else ""
    known = need if need in closed_list("needs") else ""
    return {
        "need": known or (service.needs[0] if len(service.needs) == 1 else ""),
        "audience": audience,
        "wish": "semaine",
    }


class OrientationFilters(forms.Form):
    """In the address. What is not understood is left out."""

    STATES = [
        ("", _("Toutes")), ("sent", _("Sans réponse")), ("late", _("Sans réponse depuis longtemps")),
        ("accepted", _("Acceptées")), ("waiting", _("En attente")), ("refused", _("Refusées")),
        ("assessed", _("Évaluation faite")), ("ended", _("Lien expiré ou retiré")),
    ]  # fmt: skip
    OF = [("", _("De mon organisme")), ("mine", _("De moi seulement"))]

    q = forms.CharField(label=_("Code ou service"), required=False, max_length=100)
    state = forms.ChoiceField(label=_("Réponse"), required=False, choices=STATES)
    need = forms.ChoiceField(label=_("Victime de"), required=False, choices=listed("needs", _("Tout besoin")))
    of = forms.ChoiceField(label=_("Faites"), required=False, choices=OF)

    def narrow(self, orientations, actor, services):
        """`services`: those that may be named, in which words are looked for."""
        self.is_valid()
        chosen = self.cleaned_data
        if words := chosen.get("q"):
            named = services.matching(words).values("pk")
            orientations = orientations.filter(Q(code__istartswith=words.strip()) | Q(service__in=named))
        if chosen.get("need"):
            orientations = orientations.filter(need=chosen["need"])
        if chosen.get("of") == "mine":
            orientations = orientations.filter(sender=actor.person_id)
        match chosen.get("state"):
            case "late":
                return orientations.unanswered_since(silent_since(timezone.localdate()))
            case "assessed":
                return orientations.filter(assessed_on__isnull=False)
            case "ended":
                return orientations.filter(Q(withdrawn_at__isnull=False) | Q(expires_at__lte=timezone.now()))
            case state if state in OrientationLink.State.values:
                return orientations.filter(state=state)
        return orientations


class FiguresFilter(forms.Form):
    """A département of those that may be seen, and a finished quarter, kept in the address."""

    departement = forms.ChoiceField(label=_("Département"), required=False)
    quarter = forms.ChoiceField(label=_("Trimestre"), required=False)

    def __init__(self, data, *, departements, own, quarters):
        days = {day.isoformat(): day for day in quarters}
        asked = {"departement": data.get("departement") or own, "quarter": data.get("quarter")}
        super().__init__(asked | ({} if asked["quarter"] in days else {"quarter": next(iter(days))}))
        empty = [] if own else [("", _("Choisissez"))]
        self.fields["departement"].choices = empty + [(one.code, f"{one.name} ({one.code})") for one in departements]
        self.fields["quarter"].choices = [(value, quarter_label(day)) for value, day in days.items()]
        self.is_valid()
        code = self.cleaned_data.get("departement")
        self.departement = next((one for one in departements if one.code == code), None)
        self.quarter = days[self.cleaned_data["quarter"]]


class GivenForm(forms.Form):
    """One of the answers of a service: what it adds to it."""

    ANSWER, heading, button = "", _("Réponse"), _("Répondre")

    def __init__(self, *args, **options):
        super().__init__(*args, auto_id=f"{self.ANSWER}_%s", **options)

    def given(self):
        return Given(self.ANSWER, **self.cleaned_data)


class AcceptedForm(GivenForm):
    ANSWER = OrientationAnswer.Answer.ACCEPTED.value
    heading, button = _("Oui, nous la recevrons"), _("Nous la recevrons")
    day = forms.DateField(label=_("À partir du"), widget=DateInput, initial=timezone.localdate)


class WaitingForm(GivenForm):
    ANSWER = OrientationAnswer.Answer.WAITING.value
    heading, button = _("Oui, mais il faut attendre"), _("Il faut attendre")
    wait = forms.ChoiceField(label=_("Combien de temps"), choices=listed("waits", _("Choisissez")))


class RefusedForm(GivenForm):
    ANSWER = OrientationAnswer.Answer.REFUSED.value
    heading, button = _("Non"), _("Nous ne pouvons pas la recevoir")
    reason = forms.ChoiceField(label=_("Pourquoi"), choices=listed("reasons", _("Choisissez")))


class AssessedForm(GivenForm):
    ANSWER = OrientationAnswer.Answer.ASSESSED.value
    heading, button = _("L’évaluation est faite"), _("Dire qu’elle a eu lieu")
    day = forms.DateField(label=_("Elle a eu lieu le"), widget=DateInput, initial=timezone.localdate)


ANSWERS = {one.ANSWER: one for one in (AcceptedForm, WaitingForm, RefusedForm, AssessedForm)}


def answer_forms(orientation):
    """The answers that may be given to an orientation, in their order."""
    return [one for answer, one in ANSWERS.items() if answer != "assessed" or orientation.assessment]
