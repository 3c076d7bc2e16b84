"""A plan as it is read: goals and their steps, opened."""

from prevenance.domains.followup.analysis import hanging
from prevenance.domains.followup.analysis.reading import key_of, opened_values
from prevenance.domains.followup.models import FollowUp, Goal, Step
from prevenance.domains.followup.rules import lists


def goals_of(followup: FollowUp) -> list[Goal]:
    """Goals of a file in the order they were set, what they say in `said`, their steps in `planned`: two queries."""
    key = key_of(followup)
    goals = hanging.goals_of(followup.pk)
    steps: dict[int, list[Step]] = {goal.pk: [] for goal in goals}
    for step in hanging.steps_of(followup.pk):
        values = opened_values(step, key)
        step.said = {
            "kind": lists.label("steps", values["kind"]),
            "words": values["words"],
            "result": lists.label("results", values["result"]),
        }
        steps[step.goal_id].append(step)
    for goal in goals:
        values = opened_values(goal, key)
        goal.said = {
            "theme": lists.label("themes", values["theme"]),
            "words": values["words"],
            "family_part": values["family_part"],
            "state": lists.label("goal_states", values["state"]),
        }
        goal.planned = sorted(steps[goal.pk], key=lambda step: (step.done_on is not None, step.due_on is None, step.pk))
    return goals
