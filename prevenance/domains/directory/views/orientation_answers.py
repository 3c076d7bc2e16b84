"""What a service answers by the link that it was sent, without an account. Opening it records nothing."""

from functools import wraps

from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from prevenance.core.public import public
from prevenance.core.refusals import Refused
from prevenance.domains.directory.actions import orientations as actions
from prevenance.domains.directory.forms.orientations import answer_forms
from prevenance.domains.directory.rules import orientations as rules
from prevenance.domains.governance.rules.councils import Stale


def private(view):
    """Decorate a page that no browser or cache keeps, no search engine finds, and whose address is told to no other
    site nor to the log, in which Django would write the whole path of whatever is refused: a wrong method as well."""

    @wraps(view)
    def answered(request, *arguments, **named):
        response = view(request, *arguments, **named)
        response._has_been_logged = True
        response["Cache-Control"] = "no-store"
        response["Referrer-Policy"] = "same-origin"
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return response

    return answered


@public
@private
@require_http_methods(["GET", "HEAD", "POST"])
def orientation_answer(request, token):
    """Each answer is a form of its own; one more replaces it until the link expires. An expired link and one that
    never was get the same page."""
    found = rules.orientation_of(token)
    if found is None:
        return closed(request)
    kinds, status, refused = answer_forms(found), 200, ""
    forms = [kind() for kind in kinds]
    if request.method == "POST":
        given = request.POST.get("answer", "")
        forms = [kind(request.POST) if given == kind.ANSWER else kind() for kind in kinds]
        sent = next((form for form in forms if form.is_bound), None)
        status, refused = 422, "" if sent else _("Choisissez une réponse.")
        if sent is not None and sent.is_valid():
            try:
                actions.answer(token=token, given=sent.given())
            except Stale:
                return closed(request)
            except Refused as refusal:
                sent.add_error(None, refusal.reason)
            else:
                return redirect("directory:orientation_answer", token)
    context = {
        "orientation": found, "service": found.service, "sender": found.sender, "token": token, "refused": refused,
        "forms": forms, "wrong": [form for form in forms if form.is_bound], "told": list(found.answers.all()),
    }  # fmt: skip
    return render(request, "directory/orientations/answer.html", context, status=status)


def closed(request):
    return render(request, "directory/orientations/closed.html", status=410)
