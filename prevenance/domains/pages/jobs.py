"""What the pages do by the clock."""

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from prevenance.core.audit import MACHINE
from prevenance.domains.pages import actions
from prevenance.domains.pages.analysis import kept_reading


@app.periodic(cron="4 0 * * *")
@app.task(queueing_lock="count_expectations")
def count_expectations(timestamp: int) -> None:
    """Count France for the day that begins, before its first visitor. Running twice counts once."""
    today = timezone.localdate()
    with transaction.atomic():
        if kept_reading(today) is None:
            actions.count_expectations(by=MACHINE, on=today)
