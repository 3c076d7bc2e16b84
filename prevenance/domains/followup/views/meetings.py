"""Meetings of a group, situation after situation: by number on the list, each point noted where its file is read."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prevenance.core.refusals import Refused, reason
from prevenance.domains.followup import actions
from prevenance.domains.followup.analysis.meetings import (
    group_meetings,
    next_meeting,
    points_of,
    to_list,
    with_counts,
)
from prevenance.domains.followup.analysis.plan import goals_of
from prevenance.domains.followup.analysis.reading import key_of, opened_values
from prevenance.domains.followup.forms.work import FilesForm, ReviewForm
from prevenance.domains.followup.models import FollowUp, Review
from prevenance.domains.followup.rules import lists, work
from prevenance.domains.followup.views.reading import file_of, header, outside, read
from prevenance.domains.followup.views.writing import given, may, posted, tried
from prevenance.domains.governance.rules.meetings import check_can_prepare, day_of
from prevenance.domains.governance.views.councils import PER_PAGE


@require_safe
def meetings(request):
    if not request.actor.can("see_files"):
        raise Refused(_("Votre rôle n’ouvre aucun dossier de suivi."))
    found = with_counts(group_meetings(request.actor)).order_by("-starts_at", "-pk")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "followup/meetings/list.html", {"page": page, "now": timezone.now()})


def meeting_of(request, pk):
    return get_object_or_404(group_meetings(request.actor), pk=pk)


@require_safe
def meeting(request, meeting):
    """Every situation of a meeting by its number, where it stands, and how to open it for those who may."""
    meeting = meeting_of(request, meeting)
    points = points_of(meeting, request.actor)
    begun = day_of(meeting) <= timezone.localdate()
    prepares = not reason(check_can_prepare, meeting, request.actor)
    readable = [point for point in points if point.file]
    context = {
        "meeting": meeting,
        "points": points,
        "begun": begun,
        "left": sum(not point.noted for point in readable),
        "first": next((point.file for point in readable if not point.noted), None),
        "form": listing(request, meeting) if prepares else None,
    }
    return render(request, "followup/meetings/sheet.html", context)


def listing(request, meeting, data=None):
    """The files that may be put on the agenda, those whose point is due ticked at first."""
    waiting = to_list(meeting, request.actor)
    if not waiting:
        return None
    offered = [(str(file.pk), str(file)) for file, _due in waiting]
    return FilesForm(data, offered=offered, ticked=[file.pk for file, due in waiting if due])


@require_POST
def meeting_list(request, meeting):
    """Put files on the agenda, by number. Those that came there meanwhile are passed over."""
    meeting = meeting_of(request, meeting)
    check_can_prepare(meeting, request.actor)
    wanted = [pk for pk in request.POST.getlist("files") if pk.isdecimal()]
    files = FollowUp.objects.visible_to(request.actor).open().filter(body=meeting.body_id, pk__in=wanted)
    added = actions.list_files(meeting=meeting, followups=list(files), by=request.actor)
    if added:
        messages.success(request, _("Dossiers inscrits à l’ordre du jour\u00a0: %(count)d.") % {"count": added})
    else:
        messages.info(request, _("Cochez au moins un dossier qui n’est pas encore à l’ordre du jour."))
    return redirect("followup:meeting", meeting.pk)


@require_http_methods(["GET", "POST"])
def point(request, meeting, file):
    """One situation of the meeting: what one needs in mind, the decision, then the next.

    What is decided is saved as it is chosen, and again by the button: closing the page loses nothing. Preparing or
    holding the meeting is why one reads, and is recorded so.
    """
    meeting = meeting_of(request, meeting)
    followup = file_of(request, file)
    points = points_of(meeting, request.actor)
    if followup.body_id != meeting.body_id or followup.pk not in {p.file.pk for p in points if p.file}:
        raise Http404
    if outside(request, followup):
        followup.why = followup.why or "meeting"
    by_itself = request.headers.get("HX-Request") == "true"
    review = Review.objects.visible_to(request.actor, of=followup).filter(meeting=meeting).first()
    key = key_of(followup)
    ahead = followup.next_review_on if (followup.next_review_on or day_of(meeting)) > day_of(meeting) else None
    initial = {"next_on": ahead or next_meeting(meeting, request.actor)}
    if review is not None:
        initial |= opened_values(review, key) | {"seen": work.review_stamp(review), "next_on": followup.next_review_on}
    form = ReviewForm(posted(request), initial=initial)
    if request.method == "POST":
        may(request, work.check_can_review, followup, meeting, request.actor)
    done, status = tried(form, lambda values: save(request, form, followup, meeting, review))
    if by_itself:
        stamp = work.review_stamp(done) if done else form.data.get("seen", "")
        context = {"form": form, "saved": bool(done), "stamp": stamp, "now": timezone.localtime()}
        return render(request, "followup/meetings/_saved.html", context, status=status)
    if done:
        following = after(points, followup)
        messages.success(request, _("Point noté, %(file)s.") % {"file": followup})
        if following is not None:
            return redirect("followup:point", meeting.pk, following.pk)
        return redirect("followup:meeting", meeting.pk)
    read(request, followup, "reviews")
    read(request, followup, "plan")
    last = (
        Review.objects.visible_to(request.actor, of=followup).exclude(meeting=meeting).order_by("-day", "-pk").first()
    )
    if last is not None:
        said = opened_values(last, key)
        last.said = {"decision": lists.label("review_decisions", said["decision"]), "words": said["words"]}
    context = header(followup) | {
        "meeting": meeting,
        "rank": 1 + [p.number for p in points].index(followup.number),
        "total": len(points),
        "goals": [goal for goal in goals_of(followup) if goal.ended_on is None],
        "last": last,
        "review": review,
        "form": form,
        "stamp": form.data.get("seen", "") if form.is_bound else initial.get("seen", ""),
        "refusal": reason(work.check_can_review, followup, meeting, request.actor),
        **beside(meeting, points, followup),
    }
    return render(request, "followup/meetings/point.html", context, status=status)


def save(request, form, followup, meeting, review):
    told = given(form, "decision", "next_on", "words")
    if review is None:
        return actions.record_review(followup=followup, meeting=meeting, **told, by=request.actor)
    return actions.correct_review(review=review, seen=form.cleaned_data["seen"], **told, by=request.actor)


def after(points, followup):
    """The next file of the agenda that is read and not noted, going round once; None when all are."""
    files = [point for point in points if point.file]
    place = [point.file.pk for point in files].index(followup.pk)
    following = files[place + 1 :] + files[:place]
    return next((point.file for point in following if not point.noted), None)


def beside(meeting, points, followup):
    """Addresses of the points before and after, on the agenda."""
    files = [point.file for point in points if point.file]
    place = [file.pk for file in files].index(followup.pk)
    near = {"before": files[place - 1] if place else None, "next": files[place + 1] if place + 1 < len(files) else None}
    return {name: reverse("followup:point", args=[meeting.pk, file.pk]) if file else "" for name, file in near.items()}
