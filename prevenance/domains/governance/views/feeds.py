"""The private address of one's calendar: told once, read by programs without an account."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from prevenance.core.documents import calendar
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import public
from prevenance.domains.governance.actions import feeds as actions
from prevenance.domains.governance.analysis.feeds import feed_of
from prevenance.domains.governance.analysis.papers import address
from prevenance.domains.governance.models import CalendarFeed
from prevenance.domains.governance.rules.feeds import person_of


@never_cache
@require_safe
def feed_page(request):
    """Whether an address is open, and how to open, renew or close it."""
    context = {"feed": CalendarFeed.objects.visible_to(request.actor).first(), "told": ""}
    return render(request, "governance/feeds/feed.html", context)


@never_cache
@require_POST
def feed_renew(request):
    """The page that tells the new address is the answer itself: it is kept nowhere, not even in the session."""
    secret = actions.renew_feed(by=request.actor)
    context = {"feed": CalendarFeed.objects.visible_to(request.actor).first(), "told": address("feed", secret)}
    return render(request, "governance/feeds/feed.html", context)


@require_POST
def feed_close(request):
    try:
        actions.close_feed(by=request.actor)
    except Refused as refusal:
        messages.info(request, refusal.reason)
    else:
        messages.success(request, _("L’adresse est fermée : elle ne répond plus."))
    return redirect("governance:feed_page")


@public
@never_cache
@require_safe
def feed(request, secret):
    """The calendar, for a program that shows nobody a page."""
    person = person_of(secret)
    if person is None:
        raise Http404
    response = HttpResponse(feed_of(person, timezone.now()), content_type=calendar.CONTENT_TYPE)
    response["X-Robots-Tag"] = "noindex"
    return response
