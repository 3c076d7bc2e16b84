"""A text in force is what its amendment wrote, no more; a sheet keeps its number; tables are for those who hold."""

from django.db import migrations

from prevenance.core.row_security import ACTING_MANDATE

# In force, only what a change of the amendment says may come in, and once: nothing slips into a text of last year.
TEXT = r"""
CREATE OR REPLACE FUNCTION strategy_provision_lock() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a text that was in force stays readable' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NOT EXISTS (SELECT 1 FROM strategy_amendment a WHERE a.id = NEW.brought_by_id AND a.plan_id = NEW.plan_id
                       AND a.state = 'in_force' AND a.in_force_from = NEW.since)
           -- written
           OR NEW.until IS NOT NULL
           OR NOT EXISTS (SELECT 1 FROM strategy_change c WHERE c.amendment_id = NEW.brought_by_id
                          AND c.anchor = NEW.anchor AND c.kind <> 'remove'
                          AND (c.part, c.position, c.text) = (NEW.part, NEW.position, NEW.text))
           OR EXISTS (SELECT 1 FROM strategy_provision p WHERE p.brought_by_id = NEW.brought_by_id
                      AND p.anchor = NEW.anchor)
           -- once
           THEN
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
"""
TEXT_BEFORE = TEXT[: TEXT.index("           -- written")] + TEXT[TEXT.index("           THEN") :]

# The words of a sheet are found by its number, in the plan and by the amendment that brought it.
SHEET = r"""
CREATE FUNCTION strategy_sheet_lock() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF (OLD.plan_id, OLD.number, OLD.brought_by_id) IS DISTINCT FROM (NEW.plan_id, NEW.number, NEW.brought_by_id)
       OR (OLD.withdrawn_by_id IS DISTINCT FROM NEW.withdrawn_by_id
           AND EXISTS (SELECT 1 FROM strategy_amendment a WHERE a.state = 'in_force'
                       AND a.id IN (OLD.withdrawn_by_id, NEW.withdrawn_by_id))) THEN
        RAISE EXCEPTION 'a sheet keeps its plan, its number and the amendments that brought or withdrew it'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER strategy_sheet_locked BEFORE UPDATE ON strategy_sheet
    FOR EACH ROW EXECUTE FUNCTION strategy_sheet_lock();
"""
SHEET_BEFORE = """
DROP TRIGGER strategy_sheet_locked ON strategy_sheet;
DROP FUNCTION strategy_sheet_lock();
"""

# As TableImportQuerySet.visible_to: those who hold the plan, not all who sit in the council that carries it.
HOLDER_BEFORE = f"""EXISTS (
    SELECT 1 FROM accounts_mandate m
    JOIN strategy_plan p ON p.id = strategy_tableimport.plan_id
    LEFT JOIN governance_council c ON c.id = p.council_id
    WHERE m.id = {ACTING_MANDATE} AND m.scope_id IN (p.scope_id, c.scope_id) AND m.withdrawn_at IS NULL
      AND m.valid_from <= current_date AND coalesce(m.valid_to, 'infinity'::date) >= current_date
)"""
HOLDER = HOLDER_BEFORE.replace(
    "m.withdrawn_at IS NULL",
    """m.withdrawn_at IS NULL
      AND m.role IN ('coordinator', 'deputy', 'mayor', 'epci_president', 'prefect_office', 'national_secretariat')
      AND (m.allows IS NULL OR 'hold_plan' = ANY (m.allows))""",
)


def policy(using):
    return f"ALTER POLICY acting_mandate ON strategy_tableimport USING ({using}) WITH CHECK ({using})"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_delegations"), ("strategy", "0004_plans_documents")]
    operations = [
        migrations.RunSQL(TEXT, TEXT_BEFORE),
        migrations.RunSQL(SHEET, SHEET_BEFORE),
        migrations.RunSQL(policy(HOLDER), policy(HOLDER_BEFORE)),
    ]
