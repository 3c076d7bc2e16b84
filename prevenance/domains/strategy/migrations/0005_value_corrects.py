from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("strategy", "0004_plans_documents")]
    operations = [
        migrations.AddIndex(
            model_name="indicatorvalue",
            index=models.Index(fields=["corrects"], condition=models.Q(corrects__isnull=False), name="value_corrects"),
        ),
    ]
