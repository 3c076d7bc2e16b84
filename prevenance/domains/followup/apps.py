import yaml
from django.apps import AppConfig
from django.conf import settings
from django.db import transaction
from django.db.models.signals import post_migrate


class FollowupConfig(AppConfig):
    name = "prevenance.domains.followup"
    label = "followup"

    def ready(self):
        post_migrate.connect(load_durations, sender=self, dispatch_uid="followup.durations")


def load_durations(*, using, apps, **_kwargs):
    """Durations and age limits, from their data file to the table that the wall and the clocks read.

    Runs as the owner at the end of `migrate`: dated law is data, and the application may only read it.
    """
    try:
        model = apps.get_model("followup", "Duration")
    except LookupError:
        return  # migrated back to before the table
    lines = yaml.safe_load((settings.DATA / "followup" / "durations.yaml").read_text(encoding="utf-8"))
    rows = [model(what=what, **line) for what, dated in lines.items() for line in dated]
    with transaction.atomic(using=using):
        model.objects.using(using).all().delete()
        model.objects.using(using).bulk_create(rows)
