"""Unite two rows that are one. The other stays, closed, and leads to the one kept: what pointed to it still does."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.directory.actions.hiding import Hiding, Spot
from prevenance.domains.directory.models import (
    WHERE_A_STRUCTURE_IS,
    WHERE_IT_IS,
    AgreementParty,
    Closure,
    Distinct,
    Service,
    StationPost,
    Structure,
)
from prevenance.domains.directory.rules import doubles as rules

OF_STRUCTURE = ("phone", "email", "hours")  # that a service shows of its structure when it has none


@action(_("Structures de l’annuaire réunies"))
def merge_structures(*, kept: Structure, other: Structure, by: Actor) -> Structure:
    """Services of the other go to the one kept, and say of themselves what they said through the other."""
    kept, other = _locked(Structure, ("commune",), kept.pk, other.pk)
    rules.check_can_merge(kept, other, by)
    rules.check_place_told_by_neither(kept, other)
    hidden, spots = kept.address_hidden or other.address_hidden, [Spot.of(kept), Spot.of(other)]
    where = WHERE_A_STRUCTURE_IS if hidden else {}
    services = list(
        Service.objects.select_for_update(of=("self",)).filter(structure=other).select_related("commune").order_by("pk")
    )
    closures = list(other.closures.all())
    for service in services:
        service.structure = other
        if service.at_structure:
            _say_alone(service, other, closures, place=not hidden and other.address != kept.address)
        service.structure = kept
        service.save()
    AgreementParty.objects.filter(structure=other).update(structure=kept)
    _take(kept, rules.taken(kept, other, rules.STRUCTURE), where)
    _lead(other, kept, where)
    if hidden:
        Hiding(kept.pk, spots).write()
    audit.record(by=by, subject=kept, other=other.pk, services=len(services))
    return kept


@action(_("Services de l’annuaire réunis"))
def merge_services(*, kept: Service, other: Service, by: Actor) -> Service:
    """The one kept serves all whom either served."""
    kept, other = _locked(Service, ("commune", "structure"), kept.pk, other.pk)
    rules.check_can_merge(kept, other, by)
    rules.check_place_told_by_neither(kept, other)
    hidden, spots = kept.address_hidden or other.address_hidden, [Spot.of(kept), Spot.of(other)]
    where = WHERE_IT_IS if hidden else {}
    _take(kept, rules.taken(kept, other, rules.SERVICE), where)
    kept.zones.add(*other.zones.all())
    other.closures.update(service=kept)
    other.reports.update(service=kept)
    other.doors.update(service=kept)
    other.rounds.update(service=kept)
    StationPost.objects.filter(service=other).update(service=kept)
    other.orientations.update(service=kept)
    _lead(other, kept, where)
    for structure in sorted({kept.structure_id, other.structure_id} if hidden else ()):
        Hiding(structure, spots).write()
    audit.record(by=by, subject=kept, other=other.pk)
    return kept


@action(_("Structures de l’annuaire dites distinctes"))
def say_distinct(*, first: Structure, second: Structure, by: Actor) -> Distinct:
    """They are no longer shown as perhaps the same."""
    rules.check_can_merge(first, second, by)
    lower, upper = sorted((first.pk, second.pk))
    told, _new = Distinct.objects.get_or_create(first_id=lower, second_id=upper, defaults={"said_by": by.person})
    audit.record(by=by, subject=first, other=second.pk)
    return told


def _locked(model: Any, links: tuple[str, ...], *ids: int) -> list[Any]:
    """Both rows, in the order asked, locked in the order of their keys: two that unite them at once wait in turn."""
    rows = model.objects.select_for_update(of=("self",)).filter(pk__in=ids).select_related(*links).order_by("pk")
    found = {row.pk: row for row in rows}
    return [found[pk] for pk in ids]


def _say_alone(service: Service, other: Structure, closures: list[Closure], *, place: bool) -> None:
    """What a service said through its structure, it says of itself before it changes structure."""
    for name in OF_STRUCTURE:
        if not getattr(service, name):
            setattr(service, name, getattr(other, name))
    if place:
        for name in rules.PLACE:
            setattr(service, name, getattr(other, name))
    Closure.objects.bulk_create(
        Closure(service=service, starts_on=one.starts_on, ends_on=one.ends_on, note=one.note) for one in closures
    )


def _take(kept: Any, values: dict[str, Any], where: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(kept, name, value)
    _hide(kept, where)
    kept.updated_on = timezone.localdate()
    kept.edit += 1
    kept.save()


def _hide(row: Any, where: dict[str, Any]) -> None:
    """Of either, nothing is kept that says where a hidden place is."""
    for name, value in where.items():
        setattr(row, name, value)
    if where:
        row.address_hidden, row.received = True, ""


def _lead(other: Any, kept: Any, where: dict[str, Any]) -> None:
    """Close the other, which leads to the one kept, as all that led to it now do."""
    _hide(other, where)
    other.merged.update(merged_into=kept)
    other.merged_into, other.closed_on, other.updated_on = kept, timezone.localdate(), timezone.localdate()
    if other.pk and isinstance(other, Service) and other.opened_on and other.opened_on > other.closed_on:
        other.opened_on = other.closed_on
    other.edit += 1
    other.save()
