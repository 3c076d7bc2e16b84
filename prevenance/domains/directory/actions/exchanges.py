"""Ask for an import or an export, note how far it is, end it, erase what is no longer to be kept."""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import partial
from typing import IO, Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.directory.models import Exchange, ExchangeProblem, Service, Structure
from prevenance.domains.directory.rules import exchanges as rules
from prevenance.domains.directory.rules.inclusion.fields import SERVICES, STRUCTURES
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.territories.models import Territory

State = Exchange.State
MODELS: dict[str, Any] = {STRUCTURES: Structure, SERVICES: Service}
SHOWN_ABSENT = 1000  # records of the directory, absent from the file, that are named


@action(_("Import dans l’annuaire demandé"))
def start_import(*, source: str, files: Mapping[str, IO[bytes]], by: Actor) -> Exchange:
    """Keep the files, by what they hold, and leave them to a job."""
    from prevenance.domains.directory import jobs

    rules.check_can_import(source, by)
    rules.check_not_too_many(by)
    kinds = [kind for kind in (STRUCTURES, SERVICES) if kind in files]
    exchange = Exchange.objects.create(
        direction="in", source=source, files=kinds, requested_by=by.person, mandate_id=by.mandate_id
    )
    for kind in kinds:
        default_storage.save(rules.place_of(exchange, kind), File(files[kind]))
    jobs.run_exchange.defer(exchange=exchange.pk)
    audit.record(by=by, subject=exchange, files=kinds)
    return exchange


@action(_("Export de l’annuaire demandé"))
def start_export(*, format: str, source: str, territory: Territory | None, by: Actor) -> Exchange:
    """The structures and services of a territory (None: of the country), of one source or of all."""
    from prevenance.domains.directory import jobs

    rules.check_can_exchange(by)
    rules.check_not_too_many(by)
    exchange = Exchange.objects.create(
        direction="out", format=format, source=source, territory=territory, files=[STRUCTURES, SERVICES],
        requested_by=by.person, mandate_id=by.mandate_id,
    )  # fmt: skip
    jobs.run_exchange.defer(exchange=exchange.pk)
    audit.record(by=by, subject=exchange, format=format, territory=territory.code if territory else "")
    return exchange


@action(_("Échange de l’annuaire commencé"))
def begin_exchange(*, exchange: Exchange, totals: Mapping[str, int], by: Actor) -> Exchange:
    """Say what there is to do; an export starts again from nothing. Raises Stale when it has ended."""
    exchange = _locked(exchange)
    exchange.state, exchange.beat_at = State.RUNNING, timezone.now()
    for kind, total in totals.items():
        setattr(exchange, f"total_{kind}", total)
    if exchange.direction == "out":
        exchange.done_structures = exchange.done_services = 0
    exchange.save()
    audit.record(by=by, subject=exchange, **totals)
    return exchange


@action(_("Export de l’annuaire avancé"))
def note_export(*, exchange: Exchange, kind: str, done: int, by: Actor) -> None:
    found = Exchange.objects.filter(pk=exchange.pk, state=State.RUNNING)
    if not found.update(**{f"done_{kind}": done, "beat_at": timezone.now()}):
        raise Stale(_now("Cet export est terminé ou interrompu."))
    audit.record(by=by, subject=exchange, done=done)


@action(_("Export de l’annuaire prêt"))
def finish_export(*, exchange: Exchange, content: IO[bytes], size: int, by: Actor) -> None:
    """Keep the file outside the web root. Run again, it replaces the earlier one."""
    exchange = _locked(exchange)
    place = rules.place_of(exchange)
    default_storage.delete(place)
    default_storage.save(place, File(content))
    exchange.state, exchange.size, exchange.finished_at = State.DONE, size, timezone.now()
    exchange.save()
    audit.record(by=by, subject=exchange, size=size)


