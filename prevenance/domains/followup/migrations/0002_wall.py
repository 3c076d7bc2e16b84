"""The outer wall of files: which rows a mandate reaches, what goes with a file, what no longer changes, what ends.

Rows are reached from a group (mandate current, role of the group, seat, signature of every text in force) or by an
unexpired share. The clock's role sees and deletes what is due; the statistics' role sees lines, and no file.
"""

from django.db import migrations

from prevenance.core.row_security import ACTING_MANDATE, ensure_roles

# The groups that a mandate opens. As the owner: the clock and the statistics, which read neither mandates nor seats,
# pass through the same policies. Nothing nominative is read here.
OPENED = r"""
CREATE FUNCTION followup_bodies(mandate bigint) RETURNS bigint[] LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    today date := (now() AT TIME ZONE 'Europe/Paris')::date;
    acting accounts_mandate;
    reached bigint[];
BEGIN
    SELECT * INTO acting FROM accounts_mandate m WHERE m.id = mandate AND m.withdrawn_at IS NULL
        AND m.valid_from <= today AND coalesce(m.valid_to, 'infinity'::date) >= today
        AND m.role IN ('coordinator', 'deputy', 'mayor', 'prosecutor_office', 'group_member', 'referent',
                       'victim_support');
    IF NOT FOUND THEN
        RETURN '{}';
    END IF;
    SELECT array_agg(b.id) INTO reached
    FROM governance_membership seat
    JOIN governance_body b ON b.id = seat.body_id AND b.nominative
        AND (b.closed_on IS NULL OR b.closed_on > today)
    JOIN governance_council c ON c.id = b.council_id AND (c.ended_on IS NULL OR c.ended_on > today)
    JOIN accounts_scope s ON s.id = c.scope_id
    JOIN territories_territory t ON t.id = c.territory_id
    WHERE seat.person_id = acting.person_id AND seat.valid_from <= today
        AND coalesce(seat.valid_to, 'infinity'::date) >= today
        -- The mandate acted under is of this group, of its council or of who holds it; a justice office's or a victim
        -- service's is of a wider place.
        AND (acting.scope_id IN (b.scope_id, c.scope_id, s.holder_id)
             OR acting.role IN ('prosecutor_office', 'victim_support'))
        AND EXISTS (
            SELECT 1 FROM governance_exchangetext x WHERE x.council_kind = c.kind AND x.body_kind = b.kind
                AND t.zone = ANY (x.zones) AND x.valid_from <= today AND coalesce(x.valid_to, 'infinity'::date) >= today
        )
        AND EXISTS (
            SELECT 1 FROM governance_rulebook r WHERE r.body_id = b.id AND r.kind = 'rules' AND r.state = 'adopted'
        )
        -- Each text in force is signed; or, for a while after a new version, the one that it replaced.
        AND NOT EXISTS (
            SELECT 1 FROM governance_rulebook r WHERE r.body_id = b.id AND r.state = 'adopted'
                AND NOT followup_signed(r.id, seat.id)
                AND NOT EXISTS (
                    SELECT 1 FROM governance_rulebook old, followup_duration d
                    WHERE old.body_id = r.body_id AND old.kind = r.kind AND old.version < r.version
                        AND old.state = 'replaced' AND old.ended_on = r.adopted_on
                        AND d.what = 'signing_delay' AND d.valid_from <= today
                        AND coalesce(d.valid_to, 'infinity'::date) > today
                        AND r.adopted_on + make_interval(
                            days => CASE WHEN d.unit = 'days' THEN d.amount ELSE 0 END,
                            months => CASE WHEN d.unit = 'months' THEN d.amount ELSE 0 END) > today
                        AND followup_signed(old.id, seat.id)
                )
        );
    RETURN coalesce(reached, '{}');
END $$;

CREATE FUNCTION followup_whole_bodies(mandate bigint) RETURNS bigint[] LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    SELECT coalesce(array_agg(b.id), '{}')
    FROM unnest(followup_bodies(mandate)) AS opened(id)
    JOIN governance_body b ON b.id = opened.id
    JOIN accounts_mandate m ON m.id = mandate
    WHERE m.role IN ('coordinator', 'deputy') OR EXISTS (
        SELECT 1 FROM governance_rulebook r JOIN followup_terms k ON k.rulebook_id = r.id
        WHERE r.body_id = b.id AND r.kind = 'rules' AND r.state = 'adopted' AND k.reads = 'all'
    )
$$;

-- A task role has its own policies, and reaches no group whatever mandate is acted under.
CREATE FUNCTION followup_acting_bodies() RETURNS bigint[] LANGUAGE sql STABLE
SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN current_user IN ('prevenance_clock', 'prevenance_statistics') THEN '{}'
        ELSE followup_bodies(__ACTING__) END
$$;

-- Files of which a part is shared with a person, in a group that they open. The second after, none.
CREATE FUNCTION followup_shares(mandate bigint) RETURNS bigint[] LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    SELECT coalesce(array_agg(h.followup_id), '{}') FROM followup_share h
    JOIN accounts_mandate m ON m.id = mandate AND m.person_id = h.to_person_id
    WHERE h.withdrawn_at IS NULL AND h.until > statement_timestamp()
        AND h.as_body_id = ANY (followup_bodies(m.id))
$$;

CREATE FUNCTION followup_acting_shares() RETURNS bigint[] LANGUAGE sql STABLE
SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN current_user IN ('prevenance_clock', 'prevenance_statistics') THEN '{}'
        ELSE followup_shares(__ACTING__) END
$$;
""".replace("__ACTING__", ACTING_MANDATE)

