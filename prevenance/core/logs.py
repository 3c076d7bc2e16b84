"""What a log keeps of an error: where it was raised and what kind it is, never what was being said.

The message of an exception may quote a form, a row, a deciphered name: « invalid literal for int(): 'Inès' », « Failing
row contains (…) ». Ours quote nothing sealed; those of libraries are not ours to promise. Frames of the traceback are
lines of code, without their variables.
"""

import logging
import re
import traceback
from collections.abc import Iterator
from typing import Any

# Their message is a sentence of ours for the operator, about the key store or the key service.
SAID = ("prevenance.core.vault.troubles",)
# A message made of what was sent: the name of a file, of a field. The host that was asked for is what operators need.
QUOTING, HOST = "django.security", "django.security.DisallowedHost"
MOST = 20  # exceptions of one chain
# Parts of an address that open something by themselves: whoever read the log would hold the link.
OPENING = ("token", "secret")
DRAWN = re.compile(r"[\w-]{40,}")  # as long as what is drawn at random: a link copied with the full stop after it


class Discreet(logging.Filter):
    """Writes the traceback itself, before any formatter does, and leaves the exception out of the record."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info:
            error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
            record.exc_text = "\n".join(told(error)) if error is not None else None
            record.exc_info = None
        request = getattr(record, "request", None)
        if path := getattr(request, "path", ""):
            record.args = tuple(path_of(request) if one == path else one for one in arguments(record))
        if any(isinstance(one, BaseException) for one in arguments(record)):
            record.msg, record.args = quoted_nothing(record), ()
        if record.name.startswith(QUOTING) and record.name != HOST:
            record.msg, record.args = record.name.rpartition(".")[2], ()
        return True


def path_of(request: Any) -> str:
    """The path of a request without what would open a link: « /annuaire/reponse/…/ »."""
    path: str = DRAWN.sub("…", request.path)
    match = getattr(request, "resolver_match", None)
    for name in OPENING if match is not None else ():
        if value := match.kwargs.get(name):
            path = path.replace(str(value), "…")
    return path


def arguments(record: logging.LogRecord) -> tuple[object, ...]:
    return record.args if isinstance(record.args, tuple) else ()


def quoted_nothing(record: logging.LogRecord) -> str:
    """« Job failed: %s » with an exception for argument: its kind takes the place of its words."""
    given = tuple(kind(one) if isinstance(one, BaseException) else one for one in arguments(record))
    return str(record.msg) % given


def told(error: BaseException) -> Iterator[str]:
    """Lines of an error and of those that it came from, the first one first."""
    chain: list[BaseException] = []
    while error is not None and error not in chain and len(chain) < MOST:
        chain.append(error)
        before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if before is None:
            break
        error = before
    for rank, one in enumerate(reversed(chain)):
        if rank:
            yield "\nwhich led to:"
        yield "Traceback (most recent call last):"
        yield from (line.rstrip("\n") for line in traceback.format_tb(one.__traceback__))
        yield kind(one)
        if isinstance(one, BaseExceptionGroup):
            for part in one.exceptions:
                yield from told(part)


def kind(error: BaseException) -> str:
    """« psycopg.errors.UniqueViolation (23505, followup_number) »: a name of ours or of the database, and no value."""
    name = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    if type(error).__module__ in SAID:
        return f"{name}: {error}"
    cause = error if hasattr(error, "diag") else error.__cause__
    diag = getattr(cause, "diag", None)
    words = [getattr(cause, "sqlstate", None), *(getattr(diag, one, None) for one in ("table_name", "constraint_name"))]
    if isinstance(error, OSError) and error.errno is not None:
        words.append(f"errno {error.errno}")
    said = ", ".join(str(word) for word in words if word)
    return f"{name} ({said})" if said else name
