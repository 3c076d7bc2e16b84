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
        post_migrate.connect(load_register_terms, sender=self, dispatch_uid="followup.register_terms")


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


def load_register_terms(*, using, apps, **_kwargs):
    """Deadlines and limits of the mayor's registers, from their data files, as above."""
    try:
        model = apps.get_model("followup", "RegisterTerm")
    except LookupError:
        return  # migrated back to before the table
    rows = []
    for name in ("calls", "transactions"):
        terms = yaml.safe_load((settings.DATA / "followup" / f"{name}.yaml").read_text(encoding="utf-8"))["terms"]
        rows += [model(what=what, **line) for what, dated in terms.items() for line in dated]
    with transaction.atomic(using=using):
        model.objects.using(using).all().delete()
        model.objects.using(using).bulk_create(rows)