SIGNED = r"""
CREATE FUNCTION followup_signed(book bigint, seat bigint) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    SELECT coalesce((SELECT NOT g.withdrawn FROM governance_signature g
        WHERE g.rulebook_id = book AND g.membership_id = seat ORDER BY g.rank DESC LIMIT 1), false)
$$;
"""

# Every row of a file carries the file's own group, and goes when the file goes. The keys are ours: Django writes none.
KEPT = (
    "identity", "representative", "report", "fact", "involvement", "goal", "step", "contact", "review", "alert",
    "attachment", "notice", "rightsrequest", "hold", "archiveaccess", "share", "handover", "orientation",
)  # fmt: skip
KEYS = "".join(
    f"ALTER TABLE followup_{table} ADD CONSTRAINT {table}_of_its_file FOREIGN KEY (followup_id, body_id)"
    " REFERENCES followup_followup (id, body_id) ON DELETE CASCADE;\n"
    for table in KEPT
)
KEYS += """
ALTER TABLE followup_line ADD CONSTRAINT line_of_its_file FOREIGN KEY (followup_id)
    REFERENCES followup_followup (id) ON DELETE SET NULL;
ALTER TABLE followup_step ADD CONSTRAINT step_of_its_goal FOREIGN KEY (goal_id)
    REFERENCES followup_goal (id) ON DELETE CASCADE;
ALTER TABLE followup_involvement ADD CONSTRAINT involvement_replaces FOREIGN KEY (replaces_id)
    REFERENCES followup_involvement (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE followup_handover ADD CONSTRAINT handover_share FOREIGN KEY (share_id)
    REFERENCES followup_share (id) ON DELETE SET NULL;
"""

BODIES = "ANY ((SELECT followup_acting_bodies())::bigint[])"
SHARES = "ANY ((SELECT followup_acting_shares())::bigint[])"


def wall(table: str, using: str, check: str) -> str:
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;\n"
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY;\n"
        f"CREATE POLICY acting_mandate ON {table} USING ({using}) WITH CHECK ({check});\n"
    )


WALL = wall("followup_followup", f"body_id = {BODIES} OR id = {SHARES}", f"body_id = {BODIES}")
WALL += wall("followup_line", f"body_id = {BODIES}", f"body_id = {BODIES}")
for name in KEPT:
    if name not in ("share", "handover"):
        WALL += wall(f"followup_{name}", f"body_id = {BODIES} OR followup_id = {SHARES}", f"body_id = {BODIES}")
# A share is read by whom it is for; the function above reads it, so that its policy asks no function about shares.
FOR_ME = f"to_person_id = (SELECT m.person_id FROM accounts_mandate m WHERE m.id = {ACTING_MANDATE})"
WALL += wall("followup_share", f"body_id = {BODIES} OR {FOR_ME}", f"body_id = {BODIES}")
BOTH = f"body_id = {BODIES} OR to_body_id = {BODIES}"
WALL += wall("followup_handover", BOTH, BOTH)

