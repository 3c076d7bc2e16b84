"""What every screen of the domain asks of a request."""

from django.http import HttpRequest, QueryDict


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, even empty; None for a form only asked for."""
    return request.POST if request.method == "POST" else None
