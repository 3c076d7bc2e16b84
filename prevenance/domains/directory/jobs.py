"""What the directory does later or by the clock. A job carries an identifier, and asks again who acts when it runs."""

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import IO, Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from prevenance.core.audit import MACHINE
from prevenance.core.documents import records
from prevenance.core.refusals import Refused
from prevenance.core.row_security import act_as
from prevenance.domains.accounts.acting import Actor, actor_of
from prevenance.domains.accounts.models import Person
from prevenance.domains.directory.actions import exchanges as actions
from prevenance.domains.directory.actions import nation as nation_actions
from prevenance.domains.directory.actions import orientations as orientation_actions
from prevenance.domains.directory.actions import restorative as restorative_actions
from prevenance.domains.directory.actions import reviews as review_actions
from prevenance.domains.directory.actions.taking import take_batch
from prevenance.domains.directory.analysis import leaving
from prevenance.domains.directory.models import CoverageRun, Exchange, OrientationAnswer, OrientationLink, Service
from prevenance.domains.directory.rules import exchanges as rules
from prevenance.domains.directory.rules import nation as nation_rules
from prevenance.domains.directory.rules import orientations as orientation_rules
from prevenance.domains.directory.rules import restorative as restorative_rules
from prevenance.domains.directory.rules import reviews
from prevenance.domains.directory.rules.inclusion.fields import SERVICES, STRUCTURES, flat, typed
from prevenance.domains.directory.rules.inclusion.places import Places
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.rules.meetings import has_address

NAMED = 20  # services that a mail names; the list has the others
# A mail server that is away is tried again after a minute, then less and less often, for five hours.
RETRY = RetryStrategy(max_attempts=6, exponential_wait=5, wait=55)
BATCH = 500  # records written in one transaction, after which progress shows
COUNTED = 5  # départements counted in one transaction, after which progress shows
WORDS = {STRUCTURES: "structure", SERVICES: "service"}  # in the name of the file inside a zip


@app.task(name="directory.run_exchange")
def run_exchange(exchange: int) -> None:
    """Do an import or an export, or take it up where another job left it."""
    found = Exchange.objects.filter(pk=exchange).select_related("requested_by", "territory").first()
    if found is None or not found.going:
        return
    try:
        actor = acting(found)
        (bring_in if found.direction == "in" else take_out)(found, actor)
    except Stale:
        return  # another job does it, or it was stopped
    except (Refused, records.UnreadableRecords) as stop:
        with transaction.atomic():
            actions.stop_exchange(exchange=found, reason=str(stop), by=MACHINE)


def acting(exchange: Exchange) -> Actor:
    """Who asked, under the mandate that they asked under. Raises Refused when it has ended."""
    actor = actor_of(exchange.requested_by, exchange.mandate_id)
    if actor.mandate_id != exchange.mandate_id:
        raise Refused(_("Le mandat qui a demandé cet échange a pris fin."))
    rules.check_can_exchange(actor)
    return actor


def bring_in(exchange: Exchange, actor: Actor) -> None:
    totals = {kind: sum(1 for _record in each(exchange, kind)) for kind in exchange.files}
    with transaction.atomic():
        act_as(actor.mandate_id)
        exchange = actions.begin_exchange(exchange=exchange, totals=totals, by=actor)
    places = Places(None if actor.scope_kind == rules.NATION else actor.territory_id)
    absent = {}
    for kind in exchange.files:
        done, seen, batch = getattr(exchange, f"done_{kind}"), set[str](), []
        start = done
        for position, record in enumerate(each(exchange, kind)):
            if position < done:
                seen.add(str(record[1].get("id")) if isinstance(record[1], dict) else "")
                continue
            batch.append(record)
            if len(batch) == BATCH:
                write(exchange, kind, start, batch, places, seen, actor)
                start, batch = start + len(batch), []
        if batch:
            write(exchange, kind, start, batch, places, seen, actor)
        absent[kind] = leaving.absent(exchange.source, kind, seen, places)
    with transaction.atomic():
        act_as(actor.mandate_id)
        actions.finish_import(exchange=exchange, absent=absent, by=actor)


def write(
    exchange: Exchange, kind: str, start: int, batch: list[Any], places: Places, seen: set[str], actor: Actor
) -> None:
    with transaction.atomic():
        act_as(actor.mandate_id)
        take_batch(exchange=exchange, kind=kind, start=start, records=batch, places=places, seen=seen, by=actor)


def each(exchange: Exchange, kind: str) -> Iterator[tuple[int, Any]]:
    """Records of a file that was sent. Raises UnreadableRecords."""
    with default_storage.open(rules.place_of(exchange, kind)) as file, records.opened(file, WORDS[kind]) as inner:
        is_csv, found = records.read(inner)
        for number, record in found:
            yield number, typed(record, kind) if is_csv and "" not in record else record