# What ended stays as it was: a file closes once, nothing is added to it, its clock is never put back.
LOCKS = r"""
CREATE FUNCTION followup_file_lock() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.closed_on IS NOT NULL AND ((to_jsonb(OLD) - '{purge_on,archived_on}'::text[])
            <> (to_jsonb(NEW) - '{purge_on,archived_on}'::text[]) OR NEW.purge_on > OLD.purge_on) THEN
        RAISE EXCEPTION 'a follow-up that ended does not change, and its clock is not put back'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER followup_followup_locked BEFORE UPDATE ON followup_followup
    FOR EACH ROW EXECUTE FUNCTION followup_file_lock();

CREATE FUNCTION followup_row_lock() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM followup_followup f
        WHERE f.id = CASE TG_OP WHEN 'DELETE' THEN OLD.followup_id ELSE NEW.followup_id END AND f.closed_on IS NOT NULL;
    IF FOUND THEN
        RAISE EXCEPTION 'nothing is written in a file that ended' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.followup_id <> OLD.followup_id THEN
        RAISE EXCEPTION 'a row stays in its file' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE FUNCTION followup_terms_check() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM governance_rulebook r WHERE r.id = NEW.rulebook_id AND r.kind = 'rules' AND r.state = 'adopted';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'terms are those of a rulebook in force' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER followup_terms_checked BEFORE INSERT ON followup_terms
    FOR EACH ROW EXECUTE FUNCTION followup_terms_check();
"""
LOCKED = ("report", "fact", "goal", "step", "contact", "review", "alert", "attachment", "orientation")
LOCKS += "".join(
    f"CREATE TRIGGER followup_{table}_locked BEFORE INSERT OR UPDATE OR DELETE ON followup_{table}"
    " FOR EACH ROW EXECUTE FUNCTION followup_row_lock();\n"
    for table in LOCKED
)

# The clock sees what ends within its notice, and deletes what is due and not held. It reads no sealed column.
TODAY = "(now() AT TIME ZONE 'Europe/Paris')::date"
HELD = (
    "EXISTS (SELECT 1 FROM followup_hold h WHERE h.followup_id = followup_followup.id"
    f" AND h.lifted_on IS NULL AND h.until > {TODAY})"
)
SOON = f"purge_on <= {TODAY} + 62"
CLOCK = f"""
CREATE POLICY clock_sees ON followup_followup FOR SELECT TO prevenance_clock USING ({SOON});
CREATE POLICY clock_deletes ON followup_followup FOR DELETE TO prevenance_clock
    USING (purge_on <= {TODAY} AND NOT {HELD});
CREATE POLICY clock_sees ON followup_hold FOR SELECT TO prevenance_clock USING (true);
CREATE POLICY clock_sees ON followup_involvement FOR SELECT TO prevenance_clock
    USING (followup_id IN (SELECT f.id FROM followup_followup f));
CREATE POLICY statistics_sees ON followup_line FOR SELECT TO prevenance_statistics USING (true);
"""

DOWN = "".join(f"DROP POLICY clock_sees ON followup_{t};\n" for t in ("involvement", "hold"))
DOWN += """
DROP POLICY clock_sees ON followup_followup;
DROP POLICY clock_deletes ON followup_followup;
DROP POLICY statistics_sees ON followup_line;
"""
DOWN += "".join(f"DROP TRIGGER followup_{table}_locked ON followup_{table};\n" for table in LOCKED)
DOWN += """
DROP TRIGGER followup_followup_locked ON followup_followup;
DROP TRIGGER followup_terms_checked ON followup_terms;
DROP FUNCTION followup_row_lock();
DROP FUNCTION followup_file_lock();
DROP FUNCTION followup_terms_check();
"""
DOWN += "".join(
    f"DROP POLICY acting_mandate ON followup_{table};\n"
    f"ALTER TABLE followup_{table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY;\n"
    for table in (*KEPT, "line", "followup")
)
DOWN += """
ALTER TABLE followup_handover DROP CONSTRAINT handover_share;
ALTER TABLE followup_involvement DROP CONSTRAINT involvement_replaces;
ALTER TABLE followup_step DROP CONSTRAINT step_of_its_goal;
ALTER TABLE followup_line DROP CONSTRAINT line_of_its_file;
"""
DOWN += "".join(f"ALTER TABLE followup_{table} DROP CONSTRAINT {table}_of_its_file;\n" for table in KEPT)
DOWN += """
DROP FUNCTION followup_acting_shares();
DROP FUNCTION followup_shares(bigint);
DROP FUNCTION followup_acting_bodies();
DROP FUNCTION followup_whole_bodies(bigint);
DROP FUNCTION followup_bodies(bigint);
DROP FUNCTION followup_signed(bigint, bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("followup", "0001_initial"), ("governance", "0021_file_numbers_walled")]
    operations = [
        migrations.RunPython(ensure_roles, migrations.RunPython.noop),
        migrations.RunSQL(SIGNED + OPENED + KEYS + WALL + LOCKS + CLOCK, DOWN),
    ]
