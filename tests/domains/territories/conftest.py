"""A copy of France of one's own, reached as the owner of the database: loaders write where the application cannot."""

import pytest
from django.db import connection

from tests import database
from tests.conftest import database_settings


@pytest.fixture(scope="module")
def owned_france(django_db_setup, django_db_blocker):
    """For a whole module; its tests share what they load, in their order, and take no `db` fixture."""
    application = {key: connection.settings_dict[key] for key in ("NAME", "USER", "PASSWORD")}
    with database.copy_of(database.france()) as name, django_db_blocker.unblock():
        connection.close()
        connection.settings_dict.update(database_settings(database.url("owner", name)))
        yield name
        connection.close()
        connection.settings_dict.update(application)
