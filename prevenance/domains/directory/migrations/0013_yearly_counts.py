"""Yearly counts of restorative justice, kept as they are shown: no reading tells by difference who withdrew."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("directory", "0012_national_coverage"),
        ("territories", "0002_other_codes"),
    ]

    operations = [
        migrations.CreateModel(
            name="YearlyCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.PositiveSmallIntegerField(verbose_name="année")),
                ("stage", models.CharField(max_length=12, verbose_name="étape")),
                ("people", models.PositiveIntegerField(blank=True, null=True, verbose_name="personnes")),
                (
                    "departement",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="territories.territory",
                        verbose_name="département",
                    ),
                ),
            ],
            options={
                "verbose_name": "compte annuel de justice restaurative",
                "verbose_name_plural": "comptes annuels de justice restaurative",
                "ordering": ["-year", "departement", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("year", "departement", "stage"),
                        name="restorative_year_counted_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
    ]
