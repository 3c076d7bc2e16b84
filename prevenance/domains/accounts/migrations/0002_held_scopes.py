"""A council's scope is held by the commune, EPCI or département of whoever chairs it; a group's, by its council."""

import django.db.models.deletion
from django.db import migrations, models

# A territory's scope is made where none was needed before. Groups of the first version are known by their territory.
FILL = """
INSERT INTO accounts_scope (kind, territory_id, label)
SELECT DISTINCT CASE t.kind WHEN 'ept' THEN 'epci' ELSE t.kind END, t.id, t.name
FROM accounts_scope s JOIN territories_territory t ON t.id = s.territory_id
WHERE s.kind IN ('council', 'body') ON CONFLICT DO NOTHING;
UPDATE accounts_scope s SET holder_id = h.id FROM accounts_scope h
WHERE s.kind = 'council' AND h.territory_id = s.territory_id AND h.kind IN ('commune', 'epci', 'departement');
UPDATE accounts_scope s SET holder_id = coalesce(
    (SELECT min(c.id) FROM accounts_scope c WHERE c.kind = 'council' AND c.territory_id = s.territory_id),
    (SELECT min(h.id) FROM accounts_scope h WHERE h.territory_id = s.territory_id
        AND h.kind IN ('commune', 'epci', 'departement')))
WHERE s.kind = 'body';
"""

# Who holds a council, and where, never changes: what row security and the controller's record lean on.
FIXED = """
CREATE FUNCTION accounts_scope_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the kind, territory and holder of a scope never change' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER accounts_scope_fixed BEFORE UPDATE ON accounts_scope
    FOR EACH ROW WHEN ((OLD.kind, OLD.territory_id, OLD.holder_id)
        IS DISTINCT FROM (NEW.kind, NEW.territory_id, NEW.holder_id))
    EXECUTE FUNCTION accounts_scope_fixed();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("territories", "0001_initial")]
    operations = [
        migrations.AddField(
            "scope",
            "holder",
            models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="held",
                to="accounts.scope", verbose_name="périmètre qui le tient",
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED", migrations.RunSQL.noop),
        migrations.AddConstraint(
            "scope",
            models.CheckConstraint(
                condition=models.Q(kind__in=["council", "body"], holder__isnull=False)
                | (~models.Q(kind__in=["council", "body"]) & models.Q(holder=None)),
                name="scope_held_when_council_or_body",
            ),
        ),
        migrations.RunSQL(
            FIXED, "DROP TRIGGER accounts_scope_fixed ON accounts_scope; DROP FUNCTION accounts_scope_fixed();"
        ),
    ]  # fmt: skip
