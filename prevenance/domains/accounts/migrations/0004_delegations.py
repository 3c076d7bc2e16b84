"""A delegated mandate comes from another one and ends with it, whatever path ends that one."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

GUARD = r"""
-- Whose role, where and from what it was delegated never change, for a delegation and for what one comes from.
CREATE FUNCTION accounts_delegation_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.delegated_from_id IS NOT NULL OR NEW.delegated_from_id IS NOT NULL
       OR EXISTS (SELECT 1 FROM accounts_mandate d WHERE d.delegated_from_id = OLD.id) THEN
        RAISE EXCEPTION 'a delegation stays what it was when given' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_mandate_1_fixed BEFORE UPDATE ON accounts_mandate
    FOR EACH ROW WHEN ((OLD.person_id, OLD.role, OLD.scope_id, OLD.delegated_from_id, OLD.allows, OLD.valid_from)
        IS DISTINCT FROM (NEW.person_id, NEW.role, NEW.scope_id, NEW.delegated_from_id, NEW.allows, NEW.valid_from))
    EXECUTE FUNCTION accounts_delegation_fixed();

CREATE FUNCTION accounts_delegation_bounded() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    source accounts_mandate;
BEGIN
    -- Kept for the transaction: a mandate being ended elsewhere is waited for, then seen ended.
    SELECT * INTO source FROM accounts_mandate m WHERE m.id = NEW.delegated_from_id FOR SHARE;
    IF source.delegated_from_id IS NOT NULL THEN
        RAISE EXCEPTION 'a delegate cannot delegate' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF (source.role, source.scope_id) IS DISTINCT FROM (NEW.role, NEW.scope_id) OR source.person_id = NEW.person_id THEN
        RAISE EXCEPTION 'a delegation has the role and scope of the mandate that it comes from, for somebody else'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF source.withdrawn_at IS NOT NULL OR NEW.valid_from < source.valid_from
       OR coalesce(NEW.valid_to, 'infinity'::date) > coalesce(source.valid_to, 'infinity'::date) THEN
        RAISE EXCEPTION 'a delegation lives within the mandate that it comes from'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_mandate_2_bounded BEFORE INSERT OR UPDATE ON accounts_mandate
    FOR EACH ROW WHEN (NEW.delegated_from_id IS NOT NULL AND NEW.withdrawn_at IS NULL)
    EXECUTE FUNCTION accounts_delegation_bounded();

CREATE FUNCTION accounts_delegations_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE accounts_mandate SET withdrawn_at = coalesce(NEW.withdrawn_at, now())
    WHERE delegated_from_id = NEW.id AND withdrawn_at IS NULL
        AND (NEW.withdrawn_at IS NOT NULL OR valid_from > NEW.valid_to);
    UPDATE accounts_mandate SET valid_to = NEW.valid_to
    WHERE delegated_from_id = NEW.id AND withdrawn_at IS NULL AND coalesce(valid_to, 'infinity'::date) > NEW.valid_to;
    RETURN NULL;
END $$;
CREATE TRIGGER accounts_mandate_3_ends AFTER UPDATE ON accounts_mandate
    FOR EACH ROW WHEN (NEW.delegated_from_id IS NULL
        AND (OLD.valid_to, OLD.withdrawn_at) IS DISTINCT FROM (NEW.valid_to, NEW.withdrawn_at))
    EXECUTE FUNCTION accounts_delegations_end();
"""

UNGUARD = """
DROP TRIGGER accounts_mandate_3_ends ON accounts_mandate;
DROP TRIGGER accounts_mandate_2_bounded ON accounts_mandate;
DROP TRIGGER accounts_mandate_1_fixed ON accounts_mandate;
DROP FUNCTION accounts_delegations_end();
DROP FUNCTION accounts_delegation_bounded();
DROP FUNCTION accounts_delegation_fixed();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_solidarity")]
    operations = [
        migrations.AddField(
            "mandate",
            "delegated_from",
            models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="delegations",
                to="accounts.mandate", verbose_name="délégué par le mandat",
            ),
        ),
        migrations.AddField(
            "mandate",
            "allows",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=30), blank=True, null=True, size=None,
                help_text="Vide : toutes celles du rôle.", verbose_name="capacités déléguées",
            ),
        ),
        migrations.AddConstraint(
            "mandate",
            models.CheckConstraint(
                condition=models.Q(delegated_from=None, allows=None) | models.Q(delegated_from__isnull=False),
                name="mandate_narrowed_when_delegated",
            ),
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]  # fmt: skip
