"""Why a request is refused, what a hand-over keeps of the situation; the share of a hand-over opens while it waits."""

import django.db.models.deletion
from django.db import migrations, models

import prevenance.core.vault

# As in 0002, with one more condition: what serves to copy a file handed over closes with the answer.
SHARES = """
CREATE OR REPLACE FUNCTION followup_shares(mandate bigint) RETURNS bigint[] LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    SELECT coalesce(array_agg(h.followup_id), '{}') FROM followup_share h
    JOIN accounts_mandate m ON m.id = mandate AND m.person_id = h.to_person_id
    WHERE h.withdrawn_at IS NULL AND h.until > statement_timestamp()
        AND h.as_body_id = ANY (followup_bodies(m.id))
        __WAITING__
$$;
"""
WAITING = """
        AND (NOT 'handover' = ANY (h.parts) OR (m.role IN ('coordinator', 'deputy') AND EXISTS (
            SELECT 1 FROM followup_handover v WHERE v.followup_id = h.followup_id AND v.to_body_id = h.as_body_id
                AND v.accepted_at IS NULL AND v.declined_at IS NULL AND v.withdrawn_at IS NULL
                AND v.until > statement_timestamp()
        )))
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_delegations"), ("followup", "0008_families_wall")]
    operations = [
        migrations.AddField(
            model_name="rightsrequest",
            name="refusal",
            field=prevenance.core.vault.SealedField(blank=True, default=b"", length=40, verbose_name="motif du refus"),
        ),
        migrations.AddField(
            model_name="handover",
            name="outcome",
            field=prevenance.core.vault.SealedField(
                blank=True, default=b"", length=20, verbose_name="situation à ce jour"
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="mandate",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.mandate",
                verbose_name="sous le mandat",
            ),
        ),
        migrations.RunSQL(SHARES.replace("__WAITING__", WAITING), SHARES.replace("__WAITING__", "")),
    ]
