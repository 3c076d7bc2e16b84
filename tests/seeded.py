"""Use a database other than the tests' own, as the application: a demonstration, or a part of the nation."""

import contextlib

from django.db import connections

from prevenance.config.paths import VAR
from prevenance.domains.accounts.acting import actor_of
from prevenance.domains.accounts.models import Person
from tests import database


@contextlib.contextmanager
def using(name, blocker):
    """The ORM on database `name`; the tests' own comes back at the end."""
    connection = connections["default"]
    with blocker.unblock():
        before = connection.settings_dict["NAME"]
        connection.close()
        connection.settings_dict["NAME"] = name
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = before


def sealed_with(settings, name):
    """Use the keys of files that a seeded database was filled with."""
    settings.KEY_STORE = database.KEYS / name
    settings.MASTER_KEYS = VAR / "secrets" / "test-master-keys"


def invented(role):
    """The actor of a role in a seeded database."""
    return actor_of(Person.objects.get(email=f"{role}@demonstration.invalid"))