def take_out(exchange: Exchange, actor: Actor) -> None:
    found = {kind: leaving.rows(kind, exchange, actor) for kind in exchange.files}
    with transaction.atomic():
        actions.begin_exchange(exchange=exchange, totals={kind: one.count() for kind, one in found.items()}, by=actor)
    places = Places(None)

    def note(kind: str, done: int) -> None:
        if done % (4 * BATCH) == 0:
            with transaction.atomic():
                actions.note_export(exchange=exchange, kind=kind, done=done, by=actor)

    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for kind, rows in found.items():
                with archive.open(f"{kind}.{exchange.format}", "w", force_zip64=True) as member:
                    _write(exchange, kind, rows, member, places, note)
        size = file.tell()
        file.seek(0)
        with transaction.atomic():
            actions.finish_export(exchange=exchange, content=file, size=size, by=actor)


def _write(exchange: Exchange, kind: str, rows: Any, member: IO[bytes], places: Places, note: Any) -> None:
    lines = leaving.records_of(kind, rows, places)
    if exchange.format == "csv":
        lines = (flat(line, kind) for line in lines)
        records.write_csv(lines, leaving.columns(kind, rows), member, lambda done: note(kind, done))
    else:
        records.write_json(lines, member, lambda done: note(kind, done))


@app.periodic(cron="*/2 * * * *")
@app.task(queueing_lock="directory.resume_exchanges", name="directory.resume_exchanges")
def resume_exchanges(timestamp: int) -> None:
    """Take up again what a worker left in the middle when it was killed."""
    silent = Exchange.objects.filter(state__in=["waiting", "running"], beat_at__lt=rules.stopped_since(timezone.now()))
    for exchange in silent.order_by("pk"):
        with transaction.atomic():
            actions.resume_exchange(exchange=exchange, by=MACHINE)


@app.periodic(cron="30 7 * * 1")
@app.task(queueing_lock="directory.remind_keepers", name="directory.remind_keepers")
def remind_keepers(timestamp: int) -> None:
    """Each Monday morning, one job for each person who keeps a service to be confirmed."""
    for person in sorted(reviews.to_confirm_by(timezone.localdate())):
        send_review.defer(person=person)


@app.task(name="directory.send_review", retry=RETRY)
def send_review(person: int) -> None:
    """One mail for all that a person has to confirm; a second run in the same week sends nothing."""
    today = timezone.localdate()
    with transaction.atomic():
        keeper = Person.objects.get(pk=person)
        late = reviews.to_confirm_by(today).get(person, [])
        if not late or not has_address(keeper):
            return
        services = (
            Service.objects.filter(pk__in=late).select_related("structure", "commune").order_by("sort_name", "pk")
        )
        week = today - timedelta(days=today.weekday())
        try:
            review_actions.record_review_reminder(person=keeper, week=week, services=len(late), by=MACHINE)
        except Refused:
            return
        context = {
            "person": keeper, "total": len(late), "address": settings.PUBLIC_ADDRESS + reverse("directory:services"),
            "lines": [
                (one, settings.PUBLIC_ADDRESS + reverse("directory:service", args=[one.pk]))
                for one in services[:NAMED]
            ],
        }  # fmt: skip
        EmailMessage(
            subject=_("Des services de l’annuaire à confirmer"),
            body=render_to_string("directory/mails/review.txt", context), to=[keeper.email],
        ).send()  # fmt: skip


@app.periodic(cron="50 2 * * *")
@app.task(queueing_lock="directory.purge_reviews", name="directory.purge_reviews")
def purge_reviews(timestamp: int) -> None:
    review_actions.purge_reviews(on=timezone.localdate())


@app.task(name="directory.send_orientation", retry=RETRY)
def send_orientation(orientation: int) -> None:
    """Write to a service that somebody is turned to it; a second run sends nothing."""
    _write_to_service(orientation, orientation_actions.record_mail, reminder=False)


@app.task(name="directory.remind_service", retry=RETRY)
def remind_service(orientation: int) -> None:
    """Write again to a service that says nothing, once."""
    _write_to_service(orientation, orientation_actions.record_reminder, reminder=True)


def _write_to_service(pk: int, recorded: Any, *, reminder: bool) -> None:
    """A mail that holds a link of its own: no job and no table knows it."""
    with transaction.atomic():
        rows = OrientationLink.objects.select_related(
            "service__structure", "service__commune", "sender", "organisation", "scope"
        )
        found = rows.filter(pk=pk).first()
        if found is None:
            return
        try:
            token = recorded(orientation=found, by=MACHINE)
        except Refused:
            return
        context = {
            "orientation": found, "service": found.service, "sender": found.sender, "reminder": reminder,
            "address": settings.PUBLIC_ADDRESS + reverse("directory:orientation_answer", args=[token]),
        }  # fmt: skip
        subject = (
            _("Rappel : orientation %(code)s") if reminder else _("Orientation %(code)s : une personne à recevoir")
        )
        EmailMessage(
            subject=subject % {"code": found.code},
            body=render_to_string("directory/mails/orientation.txt", context), to=[found.service.reached_at],
        ).send()  # fmt: skip


