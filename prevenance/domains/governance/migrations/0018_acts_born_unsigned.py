"""An act begins as a draft, whoever writes it: signed, it has gone through its signatures."""

from django.db import migrations

GUARD = r"""
CREATE FUNCTION governance_act_unsigned() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'an act begins as a draft' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER governance_act_born_unsigned BEFORE INSERT ON governance_act
    FOR EACH ROW WHEN (NEW.signed_on IS NOT NULL) EXECUTE FUNCTION governance_act_unsigned();
"""
UNGUARD = """
DROP TRIGGER governance_act_born_unsigned ON governance_act;
DROP FUNCTION governance_act_unsigned();
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0017_leaving")]
    operations = [migrations.RunSQL(GUARD, UNGUARD)]
