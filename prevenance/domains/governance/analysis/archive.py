"""What goes into the file of a controller's export, one step after the other."""

import logging
from collections.abc import Callable, Iterator, Sequence

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from prevenance.domains.accounts.models import Scope
from prevenance.domains.governance.analysis import everything, papers
from prevenance.domains.governance.models import Minutes, Upload
from prevenance.domains.governance.rules import councils

logger = logging.getLogger(__name__)

Files = list[tuple[str, bytes]]  # name in the archive, content


def steps(
    scope: Scope,
    tables: Sequence[everything.Table],
    minutes: Sequence[Minutes],
    files: Sequence[Upload],
    missing: list[str],
) -> Iterator[Callable[[], Files]]:
    """Each step gives its files when called. `missing` receives the names of the documents that the storage lost."""
    for name, rows, columns in tables:
        yield lambda name=name, rows=rows, columns=columns: [
            (f"tables/{name}.csv", everything.table_csv(rows, columns))
        ]
    yield lambda: list(everything.pages(scope))
    for version in minutes:
        yield lambda version=version: [(f"comptes-rendus/{version.pk}.pdf", papers.minutes_pdf(version))]
    for upload in files:
        yield lambda upload=upload: stored(upload, missing)
    yield lambda: lost(missing)


def stored(upload: Upload, missing: list[str]) -> Files:
    """A document. One that the storage has lost is noted: everything else leaves all the same."""
    name = f"documents/{upload.pk}-{upload.name}"
    try:
        with default_storage.open(councils.place_of(upload), "rb") as file:
            return [(name, file.read())]
    except FileNotFoundError:
        logger.exception("the file of document %s is lost", upload.pk)
        missing.append(name)
        return []


def lost(names: Sequence[str]) -> Files:
    """The list of the documents that were lost, beside the others; nothing when there is none."""
    if not names:
        return []
    said = _("Ces documents sont inscrits ici, mais leur fichier n’a pas été retrouvé :")
    return [("documents/perdus.txt", "\n".join([said, *names, ""]).encode())]
