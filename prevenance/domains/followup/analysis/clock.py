"""What is due, and what soon will be: asked as the clock, under no mandate."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from prevenance.core import vault
from prevenance.core.row_security import CLOCK, as_role
from prevenance.domains.followup.models import FileKey, FollowUp, Involvement, SentReport
from prevenance.domains.followup.rules import clocks, registers

FRESH = timedelta(days=1)  # a key younger than this may be of a file that is being opened


def due(today: date) -> list[int]:
    """Files to erase today, held ones included: the database leaves those alone."""
    with transaction.atomic(), as_role(CLOCK):
        return list(FollowUp.objects.filter(purge_on__lte=today).order_by("pk").values_list("pk", flat=True))


def due_entries(register: str, today: date) -> list[int]:
    """Entries of a register of mayors to erase today."""
    rows = registers.REGISTERS[register]._base_manager.filter(purge_on__lte=today).order_by("pk")
    with transaction.atomic(), as_role(CLOCK):
        return list(rows.values_list("pk", flat=True))


def due_reports(today: date) -> list[int]:
    """Reports received to erase today, answered or not."""
    with transaction.atomic(), as_role(CLOCK):
        return list(SentReport._base_manager.filter(purge_on__lte=today).order_by("pk").values_list("pk", flat=True))


def ending_soon(today: date) -> dict[int, list[str]]:
    """File numbers that end within the notice, by the person who follows them: referent, or who covers."""
    until = clocks.after(today, "purge_notice", today)
    told: dict[int, list[str]] = defaultdict(list)
    with transaction.atomic(), as_role(CLOCK):
        soon = dict(FollowUp.objects.filter(purge_on__lte=until).order_by("number").values_list("pk", "number"))
        kinds = (Involvement.Kind.REFERENT, Involvement.Kind.COVER)
        rows = Involvement.objects.filter(followup__in=list(soon), kind__in=kinds).current()
        for followup, person in rows.order_by().values_list("followup_id", "person_id"):
            told[person].append(soon[followup])
    return {person: sorted(set(numbers)) for person, numbers in told.items()}


def lost_keys() -> Iterator[UUID]:
    """Keys of the store, and folders of documents, that no file names and that are not being made."""
    before = timezone.now() - FRESH
    used = set(FileKey.objects.values_list("key", flat=True))
    for key, made in vault.known():
        if key not in used and made < before:
            yield key
    if default_storage.exists("suivis"):
        for name in default_storage.listdir("suivis")[0]:
            key = UUID(name)
            if key not in used:
                yield key
