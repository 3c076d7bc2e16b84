"""Answers that are files."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.text import slugify

from prevenance.core.documents import tables
from prevenance.domains.governance.models import Upload
from prevenance.domains.governance.rules.councils import place_of


def file_response(content: bytes, content_type: str, name: str, *, inline: bool = False) -> HttpResponse:
    """`name` is a plain file name; a private copy stays out of shared caches."""
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'{"inline" if inline else "attachment"}; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def kept_file(upload: Upload) -> HttpResponse:
    """A file that somebody sent, as a download that the browser neither guesses nor runs; 404 when it is lost.

    Whole and not streamed: a stream would run after the transaction that says who reads.
    """
    try:
        with default_storage.open(place_of(upload), "rb") as file:
            content = file.read()
    except FileNotFoundError as error:
        raise Http404 from error
    response = HttpResponse(content, content_type=upload.content_type)
    response["Content-Disposition"] = content_disposition_header(True, upload.name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox"
    response["Cache-Control"] = "private, no-store"
    return response


def named(*parts: object, extension: str) -> str:
    """« convocation-pleniere-d-automne-2026-12-08.pdf »."""
    return f"{slugify(' '.join(str(part) for part in parts))[:80]}.{extension}"


def table_or_none(
    request: HttpRequest,
    columns: Sequence[tables.Column],
    rows: Iterable[Any],
    *,
    title: str,
    line: Callable[[Any], dict[str, Any]] | None = None,
) -> HttpResponse | None:
    """The list as a file when the address asks for one (`?format=csv`), else None. An unknown format is ignored.

    `line` makes the cells of a row. It is called here, and only for a file: `map` and generator expressions read every
    row of a queryset as soon as they are written.
    """
    wanted = request.GET.get("format", "")
    if wanted not in tables.FORMATS:
        return None
    if line is not None:
        rows = map(line, rows)
    content, content_type, extension = tables.export(wanted, columns, rows, title=title)
    return file_response(content, content_type, named(title, extension=extension))
