"""Names are exchanged where a dated text allows it and a controller answers for it; the database refuses the rest."""

from django.db import migrations

GUARD = r"""
-- What a council and a body are never changes: the texts that apply to them depend on it.
CREATE FUNCTION governance_kind_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the kind of a council or body never changes' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER governance_council_fixed BEFORE UPDATE ON governance_council
    FOR EACH ROW WHEN ((OLD.kind, OLD.territory_id, OLD.scope_id)
        IS DISTINCT FROM (NEW.kind, NEW.territory_id, NEW.scope_id))
    EXECUTE FUNCTION governance_kind_fixed();
CREATE TRIGGER governance_body_fixed BEFORE UPDATE ON governance_body
    FOR EACH ROW WHEN ((OLD.kind, OLD.council_id) IS DISTINCT FROM (NEW.kind, NEW.council_id)
        OR (OLD.scope_id IS NOT NULL AND OLD.scope_id IS DISTINCT FROM NEW.scope_id))
    EXECUTE FUNCTION governance_kind_fixed();

CREATE FUNCTION governance_controller_complete(k governance_controller) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT k.basis <> '' AND k.officer_name <> '' AND k.officer_email <> '' AND k.register_reference <> ''
        AND k.registered_on IS NOT NULL AND k.impact_assessed_on IS NOT NULL AND k.left_on IS NULL
        AND (k.hosted_elsewhere IS FALSE
             OR (k.hosted_elsewhere AND k.host_name <> '' AND k.processor_agreement_on IS NOT NULL))
$$;

CREATE FUNCTION governance_nominative_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    holder bigint;
BEGIN
    SELECT s.holder_id INTO holder FROM governance_council c JOIN accounts_scope s ON s.id = c.scope_id
    WHERE c.id = NEW.council_id;
    PERFORM 1 FROM governance_exchangetext x
        JOIN governance_council c ON c.kind = x.council_kind
        JOIN territories_territory t ON t.id = c.territory_id
    WHERE c.id = NEW.council_id AND c.ended_on IS NULL AND x.body_kind = NEW.kind AND t.zone = ANY (x.zones)
        AND x.valid_from <= current_date AND coalesce(x.valid_to, 'infinity'::date) >= current_date;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no text allows nominative exchange in this body' USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- Kept for the transaction, so that the record is not emptied meanwhile.
    PERFORM 1 FROM governance_controller k WHERE k.scope_id = holder AND governance_controller_complete(k) FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the controller''s record is not complete' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER governance_body_nominative_new BEFORE INSERT ON governance_body
    FOR EACH ROW WHEN (NEW.nominative) EXECUTE FUNCTION governance_nominative_guard();
CREATE TRIGGER governance_body_nominative BEFORE UPDATE ON governance_body
    FOR EACH ROW WHEN (NEW.nominative AND NOT OLD.nominative) EXECUTE FUNCTION governance_nominative_guard();

-- While one of its bodies may hold a file, the record stays complete and stays there.
CREATE FUNCTION governance_controller_lock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.scope_id <> OLD.scope_id THEN
        RAISE EXCEPTION 'a record stays with its controller' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'DELETE' OR NOT governance_controller_complete(NEW) THEN
        PERFORM 1 FROM governance_body b
            JOIN governance_council c ON c.id = b.council_id
            JOIN accounts_scope s ON s.id = c.scope_id
        WHERE s.holder_id = OLD.scope_id AND b.nominative AND b.closed_on IS NULL;
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
CREATE TRIGGER governance_controller_locked BEFORE UPDATE OR DELETE ON governance_controller
    FOR EACH ROW EXECUTE FUNCTION governance_controller_lock();
"""

UNGUARD = """
DROP TRIGGER governance_controller_locked ON governance_controller;
DROP TRIGGER governance_body_nominative ON governance_body;
DROP TRIGGER governance_body_nominative_new ON governance_body;
DROP TRIGGER governance_body_fixed ON governance_body;
DROP TRIGGER governance_council_fixed ON governance_council;
DROP FUNCTION governance_controller_lock();
DROP FUNCTION governance_nominative_guard();
DROP FUNCTION governance_controller_complete(governance_controller);
DROP FUNCTION governance_kind_fixed();
"""

# Those who hold a council: under its own scope, or under the one that holds it (accounts.0002).
OLD = """EXISTS (
    SELECT 1 FROM accounts_mandate m
    JOIN accounts_scope s ON s.id = m.scope_id
    JOIN governance_council c ON c.id = governance_import.council_id
    WHERE m.id = NULLIF(current_setting('prevenance.mandate', true), '')::bigint
      AND m.role IN ('coordinator', 'deputy', 'mayor', 'epci_president')
      AND (s.id = c.scope_id OR (s.kind IN ('commune', 'epci') AND s.territory_id = c.territory_id))
      AND m.valid_from <= current_date AND coalesce(m.valid_to, 'infinity'::date) >= current_date
)"""
NEW = """EXISTS (
    SELECT 1 FROM accounts_mandate m
    JOIN governance_council c ON c.id = governance_import.council_id
    JOIN accounts_scope s ON s.id = c.scope_id
    WHERE m.id = NULLIF(current_setting('prevenance.mandate', true), '')::bigint
      AND m.withdrawn_at IS NULL
      AND m.role IN ('coordinator', 'deputy', 'mayor', 'epci_president', 'prefect_office')
      AND m.scope_id IN (s.id, s.holder_id)
      AND m.valid_from <= current_date AND coalesce(m.valid_to, 'infinity'::date) >= current_date
)"""


def policy(using):
    return f"ALTER POLICY acting_mandate ON governance_import USING ({using}) WITH CHECK ({using})"


class Migration(migrations.Migration):
    dependencies = [("governance", "0003_bodies_and_controllers"), ("accounts", "0002_held_scopes")]
    operations = [
        migrations.RunSQL(GUARD, UNGUARD),
        migrations.RunSQL(policy(NEW), policy(OLD)),
    ]