@app.periodic(cron="40 7 * * 1-5")
@app.task(queueing_lock="directory.remind_orientations", name="directory.remind_orientations")
def remind_orientations(timestamp: int) -> None:
    """Each working morning, one job for each service that does not answer, one for each sender who waits."""
    today = timezone.localdate()
    for orientation in orientation_rules.services_to_remind(today):
        remind_service.defer(orientation=orientation)
    for sender in orientation_rules.senders_to_tell(today):
        tell_sender.defer(sender=sender)


@app.task(name="directory.tell_sender", retry=RETRY)
def tell_sender(sender: int) -> None:
    """One mail for all that stays without an answer; a second run finds nothing new."""
    with transaction.atomic():
        try:
            silent = orientation_actions.record_silence(sender=sender, on=timezone.localdate(), by=MACHINE)
        except Refused:
            return
        context = {
            "person": silent[0].sender, "total": len(silent), "orientations": silent[:NAMED],
            "address": settings.PUBLIC_ADDRESS + reverse("directory:orientations"),
        }  # fmt: skip
        EmailMessage(
            subject=_("Des orientations sans réponse"),
            body=render_to_string("directory/mails/orientation_silence.txt", context), to=[silent[0].sender.email],
        ).send()  # fmt: skip


@app.task(name="directory.tell_answer", retry=RETRY)
def tell_answer(answer: int) -> None:
    """Write to who turned somebody to a service what it answers, unless another answer has replaced it since."""
    found = OrientationAnswer.objects.select_related("orientation__service__commune", "orientation__sender").filter(
        pk=answer
    )
    given = found.first()
    if given is None or given.orientation.answers.first() != given:
        return
    sender = given.orientation.sender
    if not sender.is_active or not has_address(sender):
        return
    context = {
        "person": sender, "orientation": given.orientation, "given": given,
        "address": settings.PUBLIC_ADDRESS + reverse("directory:orientation", args=[given.orientation_id]),
    }  # fmt: skip
    EmailMessage(
        subject=_("Réponse à l’orientation %(code)s") % {"code": given.orientation.code},
        body=render_to_string("directory/mails/orientation_answer.txt", context), to=[sender.email],
    ).send()  # fmt: skip


@app.periodic(cron="55 2 * * *")
@app.task(queueing_lock="directory.purge_orientations", name="directory.purge_orientations")
def purge_orientations(timestamp: int) -> None:
    orientation_actions.purge_orientations(on=timezone.localdate())


@app.periodic(cron="10 3 * * *")
@app.task(queueing_lock="directory.count_restorative_year", name="directory.count_restorative_year")
def count_restorative_year(timestamp: int) -> None:
    """Each night, before what is due is erased, which waits for it: the year that is over, once."""
    year = restorative_rules.year_to_count(timezone.localdate())
    if year is not None:
        restorative_actions.count_year(year=year)


@app.periodic(cron="20 3 * * *")
@app.task(queueing_lock="directory.purge_programmes", name="directory.purge_programmes")
def purge_programmes(timestamp: int) -> None:
    restorative_actions.purge_programmes(on=timezone.localdate())


@app.periodic(cron="10 4 * * *")
@app.task(queueing_lock="directory.erase_exchanges", name="directory.erase_exchanges")
def erase_exchanges(timestamp: int) -> None:
    """Each night, erase files to take and what was said of records, once their days have passed, and lost files."""
    due = Exchange.objects.filter(
        state__in=["done", "stopped"], finished_at__date__lt=rules.due_since(timezone.localdate())
    )
    for exchange in due.order_by("pk"):
        with transaction.atomic():
            actions.erase_exchange(exchange=exchange, by=MACHINE)
    # One that is a day old is not being saved.
    with transaction.atomic():
        actions.sweep_files(before=timezone.now() - timedelta(days=1), by=MACHINE)


@app.periodic(cron="25 3 * * *")
@app.task(queueing_lock="directory.count_nation", name="directory.count_nation")
def count_nation(timestamp: int) -> None:
    """Each night, have the coverage of the nation counted when the directory has changed."""
    with suppress(Refused), transaction.atomic():
        nation_actions.begin_coverage_count()


@app.task(name="directory.count_coverage")
def count_coverage(run: int) -> None:
    """Count every département, or go on from where another job left. Two at once each do what the other has not."""
    found = CoverageRun.objects.filter(pk=run).first()
    if found is None or not found.going:
        return
    every = nation_rules.departements()
    with suppress(Stale):  # another job has ended it
        for start in range(0, len(every), COUNTED):
            with transaction.atomic():
                nation_actions.count_departements(run=found, departements=every[start : start + COUNTED])
        with transaction.atomic():
            nation_actions.finish_coverage_count(run=found)


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="directory.resume_coverage", name="directory.resume_coverage")
def resume_coverage(timestamp: int) -> None:
    """Take up again a count that a worker left in the middle when it was killed."""
    since = nation_rules.stopped_since(timezone.now())
    for run in CoverageRun.objects.filter(state=CoverageRun.State.RUNNING, beat_at__lt=since):
        with transaction.atomic():
            nation_actions.resume_coverage_count(run=run)
