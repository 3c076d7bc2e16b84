"""Pages for what goes wrong: each says what to do, and gives back what was typed.

They never touch the database, which may be what failed.
"""

import logging
import sys
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.middleware.csrf import CSRF_SECRET_LENGTH, get_token
from django.shortcuts import render
from django.utils.translation import gettext as _

from prevenance.core import vault
from prevenance.core.documents.pdf import PdfUnavailable
from prevenance.core.logs import path_of

NOT_TYPED = {"csrfmiddlewaretoken"}
SECRET = ("password", "token", "code", "secret")


def typed(request: HttpRequest) -> list[tuple[str, str]]:
    """What the person had typed, to be shown and sent again; secrets are left out."""
    try:
        fields = request.POST.lists() if request.method == "POST" else []
    except (UnreadablePostError, SuspiciousOperation, MultiPartParserError):
        return []  # the body itself was cut, too large or no form: there is nothing to give back
    return [
        (name, value)
        for name, values in fields
        for value in values
        if name not in NOT_TYPED and not any(word in name.lower() for word in SECRET)
    ]


def page(request: HttpRequest, name: str, status: int, **context: Any) -> HttpResponse:
    """Render errors/NAME.html; a partial request gets the same sentence in a header that the page shows."""
    context.setdefault("typed", typed(request))
    context.setdefault("reason", "")
    context["partial"] = request.headers.get("HX-Request") == "true"
    response = render(request, f"errors/{name}.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def report(request: HttpRequest) -> None:
    """Log the current exception with the path only: neither query nor form, which may be about people."""
    logging.getLogger("prevenance.errors").error("%s %s", request.method, path_of(request), exc_info=sys.exc_info())


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, "400", 400)


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: the thing is visible, the act is not allowed, and the sentence says why."""
    request.refused = True
    reason = getattr(exception, "reason", "") or _("Votre rôle ne permet pas cet acte.")
    on_refusal = getattr(request, "on_refusal", None)
    if on_refusal:
        request.afterwards.append(on_refusal)
    return page(request, "403", 403, reason=reason)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, "404", 404)


def failed(request: HttpRequest) -> HttpResponse:
    problem = sys.exc_info()[1]
    if isinstance(problem, DatabaseError):
        return unavailable(request)
    if isinstance(problem, PdfUnavailable):
        return page(request, "500", 503, reason=str(problem))
    if isinstance(problem, vault.Unavailable):
        return page(request, "keys", 503, reason=str(problem))
    if isinstance(problem, vault.KeyLost | vault.Tampered):  # no view said it better
        return page(request, "500", 500, reason=str(problem))
    return page(request, "500", 500)


def unavailable(request: HttpRequest) -> HttpResponse:
    # The request may have failed before its cookie was read: a button with another key would be refused later.
    key = request.COOKIES.get(settings.CSRF_COOKIE_NAME, "")
    if "CSRF_COOKIE" not in request.META and len(key) == CSRF_SECRET_LENGTH and key.isalnum():
        request.META["CSRF_COOKIE"] = key
    response = page(request, "503", 503)
    response["Retry-After"] = "20"
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A stale tab, most often. Sending again is offered only when the form came from our own pages."""
    origin = urlsplit(request.headers.get("Origin") or request.headers.get("Referer") or "").netloc
    ours = origin == request.get_host()
    request.refused = True
    if ours:
        get_token(request)
    return page(request, "csrf", 403, typed=typed(request) if ours else [], can_send_again=ours)
