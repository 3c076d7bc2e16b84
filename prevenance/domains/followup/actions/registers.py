"""What both registers of the mayor have in common: the protocol, readings, corrections of identity, the clock."""

from collections.abc import Collection
from datetime import date
from functools import partial
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
from prevenance.domains.followup.models import CallProtocol, FileKey, RegisterEntry, RegisterSeries
from prevenance.domains.followup.rules import registers as rules


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
    return entry
