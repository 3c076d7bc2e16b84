"""What both registers of the mayor have in common: the protocol, readings, corrections of identity, the clock."""

from collections.abc import Collection
from datetime import date
from functools import partial
from typing import TypeVar
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from prevenance.core import audit, vault
from prevenance.core.audit import action
from prevenance.core.audit.actions import Identity
from prevenance.core.refusals import Refused
from prevenance.core.row_security import CLOCK, as_role
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Scope
from prevenance.domains.followup.analysis.reading import sealed
from prevenance.domains.followup.models import (
    CallProtocol,
    FileKey,
    RegisterCount,
    RegisterEntry,
    RegisterHold,
    RegisterSeries,
)
from prevenance.domains.followup.rules import lists
from prevenance.domains.followup.rules import registers as rules
from prevenance.domains.governance.rules.councils import Stale

Entry = TypeVar("Entry", bound=RegisterEntry)


@action(_("Protocole avec le parquet déclaré"))
def declare_protocol(
    *, scope: Scope, signed_on: date, check_required: bool, delay_days: int, silence_allows: bool, by: Actor
) -> CallProtocol:
    """What was agreed on, from the day it was signed. The latest signed applies."""
    rules.check_holds(scope.pk, by)
    rules.check_past(signed_on)
    if check_required and delay_days < 1:
        raise Refused(_now("Indiquez en combien de jours le procureur répond."))
    protocol = CallProtocol.objects.create(
        scope=scope, signed_on=signed_on, check_required=check_required,
        delay_days=delay_days if check_required else 0, silence_allows=check_required and silence_allows,
        recorded_by=by.person,
    )  # fmt: skip
    audit.record(by=by, scope=f"register:{scope.pk}", subject=protocol, signed_on=signed_on, check=check_required)
    return protocol


@action(_("Fiche d’un registre du maire lue"))
def record_entry_reading(*, entry: RegisterEntry, part: str, by: Actor) -> None:
    """Every reading of an entry is an act, as for files. `part` is a word of ours: the page, or a letter."""
    audit.record(by=by, scope=entry.trail, subject=entry, part=part, acting=by.role)


@action(_("Identité corrigée dans un registre du maire"))
def correct_entry(*, entry: RegisterEntry, identity: dict[str, str], seen: int | None, by: Actor) -> RegisterEntry:
    """Correct who the person is. Raises councils.Stale when the entry changed since the form showed it."""
    entry = type(entry).objects.select_for_update(of=("self",)).select_related("scope").get(pk=entry.pk)
    rules.check_holds(entry.scope_id, by)
    rules.check_fresh(entry, seen)
    rules.check_birth(date.fromisoformat(identity["birth_date"]))
    sealed(entry, vault.open(entry.key), **identity)
    entry.edit += 1
    entry.save(update_fields=[*identity, "edit"])
    audit.record(by=by, scope=entry.trail, subject=entry)
    return entry


@action(_("Conservation imposée à une fiche d’un registre"))
def hold_entry(*, entry: RegisterEntry, reason: str, until: date, by: Actor) -> RegisterHold:
    """Stop the clock of an entry until a day, ended or not, for a reason of law. Raises Refused, councils.Stale."""
    entry = type(entry).objects.select_for_update(of=("self",)).get(pk=entry.pk)
    rules.check_can_set_hold(entry, until, by)
    lists.check_code("hold_reasons", reason)
    hold = RegisterHold(scope_id=entry.scope_id, set_on=timezone.localdate(), set_by=by.person, until=until)
    setattr(hold, RegisterHold.link(entry), entry)
    sealed(hold, vault.open(entry.key), reason=reason).save()
    audit.record(by=by, scope=entry.trail, subject=entry, until=until)
    return hold


@action(_("Conservation d’une fiche d’un registre levée"))
def release_entry(*, entry: RegisterEntry, by: Actor) -> None:
    """Let the clock of an entry go on. Raises Refused, councils.Stale."""
    rules.check_holds(entry.scope_id, by)
    held = RegisterHold.objects.of(entry).filter(lifted_on=None)
    if not held.update(lifted_on=timezone.localdate()):
        raise Stale(_now("La conservation de cette fiche est déjà levée."))
    audit.record(by=by, scope=entry.trail, subject=entry)


@action(_("Fiche d’un registre du maire effacée à son terme"))
def erase_entries(*, register: str, entries: Collection[int], by: Identity) -> int:
    """Delete as the clock's role, which is let delete only what is due; then, after the commit, destroy each key.

    Returns how many went.
    """
    model = rules.REGISTERS[register]
    statement = sql.SQL("DELETE FROM {} WHERE id = ANY (%s) RETURNING id, scope_id, key")
    with as_role(CLOCK), connection.cursor() as cursor:
        cursor.execute(statement.format(sql.Identifier(model._meta.db_table)), [sorted(entries)])
        gone: list[tuple[int, int, UUID]] = cursor.fetchall()
        FileKey.objects.filter(key__in=[key for _pk, _scope, key in gone])._raw_delete("default")
    for pk, scope, key in gone:
        audit.record(by=by, scope=f"register:{scope}", subject=f"{model._meta.label_lower}:{pk}")
        transaction.on_commit(partial(vault.destroy, key))
    if not gone:
        audit.record(by=by, scope="platform", register=register, erased=0)
    return len(gone)


def _opened(
    entry: RegisterEntry, *, scope: Scope, register: str, identity: dict[str, str], by: Actor, **values: str
) -> RegisterEntry:
    """Give a new entry its number, clock and key, seal what is said of the person, and save it."""
    today = timezone.localdate()
    entry.scope, entry.opened_on, entry.opened_by = scope, today, by.person
    entry.number = RegisterSeries.next_for(scope, register, today)
    entry.key = vault.new()
    FileKey.objects.create(key=entry.key)
    sealed(entry, vault.open(entry.key), **identity, **values)
    entry.save()
    RegisterCount.add(scope, register, entry.state, today.year)
    return entry


def _moved(entry: Entry, register: str, state: str, by: Actor, *fields: str) -> Entry:
    """Save an entry in a state, count it there when it comes from another, and say so in the trail."""
    if state != entry.state:
        RegisterCount.add(entry.scope, register, state, timezone.localdate().year)
    entry.state = state
    entry.edit += 1
    entry.save(update_fields=["state", "edit", *fields])
    audit.record(by=by, scope=entry.trail, subject=entry, state=str(state))
    return entry
