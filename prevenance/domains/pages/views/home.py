"""Where a person lands."""

from django.db import connection
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from prevenance.domains.accounts.acting import public
from prevenance.domains.directory.analysis.stations import renewals
from prevenance.domains.followup.analysis import registers
from prevenance.domains.followup.analysis.my_day import files_of_the_day
from prevenance.domains.governance.analysis.my_day import day_of
from prevenance.domains.strategy.analysis.my_day import sheets_to_follow


@public
@require_safe
def home(request):
    return redirect("pages:my_day" if request.actor.signed_in else "accounts:sign_in")


@require_safe
def my_day(request):
    """What awaits the person under the mandate they act with; each block leads to where it is done."""
    context = {
        "day": day_of(request.actor),
        "files": files_of_the_day(request.actor),
        "late_sheets": sheets_to_follow(request.actor),
        "register_lines": registers.deadlines(request.actor)[: registers.SHOWN],
        "renewals": renewals(request.actor, registers.SHOWN),
        "today": timezone.localdate(),
    }
    return render(request, "pages/my_day.html", context)


@public
@require_safe
def health(request):
    """Answered once the database answers: what a supervisor asks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")
