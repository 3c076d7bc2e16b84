"""Points on a situation, as its file tells them, and how it comes to the agenda of the group."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prevenance.core.refusals import reason
from prevenance.domains.followup import actions
from prevenance.domains.followup.analysis.meetings import speaking_of
from prevenance.domains.followup.analysis.reading import key_of, opened_values
from prevenance.domains.followup.forms.work import ReviewForm
from prevenance.domains.followup.models import Review
from prevenance.domains.followup.rules import lists, work
from prevenance.domains.followup.views.reading import file_or_reason, read, show
from prevenance.domains.followup.views.writing import given, goes_back, may, posted, tried
from prevenance.domains.governance.views.councils import PER_PAGE

TAB = "followup:reviews"


@require_safe
@file_or_reason
def reviews(request, followup):
    read(request, followup, "reviews")
    key = key_of(followup)
    found = Review.objects.visible_to(request.actor, of=followup).select_related("by", "meeting")
    page = Paginator(found.order_by("-day", "-pk"), PER_PAGE).get_page(request.GET.get("page"))
    for review in page.object_list:
        said = opened_values(review, key)
        review.said = {"decision": lists.label("review_decisions", said["decision"]), "words": said["words"]}
    context = {
        "page": page,
        "meetings": speaking_of(followup, request.actor),
        "refusal": reason(work.check_can_plan, followup, request.actor),
    }
    return show(request, "followup/reviews/list.html", followup, TAB, context)


@require_http_methods(["GET", "POST"])
@file_or_reason
@goes_back(TAB)
def review_add(request, followup):
    """A point between two meetings."""
    may(request, work.check_can_review, followup, None, request.actor)
    form = ReviewForm(posted(request))
    done, status = tried(
        form,
        lambda values: actions.record_review(
            followup=followup, **given(form, "decision", "next_on", "words"), by=request.actor
        ),
    )
    if done:
        messages.success(request, _("Le point est noté."))
        return redirect(TAB, followup.pk)
    context = {"form": form, "heading": _("Noter un point entre deux réunions"), "back": TAB}
    return show(request, "followup/form.html", followup, TAB, context, status)


@require_POST
@file_or_reason
@goes_back(TAB)
def review_propose(request, followup):
    """Ask the next meeting of the group to hear about the file. A second click asks once."""
    actions.propose_file(followup=followup, by=request.actor)
    messages.success(request, _("Le dossier est proposé à la prochaine réunion, par son numéro."))
    return redirect(TAB, followup.pk)
