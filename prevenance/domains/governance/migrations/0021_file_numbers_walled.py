"""A point about a file is read by its body's members and whoever holds the council, even where our code is wrong.

The owner is not bound: it loads demonstrations, checks keys and erases what was a controller's who left.
"""

from django.db import migrations

from prevenance.core.row_security import ACTING_MANDATE

# What `held_by` and `open_to` say in Python. Asked of rows that bear a number alone: others cost one comparison.
SEEN = f"""file_number = '' OR EXISTS (
    SELECT 1 FROM governance_meeting m
    JOIN governance_council c ON c.id = m.council_id
    JOIN accounts_scope s ON s.id = c.scope_id
    JOIN accounts_mandate a ON a.id = {ACTING_MANDATE}
    WHERE m.id = governance_agendaitem.meeting_id
      AND a.withdrawn_at IS NULL
      AND a.valid_from <= (now() AT TIME ZONE 'Europe/Paris')::date
      AND coalesce(a.valid_to, 'infinity'::date) >= (now() AT TIME ZONE 'Europe/Paris')::date
      AND ((a.role IN ('coordinator', 'deputy', 'mayor', 'epci_president', 'prefect_office')
            AND a.scope_id IN (s.id, s.holder_id))
        OR EXISTS (
            SELECT 1 FROM governance_membership g
            WHERE g.body_id = m.body_id AND g.person_id = a.person_id
              AND g.valid_from <= (now() AT TIME ZONE 'Europe/Paris')::date
              AND coalesce(g.valid_to, 'infinity'::date) >= (now() AT TIME ZONE 'Europe/Paris')::date))
)"""

WALL = f"""
ALTER TABLE governance_agendaitem ENABLE ROW LEVEL SECURITY;
CREATE POLICY acting_mandate ON governance_agendaitem USING ({SEEN}) WITH CHECK ({SEEN});
"""
DOWN = """
DROP POLICY acting_mandate ON governance_agendaitem;
ALTER TABLE governance_agendaitem DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0020_export_missing")]
    operations = [migrations.RunSQL(WALL, DOWN)]
