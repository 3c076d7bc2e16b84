"""The clock of the mayor's registers."""

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from prevenance.core.audit import MACHINE
from prevenance.core.row_security import CLOCK, as_role
from prevenance.domains.followup.actions.registers import erase_entries
from prevenance.domains.followup.rules.registers import REGISTERS

BATCH = 200  # entries erased in one transaction


@app.periodic(cron="35 3 * * *")
@app.task(name="followup.purge_registers", queueing_lock="followup.purge_registers")
def purge_registers(timestamp: int) -> None:
    """Each night, erase entries that are due, then their keys. Run again, it goes on; with nothing due, it writes
    nothing."""
    for register in REGISTERS:
        while due := due_entries(register):
            erase_entries(register=register, entries=due, by=MACHINE)


def due_entries(register: str) -> list[int]:
    """Entries that the clock's role is shown: those due, and no other."""
    rows = REGISTERS[register]._base_manager.filter(purge_on__lte=timezone.localdate()).order_by("pk")
    with transaction.atomic(), as_role(CLOCK):
        return list(rows.values_list("pk", flat=True)[:BATCH])
