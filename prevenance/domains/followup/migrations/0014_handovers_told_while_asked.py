"""A hand-over is told to the group that it was proposed to while it waits, and some days after; then no more."""

from django.db import migrations

BODIES = "ANY ((SELECT followup_acting_bodies())::bigint[])"
# The days come from followup_duration (data/followup/durations.yaml), read as the owner.
UP = r"""
CREATE FUNCTION followup_told_since() RETURNS timestamptz LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    SELECT statement_timestamp() - make_interval(days => coalesce((
        SELECT d.amount FROM followup_duration d WHERE d.what = 'handover_told' AND d.unit = 'days'
            AND d.valid_from <= (now() AT TIME ZONE 'Europe/Paris')::date
            AND coalesce(d.valid_to, 'infinity'::date) > (now() AT TIME ZONE 'Europe/Paris')::date
        ORDER BY d.valid_from DESC LIMIT 1
    ), 0))
$$;
"""
TOLD = "coalesce(accepted_at, declined_at, withdrawn_at, until) > (SELECT followup_told_since())"
POLICY = (
    "DROP POLICY acting_mandate ON followup_handover;\n"
    "CREATE POLICY acting_mandate ON followup_handover USING ({0}) WITH CHECK ({0});\n"
)
UP += POLICY.format(f"body_id = {BODIES} OR (to_body_id = {BODIES} AND {TOLD})")
DOWN = POLICY.format(f"body_id = {BODIES} OR to_body_id = {BODIES}") + "DROP FUNCTION followup_told_since();"


class Migration(migrations.Migration):
    dependencies = [("followup", "0013_rows_keep_their_number")]
    operations = [migrations.RunSQL(UP, DOWN)]
