"""Define indicators, and say which of them a plan follows, from where and to where."""

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.jobs import run_soon
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.strategy.models import Indicator, Plan, PlanIndicator, Sheet, StrategyAction
from prevenance.domains.strategy.rules import indicators as rules


@dataclass(frozen=True)
class Definition:
    """What an indicator is, as Indicator's fields say it."""

    label: str
    unit: str
    nature: str
    time_rule: str
    territory_rule: str
    period: str
    level: str
    source: str
    definition: str = ""
    numerator_label: str = ""
    denominator_label: str = ""
    split: str = Indicator.Split.NONE
    direction: str = Indicator.Direction.NONE
    due_days: int = 30
    begins: date | None = None


@dataclass(frozen=True)
class Aim:
    """Where an indicator starts from in a plan, and where it should be when."""

    baseline: Decimal | None = None
    baseline_on: date | None = None
    target: Decimal | None = None
    target_on: date | None = None


@action(_("Indicateur défini"))
def define_indicator(
    *, plan: Plan, told: Definition, serves: list[StrategyAction] | None = None, by: Actor
) -> Indicator:
    """A new indicator of a plan, which follows it."""
    plan = _plan(plan)
    rules.check_can_keep_indicators(plan, by)
    rules.check_makes_sense(plan, asdict(told))
    _check_label_is_free(plan, told.label)
    indicator = Indicator.objects.create(plan=plan, **asdict(told))
    indicator.serves.set(serves or [])
    PlanIndicator.objects.create(plan=plan, indicator=indicator)
    audit.record(by=by, scope=plan.trail, subject=indicator, plan=plan.pk, nature=told.nature, level=told.level)
    run_soon("strategy.recount_progress")
    return indicator


@action(_("Indicateur modifié"))
def edit_indicator(
    *, indicator: Indicator, told: Definition, seen: int, serves: list[StrategyAction] | None = None, by: Actor
) -> Indicator:
    """Correct a definition. Once a value is accepted, what figures mean no longer changes."""
    indicator = _indicator(indicator)
    rules.check_can_edit(indicator, by)
    if indicator.edit != seen:
        raise Stale(_now("Cet indicateur a été modifié ailleurs : vérifiez, puis enregistrez à nouveau."))
    rules.check_makes_sense(indicator.plan, asdict(told))
    rules.check_fixed(indicator, asdict(told))
    if told.label != indicator.label:
        _check_label_is_free(indicator.plan, told.label)
    for name, value in asdict(told).items():
        setattr(indicator, name, value)
    indicator.edit += 1
    indicator.save()
    if serves is not None:
        indicator.serves.set(serves)
    audit.record(by=by, scope=indicator.plan.trail, subject=indicator, edit=indicator.edit)
    run_soon("strategy.recount_progress")
    return indicator


@action(_("Indicateur abandonné"))
def retire_indicator(*, indicator: Indicator, by: Actor) -> Indicator:
    """No period that begins from today on is asked any more; what was reported stays."""
    indicator = _indicator(indicator)
    rules.check_can_edit(indicator, by)
    indicator.retired_on = timezone.localdate()
    indicator.edit += 1
    indicator.save()
    audit.record(by=by, scope=indicator.plan.trail, subject=indicator, on=indicator.retired_on)
    return indicator


@action(_("Indicateur suivi"))
def follow_indicator(
    *, plan: Plan, indicator: Indicator, aim: Aim | None = None, sheet: Sheet | None = None, by: Actor
) -> PlanIndicator:
    """Follow an indicator in a plan, or for one of its sheets."""
    plan = _plan(plan)
    rules.check_can_follow(plan, indicator, sheet, by)
    aim = aim or Aim()
    try:
        with transaction.atomic():
            followed = PlanIndicator.objects.create(plan=plan, indicator=indicator, sheet=sheet, **asdict(aim))
    except IntegrityError as already:
        raise Stale(_now("Ce plan suit déjà cet indicateur.")) from already
    audit.record(
        by=by, scope=plan.trail, subject=followed, indicator=indicator.pk, sheet=sheet.number if sheet else None
    )
    run_soon("strategy.recount_progress")
    return followed


@action(_("Cible d’un indicateur"))
def set_aim(*, followed: PlanIndicator, aim: Aim, by: Actor) -> PlanIndicator:
    followed = _followed(followed)
    rules.check_can_change_followed(followed, by)
    for name, value in asdict(aim).items():
        setattr(followed, name, value)
    followed.save()
    audit.record(by=by, scope=followed.plan.trail, subject=followed, on=aim.target_on)
    return followed


@action(_("Indicateur plus suivi"))
def stop_following(*, followed: PlanIndicator, by: Actor) -> None:
    followed = _followed(followed)
    rules.check_can_stop_following(followed, by)
    audit.record(by=by, scope=followed.plan.trail, subject=followed, indicator=followed.indicator_id)
    followed.delete()
    run_soon("strategy.recount_progress")


def _check_label_is_free(plan: Plan, label: str) -> None:
    if Indicator.objects.filter(plan=plan, label=label).exists():
        raise Refused(_now("Ce plan a déjà un indicateur de cet intitulé."))


def _plan(plan: Plan) -> Plan:
    rows = Plan.objects.select_for_update(of=("self",)).select_related("territory", "council")
    return rows.get(pk=plan.pk)


def _indicator(indicator: Indicator) -> Indicator:
    rows = Indicator.objects.select_for_update(of=("self",))
    return rows.select_related("plan__territory", "plan__council").get(pk=indicator.pk)


def _followed(followed: PlanIndicator) -> PlanIndicator:
    """Raises Stale when it is no longer followed."""
    rows = PlanIndicator.objects.select_for_update(of=("self",)).select_related("plan__council", "indicator")
    found = rows.filter(pk=followed.pk).first()
    if found is None:
        raise Stale(_now("Cet indicateur n’est plus suivi dans ce plan."))
    return found
