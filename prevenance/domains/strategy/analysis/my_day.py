"""What a person's plans ask of them today: sheets and steps that are late, and who was asked. One query each."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, F, OuterRef, Q, Value, When
from django.db.models.functions import JSONObject
from django.utils import timezone

from prevenance.core.composed import composed, prepared
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.strategy.models import Sheet, SheetStep, held_plan
from prevenance.domains.strategy.rules import sheets as rules

SHOWN = 8  # lines of a block; « Mes fiches » has the rest
SHEET = ["number", "title", "state", "ends", "plan_id", "plan__title", "lead_person__given_name",
         "lead_person__family_name"]  # fmt: skip


@dataclass(frozen=True)
class LateStep:
    label: str
    due_on: date
    asked: str  # the name of who was asked, "" for nobody
    mine: bool


@dataclass(frozen=True)
class Followed:
    """A sheet to follow: whether its end has passed, its late steps."""

    sheet: Sheet
    ended: bool
    steps: list[LateStep]

    @property
    def late(self) -> bool:
        return self.ended or bool(self.steps)

    @property
    def asked(self) -> str:
        """Who follows the sheet, "" for nobody."""
        return self.sheet.lead_person.name if self.sheet.lead_person else ""


def late(today: date) -> Q:
    """Steps past their day."""
    return Q(done_on=None, due_on__lt=today)


def late_steps(actor: Actor) -> list[SheetStep]:
    """Late steps of the plans that one holds, of the sheets that one follows, and those that one was asked for."""
    if not actor.person_id or not actor.can("see_plans"):
        return []
    today = timezone.localdate()
    ours = held_plan(actor, path="sheet__plan") | Q(owner=actor.person_id) | Q(sheet__lead_person=actor.person_id)
    standing = Q(sheet__withdrawn_by=None) | ~Q(sheet__withdrawn_by__state="in_force")
    found = SheetStep.objects.visible_to(actor).filter(late(today), ours, standing)
    found = found.exclude(sheet__state__in=rules.CLOSED).filter(sheet__plan__ended_on=None)
    return list(found.select_related("sheet__plan", "owner").order_by("due_on", "pk"))


def followed(actor: Actor, today: date) -> Any:
    """Sheets that one follows or has a step of, and the late ones of the plans that one holds."""
    if actor.person_id is None or not actor.can("see_plans"):
        return Sheet.objects.none()
    # Lists put together, each found by an index: asked as one condition, every sheet of the country was read.
    sheets, steps, person = Sheet.objects.order_by(), SheetStep.objects.order_by(), actor.person_id
    near = [
        sheets.filter(lead_person=person).values("pk"),
        steps.filter(owner=person, done_on=None).values("sheet_id"),
    ]
    if actor.can("hold_plan"):
        # Late by itself or by a step: two lists again, or every late step of the country would be read.
        for holder in ("scope_id", "council__scope_id"):
            near.append(sheets.filter(ends__lt=today, **{f"plan__{holder}": actor.scope_id}).values("pk"))
            held = steps.filter(late(today), **{f"sheet__plan__{holder}": actor.scope_id})
            near.append(held.values("sheet_id"))
    standing = Sheet.objects.visible_to(actor).standing().filter(pk__in=near[0].union(*near[1:]))
    return standing.filter(plan__ended_on=None).exclude(state__in=rules.CLOSED)


def sheets_to_follow(actor: Actor, most: int = SHOWN, only_late: bool = True) -> list[Followed]:
    """What is late first, each with its late steps and who was asked. One query."""
    today = timezone.localdate()
    return [
        Followed(sheet, sheet.ends is not None and sheet.ends < today, [said(step, actor) for step in sheet.late_list])
        for sheet in _to_follow(actor, today, most=most, only_late=only_late)
    ]


@prepared
@composed
def _to_follow(actor: Actor, today: date, *, most: int, only_late: bool) -> Any:
    """Sheets with at most three late steps each, `late_list`."""
    rows = followed(actor, today)
    if only_late:
        rows = rows.filter(rules.late_sheets(today))
    steps = SheetStep.objects.filter(late(today), sheet=OuterRef("pk")).order_by("due_on", "pk").values(
        json=JSONObject(
            label="label", due="due_on", owner="owner_id", given="owner__given_name", family="owner__family_name"
        )
    )  # fmt: skip
    ended = Case(When(ends__lt=today, then=Value(0)), default=Value(1))
    rows = rows.select_related("plan", "lead_person").only(*SHEET).annotate(late_list=ArraySubquery(steps[:3]))
    return rows.order_by(ended, F("ends").asc(nulls_last=True), "plan_id", "number")[:most]


def said(step: dict[str, Any], actor: Actor) -> LateStep:
    asked = f"{step['given']} {step['family']}" if step["owner"] else ""
    return LateStep(step["label"], date.fromisoformat(step["due"]), asked, step["owner"] == actor.person_id)
