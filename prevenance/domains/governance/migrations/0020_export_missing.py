"""How many files of an export were lost: it says so, rather than fail each time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("governance", "0019_exchange_by_date")]

    operations = [
        migrations.AddField(
            model_name="controllerexport",
            name="missing",
            field=models.PositiveIntegerField(db_default=0, default=0, verbose_name="fichiers perdus"),
        ),
    ]
