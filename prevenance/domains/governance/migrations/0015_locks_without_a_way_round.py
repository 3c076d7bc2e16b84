"""Ways round the locks, closed: rows moved under a lock or out of a body, a body reopened, a table put in front.

The functions of triggers read tables by their names. Whoever may make a temporary table, which is everybody, could put
one of the same name before the real one: `pg_temp` is now the last place where they look.
"""

from django.db import migrations

LOCKS = r"""
-- Decisions: as before; and none goes from one record to another, approved or not.
CREATE OR REPLACE FUNCTION governance_decision_lock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.minutes_id IS NOT NULL AND governance_minutes_approved(NEW.minutes_id) THEN
            RAISE EXCEPTION 'approved: % cannot change', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.minutes_id IS NULL OR governance_minutes_approved(OLD.minutes_id) THEN
        IF TG_OP = 'DELETE' OR (to_jsonb(OLD) - 'state') <> (to_jsonb(NEW) - 'state') THEN
            RAISE EXCEPTION 'approved: % cannot change', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
        END IF;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF OLD.minutes_id IS DISTINCT FROM NEW.minutes_id THEN
        RAISE EXCEPTION 'a decision cannot change minutes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

-- What a body said stays in that body: neither its meetings nor their minutes go to another one.
CREATE FUNCTION governance_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% cannot change bodies', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER governance_meeting_stays BEFORE UPDATE ON governance_meeting
    FOR EACH ROW WHEN ((OLD.council_id, OLD.body_id) IS DISTINCT FROM (NEW.council_id, NEW.body_id))
    EXECUTE FUNCTION governance_stays();
CREATE TRIGGER governance_minutes_stay BEFORE UPDATE ON governance_minutes
    FOR EACH ROW WHEN (OLD.meeting_id IS DISTINCT FROM NEW.meeting_id) EXECUTE FUNCTION governance_stays();

-- The controller's record stays complete while a body is nominative, closed or not: a closed one may be opened again.
CREATE OR REPLACE FUNCTION governance_controller_lock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.scope_id <> OLD.scope_id THEN
        RAISE EXCEPTION 'a record stays with its controller' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'DELETE' OR NOT governance_controller_complete(NEW) THEN
        PERFORM 1 FROM governance_body b
            JOIN governance_council c ON c.id = b.council_id
            JOIN accounts_scope s ON s.id = c.scope_id
        WHERE s.holder_id = OLD.scope_id AND b.nominative;
        IF FOUND THEN
            RAISE EXCEPTION 'a body still exchanges names under this controller'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
"""
# The functions replaced stay as they are when going back: what they refuse was never asked by the application.
UNLOCK = """
DROP TRIGGER governance_minutes_stay ON governance_minutes;
DROP TRIGGER governance_meeting_stays ON governance_meeting;
DROP FUNCTION governance_stays();
"""

REAL_TABLES_FIRST = r"""
DO $$
DECLARE
    ours regprocedure;
BEGIN
    FOR ours IN
        SELECT p.oid FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.proconfig IS NULL
            AND p.proname ~ '^(core|accounts|governance)_'
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = public, pg_temp', ours);
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0014_exchanged"), ("accounts", "0004_delegations"), ("core", "0001_initial")]
    operations = [
        migrations.RunSQL(LOCKS, UNLOCK),
        migrations.RunSQL(REAL_TABLES_FIRST, migrations.RunSQL.noop),
    ]
