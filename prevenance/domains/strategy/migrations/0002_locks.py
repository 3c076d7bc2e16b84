"""What took effect stays as it was, whoever asks: text in force, accepted values, notes. Words of the toolbox."""

from django.contrib.postgres.operations import UnaccentExtension
from django.db import migrations

from prevenance.core.row_security import ACTING_MANDATE, policy_sql

LOCKS = r"""
CREATE FUNCTION strategy_plan_lock() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.in_force_from IS NOT NULL
       AND (OLD.kind, OLD.territory_id, OLD.strategy_id, OLD.in_force_from)
           IS DISTINCT FROM (NEW.kind, NEW.territory_id, NEW.strategy_id, NEW.in_force_from) THEN
        RAISE EXCEPTION 'a plan in force keeps its kind, its territory and its strategy'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER strategy_plan_locked BEFORE UPDATE ON strategy_plan
    FOR EACH ROW EXECUTE FUNCTION strategy_plan_lock();

CREATE FUNCTION strategy_amendment_lock() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' THEN
            RAISE EXCEPTION 'an amendment begins as a draft' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state <> 'draft' THEN
        RAISE EXCEPTION 'an amendment that took effect or was dropped does not change'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'UPDATE' AND (OLD.plan_id, OLD.number) IS DISTINCT FROM (NEW.plan_id, NEW.number) THEN
        RAISE EXCEPTION 'an amendment cannot become another' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER strategy_amendment_locked BEFORE INSERT OR UPDATE OR DELETE ON strategy_amendment
    FOR EACH ROW EXECUTE FUNCTION strategy_amendment_lock();

CREATE FUNCTION strategy_change_lock() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    -- When a draft is removed its changes go with it, and the row is already gone. None moves to or from another one.
    IF EXISTS (SELECT 1 FROM strategy_amendment a WHERE a.state <> 'draft'
               AND a.id IN (OLD.amendment_id, NEW.amendment_id)) THEN
        RAISE EXCEPTION 'what an amendment changed does not change' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER strategy_change_locked BEFORE INSERT OR UPDATE OR DELETE ON strategy_change
    FOR EACH ROW EXECUTE FUNCTION strategy_change_lock();

CREATE FUNCTION strategy_provision_lock() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a text that was in force stays readable' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NOT EXISTS (SELECT 1 FROM strategy_amendment a WHERE a.id = NEW.brought_by_id AND a.plan_id = NEW.plan_id
                       AND a.state = 'in_force' AND a.in_force_from = NEW.since) THEN
            RAISE EXCEPTION 'a text comes in force by an amendment in force' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.until IS NOT NULL
       OR (to_jsonb(OLD) - '{until,replaced_by_id}'::text[]) <> (to_jsonb(NEW) - '{until,replaced_by_id}'::text[])
       OR NOT EXISTS (SELECT 1 FROM strategy_amendment a WHERE a.id = NEW.replaced_by_id AND a.plan_id = NEW.plan_id
                      AND a.state = 'in_force' AND a.in_force_from = NEW.until) THEN
        RAISE EXCEPTION 'a text in force is closed by an amendment in force, and never rewritten'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER strategy_provision_locked BEFORE INSERT OR UPDATE OR DELETE ON strategy_provision
    FOR EACH ROW EXECUTE FUNCTION strategy_provision_lock();

CREATE FUNCTION strategy_value_lock() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        RAISE EXCEPTION 'a value begins as a draft' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'DELETE' OR OLD.superseded_at IS NOT NULL OR NEW.superseded_at IS NULL
       OR (to_jsonb(OLD) - 'superseded_at') <> (to_jsonb(NEW) - 'superseded_at') THEN
        RAISE EXCEPTION 'an accepted value does not change: a correction is a new value'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER strategy_value_begins BEFORE INSERT ON strategy_indicatorvalue
    FOR EACH ROW WHEN (NEW.state <> 'draft') EXECUTE FUNCTION strategy_value_lock();
CREATE TRIGGER strategy_value_changed BEFORE UPDATE ON strategy_indicatorvalue
    FOR EACH ROW WHEN (OLD.state = 'accepted') EXECUTE FUNCTION strategy_value_lock();
CREATE TRIGGER strategy_value_removed BEFORE DELETE ON strategy_indicatorvalue
    FOR EACH ROW WHEN (OLD.state = 'accepted') EXECUTE FUNCTION strategy_value_lock();

CREATE TRIGGER strategy_sheetnote_append_only BEFORE UPDATE OR DELETE ON strategy_sheetnote
    FOR EACH ROW EXECUTE FUNCTION core_append_only();
CREATE TRIGGER strategy_sheetstatechange_append_only BEFORE UPDATE OR DELETE ON strategy_sheetstatechange
    FOR EACH ROW EXECUTE FUNCTION core_append_only();
CREATE TRIGGER strategy_experimentdecision_append_only BEFORE UPDATE OR DELETE ON strategy_experimentdecision
    FOR EACH ROW EXECUTE FUNCTION core_append_only();
"""

