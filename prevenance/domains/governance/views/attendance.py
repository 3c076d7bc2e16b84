"""Who will come, who came: on a phone, in the room; and the link of the mail, without an account."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prevenance.core.refusals import reason
from prevenance.core.text import plain
from prevenance.domains.accounts.acting import public
from prevenance.domains.governance.actions import attendance as actions
from prevenance.domains.governance.analysis.papers import lines_of, moment
from prevenance.domains.governance.forms.meetings import AnswerForm, GuestForm, PresenceForm
from prevenance.domains.governance.models import Attendance
from prevenance.domains.governance.rules import links
from prevenance.domains.governance.rules import meetings as rules
from prevenance.domains.governance.rules.councils import check_can_hold
from prevenance.domains.governance.rules.quorum import count
from prevenance.domains.governance.views.meetings import visible

Presence = Attendance.Presence
BUTTONS = [
    (Presence.PRESENT, _("Présent")),
    (Presence.EXCUSED, _("Excusé")),
    (Presence.ABSENT, _("Absent")),
]


def line_of(request, meeting, pk):
    line = get_object_or_404(Attendance.objects.visible_to(request.actor).filter(meeting=meeting), pk=pk)
    line.meeting = meeting
    return line


def counted(lines):
    """(label, how many) of each mark, those not marked yet first."""
    return [(choice.label, sum(1 for line in lines if line.presence == choice)) for choice in Presence]


def sheet(request, meeting, query):
    """What the page and its parts show."""
    lines = lines_of(meeting)
    wanted = plain(query)
    return {
        "meeting": meeting,
        "query": query,
        "buttons": BUTTONS,
        "counts": counted(lines),
        "quorum": count(meeting, lines),
        "total": len(lines),
        "lines": [line for line in lines if wanted in plain(f"{line.name} {line.title}")],
    }


@require_safe
def take(request, pk):
    """The list to mark, filtered as one types."""
    meeting = visible(request, pk)
    check_can_hold(meeting.council, request.actor)
    rules.check_can_take_attendance(meeting, request.actor)
    context = sheet(request, meeting, request.GET.get("q", "").strip()[:80])
    if request.htmx:
        return render(request, "governance/meetings/attendance_lines.html", context)
    context |= {"moment": moment(meeting), "form": GuestForm()}
    return render(request, "governance/meetings/attendance.html", context)


@require_POST
def mark(request, pk, line):
    """One tap is one mark, saved at once; a second tap on the same button takes it away."""
    meeting = visible(request, pk)
    line = line_of(request, meeting, line)
    form = PresenceForm(request.POST)
    if not form.is_valid():
        raise Http404
    actions.mark(
        attendance=line,
        presence=form.cleaned_data["presence"],
        represented_by=form.cleaned_data["represented_by"],
        by=request.actor,
    )
    query = request.POST.get("q", "")[:80]
    if request.htmx:
        context = sheet(request, meeting, query)
        context["line"] = next(shown for shown in lines_of(meeting) if shown.pk == line.pk)
        return render(request, "governance/meetings/attendance_marked.html", context)
    return back_to_sheet(pk, query, line.pk)


def back_to_sheet(pk, query, line):
    address = reverse("governance:attendance", args=[pk])
    return redirect(f"{address}{'?' + urlencode({'q': query}) if query else ''}#ligne-{line}")


@require_POST
def add_guest(request, pk):
    meeting = visible(request, pk)
    form = GuestForm(request.POST)
    if form.is_valid():
        line = actions.add_guest(meeting=meeting, name=form.cleaned_data["name"], by=request.actor)
        messages.success(request, _("Présence notée : %(name)s.") % {"name": line.name})
        return back_to_sheet(pk, "", line.pk)
    rules.check_can_take_attendance(meeting, request.actor)
    context = sheet(request, meeting, "") | {"moment": moment(meeting), "form": form}
    return render(request, "governance/meetings/attendance.html", context, status=422)


@require_http_methods(["GET", "POST"])
def remove_guest(request, pk, line):
    meeting = visible(request, pk)
    line = line_of(request, meeting, line)
    if request.method == "POST":
        actions.remove_guest(attendance=line, by=request.actor)
        messages.success(request, _("Ligne retirée."))
        return redirect("governance:attendance", pk)
    rules.check_can_take_attendance(meeting, request.actor)
    context = {
        "title": _("Retirer cette ligne ?"),
        "confirm": _("Retirer la ligne"),
        "hidden": {},
        "url": request.path,
        "lost": _("La présence de « %(name)s » ne sera plus notée.") % {"name": line.name},
        "back": reverse("governance:attendance", args=[pk]),
    }
    return render(request, "components/confirm_page.html", context)


# -------------------------------------------------------------------------------------------------- answers


@require_POST
def answer(request, pk, line):
    """A member's own answer, or one noted for them."""
    meeting = visible(request, pk)
    line = line_of(request, meeting, line)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        raise Http404
    actions.answer(attendance=line, answer=form.cleaned_data["answer"], by=request.actor)
    messages.success(request, _("Réponse notée."))
    return redirect("governance:meeting", pk)


@public
@never_cache
@require_http_methods(["GET", "POST"])
def answer_by_link(request, token):
    """Opening the link records nothing: mail programs open links by themselves. The button does."""
    line = links.attendance_of(token)
    if line is None:
        return render(request, "governance/meetings/answer_closed.html", status=410)
    if request.method == "POST":
        form = AnswerForm(request.POST)
        if not form.is_valid() or not form.cleaned_data["answer"]:
            raise Http404
        actions.answer_by_link(token=token, answer=form.cleaned_data["answer"], by=request.actor)
        return redirect("governance:answer", token)
    context = {
        "line": line,
        "meeting": line.meeting,
        "moment": moment(line.meeting),
        "token": token,
        "refusal": reason(rules.check_open_to_answers, line.meeting),
    }
    return render(request, "governance/meetings/answer.html", context)
