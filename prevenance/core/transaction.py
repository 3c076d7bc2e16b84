"""One transaction a request: everything it wrote stays, or nothing does (docs/adr/0004-request-transaction.md)."""

from collections.abc import Callable

from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse

from prevenance.core import errors


class StreamedResponse(Exception):
    """A streamed answer runs after the transaction, where row security shows nothing: it would lie."""


class RequestTransaction:
    """Wrap the request, session and identity included, in one transaction.

    A status of 500 or more, or a refusal, rolls back. What must outlive a rollback (the record of a refusal)
    is put on `request.afterwards` and runs in a transaction of its own.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.afterwards = []
        try:
            with transaction.atomic():
                response = self.get_response(request)
                if response.streaming:
                    raise StreamedResponse(request.path)
                if response.status_code >= 500 or getattr(request, "refused", False):
                    transaction.set_rollback(True)
            for record in request.afterwards:
                with transaction.atomic():
                    record()
        except DatabaseError:
            # Connecting, committing or recording failed: whatever the view answered is not true.
            errors.report(request)
            return errors.unavailable(request)
        return response
