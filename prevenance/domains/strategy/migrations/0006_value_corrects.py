from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # eleven million values at national size: they go on being written meanwhile
    dependencies = [("strategy", "0005_outer_wall")]
    operations = [
        AddIndexConcurrently(
            model_name="indicatorvalue",
            index=models.Index(fields=["corrects"], condition=models.Q(corrects__isnull=False), name="value_corrects"),
        ),
    ]
