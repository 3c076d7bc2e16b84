"""What the screens that write in a file share: an act tried on a valid form, and what it refused said on the form."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect

from prevenance.core.refusals import Refused
from prevenance.domains.followup.models import FollowUp
from prevenance.domains.governance.rules.councils import Stale


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, even empty; None for a form only asked for."""
    return request.POST if request.method == "POST" else None


def may(request: HttpRequest, check: Callable[..., None], *args: Any) -> None:
    """Raises Refused, and Stale for a page only asked for.

    For a form that was sent, the action tells what is stale: the page is drawn again with all that was typed.
    """
    try:
        check(*args)
    except Stale:
        if request.method != "POST":
            raise


def goes_back(tab: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """What was done already, or can no longer be, is said on the tab of the file where one then comes back."""

    def declare(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def answer(request: HttpRequest, followup: FollowUp, **arguments: Any) -> HttpResponse:
            try:
                return view(request, followup, **arguments)
            except Stale as stale:
                messages.info(request, stale.reason)
                return redirect(tab, followup.pk)

        return answer

    return declare


def tried(
    form: forms.Form, act: Callable[[dict[str, Any]], Any], now: Mapping[str, Any] | None = None
) -> tuple[Any, int]:
    """(what the act gave or None, status of the page to draw otherwise). All that was typed stays on the form.

    `now`: the stamps to send next time, once somebody was found to have written meanwhile.
    """
    if not form.is_bound:
        return None, 200
    if not form.is_valid():
        return None, 422
    try:
        return act(form.cleaned_data), 200
    except Stale as stale:
        data = form.data.copy()
        for name, value in (now or {}).items():
            data[name] = str(value)
        form.data = data
        form.add_error(None, stale.reason)
        return None, 409
    except Refused as refusal:
        form.add_error(None, refusal.reason)
        return None, 422


def given(form: forms.Form, *names: str) -> dict[str, Any]:
    """The values of `names`, for an action; with what the guard found and was confirmed, for a guarded form."""
    values = {name: form.cleaned_data[name] for name in names}
    return values | {"guard": form.guard} if hasattr(form, "guard") else values
