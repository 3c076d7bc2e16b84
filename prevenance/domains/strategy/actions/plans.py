"""Open a plan, change what frames it, declare its end."""

from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.jobs import run_soon
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Scope
from prevenance.domains.governance.models import Council
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.strategy.models import Amendment, Plan, Strategy
from prevenance.domains.strategy.rules import plans as rules
from prevenance.domains.strategy.rules.plan_kinds import kind_of, kinds_on


@dataclass(frozen=True)
class Told:
    """What frames a plan: its title and dates, the plan that it stands under and in what it is compatible."""

    title: str
    begins: date
    ends: date
    parent: Plan | None = None
    compatibility: str = ""
    council: Council | None = None


@action(_("Plan ouvert"))
def open_plan(*, kind: str, told: Told, strategy: Strategy, by: Actor) -> Plan:
    """A plan in preparation, with its first text to write (amendment 0)."""
    rules.check_can_open_plans(by)
    place = rules.place_of(by)
    if place is None:
        raise Refused(_now("Un plan s’ouvre sous un mandat qui en tient."))
    today = timezone.localdate()
    # Two clicks come one after the other: the second finds the first one's plan.
    Scope.objects.select_for_update(of=("self",)).get(pk=place.scope.pk)
    rules.check_can_open_plan(place, kind, by, today)
    wanted, council = kinds_on(today)[kind], place.council or told.council
    if council is not None:
        rules.check_council(council, wanted, place.scope, today)
    rules.check_parent(wanted, place.territory, told.parent, today)
    rules.check_dates(told.begins, told.ends)
    plan = Plan.objects.create(
        kind=kind, title=told.title, territory=place.territory, scope=place.scope, council=council, strategy=strategy,
        parent=told.parent, compatibility=told.compatibility, begins=told.begins, ends=told.ends, created_by=by.person,
    )  # fmt: skip
    Amendment.objects.create(plan=plan, number=0, title=_now("Texte initial"), prepared_by=by.person)
    audit.record(by=by, scope=plan.trail, subject=plan, kind=kind)
    return plan


def _locked(plan: Plan) -> Plan:
    rows = Plan.objects.select_for_update(of=("self",)).select_related("scope", "council", "territory", "parent")
    return rows.get(pk=plan.pk)


@action(_("Plan modifié"))
def edit_plan(*, plan: Plan, told: Told, seen: int, by: Actor) -> Plan:
    """Change what frames a plan. Raises Stale when it changed since the form showed it.

    `told.council` is left out: a plan stays with the council that carries it.
    """
    plan = _locked(plan)
    rules.check_can_change_plan(plan, by)
    if plan.edit != seen:
        raise Stale(_now("Ce plan a été modifié ailleurs : vérifiez, puis enregistrez à nouveau."))
    rules.check_same_terms(plan, told.title, told.begins, told.ends)
    rules.check_dates(told.begins, told.ends)
    if told.parent != plan.parent:
        rules.check_parent(kind_of(plan), plan.territory, told.parent, timezone.localdate())
    plan.title, plan.begins, plan.ends = told.title, told.begins, told.ends
    plan.parent, plan.compatibility = told.parent, told.compatibility
    plan.edit += 1
    plan.save()
    audit.record(by=by, scope=plan.trail, subject=plan, edit=plan.edit)
    return plan


@action(_("Fin d’un plan déclarée"))
def end_plan(*, plan: Plan, on: date, by: Actor) -> Plan:
    """`on` is the plan's last day. Its drafts of amendments stay unused; its text stays readable."""
    plan = _locked(plan)
    if plan.ended_on is not None:
        raise Stale(_now("La fin de ce plan est déjà déclarée."))
    rules.check_can_end_plan(plan, by)
    rules.check_last_day(plan, on)
    plan.ended_on = on
    plan.save()
    audit.record(by=by, scope=plan.trail, subject=plan, on=on)
    run_soon("strategy.recount_progress")
    return plan
