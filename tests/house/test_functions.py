"""The functions that the database itself runs read the real tables, whatever else bears their names."""

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from prevenance.domains.governance.models import Body, Decision
from tests.domains.governance.council_that_meets import CouncilThatMeets
from tests.factories import CouncilFactory

pytestmark = pytest.mark.django_db

OURS = """
    SELECT p.oid::regprocedure::text, coalesce(array_to_string(p.proconfig, ' '), '') FROM pg_proc p
    JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname = 'public' AND p.proname ~ %s ORDER BY 1
"""


def test_every_function_of_ours_looks_for_temporary_tables_last():
    labels = [config.label for config in apps.get_app_configs() if config.name.startswith("prevenance.")]
    with connection.cursor() as cursor:
        cursor.execute(OURS, [f"^({'|'.join(labels)})_"])
        found = cursor.fetchall()
    assert len(found) > 20
    wanted = {"search_path=public, pg_temp", "search_path=pg_catalog"}
    # CREATE OR REPLACE FUNCTION forgets it: say SET search_path again.
    assert [name for name, settings in found if settings not in wanted] == []


def refused(*statements):
    said = r"cannot change|no text allows"
    with pytest.raises(DatabaseError, match=said), transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def test_a_temporary_table_in_front_of_the_minutes_unlocks_nothing():
    minutes = CouncilThatMeets().approved()
    decision, section = Decision.objects.get(minutes=minutes), minutes.sections.first()
    front = "CREATE TEMPORARY TABLE governance_minutes (id bigint, approved_at timestamptz) ON COMMIT DROP"
    refused(front, f"UPDATE governance_decision SET text = 'autre' WHERE id = {decision.pk}")
    refused(front, f"UPDATE governance_minutessection SET text = 'autre' WHERE id = {section.pk}")


def test_a_temporary_table_in_front_of_the_texts_allows_nothing():
    council = CouncilFactory(kind="GPO")
    council.bodies.all().delete()
    body = Body.objects.create(council=council, kind="committee", name="Formation inventée")
    refused(
        "CREATE TEMPORARY TABLE governance_exchangetext ON COMMIT DROP AS SELECT 'GPO' AS council_kind, "
        "'committee' AS body_kind, array_agg(DISTINCT zone) AS zones, '2000-01-01'::date AS valid_from, "
        "NULL::date AS valid_to FROM territories_territory",
        f"UPDATE governance_body SET nominative = true, nominative_since = current_date WHERE id = {body.pk}",
    )
