"""Behind the wall of the registers: legal holds, which stop the clock, and counts. Entries of before are not counted."""

from django.db import migrations

SCOPES = "scope_id = ANY ((SELECT followup_acting_registers())::bigint[])"
TODAY = "(now() AT TIME ZONE 'Europe/Paris')::date"
COLUMNS = {"calltoorder": "call_id", "transaction": "transaction_id"}

WALL = "".join(
    f"ALTER TABLE followup_{table} ENABLE ROW LEVEL SECURITY;\n"
    f"ALTER TABLE followup_{table} FORCE ROW LEVEL SECURITY;\n"
    f"CREATE POLICY acting_mandate ON followup_{table} USING ({SCOPES}) WITH CHECK ({SCOPES});\n"
    for table in ("registerhold", "registercount")
)
# A hold is of an entry of its commune, and goes with it.
KEYS = "".join(
    f"ALTER TABLE followup_registerhold ADD CONSTRAINT registerhold_of_its_{table} FOREIGN KEY ({column}, scope_id)"
    f" REFERENCES followup_{table} (id, scope_id) ON DELETE CASCADE;\n"
    for table, column in COLUMNS.items()
)
# The clock leaves alone what is held; the statistics' role reads counts, and no entry.
CLOCK = """
CREATE POLICY clock_sees ON followup_registerhold FOR SELECT TO prevenance_clock USING (true);
CREATE POLICY statistics_sees ON followup_registercount FOR SELECT TO prevenance_statistics USING (true);
"""
CLOCK += "".join(
    f"DROP POLICY clock_deletes ON followup_{table};\n"
    f"CREATE POLICY clock_deletes ON followup_{table} FOR DELETE TO prevenance_clock USING (purge_on <= {TODAY}"
    f" AND NOT EXISTS (SELECT 1 FROM followup_registerhold h WHERE h.{column} = followup_{table}.id"
    f" AND h.lifted_on IS NULL AND h.until > {TODAY}));\n"
    for table, column in COLUMNS.items()
)
# What was held is not rewritten: a hold is lifted once.
LOCK = r"""
CREATE FUNCTION followup_registerhold_lock() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.lifted_on IS NOT NULL THEN
        RAISE EXCEPTION 'a hold is lifted once' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER followup_registerhold_locked BEFORE UPDATE ON followup_registerhold
    FOR EACH ROW EXECUTE FUNCTION followup_registerhold_lock();
"""
DOWN = "".join(
    f"DROP POLICY clock_deletes ON followup_{table};\n"
    f"CREATE POLICY clock_deletes ON followup_{table} FOR DELETE TO prevenance_clock USING (purge_on <= {TODAY});\n"
    for table in COLUMNS
)
DOWN += """
DROP TRIGGER followup_registerhold_locked ON followup_registerhold;
DROP FUNCTION followup_registerhold_lock();
DROP POLICY clock_sees ON followup_registerhold;
DROP POLICY statistics_sees ON followup_registercount;
"""
DOWN += "".join(
    f"DROP POLICY acting_mandate ON followup_{table};\n"
    f"ALTER TABLE followup_{table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY;\n"
    for table in ("registerhold", "registercount")
)
DOWN += "".join(
    f"ALTER TABLE followup_registerhold DROP CONSTRAINT registerhold_of_its_{table};\n" for table in COLUMNS
)


class Migration(migrations.Migration):
    dependencies = [("followup", "0009_registers_kept")]
    operations = [migrations.RunSQL(WALL + KEYS + CLOCK + LOCK, DOWN)]
