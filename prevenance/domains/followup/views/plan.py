"""The individual plan of a file: goals, steps, what they gave."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from prevenance.core.refusals import reason
from prevenance.domains.followup import actions
from prevenance.domains.followup.analysis.plan import goals_of
from prevenance.domains.followup.analysis.reading import key_of, opened_values
from prevenance.domains.followup.forms.work import GoalForm, ResultForm, StepForm
from prevenance.domains.followup.models import Goal, Step
from prevenance.domains.followup.rules import lists, work
from prevenance.domains.followup.views.reading import file_or_reason, read, show
from prevenance.domains.followup.views.writing import given, goes_back, may, posted, tried

TAB = "followup:plan"


@require_safe
@file_or_reason
def plan(request, followup):
    read(request, followup, "plan")
    goals = goals_of(followup)
    refusal = reason(work.check_can_plan, followup, request.actor)
    for goal in goals:
        for step in goal.planned:
            step.may_tell = step.done_on is None and (
                not refusal or (followup.is_open and step.carried_by_id == request.actor.person_id)
            )
    context = {
        "goals": [goal for goal in goals if goal.ended_on is None],
        "ended": [goal for goal in goals if goal.ended_on is not None],
        "refusal": refusal,
    }
    return show(request, "followup/plan/plan.html", followup, TAB, context)


def goal_of(request, followup, goal):
    found = get_object_or_404(Goal.objects.visible_to(request.actor, of=followup), pk=goal)
    found.followup = followup
    return found


def step_of(request, followup, step):
    steps = Step.objects.visible_to(request.actor, of=followup).select_related("goal", "carried_by")
    found = get_object_or_404(steps, pk=step)
    found.followup = followup
    return found


@require_http_methods(["GET", "POST"])
@file_or_reason
@goes_back(TAB)
def goal_add(request, followup):
    may(request, work.check_can_plan, followup, request.actor)
    form = GoalForm(posted(request), new=True)
    done, status = tried(
        form,
        lambda values: actions.add_goal(
            followup=followup, **given(form, "theme", "words", "family_part", "due_on"), by=request.actor
        ),
    )
    if done:
        messages.success(request, _("L’objectif est fixé. Ajoutez ses étapes."))
        return redirect(TAB, followup.pk)
    context = {"form": form, "heading": _("Fixer un objectif"), "back": TAB}
    return show(request, "followup/form.html", followup, TAB, context, status)


@require_http_methods(["GET", "POST"])
@file_or_reason
@goes_back(TAB)
def goal_edit(request, followup, goal):
    """What was typed on an older state stays on screen beside a sentence that says so."""
    goal = goal_of(request, followup, goal)
    may(request, work.check_can_plan, followup, request.actor)
    may(request, work.check_goal_runs, goal)
    initial = opened_values(goal, key_of(followup)) | {"due_on": goal.due_on, "seen": goal.edit}
    form = GoalForm(posted(request), new=False, initial=initial)
    done, status = tried(
        form,
        lambda values: actions.edit_goal(
            goal=goal, seen=values["seen"] or 0,
            **given(form, "theme", "words", "family_part", "state", "due_on"), by=request.actor,
        ),
        now={"seen": goal.edit},
    )  # fmt: skip
    if done:
        messages.success(request, _("L’objectif est enregistré."))
        return redirect(TAB, followup.pk)
    read(request, followup, "plan")
    context = {"form": form, "heading": _("Modifier l’objectif"), "back": TAB}
    return show(request, "followup/form.html", followup, TAB, context, status)


@require_http_methods(["GET", "POST"])
@file_or_reason
@goes_back(TAB)
def step_add(request, followup, goal):
    goal = goal_of(request, followup, goal)
    may(request, work.check_can_plan, followup, request.actor)
    may(request, work.check_goal_runs, goal)
    form = StepForm(posted(request), people=work.carriers(followup), new=True)
    done, status = tried(
        form,
        lambda values: actions.add_step(
            goal=goal, **given(form, "kind", "words", "carried_by", "due_on"), by=request.actor
        ),
    )
    if done:
        messages.success(request, _("L’étape est ajoutée."))
        return redirect(TAB, followup.pk)
    context = {"form": form, "heading": _("Ajouter une étape"), "back": TAB}
    return show(request, "followup/form.html", followup, TAB, context, status)


@require_http_methods(["GET", "POST"])
@file_or_reason
@goes_back(TAB)
def step_edit(request, followup, step):
    step = step_of(request, followup, step)
    may(request, work.check_can_change_step, step, followup, request.actor)
    people = work.carriers(followup)
    if step.carried_by is not None and step.carried_by not in people:
        step.carried_by_id = None  # they left: somebody else carries it from now on
    initial = opened_values(step, key_of(followup), ("kind", "words"))
    initial |= {"carried_by": step.carried_by_id, "due_on": step.due_on, "seen": step.edit}
    form = StepForm(posted(request), people=people, new=False, initial=initial)
    done, status = tried(
        form,
        lambda values: actions.edit_step(
            step=step, seen=values["seen"] or 0, **given(form, "kind", "words", "carried_by", "due_on"),
            by=request.actor,
        ),
        now={"seen": step.edit},
    )  # fmt: skip
    if done:
        messages.success(request, _("L’étape est enregistrée."))
        return redirect(TAB, followup.pk)
    read(request, followup, "plan")
    context = {"form": form, "heading": _("Modifier l’étape"), "back": TAB}
    return show(request, "followup/form.html", followup, TAB, context, status)


@require_http_methods(["GET", "POST"])
@file_or_reason
@goes_back(TAB)
def step_done(request, followup, step):
    """What a step gave. A second click finds it told, and says so."""
    step = step_of(request, followup, step)
    may(request, work.check_can_do, step, followup, request.actor)
    form = ResultForm(posted(request), names="results", label=_("Résultat"))
    done, status = tried(
        form,
        lambda values: actions.do_step(
            step=step, result=values["code"], done_on=values["day"], by=request.actor
        ),
    )  # fmt: skip
    if done:
        messages.success(request, _("Le résultat de l’étape est noté."))
        return redirect(TAB, followup.pk)
    read(request, followup, "plan")
    said = opened_values(step, key_of(followup), ("kind", "words"))
    about = " – ".join(filter(None, [lists.label("steps", said["kind"]), said["words"]]))
    context = {"form": form, "heading": _("Noter le résultat d’une étape"), "about": about, "back": TAB}
    return show(request, "followup/form.html", followup, TAB, context, status)
