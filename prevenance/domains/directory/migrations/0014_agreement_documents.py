"""The document of an agreement between partners, and of that by which a post is paid."""

import django.db.models.deletion
from django.db import migrations, models


def document():
    return models.OneToOneField(
        blank=True,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to="governance.upload",
        verbose_name="document",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("directory", "0013_yearly_counts"),
        ("governance", "0021_file_numbers_walled"),
    ]

    operations = [
        migrations.AddField("partnersagreement", "document", document()),
        migrations.AddField("stationagreement", "document", document()),
    ]
