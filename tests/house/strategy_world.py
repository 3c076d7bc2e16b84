"""A plan in force with one of each thing that hangs on it, held by the world's council; what fills in addresses.

The names of arguments in addresses of the strategy say what they are: plan, amendment, sheet, step…
"""

import datetime as dt

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from prevenance.core.row_security import act_as
from prevenance.domains.strategy.models import (
    Amendment,
    BudgetLine,
    PlanDocument,
    PreventionSession,
    SheetResource,
    SheetSite,
    SheetStep,
    TableImport,
)
from prevenance.domains.strategy.rules.documents import place_of
from tests.factories import PersonFactory, coordinator_of
from tests.factories.strategy import (
    ExperimentFactory,
    IndicatorFactory,
    PlanFactory,
    PlanIndicatorFactory,
    SheetFactory,
    SuccessFactory,
    ToolSheetFactory,
    ValueFactory,
    in_force,
    write,
)


class StrategyWorld:
    """`council` is the world's: the plan is its territory's, so that its coordinator and its mayor hold it."""

    def __init__(self, council):
        holder = council.scope.holder
        self.plan = PlanFactory(territory=council.territory, scope=holder, council=council)
        write(self.plan, "preamble", "Un préambule inventé.")
        in_force(self.plan)
        self.amendment = Amendment.objects.create(
            plan=self.plan, number=1, title="Avenant inventé", prepared_by=PersonFactory()
        )
        self.sheet = SheetFactory(plan=self.plan)
        self.step = SheetStep.objects.create(sheet=self.sheet, position=1, label="Étape inventée")
        self.site = SheetSite.objects.create(sheet=self.sheet, territory=council.territory)
        self.resource = SheetResource.objects.create(sheet=self.sheet, kind="human", label="Moyen inventé")
        self.line = BudgetLine.objects.create(sheet=self.sheet, year=2026, side="expense", label="Dépense", planned=10)
        self.session = PreventionSession.objects.create(
            sheet=self.sheet, held_on=dt.date(2026, 3, 4), setting="school", theme="citizenship", age_band="6-11",
            attended=12, recorded_by=PersonFactory(),
        )  # fmt: skip
        self.indicator = IndicatorFactory(plan=self.plan)
        self.followed = PlanIndicatorFactory(indicator=self.indicator)
        self.value_row = ValueFactory(indicator=self.indicator)
        self.document = PlanDocument.objects.create(
            plan=self.plan, on=dt.date(2025, 6, 30), requested_by=PersonFactory(), state="ready"
        )
        default_storage.save(place_of(self.document), ContentFile(b"%PDF-1.4"))
        self.tool = ToolSheetFactory()
        self.success = SuccessFactory(sheet=SheetFactory(plan=self.plan, state="done"))
        self.experiment = ExperimentFactory(sheet=SheetFactory(plan=self.plan))
        holding = coordinator_of(council)
        act_as(holding.mandate_id)
        self.draft = TableImport.objects.create(
            plan=self.plan, subject="sheets", headers=["Intitulé"], rows=[[2, "Fiche"]], created_by=holding.person
        )
        self.table = TableImport.objects.create(
            plan=self.plan, subject="values", headers=["Indicateur", "Code", "Période", "Valeur"],
            rows=[[2, self.indicator.label, council.territory.code, "T1 2025", "3"]], created_by=holding.person,
            mapping={"0": "indicator", "1": "territory", "2": "period", "3": "value"},
        )  # fmt: skip

    def value(self, argument):
        """Argument `argument` of an address of the strategy."""
        return {
            "plan": self.plan.pk, "amendment": self.amendment.number, "sheet": self.sheet.number,
            "step": self.step.pk, "site": self.site.pk, "resource": self.resource.pk, "line": self.line.pk,
            "session": self.session.pk, "indicator": self.indicator.pk, "followed": self.followed.pk,
            "value": self.value_row.pk, "tool": self.tool.key, "success": self.success.pk,
            "experiment": self.experiment.pk, "draft": self.draft.pk, "key": self.document.key, "table": self.table.pk,
            "number": 1, "year": 2025, "part": "preamble",
            "territory": self.plan.territory_id, "starts": "2025-01-01", "subject": "fiches",
            "kind": "quarter",
        }[argument]  # fmt: skip
