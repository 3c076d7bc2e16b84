"""What a nominative body said stays with its members for good, also once the exchange or the group is closed."""

from django.db import migrations, models

# Bodies that closed the exchange before are known by the files that they spoke of.
FILL = """
UPDATE governance_body b SET exchanged = true WHERE b.nominative OR EXISTS (
    SELECT 1 FROM governance_agendaitem i JOIN governance_meeting m ON m.id = i.meeting_id
    WHERE m.body_id = b.id AND i.file_number <> ''
);
"""
GUARD = r"""
CREATE FUNCTION governance_exchanged_for_good() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.exchanged AND NOT NEW.exchanged THEN
        RAISE EXCEPTION 'what was said of named persons stays with those who sat there'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    NEW.exchanged := NEW.exchanged OR NEW.nominative;
    RETURN NEW;
END $$;
CREATE TRIGGER governance_body_exchanged BEFORE INSERT OR UPDATE ON governance_body
    FOR EACH ROW EXECUTE FUNCTION governance_exchanged_for_good();
"""
UNGUARD = """
DROP TRIGGER governance_body_exchanged ON governance_body;
DROP FUNCTION governance_exchanged_for_good();
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0013_postponements_and_feeds")]

    operations = [
        migrations.AddField(
            model_name="body",
            name="exchanged",
            field=models.BooleanField(
                db_default=False, default=False, editable=False, verbose_name="a échangé des noms"
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="body",
            constraint=models.CheckConstraint(
                condition=models.Q(("nominative", False), ("exchanged", True), _connector="OR"),
                name="body_exchanged_for_good",
            ),
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
