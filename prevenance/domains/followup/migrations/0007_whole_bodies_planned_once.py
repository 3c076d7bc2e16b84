"""The groups whose files are read whole, asked by every list: the same question, now planned once a connection.

A function in SQL is planned at each call, which took longer than answering. The rule is word for word that of 0002.
"""

from django.db import migrations

HEAD = "CREATE OR REPLACE FUNCTION followup_whole_bodies(mandate bigint) RETURNS bigint[] LANGUAGE"
WHOLE = """SELECT coalesce(array_agg(b.id), '{}')
    FROM unnest(followup_bodies(mandate)) AS opened(id)
    JOIN governance_body b ON b.id = opened.id
    JOIN accounts_mandate m ON m.id = mandate
    WHERE m.role IN ('coordinator', 'deputy') OR EXISTS (
        SELECT 1 FROM governance_rulebook r JOIN followup_terms k ON k.rulebook_id = r.id
        WHERE r.body_id = b.id AND r.kind = 'rules' AND r.state = 'adopted' AND k.reads = 'all'
    )"""
RIGHTS = "STABLE SECURITY DEFINER SET search_path = public, pg_temp AS"

UP = f"{HEAD} plpgsql {RIGHTS} $$\nBEGIN\n    RETURN ({WHOLE});\nEND $$;"
DOWN = f"{HEAD} sql {RIGHTS} $$\n    {WHOLE}\n$$;"


class Migration(migrations.Migration):
    dependencies = [("followup", "0007_rights")]
    operations = [migrations.RunSQL(UP, DOWN)]
