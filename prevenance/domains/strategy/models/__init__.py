"""The strategy, the plans built on it, their sheets and indicators, the toolbox."""

from prevenance.domains.strategy.models.catalogue import Axis, Correspondence, Measure, Strategy, StrategyAction
from prevenance.domains.strategy.models.documents import PlanDocument
from prevenance.domains.strategy.models.imports import TableImport
from prevenance.domains.strategy.models.indicators import (
    WIDE,
    Indicator,
    IndicatorTotal,
    IndicatorValue,
    MeasureProgress,
    PlanIndicator,
    Reporters,
    reach,
    sent_to,
)
from prevenance.domains.strategy.models.plans import (
    Amendment,
    Change,
    Plan,
    Provision,
    dropped,
    held_plan,
    near,
    read_plans,
)
from prevenance.domains.strategy.models.sheets import (
    BudgetLine,
    PreventionSession,
    Sheet,
    SheetNote,
    SheetResource,
    SheetSite,
    SheetStateChange,
    SheetStep,
)
from prevenance.domains.strategy.models.toolbox import (
    Experiment,
    ExperimentDecision,
    Success,
    ToolEvidence,
    ToolSheet,
)

__all__ = [
    "WIDE",
    "Amendment",
    "Axis",
    "BudgetLine",
    "Change",
    "Correspondence",
    "Experiment",
    "ExperimentDecision",
    "Indicator",
    "IndicatorTotal",
    "IndicatorValue",
    "Measure",
    "MeasureProgress",
    "Plan",
    "PlanDocument",
    "PlanIndicator",
    "PreventionSession",
    "Provision",
    "Reporters",
    "Sheet",
    "SheetNote",
    "SheetResource",
    "SheetSite",
    "SheetStateChange",
    "SheetStep",
    "Strategy",
    "StrategyAction",
    "Success",
    "TableImport",
    "ToolEvidence",
    "ToolSheet",
    "dropped",
    "held_plan",
    "near",
    "reach",
    "read_plans",
    "sent_to",
]
