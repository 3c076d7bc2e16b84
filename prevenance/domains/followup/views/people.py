"""Who follows and who takes part: proposals, answers, hand-overs, absences, members concerned."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prevenance.core.refusals import Refused, reason
from prevenance.domains.followup import actions
from prevenance.domains.followup.analysis import people as analysis
from prevenance.domains.followup.forms.people import CoverForm, MemberForm
from prevenance.domains.followup.models import Involvement
from prevenance.domains.followup.rules import clocks
from prevenance.domains.followup.rules import people as rules
from prevenance.domains.followup.views.reading import file_or_reason, show
from prevenance.domains.governance.rules.councils import Stale

TAB = "followup:people"
Kind = Involvement.Kind


def part_of(request, followup, pk):
    """A part in that file, with the file in hand."""
    part = get_object_or_404(Involvement.objects.visible_to(request.actor, of=followup), pk=pk)
    part.followup = followup
    return part


@require_safe
@file_or_reason
def people(request, followup):
    return people_page(request, followup)


FORMS = {"referent": MemberForm, "cover": CoverForm, "concerned": MemberForm}


def people_page(request, followup, typed=None, status=200):
    """`typed` is the form that was refused, by its prefix. Nothing of this page is sealed."""
    rows = Involvement.objects.visible_to(request.actor, of=followup).select_related("person", "proposed_by")
    parts = list(rows.order_by("-valid_from", "-pk"))
    current = {part.pk for part in followup.people}
    refusal = reason(rules.check_can_name, followup, request.actor)
    members = [] if refusal else analysis.members(followup.body, followup)
    natural = analysis.natural(followup)
    says = "{} {}".format(natural["says"], _("C’est une proposition.")) if natural else ""
    shown = typed or {}
    for part in parts:
        part.followup = followup
    context = {
        "waiting": [
            (part, reason(rules.check_can_withdraw, part, request.actor))
            for part in parts
            if not (part.accepted_at or part.declined_at)
        ],
        "current": [(part, reason(rules.check_can_end, part, request.actor)) for part in parts if part.pk in current],
        "coming": [part for part in parts if part.accepted_at and part.pk not in current and not ended(part)],
        "past": [part for part in parts if part.declined_at or (part.accepted_at and ended(part))],
        "refusal": refusal,
        "natural": natural,
        "unsigned": [member for member in members if not member.opens],
        "forms": {
            name: shown.get(name) or kind(members=members, prefix=name, says=says if name == "referent" else "")
            for name, kind in FORMS.items()
        },
    }
    return show(request, "followup/files/people.html", followup, TAB, context, status)


def ended(part):
    return part.valid_to is not None and part.valid_to < timezone.localdate()


@require_POST
@file_or_reason
def people_add(request, followup, what):
    """Propose a referent or a cover, or add a member concerned; `what` is the form that was sent."""
    if what not in FORMS:
        raise Http404
    rules.check_can_name(followup, request.actor)
    members = analysis.members(followup.body, followup)
    form = FORMS[what](request.POST, members=members, prefix=what)
    if not form.is_valid():
        return people_page(request, followup, {what: form}, 422)
    values = {**form.cleaned_data, "person": int(form.cleaned_data["person"])}
    action, sentence = {
        "referent": (actions.propose_referent, _("La proposition est faite : la personne accepte ou décline.")),
        "cover": (actions.propose_cover, _("Le remplacement est proposé : la personne accepte ou décline.")),
        "concerned": (actions.add_concerned, _("Ce membre lit désormais le dossier et y note ce qu’il fait.")),
    }[what]
    try:
        action(followup=followup, by=request.actor, **values)
    except Refused as refusal:
        form.add_error(None, refusal.reason)
        return people_page(request, followup, {what: form}, 409 if isinstance(refusal, Stale) else 422)
    messages.success(request, sentence)
    return redirect(TAB, followup.pk)


@require_POST
@file_or_reason
def part_withdraw(request, followup, part):
    actions.withdraw_proposal(part=part_of(request, followup, part), by=request.actor)
    messages.success(request, _("La proposition est retirée."))
    return redirect(TAB, followup.pk)


@require_http_methods(["GET", "POST"])
@file_or_reason
def part_end(request, followup, part):
    """End a part; asks once and says what is lost."""
    part = part_of(request, followup, part)
    rules.check_can_end(part, request.actor)
    if request.method == "POST":
        actions.end_part(part=part, by=request.actor)
        messages.success(request, _("Cette participation prend fin ce soir."))
        if part.person_id == request.actor.person_id:
            return redirect("followup:files")
        return redirect(TAB, followup.pk)
    context = {"part": part, "here": _("Fin d’une participation")}
    return show(request, "followup/files/part_end.html", followup, TAB, context)


@require_http_methods(["GET", "POST"])
def proposal(request, part):
    """What is proposed to oneself, before reading anything: the number, the category, the age band, the group."""
    mine = Involvement.objects.visible_to(request.actor).filter(person_id=request.actor.person_id)
    related = ("followup__body__council", "proposed_by", "replaces__person")
    part = get_object_or_404(mine.select_related(*related), pk=part)
    answers = {"accept": actions.accept_part, "decline": actions.decline_part}
    answer = answers.get(request.POST.get("answer", ""))
    if answer is None:
        refusal = reason(rules.check_can_answer, part, request.actor)
        context = {"part": part, "file": part.followup, "band": clocks.band_label(part.followup), "refusal": refusal}
        status = 422 if request.method == "POST" else 200
        return render(request, "followup/files/proposal.html", context, status=status)
    try:
        answer(part=part, by=request.actor)
    except Stale as stale:  # a second click: nothing more happens
        messages.info(request, stale.reason)
        return redirect("followup:files")
    if answer is actions.accept_part:
        messages.success(request, _("Vous prenez part à ce suivi. Votre accord est enregistré."))
        if part.valid_from <= timezone.localdate():
            return redirect("followup:file", part.followup_id)
    else:
        messages.success(request, _("Vous avez décliné. La coordination le voit et proposera quelqu’un d’autre."))
    return redirect("followup:files")
