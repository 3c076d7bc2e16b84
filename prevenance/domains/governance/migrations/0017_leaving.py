"""When a controller took the export away: leaving asks that it was done."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("governance", "0016_plan_acts")]

    operations = [
        migrations.AddField(
            model_name="controllerexport",
            name="downloaded_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="téléchargé le"),
        ),
    ]
