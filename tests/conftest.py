"""Fixtures of every test. The database is France, used as the application role."""

import json

import hypothesis
import pytest
from django.db import connections

from prevenance.config.paths import ROOT
from tests import database, journeys

# A machine shared by others is slow at times: how long an example takes proves nothing.
hypothesis.settings.register_profile("shared", deadline=None)
hypothesis.settings.load_profile("shared")

# What leans on PostgreSQL itself: triggers, locks, row security, partitions, COPY, indexes.
DATA_LAYER = (
    "core/test_audit.py",
    "core/test_transaction.py",
    "domains/accounts/test_delegations.py",
    "domains/accounts/test_mandates.py",
    "domains/directory/test_models.py",
    "domains/governance/test_acts.py",
    "domains/governance/test_imports.py",
    "domains/governance/test_minutes_approval.py",
    "domains/governance/test_minutes_race.py",
    "domains/governance/test_rulebook_signatures.py",
    "domains/strategy/test_amendments.py",
    "domains/strategy/test_amendments_race.py",
    "domains/strategy/test_indicators_values.py",
    "domains/strategy/test_toolbox.py",
    "domains/territories/test_load.py",
    "domains/territories/test_search.py",
    "domains/territories/test_vintages.py",
)


def pytest_collection_modifyitems(items):
    for item in items:
        if str(item.path.relative_to(ROOT / "tests")) in DATA_LAYER:
            item.add_marker(pytest.mark.data)


walked: dict[str, bool] = {}  # browser journeys of this run, and whether each passed


def pytest_runtest_logreport(report):
    """Called where the run is gathered, for every worker's tests."""
    if "tests/browser/" in report.nodeid and (report.when == "call" or report.failed):
        name = report.nodeid.split("/")[-1].replace(".py::", "::").split("[")[0]
        walked[name] = walked.get(name, True) and report.passed


def pytest_sessionfinish(session):
    if not hasattr(session.config, "workerinput"):
        journeys.PASSED.write_text(json.dumps(sorted(name for name, passed in walked.items() if passed)))


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker):
    """A copy of the France template, reached as the application role: neither owner nor superuser."""
    with database.copy_of(database.france()) as name:
        address = database.url("application", name)
        with django_db_blocker.unblock():
            connection = connections["default"]
            connection.close()
            for key, value in database_settings(address).items():
                connection.settings_dict[key] = value
        yield
        with django_db_blocker.unblock():
            connections["default"].close()


def database_settings(address):
    from urllib.parse import urlsplit

    parts = urlsplit(address)
    return {"NAME": parts.path[1:], "USER": parts.username, "PASSWORD": parts.password}


@pytest.fixture
def as_owner(django_db_setup):
    """A connection of the owner to the same database, for what the application may not do."""
    import psycopg

    name = connections["default"].settings_dict["NAME"]
    with psycopg.connect(database.url("owner", name)) as connection:
        yield connection


class UndefinedVariable(str):
    """Stands for a template variable that nobody defined: using it fails the test."""

    def __contains__(self, key):
        return key == "%s"

    def __mod__(self, missing):
        raise AssertionError(f"undefined template variable: {missing}")


@pytest.fixture(autouse=True)
def _no_undefined_template_variable(monkeypatch):
    from django.template import engines

    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", UndefinedVariable("%s"))


@pytest.fixture(autouse=True)
def _own_places(tmp_path, settings):
    """Mail, files, seals and keys of a test go to the test's own folder."""
    settings.KEY_STORE = tmp_path / "keys"
    settings.MASTER_KEYS = tmp_path / "master-keys"
    settings.MASTER_SOURCES = ["file"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.SEALS = tmp_path / "seals"
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "files"},
        },
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture
def sign_in(client):
    """sign_in(actor): the client acts as that actor, password and second factor done."""
    from tests.seeded import entered

    return lambda actor: entered(client, actor)
