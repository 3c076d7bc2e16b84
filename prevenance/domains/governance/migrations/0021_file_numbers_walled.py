"""A point about a file is read by its body's members and whoever holds the council, even where our code is wrong.

The owner is not bound: it loads demonstrations, checks keys and erases what was a controller's who left.
"""

from django.db import migrations

from prevenance.core.row_security import ACTING_MANDATE

# What `held_by` and `open_to` say in Python. A function, so that the plans of agendas stay what they are: inlined, the
# planner read all the members of the country to build a list that it hardly used.
READS = f"""
CREATE FUNCTION governance_reads_files(wanted bigint) RETURNS boolean LANGUAGE plpgsql STABLE
SET search_path = public, pg_temp AS $$
DECLARE
    today date := (now() AT TIME ZONE 'Europe/Paris')::date;
    acting accounts_mandate;
    sitting governance_meeting;
BEGIN
    SELECT * INTO acting FROM accounts_mandate WHERE id = {ACTING_MANDATE};
    IF acting.id IS NULL OR acting.withdrawn_at IS NOT NULL OR acting.valid_from > today
       OR coalesce(acting.valid_to, 'infinity'::date) < today THEN
        RETURN false;
    END IF;
    SELECT * INTO sitting FROM governance_meeting WHERE id = wanted;
    IF acting.role IN ('coordinator', 'deputy', 'mayor', 'epci_president', 'prefect_office') THEN
        PERFORM 1 FROM governance_council c JOIN accounts_scope s ON s.id = c.scope_id
        WHERE c.id = sitting.council_id AND acting.scope_id IN (s.id, s.holder_id);
        IF FOUND THEN
            RETURN true;
        END IF;
    END IF;
    PERFORM 1 FROM governance_membership g WHERE g.body_id = sitting.body_id AND g.person_id = acting.person_id
        AND g.valid_from <= today AND coalesce(g.valid_to, 'infinity'::date) >= today;
    RETURN FOUND;
END $$;
"""
# Asked of rows that bear a number alone: others cost one comparison.
SEEN = "file_number = '' OR governance_reads_files(meeting_id)"
WALL = f"""
ALTER TABLE governance_agendaitem ENABLE ROW LEVEL SECURITY;
CREATE POLICY acting_mandate ON governance_agendaitem USING ({SEEN}) WITH CHECK ({SEEN});
"""
DOWN = """
DROP POLICY acting_mandate ON governance_agendaitem;
ALTER TABLE governance_agendaitem DISABLE ROW LEVEL SECURITY;
DROP FUNCTION governance_reads_files(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0020_export_missing")]
    operations = [migrations.RunSQL(READS + WALL, DOWN)]
