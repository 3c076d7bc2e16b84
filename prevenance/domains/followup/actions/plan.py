"""The individual plan: goals, and steps towards them."""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.followup.analysis.reading import key_of, sealed
from prevenance.domains.followup.models import FollowUp, Goal, Step
from prevenance.domains.followup.rules import lists, work
from prevenance.domains.followup.rules.files import check_seen


@action(_("Objectif fixé"))
def add_goal(
    *,
    followup: FollowUp,
    theme: str,
    words: str,
    family_part: str = "",
    due_on: date | None = None,
    guard: str = "",
    by: Actor,
) -> Goal:
    """A goal of the plan. `guard`: categories of what the guard found and was confirmed. Raises Refused, Stale."""
    file = FollowUp.objects.locked(followup)
    work.check_can_plan(file, by)
    work.check_due(due_on, file)
    lists.check_code("themes", theme)
    goal = Goal(followup=file, body=file.body, set_on=timezone.localdate(), set_by=by.person, due_on=due_on)
    sealed(goal, key_of(file), theme=theme, words=words, family_part=family_part, state=work.AIMED).save()
    audit.record(by=by, scope=file.trail, subject=goal, **_guard(guard))
    return goal


def _guard(categories: str) -> dict[str, str]:
    """What the audit keeps of a warning that was passed over: its categories, and no word."""
    return {"guard": "kept", "about": categories} if categories else {}


@action(_("Objectif modifié"))
def edit_goal(
    *,
    goal: Goal,
    seen: int,
    theme: str,
    words: str,
    family_part: str,
    state: str,
    due_on: date | None,
    guard: str = "",
    by: Actor,
) -> Goal:
    """Change a goal, or close it by another state than « En cours ». Raises Refused, Stale."""
    file = FollowUp.objects.locked(goal.followup)
    goal = Goal.objects.select_for_update().get(pk=goal.pk, followup=file)
    work.check_can_plan(file, by)
    work.check_goal_runs(goal)
    check_seen(goal, seen)
    work.check_due(due_on, file)
    lists.check_code("themes", theme)
    lists.check_code("goal_states", state)
    sealed(goal, key_of(file), theme=theme, words=words, family_part=family_part, state=state)
    goal.due_on = due_on
    goal.ended_on = None if state == work.AIMED else timezone.localdate()
    goal.edit += 1
    goal.save()
    audit.record(by=by, scope=file.trail, subject=goal, ended=goal.ended_on is not None, **_guard(guard))
    return goal


@action(_("Étape ajoutée"))
def add_step(
    *,
    goal: Goal,
    kind: str,
    words: str = "",
    carried_by: int | None = None,
    due_on: date | None = None,
    guard: str = "",
    by: Actor,
) -> Step:
    """A step towards a goal, carried by a member who takes part. Raises Refused, Stale."""
    file = FollowUp.objects.locked(goal.followup)
    goal = Goal.objects.select_for_update().get(pk=goal.pk, followup=file)
    work.check_can_plan(file, by)
    work.check_goal_runs(goal)
    work.check_carrier(file, carried_by)
    work.check_due(due_on, file)
    lists.check_code("steps", kind)
    step = Step(followup=file, body=file.body, goal=goal, carried_by_id=carried_by, due_on=due_on)
    sealed(step, key_of(file), kind=kind, words=words).save()
    audit.record(by=by, scope=file.trail, subject=step, goal=goal.pk, **_guard(guard))
    return step


@action(_("Étape modifiée"))
def edit_step(
    *,
    step: Step,
    seen: int,
    kind: str,
    words: str,
    carried_by: int | None,
    due_on: date | None,
    guard: str = "",
    by: Actor,
) -> Step:
    """Change a step that is not done. Raises Refused, Stale."""
    file, step = _locked(step)
    work.check_can_change_step(step, file, by)
    check_seen(step, seen)
    work.check_carrier(file, carried_by)
    work.check_due(due_on, file)
    lists.check_code("steps", kind)
    sealed(step, key_of(file), kind=kind, words=words)
    step.carried_by_id, step.due_on = carried_by, due_on
    step.edit += 1
    step.save()
    audit.record(by=by, scope=file.trail, subject=step, **_guard(guard))
    return step


@action(_("Résultat d’une étape noté"))
def do_step(*, step: Step, result: str, done_on: date, by: Actor) -> Step:
    """What a step gave, from a closed list. Raises Refused, and Stale at a second click."""
    file, step = _locked(step)
    work.check_can_do(step, file, by)
    work.check_day(done_on, file.opened_on)
    lists.check_code("results", result)
    sealed(step, key_of(file), result=result)
    step.done_on = done_on
    step.edit += 1
    step.save()
    audit.record(by=by, scope=file.trail, subject=step, done_on=done_on)
    return step


def _locked(step: Step) -> tuple[FollowUp, Step]:
    file = FollowUp.objects.locked(step.followup)
    return file, Step.objects.select_for_update().get(pk=step.pk, followup=file)
