"""What every screen of the domain asks of a request."""

from collections.abc import Iterator
from contextlib import contextmanager

from django import forms
from django.http import HttpRequest, QueryDict

from prevenance.domains.governance.rules.confidential import NamesSomebody


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, even empty; None for a form only asked for."""
    return request.POST if request.method == "POST" else None


@contextmanager
def naming_nobody(form: forms.Form) -> Iterator[None]:
    """What names somebody is told on the form, which is then shown again with all that was typed."""
    try:
        yield
    except NamesSomebody as refusal:
        form.add_error(None, refusal.reason)
