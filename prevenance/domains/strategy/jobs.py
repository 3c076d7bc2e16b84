"""What the strategy does later or by the clock. A job carries identifiers and reads everything again when it runs."""

from datetime import date

from django.utils import timezone
from procrastinate.contrib.django import app

from prevenance.core.audit import MACHINE
from prevenance.domains.strategy.actions import totals
from prevenance.domains.strategy.analysis.totals import periods_reported
from prevenance.domains.strategy.models import Indicator


@app.task(name="strategy.roll_up", retry=3)
def roll_up(indicator: int, starts: str = "") -> None:
    """Totals of a period, or of all those that were reported. Safe to run again: what is right is not rewritten."""
    found = Indicator.objects.filter(pk=indicator).first()
    if found is None:
        return
    for start in [date.fromisoformat(starts)] if starts else periods_reported(found):
        totals.roll_up_indicator(indicator=found, starts=start, by=MACHINE)


@app.periodic(cron="20 1 * * *")
@app.task(name="strategy.recount_progress", queueing_lock="strategy.recount_progress")
def recount_progress(timestamp: int = 0) -> None:
    """Each night, since a sheet becomes late by the passing of a day; and whenever a plan takes effect."""
    totals.recount_progress(on=timezone.localdate(), by=MACHINE)
