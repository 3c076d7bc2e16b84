"""Use a database other than the tests' own, as the application: a demonstration, or a part of the nation."""

import contextlib

from django.db import connections
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from prevenance.config.paths import VAR
from prevenance.domains.accounts.acting import CHOSEN, actor_of
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


def entered(client, actor):
    """The client, acting as an actor: password and second factor done."""
    device = TOTPDevice.objects.get_or_create(user=actor.person, name="test", defaults={"confirmed": True})[0]
    client.force_login(actor.person, backend="prevenance.domains.accounts.backends.Mandated")
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session[CHOSEN] = actor.mandate_id
    session.save()
    return client
