"""What is approved cannot change, whoever asks; imported rows stay behind the outer wall."""

from django.db import migrations

from prevenance.core.row_security import ACTING_MANDATE, policy_sql

LOCKS = r"""
CREATE FUNCTION governance_approved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'approved: % cannot change', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

-- Meetings: what the approved minutes say of the sitting cannot be made untrue.
CREATE TRIGGER governance_meeting_locked BEFORE UPDATE ON governance_meeting
    FOR EACH ROW WHEN (OLD.state = 'approved' AND
        (OLD.council_id, OLD.body_id, OLD.title, OLD.starts_at, OLD.ends_at, OLD.place, OLD.state)
        IS DISTINCT FROM
        (NEW.council_id, NEW.body_id, NEW.title, NEW.starts_at, NEW.ends_at, NEW.place, NEW.state))
    EXECUTE FUNCTION governance_approved();

-- Minutes: approving is the last change that a row accepts.
CREATE TRIGGER governance_minutes_locked BEFORE UPDATE OR DELETE ON governance_minutes
    FOR EACH ROW WHEN (OLD.approved_at IS NOT NULL) EXECUTE FUNCTION governance_approved();

CREATE FUNCTION governance_minutes_approved(wanted bigint) RETURNS boolean LANGUAGE sql AS
$$ SELECT coalesce((SELECT approved_at IS NOT NULL FROM governance_minutes WHERE id = wanted FOR SHARE), false) $$;

-- Sections: none is added to, changed in or taken from approved minutes.
CREATE FUNCTION governance_section_lock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.minutes_id = NEW.minutes_id AND OLD.position = NEW.position
       AND OLD.title = NEW.title AND OLD.text = NEW.text THEN
        RETURN NEW; -- the agenda item it came from was removed: not a word changes
    END IF;
    IF (TG_OP <> 'INSERT' AND governance_minutes_approved(OLD.minutes_id))
       OR (TG_OP <> 'DELETE' AND governance_minutes_approved(NEW.minutes_id)) THEN
        RAISE EXCEPTION 'approved: % cannot change', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER governance_section_locked BEFORE INSERT OR UPDATE OR DELETE ON governance_minutessection
    FOR EACH ROW EXECUTE FUNCTION governance_section_lock();

-- Decisions: once their minutes are approved (or when brought in from an earlier record), only the state moves.
CREATE FUNCTION governance_decision_lock() RETURNS trigger LANGUAGE plpgsql AS $$
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
    RETURN NEW;
END $$;
CREATE TRIGGER governance_decision_locked BEFORE INSERT OR UPDATE OR DELETE ON governance_decision
    FOR EACH ROW EXECUTE FUNCTION governance_decision_lock();

CREATE TRIGGER governance_progress_append_only BEFORE UPDATE OR DELETE ON governance_decisionprogress
    FOR EACH ROW EXECUTE FUNCTION core_append_only();

-- A composition act, once signed, is history.
CREATE TRIGGER governance_composition_locked BEFORE UPDATE OR DELETE ON governance_compositionact
    FOR EACH ROW WHEN (OLD.signed_on IS NOT NULL) EXECUTE FUNCTION governance_approved();
"""

UNLOCK = """
DROP TRIGGER governance_meeting_locked ON governance_meeting;
DROP TRIGGER governance_minutes_locked ON governance_minutes;
DROP TRIGGER governance_section_locked ON governance_minutessection;
DROP TRIGGER governance_decision_locked ON governance_decision;
DROP TRIGGER governance_progress_append_only ON governance_decisionprogress;
DROP TRIGGER governance_composition_locked ON governance_compositionact;
DROP FUNCTION governance_section_lock();
DROP FUNCTION governance_decision_lock();
DROP FUNCTION governance_minutes_approved(bigint);
DROP FUNCTION governance_approved();
"""

# A pasted table may hold anything, including what should never have been pasted: shown only under a mandate in
# force of those who hold this very council, as `held_by` says in Python.
HOLDER = f"""EXISTS (
    SELECT 1 FROM accounts_mandate m
    JOIN accounts_scope s ON s.id = m.scope_id
    JOIN governance_council c ON c.id = governance_import.council_id
    WHERE m.id = {ACTING_MANDATE}
      AND m.role IN ('coordinator', 'deputy', 'mayor', 'epci_president')
      AND (s.id = c.scope_id OR (s.kind IN ('commune', 'epci') AND s.territory_id = c.territory_id))
      AND m.valid_from <= current_date AND coalesce(m.valid_to, 'infinity'::date) >= current_date
)"""


# Erasing what is past its retention is nobody's mandate: a function of the owner does it, and only the owner, inside
# that function, sees rows older than a day. The application may call it and still reads nothing.
PURGE = """
CREATE POLICY past_retention ON governance_import TO CURRENT_USER USING (created_at < now() - interval '1 day');
CREATE FUNCTION governance_purge_imports(kept_days integer) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    erased integer;
BEGIN
    DELETE FROM governance_import WHERE created_at < now() - make_interval(days => greatest(kept_days, 1));
    GET DIAGNOSTICS erased = ROW_COUNT;
    RETURN erased;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0001_initial"), ("core", "0001_initial")]
    operations = [
        migrations.RunSQL(LOCKS, UNLOCK),
        migrations.RunSQL(
            policy_sql("governance_import", HOLDER),
            "DROP POLICY acting_mandate ON governance_import; "
            "ALTER TABLE governance_import NO FORCE ROW LEVEL SECURITY; "
            "ALTER TABLE governance_import DISABLE ROW LEVEL SECURITY;",
        ),
        migrations.RunSQL(
            PURGE, "DROP FUNCTION governance_purge_imports(integer); DROP POLICY past_retention ON governance_import;"
        ),
    ]
