"""Lead an action sheet as an experiment, and record what is decided of it."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.models import Decision
from prevenance.domains.governance.rules.confidential import check_names_nobody
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.strategy.models import Experiment, ExperimentDecision, Indicator, Sheet
from prevenance.domains.strategy.rules import experiments as rules


@dataclass(frozen=True)
class Protocol:
    """What is expected, compared with what, measured how, until when."""

    hypothesis: str
    comparison: str
    ends_on: date
    indicator: Indicator | None = None
    measured_by: str = ""


@dataclass(frozen=True)
class Outcome:
    """What was decided: `until` for an extension; `decision` when a council took it."""

    outcome: str
    reason: str
    decided_on: date
    until: date | None = None
    decision: Decision | None = None


@action(_("Action menée en expérimentation"))
def lead_as_experiment(*, sheet: Sheet, told: Protocol, by: Actor) -> Experiment:
    sheet = Sheet.objects.select_for_update(of=("self",)).select_related("plan__council").get(pk=sheet.pk)
    rules.check_can_lead(sheet, by)
    experiment = _write(Experiment(sheet=sheet), told)
    audit.record(by=by, scope=sheet.plan.trail, subject=experiment, sheet=sheet.pk, ends=told.ends_on)
    return experiment


@action(_("Protocole d’expérimentation modifié"))
def edit_experiment(*, experiment: Experiment, told: Protocol, seen: int, by: Actor) -> Experiment:
    """Raises Stale when it changed since the form showed it."""
    experiment = _locked(experiment)
    rules.check_can_change(experiment, by)
    _check_seen(experiment, seen)
    experiment.edit += 1
    _write(experiment, told)
    audit.record(by=by, scope=experiment.sheet.plan.trail, subject=experiment, ends=told.ends_on)
    return experiment


@action(_("Suite d’une expérimentation"))
def decide(*, experiment: Experiment, told: Outcome, seen: int, by: Actor) -> ExperimentDecision:
    """Extended until another day, generalised or stopped. What was decided is never rewritten."""
    experiment = _locked(experiment)
    rules.check_can_decide(experiment, by)
    _check_seen(experiment, seen)
    rules.check_outcome(experiment, told.outcome, told.until, told.decided_on, told.decision)
    if not told.reason:
        raise Refused(_now("Dites pourquoi : c’est ce que d’autres territoires liront."))
    check_names_nobody(told.reason, titles=True)
    decided = ExperimentDecision.objects.create(
        experiment=experiment, outcome=told.outcome, until=told.until, reason=told.reason, decision=told.decision,
        decided_on=told.decided_on, by=by.person,
    )  # fmt: skip
    experiment.outcome = told.outcome
    experiment.ends_on = told.until or experiment.ends_on
    experiment.edit += 1
    experiment.save()
    audit.record(by=by, scope=experiment.sheet.plan.trail, subject=experiment, outcome=told.outcome, until=told.until)
    return decided


def _write(experiment: Experiment, told: Protocol) -> Experiment:
    rules.check_protocol(told.indicator, told.measured_by, told.ends_on)
    check_names_nobody(told.hypothesis, told.comparison, told.measured_by, titles=True)
    experiment.hypothesis, experiment.comparison = told.hypothesis, told.comparison
    experiment.indicator, experiment.measured_by = told.indicator, told.measured_by
    experiment.ends_on = told.ends_on
    experiment.save()
    return experiment


def _locked(experiment: Experiment) -> Experiment:
    rows = Experiment.objects.select_for_update(of=("self",)).select_related("sheet__plan__council")
    return rows.get(pk=experiment.pk)


def _check_seen(experiment: Experiment, seen: int) -> None:
    if experiment.edit != seen:
        raise Stale(_now("Cette expérimentation a changé ailleurs : vérifiez, puis enregistrez à nouveau."))
