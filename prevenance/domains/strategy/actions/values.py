"""Report values: entered as drafts, submitted, accepted or returned by the level above, corrected by new ones."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import date
from functools import partial
from typing import Any

import psycopg
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.rules.confidential import check_names_nobody
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.strategy.models import Indicator, IndicatorValue, Plan
from prevenance.domains.strategy.rules import values as rules
from prevenance.domains.strategy.rules.values import Line

State = IndicatorValue.State


@action(_("Valeurs saisies"))
def enter_values(*, plan: Plan, lines: Sequence[Line], seen: Sequence[str], by: Actor) -> int:
    """Keep lines as drafts; a line without its figure erases the draft that was there. How many changed.

    `seen` holds, for each line, the token of the value that the form showed (rules.token).
    Raises Refused for the first line that may not be reported, Stale when a value changed since it was shown.
    """
    plan = _plan(plan)
    rules.check_can_enter(plan, by)
    waiting, standing = _existing(plan, lines)
    changed = [
        (line, shown) for line, shown in zip(lines, seen, strict=True)
        if _differs(line, waiting.get(line.key) or standing.get(line.key))
    ]  # fmt: skip
    for line, shown in changed:
        found = waiting.get(line.key)
        if found is None and line.key in standing:
            rules.check_open(standing[line.key])
        if found is not None:
            rules.check_open(found)
        if rules.token(found) != shown:
            raise Stale(_now("Une valeur a été modifiée ailleurs depuis cet affichage : vérifiez, puis enregistrez."))
    kept = [line for line, _shown in changed if line.numerator is not None]
    rules.check_lines(plan, kept)
    for line, _shown in changed:
        if line.numerator is None:
            waiting[line.key].delete()
    _write_drafts(kept, plan, waiting, by)
    audit.record(by=by, scope=plan.trail, subject=plan, values=len(changed))
    return len(changed)


@action(_("Valeurs transmises"))
def submit_values(*, plan: Plan, period: str, starts: date, by: Actor) -> int:
    """Send the drafts of a period to the level above; how many."""
    plan = _plan(plan)
    rules.check_can_submit(plan, by)
    drafts = IndicatorValue.objects.filter(plan=plan, starts_on=starts, state=State.DRAFT, indicator__period=period)
    count = drafts.update(state=State.SUBMITTED)
    if not count:
        raise Stale(_now("Aucune valeur en brouillon pour cette période : il n’y a rien à transmettre."))
    audit.record(by=by, scope=plan.trail, subject=plan, starts=starts, values=count)
    return count


@action(_("Valeurs acceptées"))
def accept_values(*, plan: Plan, values: Collection[int], by: Actor) -> int:
    """Lock submitted values of a plan; those that correct an accepted one replace it. How many.

    Raises Stale when one of `values` no longer waits, Refused when two would count the same thing, or when one no
    longer says what its indicator asks.
    """
    found = _settled(plan, values, by)
    # Two plans may have entered a commune and its body at the same moment: what is accepted is looked at one by one.
    list(
        Indicator.objects.select_for_update(no_key=True)
        .filter(pk__in={value.indicator_id for value in found}).order_by("pk")
    )  # fmt: skip
    lines = [_line(value) for value in found]
    # What the indicator counts, and in which periods, may have been defined otherwise since they were sent.
    for line in lines:
        if sentence := rules.figures_refusal(line, timezone.localdate()):
            raise Refused(_now("%(why)s Rendez cette valeur pour qu’elle soit saisie à nouveau.") % {"why": sentence})
    for sentence in rules.twice(plan, lines).values():
        raise Refused(sentence)
    now = timezone.now()
    replaced = [value.corrects_id for value in found if value.corrects_id]
    IndicatorValue.objects.filter(pk__in=replaced, superseded_at=None).update(superseded_at=now)
    IndicatorValue.objects.filter(pk__in=[value.pk for value in found]).update(
        state=State.ACCEPTED, settled_by=by.person, settled_at=now, reason=""
    )
    for indicator, starts in sorted({(value.indicator_id, value.starts_on) for value in found}):
        transaction.on_commit(partial(_ask_roll_up, indicator, starts))
    audit.record(by=by, scope=plan.trail, subject=plan, values=len(found), corrected=len(replaced))
    return len(found)


@action(_("Valeurs rendues"))
def return_values(*, plan: Plan, values: Collection[int], reason: str, by: Actor) -> int:
    """Give submitted values back to the plan, with what is to be looked at again. How many."""
    if not reason.strip():
        raise Refused(_now("Dites ce qui est à revoir."))
    check_names_nobody(reason)
    found = _settled(plan, values, by)
    IndicatorValue.objects.filter(pk__in=[value.pk for value in found]).update(
        state=State.RETURNED, settled_by=by.person, settled_at=timezone.now(), reason=reason.strip()[:300]
    )
    audit.record(by=by, scope=plan.trail, subject=plan, values=len(found))
    return len(found)


@action(_("Valeur corrigée"))
def correct_value(*, value: IndicatorValue, line: Line, by: Actor) -> IndicatorValue:
    """Propose another figure in place of an accepted one, which stands until the new one is accepted."""
    plan = _plan(value.plan)
    rows = IndicatorValue.objects.select_for_update(of=("self",)).select_related("plan__council", "indicator")
    value = rows.get(pk=value.pk)
    rules.check_can_correct(value, by)
    if sentence := rules.figures_refusal(line, timezone.localdate()):
        raise Refused(sentence)
    if not _differs(line, value):
        raise Refused(_now("C’est la valeur acceptée : il n’y a rien à corriger."))
    try:
        with transaction.atomic():
            draft = IndicatorValue.objects.create(**_fields(line, plan, by), corrects=value)
    except IntegrityError as already:
        raise Stale(_now("Une correction de cette valeur est déjà en cours.")) from already
    audit.record(by=by, scope=plan.trail, subject=draft, corrects=value.pk)
    return draft


# ------------------------------------------------------------------------------------------------- underneath


def _ask_roll_up(indicator: int, starts: date) -> None:
    """Once what was accepted is there for all to read: a roll-up that already waits will read it."""
    task = app.configure_task("strategy.roll_up", queueing_lock=f"strategy.roll_up.{indicator}.{starts}")
    with suppress(AlreadyEnqueued), transaction.atomic():
        task.defer(indicator=indicator, starts=starts.isoformat())


def _write_drafts(
    lines: Sequence[Line], plan: Plan, waiting: dict[tuple[object, ...], IndicatorValue], by: Actor
) -> None:
    """Create or rewrite drafts. Raises Stale when another plan wrote one of them at the same moment."""
    rewritten, made = [], []
    for line in lines:
        fields = _fields(line, plan, by)
        found = waiting.get(line.key)
        if found is None:
            made.append(fields)
            continue
        for name in ("numerator", "denominator", "estimated", "note", "entered_by", "entered_at"):
            setattr(found, name, fields[name])
        found.state, found.reason, found.settled_at, found.settled_by = State.DRAFT, "", None, None
        rewritten.append(found)
    try:
        with transaction.atomic():
            _copy(made)
    except psycopg.errors.UniqueViolation as already:
        raise Stale(
            _now("Une de ces valeurs vient d’être saisie ailleurs : relisez la période, puis recommencez.")
        ) from already
    IndicatorValue.objects.bulk_update(
        rewritten,
        ["numerator", "denominator", "estimated", "note", "entered_by", "entered_at", "state", "reason", "settled_at",
         "settled_by"],
        batch_size=1000,
    )  # fmt: skip


COPIED = (
    "indicator_id", "plan_id", "sheet_id", "territory_id", "part_id", "former_code", "category", "starts_on",
    "numerator", "denominator", "estimated", "note", "state", "entered_by_id", "entered_at", "reason",
)  # fmt: skip


def _copy(made: list[dict[str, Any]]) -> None:
    """Insert drafts by COPY: a table brought in may hold fifty thousand, and the triggers look at each all the same."""
    if not made:
        return
    columns = ", ".join(COPIED)
    with (
        connection.cursor() as cursor,
        cursor.cursor.copy(f"COPY strategy_indicatorvalue ({columns}) FROM STDIN") as copy,
    ):
        for fields in made:
            told = fields | {
                "indicator_id": fields["indicator"].pk, "plan_id": fields["plan"].pk, "state": State.DRAFT.value,
                "entered_by_id": fields["entered_by"].pk, "reason": "",
            }  # fmt: skip
            copy.write_row([told[name] for name in COPIED])


def _fields(line: Line, plan: Plan, by: Actor) -> dict[str, Any]:
    return {
        "indicator": line.indicator, "plan": plan, "sheet_id": line.sheet, "territory_id": line.territory,
        "part_id": line.part, "former_code": line.former_code, "category": line.category, "starts_on": line.starts,
        "numerator": line.numerator, "denominator": line.denominator, "estimated": line.estimated,
        "note": line.note, "entered_by": by.person, "entered_at": timezone.now(),
    }  # fmt: skip


def _line(value: IndicatorValue) -> Line:
    return Line(
        indicator=value.indicator, territory=value.territory_id, starts=value.starts_on, numerator=value.numerator,
        denominator=value.denominator, part=value.part_id, sheet=value.sheet_id, category=value.category,
        former_code=value.former_code, estimated=value.estimated, note=value.note,
    )  # fmt: skip


def _differs(line: Line, found: IndicatorValue | None) -> bool:
    if found is None:
        return line.numerator is not None
    return (line.numerator, line.denominator, line.estimated, line.note) != (
        found.numerator, found.denominator, found.estimated, found.note,
    )  # fmt: skip


def _existing(
    plan: Plan, lines: Sequence[Line]
) -> tuple[dict[tuple[object, ...], IndicatorValue], dict[tuple[object, ...], IndicatorValue]]:
    """The plan's values of these periods, by key: those that wait, kept for this transaction, and those accepted."""
    rows = IndicatorValue.objects.filter(
        plan=plan, starts_on__in={line.starts for line in lines}, indicator__in={line.indicator.pk for line in lines}
    ).select_related("indicator")
    waiting = rows.exclude(state=State.ACCEPTED).order_by("pk").select_for_update(of=("self",))
    standing = rows.filter(state=State.ACCEPTED, superseded_at=None)
    return {_line(row).key: row for row in waiting}, {_line(row).key: row for row in standing}


def _settled(plan: Plan, values: Collection[int], by: Actor) -> list[IndicatorValue]:
    """Submitted values of a plan, kept for this transaction, once it is sure that the actor stands above them."""
    rows = IndicatorValue.objects.select_for_update(of=("self",)).select_related("indicator").order_by("pk")
    found = list(rows.filter(pk__in=values, plan=plan, state=State.SUBMITTED))
    mine = IndicatorValue.objects.filter(rules.below(by), pk__in=[value.pk for value in found]).count()
    rules.check_can_settle(len(set(values)), found, mine, by)
    return found


def _plan(plan: Plan) -> Plan:
    return Plan.objects.select_for_update(of=("self",)).select_related("territory", "council").get(pk=plan.pk)
