"""What the screens of action sheets show: a sheet with all that hangs on it, in few queries; totals, dates, budgets."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    CharField,
    Count,
    JSONField,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Cast, Coalesce, JSONObject
from django.utils import timezone
from django.utils.translation import gettext as _

from prevenance.core.composed import composed
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.models import Upload
from prevenance.domains.strategy.models import (
    Amendment,
    BudgetLine,
    Change,
    Measure,
    Plan,
    PreventionSession,
    Provision,
    Sheet,
    SheetNote,
    SheetResource,
    SheetSite,
    SheetStateChange,
    SheetStep,
    StrategyAction,
)
from prevenance.domains.strategy.rules import sheets as rules

RELATED = ("plan__council", "plan__territory", "lead", "lead_person", "brought_by", "withdrawn_by", "origin")


def of_plan(plan: Plan | int, *, held: bool) -> Any:
    """Standing sheets of a plan that somebody was found to read; those of a draft are for those who hold it. What
    SheetQuerySet.visible_to gives, without asking of each sheet whether its plan is read."""
    found = Sheet.objects.standing().filter(plan=plan)
    return found if held else found.filter(brought_by__state=Amendment.State.IN_FORCE)


def with_lateness(sheets: Any, today: date | None = None) -> Any:
    """Sheets, each with `step_counts`: how many steps are late, left and done, in the same query."""
    steps = SheetStep.objects.filter(sheet=OuterRef("pk")).order_by().values("sheet")
    counted = steps.annotate(
        json=JSONObject(
            late=Count("pk", filter=Q(done_on=None, due_on__lt=today or timezone.localdate())),
            left=Count("pk", filter=Q(done_on=None)),
            done=Count("done_on"),
        )
    )
    none = Value({"late": 0, "left": 0, "done": 0}, JSONField())
    return sheets.annotate(step_counts=Coalesce(Subquery(counted.values("json")), none))


def is_late(sheet: Any, today: date | None = None) -> bool:
    """`rules.is_late`, for a sheet of `with_lateness`."""
    return sheet.state not in rules.CLOSED and (sheet.step_counts["late"] > 0 or rules.is_late(sheet, on=today))


# What a line of the list shows of a sheet: rows and not models, which took longer to make than to read.
SHOWN = (
    "number", "title", "state", "ends", "lead__name", "lead_person__given_name", "lead_person__family_name",
    "brought_by__state", "step_counts",
)  # fmt: skip


@composed
def first_lines(plan: int, today: date, *, held: bool, rows: int) -> Any:
    """The first lines of the list of a plan's sheets, when nothing narrows it."""
    sheets = with_lateness(of_plan(plan, held=held), today).order_by("number")
    return sheets.values_list(*SHOWN, named=True)[:rows]


@composed
def measures_served(plan: int, *, held: bool) -> Any:
    """Measures that sheets of the plan serve."""
    sheets = of_plan(plan, held=held).order_by()
    return Measure.objects.filter(pk__in=sheets.values("serves__measure")).order_by("number")


@composed
def leads_of(plan: int, *, held: bool) -> Any:
    """(id, name) of the organisations that lead sheets of the plan."""
    sheets = of_plan(plan, held=held).exclude(lead=None)
    return sheets.order_by("lead__sort_name").values_list("lead", "lead__name").distinct()


# ------------------------------------------------------------------------------------------------------- one sheet


@composed
def read(plan: int, actor: Actor, *, number: int, held: bool) -> Any:
    """A sheet in full, of a plan that the actor was found to read. A plan has a few dozen numbers, each a text of
    its own. Joined to its plan, the sheet took longer to plan than both take apart."""
    sheets = in_full(Sheet.objects.filter(plan=plan, number=number), actor)
    return (sheets if held else sheets.filter(brought_by__state=Amendment.State.IN_FORCE))[:1]


@composed
def steps_of(sheet: int) -> Any:
    return SheetStep.objects.filter(sheet=sheet).select_related("owner").order_by("position", "pk")


