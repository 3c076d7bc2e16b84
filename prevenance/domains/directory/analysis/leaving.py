"""Rows of the directory as records of data.inclusion, a slice at a time."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from prevenance.domains.accounts.acting import Actor
from prevenance.domains.directory.models import Closure, Door, Exchange, Round, Service, Structure
from prevenance.domains.directory.rules.inclusion.doors import doors_written
from prevenance.domains.directory.rules.inclusion.fields import FIELDS, SERVICES, STRUCTURES
from prevenance.domains.directory.rules.inclusion.places import Places
from prevenance.domains.directory.rules.inclusion.reading import AT, FOR
from prevenance.domains.directory.rules.inclusion.writing import service_record, structure_record
from prevenance.domains.territories.models import Containment

SLICE = 2000
MODELS: dict[str, Any] = {STRUCTURES: Structure, SERVICES: Service}


def rows(kind: str, exchange: Exchange, actor: Actor) -> QuerySet[Any]:
    """What is open: of one source or of all, there or in the whole country, with the structures of services there."""
    day = timezone.localdate()
    found = MODELS[kind].objects.visible_to(actor).filter(Q(closed_on=None) | Q(closed_on__gt=day))
    if exchange.source:
        found = found.filter(source=exchange.source)
    if exchange.territory is None:
        return found
    here = Q(commune__in=Containment.objects.filter(container=exchange.territory).order_by().values("contained_id"))
    if kind == STRUCTURES:
        here |= Q(pk__in=rows(SERVICES, exchange, actor).order_by().values("structure"))
    return found.filter(here)


def records_of(kind: str, found: QuerySet[Any], places: Places) -> Iterator[dict[str, Any]]:
    last = 0
    while True:
        some = list(found.select_related(*links(kind)).filter(pk__gt=last).order_by("pk")[:SLICE])
        if not some:
            return
        last, closures = some[-1].pk, _closures(kind, some)
        zones, doors = (_zones(some), _doors(some)) if kind == SERVICES else ({}, {})
        for row in some:
            if kind == STRUCTURES:
                yield structure_record(row, closures[row.pk])
            else:
                codes = places.codes(zones.get(row.pk, []))
                yield service_record(row, codes, closures[row.pk], doors.get(row.pk, []))


def links(kind: str) -> tuple[str, ...]:
    return ("commune",) if kind == STRUCTURES else ("commune", "structure")


def _closures(kind: str, some: list[Any]) -> defaultdict[int, list[Any]]:
    holder = "structure" if kind == STRUCTURES else "service"
    told = Closure.objects.filter(**{f"{holder}__in": [row.pk for row in some]})
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for pk, *period in told.values_list(holder, "starts_on", "ends_on", "note"):
        found[pk].append(tuple(period))
    return found


def _zones(some: list[Any]) -> dict[int, list[int]]:
    told = Service.zones.through.objects.filter(service__in=[row.pk for row in some])
    found: dict[int, list[int]] = {}
    for service, territory in told.values_list("service", "territory"):
        found.setdefault(service, []).append(territory)
    return found


def _doors(some: list[Any]) -> dict[int, list[dict[str, Any]]]:
    """Their other places as they are written; of a service that hides, none: `shown` says so once more."""
    pks = [row.pk for row in some if not row.address_hidden]
    doors: dict[int, list[Door]] = {}
    for door in Door.objects.shown().filter(service__in=pks).select_related("commune", "round").order_by("pk"):
        doors.setdefault(door.service_id, []).append(door)
    alone: dict[int, list[Round]] = {}
    for round in Round.objects.filter(service__in=pks, service__address_hidden=False, stops=None).order_by("pk"):
        alone.setdefault(round.service_id, []).append(round)
    return {pk: doors_written(doors.get(pk, []), alone.get(pk, [])) for pk in doors.keys() | alone.keys()}


def columns(kind: str, found: QuerySet[Any]) -> list[str]:
    """Fields of the format, ours, then those that came with rows and that nobody here knows."""
    known = [field.name for field in FIELDS[kind]]
    # Read as sets by the database: a hundred thousand objects hold a handful of names.
    sql, parameters = found.order_by().values("kept").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT jsonb_object_keys(kept) FROM ({sql}) AS told ORDER BY 1", parameters)  # noqa: S608
        others = [name for (name,) in cursor.fetchall()]
    return known + [name for name in others if name not in known and name not in (AT, FOR)]


def absent(source: str, kind: str, seen: Collection[str], places: Places) -> list[str]:
    """Identifiers of what is open of a source, where the file may write, and that the file does not have."""
    found = MODELS[kind].objects.filter(source=source, closed_on=None).values_list("source_id", "commune")
    return [ref for ref, commune in found if ref not in seen and (places.inside is None or commune in places.inside)]
