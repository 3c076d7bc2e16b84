"""Restorative-justice programmes, for who runs them: to others they do not exist. And yearly counts, protected."""

from collections import Counter
from functools import partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prevenance.core.documents.tables import Column
from prevenance.core.refusals import Refused, reason
from prevenance.domains.directory.actions import restorative as actions
from prevenance.domains.directory.forms.restorative import (
    CodeForm,
    ConsentForm,
    CorrectionForm,
    EndForm,
    ParticipantForm,
    ProgrammeForm,
    StageForm,
    YearForm,
)
from prevenance.domains.directory.models import Consent, Participant, Programme, StageHeld, Withdrawal, YearlyCount
from prevenance.domains.directory.models.restorative import restorative_list
from prevenance.domains.directory.rules import restorative as rules
from prevenance.domains.directory.statistics import lines as lines_of
from prevenance.domains.directory.statistics import years
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.views.councils import PER_PAGE
from prevenance.domains.governance.views.files import table_or_none
from prevenance.domains.governance.views.requests import posted
from prevenance.domains.strategy.rules.small_counts import threshold


def for_runners(actor):
    """To whoever runs no programme, not even the list of them exists."""
    if not actor.can("hold_programmes"):
        raise Http404


def programme_of(request, pk):
    found = Programme.objects.visible_to(request.actor).select_related("service", "court")
    return get_object_or_404(found, pk=pk)


def people_of(request, programme):
    """Codes of a programme; that they were read is recorded."""
    actions.record_programme_reading(programme=programme, by=request.actor)
    return list(Participant.objects.visible_to(request.actor).filter(programme=programme))


@require_safe
def programmes(request):
    actor = request.actor
    for_runners(actor)
    found = Programme.objects.visible_to(actor).select_related("service", "court").order_by("-starts_on", "-pk")
    file = table_or_none(request, columns(), found, line=line, title=_("Programmes de justice restaurative"))
    if file is not None:
        return file
    context = {
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "run_refusal": reason(rules.check_can_run, actor),
    }
    return render(request, "directory/restorative/list.html", context)


def columns():
    return [
        Column("kind", _("Mesure")), Column("service", _("Service")), Column("court", _("Siège du tribunal")),
        Column("starts_on", _("Du"), "date"), Column("ends_on", _("Au"), "date"),
    ]  # fmt: skip


def line(programme):
    """Of a programme, and never of anybody in it: a file is passed from hand to hand."""
    return {
        "kind": str(programme), "service": programme.service.name, "court": programme.court.name,
        "starts_on": programme.starts_on, "ends_on": programme.ends_on,
    }  # fmt: skip


@require_http_methods(["GET", "POST"])
def programme_add(request):
    for_runners(request.actor)
    rules.check_can_run(request.actor)
    form = ProgrammeForm(posted(request), actor=request.actor, initial={"starts_on": timezone.localdate()})
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            added = actions.open_programme(**form.told(), by=request.actor)
        except Refused as refusal:
            form.add_error(None, refusal.reason)
            status = 409 if isinstance(refusal, Stale) else 422
        else:
            messages.success(request, _("Le programme est ouvert. Inscrivez-y les personnes : un code leur est donné."))
            return redirect("directory:programme", added.pk)
    status = 422 if form.errors and status == 200 else status
    return render(request, "directory/restorative/form.html", {"form": form}, status=status)


@require_safe
def programme(request, programme):
    programme = programme_of(request, programme)
    actor = request.actor
    people = people_of(request, programme)
    consents = Consent.objects.visible_to(actor).filter(participant__programme=programme)
    held = StageHeld.objects.visible_to(actor).filter(participant__programme=programme)
    gone = Withdrawal.objects.visible_to(actor).filter(programme=programme)
    context = {
        "programme": programme,
        "stages": restorative_list("stages").values(),
        "rows": rows(people, list(consents), list(held)),
        "withdrawals": sorted(Counter(gone.values_list("month", flat=True)).items()),
        "write_refusal": reason(rules.check_can_write, programme, timezone.localdate(), actor),
        "add": ParticipantForm(initial={"seen": programme.edit}),
    }
    return render(request, "directory/restorative/detail.html", context)


def rows(people, consents, held):
    """[(participant, [(consent or None, days held) of each stage])]."""
    given = {(one.participant_id, one.stage): one for one in consents}
    days = {}
    for one in held:
        days.setdefault((one.participant_id, one.stage), []).append(one.held_on)
    stages = restorative_list("stages")
    return [
        (person, [(given.get((person.pk, stage)), days.get((person.pk, stage), [])) for stage in stages])
        for person in people
    ]


@require_http_methods(["GET", "POST"])
def programme_extend(request, programme):
    programme = programme_of(request, programme)
    initial = {"ends_on": programme.ends_on, "seen": programme.edit}
    form = EndForm(posted(request), initial=initial)
    words = {"title": _("Changer la fin du programme"), "button": _("Enregistrer"), "lead": ""}
    return written(
        request, programme, form, words, _("La fin du programme est enregistrée."),
        lambda values: actions.extend_programme(programme=programme, by=request.actor, **values),
    )  # fmt: skip


