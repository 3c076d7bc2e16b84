"""Prepare a reporting circuit step by step, put it in force, end it. What is in force never changes."""

from dataclasses import fields
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.directory.models import Circuit, CircuitStep
from prevenance.domains.directory.rules import circuits as rules
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.territories.models import Territory


@action(_("Circuit de signalement préparé"))
def start_circuit(*, departement: Territory, situation: str, people: str, by: Actor) -> Circuit:
    """A version to prepare, with the steps of the last one. Raises Stale when one is being prepared already."""
    rules.check_can_write(departement, by)
    rules.check_words(situation, people)
    alike = Circuit.objects.filter(departement=departement, situation=situation, people=people)
    last = alike.filter(valid_from__isnull=False).order_by("-version").first()
    version = (alike.aggregate(last=Max("version"))["last"] or 0) + 1
    try:
        with transaction.atomic():
            circuit = Circuit.objects.create(
                departement=departement, situation=situation, people=people, version=version, prepared_by=by.person
            )
    except IntegrityError as error:
        raise Stale(_now("Une version de ce circuit est déjà en préparation.")) from error
    if last is not None:
        _copy_steps(last, circuit)
    audit.record(by=by, subject=circuit, departement=departement.code, situation=situation, people=people)
    return circuit


@action(_("Étape ajoutée à un circuit de signalement"))
def add_step(*, circuit: Circuit, told: rules.Step, seen: int, by: Actor) -> CircuitStep:
    circuit = _changing(circuit, seen, by)
    rules.check_room(circuit)
    rules.check_step(circuit, told, timezone.localdate())
    last = circuit.steps.aggregate(last=Max("rank"))["last"] or 0
    step = CircuitStep.objects.create(circuit=circuit, rank=last + 1, **_values(told))
    _changed(circuit)
    audit.record(by=by, subject=circuit, step=step.pk, rank=step.rank)
    return step


@action(_("Étape d’un circuit de signalement modifiée"))
def edit_step(*, step: CircuitStep, told: rules.Step, seen: int, by: Actor) -> CircuitStep:
    circuit = _changing(step.circuit, seen, by)
    step = _step(circuit, step)
    rules.check_step(circuit, told, timezone.localdate(), besides=step)
    for name, value in _values(told).items():
        setattr(step, name, value)
    step.save()
    _changed(circuit)
    audit.record(by=by, subject=circuit, step=step.pk, rank=step.rank)
    return step


@action(_("Étape retirée d’un circuit de signalement"))
def remove_step(*, step: CircuitStep, seen: int, by: Actor) -> None:
    """Those that come after it move up."""
    circuit = _changing(step.circuit, seen, by)
    step = _step(circuit, step)
    rules.check_can_remove_step(step, by)
    rank = step.rank
    step.delete()
    for other in circuit.steps.filter(rank__gt=rank).order_by("rank"):
        other.rank -= 1
        other.save(update_fields=["rank"])
    _changed(circuit)
    audit.record(by=by, subject=circuit, rank=rank)


@action(_("Circuit de signalement en préparation supprimé"))
def delete_circuit(*, circuit: Circuit, by: Actor) -> None:
    found = Circuit.objects.select_for_update(of=("self",)).select_related("departement").filter(pk=circuit.pk).first()
    if found is None:
        raise Stale(_now("Cette version est déjà supprimée."))
    rules.check_can_change(found, by)
    audit.record(by=by, subject=found, steps=found.steps.count())
    found.delete()


@action(_("Circuit de signalement mis en vigueur"))
def publish_circuit(*, circuit: Circuit, on: date, seen: int, by: Actor) -> Circuit:
    """From that day; the version before ends on it. Raises Stale when it changed since it was read."""
    circuit = _locked(circuit)
    rules.check_can_publish(circuit, by)
    _check_seen(circuit, seen)
    others = list(Circuit.objects.select_for_update().alike(circuit).exclude(pk=circuit.pk))
    rules.check_first_day(on, timezone.localdate(), others)
    for other in others:
        if other.valid_from is not None and other.valid_to is None:
            other.valid_to = on
            other.save(update_fields=["valid_to"])
    circuit.valid_from, circuit.decided_by = on, by.person
    circuit.save(update_fields=["valid_from", "decided_by"])
    audit.record(by=by, subject=circuit, on=on, steps=circuit.steps.count())
    return circuit


@action(_("Fin d’un circuit de signalement dite"))
def end_circuit(*, circuit: Circuit, on: date, by: Actor) -> Circuit:
    """`on`: the first day without it."""
    circuit = _locked(circuit)
    rules.check_can_end(circuit, by)
    rules.check_last_day(circuit, on, timezone.localdate())
    circuit.valid_to = on
    circuit.save(update_fields=["valid_to"])
    audit.record(by=by, subject=circuit, on=on)
    return circuit


def _locked(circuit: Circuit) -> Circuit:
    found = Circuit.objects.select_for_update(of=("self",)).select_related("departement").filter(pk=circuit.pk).first()
    if found is None:
        raise Stale(_now("Cette version a été supprimée."))
    return found


def _changing(circuit: Circuit, seen: int, by: Actor) -> Circuit:
    """The version to be changed, locked, if it is as it was read."""
    circuit = _locked(circuit)
    rules.check_can_change(circuit, by)
    _check_seen(circuit, seen)
    return circuit


def _check_seen(circuit: Circuit, seen: int) -> None:
    if circuit.edit != seen:
        raise Stale(_now("Ce circuit a été modifié entre-temps : relisez-le avant de continuer."))


def _changed(circuit: Circuit) -> None:
    circuit.edit += 1
    circuit.save(update_fields=["edit"])


def _step(circuit: Circuit, step: CircuitStep) -> CircuitStep:
    found = circuit.steps.filter(pk=step.pk).first()
    if found is None:
        raise Stale(_now("Cette étape a été retirée."))
    return found


def _values(told: rules.Step) -> dict[str, object]:
    return {one.name: getattr(told, one.name) for one in fields(told)}


def _copy_steps(source: Circuit, target: Circuit) -> None:
    """What one told is closed since, or a text no longer applies: whoever prepares reads each line again."""
    made: dict[int, CircuitStep] = {}
    for step in source.steps.order_by("rank"):
        after = None if step.after_id is None else made[step.after_id]
        kept = {
            name: getattr(step, name)
            for name in ("who", "service_id", "structure_id", "number", "institution", "means", "delay", "basis")
        }
        made[step.pk] = CircuitStep.objects.create(circuit=target, rank=step.rank, after=after, **kept)
