"""A text that has ended by date opens nothing more: no file number goes into a body that it had opened."""

from django.db import migrations

NOW = r"""
-- A number that is there already stays, and its point may be moved: what is refused is to speak of a file.
DROP TRIGGER governance_agendaitem_file ON governance_agendaitem;
CREATE OR REPLACE FUNCTION governance_file_number_guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    today date := (now() AT TIME ZONE 'Europe/Paris')::date;
BEGIN
    PERFORM 1 FROM governance_meeting m
        JOIN governance_body b ON b.id = m.body_id
        JOIN governance_council c ON c.id = b.council_id
        JOIN territories_territory t ON t.id = c.territory_id
        JOIN governance_exchangetext x ON x.council_kind = c.kind AND x.body_kind = b.kind AND t.zone = ANY (x.zones)
    WHERE m.id = NEW.meeting_id AND b.nominative
        AND x.valid_from <= today AND coalesce(x.valid_to, 'infinity'::date) >= today;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no file is spoken of in this body' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER governance_agendaitem_file_new BEFORE INSERT ON governance_agendaitem
    FOR EACH ROW WHEN (NEW.file_number <> '') EXECUTE FUNCTION governance_file_number_guard();
CREATE TRIGGER governance_agendaitem_file BEFORE UPDATE ON governance_agendaitem
    FOR EACH ROW WHEN (NEW.file_number <> ''
        AND (OLD.file_number, OLD.meeting_id) IS DISTINCT FROM (NEW.file_number, NEW.meeting_id))
    EXECUTE FUNCTION governance_file_number_guard();
"""
BEFORE = r"""
DROP TRIGGER governance_agendaitem_file_new ON governance_agendaitem;
DROP TRIGGER governance_agendaitem_file ON governance_agendaitem;
CREATE OR REPLACE FUNCTION governance_file_number_guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
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


class Migration(migrations.Migration):
    dependencies = [("governance", "0018_acts_born_unsigned")]
    operations = [migrations.RunSQL(NOW, BEFORE)]
