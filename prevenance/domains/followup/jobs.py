"""What followup does by the clock. No job carries a name: at most the identifier of a person who has an account."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import islice
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from prevenance.core.audit import MACHINE
from prevenance.core.audit.actions import Identity
from prevenance.core.refusals import Refused, reason
from prevenance.core.row_security import act_as
from prevenance.domains.accounts.acting import actor_of
from prevenance.domains.accounts.models import Person
from prevenance.domains.followup import statistics
from prevenance.domains.followup.actions import handovers as actions
from prevenance.domains.followup.actions.announcing import record_end_notice
from prevenance.domains.followup.actions.clock import purge_files, sweep_keys
from prevenance.domains.followup.actions.registers import erase_entries
from prevenance.domains.followup.actions.reporting import erase_reports
from prevenance.domains.followup.actions.tallies import count_quarter, count_registers
from prevenance.domains.followup.analysis import clock
from prevenance.domains.followup.analysis.handovers import asked
from prevenance.domains.followup.models import Handover, Involvement, opened
from prevenance.domains.followup.rules import clocks
from prevenance.domains.followup.rules import handovers as handover_rules
from prevenance.domains.followup.rules.registers import REGISTERS
from prevenance.domains.followup.rules.work import FOLLOWS
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.rules.meetings import has_address

RETRY = RetryStrategy(max_attempts=6, exponential_wait=5, wait=55)
BATCH = 100  # files erased in one transaction


@app.periodic(cron="10 4 * * *")
@app.task(name="followup.purge", queueing_lock="followup.purge")
def purge(timestamp: int) -> None:
    """Each night, erase the files, register entries and reports that are due, then the keys that nothing names."""
    for _progress in erase_due():
        pass


def chunks(ids: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    """`ids` by batches. (itertools.batched begins with Python 3.12.)"""
    every = iter(ids)
    while batch := tuple(islice(every, BATCH)):
        yield batch


def erase_due(by: Identity = MACHINE) -> Iterator[tuple[str, int]]:
    """Erase batch by batch what is due today; ("files", 12) after each. Run again, it goes on where it stopped."""
    for batch in chunks(clock.due(timezone.localdate())):
        erased = purge_files(files=batch, by=by)
        if erased:
            yield "files", erased
    for register in REGISTERS:
        for batch in chunks(clock.due_entries(register, timezone.localdate())):
            erased = erase_entries(register=register, entries=batch, by=by)
            if erased:
                yield register, erased
    for batch in chunks(clock.due_reports(timezone.localdate())):
        erased = erase_reports(reports=batch, by=by)
        if erased:
            yield "reports", erased
    for batch in chunks(clock.lost_keys()):
        yield "keys", sweep_keys(keys=batch, by=by)


@app.periodic(cron="25 5 * * 1")
@app.task(name="followup.announce_ends", queueing_lock="followup.announce_ends")
def announce_ends(timestamp: int) -> None:
    """Each Monday morning, one job for each person who follows a file that ends within the notice."""
    for person in clock.ending_soon(timezone.localdate()):
        announce_end.defer(person=person)


@app.task(name="followup.announce_end", retry=RETRY)
def announce_end(person: int) -> None:
    """One mail for all the files of a person that end soon, by number; a second run in the same week sends nothing."""
    with transaction.atomic():
        today = timezone.localdate()
        told = Person.objects.get(pk=person)
        numbers = ending_for(told, today)
        if not (numbers and told.is_active and has_address(told)):
            return
        try:
            record_end_notice(person=told, week=today - timedelta(days=today.weekday()), files=numbers, by=MACHINE)
        except Stale:
            return
        announcement(told, numbers).send()


def ending_for(person: Person, today: date) -> list[str]:
    """File numbers that end within the notice, of those that the person follows and that one of their mandates still
    reaches: who left the group, or has a text to sign, is told nothing."""
    until, found = clocks.after(today, "purge_notice", today), set()
    for mandate in actor_of(person).mandates:
        actor = actor_of(person, mandate.pk)
        act_as(mandate.pk)
        parts = Involvement.objects.filter(opened(actor), person=person, kind__in=FOLLOWS).current()
        found |= set(parts.filter(followup__purge_on__lte=until).values_list("followup__number", flat=True))
    act_as(None)
    return sorted(found)


def announcement(person: Person, numbers: list[str]) -> EmailMessage:
    count = len(numbers)
    subject = ngettext("Un dossier sera bientôt effacé", "%(count)d dossiers seront bientôt effacés", count)
    url = f"{settings.PUBLIC_ADDRESS}{reverse('pages:home')}"
    body = render_to_string("followup/mails/ending.txt", {"person": person, "numbers": numbers, "url": url})
    return EmailMessage(subject=subject % {"count": count}, body=body, to=[person.email])


@app.task(name="followup.announce_handover", retry=RETRY)
def announce_handover(handover: int, followup: int, person: int, mandate: int) -> None:
    """Tell who coordinates another group that a file is proposed to it, if they still may answer: from which group,
    until when, and no name. Not even the file's number, which says nothing to them before they take it."""
    with transaction.atomic():
        told = Person.objects.get(pk=person)
        actor = actor_of(told, mandate)
        if actor.mandate_id != mandate or not (told.is_active and has_address(told)):
            return
        act_as(mandate)
        found = asked(actor).filter(pk=handover, followup=followup).first()
        if found is None or reason(handover_rules.check_can_accept, found, actor):
            return
        proposal(told, found).send()


def proposal(person: Person, handover: Handover) -> EmailMessage:
    url = f"{settings.PUBLIC_ADDRESS}{reverse('followup:handover', args=[handover.pk])}"
    context = {"person": person, "handover": handover, "url": url}
    body = render_to_string("followup/mails/handover.txt", context)
    return EmailMessage(subject=_("Un passage de relais vous est proposé"), body=body, to=[person.email])


@app.task(name="followup.finish_handover", retry=RETRY)
def finish_handover(handover: int, followup: int, person: int, mandate: int) -> None:
    """End a file that another group has taken, as whoever proposed it, if their mandate still follows it.

    If not, it stays among what their group has to end: nobody else is presumed to decide.
    """
    with transaction.atomic():
        actor = actor_of(Person.objects.get(pk=person), mandate)
        if actor.mandate_id != mandate or actor.person is None or not actor.person.is_active:
            return
        act_as(mandate)
        found = Handover.objects.visible_to(actor).filter(pk=handover, followup=followup).first()
        if found is None:
            return
        try:
            actions.finish_handover(handover=found, by=actor)
        except Refused:  # ended meanwhile, or no longer theirs to follow
            return


@app.periodic(cron="50 4 * * *")
@app.task(name="followup.count", queueing_lock="followup.count")
def count(timestamp: int) -> None:
    """Each night, count this quarter again and, in its first month, the one before: what came late counts too."""
    today = timezone.localdate()
    this = statistics.quarter_of(today)
    quarters = {this, statistics.quarter_of(clocks.months_after(this, -1))} if today.month == this.month else {this}
    for starts_on in sorted(quarters):
        count_quarter(starts_on=starts_on, by=MACHINE)
    for year in sorted({today.year, (today - timedelta(days=31)).year}):
        count_registers(year=year, by=MACHINE)
