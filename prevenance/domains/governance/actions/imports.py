"""Bring members or decisions in from a table: kept aside, checked on screen, then written once or not at all."""

from dataclasses import replace
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.actions.members import Member, add_member, edit_member
from prevenance.domains.governance.models import Council, Decision, DecisionProgress, Import
from prevenance.domains.governance.rules import import_columns
from prevenance.domains.governance.rules import imports as rules
from prevenance.domains.governance.rules.councils import Stale, check_can_hold
from prevenance.domains.governance.rules.members import stamp


@action(_("Tableau reçu pour import"))
def start_import(*, council: Council, subject: str, headers: list[str], rows: list[list[Any]], by: Actor) -> Import:
    """Keep a table aside. Each row is [its line in the sheet, cell, cell…].

    Raises Refused, keeping nothing, when a column speaks of persons helped or when there are too many rows.
    """
    check_can_hold(council, by)
    rules.check_can_store(subject, headers, rows)
    draft = Import.objects.create(
        council=council, subject=subject, headers=headers, rows=rows, created_by=by.person,
        mapping=import_columns.guess(subject, headers, [row[1:] for row in rows]),
    )  # fmt: skip
    audit.record(by=by, scope=council.scope_id, subject=draft, content=str(subject), rows=len(rows))
    return draft


@action(_("Colonnes d’un tableau reconnues"))
def match_columns(*, draft: Import, mapping: dict[str, str], by: Actor) -> Import:
    """Say what each column is: {"0": "family_name", …}; a column left out is not read."""
    draft = _locked(draft)
    rules.check_can_import(draft, by)
    draft.mapping = mapping
    draft.save(update_fields=["mapping"])
    audit.record(by=by, scope=draft.council.scope_id, subject=draft, columns=len(mapping))
    return draft


@action(_("Tableau importé"))
def run_import(*, draft: Import, consent: int, by: Actor) -> int:
    """Write every good row, in this one transaction, and erase them from the table; how many were written.

    `consent` is the number of rows that the person was shown and agreed to. Raises Stale when it is no longer that
    number, or when the table is already in: a second click writes nothing.
    """
    draft = _locked(draft)
    rules.check_can_import(draft, by)
    if missing := rules.missing_columns(draft):
        raise Refused(_now("Dites d’abord quelle colonne contient : %(what)s.") % {"what": ", ".join(missing)})
    verdicts = rules.verdicts(draft)
    good = [verdict for verdict in verdicts if verdict.good]
    if len(good) != consent:
        raise Stale(_now("Le conseil a changé depuis cet affichage. Relisez le tableau, puis confirmez à nouveau."))
    if not good:
        raise Refused(_now("Aucune ligne ne peut être importée."))
    if draft.subject == Import.Subject.MEMBERS:
        for verdict in good:
            _write_member(draft.council, verdict, by)
    else:
        _write_decisions(draft.council, good, by)
    draft.rows = rules.left_aside(draft, verdicts)
    draft.imported_at, draft.imported_count = timezone.now(), len(good)
    draft.save(update_fields=["rows", "imported_at", "imported_count"])
    audit.record(by=by, scope=draft.council.scope_id, subject=draft, rows=len(good), left=len(draft.rows))
    return len(good)


@action(_("Tableau supprimé avant import"))
def discard_import(*, draft: Import, by: Actor) -> None:
    """Erase a table, or what was left aside of it."""
    draft = _locked(draft)
    check_can_hold(draft.council, by)
    audit.record(by=by, scope=draft.council.scope_id, subject=draft, rows=len(draft.rows))
    draft.delete()


@action(_("Tableaux anciens effacés"))
def purge_imports(*, by: audit.Identity = audit.MACHINE) -> int:
    """Erase every table older than its retention (data/governance/imports.yaml); how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT governance_purge_imports(%s)", [import_columns.words()["kept_days"]])
        erased: int = cursor.fetchone()[0]
    audit.record(by=by, scope="platform", erased=erased)
    return erased


def _locked(draft: Import) -> Import:
    """The table as it is now, kept for this transaction. Raises Stale when it was erased meanwhile."""
    found = Import.objects.select_for_update(of=("self",)).select_related("council").filter(pk=draft.pk).first()
    if found is None:
        raise Stale(_now("Ce tableau n’est plus là : il a été supprimé, ou gardé plus longtemps que prévu."))
    return found


def _write_member(council: Council, verdict: rules.Verdict, by: Actor) -> None:
    member = Member(**verdict.values)
    if verdict.membership is None:
        add_member(council=council, member=member, by=by)
        return
    known = verdict.membership
    kept = replace(member, of_right_as=known.of_right_as)
    if known.organisation and known.organisation.name == member.organisation:
        kept = replace(kept, organisation_kind=known.organisation.kind)
    edit_member(membership=known, member=kept, seen=stamp(known), by=by)


def _write_decisions(council: Council, good: list[rules.Verdict], by: Actor) -> None:
    """Number the decisions after those of their year. They come from an earlier record: their text is final."""
    Council.objects.select_for_update().get(pk=council.pk)  # two imports must not draw the same number
    last: dict[int, int] = {}
    numbered = Decision.objects.filter(council=council).exclude(rank=None)  # minutes not approved yet have no number
    for year, rank in numbered.order_by("rank").values_list("year", "rank"):
        last[year] = rank
    for verdict in good:
        year = verdict.values["year"]
        last[year] = last.get(year, 0) + 1
        decision = Decision.objects.create(council=council, rank=last[year], **verdict.values)
        if decision.state != Decision.State.OPEN:
            DecisionProgress.objects.create(
                decision=decision, state=decision.state, note=_now("Reprise d’un tableau antérieur"), by=by.person
            )
