import yaml
from django.apps import AppConfig
from django.conf import settings
from django.db import transaction
from django.db.models.signals import post_migrate


class GovernanceConfig(AppConfig):
    name = "prevenance.domains.governance"
    label = "governance"

    def ready(self):
        post_migrate.connect(load_exchange_texts, sender=self, dispatch_uid="governance.exchange_texts")


def load_exchange_texts(*, using, apps, **_kwargs):
    """Texts that allow nominative exchange, from their data file to the table that the database's guard reads.

    Runs as the owner at the end of `migrate`: dated law is data, and the application may only read it.
    """
    try:
        model = apps.get_model("governance", "ExchangeText")
    except LookupError:
        return  # migrated back to before the table
    rows = [
        model(council_kind=kind, **{name: value for name, value in line.items() if name != "council_kinds"})
        for line in yaml.safe_load((settings.DATA / "governance" / "exchange_texts.yaml").read_text(encoding="utf-8"))
        for kind in line["council_kinds"]
    ]
    with transaction.atomic(using=using):
        model.objects.using(using).all().delete()
        model.objects.using(using).bulk_create(rows)