def in_full(sheets: Any, actor: Actor) -> Any:
    """Sheets with what is small and hangs on them as JSON: one query instead of seven.

    `draft` is the number of the amendment being prepared, None when there is none; it is for those who hold the plan.
    """
    own = OuterRef("pk")
    drafts = Amendment.objects.filter(plan=OuterRef("plan"), state=Amendment.State.DRAFT).order_by("-number")
    partners = Sheet.partners.through.objects.filter(sheet=own).order_by("organisation__sort_name", "organisation")
    documents = Sheet.documents.through.objects.filter(sheet=own, upload__in=Upload.objects.visible_to(actor))
    documents = documents.order_by("-upload__added_at", "-upload")
    counts = PreventionSession.objects.filter(sheet=own).order_by().values("sheet")
    return sheets.select_related("lead", "lead_person", "brought_by", "withdrawn_by", "origin").annotate(
        draft=Subquery(drafts.values("number")[:1]),
        partner_list=ArraySubquery(partners.values("organisation__name")),
        document_list=ArraySubquery(documents.values(json=JSONObject(key="upload__key", name="upload__name"))),
        site_list=ArraySubquery(
            SheetSite.objects.filter(sheet=own).order_by("territory__sort_name", "pk").values(
                json=JSONObject(pk="pk", name="territory__name", label="label", longitude="longitude",
                                latitude="latitude")
            )
        ),
        resource_list=ArraySubquery(
            SheetResource.objects.filter(sheet=own).order_by("pk").values(
                json=JSONObject(pk="pk", kind="kind", label="label", quantity=Cast("quantity", CharField()),
                                unit="unit")
            )
        ),
        line_list=ArraySubquery(
            BudgetLine.objects.filter(sheet=own).order_by("year", "side", "pk").values(
                json=JSONObject(pk="pk", year="year", side="side", label="label",
                                planned=Cast("planned", CharField()), actual=Cast("actual", CharField()))
            )
        ),
        session_counts=Subquery(
            counts.annotate(json=JSONObject(
                sessions=Count("pk"), attended=Sum("attended"), girls=Sum("girls"), boys=Sum("boys"),
                by_peers=Count("peers"),
            )).values("json")
        ),
    )  # fmt: skip


@dataclass
class Year:
    """The budget of a year: its lines, what is spent and brought, planned and actual, and the balances."""

    year: int
    lines: list[dict[str, Any]] = field(default_factory=list)
    totals: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    @property
    def balance(self) -> Decimal:
        return self.totals["income"] - self.totals["expense"]

    @property
    def actual_balance(self) -> Decimal:
        return self.totals["income_actual"] - self.totals["expense_actual"]

    @property
    def has_actual(self) -> bool:
        return any(line["actual"] is not None for line in self.lines)


def budget_of(lines: list[dict[str, Any]]) -> list[Year]:
    """Lines of `in_full` by year; an amount that is not known yet counts for nothing, and stays unknown in its line."""
    years: dict[int, Year] = {}
    for line in lines:
        one = years.setdefault(line["year"], Year(line["year"]))
        line["planned"] = Decimal(line["planned"])
        line["actual"] = None if line["actual"] is None else Decimal(line["actual"])
        line["side_label"] = BudgetLine.Side(line["side"]).label
        one.lines.append(line)
        one.totals[line["side"]] += line["planned"]
        one.totals[f"{line['side']}_actual"] += line["actual"] or Decimal()
    return [years[year] for year in sorted(years)]


