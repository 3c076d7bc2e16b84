"""Keys in use, by name, so that those without a file are found; announcements of what ends."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# A key in use cannot be forgotten: what names it must have gone first.
KEYS = """
ALTER TABLE followup_followup ADD CONSTRAINT followup_key_in_use FOREIGN KEY (key) REFERENCES followup_filekey (key);
"""
UNKEYS = "ALTER TABLE followup_followup DROP CONSTRAINT followup_key_in_use;"


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0002_wall"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FileKey",
            fields=[
                ("key", models.UUIDField(primary_key=True, serialize=False, verbose_name="clé")),
            ],
            options={
                "verbose_name": "clé en usage",
            },
        ),
        migrations.CreateModel(
            name="EndNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("week", models.DateField(help_text="Lundi de la semaine.", verbose_name="semaine du")),
                (
                    "sent_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="envoyé le"),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="destinataire",
                    ),
                ),
            ],
            options={
                "verbose_name": "annonce d’effacement envoyée",
                "constraints": [models.UniqueConstraint(fields=("person", "week"), name="end_notice_once_a_week")],
            },
        ),
        migrations.RunSQL(KEYS, UNKEYS),
    ]
