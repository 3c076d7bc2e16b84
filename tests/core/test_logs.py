"""What a log keeps of an error: where and what kind, never the words of the exception nor those of a form."""

import io
import logging
import logging.config

import pytest
from django.conf import settings as live
from django.core.exceptions import SuspiciousOperation
from django.db import IntegrityError
from django.http import HttpResponse
from django.urls import resolve
from django.utils.log import log_response

from prevenance.core.errors import report
from prevenance.core.logs import Discreet, kind
from prevenance.core.vault import MasterLost

WORD = "zqxcanari"


@pytest.fixture
def line():
    """What the console would print of a record, as the settings say."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter(live.LOGGING["formatters"]["line"]["format"], style="{"))
    handler.addFilter(Discreet())
    logger = logging.getLogger("invented.library")
    logger.addHandler(handler)
    logger.propagate = False
    yield logger, stream
    logger.removeHandler(handler)


def broken(typed):
    try:
        return {"a": 1}[typed]
    except KeyError:
        return int(typed)


def test_the_settings_put_it_before_everything_that_writes():
    console = live.LOGGING["handlers"]["console"]
    assert console["filters"] == ["discreet"]
    assert live.LOGGING["filters"]["discreet"]["()"] == "prevenance.core.logs.Discreet"
    assert list(live.LOGGING["handlers"]) == ["console"]
    assert not logging.getLogger("django").handlers  # nobody is mailed an error
    assert any(isinstance(one, Discreet) for one in logging.getLogger("django.request").filters)
    assert logging.getLogger("django.db.backends").level == logging.WARNING


def test_an_error_tells_where_and_what_kind_through_its_whole_chain(line):
    logger, stream = line
    try:
        broken(WORD)
    except ValueError:
        logger.exception("It broke: %s", "path")
    text = stream.getvalue()
    assert WORD not in text
    for said in ("It broke: path", "KeyError", "which led to:", "ValueError", "test_logs.py", "in broken"):
        assert said in text


@pytest.mark.parametrize("error", [
    ValueError(WORD), KeyError(WORD), IntegrityError(f"Failing row contains ({WORD})"), UnicodeError(WORD),
    ExceptionGroup(WORD, [ValueError(WORD), ExceptionGroup(WORD, [TypeError(WORD)])]), SystemExit(WORD),
])  # fmt: skip
def test_no_kind_of_error_tells_its_words(line, error):
    logger, stream = line
    error.add_note(WORD)
    logger.error("Broken", exc_info=error)
    logger.error("Job failed: %s", error)
    logger.error("Job failed: %s after %d", error, 3)
    text = stream.getvalue()
    assert WORD not in text
    assert type(error).__name__ in text
    assert "after 3" in text


def test_what_the_database_refused_is_named_by_its_code_and_constraint(line):
    class Diag:
        table_name, constraint_name = "followup_identity", "identity_once"
        message_detail = f"Key (family_name)=({WORD}) already exists."

    cause = Exception(WORD)
    cause.diag, cause.sqlstate = Diag, "23505"
    error = IntegrityError(WORD)
    error.__cause__ = cause
    assert kind(error) == "django.db.utils.IntegrityError (23505, followup_identity, identity_once)"
    assert kind(FileNotFoundError(2, "no", f"/invented/{WORD}")) == "FileNotFoundError (errno 2)"


def test_what_the_operator_has_to_know_of_keys_is_said():
    assert "Le service de clés" in kind(MasterLost("Le service de clés ne répond pas"))


def test_a_suspicious_request_is_told_by_its_kind(line):
    _logger, stream = line
    security = logging.getLogger("django.security.SuspiciousFileOperation")
    handler = logging.getLogger("invented.library").handlers[0]
    security.addHandler(handler)
    try:
        security.error(f"Could not derive file name from {WORD}", exc_info=SuspiciousOperation(WORD))
    finally:
        security.removeHandler(handler)
    assert WORD not in stream.getvalue()
    assert "SuspiciousFileOperation" in stream.getvalue()


def test_a_chain_that_turns_on_itself_ends(line):
    logger, stream = line
    one, other = ValueError(WORD), TypeError(WORD)
    one.__cause__, other.__cause__ = other, one
    logger.error("Broken", exc_info=one)
    assert stream.getvalue().count("which led to:") == 1


def test_the_address_of_a_link_is_told_without_what_opens_it(rf, caplog):
    request = rf.get(f"/annuaire/reponse/{WORD}/")
    request.resolver_match = resolve(request.path)
    for one in (405, 500):
        log_response("Not so: %s", request.path, response=HttpResponse(status=one), request=request)
    assert caplog.text.count("Not so: /annuaire/reponse/…/") == 2
    try:
        broken("x")
    except ValueError:
        report(request)
    assert "/annuaire/reponse/…/" in caplog.text
    assert WORD not in caplog.text