UNLOCK = """
DROP TRIGGER strategy_experimentdecision_append_only ON strategy_experimentdecision;
DROP TRIGGER strategy_sheetstatechange_append_only ON strategy_sheetstatechange;
DROP TRIGGER strategy_sheetnote_append_only ON strategy_sheetnote;
DROP TRIGGER strategy_value_removed ON strategy_indicatorvalue;
DROP TRIGGER strategy_value_changed ON strategy_indicatorvalue;
DROP TRIGGER strategy_value_begins ON strategy_indicatorvalue;
DROP TRIGGER strategy_provision_locked ON strategy_provision;
DROP TRIGGER strategy_change_locked ON strategy_change;
DROP TRIGGER strategy_amendment_locked ON strategy_amendment;
DROP TRIGGER strategy_plan_locked ON strategy_plan;
DROP FUNCTION strategy_value_lock();
DROP FUNCTION strategy_provision_lock();
DROP FUNCTION strategy_change_lock();
DROP FUNCTION strategy_amendment_lock();
DROP FUNCTION strategy_plan_lock();
"""

# French words without accents nor plurals: « médiations » finds « médiation », and « mediation » too.
WORDS = r"""
CREATE TEXT SEARCH CONFIGURATION strategy_french (COPY = pg_catalog.french);
ALTER TEXT SEARCH CONFIGURATION strategy_french
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, french_stem;
CREATE FUNCTION strategy_tool_words() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    NEW.words := setweight(to_tsvector('strategy_french', NEW.title), 'A')
        || setweight(to_tsvector('strategy_french', NEW.problem || ' ' || NEW.audience), 'B')
        || setweight(to_tsvector('strategy_french', array_to_string(NEW.steps, ' ') || ' ' || NEW.partners), 'C');
    RETURN NEW;
END $$;
CREATE TRIGGER strategy_tool_words BEFORE INSERT OR UPDATE ON strategy_toolsheet
    FOR EACH ROW EXECUTE FUNCTION strategy_tool_words();
"""

NO_WORDS = """
DROP TRIGGER strategy_tool_words ON strategy_toolsheet;
DROP FUNCTION strategy_tool_words();
DROP TEXT SEARCH CONFIGURATION strategy_french;
"""

HOLDER = f"""EXISTS (
    SELECT 1 FROM accounts_mandate m
    JOIN strategy_plan p ON p.id = strategy_tableimport.plan_id
    LEFT JOIN governance_council c ON c.id = p.council_id
    WHERE m.id = {ACTING_MANDATE} AND m.scope_id IN (p.scope_id, c.scope_id) AND m.withdrawn_at IS NULL
      AND m.valid_from <= current_date AND coalesce(m.valid_to, 'infinity'::date) >= current_date
)"""

# As governance_purge_imports: only the owner, inside this function, erases what is past its retention.
PURGE = """
CREATE POLICY past_retention ON strategy_tableimport TO CURRENT_USER USING (created_at < now() - interval '1 day');
CREATE FUNCTION strategy_purge_imports(kept_days integer) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    erased integer;
BEGIN
    DELETE FROM strategy_tableimport WHERE created_at < now() - make_interval(days => greatest(kept_days, 1));
    GET DIAGNOSTICS erased = ROW_COUNT;
    RETURN erased;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("strategy", "0001_initial"), ("core", "0001_initial")]
    operations = [
        UnaccentExtension(),
        migrations.RunSQL(LOCKS, UNLOCK),
        migrations.RunSQL(WORDS, NO_WORDS),
        migrations.RunSQL(
            policy_sql("strategy_tableimport", HOLDER),
            "DROP POLICY acting_mandate ON strategy_tableimport; "
            "ALTER TABLE strategy_tableimport NO FORCE ROW LEVEL SECURITY; "
            "ALTER TABLE strategy_tableimport DISABLE ROW LEVEL SECURITY;",
        ),
        migrations.RunSQL(
            PURGE, "DROP FUNCTION strategy_purge_imports(integer); DROP POLICY past_retention ON strategy_tableimport;"
        ),
    ]
