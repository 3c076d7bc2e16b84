"""Texts that allow nominative exchange, from their data file to the table that the database's guard reads."""

import yaml
from django.conf import settings
from django.db import transaction

from prevenance.domains.governance.models import ExchangeText


def load_after_migration(*, using, plan=(), apps=None, **_kwargs):
    """Replace the table's rows with those of the file. Runs as the owner, at the end of `migrate`."""
    if apps is None or "exchangetext" not in {model for app, model in _known(apps)}:
        return  # migrated back to before the table
    rows = [
        ExchangeText(council_kind=kind, **{name: value for name, value in line.items() if name != "council_kinds"})
        for line in yaml.safe_load((settings.DATA / "governance" / "exchange_texts.yaml").read_text())
        for kind in line["council_kinds"]
    ]
    with transaction.atomic(using=using):
        ExchangeText.objects.using(using).all().delete()
        ExchangeText.objects.using(using).bulk_create(rows)


def _known(apps):
    return [(model._meta.app_label, model._meta.model_name) for model in apps.get_models()]
