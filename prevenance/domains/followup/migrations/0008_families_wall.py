"""The path of a family: behind the wall of its file, gone with it, and a day that was written stays."""

from django.db import migrations

UP = r"""
ALTER TABLE followup_familypath ADD CONSTRAINT familypath_of_its_file FOREIGN KEY (followup_id, body_id)
    REFERENCES followup_followup (id, body_id) ON DELETE CASCADE;
ALTER TABLE followup_familypath ENABLE ROW LEVEL SECURITY;
ALTER TABLE followup_familypath FORCE ROW LEVEL SECURITY;
CREATE POLICY acting_mandate ON followup_familypath
    USING (body_id = ANY ((SELECT followup_acting_bodies())::bigint[]))
    WITH CHECK (body_id = ANY ((SELECT followup_acting_bodies())::bigint[]));
CREATE TRIGGER followup_familypath_locked BEFORE INSERT OR UPDATE OR DELETE ON followup_familypath
    FOR EACH ROW EXECUTE FUNCTION followup_row_lock();

CREATE FUNCTION followup_family_check() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    day text;
BEGIN
    PERFORM 1 FROM followup_followup f JOIN governance_body b ON b.id = f.body_id
        JOIN governance_council c ON c.id = b.council_id
        WHERE f.id = NEW.followup_id AND f.category = 'family' AND c.kind = 'CDDF';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a family is supported in a CDDF' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD.ended_on IS NOT NULL THEN
            RAISE EXCEPTION 'a support that ended does not change' USING ERRCODE = 'insufficient_privilege';
        END IF;
        FOREACH day IN ARRAY '{checked_on,consulted_on,proposed_on,opinion_on,informed_on,attested_on}'::text[] LOOP
            IF to_jsonb(OLD) -> day <> 'null' AND to_jsonb(OLD) -> day <> to_jsonb(NEW) -> day THEN
                RAISE EXCEPTION 'a day that was written stays' USING ERRCODE = 'insufficient_privilege';
            END IF;
        END LOOP;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER followup_familypath_checked BEFORE INSERT OR UPDATE ON followup_familypath
    FOR EACH ROW EXECUTE FUNCTION followup_family_check();
"""
DOWN = """
DROP TRIGGER followup_familypath_checked ON followup_familypath;
DROP FUNCTION followup_family_check();
DROP TRIGGER followup_familypath_locked ON followup_familypath;
DROP POLICY acting_mandate ON followup_familypath;
ALTER TABLE followup_familypath NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY;
ALTER TABLE followup_familypath DROP CONSTRAINT familypath_of_its_file;
"""


class Migration(migrations.Migration):
    dependencies = [("followup", "0007_families")]
    operations = [migrations.RunSQL(UP, DOWN)]