@require_POST
def participant_add(request, programme):
    """A code is drawn; a second click inscribes nobody else."""
    programme = programme_of(request, programme)
    form = ParticipantForm(request.POST)
    words = {"title": _("Inscrire une personne"), "button": _("Inscrire"), "lead": ""}
    return written(
        request, programme, form, words,
        _("La personne est inscrite : son code est le dernier de la liste. Notez-le sur le dossier papier : ici, "
          "rien ne dit qui elle est."),
        lambda values: actions.add_participant(programme=programme, by=request.actor, **values),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def consent_add(request, programme):
    programme = programme_of(request, programme)
    rules.check_can_write(programme, timezone.localdate(), request.actor)
    form = ConsentForm(
        posted(request), participants=people_of(request, programme), initial={"given_on": timezone.localdate()}
    )
    words = {
        "title": _("Noter un consentement"), "button": _("Noter le consentement"),
        "lead": _("Chaque étape demande le sien, donné librement, après une information complète. Il se retire à tout "
                  "moment."),
    }  # fmt: skip
    return written(
        request, programme, form, words, _("Le consentement est noté."),
        lambda values: actions.record_consent(
            participant=form.participant, by=request.actor,
            **{name: values[name] for name in ("stage", "given_on", "form")},
        ),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def stage_add(request, programme):
    programme = programme_of(request, programme)
    rules.check_can_write(programme, timezone.localdate(), request.actor)
    form = StageForm(
        posted(request), participants=people_of(request, programme), initial={"held_on": timezone.localdate()}
    )
    words = {
        "title": _("Noter une étape tenue"), "button": _("Noter l’étape"),
        "lead": _("Une étape ne se note que pour qui y avait consenti ce jour-là."),
    }  # fmt: skip
    return written(
        request, programme, form, words, _("L’étape est notée."),
        lambda values: actions.record_stage(
            participant=form.participant, stage=values["stage"], held_on=values["held_on"], by=request.actor
        ),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def day_correct(request, programme):
    """A date that was mistyped, of the last stage of somebody."""
    programme = programme_of(request, programme)
    rules.check_can_write(programme, timezone.localdate(), request.actor)
    people = people_of(request, programme)
    consents = Consent.objects.visible_to(request.actor).filter(participant__programme=programme)
    held = StageHeld.objects.visible_to(request.actor).filter(participant__programme=programme)
    form = CorrectionForm(posted(request), noted=rules.correctable(people, consents, list(held)))
    words = {
        "title": _("Corriger une date"), "button": _("Corriger la date"),
        "lead": _("La dernière étape de chaque personne seulement : ce qui a suivi une étape s’appuie sur ses dates. "
                  "Le journal garde les deux jours, sans dire de qui."),
    }  # fmt: skip
    by_code = {one.code: one for one in people}
    return written(
        request, programme, form, words, _("La date est corrigée."),
        lambda values: actions.correct_day(
            participant=by_code[form.chosen.code], noted=form.chosen, on=values["on"], by=request.actor
        ),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def withdrawal(request, programme):
    """Asks once and says what is lost; the second time there is nobody of that code."""
    programme = programme_of(request, programme)
    people = people_of(request, programme)
    form = CodeForm(posted(request), participants=people)
    gone = request.POST.get("code", "") not in {one.code for one in people}
    if request.method == "POST" and request.POST.get("code") and gone:
        messages.info(request, _("Ce code n’est plus dans le programme : rien n’y est inscrit."))
        return redirect("directory:programme", programme.pk)
    words = {
        "title": _("Une personne se retire"), "button": _("Effacer tout ce qui la concerne"), "danger": True,
        "lead": _("Son code, sa qualité, ses consentements et ses étapes seront effacés aussitôt, sans retour. Il ne "
                  "restera que ceci : quelqu’un s’est retiré ce mois-ci. Détruisez aussi le dossier papier."),
    }  # fmt: skip
    return written(
        request, programme, form, words, _("Tout ce qui concernait cette personne est effacé."),
        lambda _values: actions.withdraw(participant=form.participant, by=request.actor),
    )  # fmt: skip


def written(request, programme, form, words, done, act):
    """A form of a programme, drawn or acted upon; what is refused is said on it with what was typed."""
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            act(form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, refusal.reason)
            status = 409 if isinstance(refusal, Stale) else 422
        else:
            messages.success(request, done)
            return redirect("directory:programme", programme.pk)
    context = {"form": form, "programme": programme, "danger": False} | words
    status = 422 if form.errors and status == 200 else status
    return render(request, "directory/restorative/write.html", context, status=status)


@require_safe
def restorative_figures(request):
    """People who took part in each stage, by département and year that is over; for who reads indicators."""
    actor = request.actor
    if not actor.can("see_plans"):
        raise Refused(_("Ces comptes se lisent avec les indicateurs des plans : votre rôle ne les ouvre pas."))
    today = timezone.localdate()
    form = YearForm(request.GET, years=years(today))
    year = form.chosen
    lines = lines_of(YearlyCount.objects.visible_to(actor).filter(year=year).select_related("departement"))
    stages = restorative_list("stages")
    title = _("Justice restaurative, %(year)d") % {"year": year}
    file = table_or_none(request, figure_columns(stages), lines, line=partial(figure_line, stages=stages), title=title)
    if file is not None:
        return file
    context = {
        "form": form, "year": year, "lines": lines, "stages": stages.values(), "least": threshold(today).least,
        "runs": actor.can("hold_programmes"), "programmes": reverse("directory:programmes"),
    }  # fmt: skip
    return render(request, "directory/restorative/figures.html", context)


def figure_columns(stages):
    named = [Column("code", _("Code Insee")), Column("name", _("Département"))]
    return [*named, *(Column(stage, label) for stage, label in stages.items())]


def figure_line(one, stages):
    counts = {s: _("moins que le seuil") if n is None else n for s, n in zip(stages, one.counts, strict=True)}
    return {"code": one.code, "name": one.name or _("Ensemble")} | counts
