"""Write action sheets: add, edit, withdraw, move from state to state, note progress, shift dates."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.refusals import Refused
from prevenance.core.text import sort_key
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Organisation, Person
from prevenance.domains.governance.rules.confidential import check_names_nobody
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.strategy.models import (
    Amendment,
    Change,
    Plan,
    Provision,
    Sheet,
    SheetNote,
    SheetStateChange,
    SheetStep,
    StrategyAction,
)
from prevenance.domains.strategy.rules import sheets as rules


@dataclass(frozen=True)
class Told:
    """What is said of a sheet. Organisations are told by their names; `problem` and `objective` are None when they are
    not to change (they are in force)."""

    title: str
    problem: str | None = None
    objective: str | None = None
    audiences: Collection[str] = field(default=())
    lead: str = ""
    lead_person: Person | None = None
    partners: Collection[str] = field(default=())
    serves: Collection[StrategyAction] | None = None
    values: dict[str, Any] = field(default_factory=dict)  # ages, counts and dates, by name of the field


PLAIN = (
    "age_from", "age_to", "expected_girls", "expected_boys", "expected", "reached_girls", "reached_boys", "reached",
    "begins", "ends",
)  # fmt: skip


@action(_("Fiche action ajoutée"))
def add_sheet(
    *, plan: Plan, told: Told, by: Actor, key: uuid.UUID | None = None, state: str = "idea", reason: str = ""
) -> Sheet:
    """A sheet with the next number, brought by the plan's draft amendment.

    `key` comes with the form: sent twice, it adds once (raises Stale).
    """
    plan = _locked_plan(plan)
    draft = rules.draft_of(plan)
    rules.check_can_add(plan, by, draft)
    assert draft is not None
    if key and Sheet.objects.filter(plan=plan, key=key).exists():
        raise Stale(_now("Cette fiche est déjà ajoutée."))
    _check_told(plan, told, by)
    last = Sheet.objects.filter(plan=plan).aggregate(last=Max("number"))["last"] or 0
    sheet = Sheet(
        plan=plan, number=last + 1, title=told.title, state=state, brought_by=draft, created_by=by.person,
        key=key or uuid.uuid4(),
    )  # fmt: skip
    _fill(sheet, told)
    SheetStateChange.objects.create(sheet=sheet, state=sheet.state, reason=reason, by=by.person)
    audit.record(by=by, scope=plan.trail, subject=sheet, number=sheet.number, amendment=draft.number)
    return sheet


@action(_("Fiche action modifiée"))
def edit_sheet(*, sheet: Sheet, told: Told, seen: int, by: Actor) -> Sheet:
    """Raises Stale when the sheet changed since the form showed it, Refused for texts that are in force."""
    sheet = _locked(sheet)
    rules.check_can_change(sheet, by)
    rules.check_fresh(sheet, seen)
    if told.problem is not None or told.objective is not None:
        rules.check_texts_are_open(sheet)
    _check_told(sheet.plan, told, by, before=sheet.lead_person_id)
    sheet.edit += 1
    _fill(sheet, told)
    audit.record(by=by, scope=sheet.plan.trail, subject=sheet)
    return sheet


@action(_("Fiche action retirée du plan"))
def withdraw_sheet(*, sheet: Sheet, by: Actor) -> Sheet:
    """The draft amendment withdraws the sheet, and its words with it: in force with that amendment, not before."""
    sheet = _locked(sheet)
    draft = rules.draft_of(sheet.plan)
    rules.check_can_withdraw(sheet, by, draft)
    assert draft is not None
    sheet.withdrawn_by = draft
    sheet.edit += 1
    sheet.save()
    parts = [rules.part(sheet.number, which) for which in rules.TEXTS]
    Change.objects.filter(amendment=draft, part__in=parts).delete()
    standing = Provision.objects.filter(plan=sheet.plan, part__in=parts, until=None)
    Change.objects.bulk_create(
        Change(
            amendment=draft, kind=Change.Kind.REMOVE, anchor=provision.anchor, part=provision.part,
            position=provision.position, base=provision,
        )
        for provision in standing
    )  # fmt: skip
    audit.record(by=by, scope=sheet.plan.trail, subject=sheet, amendment=draft.number)
    return sheet


@action(_("Retrait d’une fiche action annulé"))
def keep_sheet(*, sheet: Sheet, by: Actor) -> Sheet:
    """Take back a withdrawal that a draft prepares. What it would have removed of the text stays."""
    sheet = _locked(sheet)
    rules.check_can_keep(sheet, by)
    parts = [rules.part(sheet.number, which) for which in rules.TEXTS]
    Change.objects.filter(amendment=sheet.withdrawn_by, part__in=parts, kind=Change.Kind.REMOVE).delete()
    sheet.withdrawn_by = None
    sheet.edit += 1
    sheet.save()
    audit.record(by=by, scope=sheet.plan.trail, subject=sheet)
    return sheet


@action(_("État d’une fiche action"))
def move_sheet(*, sheet: Sheet, state: str, by: Actor, reason: str = "") -> Sheet:
    sheet = _locked(sheet)
    rules.check_can_move(sheet, state, reason, by)
    check_names_nobody(reason)
    sheet.state = Sheet.State(state)
    sheet.edit += 1
    sheet.save()
    SheetStateChange.objects.create(sheet=sheet, state=state, reason=reason.strip(), by=by.person)
    audit.record(by=by, scope=sheet.plan.trail, subject=sheet, state=state)
    return sheet


@action(_("Note d’avancement d’une fiche action"))
def add_note(*, sheet: Sheet, text: str, by: Actor) -> SheetNote:
    """A note, never rewritten. Raises Stale for the same words again within minutes: a second click."""
    sheet = _locked(sheet)
    rules.check_can_change(sheet, by)
    check_names_nobody(text)
    recent = timezone.now() - timedelta(minutes=10)
    if SheetNote.objects.filter(sheet=sheet, text=text, by=by.person, at__gte=recent).exists():
        raise Stale(_now("Cette note est déjà inscrite."))
    note = SheetNote.objects.create(sheet=sheet, text=text, by=by.person)
    audit.record(by=by, scope=sheet.plan.trail, subject=note, sheet=sheet.pk)
    return note


@action(_("Dates de fiches action décalées"))
def shift_dates(*, plan: Plan, sheets: Sequence[int], days: int, reason: str, seen: str, by: Actor) -> tuple[int, int]:
    """Move ends, steps not done, and beginnings of what has not begun, by `days`; (sheets, steps) that moved.

    `seen` is the `rules` stamp of what was previewed (analysis.sheets.slip): raises Stale when it changed meanwhile.
    """
    plan = _locked_plan(plan)
    rows = Sheet.objects.select_for_update(of=("self",)).filter(rules.movable(plan), pk__in=sheets)
    found = list(rows.order_by("number"))
    rules.check_can_shift(plan, found, days, reason, by)
    check_names_nobody(reason)
    if rules.stamp(found) != seen:
        raise Stale(_now("Une fiche a changé depuis cet aperçu : relisez-le, puis confirmez à nouveau."))
    steps = list(SheetStep.objects.select_for_update().filter(sheet__in=found, done_on=None).exclude(due_on=None))
    moved = timedelta(days=days)
    for step in steps:
        step.due_on = _moved(step.due_on, moved)
    SheetStep.objects.bulk_update(steps, ["due_on"])
    text = _now("Dates décalées de %(days)+d jours : %(reason)s") % {"days": days, "reason": reason.strip()}
    for sheet in found:
        sheet.ends = _moved(sheet.ends, moved)
        if sheet.state in rules.NOT_BEGUN:
            sheet.begins = _moved(sheet.begins, moved)
        if sheet.begins and sheet.ends and sheet.ends < sheet.begins:
            raise Refused(_now("La fiche %(number)d finirait avant d’avoir commencé.") % {"number": sheet.number})
        sheet.edit += 1
        sheet.save()
        SheetNote.objects.create(sheet=sheet, text=text[:1000], by=by.person)
    audit.record(by=by, scope=plan.trail, subject=plan, sheets=len(found), steps=len(steps), days=days)
    return len(found), len(steps)


# ------------------------------------------------------------------------------------------------------- inside


def _moved(day: date | None, by: timedelta) -> date | None:
    return day + by if day else None


def _locked_plan(plan: Plan) -> Plan:
    rows = Plan.objects.select_for_update(of=("self",)).select_related("council", "territory")
    return rows.get(pk=plan.pk)


def _locked(sheet: Sheet) -> Sheet:
    rows = Sheet.objects.select_for_update(of=("self",)).select_related(
        "plan__council", "brought_by", "withdrawn_by", "lead"
    )
    return rows.get(pk=sheet.pk)


def _check_told(plan: Plan, told: Told, by: Actor, before: int | None = None) -> None:
    check_names_nobody(told.title, told.problem or "", told.objective or "")
    rules.check_can_ask(plan, told.lead_person, by, before)


def _fill(sheet: Sheet, told: Told) -> None:
    sheet.title, sheet.audiences, sheet.lead_person = told.title, list(told.audiences), told.lead_person
    for name in PLAIN:
        if name in told.values:
            setattr(sheet, name, told.values[name])
    names = [name for name in (told.lead, *told.partners) if name]
    known = {one.sort_name: one for one in rules.organisations_of(sheet.plan)} if names else {}
    sheet.lead = _organisation(told.lead, known) if told.lead else None
    sheet.save()
    sheet.partners.set([_organisation(name, known) for name in told.partners])
    if told.serves is not None:
        sheet.serves.set(told.serves)
    for which, text in (("problem", told.problem), ("objective", told.objective)):
        if text is not None:
            _write(sheet.brought_by, rules.part(sheet.number, which), text)


def _organisation(name: str, known: dict[str, Organisation]) -> Organisation:
    """The one of that name known here, else a new one: two towns may each have their « Mission locale »."""
    wanted = sort_key(name)
    if wanted not in known:
        known[wanted] = Organisation.objects.create(name=name)
    return known[wanted]


def _write(draft: Amendment, part: str, text: str) -> None:
    """The paragraphs of a part that the draft itself brings: those that stay keep their anchors."""
    Amendment.objects.select_for_update().get(pk=draft.pk)
    there = list(Change.objects.filter(amendment=draft, part=part, kind=Change.Kind.INSERT).order_by("position", "pk"))
    wanted = [block.strip() for block in text.replace("\r\n", "\n").split("\n\n") if block.strip()]
    by_text = {change.text: change for change in there}
    free = [change for change in there if change.text not in wanted]
    kept: set[int] = set()
    for place, paragraph in enumerate(wanted, 1):
        change = by_text.pop(paragraph, None) or (free.pop(0) if free else None)
        if change is None:
            change = Change(amendment=draft, kind=Change.Kind.INSERT, anchor=uuid.uuid4(), part=part)
        change.position, change.text = place, paragraph
        change.save()
        kept.add(change.pk)
    Change.objects.filter(amendment=draft, part=part, kind=Change.Kind.INSERT).exclude(pk__in=kept).delete()
