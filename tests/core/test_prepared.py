"""A query that Django writes each time is planned once, and finds the same rows for whoever asks."""

import subprocess
import sys

import pytest
from django.db import connection

from prevenance.config.paths import ROOT
from prevenance.core.prepared import planned
from prevenance.domains.governance.models import Council
from tests.factories import CouncilFactory, coordinator_of, territory

pytestmark = pytest.mark.django_db


def test_each_one_finds_their_own_rows_and_the_connection_keeps_the_plan(django_assert_num_queries):
    ours, theirs = (CouncilFactory(territory=territory("commune", code)) for code in ("42218", "42187"))
    askers = [coordinator_of(ours), coordinator_of(theirs)]
    for council in (ours, theirs, ours):
        who = askers[council == theirs]
        found = Council.objects.visible_to(who).filter(pk=council.pk)
        with django_assert_num_queries(1):
            assert planned(found) == [council]
        assert list(found) == [council]
        assert planned(Council.objects.filter(pk=council.pk + 1_000_000)) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements WHERE statement LIKE '%governance_council%'")
        kept = [text for (text,) in cursor.fetchall()]
    assert len(kept) == 2, "one text for both coordinators, one for the number alone"
    assert all("$1" in text for text in kept)


def test_what_a_query_said_to_be_empty_finds_needs_no_statement(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert planned(Council.objects.none()) == []


def test_the_server_goes_through_what_stays_no_more():
    """Modules, views and forms are read before the first request, then left out of collections."""
    told = "gc.get_freeze_count(), 'prevenance.config.urls' in sys.modules"
    said = f"import gc, sys; import prevenance.config.wsgi; print({told})"
    done = subprocess.run([sys.executable, "-c", said], cwd=ROOT, capture_output=True, text=True, check=True)
    count, read = done.stdout.split()
    assert int(count) > 100_000
    assert read == "True"
