"""Tagged PDF (PDF/UA-1) from a Django template, without any network or any file but ours.

A document template extends `documents/base.html` and fills its blocks `masthead` (who issues the document),
`content`, and `closing` (one line at the foot of every page).
"""

import contextlib
import functools
import logging
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

PACKAGE = Path(__file__).resolve().parents[2]
STATIC = PACKAGE / "static"
STYLESHEET = PACKAGE / "templates" / "documents" / "print.css"

logger = logging.getLogger(__name__)


class PdfUnavailable(Exception):
    """The drawing libraries are not on this machine; its text is the French sentence to show."""


def render_pdf(
    template: str,
    context: Mapping[str, Any],
    *,
    title: str,
    lang: str = "fr",
    author: str = "Prévenance",
    created_at: datetime | None = None,
    on_page: Callable[[int], None] | None = None,
) -> bytes:
    """A4 PDF/UA-1 of `template`; `title`, `lang`, `author` and `created_at` (aware) become its metadata.

    `title` and `lang` are also given to the template. An image or style sheet elsewhere than in our static folder
    is left out and logged, never fetched. `on_page` is told the number of each page as it is laid out, once or several
    times. Raises PdfUnavailable where Pango is not installed.
    """
    weasyprint = drawing_library()
    values = {**context, "title": title, "lang": lang, "author": author, "created_at": created_at}
    html = weasyprint.HTML(
        string=render_to_string(template, values),
        base_url=STATIC.as_uri() + "/",
        url_fetcher=own_files_only(),
    )
    with telling_pages(on_page):
        pdf: bytes = html.write_pdf(stylesheets=[print_style()], pdf_variant="pdf/ua-1")
    return pdf


@contextlib.contextmanager
def telling_pages(on_page: Callable[[int], None] | None) -> Iterator[None]:
    """Tell `on_page` what WeasyPrint says in its own log of progress, about this thread's document only."""
    if on_page is None:
        yield
        return
    told, mine = on_page, threading.get_ident()

    class Pages(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.thread == mine and "Creating layout - Page" in str(record.msg) and record.args:
                told(int(record.args[0]))  # type: ignore[arg-type]

    handler, progress = Pages(), logging.getLogger("weasyprint.progress")
    progress.addHandler(handler)
    progress.setLevel(logging.INFO)
    try:
        yield
    finally:
        progress.removeHandler(handler)


def drawing_library() -> ModuleType:
    """The WeasyPrint module, imported at the first PDF only: everything else works without its C libraries."""
    try:
        # When a library is missing, WeasyPrint prints advice on standard output, which is for results only.
        with contextlib.redirect_stdout(sys.stderr):
            import weasyprint
    except OSError as error:
        logger.error("PDF unavailable for want of libpango-1.0-0, libpangoft2-1.0-0 or libharfbuzz-subset0: %s", error)
        raise PdfUnavailable(
            _(
                "Ce serveur ne peut pas produire de PDF : la bibliothèque Pango y manque. "
                "Installez les paquets Debian libpango-1.0-0, libpangoft2-1.0-0 et libharfbuzz-subset0, puis réessayez."
            )
        ) from error
    return weasyprint


@functools.cache
def print_style() -> Any:
    """The parsed print style sheet, read once."""
    from weasyprint import CSS

    return CSS(string=STYLESHEET.read_text(), url_fetcher=own_files_only())


@functools.cache
def own_files_only() -> Any:
    """A WeasyPrint fetcher that opens files of our static folder and `data:` addresses, and refuses the rest.

    A document holds text typed by people: an address in it must not make the server call a machine or read a file.
    """
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OwnFilesOnly(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> Any:
            scheme, _colon, rest = url.partition(":")
            if scheme.lower() == "data":
                return super().fetch(url, headers)
            if scheme.lower() != "file":
                raise ValueError(f"a document may not open {url}")
            path = Path(urllib.request.url2pathname(rest.split("?")[0].split("#")[0].removeprefix("//"))).resolve()
            if not path.is_relative_to(STATIC.resolve()):
                raise ValueError(f"a document may not open {path}")
            return URLFetcherResponse(url, path.read_bytes())

    return OwnFilesOnly(allowed_protocols={"data"}, allow_redirects=False)
