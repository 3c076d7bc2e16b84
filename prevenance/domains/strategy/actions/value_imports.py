"""Bring values in from a table: kept aside, checked on screen, then entered once or not at all."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.strategy.actions.values import enter_values
from prevenance.domains.strategy.models import Plan, TableImport
from prevenance.domains.strategy.rules import value_imports as rules
from prevenance.domains.strategy.rules.values import check_can_enter


@action(_("Tableau de valeurs reçu"))
def start_value_import(*, plan: Plan, headers: list[str], rows: list[list[Any]], by: Actor) -> TableImport:
    """Keep a table aside. Each row is [its line in the sheet, cell, cell…].

    Raises Refused, keeping nothing, when a column names persons helped or when there are too many rows.
    """
    rules.check_can_start(plan, headers, rows, by)
    draft = TableImport.objects.create(
        plan=plan, subject=TableImport.Subject.VALUES, headers=headers, rows=rows, mapping=rules.guess(headers),
        created_by=by.person,
    )  # fmt: skip
    audit.record(by=by, scope=plan.trail, subject=draft, rows=len(rows))
    return draft


@action(_("Colonnes d’un tableau de valeurs"))
def match_value_columns(*, draft: TableImport, mapping: dict[str, str], by: Actor) -> TableImport:
    """Say what each column is: {"0": "indicator", …}; a column left out is not read."""
    draft = _locked(draft)
    rules.check_can_import(draft, by)
    draft.mapping = mapping
    draft.save(update_fields=["mapping"])
    audit.record(by=by, scope=draft.plan.trail, subject=draft, columns=len(mapping))
    return draft


@action(_("Tableau de valeurs importé"))
def run_value_import(*, draft: TableImport, consent: int, by: Actor) -> int:
    """Enter every good row as a draft, in this one transaction, and erase them from the table; how many.

    `consent` is the number of rows that the person was shown and agreed to. Raises Stale when it is no longer that
    number, or when the table is already in: a second click enters nothing.
    """
    draft = _locked(draft)
    rules.check_can_import(draft, by)
    if missing := rules.missing_columns(draft):
        raise Refused(_now("Dites d’abord quelle colonne contient : %(what)s.") % {"what": ", ".join(missing)})
    verdicts = rules.verdicts(draft)
    good = [verdict for verdict in verdicts if verdict.good]
    if len(good) != consent:
        raise Stale(_now("Le plan a changé depuis cet affichage. Relisez le tableau, puis confirmez à nouveau."))
    if not good:
        raise Refused(_now("Aucune ligne ne peut être importée."))
    enter_values(
        plan=draft.plan, lines=[verdict.told for verdict in good], seen=[verdict.seen for verdict in good], by=by
    )
    left = {verdict.line for verdict in verdicts if verdict.outcome == "bad"}
    draft.rows = [row for row in draft.rows if row[0] in left]
    draft.imported_at, draft.imported_count, draft.left_count = timezone.now(), len(good), len(left)
    draft.save(update_fields=["rows", "imported_at", "imported_count", "left_count"])
    audit.record(by=by, scope=draft.plan.trail, subject=draft, rows=len(good), left=len(left))
    return len(good)


@action(_("Tableau de valeurs supprimé"))
def discard_value_import(*, draft: TableImport, by: Actor) -> None:
    """Erase a table, or what was left aside of it."""
    draft = _locked(draft)
    check_can_enter(draft.plan, by)
    audit.record(by=by, scope=draft.plan.trail, subject=draft, rows=len(draft.rows))
    draft.delete()


def _locked(draft: TableImport) -> TableImport:
    """The table as it is now, kept for this transaction. Raises Stale when it was erased meanwhile."""
    rows = TableImport.objects.select_for_update(of=("self",)).select_related("plan__council", "plan__territory")
    found = rows.filter(pk=draft.pk, subject=TableImport.Subject.VALUES).first()
    if found is None:
        raise Stale(_now("Ce tableau n’est plus là : il a été supprimé, ou gardé plus longtemps que prévu."))
    return found
