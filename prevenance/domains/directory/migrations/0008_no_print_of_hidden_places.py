"""The prints of rows received were taken with the address, under no key: those of hidden places are erased."""

from django.db import migrations


def erase(apps, schema_editor):
    for name in ("Structure", "Service"):
        apps.get_model("directory", name).objects.filter(address_hidden=True).update(received="")


class Migration(migrations.Migration):
    dependencies = [("directory", "0007_scenarios")]
    operations = [migrations.RunPython(erase, migrations.RunPython.noop, elidable=True)]
