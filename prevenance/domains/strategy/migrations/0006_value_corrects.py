from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("strategy", "0005_outer_wall")]
    operations = [
        migrations.AddIndex(
            model_name="indicatorvalue",
            index=models.Index(fields=["corrects"], condition=models.Q(corrects__isnull=False), name="value_corrects"),
        ),
    ]
