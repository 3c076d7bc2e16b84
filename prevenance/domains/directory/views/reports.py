"""An error seen by a visitor, without an account."""

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from prevenance.core.public import public
from prevenance.core.refusals import Refused
from prevenance.domains.directory.actions import reviews as actions
from prevenance.domains.directory.forms.doubles import ReportForm
from prevenance.domains.directory.rules import reviews as rules
from prevenance.domains.governance.views.requests import posted


@public
@require_http_methods(["GET", "POST"])
def service_report(request, key):
    """A word of a list, and no more: nothing that a visitor would write of themselves has where to go."""
    try:
        service = rules.reportable(key)
    except rules.NotThere as absent:
        raise Http404 from absent
    form = ReportForm(posted(request))
    done = False
    if request.method == "POST" and form.is_valid():
        try:
            actions.report_error(key=key, what=form.cleaned_data["what"])
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            done = True
    context = {"form": form, "service": service, "done": done}
    response = render(request, "directory/reports/form.html", context, status=422 if form.errors else 200)
    response["Cache-Control"] = "no-store"
    return response
