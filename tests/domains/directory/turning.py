"""Orientations by a link, for tests: made, told, aged; how many queries a page asks."""

import datetime as dt

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from prevenance.domains.directory.actions import orientations as actions
from prevenance.domains.directory.models import OrientationLink
from prevenance.domains.directory.rules import orientations as rules
from tests.factories.directory import ServiceFactory

ASKED = rules.Asked(need="femmes", audience="femmes", wish="jour")


def text(response):
    return response.content.decode().replace("\u00a0", " ")


def sent(by, service=None, asked=ASKED, **options):
    return actions.orient(service=service or ServiceFactory(), asked=asked, mailed=options.pop("mailed", False), by=by)


def link(orientation, by):
    return actions.tell_link(orientation=orientation, by=by)


def page(token):
    return reverse("directory:orientation_answer", args=[token])


def aged(orientation, days):
    """As made so many days ago."""
    made = timezone.now() - dt.timedelta(days=days)
    OrientationLink.objects.filter(pk=orientation.pk).update(made_at=made, expires_at=made + dt.timedelta(days=45))
    orientation.refresh_from_db()
    return orientation


def queries(client, address):
    """How many a page asks, transaction bounds aside, once the session is known."""
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        client.get(address)
    return len([one for one in seen.captured_queries if "SAVEPOINT" not in one["sql"]])


def trail():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT person, scope, action, detail::text FROM core_auditrow ORDER BY at DESC, seq DESC LIMIT 1"
        )
        return cursor.fetchone()
