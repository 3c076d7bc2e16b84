"""Counting follow-ups of a quarter again, whole."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.audit.actions import Identity
from prevenance.domains.followup import statistics
from prevenance.domains.followup.models import RegisterTally, Tally


@action(_("Suivis comptés"))
def count_quarter(*, starts_on: date, by: Identity) -> int:
    """Replace the counts of a quarter; returns how many rows. Run again, it writes the same."""
    rows = statistics.counted(starts_on)
    Tally.objects.filter(starts_on=starts_on).delete()
    Tally.objects.bulk_create(rows, batch_size=1000)
    audit.record(by=by, subject="followup.tally", starts_on=starts_on, rows=len(rows))
    return len(rows)


@action(_("Registres des maires comptés"))
def count_registers(*, year: int, by: Identity) -> int:
    """Replace the sums of a year; returns how many rows. Run again, it writes the same."""
    rows = statistics.registers_counted(year)
    RegisterTally.objects.filter(year=year).delete()
    RegisterTally.objects.bulk_create(rows, batch_size=1000)
    audit.record(by=by, subject="followup.registertally", year=year, rows=len(rows))
    return len(rows)
