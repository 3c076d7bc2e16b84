"""Convening: what would be sent and to whom, then sending; the same on paper and in calendars."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prevenance.core.documents import calendar
from prevenance.core.documents.pdf import PdfUnavailable
from prevenance.core.refusals import Refused, reason
from prevenance.domains.governance.actions import convocations as actions
from prevenance.domains.governance.analysis import papers
from prevenance.domains.governance.forms.meetings import PostponeForm
from prevenance.domains.governance.rules import meetings as rules
from prevenance.domains.governance.rules.councils import Stale, check_can_hold
from prevenance.domains.governance.views.files import file_response, named
from prevenance.domains.governance.views.meetings import visible
from prevenance.domains.governance.views.requests import posted


def sent(count):
    return ngettext("Un courriel part à l’instant.", "%(count)d courriels partent à l’instant.", count) % {
        "count": count
    }


@require_http_methods(["GET", "POST"])
def convocation(request, pk):
    """See before sending: who, what. Sending twice sends once."""
    meeting = visible(request, pk)
    if request.method == "POST":
        try:
            count = actions.convene(meeting=meeting, by=request.actor)
        except Stale as already:
            messages.info(request, _("%(why)s Rien n’a été envoyé une seconde fois.") % {"why": already.reason})
        else:
            messages.success(request, _("La réunion est convoquée.") + " " + sent(count))
        return redirect("governance:meeting", pk)
    check_can_hold(meeting.council, request.actor)
    members = list(rules.members_convened(meeting))
    mail = render_to_string(
        "governance/meetings/mails/convocation.txt",
        {
            "meeting": meeting,
            "person": None,
            "moment": papers.moment(meeting),
            "agenda": list(papers.agenda_lines(meeting)),
            "meeting_url": papers.address("meeting", pk),
            "answer_url": _("(lien propre à chaque membre)"),
        },
    )
    context = {
        "meeting": meeting,
        "mail": mail,
        "refusal": reason(rules.check_can_convene, meeting, request.actor),
        "documents": []
        if meeting.body.exchanged
        else [d for item in meeting.items.prefetch_related("documents") for d in item.documents.all()],
        "reached": [m for m in members if rules.has_address(m.person)],
        "otherwise": [m for m in members if not rules.has_address(m.person)],
    }
    return render(request, "governance/meetings/convocation.html", context)


@require_safe
def pdf(request, pk):
    meeting = visible(request, pk)
    try:
        content = papers.convocation_pdf(meeting)
    except PdfUnavailable as problem:
        messages.error(request, str(problem))
        return redirect("governance:meeting", pk)
    name = named("convocation", meeting.title, rules.day_of(meeting).isoformat(), extension="pdf")
    return file_response(content, "application/pdf", name, inline=True)


@require_safe
def calendar_file(request, pk):
    meeting = visible(request, pk)
    content = papers.meeting_file(meeting, stamp=timezone.now())
    return file_response(content, calendar.CONTENT_TYPE, named(meeting.title, extension="ics"))


@require_POST
def notify(request, pk):
    count = actions.notify_changes(meeting=visible(request, pk), by=request.actor)
    messages.success(request, _("Les membres vont recevoir la convocation à jour.") + " " + sent(count))
    return redirect("governance:meeting", pk)


@require_http_methods(["GET", "POST"])
def cancel(request, pk):
    meeting = visible(request, pk)
    back = reverse("governance:meeting", args=[pk])
    if request.method == "POST":
        try:
            count = actions.cancel(meeting=meeting, by=request.actor)
        except Stale as already:
            messages.info(request, already.reason)
        else:
            messages.success(request, _("La réunion est annulée.") + (" " + sent(count) if count else ""))
        return redirect(back)
    rules.check_can_cancel(meeting, request.actor)
    context = {
        "title": _("Annuler cette réunion ?"),
        "confirm": _("Annuler la réunion"),
        "back": back,
        "hidden": {},
        "lost": lost_by_cancelling(meeting),
        "url": request.path,
    }
    return render(request, "components/confirm_page.html", context)


@require_http_methods(["GET", "POST"])
def postpone(request, pk):
    """Another day for a meeting convened; what was typed comes back with whatever is refused."""
    meeting = visible(request, pk)
    rules.check_can_postpone(meeting, request.actor)
    start, end = timezone.localtime(meeting.starts_at), timezone.localtime(meeting.ends_at)
    initial = {"start": start.time(), "end": end.time(), "version": meeting.version}
    form, status = PostponeForm(posted(request), initial=initial), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            typed = form.cleaned_data
            try:
                count = actions.postpone(
                    meeting=meeting, seen=typed["version"] or 0, starts_at=typed["starts_at"],
                    ends_at=typed["ends_at"], reason=typed["reason"], by=request.actor,
                )  # fmt: skip
            except rules.Changed:
                messages.info(request, _("La réunion a changé entre-temps : voici ce qu’elle est maintenant."))
                return redirect("governance:meeting", pk)
            except Refused as refusal:
                form.add_error(None, refusal.reason)
            else:
                messages.success(request, _("La réunion est reportée.") + (" " + sent(count) if count else ""))
                return redirect("governance:meeting", pk)
    context = {"meeting": meeting, "moment": papers.moment(meeting), "form": form}
    return render(request, "governance/meetings/postpone.html", context, status=status)


def lost_by_cancelling(meeting):
    return _(
        "La réunion « %(title)s » ne pourra plus avoir lieu. "
        "Les membres déjà convoqués recevront un courriel d’annulation. L’ordre du jour reste lisible."
    ) % {"title": meeting.title}
