from django.db import migrations, models

# As actions/totals.py counts them: pages are right at once, without waiting for the night. Only reads other tables.
COUNT = """
WITH following AS (
    SELECT DISTINCT f.indicator_id, p.territory_id
    FROM strategy_plan p
    JOIN strategy_planindicator f ON f.plan_id = p.id
    JOIN strategy_indicator i ON i.id = f.indicator_id
    JOIN territories_territory d ON d.id = p.territory_id
    WHERE p.in_force_from <= current_date AND coalesce(p.ended_on, 'infinity') >= current_date
      AND (i.level, d.kind) IN (('local', 'commune'), ('local', 'ept'), ('local', 'epci'),
           ('departement', 'departement'), ('region', 'region'), ('nation', 'nation'))
)
INSERT INTO strategy_reporters (indicator_id, territory_id, expected)
SELECT f.indicator_id, c.container_id, count(*)
FROM following f JOIN territories_containment c ON c.contained_id = f.territory_id
GROUP BY 1, 2
"""


class Migration(migrations.Migration):
    dependencies = [("strategy", "0006_value_corrects"), ("territories", "0002_other_codes")]
    operations = [
        migrations.CreateModel(
            name="Reporters",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("expected", models.PositiveIntegerField(verbose_name="territoires attendus")),
                (
                    "indicator",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=models.deletion.CASCADE,
                        related_name="+",
                        to="strategy.indicator",
                        verbose_name="indicateur",
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        on_delete=models.deletion.PROTECT,
                        related_name="+",
                        to="territories.territory",
                        verbose_name="territoire",
                    ),
                ),
            ],
            options={
                "verbose_name": "territoires attendus d’un indicateur",
                "verbose_name_plural": "territoires attendus des indicateurs",
                "constraints": [models.UniqueConstraint(fields=("indicator", "territory"), name="reporters_once")],
            },
        ),
        migrations.RunSQL(COUNT, migrations.RunSQL.noop),
    ]
