from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("strategy", "0002_locks")]
    operations = [
        migrations.AddIndex(
            model_name="indicatortotal",
            index=models.Index(fields=["indicator", "starts_on"], name="total_period"),
        ),
    ]
