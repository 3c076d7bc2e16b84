"""The wall of what is reported in: written by who is named in an open channel, read by the group, erased by the clock."""

from django.db import migrations

from prevenance.core.row_security import ACTING_MANDATE

REACHED = r"""
-- Channels by which a mandate's holder may report today: named there, the channel open, the group still exchanging.
CREATE FUNCTION followup_channels(mandate bigint) RETURNS bigint[] LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    SELECT coalesce(array_agg(DISTINCT c.id), '{}') FROM followup_channel c
    JOIN followup_reporter r ON r.channel_id = c.id AND r.removed_on IS NULL
    JOIN accounts_mandate m ON m.id = mandate AND m.person_id = r.person_id AND m.withdrawn_at IS NULL
        AND m.valid_from <= (now() AT TIME ZONE 'Europe/Paris')::date
        AND coalesce(m.valid_to, 'infinity'::date) >= (now() AT TIME ZONE 'Europe/Paris')::date
    JOIN governance_body b ON b.id = c.body_id AND b.nominative
        AND (b.closed_on IS NULL OR b.closed_on > (now() AT TIME ZONE 'Europe/Paris')::date)
    WHERE c.closed_on IS NULL AND c.until >= (now() AT TIME ZONE 'Europe/Paris')::date
        AND EXISTS (
            SELECT 1 FROM governance_rulebook k WHERE k.body_id = b.id AND k.kind = 'rules' AND k.state = 'adopted'
        )
$$;

CREATE FUNCTION followup_acting_channels() RETURNS bigint[] LANGUAGE sql STABLE
SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN current_user IN ('prevenance_clock', 'prevenance_statistics') THEN '{}'
        ELSE followup_channels(__ACTING__) END
$$;

CREATE FUNCTION followup_person(mandate bigint) RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    SELECT m.person_id FROM accounts_mandate m WHERE m.id = mandate
$$;

CREATE FUNCTION followup_acting_person() RETURNS bigint LANGUAGE sql STABLE
SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN current_user IN ('prevenance_clock', 'prevenance_statistics') THEN NULL
        ELSE followup_person(__ACTING__) END
$$;
""".replace("__ACTING__", ACTING_MANDATE)

BODIES = "body_id = ANY ((SELECT followup_acting_bodies())::bigint[])"
CHANNELS = "channel_id = ANY ((SELECT followup_acting_channels())::bigint[])"
ME = "sent_by_id = (SELECT followup_acting_person())"
TODAY = "(now() AT TIME ZONE 'Europe/Paris')::date"

KEYS = """
ALTER TABLE followup_reporter ADD CONSTRAINT reporter_of_its_channel FOREIGN KEY (channel_id, body_id)
    REFERENCES followup_channel (id, body_id);
ALTER TABLE followup_sentreport ADD CONSTRAINT sentreport_of_its_channel FOREIGN KEY (channel_id, body_id)
    REFERENCES followup_channel (id, body_id);
ALTER TABLE followup_sentreport ADD CONSTRAINT sentreport_key_in_use FOREIGN KEY (key)
    REFERENCES followup_filekey (key);
"""
# Channels and who is named in them are professionals' names: read by the function above, written by the group alone.
WALL = "".join(
    f"ALTER TABLE followup_{table} ENABLE ROW LEVEL SECURITY;\nALTER TABLE followup_{table} FORCE ROW LEVEL SECURITY;\n"
    for table in ("channel", "reporter", "sentreport")
)
WALL += "".join(
    f"CREATE POLICY everybody_sees ON followup_{table} FOR SELECT USING (true);\n"
    f"CREATE POLICY group_opens ON followup_{table} FOR INSERT WITH CHECK ({BODIES});\n"
    f"CREATE POLICY group_closes ON followup_{table} FOR UPDATE USING ({BODIES}) WITH CHECK ({BODIES});\n"
    for table in ("channel", "reporter")
)
# Who sent it finds that it was sent; its content is under a key that the application opens for the group alone.
WALL += f"""
CREATE POLICY group_reads ON followup_sentreport FOR SELECT USING ({BODIES} OR {ME});
CREATE POLICY reporter_sends ON followup_sentreport FOR INSERT WITH CHECK ({CHANNELS} AND {ME});
CREATE POLICY group_answers ON followup_sentreport FOR UPDATE USING ({BODIES}) WITH CHECK ({BODIES});
CREATE POLICY clock_sees ON followup_sentreport FOR SELECT TO prevenance_clock USING (purge_on <= {TODAY});
CREATE POLICY clock_deletes ON followup_sentreport FOR DELETE TO prevenance_clock USING (purge_on <= {TODAY});
"""
LOCK = r"""
CREATE FUNCTION followup_sentreport_check() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'waiting' OR NEW.purge_on > (
            SELECT NEW.sent_on + d.amount FROM followup_duration d WHERE d.what = 'report_answer' AND d.unit = 'days'
                AND d.valid_from <= NEW.sent_on AND coalesce(d.valid_to, 'infinity'::date) > NEW.sent_on
            ORDER BY d.valid_from DESC LIMIT 1
        ) THEN
            RAISE EXCEPTION 'a report waits for an answer, and is erased in time'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state <> 'waiting' THEN
        RAISE EXCEPTION 'a report is answered once' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.purge_on > OLD.purge_on THEN
        RAISE EXCEPTION 'a report is erased in time' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER followup_sentreport_checked BEFORE INSERT OR UPDATE ON followup_sentreport
    FOR EACH ROW EXECUTE FUNCTION followup_sentreport_check();
"""
POLICIES = {
    "channel": ("everybody_sees", "group_opens", "group_closes"),
    "reporter": ("everybody_sees", "group_opens", "group_closes"),
    "sentreport": ("group_reads", "reporter_sends", "group_answers", "clock_sees", "clock_deletes"),
}
DOWN = """
DROP TRIGGER followup_sentreport_checked ON followup_sentreport;
DROP FUNCTION followup_sentreport_check();
"""
DOWN += "".join(
    f"DROP POLICY {policy} ON followup_{table};\n" for table, policies in POLICIES.items() for policy in policies
)
DOWN += "".join(
    f"ALTER TABLE followup_{table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY;\n" for table in POLICIES
)
DOWN += """
ALTER TABLE followup_sentreport DROP CONSTRAINT sentreport_key_in_use;
ALTER TABLE followup_sentreport DROP CONSTRAINT sentreport_of_its_channel;
ALTER TABLE followup_reporter DROP CONSTRAINT reporter_of_its_channel;
DROP FUNCTION followup_acting_person();
DROP FUNCTION followup_person(bigint);
DROP FUNCTION followup_acting_channels();
DROP FUNCTION followup_channels(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("followup", "0011_reporting")]
    operations = [migrations.RunSQL(REACHED + KEYS + WALL + LOCK, DOWN)]
