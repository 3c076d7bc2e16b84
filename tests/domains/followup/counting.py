"""How much a page asks of the database."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

OURS = ("SAVEPOINT", "RELEASE", "INSERT INTO core_auditrow")


def questions(client, url):
    """Queries of a page that is shown, once what a process remembers is remembered; readings recorded apart."""
    assert client.get(url).status_code == 200
    with CaptureQueriesContext(connection) as seen:
        assert client.get(url).status_code == 200
    return len([query for query in seen if not query["sql"].startswith(OURS)])
