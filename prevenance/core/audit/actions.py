"""The one way to write: an action runs in a transaction and cannot end without an audit row."""

import functools
import json
import re
from collections.abc import Callable, Collection
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, TypeVar

from django.db import connection, models, transaction

Function = TypeVar("Function", bound=Callable[..., Any])

# Code of each action -> its French label, e.g. "governance.convene_meeting" -> « Réunion convoquée ».
ACTIONS: dict[str, Any] = {}

_rows: ContextVar[list[str] | None] = ContextVar("audit_rows", default=None)
_current: ContextVar[str] = ContextVar("audit_action", default="")

# A detail is an identifier, a count, a date or a word of a closed list. A name or a sentence does not fit.
CLOSED_WORD = re.compile(r"[a-z0-9_.:+/-]{0,60}")


class NothingRecorded(RuntimeError):
    """An action ended without an audit row: a defect, and nothing of it is kept."""


class Identity(Protocol):
    """Who acts: what the audit needs of an actor (accounts.acting.Actor is one)."""

    person_id: int | None
    mandate_id: int | None
    scope_id: int | None


@dataclass(frozen=True)
class Machine:
    """A command or a scheduled job that acts for nobody in particular: loading reference data, cleaning up."""

    person_id: int | None = None
    mandate_id: int | None = None
    scope_id: int | None = None


MACHINE = Machine()


def action(label: Any, *, savepoint: bool = True) -> Callable[[Function], Function]:
    """Declare a function as an action: keyword-only, one transaction, at least one audit row.

    savepoint=False is for what nothing may go on without, a reading: when it fails, so does the whole request.
    Raises NothingRecorded when the function returns without having called `record`, and rolls it back.
    """

    def declare(function: Function) -> Function:
        domain = function.__module__.split(".domains.")[-1].split(".")[0]
        code = f"{domain}.{function.__name__}"
        ACTIONS[code] = label

        @functools.wraps(function)
        def run(**kwargs: Any) -> Any:
            rows: list[str] = []
            outer_rows, outer_action = _rows.set(rows), _current.set(code)
            try:
                with transaction.atomic(savepoint=savepoint):
                    result = function(**kwargs)
                    if not rows:
                        raise NothingRecorded(code)
            finally:
                _rows.reset(outer_rows)
                _current.reset(outer_action)
            enclosing = _rows.get()
            if enclosing is not None:
                enclosing.extend(rows)
            return result

        run.audit_code = code  # type: ignore[attr-defined]
        return run  # type: ignore[return-value]

    return declare


def record(*, by: Identity, scope: str | int | None = None, subject: models.Model | str = "", **detail: Any) -> None:
    """Write one row for the running action.

    `scope` names the chain: a scope's id, or "platform"; the actor's own when left out. `subject` is a model
    instance, kept as "domain.model:id". `detail` holds identifiers, counts, dates and words of closed lists only.

    Raises RuntimeError outside an action and ValueError for a detail that could hold a name.
    """
    code = _current.get()
    rows = _rows.get()
    if rows is None or not code:
        raise RuntimeError("audit.record is called from inside an action")
    insert(by=by, scope=scope, subject=subject, code=code, detail=detail)
    rows.append(code)


def record_each(*, by: Identity, rows: Collection[tuple[str, models.Model, dict[str, Any]]]) -> None:
    """`record` for many (scope, subject, detail) at once, in one statement: names of a list are as many readings."""
    code, told = _current.get(), _rows.get()
    if told is None or not code:
        raise RuntimeError("audit.record_each is called from inside an action")
    if not rows:
        return
    scopes = [scope for scope, _subject, _detail in rows]
    subjects = [f"{subject._meta.label_lower}:{subject.pk}" for _scope, subject, _detail in rows]
    said = [
        json.dumps({key: _closed(key, value) for key, value in detail.items()}, sort_keys=True)
        for _scope, _subject, detail in rows
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_auditrow (scope, person, mandate, action, subject, detail)"
            " SELECT told.scope, %s, %s, %s, told.subject, told.detail"
            " FROM unnest(%s::text[], %s::text[], %s::text[]) AS told (scope, subject, detail)",
            [by.person_id, by.mandate_id, code, scopes, subjects, said],
        )
    told += [code] * len(rows)


def record_refusal(*, by: Identity, path: str) -> None:
    """Note that something was refused. `path` is the URL's name, not the URL: that one may hold identifiers."""
    insert(by=by, scope=None, subject="", code="core.refused", detail={"view": path})


def record_outside(*, by: Identity, code: str, label: Any, subject: models.Model | str = "", **detail: Any) -> None:
    """Note what was tried and failed, where no action ran: a failed sign-in. For `request.afterwards`."""
    ACTIONS.setdefault(code, label)
    insert(by=by, scope=None, subject=subject, code=code, detail=detail)


def insert(
    *, by: Identity, scope: str | int | None, subject: models.Model | str, code: str, detail: dict[str, Any]
) -> None:
    """Insert a row; the database numbers, dates and chains it."""
    chain = scope if scope is not None else by.scope_id
    if isinstance(subject, models.Model):
        subject = f"{subject._meta.label_lower}:{subject.pk}"
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_auditrow (scope, person, mandate, action, subject, detail)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            [
                f"scope:{chain}" if isinstance(chain, int) else chain or "platform",
                by.person_id,
                by.mandate_id,
                code,
                subject,
                json.dumps({key: _closed(key, value) for key, value in detail.items()}, sort_keys=True),
            ],
        )


def _closed(key: str, value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_closed(key, item) for item in value]
    if isinstance(value, str) and CLOSED_WORD.fullmatch(str(value)):
        return str(value)
    raise ValueError(f"the audit detail {key!r} is neither an identifier, a count, a date nor a closed word")
