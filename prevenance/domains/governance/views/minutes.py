"""Minutes: read, written with automatic saving, approved, corrected."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prevenance.core.dates import date_format
from prevenance.core.documents.pdf import PdfUnavailable
from prevenance.core.refusals import Refused, reason
from prevenance.domains.governance.actions import minutes as actions
from prevenance.domains.governance.analysis import papers
from prevenance.domains.governance.forms.minutes import (
    ApprovalForm,
    CorrectionForm,
    PartForm,
    SectionForm,
    typed_parts,
)
from prevenance.domains.governance.models import Meeting, Minutes
from prevenance.domains.governance.rules import minutes as rules
from prevenance.domains.governance.rules.confidential import NamesSomebody
from prevenance.domains.governance.rules.councils import Stale, check_can_hold
from prevenance.domains.governance.rules.meetings import Changed
from prevenance.domains.governance.views.files import file_response, named
from prevenance.domains.governance.views.meetings import visible as visible_meeting
from prevenance.domains.governance.views.requests import naming_nobody, posted


def visible(request, pk):
    """The version of an address, or 404."""
    versions = Minutes.objects.visible_to(request.actor)
    versions = versions.select_related("meeting__council", "meeting__body", "approved_by")
    return get_object_or_404(versions, pk=pk)


@require_POST
def start(request, pk):
    """Open the minutes, or go to those that someone opened meanwhile."""
    meeting = visible_meeting(request, pk)
    try:
        minutes = actions.start_minutes(meeting=meeting, by=request.actor)
    except Stale:
        minutes = Minutes.objects.visible_to(request.actor).filter(meeting=meeting).first()
    return redirect("governance:minutes_write", minutes.pk)


@require_safe
def read(request, pk):
    minutes = visible(request, pk)
    versions = list(
        Minutes.objects.visible_to(request.actor).filter(meeting=minutes.meeting_id).select_related("approved_by")
    )
    draft = minutes.approved_at is None
    context = {
        "minutes": minutes,
        "meeting": minutes.meeting,
        "moment": papers.moment(minutes.meeting),
        "parts": papers.parts_of(minutes),
        "attendance": papers.attendance_of(minutes).splitlines(),
        "quorum": papers.quorum_of_minutes(minutes),
        "others": [version for version in versions if version.pk != minutes.pk],
        "latest": versions[0].pk == minutes.pk,
        "holds": not reason(check_can_hold, minutes.meeting.council, request.actor),
        "draft": draft,
        "seen": rules.digest(minutes) if draft else "",
        "approve_refusal": reason(rules.check_can_approve, minutes, request.actor) if draft else "",
        "correct_refusal": "" if draft else reason(rules.check_can_correct, minutes, request.actor),
    }
    return render(request, "governance/minutes/read.html", context)


@require_safe
def pdf(request, pk):
    minutes = visible(request, pk)
    try:
        content = papers.minutes_pdf(minutes)
    except PdfUnavailable as problem:
        messages.error(request, str(problem))
        return redirect("governance:minutes", pk)
    name = named("compte-rendu", minutes.meeting.title, f"v{minutes.version}", extension="pdf")
    return file_response(content, "application/pdf", name, inline=True)


# -------------------------------------------------------------------------------------------------- writing


def editor(request, minutes, *, typed=None, conflicts=None, status=200):
    """The page where minutes are written. `typed` is shown in place of what is stored; `conflicts` beside it."""
    typed, conflicts = typed or {}, conflicts or {}

    def part(name, label, text, edit, counter, **more):
        return {
            "name": name,
            "label": label,
            "text": typed[name][1] if name in typed else text,
            "edit": edit,
            "counter": counter,
            "other": conflicts[name][1] if name in conflicts else None,
            "conflict": name in conflicts,
            **more,
        }

    sections = [
        part(
            f"section-{p.section.pk}",
            p.section.title,
            p.section.text,
            p.section.edit,
            f"section-{p.section.pk}",
            section=p.section,
            decisions=p.decisions,
        )
        for p in papers.parts_of(minutes)
    ]
    context = {
        "minutes": minutes,
        "meeting": minutes.meeting,
        "moment": papers.moment(minutes.meeting),
        "sections": sections,
        "opening": part("opening", _("Ouverture de la séance"), minutes.opening, minutes.edit, "minutes"),
        "closing": part("closing", _("Clôture de la séance"), minutes.closing, minutes.edit, "minutes"),
        "reason": part(
            "correction_reason", _("Motif de la correction"), minutes.correction_reason, minutes.edit, "minutes"
        ),
        "attendance": papers.attendance_text(minutes.meeting).splitlines(),
        "quorum": papers.quorum_of_minutes(minutes),
        "conflicts": len(conflicts),
        "marking": minutes.meeting.state in (Meeting.State.CONVENED, Meeting.State.HELD),
    }
    return render(request, "governance/minutes/write.html", context, status=status)


@require_http_methods(["GET", "POST"])
def write(request, pk):
    """The editor. The button saves everything, and then goes where it says: a decision, a part, the reading page."""
    minutes = visible(request, pk)
    rules.check_can_write(minutes, request.actor)
    if request.method == "GET":
        return editor(request, minutes)
    try:
        typed = typed_parts(request.POST)
    except ValidationError as problem:
        raise Refused(" ".join(problem.messages)) from problem
    try:
        actions.save_texts(minutes=minutes, texts=typed, by=request.actor)
    except Changed as changed:
        return editor(request, visible(request, pk), typed=typed, conflicts=changed.current, status=409)
    except NamesSomebody as refusal:
        messages.error(request, refusal.reason)
        return editor(request, visible(request, pk), typed=typed, status=422)
    return redirect(going_from(request, minutes))


def going_from(request, minutes):
    """Where the button that saved leads: « what:number:number »."""
    going, *rest = request.POST.get("then", "").split(":")
    numbers = [int(number) for number in rest if number.isdecimal()]
    match going, numbers:
        case "attendance", []:
            return reverse("governance:attendance", args=[minutes.meeting_id])
        case "decision", [section]:
            return reverse("governance:decision_add", args=[minutes.pk, section])
        case "rectify", [section, decision]:
            return reverse("governance:decision_add", args=[minutes.pk, section]) + f"?rectifie={decision}"
        case "edit", [decision]:
            return reverse("governance:decision_edit", args=[decision])
        case "section", []:
            return reverse("governance:section_add", args=[minutes.pk])
        case "remove", [section]:
            return reverse("governance:section_remove", args=[minutes.pk, section])
        case "read", []:
            return reverse("governance:minutes", args=[minutes.pk])
    messages.success(request, _("Compte rendu enregistré."))
    return reverse("governance:minutes_write", args=[minutes.pk])


@require_POST
def autosave(request, pk):
    """One part, as it is typed: {"edit", "saved"}, or 409 with the text saved elsewhere meanwhile."""
    minutes = visible(request, pk)
    form = PartForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"reason": " ".join(e for errors in form.errors.values() for e in errors)}, status=422)
    part, seen, text = form.cleaned_data["part"], form.cleaned_data["edit"], form.cleaned_data["text"]
    try:
        edits = actions.save_texts(minutes=minutes, texts={part: (seen, text)}, by=request.actor)
    except Changed as changed:
        edit, current = changed.current[part]
        return JsonResponse({"edit": edit, "text": current}, status=409)
    except NamesSomebody as refusal:
        return JsonResponse({"reason": refusal.reason}, status=422)
    saved = date_format(timezone.localtime(), "G\u00a0\\h\u00a0i")
    return JsonResponse({"edit": edits[part], "saved": _("Enregistré à %(time)s") % {"time": saved}})


@require_http_methods(["GET", "POST"])
def add_section(request, pk):
    minutes = visible(request, pk)
    rules.check_can_write(minutes, request.actor)
    form = SectionForm(posted(request))
    if request.method == "POST" and form.is_valid():
        with naming_nobody(form):
            section = actions.add_section(minutes=minutes, title=form.cleaned_data["title"], by=request.actor)
            return redirect(f"{reverse('governance:minutes_write', args=[pk])}#partie-{section.pk}")
    context = {"minutes": minutes, "meeting": minutes.meeting, "form": form}
    return render(request, "governance/minutes/section.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def remove_section(request, pk, section):
    minutes = visible(request, pk)
    section = get_object_or_404(minutes.sections, pk=section)
    back = reverse("governance:minutes_write", args=[pk])
    if request.method == "POST":
        actions.remove_section(section=section, by=request.actor)
        messages.success(request, _("Partie retirée du compte rendu."))
        return redirect(back)
    rules.check_can_write(minutes, request.actor)
    context = {
        "title": _("Retirer cette partie ?"),
        "confirm": _("Retirer la partie"),
        "back": back,
        "hidden": {},
        "lost": _("La partie « %(title)s » quitte le compte rendu. L’ordre du jour ne change pas.")
        % {"title": section.title},
        "url": request.path,
    }
    return render(request, "components/confirm_page.html", context)


# ------------------------------------------------------------------------------------- approval, correction


@require_POST
def approve(request, pk):
    """What was read is what is approved: a text changed meanwhile is shown again instead."""
    minutes = visible(request, pk)
    form = ApprovalForm(request.POST)
    seen = form.cleaned_data["seen"] if form.is_valid() else ""
    try:
        actions.approve(minutes=minutes, seen=seen, by=request.actor)
    except Stale as already:
        messages.info(request, already.reason)
    except Changed:
        messages.warning(
            request, _("Le compte rendu a changé depuis que vous l’avez ouvert : relisez-le avant d’approuver.")
        )
    else:
        messages.success(request, _("Compte rendu approuvé : son texte et ses décisions ne changeront plus."))
    return redirect("governance:minutes", pk)


@require_http_methods(["GET", "POST"])
def correct(request, pk):
    minutes = visible(request, pk)
    form = CorrectionForm(posted(request))
    if request.method == "POST" and form.is_valid():
        with naming_nobody(form):
            version = actions.correct(minutes=minutes, reason=form.cleaned_data["reason"], by=request.actor)
            return redirect("governance:minutes_write", version.pk)
    rules.check_can_correct(minutes, request.actor)
    context = {"minutes": minutes, "meeting": minutes.meeting, "form": form}
    return render(request, "governance/minutes/correct.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def discard(request, pk):
    minutes = visible(request, pk)
    if request.method == "POST":
        meeting = minutes.meeting_id
        actions.discard_correction(minutes=minutes, by=request.actor)
        messages.success(request, _("Correction abandonnée : la version approuvée reste la bonne."))
        return redirect("governance:meeting", meeting)
    rules.check_can_discard(minutes, request.actor)
    context = {
        "title": _("Abandonner cette correction ?"),
        "confirm": _("Abandonner la correction"),
        "hidden": {},
        "lost": _(
            "Le texte et les décisions de cette nouvelle version sont perdus. La version approuvée ne change pas."
        ),
        "back": reverse("governance:minutes_write", args=[pk]),
        "url": request.path,
    }
    return render(request, "components/confirm_page.html", context)
