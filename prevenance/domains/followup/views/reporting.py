"""For who reports: the channels by which one may, the closed form, and that it was sent. Nothing is read again."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from prevenance.domains.followup.actions import reporting as actions
from prevenance.domains.followup.analysis import reporting as analysis
from prevenance.domains.followup.forms.reporting import SentReportForm
from prevenance.domains.followup.rules import lists
from prevenance.domains.followup.rules import reporting as rules
from prevenance.domains.followup.views.writing import posted, tried
from prevenance.domains.governance.views.councils import PER_PAGE


@require_safe
def report_in(request):
    """One's channels, and the days when one reported; 404 for who reports by none and never did."""
    channels = list(analysis.open_to(request.actor))
    page = Paginator(analysis.sent_by(request.actor), PER_PAGE).get_page(request.GET.get("page"))
    if not channels and not page.object_list:
        raise Http404
    return render(request, "followup/reporting/report_in.html", {"channels": channels, "page": page})


@require_http_methods(["GET", "POST"])
def report_send(request, channel):
    channel = get_object_or_404(analysis.open_to(request.actor), pk=channel)
    form = SentReportForm(posted(request), channel=channel)
    done, status = tried(form, lambda _values: actions.send_report(channel=channel, by=request.actor, **form.values()))
    if done:
        messages.success(
            request,
            _("La situation est transmise à la coordination du groupe, et à elle seule. Vous ne la relirez pas."),
        )
        return redirect("followup:report_in")
    context = {
        "form": form, "channel": channel, "purpose": lists.label(rules.PURPOSES, channel.purpose),
    }  # fmt: skip
    return render(request, "followup/reporting/send.html", context, status=status)