def means_of(resources: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Resources by nature, human presence and technology first, each under its own heading."""
    found = []
    for kind in SheetResource.Kind:
        rows = [row for row in resources if row["kind"] == kind]
        for row in rows:
            row["quantity"] = None if row["quantity"] is None else Decimal(row["quantity"]).normalize()
        if rows:
            found.append((str(kind.label), rows))
    return found


def journal_of(sheet: Sheet) -> list[dict[str, Any]]:
    """Notes and changes of state, the last first, in one query."""
    rows = sorted(_notes_and_moves(sheet.pk), key=lambda row: (row[0], row[5]), reverse=True)
    return [
        {
            "at": at, "by": f"{given} {family}", "text": said,
            "state": Sheet.State(state).label if state else "",
        }
        for at, given, family, said, state, _id in rows
    ]  # fmt: skip


@composed
def _notes_and_moves(sheet: int) -> Any:
    names = ("at", "by__given_name", "by__family_name", "said", "state", "id")
    notes = SheetNote.objects.filter(sheet=sheet).order_by().annotate(
        said=Cast("text", CharField()), state=Value("", output_field=CharField())
    ).values_list(*names)  # fmt: skip
    moves = SheetStateChange.objects.filter(sheet=sheet).order_by().annotate(
        said=Cast("reason", CharField()), moved=Cast("state", CharField())
    ).values_list("at", "by__given_name", "by__family_name", "said", "moved", "id")  # fmt: skip
    return notes.union(moves, all=True)


@dataclass(frozen=True)
class Texts:
    """The paragraphs of the problem and of the objective; `drafted`: what a draft says, for those who hold the plan."""

    problem: list[str]
    objective: list[str]
    drafted: bool = False


def texts_of(sheet: Sheet, *, holder: bool) -> Texts:
    """In force today; for those who hold the plan, what the draft that brings the sheet says while it is one."""
    parts = {rules.part(sheet.number, which): which for which in rules.TEXTS}
    found: dict[str, list[str]] = {which: [] for which in rules.TEXTS}
    drafted = sheet.brought_by.state != Amendment.State.IN_FORCE
    if drafted and not holder:
        return Texts([], [])
    if drafted:
        changes = Change.objects.filter(amendment=sheet.brought_by, part__in=parts).exclude(kind=Change.Kind.REMOVE)
        rows: Any = changes.order_by("part", "position", "pk").values_list("part", "text")
    else:
        rows = _in_force(sheet.plan_id, timezone.localdate(), parts=tuple(parts))
    for key, text in rows:
        found[parts[key]].append(text)
    return Texts(found["problem"], found["objective"], drafted)


@composed
def _in_force(plan: int, day: date, *, parts: tuple[str, ...]) -> Any:
    rows = Provision.objects.filter(plan=plan, part__in=parts).on(day)
    return rows.order_by("part", "position", "pk").values_list("part", "text")


@composed
def _actions_served(sheet: int) -> Any:
    links = Sheet.serves.through.objects.filter(sheet=sheet).order_by().values("strategyaction")
    return StrategyAction.objects.filter(pk__in=links).select_related("measure").order_by("rank")


def served_by(sheet: Sheet) -> list[tuple[str, list[StrategyAction]]]:
    """[(measure, its actions that the sheet serves)]."""
    by_measure: dict[str, list[StrategyAction]] = defaultdict(list)
    for action in _actions_served(sheet.pk):
        by_measure[str(action.measure)].append(action)
    return list(by_measure.items())


# ------------------------------------------------------------------------------------------------------- many


def dated(sheets: Any, first: date, last: date) -> dict[date, list[dict[str, Any]]]:
    """{day: what is due, begins, ends or was held}, for the sheets given, between two days. Three queries."""
    days: dict[date, list[dict[str, Any]]] = defaultdict(list)
    between = (first, last)
    today = timezone.localdate()
    own = sheets.order_by().values("pk")
    steps = SheetStep.objects.filter(sheet__in=own, due_on__range=between)
    for step in steps.select_related("sheet").order_by("due_on", "sheet__number", "position"):
        word = _("fait") if step.done_on else (_("en retard") if rules.step_is_late(step, today) else "")
        days[step.due_on].append({"kind": _("Étape"), "text": step.label, "sheet": step.sheet, "word": word})
    held = PreventionSession.objects.filter(sheet__in=own, held_on__range=between)
    for session in held.select_related("sheet").order_by("held_on", "sheet__number", "pk"):
        text = _("%(people)d présents") % {"people": session.attended}
        days[session.held_on].append({"kind": _("Séance"), "text": text, "sheet": session.sheet, "word": ""})
    for sheet in sheets.filter(Q(begins__range=between) | Q(ends__range=between)).order_by("number"):
        for day, kind in ((sheet.begins, _("Début")), (sheet.ends, _("Fin"))):
            if day and first <= day <= last:
                days[day].append({"kind": kind, "text": sheet.title, "sheet": sheet, "word": ""})
    return days


@dataclass(frozen=True)
class Bar:
    """A sheet on the line of time: `left` and `width` in thousandths of it, None when it has no date."""

    sheet: Any
    left: int | None
    width: int
    late: bool
    marks: list[tuple[int, str]]  # steps: thousandths, and "done", "late" or "coming"


def bars(sheets: list[Any], first: date, last: date, today: date) -> list[Bar]:
    """Each sheet as a bar between `first` and `last`; one query for the steps."""
    span = max((last - first).days, 1)

    def at(day: date) -> int:
        return round(1000 * min(max((day - first).days, 0), span) / span)

    marks: dict[int, list[tuple[int, str]]] = defaultdict(list)
    steps = SheetStep.objects.filter(sheet__in=[sheet.pk for sheet in sheets], due_on__range=(first, last))
    for sheet, due, done in steps.order_by("due_on", "pk").values_list("sheet", "due_on", "done_on"):
        marks[sheet].append((at(due), "done" if done else "late" if due < today else "coming"))
    found = []
    for sheet in sheets:
        begins, ends = sheet.begins or sheet.ends, sheet.ends or sheet.begins
        shown = begins is not None and ends >= first and begins <= last
        left = at(begins) if shown else None
        width = max(at(ends) - left, 6) if shown and left is not None else 0
        found.append(Bar(sheet, left, width, is_late(sheet, today), marks[sheet.pk]))
    return found


def span_of(plan: Plan, sheets: list[Any]) -> tuple[date, date]:
    """From the first to the last day told by the plan or by its sheets."""
    days = [plan.begins, plan.ends, *(day for sheet in sheets for day in (sheet.begins, sheet.ends) if day)]
    return min(days), max(days)


@dataclass(frozen=True)
class Slip:
    """A sheet as a slip of `days` would leave it."""

    sheet: Sheet
    steps: list[SheetStep]
    begins: date | None
    ends: date | None


def slip(sheets: list[Sheet], days: int) -> list[Slip]:
    """What `actions.sheets.shift_dates` would do; each step has `moved`, its day afterwards. One query."""
    by_sheet: dict[int, list[SheetStep]] = defaultdict(list)
    steps = SheetStep.objects.filter(sheet__in=[sheet.pk for sheet in sheets], done_on=None).exclude(due_on=None)
    for step in steps.order_by("position", "pk"):
        step.moved = step.due_on + timedelta(days=days)
        by_sheet[step.sheet_id].append(step)

    def moved(day: date | None) -> date | None:
        return day + timedelta(days=days) if day else None

    return [
        Slip(
            sheet, by_sheet[sheet.pk], moved(sheet.begins) if sheet.state in rules.NOT_BEGUN else sheet.begins,
            moved(sheet.ends),
        )
        for sheet in sheets
    ]  # fmt: skip


def session_totals(sessions: Any) -> dict[str, Any]:
    """Sessions by setting with who came, and the total; girls and boys as far as they were told apart."""
    columns = {
        "held": Count("pk"), "people": Sum("attended"), "girls_met": Sum("girls"), "boys_met": Sum("boys"),
        "with_peers": Count("peers"), "peers_met": Sum("peers"),
    }  # fmt: skip
    rows = list(sessions.order_by().values("setting").annotate(**columns).order_by("setting"))
    for row in rows:
        row["label"] = PreventionSession.Setting(row["setting"]).label
    total = {name: sum(row[name] or 0 for row in rows) for name in columns}
    return {"rows": rows, "total": total}
