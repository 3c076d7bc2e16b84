"""A point of the agenda may be about a file, by its number, in a body that a text and a complete record open."""

from django.db import migrations, models

GUARD = r"""
CREATE FUNCTION governance_file_number_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM governance_meeting m JOIN governance_body b ON b.id = m.body_id
    WHERE m.id = NEW.meeting_id AND b.nominative;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no file is spoken of in this body' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER governance_agendaitem_file BEFORE INSERT OR UPDATE OF file_number, meeting_id ON governance_agendaitem
    FOR EACH ROW WHEN (NEW.file_number <> '') EXECUTE FUNCTION governance_file_number_guard();
"""
UNGUARD = """
DROP TRIGGER governance_agendaitem_file ON governance_agendaitem;
DROP FUNCTION governance_file_number_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0010_acts")]

    operations = [
        migrations.AddField(
            model_name="agendaitem",
            name="file_number",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=12, verbose_name="numéro de dossier"
            ),
        ),
        migrations.AddConstraint(
            model_name="agendaitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("file_number", ""), ("file_number__regex", "^[0-9]{4}-[0-9]{3,6}$"), _connector="OR"
                ),
                name="item_file_number",
            ),
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
