"""What the pages do by the clock."""

from collections.abc import Iterable, Iterator

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from prevenance.core.audit import MACHINE
from prevenance.core.audit.actions import Identity
from prevenance.core.retention import oldest_day_kept
from prevenance.domains.accounts import actions as account_actions
from prevenance.domains.accounts import rules as account_rules
from prevenance.domains.accounts.models import Mandate
from prevenance.domains.governance.actions.retention import erase_attendances, erase_reminders
from prevenance.domains.governance.models import Council
from prevenance.domains.governance.rules import retention as governance_rules
from prevenance.domains.pages import actions
from prevenance.domains.pages.analysis import kept_reading, searches_due

BATCH = 500  # rows erased in one transaction: short locks, and little to do again after an interruption


@app.periodic(cron="4 0 * * *")
@app.task(queueing_lock="count_expectations")
def count_expectations(timestamp: int) -> None:
    """Count France for the day that begins, before its first visitor. Running twice counts once."""
    today = timezone.localdate()
    with transaction.atomic():
        if kept_reading(today) is None:
            actions.count_expectations(by=MACHINE, on=today)


@app.periodic(cron="15 4 * * *")
@app.task(queueing_lock="purge")
def purge(timestamp: int) -> None:
    """Each night, erase what is past its retention, after the accounts that end were closed."""
    for _progress in erase_due():
        pass


def erase_due(by: Identity = MACHINE) -> Iterator[tuple[str, int]]:
    """Erase all that is due today, batch by batch; ("attendances", 500) after each, so that a command can say it.

    What hangs on people goes before them. Each batch is a transaction that asks again what is due: an interrupted
    purge is simply run again, and a purge with nothing due writes nothing.
    """
    today = timezone.localdate()
    before = oldest_day_kept("attendances", today)
    lines = governance_rules.attendances_due(before)
    for council in Council.objects.filter(pk__in=lines.values("meeting__council")).order_by("pk"):
        while lines.filter(meeting__council=council).exists():
            yield "attendances", erase_attendances(council=council, before=before, most=BATCH, by=by)
    before = oldest_day_kept("reminders", today)
    for model in governance_rules.REMINDERS:
        for batch in batched(governance_rules.reminders_due(model, before).order_by("pk").values_list("pk", flat=True)):
            yield "reminders", erase_reminders(model=model, reminders=batch, before=before, by=by)
    before = oldest_day_kept("unanswered_searches", today)
    if searches_due(before).exists():
        yield "searches", actions.erase_searches(before=before, by=by)
    before = oldest_day_kept("audit", today)  # acts are known by the trail: people go with its last row
    people = sorted(account_rules.people_due(before))
    for batch in batched(Mandate.objects.filter(person__in=people).order_by("person").values_list("person", flat=True)):
        yield "mandates", account_actions.erase_mandates(people=batch, before=before, by=by)
    for batch in batched(people):
        yield "people", account_actions.erase_people(people=batch, before=before, by=by)
    for batch in batched(sorted(account_rules.organisations_due())):
        yield "organisations", account_actions.erase_organisations(organisations=batch, by=by)


def batched(ids: Iterable[int]) -> Iterator[list[int]]:
    every = list(dict.fromkeys(ids))
    for start in range(0, len(every), BATCH):
        yield every[start : start + BATCH]
