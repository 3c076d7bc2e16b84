"""Action sheets of the demonstration's local strategy, with all that hangs on them; a success and an experiment."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from prevenance.core.text import sort_key
from prevenance.domains.pages.seeds.councils import Member, Sitting
from prevenance.domains.pages.seeds.loading import Loader, Shape
from prevenance.domains.pages.seeds.meetings import History
from prevenance.domains.pages.seeds.people import People, data
from prevenance.domains.strategy.models import (
    BudgetLine,
    Experiment,
    PreventionSession,
    Sheet,
    SheetNote,
    SheetResource,
    SheetSite,
    SheetStateChange,
    SheetStep,
    StrategyAction,
    Success,
    ToolSheet,
)

if TYPE_CHECKING:
    from prevenance.domains.pages.seeds.plans import Writing

SHEET = Shape(
    Sheet, "id plan key number title sort_title state brought_by audiences expected reached reached_girls reached_boys"
    " lead lead_person begins ends origin created_by created_at",
)  # fmt: skip
SERVES = Shape(Sheet.serves.through, "sheet strategyaction")
STEP = Shape(SheetStep, "id sheet position label due_on done_on owner")
STATE = Shape(SheetStateChange, "id sheet state reason at by")
NOTE = Shape(SheetNote, "id sheet text at by")
SITE = Shape(SheetSite, "id sheet territory")
RESOURCE = Shape(SheetResource, "id sheet kind label quantity unit")
BUDGET = Shape(BudgetLine, "id sheet year side label planned actual")
SESSION = Shape(
    PreventionSession, "id sheet held_on setting theme age_band girls boys attended peers recorded_by recorded_at"
)  # fmt: skip
SUCCESS = Shape(Success, "id sheet what_worked conditions proof proposed_by proposed_at")
EXPERIMENT = Shape(Experiment, "id sheet hypothesis comparison indicator ends_on")


@cache
def tool(key: str) -> ToolSheet:
    return ToolSheet.objects.prefetch_related("serves").get(key=key)


def write(people: People, plan: "Writing", history: History, indicators: Mapping[str, int]) -> None:
    """`indicators`: label -> identifier."""
    tool.cache_clear()  # an earlier seed of this process knew other rows
    numbers = dict(StrategyAction.objects.order_by("strategy__begins").values_list("number", "pk"))
    for number, told in enumerate(data("plans")["local"]["sheets"], 1):
        _Sheet(people, plan, history, number, told).write(numbers, indicators)


class _Sheet:
    def __init__(
        self, people: People, plan: "Writing", history: History, number: int, told: dict[str, Any]
    ) -> None:  # fmt: skip
        self.people, self.plan, self.history, self.told, self.number = people, plan, history, told, number
        self.loader: Loader = people.loader
        self.pk = self.loader.new_id(Sheet)
        self.amendment, since = plan.amendments[told.get("brought_by", 0)]
        self.since: date = since or self.loader.days(-10)
        self.tool = tool(told["tool"]) if "tool" in told else None
        self.lead = self._lead()

    def _lead(self) -> Member:
        council: Sitting | None = self.plan.council
        assert council is not None
        return council.holder(self.told["lead"]) or council.members[0]

    def write(self, numbers: Mapping[str, int], indicators: Mapping[str, int]) -> None:
        told, loader = self.told, self.loader
        audiences = told.get("audiences") or (self.tool.audiences if self.tool else [])
        serves = [action.number for action in self.tool.serves.all()] if self.tool else told["serves"]
        steps = self._steps()
        due = sorted(step[1] for step in steps)
        loader.add(
            SHEET, self.pk, self.plan.pk, loader.uuid(), self.number, told["title"], sort_key(told["title"]),
            told["state"], self.amendment, audiences, told.get("expected"), told.get("reached"),
            told.get("reached_girls"), told.get("reached_boys"), self.people.organisations[self.lead.organisation],
            self.lead.person, due[0], due[-1], self.tool.pk if self.tool else None, self.plan.author,
            loader.at(self.since, 14),
        )  # fmt: skip
        loader.extend(SERVES, [(self.pk, numbers[number]) for number in serves])
        for position, (label, due_on, done_on) in enumerate(steps, 1):
            owner = self.lead.person
            loader.add(STEP, loader.new_id(SheetStep), self.pk, position, label, due_on, done_on, owner)
        loader.add(SITE, loader.new_id(SheetSite), self.pk, self.plan.place.pk)
        self._states()
        self._lines()
        if self.tool:
            self._audit(self.since, "strategy.adopt", f"strategy.sheet:{self.pk}")
        self._success()
        self._experiment(indicators)

    def _steps(self) -> list[tuple[str, date, date | None]]:
        """Of a tool, its own steps with the days told; else each says its label."""
        told = self.told["steps"]
        if self.tool:
            told = [(label, *days) for label, days in zip(self.tool.steps, told, strict=True)]
        return [
            (label, self.loader.days(due), None if done is None else self.loader.days(done))
            for label, due, done in told
        ]

    def _states(self) -> None:
        """Planned at first, then what it is today."""
        at, by = self.loader.at(self.since, 15), self.plan.author
        first = "idea" if self.told["state"] == "idea" else "planned"
        self.loader.add(STATE, self.loader.new_id(SheetStateChange), self.pk, first, "", at, by)
        if self.told["state"] != first:
            at = self.loader.at(self.loader.days(-40), 15)
            reason = self.told.get("reason", "")
            self.loader.add(
                STATE, self.loader.new_id(SheetStateChange), self.pk, self.told["state"], reason, at, by
            )  # fmt: skip

    def _lines(self) -> None:
        loader, told, by = self.loader, self.told, self.plan.author
        for line in told.get("notes", ()):
            at = loader.at(loader.days(line["days"]), 16)
            loader.add(NOTE, loader.new_id(SheetNote), self.pk, line["text"], at, by)
        for line in told.get("resources", ()):
            loader.add(
                RESOURCE, loader.new_id(SheetResource), self.pk, line["kind"], line["label"], line["quantity"],
                line["unit"],
            )  # fmt: skip
        for line in told.get("budget", ()):
            loader.add(
                BUDGET, loader.new_id(BudgetLine), self.pk, loader.today.year, line["side"], line["label"],
                line["planned"], line.get("actual"),
            )  # fmt: skip
        for line in told.get("sessions", ()):
            day = loader.days(line["days"])
            loader.add(
                SESSION, loader.new_id(PreventionSession), self.pk, day, line["setting"], line["theme"],
                line["age_band"], line["girls"], line["boys"], line["girls"] + line["boys"], line.get("peers"), by,
                loader.at(day, 18),
            )  # fmt: skip

    def _success(self) -> None:
        if told := self.told.get("success"):
            pk, at = self.loader.new_id(Success), self.loader.at(self.loader.days(told["days"]), 10)
            self.loader.add(
                SUCCESS, pk, self.pk, told["what_worked"], told["conditions"], told["proof"], self.plan.author, at
            )  # fmt: skip
            self._audit(self.loader.days(told["days"]), "strategy.propose_success", f"strategy.success:{pk}")

    def _experiment(self, indicators: Mapping[str, int]) -> None:
        if told := self.told.get("experiment"):
            pk, ends_on = self.loader.new_id(Experiment), self.loader.days(told["days"])
            self.loader.add(
                EXPERIMENT, pk, self.pk, told["hypothesis"], told["comparison"], indicators[told["indicator"]], ends_on
            )  # fmt: skip
            self._audit(self.since, "strategy.lead_as_experiment", f"strategy.experiment:{pk}")

    def _audit(self, day: date, action: str, subject: str) -> None:
        self.history.acts.append((self.loader.at(day, 17), action, subject, self.plan.author))