@action(_("Import dans l’annuaire terminé"))
def finish_import(*, exchange: Exchange, absent: Mapping[str, Collection[str]], by: Actor) -> None:
    """`absent`: identifiers of rows of the source that the files do not have any more. Nothing is closed for that:
    people decide. The files are erased."""
    exchange = _locked(exchange)
    exchange.absent = sum(map(len, absent.values()))
    ExchangeProblem.objects.bulk_create(
        ExchangeProblem(
            exchange=exchange, file=kind, number=0, ref=ref, is_left=False,
            sentence=_now("N’est plus dans le fichier : confirmez-la ou fermez-la."),
        )
        for kind, refs in absent.items()
        for ref in sorted(refs)[:SHOWN_ABSENT]
    )  # fmt: skip
    _end(exchange, State.DONE, "")
    audit.record(
        by=by, subject=exchange, created=exchange.created, updated=exchange.updated, same=exchange.same,
        left=exchange.left, absent=exchange.absent,
    )  # fmt: skip


@action(_("Échange de l’annuaire interrompu"))
def stop_exchange(*, exchange: Exchange, reason: str, by: audit.Identity) -> None:
    """What was already brought in stays, and the same file sent again goes on from there without doing it twice."""
    found = Exchange.objects.select_for_update().filter(pk=exchange.pk, state__in=[State.WAITING, State.RUNNING])
    for row in found:
        _end(row, State.STOPPED, reason[:300])
    audit.record(by=by, scope="platform" if by.scope_id is None else None, subject=exchange)


@action(_("Échange de l’annuaire repris"))
def resume_exchange(*, exchange: Exchange, by: audit.Identity) -> bool:
    """Leave it to another job when the one that did it gives no sign; give it up after several. Whether it goes on."""
    from prevenance.domains.directory import jobs

    now = timezone.now()
    found = Exchange.objects.select_for_update(skip_locked=True).filter(
        pk=exchange.pk, state__in=[State.WAITING, State.RUNNING], beat_at__lt=rules.stopped_since(now)
    )
    row = found.first()
    goes_on = row is not None and row.resumed < int(rules.words()["most_resumed"])
    if row is not None and goes_on:
        Exchange.objects.filter(pk=row.pk).update(beat_at=now, resumed=F("resumed") + 1)
        jobs.run_exchange.defer(exchange=row.pk)
    elif row is not None:
        _end(row, State.STOPPED, _now("Il s’est arrêté plusieurs fois au même endroit. Prévenez l’exploitant."))
    audit.record(by=by, scope="platform", subject=exchange, goes_on=goes_on)
    return goes_on


@action(_("Échange de l’annuaire effacé"))
def erase_exchange(*, exchange: Exchange, by: audit.Identity) -> None:
    """Erase the file to take and what was said of records; that it took place stays."""
    transaction.on_commit(partial(default_storage.delete, rules.place_of(exchange)))
    exchange.problems.all().delete()
    exchange.state = State.ERASED
    exchange.save(update_fields=["state"])
    audit.record(by=by, scope="platform", subject=exchange)


@action(_("Fichiers sans échange effacés"))
def sweep_files(*, before: datetime, by: audit.Identity) -> int:
    """Erase files older than `before` that no exchange has any use for: one saved in a transaction that was undone, one
    whose erasure was cut short. How many."""
    kept = rules.places_kept()
    names = default_storage.listdir(rules.FOLDER)[1] if default_storage.exists(rules.FOLDER) else []
    places = [place for place in (f"{rules.FOLDER}/{name}" for name in names) if place not in kept]
    lost = [place for place in places if default_storage.get_modified_time(place) < before]
    for place in lost:
        default_storage.delete(place)
    audit.record(by=by, scope="platform", files=len(lost))
    return len(lost)


def _locked(exchange: Exchange) -> Exchange:
    """Raises Stale when it has ended."""
    row: Exchange | None = Exchange.objects.held(exchange.pk)
    if row is None:
        raise Stale(_now("Cet échange est terminé ou interrompu."))
    return row


def _end(exchange: Exchange, state: str, reason: str) -> None:
    """Whatever the end, the files sent are erased: they may say where hidden places are."""
    exchange.state, exchange.reason = state, reason
    exchange.finished_at = exchange.beat_at = timezone.now()
    exchange.save()
    if exchange.direction == "in":
        for kind in exchange.files:
            transaction.on_commit(partial(default_storage.delete, rules.place_of(exchange, kind)))
