"""Who defines and follows an indicator, what of it may still change, and its periods."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.strategy.models import Indicator, IndicatorValue, Plan, PlanIndicator, Sheet
from prevenance.domains.strategy.rules.plans import holds_plan
from prevenance.domains.territories.models import Territory
from prevenance.engines.rollup import label, period_end, period_start, periods_between

Kind = Territory.Kind

# What reports at each collecting level, and the levels from the smallest.
REPORTING: dict[str, tuple[str, ...]] = {
    Indicator.Level.LOCAL: (Kind.COMMUNE, Kind.EPT, Kind.EPCI),
    Indicator.Level.DEPARTEMENT: (Kind.DEPARTEMENT,),
    Indicator.Level.REGION: (Kind.REGION,),
    Indicator.Level.NATION: (Kind.NATION,),
}
SIZES = list(Kind.values)

# What a figure is split by; keys are kept in `category`, "" where nothing splits it.
CATEGORIES: dict[str, dict[str, object]] = {
    Indicator.Split.NONE: {"": ""},
    Indicator.Split.SEX: {"girls": gettext_lazy("Filles et femmes"), "boys": gettext_lazy("Garçons et hommes")},
    Indicator.Split.AGE: {
        "0-11": gettext_lazy("moins de 12 ans"),
        "12-15": gettext_lazy("12 à 15 ans"),
        "16-17": gettext_lazy("16 et 17 ans"),
        "18-25": gettext_lazy("18 à 25 ans"),
        "26+": gettext_lazy("26 ans et plus"),
    },
}
# What no longer changes once a value is accepted: figures already reported would mean something else.
FIXED = (
    "unit", "nature", "numerator_label", "denominator_label", "time_rule", "territory_rule", "period", "level", "split",
)  # fmt: skip


def check_can_keep_indicators(plan: Plan, actor: Actor) -> None:
    if not holds_plan(plan, actor):
        raise Refused(_("Seuls ceux qui tiennent ce plan définissent et suivent ses indicateurs."))
    if plan.ended_on is not None and plan.ended_on < timezone.localdate():
        raise Refused(_("Ce plan est terminé : ses indicateurs ne changent plus."))


def check_makes_sense(plan: Plan, told: dict[str, object]) -> None:
    """Whether a definition holds together and suits the plan. `told` maps fields of Indicator to values."""
    ratio = told["nature"] == Indicator.Nature.RATIO
    if ratio and not (told["numerator_label"] and told["denominator_label"]):
        raise Refused(_("Un rapport dit ce qui est compté et à quoi il est rapporté : remplissez les deux."))
    if not ratio and told["denominator_label"]:
        raise Refused(_("Seul un rapport est rapporté à autre chose : videz « rapporté à » ou choisissez « Rapport »."))
    if told["nature"] == Indicator.Nature.STOCK and told["time_rule"] == Indicator.TimeRule.SUM:
        raise Refused(
            _("Un stock ne s’additionne pas dans le temps : choisissez la dernière valeur connue ou la moyenne.")
        )
    smallest = min(SIZES.index(kind) for kind in REPORTING[str(told["level"])])
    if smallest > SIZES.index(plan.territory.kind):
        raise Refused(
            _("Ce plan ne couvre aucun territoire de ce niveau : choisissez un niveau de collecte plus petit.")
        )


def has_accepted(indicator: Indicator) -> bool:
    rows = IndicatorValue.objects.filter(indicator=indicator, state=IndicatorValue.State.ACCEPTED)
    return rows.filter(superseded_at=None).exists()  # a replaced one has a successor: the index holds those alone


def changed_though_fixed(indicator: Indicator, told: dict[str, object]) -> list[str]:
    """Fields of what no longer changes that `told` would change."""
    return [name for name in FIXED if told[name] != getattr(indicator, name)]


def check_can_edit(indicator: Indicator, actor: Actor) -> None:
    check_can_keep_indicators(indicator.plan, actor)
    if indicator.retired_on is not None:
        raise Refused(_("Cet indicateur est abandonné : définissez-en un autre."))


def check_fixed(indicator: Indicator, told: dict[str, object]) -> None:
    if changed_though_fixed(indicator, told) and has_accepted(indicator):
        raise Refused(
            _(
                "Une valeur est déjà acceptée : la nature, l’unité, les cumuls, la période, le niveau et la "
                "ventilation ne changent plus. Abandonnez cet indicateur et définissez-en un autre."
            )
        )


# ------------------------------------------------------------------------------------------------- following


def lineage(plan: Plan) -> list[int]:
    """The plan and those that it stands under, nearest first: one query a generation, three at most."""
    found, above = [plan.pk], plan.parent_id
    while above is not None and above not in found:
        found.append(above)
        above = Plan.objects.filter(pk=above).values_list("parent", flat=True).first()
    return found


def offered(plan: Plan) -> QuerySet[Indicator]:
    """Indicators that a plan may follow: its own, those of the plans it stands under, those of the nation."""
    national = Plan.objects.in_force().filter(kind=Plan.Kind.NATIONAL).values("pk")
    rows = Indicator.objects.filter(Q(plan__in=lineage(plan)) | Q(plan__in=national), retired_on=None)
    return rows.select_related("plan").order_by("sort_label", "pk")


def check_can_follow(plan: Plan, indicator: Indicator, sheet: Sheet | None, actor: Actor) -> None:
    check_can_keep_indicators(plan, actor)
    if not offered(plan).filter(pk=indicator.pk).exists():
        raise Refused(_("Un plan suit ses propres indicateurs, et ceux des plans dont il relève."))
    if sheet is not None and sheet.plan_id != plan.pk:
        raise Refused(_("Cette fiche est d’un autre plan."))


def check_can_change_followed(followed: PlanIndicator, actor: Actor) -> None:
    check_can_keep_indicators(followed.plan, actor)


def check_can_stop_following(followed: PlanIndicator, actor: Actor) -> None:
    check_can_change_followed(followed, actor)
    entered = IndicatorValue.objects.filter(
        indicator=followed.indicator_id, plan=followed.plan_id, sheet=followed.sheet_id
    )
    if entered.exists():
        raise Refused(_("Des valeurs ont été saisies dans ce plan : l’indicateur reste suivi."))


# --------------------------------------------------------------------------------------------------- periods


def due_on(indicator: Indicator, start: date) -> date:
    """The last day to enter the period that begins on `start`."""
    return period_end(start, indicator.period) + timedelta(days=indicator.due_days)


def first_period(plan: Plan, indicator: Indicator) -> date:
    """The first period asked: the one where the later of the plan and the indicator begins."""
    began = max(plan.in_force_from or plan.begins, indicator.begins or date.min)
    return period_start(began, indicator.period)


def periods_asked(plan: Plan, indicator: Indicator, today: date) -> list[date]:
    """First days of the periods that a plan has to enter: begun, and none once the plan or the indicator has ended."""
    last = min(today, *(day for day in (plan.ended_on, indicator.retired_on) if day is not None), date.max)
    return periods_between(first_period(plan, indicator), last, indicator.period)


def state_of_period(indicator: Indicator, start: date, entered: bool, today: date) -> str:
    """`entered`, `running` (not over yet), `missing` (over, still time) or `late`."""
    if entered:
        return "entered"
    if period_end(start, indicator.period) >= today:
        return "running"
    return "late" if due_on(indicator, start) < today else "missing"


def named(starts: Iterable[date], kind: str) -> list[tuple[date, str]]:
    return [(start, label(start, kind)) for start in starts]
