"""Coming to a file: found or 404; a reason asked where it is not one of the reader's own; every reading recorded."""

from collections.abc import Callable, Collection
from functools import cache, wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from prevenance.core.composed import one_of
from prevenance.core.prepared import planned
from prevenance.core.templatetags.rows import address
from prevenance.domains.followup import actions
from prevenance.domains.followup.analysis import finding, hanging
from prevenance.domains.followup.forms.reading import ReasonForm
from prevenance.domains.followup.models import FollowUp, Involvement
from prevenance.domains.followup.rules import clocks

SESSION = "reading_reasons"  # {file: [day, code]}: of today only, and never a word of the file

# Tabs of a file, in the order of the screen: (label, URL name). One that is not served yet is not shown.
TABS = (
    (_("Situation"), "followup:file"),
    (_("Référent et intervenants"), "followup:people"),
    (_("Famille"), "followup:family"),
    (_("Plan"), "followup:plan"),
    (_("Contacts"), "followup:contacts"),
    (_("Points"), "followup:reviews"),
    (_("Orientations"), "followup:orientations"),
    (_("Pièces"), "followup:attachments"),
    (_("Droits"), "followup:rights"),
    (_("Partages"), "followup:shares"),
    (_("Lectures"), "followup:readings"),
)


def file_or_reason(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give `view` the file of its address (argument `file`), or answer 404.

    Outside the reader's usual files a reason is asked first, once a day and file. A form that was sent is not stopped:
    the act is recorded by itself. What then answers it by a page of what is sealed asks the reason in its turn, by
    `read`, which records nothing without one. On the file: `people`, those who take part today with their names; `why`,
    the code to record with the reading.
    """

    @wraps(view)
    def found(request: HttpRequest, file: int, **arguments: Any) -> HttpResponse:
        followup = file_of(request, file)
        asked = None
        if request.method in ("GET", "HEAD"):
            asked = reason_first(request, followup, request.get_full_path())
        try:
            return asked or view(request, followup, **arguments)
        except ReasonMissing:
            # Back to the file: not every address that takes a form shows a page of its own.
            return reason_first(request, followup)

    return found


class ReasonMissing(Exception):
    """Something sealed was about to be read, outside one's own files, by somebody who did not say why today."""


def reason_first(request: HttpRequest, followup: FollowUp, following: str = "") -> HttpResponse | None:
    """Where the reader says why they read, when they have to and did not today; None otherwise."""
    if followup.why or not outside(request, followup):
        return None
    url = reverse("followup:file_reason", args=[followup.pk])
    url += "?" + urlencode({"suite": following or reverse("followup:file", args=[followup.pk])})
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(headers={"HX-Redirect": url})
    return redirect(url)


def file_of(request: HttpRequest, pk: int) -> FollowUp:
    followup = one_of(planned(finding.one(request.actor, pk)))
    followup.people = hanging.people_of(followup.pk)
    followup.why = reason_given(request, followup)
    return followup


def outside(request: HttpRequest, followup: FollowUp) -> bool:
    """Whether the file is none of those that the reader follows, covers, reported or works with."""
    return all(part.person_id != request.actor.person_id for part in followup.people)


def reason_given(request: HttpRequest, followup: FollowUp) -> str:
    """The code that the reader gave today for this file; nothing for one of their own."""
    if not outside(request, followup):
        return ""
    day, code = request.session.get(SESSION, {}).get(str(followup.pk), ("", ""))
    return code if day == timezone.localdate().isoformat() else ""


def keep_reason(request: HttpRequest, followups: Collection[FollowUp], why: str) -> None:
    """Remember until tonight why the reader reads these files; what was given on other days is forgotten."""
    if followups and why:
        today = timezone.localdate().isoformat()
        kept = {pk: given for pk, given in request.session.get(SESSION, {}).items() if given[0] == today}
        told = kept | {str(followup.pk): [today, why] for followup in followups}
        if told != request.session.get(SESSION):  # looked for again: nothing more to write
            request.session[SESSION] = told


def read(request: HttpRequest, followup: FollowUp, part: str) -> None:
    """Record that the actor reads `part` of the file, for the reason that they gave. Raises ReasonMissing."""
    if not followup.why and outside(request, followup):
        raise ReasonMissing
    actions.record_reading(followup=followup, part=part, why=followup.why, by=request.actor)


def show(
    request: HttpRequest, template: str, followup: FollowUp, tab: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """A page of the file that extends followup/file_base.html; `tab` is the URL name of the current one."""
    return render(request, template, {**header(followup, tab), **context}, status=status)


def header(followup: FollowUp, tab: str = "") -> dict[str, Any]:
    """What followup/file_base.html shows of a file, in clear columns only."""
    kinds = Involvement.Kind
    return {
        "file": followup,
        "band": clocks.band_label(followup),
        # On the day of a hand-over both are there: the one who goes on is named.
        "referent": next((p for p in followup.people if p.kind == kinds.REFERENT and p.valid_to is None), None),
        "covers": [part for part in followup.people if part.kind == kinds.COVER],
        "tabs": [
            {"label": label, "url": address(name, followup.pk), "current": name == tab}
            for label, name in TABS
            if name.partition(":")[2] in served()
            and (name != "followup:family" or followup.category == FollowUp.Category.FAMILY)
        ],
    }


@cache
def served() -> set[str]:
    from prevenance.domains.followup.urls import urlpatterns

    return {pattern.name for pattern in urlpatterns}


@require_http_methods(["GET", "POST"])
def file_reason(request, file):
    """Ask why one reads a file outside one's own. The code goes to the session, then with each reading of the day."""
    followup = file_of(request, file)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    home = reverse("followup:file", args=[followup.pk])
    following = request.POST.get("suite") or request.GET.get("suite") or home
    if not following.startswith(home) or not url_has_allowed_host_and_scheme(following, allowed_hosts=None):
        following = home
    if request.method == "POST" and form.is_valid():
        keep_reason(request, [followup], form.cleaned_data["why"])
        return redirect(following)
    context = {"form": form, "file": followup, "following": following}
    return render(request, "followup/reason.html", context, status=422 if form.errors else 200)
