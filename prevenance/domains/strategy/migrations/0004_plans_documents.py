"""The whole plan as a file; a project of act may be removed; what a party has signed is not written again."""

import re
import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

LOCK = r"""
CREATE OR REPLACE FUNCTION strategy_change_lock() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    -- When a draft is removed its changes go with it, and the row is already gone. None moves to or from another one.
    IF EXISTS (SELECT 1 FROM strategy_amendment a WHERE a.id IN (OLD.amendment_id, NEW.amendment_id)
               AND (a.state <> 'draft' OR EXISTS (SELECT 1 FROM governance_actsignature g
                                                  WHERE g.act_id = a.act_id AND g.signed_on IS NOT NULL))) THEN
        RAISE EXCEPTION 'what an amendment changed does not change' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
"""
UNLOCK = re.sub(r"AND \(a\.state.*?\)\)\) THEN", "AND a.state <> 'draft') THEN", LOCK, flags=re.DOTALL)


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0016_plan_acts"),
        ("strategy", "0003_indicators_total_period"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="amendment",
            name="act",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="governance.act",
                verbose_name="acte qui lui donne effet",
            ),
        ),
        migrations.CreateModel(
            name="PlanDocument",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on", models.DateField(verbose_name="texte du")),
                ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name="clé")),
                (
                    "requested_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="demandé le"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "En préparation"),
                            ("ready", "Prêt"),
                            ("failed", "Interrompu"),
                            ("erased", "Effacé"),
                        ],
                        default="waiting",
                        max_length=8,
                        verbose_name="état",
                    ),
                ),
                ("done", models.PositiveIntegerField(default=0, verbose_name="pages faites")),
                ("total", models.PositiveIntegerField(default=0, verbose_name="pages attendues")),
                ("size", models.PositiveBigIntegerField(default=0, verbose_name="taille en octets")),
                ("sha256", models.CharField(blank=True, max_length=64, verbose_name="empreinte")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="prêt le")),
                (
                    "amendment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="strategy.amendment",
                        verbose_name="avenant en préparation",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="strategy.plan",
                        verbose_name="plan",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="demandé par",
                    ),
                ),
            ],
            options={
                "verbose_name": "document d’un plan",
                "verbose_name_plural": "documents d’un plan",
                "ordering": ["-requested_at", "-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "ready")), fields=["finished_at"], name="plan_document_ready"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")),
                        fields=("plan", "amendment", "on"),
                        name="plan_document_one_at_a_time",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.RunSQL(LOCK, UNLOCK),
    ]
