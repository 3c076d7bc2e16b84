from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("followup", "0003_clocks")]
    operations = [
        migrations.AddField(
            model_name="followup",
            name="asked",
            field=models.UUIDField(editable=False, null=True, unique=True, verbose_name="demande d’ouverture"),
        ),
    ]
